"""How often a hit's snippet shows the evidence sentence of the practices asked for.

    python -m benchmarks.snippets [--folder ../shared/search] [--top 10]

Queries and passages are those by which search is judged: docs.jsonl (id, title, text) and queries.tsv (id, kind, query, …). The passages go into a new archive.
Counted are the hits whose reading has at least one practice that the query asks for: of them those whose snippet has such a sentence, and of the hits with
several such practices, how many of them the snippet shows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.importing.articles import import_articles
from crawler.terminal import step
from indexer.engines.registry import open_engine
from indexer.indexing.refresh import refresh
from indexer.search.searcher import Searcher

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "search"
SURE = 0.5  # of the sentence's characters that the snippet must show, where it was cut


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, default=FOLDER)
    options.add_argument("--top", type=int, default=10)
    asked = options.parse_args()
    lines = (asked.folder / "queries.tsv").read_text(encoding="utf-8").splitlines()
    queries = [line.split("\t")[2] for line in lines if line.strip() and not line.startswith("#")]
    with tempfile.TemporaryDirectory() as data:
        settings = load_settings(data=Path(data))
        with Archive.open(settings) as archive:
            passages = Path(data) / "passages.jsonl"
            passages.write_text("\n".join(_passages(asked.folder / "docs.jsonl")), encoding="utf-8")
            import_articles(passages, archive)
            refresh(settings, archive, {}, step)
            engine = open_engine(settings)
            try:
                count(Searcher(engine, archive), archive, queries, asked.top)
            finally:
                engine.close()


def count(searcher: Searcher, archive: Archive, queries: list[str], top: int) -> None:
    """Prints the shares over all hits of the queries."""
    with_evidence = shown = several = parts = shown_parts = 0
    for query in queries:
        answer = searcher.search(query, top=top, facets=(), histogram=False)
        wanted = {topic.value for topic in answer.about if topic.facet == "practice"}
        readings = archive.readings.get_many([hit.id for hit in answer.hits])
        stored = archive.articles.get_many([hit.id for hit in answer.hits])
        for hit in answer.hits:
            text = stored[hit.id].article.text
            found = (readings.get(hit.id) or {}).get("practices") or ()
            sentences = [text[p["start"] : p["end"]] for p in found if p["id"] in wanted and "start" in p]
            if not sentences:
                continue
            seen = sum(_shows(hit.snippet, sentence) for sentence in sentences)
            with_evidence += 1
            shown += seen > 0
            if len(sentences) > 1:
                several, parts, shown_parts = several + 1, parts + len(sentences), shown_parts + seen
    print(f"hits with evidence {with_evidence}, shown in {shown}: {shown / max(1, with_evidence):.3f}")
    print(
        f"hits with several practices {several}: {shown_parts} of {parts} sentences shown: {shown_parts / max(1, parts):.3f}"
    )


def _shows(snippet: str, sentence: str) -> bool:
    plain, wanted = "".join(snippet.split()), "".join(sentence.split())
    return wanted in plain or (len(wanted) > 0 and wanted[: max(1, int(len(wanted) * SURE))] in plain)


def _passages(file: Path) -> list[str]:
    kept = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        published = {"published_at": row["published"]} if row.get("published") else {}
        kept.append(
            json.dumps({**{k: row[k] for k in ("id", "title", "text") if row.get(k)}, **published}, ensure_ascii=False)
        )
    return kept


if __name__ == "__main__":
    main()
