"""Reading lists: articles, days, titles, next page and publishing system on annotated list pages, each half of the sites by itself.

    python -m benchmarks.lists [--folder ../shared/lists] [--tell]

A page is a folder with page.html or page.xml and gold.json (url, site, system, articles[] with url, title, date; not_articles; unlinked rows of a mirror;
next, next_state). The sites take turns in the order of their names, so that a rule made for one site shows as a gap between the halves.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from crawler.article import SHANGHAI
from crawler.platforms import Entry, ListError, ListPage, read_list

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "lists"
SYSTEMS = {"other": "generic", "portal": "generic", "news-sitemap": "sitemap"}  # names of the annotations → of ours
MEASURES = ("precision", "recall", "days", "titles", "next page", "none after last", "no other listed", "system")


@dataclass
class Part:
    """Shares (0–1) of pages by measure, and milliseconds a page."""

    shares: dict[str, list[float]] = field(default_factory=lambda: {measure: [] for measure in MEASURES})
    milliseconds: list[float] = field(default_factory=list)

    def add(self, shares: dict[str, float], milliseconds: float) -> None:
        for measure, share in shares.items():
            self.shares[measure].append(share)
        self.milliseconds.append(milliseconds)


def address(url: str | None) -> str:
    """An address without scheme, escapes and closing slash: as mirrors keep it."""
    return re.sub(r"^https?://", "", unquote(html.unescape(url or "")).strip()).rstrip("/")


def name(title: str | None) -> str:
    """A title by its characters: NFKC, without spaces, marks in front and cuts at the end."""
    bare = re.sub(r"[\s\u200b\ufeff\xad]+", "", unicodedata.normalize("NFKC", html.unescape(title or "")))
    return re.sub(r"^(·|•|置顶:?|\[置顶\])|(\.{2,}|…)$", "", bare)


def right_day(entry: Entry, gold: dict[str, Any]) -> bool:
    """Whether an entry has the annotated day; a feed's is UTC's, so that Shanghai's next day is right too."""
    if entry.date is None:
        return False
    days = {entry.date.date() if isinstance(entry.date, datetime) else entry.date}
    right = {date.fromisoformat(gold["date"])}
    if gold.get("date_from") == "feed(UTC)":
        right.add(date.fromisoformat(gold["date"]) + timedelta(days=1))
        if isinstance(entry.date, datetime):
            aware = entry.date if entry.date.tzinfo else entry.date.replace(tzinfo=SHANGHAI)
            days.add(aware.astimezone(UTC).date())
    return bool(days & right)


def share(rights: Iterable[bool]) -> float:
    values = list(rights)
    return sum(values) / len(values) if values else 0.0


def measure(page: ListPage, gold: dict[str, Any]) -> dict[str, float]:
    """The shares of one page. Rows whose link a mirror lost need not be found, and count by their title where they are."""
    articles = {address(a["url"]): a for a in gold["articles"]}
    mirrored = bool(gold.get("mirror_rewritten"))
    titled = {name(a["title"]): a for a in gold["articles"] if a.get("title")} if mirrored else {}
    unlinked = {name(a["title"]) for a in gold["unlinked"]} if mirrored else set()
    found: dict[str, tuple[Entry, dict[str, Any]]] = {}
    wrong: set[str] = set()
    for entry in page.entries:
        if gold_row := articles.get(address(entry.url)) or titled.get(name(entry.title)):
            found.setdefault(address(gold_row["url"]), (entry, gold_row))
        elif name(entry.title) not in unlinked:
            wrong.add(address(entry.url))
    pairs = found.values()
    shares = {
        "precision": len(found) / (len(found) + len(wrong)) if found else 0.0,
        "recall": len(found) / len(articles),
        "system": float(page.platform == SYSTEMS.get(gold["system"], gold["system"])),
    }
    if any(a.get("date") for a in articles.values()):
        shares["days"] = share(right_day(e, a) for e, a in pairs if a.get("date"))
    if any(a.get("title") for a in articles.values()):
        shares["titles"] = share(name(e.title) == name(a["title"]) for e, a in pairs if a.get("title"))
    if gold.get("next_state") == "url" and gold.get("next"):
        shares["next page"] = float(address(page.next_page) == address(gold["next"]))
    elif gold.get("next_state") == "last_page":
        shares["none after last"] = float(page.next_page is None)
    if gold["system"] != "sitemap":  # which lists every page there is
        others = {address(url) for url in gold["not_articles"]}
        shares["no other listed"] = float(not any(address(e.url) in others for e in page.entries))
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--tell", action="store_true", help="name the pages that fall short, and where")
    arguments = parser.parse_args()
    parts = {"one half": Part(), "the other": Part(), "all": Part()}
    sites: dict[str, set[str]] = {part: set() for part in parts}
    annotated = {p.parent: json.loads(p.read_text(encoding="utf-8")) for p in arguments.folder.glob("*/gold.json")}
    order = sorted({gold["site"] for gold in annotated.values()})
    for path, gold in sorted(annotated.items()):
        content = next(path.glob("page.*")).read_bytes()
        started = time.perf_counter()
        try:
            page = read_list(content, gold["url"])
        except ListError as error:
            print(f"{path.name}: {error.reason}")
            page = ListPage(())
        milliseconds = (time.perf_counter() - started) * 1000
        shares = measure(page, gold)
        half = "the other" if order.index(gold["site"]) % 2 else "one half"
        for part in (half, "all"):
            parts[part].add(shares, milliseconds)
            sites[part].add(gold["site"])
        if arguments.tell and (short := [f"{m} {s:.2f}" for m, s in shares.items() if s < 1]):
            print(f"{path.name}: {', '.join(short)}")
    if not parts["all"].milliseconds:
        parser.error(f"no page in {arguments.folder}")
    print(f"{'':16}" + "".join(f"{part:>16}" for part in parts))
    print(f"{'sites · pages':16}" + "".join(f"{len(sites[p]):>8} · {len(parts[p].milliseconds):>5}" for p in parts))
    for m in MEASURES:
        columns = [(sum(v) / len(v), len(v)) if (v := part.shares[m]) else (None, 0) for part in parts.values()]
        print(f"{m:16}" + "".join(f"{'–' if mean is None else f'{mean:.3f}'} ({n})".rjust(16) for mean, n in columns))
    times = [sum(part.milliseconds) / max(1, len(part.milliseconds)) for part in parts.values()]
    print(f"{'ms a page':16}" + "".join(f"{t:>16.1f}" for t in times))


if __name__ == "__main__":
    main()
