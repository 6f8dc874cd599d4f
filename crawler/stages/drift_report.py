"""The sources of a night whose site seems to have changed its layout, each with a saved page that shows it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.archive import Archive, Capture, ElsewhereError, StoreError, UnreadableRecordError
from crawler.archive.models import Extracted
from crawler.archive.unreadable import is_unreadable
from crawler.canonical import canonicalise
from crawler.sources.reading_alarms import alarms_of
from crawler.spiders.report import SiteReport
from crawler.stages.drift import Read, drift, fewer_entries

if TYPE_CHECKING:
    from crawler.stages.extract import ExtractReport

logger = logging.getLogger(__name__)

EARLIER_PAGES = 60
EARLIER_NIGHTS = 7
LEAST_NEW = 2
READING = "提取可疑"
_SHOWN = 200  # characters of a text in an example


@dataclass(frozen=True, slots=True)
class Drifted:
    """A source that drifted, or, with `reading`, whose pages are read oddly whatever was before.

    `signs` say how, `url` is a page that shows it, `capture` what was stored of it, `example` the folder where it is saved ('' where it could not be).
    """

    source: str
    signs: tuple[str, ...]
    url: str = ""
    example: str = ""
    capture: int | None = None
    reading: bool = False

    def line(self) -> str:
        """One line for the report."""
        told = f"{self.source}：{READING if self.reading else '网站可能改版'}：{'；'.join(self.signs)}"
        return told + (f"；如 {self.url}" if self.url else "") + (f"，样例存在 {self.example}" if self.example else "")


def find_drift(
    archive: Archive, data: Path, run: int, sites: Sequence[SiteReport], extracted: ExtractReport
) -> list[Drifted]:
    """Compares each source's pages of tonight with its earlier ones, and what its lists showed with what they showed on the last nights.

    An example lies under DATA/examples, in a folder for the run and source. Raises ArchiveError.
    """
    before = _earlier_entries(archive, run)
    visited = {site.source: site for site in sites}
    out = []
    for source in sorted(visited.keys() | (extracted.sample.keys() - {""})):
        found = _of_source(archive, data, run, source, extracted.sample.get(source, []))
        if source in visited:
            found = _of_lists(archive, data, run, site=visited[source], before=before.get(source, []), found=found)
        if found is not None:
            out.append(found)
    return out


def find_reading_alarms(archive: Archive, data: Path, run: int, sources: Iterable[str]) -> list[Drifted]:
    """What is odd in how the pages of these sources are read, each source once; an example lies where one of a drift does. Raises ArchiveError."""
    out = []
    for source in sorted(set(sources) - {""}):
        alarms = alarms_of(archive, source)
        if not alarms:
            continue
        shown, told = alarms[0].example, tuple(alarm.told for alarm in alarms)
        article = shown.article
        facts = {
            "source": source,
            "signs": told,
            "read": _facts(
                shown.url, shown.title or "", article.text if article else "", article.confidence if article else None
            )
            | {
                "outcome": shown.outcome,
                "reason": shown.reason or "",
                "listed": shown.listed,
                "capture": shown.capture,
            },
        }
        place = _save(
            archive, data, run, source=f"{source}-read", capture=archive.captures.get(shown.capture), facts=facts
        )
        out.append(Drifted(source, told, shown.url, place, shown.capture, reading=True))
    return out


def _of_source(archive: Archive, data: Path, run: int, source: str, sample: Sequence[Read]) -> Drifted | None:
    if not sample:
        return None
    earlier = archive.captures.extracted(source, before=min(page.capture for page in sample), limit=EARLIER_PAGES)
    tonight = _with_lists(archive, sample)
    signs = drift(tonight, [_read(page) for page in earlier if not is_unreadable(page.reason)])
    if not signs:
        return None
    shown = signs[0].example
    was = next((page for page in earlier if page.article is not None), None)
    told = tuple(sign.told for sign in signs)
    facts = {
        "source": source,
        "signs": told,
        "read": _facts(shown.url, shown.title, shown.text, shown.confidence)
        | {"outcome": shown.outcome, "reason": shown.reason, "listed": shown.listed, "capture": shown.capture},
        "before": was and was.article and _facts(was.url, was.article.title, was.article.text, was.article.confidence),
    }
    place = _save(archive, data, run, source=source, capture=archive.captures.get(shown.capture), facts=facts)
    return Drifted(source, told, shown.url, place, shown.capture)


def _of_lists(
    archive: Archive, data: Path, run: int, site: SiteReport, before: Sequence[int], found: Drifted | None
) -> Drifted | None:
    """`found` with what the lists show beside it: far fewer entries than before, or for the first time fewer than expected, or none to be read."""
    told = fewer_entries(site.entries, before)
    if told is None and site.outcome in ("short", "failed"):
        nights = [night for night in archive.runs.of_sources(site.source, limit=5) if night.run < run]
        told = site.note if nights and nights[0].report.outcome in ("ok", "drift") else None
    if told is None:
        return found
    if found is not None:
        return replace(found, signs=(*found.signs, told))
    keys = [canonicalise(state.url) for state in archive.frontier.list_states(site.source)]
    captures = (c for key in keys for role in ("list", "feed") if (c := archive.captures.latest(key, role=role)))
    shown = max((c for c in captures if c.run == run), key=lambda c: c.id, default=None)
    if shown is None:
        return None  # nothing answered: that is no layout
    facts = {"source": site.source, "signs": [told], "entries_before": list(before)}
    return Drifted(
        site.source,
        (told,),
        shown.url,
        _save(archive, data, run, source=site.source, capture=shown, facts=facts),
        shown.id,
    )


def _with_lists(archive: Archive, sample: Sequence[Read]) -> list[Read]:
    """The pages with their titles on the list. Those of the history are left out where there are enough new ones:
    what lay there for years may be as it ever was."""
    pages = archive.frontier.pages_of(page.canonical_url for page in sample)
    out = [replace(read, listed=page.title if (page := pages.get(read.canonical_url)) else "") for read in sample]
    new = [read for read in out if not ((page := pages.get(read.canonical_url)) and page.history)]
    return new if len(new) >= LEAST_NEW else out


def _read(page: Extracted) -> Read:
    article = page.article
    return Read(
        page.capture,
        page.url,
        page.canonical_url,
        page.outcome,
        page.reason or "",
        title=page.title or "",
        text=article.text if article else "",
        confidence=article.confidence if article else None,
        listed=page.listed,
    )


def _earlier_entries(archive: Archive, run: int) -> dict[str, list[int]]:
    """By source, what its lists showed on the last nights."""
    out: dict[str, list[int]] = {}
    for night in archive.runs.latest(EARLIER_NIGHTS + 1, verb="nightly"):
        if night.id == run:
            continue
        for row in night.report.get("rows", ()):
            if isinstance(row.get("entries"), int):
                out.setdefault(row["source"], []).append(row["entries"])
    return out


def _facts(url: str, title: str, text: str, confidence: float | None) -> dict[str, Any]:
    return {"url": url, "title": title, "text": text[:_SHOWN], "confidence": confidence}


def _save(
    archive: Archive, data: Path, run: int, source: str, capture: Capture | None, facts: Mapping[str, Any]
) -> str:
    """The page as it came and what was read from it, beside what was read before."""
    folder = data / "examples" / f"{run}-{source}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if capture is not None:
            (folder / "page.html").write_bytes(archive.captures.payload(capture).content)
        (folder / "read.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    except (
        OSError,
        UnreadableRecordError,
        ElsewhereError,
        StoreError,
    ) as error:  # the report is worth more than its example
        logger.warning("样例没有存下：%s（%s）", folder, error)
        return ""
    return str(folder)
