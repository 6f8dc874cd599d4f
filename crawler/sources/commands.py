"""`zhaoshang sources …`: which sites there are, which are on, what was last reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from crawler.sources.register import reach, status_of
from crawler.terminal import Refusal, err, minute, out, print_json, step

if TYPE_CHECKING:
    from crawler.archive import Archive, SourceState
    from crawler.sources import Source

app = typer.Typer(
    help="来源：有哪些网站、哪些已启用、最近采到什么。自带的来源默认停用，用 enable 启用。", no_args_is_help=True
)

NAMES = typer.Argument(None, help="来源的名称，可写多个；用 sources list 查看")
REGION = typer.Option(None, "--region", help="只看某地（名称、简称、拼音或行政区划代码），含下级")
KIND = typer.Option(None, "--kind", help="只看某类：government、news、forum")
JSON = typer.Option(False, "--json", help="输出 JSON，供脚本使用")


def select(names: list[str] | None, region: str | None, kind: str | None, sources: dict[str, Source]) -> list[Source]:
    """The sources that names or filters choose. Raises Refusal for what is unknown."""
    from crawler.sources import regions

    for name in names or []:
        if name not in sources:
            raise Refusal(f"没有名为 {name!r} 的来源{_similar(name, sources)}；用 zhaoshang sources list 查看全部")
    chosen = [sources[n] for n in dict.fromkeys(names)] if names else list(sources.values())
    if kind is not None:
        if kind not in ("government", "news", "forum"):
            raise Refusal(f"--kind 应为 government、news 或 forum，而不是 {kind!r}")
        chosen = [s for s in chosen if s.kind == kind]
    if region is not None:
        places = regions.find(region)
        if not places:
            raise Refusal(f"没有名为 {region!r} 的地区；可写名称、简称、拼音或六位代码，如 湖南、changsha、430100")
        chosen = [s for s in chosen if any(regions.is_within(s.region, p.adcode) for p in places)]
    return chosen


def _similar(name: str, sources: dict[str, Source]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sources, n=3, cutoff=0.6)
    return f"（是不是 {'、'.join(close)}）" if close else ""


def _open() -> tuple[dict[str, Source], Archive]:
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.sources import load_registry

    return load_registry(settings()), Archive.open(settings())


@app.command("list")
def list_(
    region: str | None = REGION,
    kind: str | None = KIND,
    enabled: bool = typer.Option(False, "--enabled", help="只看已启用的"),
    as_json: bool = JSON,
) -> None:
    """列出来源：名称、标题、类别、地区、是否启用、最近一次采集。"""
    registry, archive = _open()
    with archive:
        rows = [(s, archive.source_state(s.name)) for s in select(None, region, kind, registry)]
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
            s.kind,
            _place(s.region),
            minute(state.last_visit),
            reach(state),
        )
    out.print(table)
    on = sum(state.enabled for _, state in rows)
    err.print(
        f"共 {len(rows)} 个来源，{on} 个已启用。启用：zhaoshang sources enable 名称，或 --region 湖南、--kind government"
    )


def _place(adcode: str) -> str:
    from crawler.sources import regions

    return "".join(r.short for r in regions.path(adcode)) or adcode


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

    registry, archive = _open()
    with archive:
        (source,) = select([name], None, None, registry)
        state = archive.source_state(name)
    if as_json:
        print_json(source.model_dump(mode="json") | _summary(source, state))
        return
    path = file_of(settings(), name)
    err.print(f"[dim]# {path}[/dim]")
    out.print(Path(path).read_text(encoding="utf-8").strip(), markup=False)
    err.print(f"{'已启用' if state.enabled else '未启用'}；最近采集 {minute(state.last_visit)}；状态 {reach(state)}")


@app.command()
def enable(names: list[str] | None = NAMES, region: str | None = REGION, kind: str | None = KIND) -> None:
    """启用来源：写名称，或用 --region、--kind 选一批。"""
    _switch(names, region, kind, True)


@app.command()
def disable(names: list[str] | None = NAMES, region: str | None = REGION, kind: str | None = KIND) -> None:
    """停用来源；已采的捕获与文章都保留。"""
    _switch(names, region, kind, False)


def _switch(names: list[str] | None, region: str | None, kind: str | None, on: bool) -> None:
    if not (names or region or kind):
        raise Refusal("请写来源的名称，或用 --region、--kind 选一批")
    registry, archive = _open()
    with archive:
        chosen = select(names, region, kind, registry)
        if not chosen:
            raise Refusal("没有符合条件的来源；用 zhaoshang sources list 查看")
        for source in chosen:
            archive.set_source(source.name, enabled=on)
    shown = "、".join(s.name for s in chosen[:8]) + ("…" if len(chosen) > 8 else "")
    err.print(f"已{'启用' if on else '停用'} {len(chosen)} 个来源：{shown}")


@app.command()
def probe(url: str = typer.Argument(..., help="列表页、订阅源或首页的网址"), as_json: bool = JSON) -> None:
    """看一个网址是什么：发布系统、条目、下一页、第一篇文章、robots，以及 add 会写的 TOML。

    最多四次礼貌的请求。
    """
    from crawler.configuration import settings
    from crawler.probe import probe as probe_url

    with step("探测") as bar:
        found = probe_url(url, settings(), progress=bar.note)
    if as_json:
        print_json(found.to_json())
        return
    for line in found.lines():
        out.print(line, markup=False)


@app.command()
def add(
    url: str = typer.Argument(..., help="列表页或订阅源的网址"),
    name: str | None = typer.Option(None, "--name", help="来源的名称（小写字母、数字和 -）；默认取自主机名"),
    title: str | None = typer.Option(None, "--title", help="来源的标题"),
    kind: str | None = typer.Option(None, "--kind", help="government、news 或 forum"),
    region: str | None = typer.Option(None, "--region", help="地区名称或行政区划代码"),
    yes: bool = typer.Option(False, "--yes", "-y", help="不询问，用猜到的值"),
) -> None:
    """探测一个网址，写出它的 TOML 并启用。"""
    from crawler.configuration import settings
    from crawler.probe import probe as probe_url
    from crawler.sources import regions

    with step("探测") as bar:
        found = probe_url(url, settings(), progress=bar.note)
    draft = dict(found.draft)
    for key, given in (("name", name), ("title", title), ("kind", kind), ("region", region)):
        value = given if given is not None else draft.get(key)
        if given is None and not yes:
            value = typer.prompt(f"{key}", default=value or "", err=True)
        if key == "region" and value:
            places = regions.find(str(value))
            if not places:
                raise Refusal(f"没有名为 {value!r} 的地区；可写名称、简称、拼音或六位代码")
            value = places[0].adcode
        draft[key] = value
    _write(draft, found.toml(draft), "用 --name 另取一个名称")


@app.command()
def discover(
    home: str = typer.Argument(..., help="门户网站首页的网址"),
    number: int | None = typer.Option(None, "--add", min=1, help="写入并启用第几个栏目"),
    as_json: bool = JSON,
) -> None:
    """读一个门户的首页和网站地图，找出像招商动态、投资促进、商务动态、新闻的栏目，给出 TOML。

    最多十二次礼貌的请求。
    """
    from crawler.configuration import settings
    from crawler.discovering import discover as discover_columns
    from crawler.probe import Probe

    with step("寻找栏目") as bar:
        found = discover_columns(home, settings(), progress=bar.note)
    if as_json:
        print_json(found.to_json())
    else:
        for n, c in enumerate(found.candidates, 1):
            out.print(f"{n}. {c.title}（{c.why}；{c.platform}，{c.entries} 条，{c.dated} 条有日期）", markup=False)
            out.print(Probe.toml(c.draft), markup=False)
        for url, title, why in found.passed:
            err.print(f"略过 {title}（{url}）：{why}", markup=False)
        err.print(f"{found.requests} 次请求；{found.columns} 个栏目名称相近，读出 {len(found.candidates)} 个列表")
    if number is None:
        return
    if number > len(found.candidates):
        raise Refusal(f"没有第 {number} 个栏目；共读出 {len(found.candidates)} 个")
    draft = found.candidates[number - 1].draft
    _write(draft, Probe.toml(draft), "从首页找到的栏目与已有来源同名；改用 zhaoshang sources add 网址 --name 名称")


def _write(draft: Mapping[str, Any], text: str, taken: str) -> None:
    """Writes a source's file into the user's folder and enables it. Raises Refusal where the name is taken."""
    from crawler.configuration import settings
    from crawler.sources import own_folder, parse_source

    folder = own_folder(settings())
    path = folder / f"{draft['name']}.toml"
    source = parse_source(dict(draft), path)
    registry, archive = _open()
    with archive:
        if source.name in registry:
            raise Refusal(f"已有名为 {source.name!r} 的来源；{taken}")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        archive.set_source(source.name, enabled=True)
    err.print(f"已写入 {path} 并启用；今晚的 nightly 会采集它，现在就采：zhaoshang crawl {source.name}")


@app.command()
def check(
    names: list[str] | None = NAMES, region: str | None = REGION, kind: str | None = KIND, as_json: bool = JSON
) -> None:
    """礼貌地访问起始网址，说出与从前相比有何变化；不写名称则检查已启用的。"""
    from crawler.configuration import settings
    from crawler.probe import check as check_source

    registry, archive = _open()
    with archive:
        chosen = select(names, region, kind, registry)
        if not (names or region or kind):
            chosen = [s for s in chosen if archive.source_state(s.name).enabled]
        if not chosen:
            raise Refusal("没有要检查的来源；写名称，或先启用一些：zhaoshang sources enable 名称")
        results = []
        with step("检查", len(chosen)) as bar:
            for n, source in enumerate(chosen, 1):
                bar.note(source.name)
                results.append(check_source(source, archive, settings()))
                bar.update(n)
    if as_json:
        print_json([r.to_json() for r in results])
    else:
        for r in results:
            out.print(r.line(), markup=False)
    if any(not r.ok for r in results):
        raise typer.Exit(1)
