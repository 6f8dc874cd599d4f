"""How far a backfill has come, in words and numbers: for the terminal and for the source's page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from crawler.archive import Archive
from crawler.archive.history.models import Backfill, BackfillCounts, BackfillList


@dataclass(frozen=True, slots=True)
class BackfillStatus:
    """`reached` is the day down to which all lists were read (None: none of them has dated an entry yet), `nights` how many more it will take (None: not known yet, or done).

    `lacking` says what could not be reached, a line each.
    """

    backfill: Backfill
    counts: BackfillCounts
    lists: tuple[BackfillList, ...]
    done: bool
    reached: date | None
    nights: int | None
    lacking: tuple[str, ...]

    @property
    def told(self) -> str:
        """One line: the span, how far, how many, how long."""
        asked, counts = self.backfill, self.counts
        parts = [f"补采 {asked.since} 至 {asked.until}"]
        if self.done:
            parts.append("已补完")
        elif asked.stopped:
            parts.append("已停")
        if self.lists and all(one.ended for one in self.lists):
            if not self.done:
                parts.append("列表读完了")
        elif self.reached is None:
            pages = sum(one.pages for one in self.lists)
            parts.append(f"读了 {pages} 页列表，还没有见到日期" if pages else "还没有读到列表")
        elif self.reached > asked.until:
            parts.append(f"列表读到 {self.reached}，还没有到 {asked.until}")
        else:
            parts.append(f"已读到 {self.reached}")
        parts.append(
            f"列出 {counts.found} 页，取来 {counts.fetched} 页，收下 {counts.kept} 篇，待取 {counts.waiting} 页"
        )
        if self.nights is not None:
            parts.append(f"约还要 {self.nights} 夜")
        return "，".join(parts)


def backfill_status(archive: Archive, source: str, pages_a_night: int | None) -> BackfillStatus | None:
    """The state of a source's backfill; None where there is none. `pages_a_night` is the source's budget, None where its file is gone."""
    asked = archive.backfills.get(source)
    if asked is None:
        return None
    counts, lists = archive.backfills.counts(source), tuple(archive.backfills.lists(source))
    done = bool(lists) and all(one.ended for one in lists) and not counts.waiting
    reading = [one for one in lists if not one.ended]
    days = [one.reached for one in reading or lists if one.reached is not None]
    reached = max(days) if days else None
    return BackfillStatus(
        backfill=asked,
        counts=counts,
        lists=lists,
        done=done,
        reached=reached,
        nights=None if done or asked.stopped else _nights(asked, counts, reading, reached, pages_a_night),
        lacking=tuple(_lacking(asked, counts, lists)),
    )


def _nights(
    asked: Backfill,
    counts: BackfillCounts,
    reading: list[BackfillList],
    reached: date | None,
    pages_a_night: int | None,
) -> int | None:
    """By the requests that the days so far have cost; the pages that wait cost one each."""
    if pages_a_night is None:
        return None
    left = float(counts.waiting)
    if reading:
        if reached is None or reached >= asked.until:
            return None
        done, whole = (asked.until - reached).days, (asked.until - asked.since).days
        left += (asked.requests + counts.waiting) * max(0, whole - done) / done
    return max(1, math.ceil(left / pages_a_night))


def _lacking(asked: Backfill, counts: BackfillCounts, lists: tuple[BackfillList, ...]) -> list[str]:
    found = []
    for one in lists:
        if one.ended == "failed":
            found.append(f"列表没有读完：{one.note}")
        elif one.ended == "end" and one.reached is None:
            found.append(
                f"列表读到头了，共 {one.pages} 页，上面没有日期：{one.url}" if one.entries else f"列表是空的：{one.url}"
            )
        elif one.ended == "end" and one.reached is not None and one.reached > asked.since:
            found.append(f"列表只到 {one.reached}，更早的没有列出：{one.url}" + (f"（{one.note}）" if one.note else ""))
        elif one.note:
            found.append(f"这一页没有读到，下一夜再试：{one.note}")
    if undated := sum(one.undated for one in lists):
        found.append(f"{undated} 条在列表上没有日期，不知道是不是这几年的，都取来看")
    if counts.lost:
        found.append(f"{counts.lost} 页没有取到：已不存在，或几次都没有回答")
    return found
