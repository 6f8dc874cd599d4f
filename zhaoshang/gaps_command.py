"""The verb gaps."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from crawler.terminal import err, minute, out, print_json

MOST = 200  # rows of a table
MOST_COUNTIES = 12  # of a city


def gaps(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    """还缺什么：不再有新文章的网站、空着的月份、没有网站的区县，各有可以做的事。

    按各自平日的快慢判断：一年五篇的网站，两个月没有新文章不算。缺得多的在前；同 serve 打开的 /gaps。
    """
    from dataclasses import asdict

    from crawler.configuration import settings
    from crawler.sources.source_status import OUTCOME_NAMES
    from search_api.services.upkeep.gaps import gaps as find_gaps
    from search_api.web.app_state import AppState

    state = AppState.of_existing(settings())
    try:
        found = find_gaps(state)
    finally:
        state.close()
    if as_json:
        rows = asdict(found)
        for name in ("silent", "months", "cities"):
            for row, gap in zip(rows[name], getattr(found, name), strict=True):
                row["remedy"] = gap.remedy
        print_json(rows)
        return
    if found.silent:
        table = _table("没有动静的网站", "最新一篇", "此前一年", "上次采集", "可以做的")
        for silent in found.silent[:MOST]:
            newest = f"{silent.newest}，{silent.days} 天前" if silent.newest else f"采过 {silent.visits} 次，一篇也没有"
            visited = f"{minute(silent.visited)} {OUTCOME_NAMES.get(silent.outcome, silent.outcome)}".strip()
            table.add_row(Text(silent.source), newest, str(silent.a_year), visited, Text(silent.remedy))
        out.print(table)
    if found.months:
        table = _table("空着的月份", "月份", "前后每月", "可以做的")
        for months in found.months[:MOST]:
            table.add_row(Text(months.source), months.told, f"{months.usual} 篇", Text(months.remedy))
        out.print(table)
    if found.cities:
        table = _table("没有网站的区县", "缺", "区县", "可以做的")
        for city in found.cities[:MOST]:
            names = "、".join(county.name for county in city.lacking[:MOST_COUNTIES])
            names += f"等 {len(city.lacking)} 个" if len(city.lacking) > MOST_COUNTIES else ""
            table.add_row(city.name, f"{len(city.lacking)}/{city.counties}", names, Text(city.remedy))
        out.print(table)
    if found.nothing:
        err.print("没有发现缺什么。" if found.enabled else "还没有启用任何来源：zhaoshang sources enable 名称")
    err.print(f"看了 {found.enabled} 个已启用的来源")


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading)
    return table


def add_verbs(app: typer.Typer) -> None:
    """Puts the verb into the command."""
    app.command(rich_help_panel="每夜")(gaps)
