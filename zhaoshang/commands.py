"""The verbs demo, nightly, schedule, status and doctor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from crawler.cli.stages import NOW, parse_now
from crawler.terminal import err, minute, out, print_json, step

if TYPE_CHECKING:
    from crawler.sources import Source
    from zhaoshang.nightly import NightReport

MOST_REMARKS = 20  # shown in a terminal
DAILY, START = "每夜", "开始"
SIGNS = {"ok": "✓", "short": "▽", "blocked": "■", "failed": "✗", "drift": "◇", "interrupted": "…"}


def demo(
    no_serve: bool = typer.Option(False, "--no-serve", help="做完就结束，不打开检索页面"),
    port: int | None = typer.Option(None, "--port", min=0, max=65535, help="检索页面的端口；默认取设置 PORT"),
) -> None:
    """示例：在本机起六个示例网站，采集、提取、建索引，打开检索页面。

    不访问外网，数据在 DATA/demo。
    """
    from crawler.configuration import settings
    from zhaoshang.demo.run import run_demo

    run_demo(settings(), serve=not no_serve, port=port)


def nightly(
    sources: list[str] | None = typer.Argument(None, help="只采这些来源；不写则为所有已启用且到期的"),
    force: bool = typer.Option(False, "--force", help="未到期的也采"),
    now: str | None = NOW,
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """一夜：采集到期的来源，提取，建索引，报告每个来源的收成。

    有来源没达到预期时退出码不为 0。
    """
    from crawler.archive import Archive
    from crawler.cli.sources import select
    from crawler.configuration import settings
    from crawler.sources import load_registry
    from zhaoshang.locks import lock
    from zhaoshang.nightly import run_night

    config = settings()
    if sources:
        select(sources, None, None, load_registry(config))
    with Archive.open(config) as archive, lock(config.data, "nightly"):
        report = run_night(config, archive, step, now=parse_now(now), force=force, names=sources or None)
    if as_json:
        print_json(report.to_json())
    else:
        print_night(report)
    if report.interrupted:
        raise typer.Exit(130)
    if not report.ok:
        raise typer.Exit(1)


def _outcome(key: str) -> str:
    """The sign and the name of an outcome; a key that has none as it is."""
    from crawler.sources.source_status import OUTCOME_NAMES

    return f"{SIGNS[key]} {OUTCOME_NAMES[key]}" if key in SIGNS else key


def print_night(report: NightReport) -> None:
    """The report as a table, a line of totals, and the problems."""
    from crawler.sources.source_status import OFF_TOPIC, OUTCOME_NAMES

    table = Table(box=None, pad_edge=False)
    for heading in ("来源", "结果"):
        table.add_column(heading)
    for heading in ("请求", "条目", "预期", "新", "改", OFF_TOPIC, OUTCOME_NAMES["blocked"], OUTCOME_NAMES["failed"]):
        table.add_column(heading, justify="right")
    table.add_column("说明")
    for row in report.rows:
        entries = "未变" if row.entries is None else str(row.entries)
        numbers = (row.requests, entries, row.expected, row.new, row.changed, row.rejected, row.blocked, row.failed)
        table.add_row(row.source, _outcome(row.outcome), *(str(n) for n in numbers), row.note)
    if report.rows:
        out.print(table)
    for drifted in report.drifted:
        err.print(f"◇ {drifted.line()}", markup=False)
    for remark in report.remarks[:MOST_REMARKS]:
        err.print(f"· {remark}", markup=False)
    if len(report.remarks) > MOST_REMARKS:
        err.print(f"· 另有 {len(report.remarks) - MOST_REMARKS} 个列表久未更新，见各网站的页面或 --json")
    for problem in report.problems:
        err.print(f"✗ {problem}", markup=False)
    if report.ok and not (report.rows or report.articles or report.indexed):
        err.print("已启用的来源都还没到期；现在就采：zhaoshang nightly --force")
        return
    err.print(
        f"{len(report.rows)} 个来源，{report.captures} 份快照，{report.articles} 篇文章新增或有改动，"
        f"{report.indexed} 篇写入索引，用时 {report.seconds:.1f} 秒"
        + ("；已中断，再次运行会继续" if report.interrupted else "")
    )
    if report.below_expectation:
        err.print(
            f"{len(report.below_expectation)} 个来源没达到预期："
            + "、".join(r.source for r in report.below_expectation)
        )


def schedule(at: str = typer.Option("02:00", "--at", help="每天几点（北京时间）")) -> None:
    """定时：每天到点运行 nightly。

    到期时刻存在磁盘上，错过的一夜补一次，从不同时运行两次。
    """
    from crawler.configuration import settings
    from zhaoshang.locks import lock
    from zhaoshang.schedule import parse_hour, serve_schedule

    parse_hour(at)
    with lock(settings().data, "schedule"):
        serve_schedule(settings(), at)


def status(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    """文库里有多少，索引到哪里，各来源最近几夜如何。"""
    from collections import Counter

    from crawler.archive import Archive, SourceState
    from crawler.configuration import settings
    from crawler.sources import read_registry
    from crawler.sources.backfill_status import backfill_status
    from crawler.sources.reading_alarms import standing_alarms
    from crawler.sources.source_status import OFF_TOPIC, STATUS_NAMES, describe_status, status_of
    from indexer.engines.base import EngineError
    from indexer.engines.registry import open_engine
    from search_api.services.reviewing import review_counts, waiting_line

    config = settings()
    registry, _ = read_registry(config)
    with Archive.open(config) as archive:
        counts, last = archive.counts(), archive.articles.last_change()
        nights = {n: archive.runs.of_sources(n, 7) for n, s in archive.frontier.source_states().items() if s.enabled}
        alarms = standing_alarms(archive, nights)
        states, unread = archive.frontier.source_states(), archive.readings.count_failures()
        waiting = waiting_line(review_counts(archive, registry))
        past = {
            b.source: backfill_status(archive, b.source, _budget(registry, b.source)) for b in archive.backfills.all()
        }
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
        print_json(
            _status_json(counts, told, lag, unread=unread, nights=nights, states=states, reached=reached, alarms=said)
            | {"backfills": past, "review": waiting}
        )
        return
    out.print(
        f"来源 {len(registry)} 个，已启用 {counts.sources} 个；快照 {counts.captures:,}（{counts.warc_bytes / (1 << 20):.1f} MB），"
        f"文章 {counts.articles:,}，版本 {counts.revisions:,}，{OFF_TOPIC} {counts.rejected:,}"
    )
    out.print("登记：" + "，".join(f"{words} {reached[key]}" for key, words in STATUS_NAMES.items() if reached[key]))
    out.print(f"索引：{told}" + ("" if lag <= 0 else "；有改动还没有写入，运行 zhaoshang index"))
    if unread:
        out.print(f"研读：{unread} 篇没有读出举措、地方、数字，隔一阵自动再试；原因见 zhaoshang doctor")
    if waiting:
        out.print(f"待看：{waiting}；见 zhaoshang review list")
    for name, backfill in past.items():
        if backfill is not None:
            out.print(f"{name}：{backfill.told}", markup=False)
            for line in () if backfill.done else backfill.lacking:
                out.print(f"  · {line}", markup=False)
    if not nights:
        err.print("还没有启用任何来源：zhaoshang sources list，zhaoshang sources enable 名称")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("来源", "最近采集", "最近几夜（新在右）", "新文章", "状态"):
        table.add_column(heading)
    for name, runs in nights.items():
        strip = " ".join(SIGNS.get(r.report.outcome, r.report.outcome[0]) for r in reversed(runs))
        table.add_row(
            name,
            minute(states[name].last_visit),
            strip or "—",
            str(sum(r.report.new for r in runs)),
            describe_status(states[name]),
        )
    out.print(table)
    for name, found in alarms.items():
        err.print(
            f"{SIGNS['drift']} {name}：提取可疑：{'；'.join(a.told for a in found)}；见 zhaoshang doctor", markup=False
        )
    err.print("标记：" + "，".join(_outcome(key) for key in SIGNS))


def _budget(registry: Mapping[str, Source], name: str) -> int | None:
    """Pages that a visit to a source may ask for; None where its file is gone."""
    return registry[name].budget.pages if name in registry else None


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


def doctor(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    """检查：每项设置及其出处，数据目录、文库、检索引擎、来源，有什么不对，该怎么办。"""
    from dataclasses import asdict

    from crawler.configuration import settings
    from zhaoshang.doctor import examine, setting_lines, show

    config = settings()
    if as_json:
        findings = list(examine(config))
        lines = [{"name": n, "value": v, "origin": o} for n, v, o in setting_lines(config)]
        print_json({"settings": lines, "findings": [asdict(f) for f in findings]})
        well = all(f.ok is not False for f in findings)
    else:
        well = show(config, lambda line: out.print(line, markup=False))
    if not well:
        raise typer.Exit(1)


def add_verbs(app: typer.Typer) -> None:
    """Puts this package's verbs into the command."""
    app.command(rich_help_panel=START)(demo)
    app.command(rich_help_panel=START)(doctor)
    app.command(rich_help_panel=START)(status)
    app.command(rich_help_panel=DAILY)(nightly)
    app.command(rich_help_panel=DAILY)(schedule)
