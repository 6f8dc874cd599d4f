"""Articles a second of the index stage, from a real archive with readings stored, and what raw tantivy needs for the same documents.

    python -m benchmarks.index_speed [--articles 20000] [--data FOLDER] [--workers 2] [--profile]

Articles are recombined sentences of ../shared/retrieval, about 400 characters each. An archive that FOLDER already has is used again. Time of the processor
is that of this process and of its workers; a busy machine does not falsify it: on two free cores the wall needs about half of it.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import shutil
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import tantivy

from benchmarks.search_speed import documents
from crawler.archive import Archive
from crawler.article import SHANGHAI, Article, Block, Provenance
from crawler.configuration import load_settings
from indexer.analysis.document import document_of
from indexer.analysis.fields import prepare
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.engines.tantivy.folder import document_for, schema
from indexer.indexing.stage import index
from indexer.insight.read_stage import Unread, read_article
from indexer.insight.reader import INSIGHT_VERSION
from indexer.insight.signature import signature

READ = 300  # articles that are read; the others get their readings


def fill(archive: Archive, number: int) -> None:
    """Articles as an extraction leaves them, each with a reading."""
    readings: list[dict[str, object]] = []
    page: list[Article] = []

    def save() -> None:
        with archive.transaction():
            for article in page:
                archive.articles.save(article, capture=None, topic=0.5)
                if len(readings) < READ:
                    read = read_article(article.title, article.text, "2020-01-01")
                    if isinstance(read, Unread):
                        raise SystemExit(f"未能研读：{read}")
                    readings.append(read[0])
                reading = readings[int(article.id, 16) % len(readings)]
                archive.readings.save(
                    article.id, article.revision_hash(), INSIGHT_VERSION, reading, signature(article.text)
                )
        page.clear()

    for n, document in enumerate(documents(number)):
        third = len(document.text) // 3 + 1
        parts = [document.text[i : i + third] for i in range(0, len(document.text), third)]
        page.append(
            Article(
                id=document.id,
                url=document.url,
                canonical_url=document.canonical_url,
                title=document.title,
                text="\n".join(parts),
                blocks=tuple(Block("paragraph", part) for part in parts),
                source=document.source,
                kind=document.kind,
                region=document.region,
                published_at=datetime(2015, 1, 1, tzinfo=SHANGHAI) + timedelta(days=n % 4000),
                published_precision="day",
                origin=document.origin,
                provenance={key: Provenance("meta") for key in ("title", "published_at", "origin", "body")},
            )
        )
        if len(page) == 500:
            save()
    save()


def spent() -> float:
    """Seconds of the processor so far, of this process and of all that it started and that those started and have ended."""
    ticks = 0
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for process in ("self", *children):
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def row(name: str, number: int, wall: float, processor: float) -> None:
    print(f"| {name} | {number / wall:,.0f} | {1000 * processor / number:.2f} |", flush=True)


def raw(archive: Archive, folder: Path, number: int) -> None:
    """The same documents, prepared before the clock starts, written by tantivy alone."""
    ids = archive.articles.ids(limit=number)
    made = []
    for start in range(0, len(ids), 500):
        page = ids[start : start + 500]
        readings = archive.readings.get_many(page)
        made += [prepare(document_of(s, None, readings.get(id))) for id, s in archive.articles.get_many(page).items()]
    for threads in (1, 2):
        path = folder / f"raw{threads}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        writer = tantivy.Index(schema(), path=str(path)).writer(256_000_000, threads)
        started, processor = time.perf_counter(), spent()
        for prepared in made:
            writer.add_document(document_for(prepared))
        writer.commit()
        writer.wait_merging_threads()
        row(
            f"raw tantivy, {threads} threads, prepared documents",
            len(made),
            time.perf_counter() - started,
            spent() - processor,
        )
        shutil.rmtree(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--data", type=Path, default=Path("data/index_speed"))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--profile", action="store_true", help="print where the time of this process goes")
    options = parser.parse_args()
    with Archive.open(load_settings(data=options.data, database="", engine="tantivy")) as archive:
        if not archive.articles.last_change():
            fill(archive, options.articles)
        shutil.rmtree(options.data / "index", ignore_errors=True)
        number = archive.counts().articles
        print(
            f"{number:,} articles, load {os.getloadavg()[0]:.1f}\n\n| | documents/s | ms of processor a document |\n|---|---|---|"
        )
        for rebuild in (False, True):
            engine = TantivyEngine.open(options.data / "index", write=True)
            profiler = cProfile.Profile() if options.profile else None
            started, processor = time.perf_counter(), spent()
            if profiler:
                profiler.enable()
            report = index(archive, engine, {}, workers=options.workers, rebuild=rebuild)
            engine.close()
            if profiler:
                profiler.disable()
            row(
                "index --rebuild" if rebuild else "index",
                report.written,
                time.perf_counter() - started,
                spent() - processor,
            )
            if profiler:
                pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
        raw(archive, options.data, number)
    return 0


if __name__ == "__main__":
    sys.exit(main())
