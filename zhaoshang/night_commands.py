"""The verbs status and nights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from crawler.terminal import Refusal, err, minute, out, print_json
from zhaoshang.night_table import MOST_ROWS, NIGHT_SIGNS, SIGNS, outcome, print_night, print_nights, print_running

if TYPE_CHECKING:
    from crawler.archive import SourceRun
    from crawler.archive.nights.night import Night

DAILY, START = "每夜", "开始"
NIGHTS_OF_A_SOURCE = 7


def status(
    failed: bool = typer.Option(False, "--failed", help="只列最近一次没达到预期的来源"),
    night: int | None = typer.Option(None, "--night", metavar="编号", help="某一夜的报告；编号见 zhaoshang nights"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """文库里有多少，索引到哪里，各来源最近几夜如何；有一夜正在运行时，它做到哪里。

    没达到预期的来源排在前面。
    """
    from collections import Counter

    from crawler.archive import Archive, SourceState
    from crawler.archive.nights.night import latest_nights, rows_written
    from crawler.archive.nights.running import running_night
    from crawler.configuration import settings
    from crawler.sources import read_registry
    from crawler.sources.reading_alarms import standing_alarms
    from crawler.sources.source_status import OFF_TOPIC, STATUS_NAMES, status_of
    from indexer.engines.base import EngineError
    from indexer.engines.registry import open_engine

    if night is not None:
        _one_night(night, as_json)
        return
    config = settings()
    registry, _ = read_registry(config)
    with Archive.open_existing(config) as archive:
        counts, last = archive.counts(), archive.articles.last_change()
        enabled = [n for n, s in archive.frontier.source_states().items() if s.enabled]
        nights = _wrong_first({n: archive.runs.of_sources(n, NIGHTS_OF_A_SOURCE) for n in enabled})
        alarms = standing_alarms(archive, nights)
        states, unread = archive.frontier.source_states(), archive.readings.count_failures()
        last_nights, running = latest_nights(archive, 1), running_night(config.data)
        elsewhere = last_nights[0] if last_nights and last_nights[0].state == "running" and not running else None
        visited = len(rows_written(archive, elsewhere.run)) if elsewhere else 0
    if failed:
        nights = {name: runs for name, runs in nights.items() if _is_wrong(runs) or name in alarms}
    try:
        engine = open_engine(config)
        try:
            health = engine.health()
        finally:
            engine.close()
        told = health.problem or f"{health.engine}，{health.documents:,} 篇"
        lag = last - health.cursor
    except EngineError as error:
        told, lag = error.reason, last
    reached = Counter(status_of(states.get(name, SourceState(name))) for name in registry)
    if as_json:
        said = {name: [alarm.told for alarm in found] for name, found in alarms.items()}
        answer = _status_json(
            counts, told, lag, unread=unread, nights=nights, states=states, reached=reached, alarms=said
        )
        print_json(answer | {"last_night": _summary(last_nights[0]) if last_nights else None, "running": running})
        return
    if running:
        print_running(running)
    elif elsewhere:
        err.print(
            f"→ 另一台机器上正在运行：第 {elsewhere.run} 次运行，{minute(elsewhere.started_at)} 开始；采完 {visited} 个来源"
        )
    if not failed:
        out.print(
            f"来源 {len(registry)} 个，已启用 {counts.sources} 个；快照 {counts.captures:,}（{counts.warc_bytes / (1 << 20):.1f} MB），"
            f"文章 {counts.articles:,}，版本 {counts.revisions:,}，{OFF_TOPIC} {counts.rejected:,}"
        )
        out.print(
            "登记：" + "，".join(f"{words} {reached[key]}" for key, words in STATUS_NAMES.items() if reached[key])
        )
        out.print(f"索引：{told}" + ("" if lag <= 0 else "；有改动还没有写入，运行 zhaoshang index"))
        if unread:
            out.print(f"研读：{unread} 篇没有读出举措、地方、数字，隔一阵自动再试；原因见 zhaoshang doctor")
    if last_nights:
        out.print(f"上一夜：{_in_a_line(last_nights[0])}", markup=False)
    if not enabled:
        err.print("还没有启用任何来源：zhaoshang sources list，zhaoshang sources enable 名称")
        return
    if failed and not nights:
        err.print("启用的来源最近一次都达到了预期。")
        return
    _print_sources(nights, states, everything=failed)
    for name, found in alarms.items():
        err.print(
            f"{SIGNS['drift']} {name}：提取可疑：{'；'.join(a.told for a in found)}；见 zhaoshang doctor", markup=False
        )
    err.print("标记：" + "，".join(outcome(key) for key in SIGNS))
    err.print(
        "再看：各夜 zhaoshang nights，某个来源 zhaoshang sources show 名称，还缺什么 zhaoshang gaps，待看 zhaoshang review list，哪里不对 zhaoshang doctor"
        "；网页上在“网站”之下（/sources、/nights、/gaps、/review）"
    )


def _print_sources(nights: Mapping[str, list[SourceRun]], states: Any, *, everything: bool) -> None:
    from crawler.sources.source_status import describe_status

    shown = nights if everything or len(nights) <= MOST_ROWS else {n: r for n, r in nights.items() if _is_wrong(r)}
    table = Table(box=None, pad_edge=False)
    for heading in ("来源", "最近采集", "最近几夜（新在右）", "新文章", "状态"):
        table.add_column(heading)
    for name, runs in shown.items():
        strip = " ".join(SIGNS.get(r.report.outcome, r.report.outcome[0]) for r in reversed(runs))
        table.add_row(
            name,
            minute(states[name].last_visit),
            strip or "—",
            str(sum(r.report.new for r in runs)),
            describe_status(states[name]),
        )
    if shown:
        out.print(table)
    if len(shown) < len(nights):
        err.print(f"另有 {len(nights) - len(shown)} 个来源最近一次正常或还没有采过：--json 里有全部")


def _is_wrong(runs: list[SourceRun]) -> bool:
    from crawler.archive.nights.night import BELOW

    return bool(runs) and runs[0].report.outcome in BELOW


def _wrong_first(nights: Mapping[str, list[SourceRun]]) -> dict[str, list[SourceRun]]:
    from crawler.archive.nights.night import WRONG_FIRST

    def rank(name: str) -> tuple[int, str]:
        runs = nights[name]
        known = bool(runs) and runs[0].report.outcome in WRONG_FIRST
        return WRONG_FIRST.index(runs[0].report.outcome) if known else len(WRONG_FIRST), name

    return {name: nights[name] for name in sorted(nights, key=rank)}


def _in_a_line(night: Night) -> str:
    from crawler.sources.source_status import OUTCOME_NAMES

    counts = "，".join(f"{OUTCOME_NAMES[key]} {n}" for key, n in night.outcomes.items())
    problems = f"；{len(night.problems)} 个问题" if night.problems else ""
    seen = f"（{counts}）" if counts else ""
    return f"{minute(night.started_at)} {NIGHT_SIGNS[night.state]} {night.name}{seen}{problems}；报告：zhaoshang status --night {night.run}"


def _one_night(run: int, as_json: bool) -> None:
    from crawler.archive import Archive
    from crawler.archive.nights.night import get_night
    from crawler.configuration import settings
    from crawler.stages.run_log import find_log

    with Archive.open_existing(settings()) as archive:
        night = get_night(archive, run)
    if night is None:
        raise Refusal(f"没有编号为 {run} 的一夜：zhaoshang nights 列出最近的")
    if as_json:
        print_json({**_summary(night), "rows": night.rows, "drifted": night.drifted, "remarks": night.remarks})
        return
    err.print(_in_a_line(night).partition("；报告")[0], markup=False)
    print_night(night)
    if log := find_log(settings().data, run):
        err.print(f"日志：{log}", markup=False)


def nights(
    limit: int = typer.Option(20, "--limit", min=1, max=1000, help="列出多少夜"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """最近几夜，一夜一行：结果，用时，几个来源没达到预期。

    被终止的一夜没有报告，记为中断。某一夜的报告：zhaoshang status --night 编号。
    """
    from crawler.archive import Archive
    from crawler.archive.nights.night import latest_nights
    from crawler.configuration import settings

    with Archive.open_existing(settings()) as archive:
        found = latest_nights(archive, limit)
    if as_json:
        print_json([_summary(night) for night in found])
        return
    if not found:
        err.print("还没有采过一夜：zhaoshang nightly")
        return
    print_nights(found)


def _summary(night: Night) -> dict[str, Any]:
    return {
        "run": night.run,
        "started_at": night.started_at,
        "finished_at": night.finished_at,
        "outcome": night.state,
        "seconds": night.seconds,
        "sources": night.outcomes,
        "captures": night.captures,
        "articles": night.articles,
        "indexed": night.indexed,
        "problems": night.problems,
    }


def _status_json(
    counts: Any,
    told: str,
    lag: int,
    unread: int,
    nights: Any,
    states: Any,
    reached: Any,
    alarms: Mapping[str, list[str]],
) -> dict[str, Any]:
    from dataclasses import asdict

    from crawler.sources.source_status import status_of

    return {
        "counts": asdict(counts),
        "engine": told,
        "unindexed_changes": max(0, lag),
        "unread_articles": unread,
        "reach": dict(reached),
        "sources": {
            name: {
                "last_visit": states[name].last_visit,
                "status": status_of(states[name]),
                "status_answer": states[name].status_answer,
                "status_at": states[name].status_at,
                "alarms": alarms.get(name, []),
                "nights": [{"run": r.run, "started_at": r.started_at, **asdict(r.report)} for r in runs],
            }
            for name, runs in nights.items()
        },
    }


def add_verbs(app: typer.Typer) -> None:
    """Puts these verbs into the command."""
    app.command(rich_help_panel=START)(status)
    app.command(rich_help_panel=DAILY)(nights)
