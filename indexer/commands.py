"""Verbs that make searchable: index."""

from __future__ import annotations

import typer

from crawler.terminal import err, print_json, step

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


def add_verbs(app: typer.Typer) -> None:
    """Puts this package's verbs into the command."""
    app.command(rich_help_panel=PANEL)(index)
