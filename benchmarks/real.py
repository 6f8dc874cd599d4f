"""Pages and lists of saved real sites, read by the product; trafilatura and readability-lxml beside it on the same pages, in one run.

    python -m benchmarks.real [--folder ../shared/real] [--tell]

Text: character 4-gram F1, mean per page; `worst tenth` is the mean of the tenth of the pages that are read worst. Title, day, 来源 and authors: share of
the pages that name them, `来源 not invented`: share of those that name none. Lists: F1 of the articles' addresses, titles, days and next pages.
`--tell` names the pages that differ. Without the folder it says so and measures nothing; below a floor of real_floors.toml: exit code 1.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.extraction import Answer, ours, readability, trafilatura
from benchmarks.extraction_pages import Page, f1
from crawler.platforms import Entry, ListError, read_list

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "real"
FLOORS: dict[str, float] = tomllib.loads(Path(__file__).with_name("real_floors.toml").read_text(encoding="utf-8"))
READERS: dict[str, Callable[[Page], Answer]] = {"trafilatura": trafilatura, "readability-lxml": readability}
Tell = Callable[[str, str], None]
_QUOTES = str.maketrans(
    {**dict.fromkeys("“”「」", '"'), **dict.fromkeys("‘’", "'"), **dict(zip("《》〈〉", "<><>", strict=True))}
    | dict.fromkeys("—－–", "-")
)


def _silent(name: str, what: str) -> None:
    """Tell nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--tell", action="store_true", help="name the pages and lists that differ")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if not arguments.folder.is_dir():
        print(f"{arguments.folder} is not there: nothing was measured")
        return
    tell: Tell = (lambda name, what: print(f"  {name}: {what}")) if arguments.tell else _silent
    figures = measured(arguments.folder, tell)
    pages = read_pages(arguments.folder)
    beside = {name: of_pages(pages, reader) for name, reader in READERS.items()}
    print(f"{'':20}{'zhaoshang':>10}{'floor':>8}" + "".join(f"{name:>18}" for name in beside))
    for name, (value, count) in figures.items():
        others = "".join(f"{row[name][0]:>18.3f}" if name in row else f"{'–':>18}" for row in beside.values())
        print(f"{name:20}{value:>10.3f}{FLOORS[name]:>8.3f}{others}   ({count})")
    if short := below(figures):
        raise SystemExit(f"below the floor: {', '.join(short)}")


def measured(folder: Path, tell: Tell = _silent) -> dict[str, tuple[float, int]]:
    """Each figure of the product, and of how many pages, rows or lists it is the mean."""
    return of_pages(read_pages(folder), ours, tell) | of_lists(folder, tell)


def below(figures: dict[str, tuple[float, int]]) -> list[str]:
    """The names of the figures that are under their floor, or are not there."""
    return [name for name, floor in FLOORS.items() if name not in figures or figures[name][0] < floor]


def read_pages(folder: Path) -> list[Page]:
    """The pages in order of their names."""
    return [
        Page(
            path.name,
            (path / "page.html").read_bytes(),
            gold["url"],
            gold | {"page_type": gold["kind"]},
            (gold["text"],),
        )
        for path, gold in _annotated(folder / "pages")
    ]


def of_pages(pages: list[Page], reader: Callable[[Page], Answer], tell: Tell = _silent) -> dict[str, tuple[float, int]]:
    """Figures of one reader; a page that it takes for none counts as an empty answer, in which no 来源 is invented."""
    values: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        answer, gold = reader(page), page.gold
        text = f1(answer.get("text", ""), page.texts)
        values["text"].append(text)
        values[f"text, {page.kind}"].append(text)
        right = {"title": _plain(answer.get("title")) == _plain(gold["title"])}
        if gold["date"]:
            right["day"] = (answer.get("date") or "")[:10] == gold["date"]
        origin = answer.get("source")
        right |= (
            {"来源": _plain(origin) == _plain(gold["source"])} if gold["source"] else {"来源 not invented": not origin}
        )
        if gold["author"]:
            right["authors"] = _people(answer.get("author")) == _people(gold["author"])
        for name, is_right in right.items():
            values[name].append(float(is_right))
        wrong = [name for name, is_right in right.items() if not is_right]
        if wrong or text < 0.97:
            tell(page.name, ", ".join([f"text {text:.2f}", *wrong]))
    worst = sorted(values["text"])[: max(1, len(pages) // 10)]
    return {"text": _mean(values.pop("text")), "worst tenth": _mean(worst)} | {
        name: _mean(values[name]) for name in sorted(values)
    }


def of_lists(folder: Path, tell: Tell) -> dict[str, tuple[float, int]]:
    """Figures of the list pages; titles and days of the articles that were found."""
    values: dict[str, list[float]] = defaultdict(list)
    for path, gold in _annotated(folder / "lists"):
        try:
            page = read_list((path / "page.html").read_bytes(), gold["url"], headers={"Content-Type": "text/html"})
            found, following = {entry.url: entry for entry in page.entries}, page.next_page
        except ListError:
            found, following = {}, None
        wanted = {article["url"]: article for article in gold["articles"]}
        both = found.keys() & wanted.keys()
        whole = 2 * len(both) / (len(found) + len(wanted)) if found or wanted else 1.0
        titles = [_plain(found[url].title) == _plain(wanted[url]["title"]) for url in both]
        days = [_day(found[url]) == wanted[url]["date"] for url in both if wanted[url]["date"]]
        values["list"].append(whole)
        values["list titles"] += map(float, titles)
        values["list days"] += map(float, days)
        if gold["next_state"] == "url":
            values["list next"].append(float(following == gold["next"]))
        if whole < 1 or not all(titles) or not all(days):
            tell(path.name, f"F1 {whole:.2f}, {titles.count(False)} titles and {days.count(False)} days wrong")
    return {name: _mean(values[name]) for name in ("list", "list titles", "list days", "list next")}


def _annotated(folder: Path) -> Iterable[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.iterdir()):
        yield path, json.loads((path / "gold.json").read_text(encoding="utf-8"))


def _plain(text: str | None) -> str:
    """A title or name for comparing: compatibility forms, no white space, one kind of quotes and dashes."""
    text = unicodedata.normalize("NFKC", text or "")
    return re.sub(r"[\s\u200b\ufeff\xad]+", "", text).translate(_QUOTES).strip("-_|·:").lower()


def _people(said: str | list[str] | None) -> list[str]:
    names = said if isinstance(said, list) else re.split(r"[、,，;；\s]+", said or "")
    return sorted(filter(None, map(_plain, names)))


def _day(entry: Entry) -> str | None:
    if entry.date is None:
        return None
    return (entry.date.date() if isinstance(entry.date, datetime) else entry.date).isoformat()


def _mean(values: list[float]) -> tuple[float, int]:
    return sum(values) / len(values), len(values)


if __name__ == "__main__":
    main()
