"""The result of a crawl: a source's report, its outcome, and when the source is due again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from crawler.archive import SourceReport
from crawler.sources.source_status import OUTCOME_NAMES

Outcome = Literal["ok", "short", "blocked", "failed", "interrupted"]

A_NIGHT = timedelta(
    hours=20
)  # a little under a day: a nightly run that starts a bit earlier still finds the source due
BACK_OFF = tuple(timedelta(days=d) for d in (1, 2, 4, 8, 16))  # after visits in a row that were blocked or failed

# why a visit ended
REASONS = {
    "finished": "读完了",
    "pages": "用完了页数预算",
    "minutes": "用完了时间预算",
    "night": "夜间时间已到",
    "blocked": "网站拦住了访问",
    "silent": "网站没有回答",
    "away": "网站暂停服务",
    "archive": "文库写不进去",
    "lost": "与数据库断了联系，由别的机器接手",
    "shutdown": "被中断",
    "error": "没有采成",
    "no_contact": "没有设置 ZHAOSHANG_CONTACT",
}
_ADDRESS = re.compile(r"\s*https?://\S+")


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One visit to one source. `entries` is what its lists showed on their first pages, None where a list answered that it had not changed.

    `new`, `changed` and `unchanged` count pages as captured; what becomes of them is for the extract stage to say.
    `finish` is the reason why the visit ended, `status` what the visit says of the source's reach.
    """

    source: str
    outcome: Outcome
    requests: int
    captures: int
    new: int
    changed: int
    unchanged: int
    blocked: int
    failed: int
    gone: int
    forbidden: int
    elsewhere: int
    lists: int
    entries: int | None
    seconds: float
    finish: str
    status: str
    note: str = ""

    def to_archive(self) -> SourceReport:
        """The part that the archive keeps of each run."""
        return SourceReport(
            requests=self.requests,
            new=self.new,
            changed=self.changed,
            unchanged=self.unchanged,
            blocked=self.blocked,
            failed=self.failed,
            outcome=self.outcome,
            note=self.note,
            entries=self.entries,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{f.name: data[f.name] for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """One crawl. `not_due` names sources that were asked for and left alone; `unvisited` those that the night had no time for."""

    run: int
    sites: tuple[SiteReport, ...]
    seconds: float
    interrupted: bool = False
    not_due: tuple[str, ...] = ()
    unvisited: tuple[str, ...] = ()

    @property
    def captures(self) -> int:
        return sum(site.captures for site in self.sites)

    @property
    def below_expectation(self) -> list[SiteReport]:
        """The sources that did not do what their files expect."""
        return [site for site in self.sites if site.outcome in ("short", "blocked", "failed")]

    @property
    def failed(self) -> bool:
        """Whether a source did not do what its file expects."""
        return bool(self.below_expectation)

    def lines(self) -> list[str]:
        """The report for a terminal: a line for each source that did not simply go well, and one for all."""
        out = [
            f"{site.source}：{OUTCOME_NAMES[site.outcome]}，请求 {site.requests}，新 {site.new}{f'，{site.note}' if site.note else ''}"
            for site in self.sites
            if site.outcome != "ok" or site.note
        ]
        if self.not_due:
            out.append(f"{len(self.not_due)} 个来源还没到期")
        if self.unvisited:
            out.append(f"{len(self.unvisited)} 个来源没有轮到，下次优先")
        out.append(
            f"{len(self.sites)} 个来源，{sum(site.requests for site in self.sites)} 次请求，"
            f"{sum(site.new for site in self.sites)} 页新，{sum(site.changed for site in self.sites)} 页有变，"
            f"{sum(site.blocked for site in self.sites)} 次被拦，{sum(site.failed for site in self.sites)} 次失败，"
            f"{self.seconds:.1f} 秒" + ("；已中断" if self.interrupted else "")
        )
        return out

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def outcome_of(finish: str, *, lists: int, entries: int | None, expected: int, blocked: bool = False) -> Outcome:
    """How a visit went: whether it was barred, cut off, read no list at all, or saw fewer entries than its source expects."""
    if finish == "blocked":
        return "blocked"
    if finish in ("no_contact", "archive", "error", "lost"):
        return "failed"
    if finish == "shutdown":
        return "interrupted"
    if lists == 0 and blocked:
        return "blocked"
    if lists == 0:
        return "interrupted" if finish == "night" else "failed"
    if entries is not None and entries < expected:
        return "short"
    return "ok"


def backfill_outcome(finish: str, *, lists: int, captures: int) -> Outcome:
    """How a night's share of a backfill went: whether it was barred, cut off, or brought neither a list's page nor an article."""
    if finish == "blocked":
        return "blocked"
    if finish in ("shutdown", "night"):
        return "interrupted" if finish == "shutdown" or not (lists or captures) else "ok"
    if finish in ("no_contact", "archive", "error"):
        return "failed"
    return "ok" if lists or captures else "failed"


def note_of(outcome: Outcome, finish: str, entries: int | None, expected: int, reasons: Sequence[str]) -> str:
    """One line for the report."""
    parts = [] if finish == "finished" else [REASONS.get(finish, finish)]
    if outcome == "short":
        parts.append(f"列表只有 {entries} 条，预期至少 {expected} 条")
    if outcome == "failed" and finish == "finished":
        parts.append("一个列表也没有读到")
    causes = {_ADDRESS.sub("", reason): reason for reason in reversed(reasons)}  # the first address of each
    return "；".join([*parts, *[reason for reason in reasons if reason in causes.values()][:2]])


def nothing_came(entries: int | None, gone: int, failed: int) -> str:
    """One line for lists whose articles could not be had."""
    counts = [f"{gone} 篇已不存在" if gone else "", f"{failed} 篇取不到" if failed else ""]
    told = "，".join(filter(None, counts))
    shown = "列表没有变化" if entries is None else f"列表有 {entries} 条"
    return f"{shown}，文章一篇也没有取到{f'：{told}' if told else ''}"


def due_after(outcome: Outcome, in_a_row: int, now: datetime) -> datetime:
    """When a source is due again; `in_a_row` counts earlier visits that were blocked or failed without a good one since."""
    if outcome in ("blocked", "failed"):
        return now + BACK_OFF[min(in_a_row, len(BACK_OFF) - 1)]
    return now + A_NIGHT
