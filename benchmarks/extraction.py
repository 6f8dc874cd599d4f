"""Extraction beside trafilatura, readability-lxml and resiliparse, on the annotated pages, in one run.

    python -m benchmarks.extraction [--pages DIR] [--json]

Text: character 4-gram F1, mean per page. Title exact, day, 来源, author: share of pages whose gold has the field. Speed: pages a CPU second on one core.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from benchmarks.extraction_pages import PAGES, TYPES, Page, f1, read_pages
from crawler.article import ExtractionError, format_published
from crawler.web.decoding import decode

Answer = dict[str, str]
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"', "—": "-", "－": "-", "–": "-"})


def ours(page: Page) -> Answer:
    from crawler.extraction import extract

    try:
        article = extract(page.content, page.url, headers={"Content-Type": "text/html"})
    except ExtractionError:
        return {}
    return {
        "text": article.text,
        "title": article.title,
        "date": (format_published(article) or "")[:10],
        "source": article.origin or "",
        "author": article.author or "",
    }


def trafilatura(page: Page) -> Answer:
    from trafilatura import bare_extraction

    found = bare_extraction(page.content, url=page.url, with_metadata=True)
    if found is None or isinstance(found, dict):
        return {}
    return {
        "text": found.text or "",
        "title": found.title or "",
        "date": found.date or "",
        "author": found.author or "",
    }


def readability(page: Page) -> Answer:
    from lxml import html
    from readability import Document

    document = Document(
        decode(page.content, None)
    )  # it takes text only: ours, so that charsets do not count against it
    return {"text": html.fromstring(document.summary()).text_content(), "title": document.short_title() or ""}


def resiliparse(page: Page) -> Answer:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    text = bytes_to_str(page.content, detect_encoding(page.content) or "utf-8")
    return {"text": extract_plain_text(text, main_content=True, preserve_formatting=False)}


EXTRACTORS: dict[str, Callable[[Page], Answer]] = {
    "zhaoshang": ours,
    "trafilatura": trafilatura,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=PAGES)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    pages = read_pages(arguments.pages)
    tables = {name: measured(pages, extractor) for name, extractor in EXTRACTORS.items()}
    if arguments.json:
        print(json.dumps(tables, ensure_ascii=False))
        return
    columns = list(tables["zhaoshang"])
    print(f"{'':18}" + "".join(f"{c:>9}" for c in columns))
    for name, row in tables.items():
        shown = ["–" if row.get(c) is None else f"{row[c]:.0f}" if c == "pages/s" else f"{row[c]:.3f}" for c in columns]
        print(f"{name:18}" + "".join(f"{cell:>9}" for cell in shown))


def measured(pages: list[Page], extractor: Callable[[Page], Answer]) -> dict[str, float | None]:
    """Figures of one extractor; a page that makes it fail counts as an empty answer."""
    values: dict[str, list[float]] = {}
    spent = 0.0
    for page in pages:
        start = time.process_time()
        try:
            answer = extractor(page)
        except Exception:
            answer = {}
        spent += time.process_time() - start
        if page.texts:
            value = f1(answer.get("text", ""), page.texts)
            for name in ("all", "A" if page.gold["gold_quality"].startswith("A") else "", page.kind):
                values.setdefault(name, []).append(value)
        for name in ("title", "date", "source", "author"):
            gold = page.gold.get(name)
            if gold and not (name == "source" and page.name.startswith("gov-govcn-")):
                values.setdefault(name, []).append(float(same(name, answer.get(name, ""), gold)))
    figures = {name: mean(values.get(name)) for name in ("all", "A", *TYPES, "title", "date", "source", "author")}
    return figures | {"pages/s": len(pages) / spent}


def same(name: str, answer: str, gold: str) -> bool:
    """Whether a field is right: the same day; the same names whatever joins them; else the same text but for width, blanks and quotes."""
    if name == "date":
        return answer[:10] == gold[:10]
    if name == "source":  # some gold values carry a counter or the author that stands behind them
        gold = re.sub(r"(?:\d+人参与.*|参与互动|作者[:：].*)$", "", gold)
    a, b = (
        re.sub(r"\s+", "", unicodedata.normalize("NFKC", t)).translate(_QUOTES).strip("-_|·:").lower()
        for t in (answer, gold)
    )
    if name == "author":
        a, b = (re.sub(r"[、,;/|·]+", "", t) for t in (a, b))
    return bool(a) and a == b


def mean(values: list[float] | None) -> float | None:
    return sum(values) / len(values) if values else None


if __name__ == "__main__":
    main()
