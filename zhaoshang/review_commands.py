"""Verbs `review list`, `accept`, `correct` and `put-away`: what a person should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from crawler.terminal import Refusal, err, out, print_json, step

if TYPE_CHECKING:
    from search_api.services.upkeep.reviewing import Verdict

app = typer.Typer(
    no_args_is_help=True,
    help="待看：机器拿不准的标题、日期，险些收下的网页，提取可疑的来源；照此收下、改正或搁置，写进 corrections.toml 或来源文件。",
)
HANDLE = typer.Argument(..., help="review list 每条开头的编号，如 date:1a2b3c4d5e6f7a8b")
SHOWN = 20


@app.command("list")
def list_(
    kind: str = typer.Option("", "--kind", help="只看一类：alarm、date、title、rejected"),
    source: str = typer.Option("", "--source", help="只看某个来源"),
    most: int = typer.Option(SHOWN, "--most", min=1, max=1000, help="最多列几条"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """还有哪些要看：每条的编号、疑问和网址；最要紧的在前。"""
    from crawler.archive import Archive
    from crawler.cli.selection import select
    from crawler.configuration import settings
    from crawler.sources import read_registry
    from search_api.services.upkeep.reviewing import KINDS, review_page, waiting_line

    config = settings()
    registry, _ = read_registry(config)
    if kind and kind not in KINDS:
        raise Refusal(f"--kind 应为 {'、'.join(KINDS)}，而不是 {kind!r}")
    if source:
        select([source], None, None, registry)
    with Archive.open_existing(config) as archive:
        with step("查看文章") as bar:
            archive.reviews.refresh(progress=bar.update)
        page = review_page(archive, registry, kind=kind, source=source, limit=most)
    if as_json:
        print_json({"total": page.total, "counts": page.of_kinds(source), "items": list(page.items)})
        return
    for item in page.items:
        out.print(f"{item.handle}  {KINDS[item.kind]}  {item.source}  {item.title or '无题'}", markup=False)
        out.print(f"    {item.doubt}  {item.url}", markup=False)
    if not page.total:
        err.print("没有要看的")
        return
    err.print(f"待看 {page.total:,} 条" + (f"，列出 {len(page.items)} 条" if page.total > len(page.items) else ""))
    err.print(f"全部：{waiting_line(page.counts)}")
    err.print(
        "照此收下：zhaoshang review accept 编号；改正：zhaoshang review correct 编号 内容；搁置：zhaoshang review put-away 编号"
    )


@app.command()
def accept(handle: str = HANDLE) -> None:
    """照此收下：险些收下的网页成为文章，不重新抓取；标题、日期确认读得对。"""
    _decide(handle, "accept")


@app.command()
def correct(
    handle: str = HANDLE,
    value: str = typer.Argument(..., help="标题、日期改成什么；提取可疑的写“字段=选择器”，如 title=h1.name"),
) -> None:
    """改正：标题、日期写进 corrections.toml，选择器写进来源文件。

    文章里读出的产业、动态也这样改：review correct industry:文章编号 '半导体=原话'，event:文章编号 '-签约=原话'（前面加 - 是去掉）。
    """
    if handle.partition(":")[0] in ("industry", "event"):
        _correct_subject(handle, value)
    else:
        _decide(handle, "correct", value)


@app.command("put-away")
def put_away(handle: str = HANDLE) -> None:
    """搁置：网页不变就不再提示。"""
    _decide(handle, "away")


def _correct_subject(handle: str, value: str) -> None:
    from crawler.archive import Archive
    from crawler.configuration import settings
    from search_api.services.upkeep.reviewing import NotDecided, correct_subject

    with Archive.open(settings()) as archive:
        try:
            told = correct_subject(archive, settings(), handle, value)
        except NotDecided as error:
            raise Refusal(str(error)) from None
    err.print(told, markup=False)


def _decide(handle: str, verdict: Verdict, value: str = "") -> None:
    from crawler.archive import Archive
    from crawler.cli.stages import summary
    from crawler.configuration import settings
    from crawler.sources import SourceError, read_registry
    from crawler.stages.extract import extract_captures
    from search_api.services.upkeep.reviewing import NotDecided, decide, find_item

    config = settings()
    with Archive.open_existing(config) as archive:
        try:
            source = find_item(archive, handle).source
            told = decide(archive, config, handle, verdict, value=value)
        except (NotDecided, SourceError) as error:
            raise Refusal(str(error)) from None
        err.print(told, markup=False)
        if handle.startswith("rejected:") and verdict == "accept":
            with step("提取") as bar:
                report = extract_captures(
                    archive,
                    read_registry(config)[0],
                    config,
                    source=source or None,
                    progress=lambda done, report: bar.update(done, report.waiting),
                    tell=err.print,
                )
            err.print(f"提取了 {report.captures} 份快照：{summary(report)}；运行 zhaoshang index 后能检索到")
