"""`zhaoshang sources …`: lists sources, shows one, enables and disables them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from crawler.cli import probing
from crawler.cli.selection import JSON, KIND, NAMES, REGION, open_registry, select
from crawler.sources.source_status import describe_status, status_of
from crawler.terminal import Refusal, err, minute, out, print_json

if TYPE_CHECKING:
    from crawler.archive import SourceState
    from crawler.sources import Source
__all__ = ["app", "select"]

app = typer.Typer(
    help="来源：有哪些网站、哪些已启用、最近采到什么。自带的来源默认停用，用 enable 启用。", no_args_is_help=True
)


@app.command("list")
def list_(
    region: str | None = REGION,
    kind: str | None = KIND,
    enabled: bool = typer.Option(False, "--enabled", help="只看已启用的"),
    as_json: bool = JSON,
) -> None:
    """列出来源：名称、标题、类别、地区、是否启用、最近一次采集。"""
    from crawler.sources.kinds import kind_name
    from crawler.sources.regions import region_name

    registry, archive = open_registry()
    with archive:
        rows = [(s, archive.frontier.source_state(s.name)) for s in select(None, region, kind, registry)]
    rows = [(s, state) for s, state in rows if state.enabled or not enabled]
    if as_json:
        print_json([_summary(s, state) for s, state in rows])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("", "名称", "标题", "类别", "地区", "最近采集", "状态"):
        table.add_column(heading, no_wrap=heading in ("名称", "类别"))  # a name is there to be copied
    for s, state in rows:
        table.add_row(
            "●" if state.enabled else "○",
            s.name,
            s.title,
            kind_name(s.kind),
            region_name(s.region),
            minute(state.last_visit),
            describe_status(state),
        )
    out.print(table)
    on = sum(state.enabled for _, state in rows)
    err.print(
        f"共 {len(rows)} 个来源，{on} 个已启用。启用：zhaoshang sources enable 名称，或 --region 湖南、--kind government"
    )


def _summary(source: Source, state: SourceState) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "kind": source.kind,
        "region": source.region,
        "start_urls": source.start_urls,
        "enabled": state.enabled,
        "status": status_of(state),
        "status_answer": state.status_answer,
        "status_at": state.status_at,
        "last_visit": state.last_visit,
        "due_at": state.due_at,
    }


@app.command()
def show(name: str = typer.Argument(..., help="来源的名称"), as_json: bool = JSON) -> None:
    """一个来源的 TOML 和采集状态。"""
    from crawler.configuration import settings
    from crawler.sources.registry import file_of

    registry, archive = open_registry()
    with archive:
        (source,) = select([name], None, None, registry)
        state = archive.frontier.source_state(name)
    if as_json:
        print_json(source.model_dump(mode="json") | _summary(source, state))
        return
    path = file_of(settings(), name)
    err.print(f"[dim]# {path}[/dim]")
    out.print(Path(path).read_text(encoding="utf-8").strip(), markup=False)
    err.print(
        f"{'已启用' if state.enabled else '未启用'}；最近采集 {minute(state.last_visit)}；状态 {describe_status(state)}"
    )


@app.command()
def enable(names: list[str] | None = NAMES, region: str | None = REGION, kind: str | None = KIND) -> None:
    """启用来源：写名称，或用 --region、--kind 选一批。"""
    _switch(names, region, kind, True)


@app.command()
def disable(names: list[str] | None = NAMES, region: str | None = REGION, kind: str | None = KIND) -> None:
    """停用来源；已采的快照与文章都保留。"""
    _switch(names, region, kind, False)


def _switch(names: list[str] | None, region: str | None, kind: str | None, on: bool) -> None:
    if not (names or region or kind):
        raise Refusal("请写来源的名称，或用 --region、--kind 选一批")
    registry, archive = open_registry()
    with archive:
        chosen = select(names, region, kind, registry)
        if not chosen:
            raise Refusal("没有符合条件的来源；用 zhaoshang sources list 查看")
        for source in chosen:
            archive.frontier.set_source(source.name, enabled=on)
    shown = "、".join(s.name for s in chosen[:8]) + ("…" if len(chosen) > 8 else "")
    err.print(f"已{'启用' if on else '停用'} {len(chosen)} 个来源：{shown}")


for verb in (probing.probe, probing.add, probing.discover, probing.check):
    app.command()(verb)
