"""Nights in the terminal: a report as a table with what went wrong first, several nights a line each, and the one that runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table

from crawler.archive.nights.night import BELOW, Night
from crawler.archive.nights.running import RunningNight
from crawler.sources.source_status import OFF_TOPIC, OUTCOME_NAMES
from crawler.terminal import err, minute, out

SIGNS = {"ok": "✓", "short": "▽", "blocked": "■", "failed": "✗", "drift": "◇", "interrupted": "…"}
NIGHT_SIGNS = {"ok": "✓", "below": "▽", "failed": "✗", "interrupted": "…", "running": "→"}
MOST_ROWS = 40
"""Sources in a table; beyond that those that are well are counted."""
MOST_REMARKS = 20
MOST_NAMED = 10  # sources named in the last line
MOST_VISITED = 16  # sources that are visited at one time


def outcome(key: str) -> str:
    """The sign and the name of an outcome; a key that has none as it is."""
    return f"{SIGNS[key]} {OUTCOME_NAMES[key]}" if key in SIGNS else key


def print_night(night: Night) -> None:
    """The report as a table, then alarms, remarks, problems and a line of totals."""
    rows = night.rows if len(night.rows) <= MOST_ROWS else [r for r in night.rows if r.outcome != "ok"]
    table = Table(box=None, pad_edge=False)
    for heading in ("来源", "结果"):
        table.add_column(heading)
    for heading in ("请求", "条目", "预期", "新", "改", OFF_TOPIC, OUTCOME_NAMES["blocked"], OUTCOME_NAMES["failed"]):
        table.add_column(heading, justify="right")
    table.add_column("说明")
    for row in rows:
        entries = "未变" if row.entries is None else str(row.entries)
        numbers = (row.requests, entries, row.expected, row.new, row.changed, row.rejected, row.blocked, row.failed)
        table.add_row(row.source, outcome(row.outcome), *(str(n) for n in numbers), row.note)
    if rows:
        out.print(table)
    if len(rows) < len(night.rows):
        err.print(f"另有 {len(night.rows) - len(rows)} 个来源正常：--json 里有全部")
    for found in night.drifted:
        err.print(f"{SIGNS['drift']} {_drifted(found)}", markup=False)
    for remark in night.remarks[:MOST_REMARKS]:
        err.print(f"· {remark}", markup=False)
    if len(night.remarks) > MOST_REMARKS:
        err.print(f"· 另有 {len(night.remarks) - MOST_REMARKS} 个列表久未更新，见各网站的页面或 --json")
    for problem in night.problems:
        err.print(f"✗ {problem}", markup=False)
    if night.state == "ok" and not (night.rows or night.articles or night.indexed):
        err.print("已启用的来源都还没到期；现在就采：zhaoshang nightly --force")
        return
    err.print(
        f"{len(night.rows)} 个来源，{night.captures} 份快照，{night.articles} 篇文章新增或有改动，"
        f"{night.indexed} 篇写入索引，用时 {night.seconds:.1f} 秒"
        + ("；已中断，再次运行会继续" if night.state == "interrupted" else "")
    )
    if below := night.below:
        names = "、".join(row.source for row in below[:MOST_NAMED])
        more = f" 等 {len(below)} 个" if len(below) > MOST_NAMED else ""
        err.print(f"{len(below)} 个来源没达到预期：{names}{more}")


def _drifted(found: object) -> str:
    from crawler.stages.drift_report import Drifted

    assert isinstance(found, dict)
    return Drifted(**{**found, "signs": tuple(found["signs"])}).line()


def print_nights(nights: Sequence[Night]) -> None:
    """One a line, newest first."""
    table = Table(box=None, pad_edge=False)
    for heading in ("编号", "开始", "结果"):
        table.add_column(heading)
    for heading in ("用时", "来源", "没达到预期", "文章", "问题"):
        table.add_column(heading, justify="right")
    table.add_column("说明")
    for night in nights:
        counts = [f"{OUTCOME_NAMES[key]} {n}" for key, n in night.outcomes.items() if key in BELOW]
        said = "，".join(counts) if counts else ""
        numbers = [str(len(night.rows)), str(len(night.below)), str(night.articles), str(len(night.problems))]
        if night.finished_at is None:
            numbers = ["—"] * 4
        took = f"{night.seconds / 60:.0f} 分" if night.finished_at else "—"
        table.add_row(
            str(night.run),
            minute(night.started_at),
            f"{NIGHT_SIGNS[night.state]} {night.name}",
            took,
            *numbers,
            "；".join(filter(None, (said, *night.problems[:1]))),
        )
    out.print(table)


def print_running(now: RunningNight, at: datetime | None = None) -> None:
    """What the night that runs is at, and which sources it visits at this moment."""
    of_all = f"/{now.total:,}" if now.total else ""
    since = (at or datetime.now(UTC)) - now.stage_since
    err.print(
        f"→ 正在运行：第 {now.run} 次运行，进程 {now.process}，{minute(now.started_at)} 开始；"
        f"{now.stage} {now.done:,}{of_all}，已 {since.total_seconds() / 60:.0f} 分钟；采完 {now.visited} 个来源",
        markup=False,
    )
    for name, counts in list(now.sources.items())[:MOST_VISITED]:
        err.print(
            f"  {name}：请求 {counts['requests']}，快照 {counts['captures']}，排队 {counts['queued']}", markup=False
        )
