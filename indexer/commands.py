"""The verbs index, explain and lexicon."""

from __future__ import annotations

from functools import partial

import typer

from crawler.terminal import Refusal, err, out, print_json, step

PANEL = "检索"


def index(
    rebuild: bool = typer.Option(False, "--rebuild", help="重建：另建一份新索引，建好再换上，检索不中断"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """建索引：先读出举措、地方、数字，再把有变化的文章写进检索引擎。

    随时可中断，再运行会继续。订正（数据目录里的 corrections.toml）也在这时生效，写法见文章页面的“字段依据”。
    """
    from crawler.archive import Archive, missing_archive
    from crawler.cluster.membership import is_shared
    from crawler.configuration import settings
    from crawler.sources import read_registry
    from indexer.indexing.refresh import correct, correction_faults, refresh
    from indexer.indexing.shared import refresh_shared

    config = settings()
    registry, _ = read_registry(config)
    if said := missing_archive(config):  # a new database is given its index before the first night
        err.print(f"注意：{said}", markup=False)
    with Archive.open(config) as archive:
        for line in (*correct(archive), *correction_faults(archive)):
            err.print(line, markup=False, highlight=False)
        refresh_all = refresh_shared if is_shared(archive, config) else refresh
        report = refresh_all(config, archive, registry, partial(step, in_lines=True), rebuild=rebuild)
    if as_json:
        print_json(report)
    else:
        err.print(
            f"写入 {report.written} 篇，删去 {report.deleted} 篇，失败 {len(report.failed)} 篇，用时 {report.seconds:.1f} 秒"
        )
    for article, reason in report.failed[:10]:
        err.print(f"  失败 {article}：{reason}", markup=False)
    for article, reason in report.unread[:10]:
        err.print(f"  没有读出举措、地方、数字 {article}：{reason}", markup=False)
    if report.unread:
        err.print(f"{len(report.unread)} 篇没有读出，照样收进索引；隔一阵自动再试，现在就试：zhaoshang index --rebuild")
    if report.failed or report.unread:
        raise typer.Exit(1)


def explain(
    article: str = typer.Argument(..., help="文章的编号，如 3f2a…，或网址"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON：另有每条的权重、提到的每处地方"),
) -> None:
    """说明一篇文章的举措、地方、数字是凭什么读出来的。

    逐条列出所据的句子、写法和没有采信的举措。
    """
    from crawler.archive import Archive
    from crawler.article import format_published
    from crawler.canonical import canonicalise
    from crawler.configuration import settings
    from indexer.insight.explain import explain as explain_text
    from indexer.insight.explanation_text import explanation_lines

    article = article.encode("utf-8", "replace").decode()  # the shell passes any bytes
    with Archive.open_existing(settings()) as archive:
        stored = archive.articles.get(article) or (
            archive.articles.by_url(canonicalise(article)) if "://" in article else None
        )
        if stored is None:
            raise Refusal(f"文库里没有这篇文章：{article}；编号见 zhaoshang search --json 的 id")
        kept = archive.readings.version(stored.id)
    found = stored.article
    told = explain_text(found.title, found.text, published=format_published(found))
    if as_json:
        print_json({"id": stored.id, "title": found.title, "kept_reading_version": kept, **told})
        return
    out.print(f"{found.title or '（无题）'}  {stored.id}", markup=False, highlight=False)
    for line in explanation_lines(told):
        out.print(line, markup=False, highlight=False)
    if kept != told["version"]:
        err.print(
            f"· 文库里存的是{'版本 ' + kept if kept else '没有研读过的'}，以上按现在的版本 {told['version']}：运行 zhaoshang index",
            markup=False,
        )


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
    from indexer.analysis.lexicon import lexicon as read
    from indexer.engines.registry import open_engine
    from indexer.search.lexicon_check import check as check_lexicon

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
    app.command(rich_help_panel=PANEL)(explain)
    app.add_typer(lexicon, name="lexicon", rich_help_panel=PANEL)
