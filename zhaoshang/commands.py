"""The verbs demo, nightly, schedule and doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from crawler.cli.stages import NOW, parse_now
from crawler.terminal import err, out, print_json, silent, step

if TYPE_CHECKING:
    from zhaoshang.nightly import NightReport

DAILY, START = "每夜", "开始"


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
    quiet: bool = typer.Option(False, "--quiet", help="一切正常时什么也不打印（用于 cron：有输出才发信）"),
    now: str | None = NOW,
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """一夜：采集到期的来源，提取，建索引，报告每个来源的收成。

    有来源没达到预期时退出码不为 0。有变化时发通知（zhaoshang notify）。
    """
    from crawler.cli.sources import select
    from crawler.configuration import settings
    from crawler.sources import load_registry
    from zhaoshang.morning.told_night import told_night

    config = settings()
    if sources:
        select(sources, None, None, load_registry(config))
    report = told_night(
        config,
        silent if quiet else step,
        lambda line: err.print(line, markup=False),
        now=parse_now(now),
        force=force,
        names=sources or None,
    )
    if as_json:
        print_json(report.to_json())
    elif not (quiet and report.ok):
        _print(report)
    if report.interrupted:
        raise typer.Exit(130)
    if not report.ok:
        raise typer.Exit(1)


def _print(report: NightReport) -> None:
    from crawler.archive import Run
    from crawler.archive.nights.night import VERB, night_of
    from zhaoshang.night_table import print_night

    print_night(night_of(Run(0, VERB, report.started, report.started, report.to_json())))


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
    app.command(rich_help_panel=DAILY)(nightly)
    app.command(rich_help_panel=DAILY)(schedule)
