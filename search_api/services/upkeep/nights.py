"""Nights as readers see them, and the coverage of a source: each night a mark, with what its lists showed beside what was expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from crawler.archive import SourceRun
from crawler.archive.nights.night import BELOW, Night, get_night, latest_nights
from crawler.article import SHANGHAI
from crawler.sources.source_status import OUTCOME_NAMES
from search_api.web.access import Visitor
from search_api.web.app_state import AppState
from search_api.web.error_handlers import Problem

WEEKS = 26
_LONGEST_RUN = (1 << 63) - 1


def recent_nights(app_state: AppState, limit: int) -> list[Night]:
    """Newest first. Raises ArchiveError."""
    return latest_nights(app_state.archive, limit)


def one_night(app_state: AppState, run: int) -> Night:
    """Raises Problem 404 where there was no such night, ArchiveError."""
    night = get_night(app_state.archive, run) if 0 < run <= _LONGEST_RUN else None
    if night is None:
        raise Problem(404, "没有这个编号的一夜。", kind="no-such-night", title="没有这一夜")
    return night


def problems_for(night: Night, visitor: Visitor) -> Sequence[str] | None:
    """The problems of a night for whoever runs the archive; None for others: a problem may name folders and servers."""
    return None if visitor.kind == "anonymous" else night.problems


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: `week` and `weekday` (0: Monday) say where it stands, `mark` names its shape, `told` what stands on hover."""

    week: int
    weekday: int
    mark: str
    told: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The last weeks of a source. `months` are (week, name) where one begins; `told` is the calendar in words."""

    days: Sequence[Day]
    months: Sequence[tuple[int, str]]
    told: str


def coverage(nights: Iterable[SourceRun], today: date | None = None) -> Coverage | None:
    """The calendar of a source's nights; None where there were none in these weeks."""
    last = today or datetime.now(SHANGHAI).date()
    first = last - timedelta(days=last.weekday() + 7 * (WEEKS - 1))
    by_day: dict[date, SourceRun] = {}
    for night in nights:  # newest first: the last one of a day counts
        by_day.setdefault(night.started_at.astimezone(SHANGHAI).date(), night)
    seen = {day: night for day, night in by_day.items() if first <= day <= last}
    if not seen:
        return None
    days = []
    for number in range((last - min(seen)).days + 1):
        day = min(seen) + timedelta(days=number)
        mark, told = _told(day, seen.get(day))
        days.append(Day((day - first).days // 7, day.weekday(), mark, told))
    months = [
        ((day - first).days // 7, f"{day.month}月")
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
        if day.day == 1
    ]
    return Coverage(days, months, _in_words(list(seen.values())))


def _told(day: date, night: SourceRun | None) -> tuple[str, str]:
    when = f"{day.month}月{day.day}日"
    if night is None:
        return "notdue", f"{when} 没有采集"
    report = night.report
    word = OUTCOME_NAMES.get(report.outcome, report.outcome)
    listed = "列表未变" if report.entries is None else f"列表 {report.entries} 条"
    expected = f"，预期至少 {report.expected} 条" if report.expected is not None else ""
    shown = f"{listed}{expected}，" if report.expected is not None or report.entries is not None else ""
    mark = report.outcome if report.outcome in OUTCOME_NAMES else "notdue"
    return mark, f"{when} {word}：{shown}新 {report.new}"


def _in_words(nights: Sequence[SourceRun]) -> str:
    counts = Counter(night.report.outcome for night in nights)
    parts = [f"{OUTCOME_NAMES[key]} {counts[key]} 夜" for key in ("ok", *BELOW) if counts[key]]
    read = [night.report for night in nights if night.report.outcome in ("ok", "short", "drift")]
    entries = [report.entries for report in read if report.entries is not None]
    expected = next((n.report.expected for n in nights if n.report.expected is not None), None)
    listed = f"；列表一般 {median(entries):.0f} 条" if entries else ""
    least = f"，预期至少 {expected} 条" if entries and expected is not None else ""
    return f"近 {WEEKS} 周采了 {len(nights)} 夜：{'，'.join(parts)}{listed}{least}"
