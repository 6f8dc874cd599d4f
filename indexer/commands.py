"""Verbs that make searchable: index."""

from __future__ import annotations

import typer

from crawler.terminal import err, out, print_json, step

PANEL = "检索"


def index(
    rebuild: bool = typer.Option(False, "--rebuild", help="重建：另建一份新索引，建好再换上，检索不中断"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """建索引：先读出做法、地方、数字，再把有变化的文章写进检索引擎。

    随时可中断，再运行会继续。
    """
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.sources import read_registry
    from indexer.engines.base import open_engine
    from indexer.index_stage import index as index_articles
    from indexer.insight.read_stage import read_due

    config = settings()
    registry, _ = read_registry(config)
    with Archive.open(config) as archive:
        with step("研读") as bar:
            read_due(archive, workers=config.worker_count, progress=bar.update)
        engine = open_engine(config, write=True)
        try:
            with step("重建索引" if rebuild else "建索引") as bar:
                report = index_articles(
                    archive, engine, registry, rebuild=rebuild, workers=config.worker_count, progress=bar.update
                )
        finally:
            engine.close()
    if as_json:
        print_json(report)
    else:
        err.print(
            f"写入 {report.written} 篇，删去 {report.deleted} 篇，失败 {len(report.failed)} 篇，用时 {report.seconds:.1f} 秒"
        )
    for article, reason in report.failed[:10]:
        err.print(f"  失败 {article}：{reason}", markup=False)
    if report.failed:
        raise typer.Exit(1)


lexicon = typer.Typer(help="词典：用户词、同义词、虚词。", no_args_is_help=True)


@lexicon.callback()
def _lexicon() -> None:
    """词典：用户词、同义词、虚词。"""


@lexicon.command()
def check(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    """检查词典：哪些词写了没有用，哪些词反而有害。

    有索引时也按文库里的文章来看。有害的词存在时退出码不为 0。
    """
    from crawler.configuration import settings
    from indexer.analysis.check import check as check_lexicon
    from indexer.analysis.lexicon import lexicon as read
    from indexer.engines.base import open_engine

    engine = open_engine(settings())
    try:
        remarks = check_lexicon(read(), engine)
    finally:
        engine.close()
    if as_json:
        print_json(remarks)
    else:
        for remark in remarks:
            out.print(f"{LEVELS[remark.level]}  {remark.word}：{remark.reason}", markup=False, highlight=False)
        err.print(f"词典 {read().version}，同义词 {read().equivalents_version}，共 {len(remarks)} 条")
    if any(remark.level == "harm" for remark in remarks):
        raise typer.Exit(1)


LEVELS = {"harm": "有害", "idle": "无用", "hint": "建议"}


def add_verbs(app: typer.Typer) -> None:
    """Puts this package's verbs into the command."""
    app.command(rich_help_panel=PANEL)(index)
    app.add_typer(lexicon, name="lexicon", rich_help_panel=PANEL)
