"""`zhaoshang crawl, extract, add, import`: the verbs that collect."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.cli.progress import crawl_note
from crawler.reasons import describe_error
from crawler.terminal import Refusal, err, print_json, step

if TYPE_CHECKING:
    from crawler.stages.extract import ExtractReport

PANEL = "采集"
NOW = typer.Option(None, "--now", help="把此刻当作某个时间（如 2024-05-01T02:00），决定哪些来源和文章到期")


def parse_now(text: str | None) -> datetime | None:
    """An ISO time; a naive one is Shanghai's. Raises Refusal."""
    from crawler.article import parse_published

    try:
        return parse_published(text)[0]
    except ValueError:
        raise Refusal(f"--now 应为 2024-05-01 或 2024-05-01T02:00，而不是 {text!r}") from None


def crawl(
    sources: list[str] | None = typer.Argument(None, help="来源的名称；不写则采集所有已启用且到期的来源"),
    force: bool = typer.Option(False, "--force", help="未到期也采"),
    since: str | None = typer.Option(None, "--since", help="补采：从哪一年、月、日起（2018、2018-06、2018-06-15）"),
    until: str | None = typer.Option(None, "--until", help="补采：到哪一年、月、日止，含这一天；不写则到今天"),
    stop: bool = typer.Option(False, "--stop", help="不再补采这些来源；写同样的 --since 和 --until 会接着来"),
    now: str | None = NOW,
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """采集：列表 → 文章页，存为快照（WARC）。

    只采新的，历史逐晚补齐；Ctrl-C 停下后可继续。

    补采：zhaoshang crawl 来源 --since 2018 --until 2020 沿列表往回读，收下这几年的文章，不管来源文件的 since。
    一次用一夜的预算（来源文件的 budget），没读完的由 nightly 每夜接着读，也可再运行同一命令；与平日的采集互不影响。
    """
    if since or until or stop:
        from crawler.cli.backfill import backfill

        backfill(sources, since=since, until=until, stop=stop, now=parse_now(now), as_json=as_json)
        return
    from crawler.archive import Archive
    from crawler.cli.sources import select
    from crawler.cluster.crawl import crawl as crawl_by_workers
    from crawler.cluster.membership import crawling
    from crawler.configuration import settings
    from crawler.sources import load_registry
    from crawler.spiders.report import CrawlReport
    from crawler.stages.crawl import crawl as crawl_here
    from crawler.stages.crawl import due_sources

    config = settings()
    registry = load_registry(config)
    moment = parse_now(now)
    with Archive.open(config) as archive:
        if sources:
            names = [s.name for s in select(sources, None, None, registry)]
        else:
            names = due_sources(registry, archive, moment, force=force)
            if not names:
                enabled = [n for n in registry if archive.frontier.source_state(n).enabled]
                if not enabled:
                    raise Refusal("还没有启用任何来源；先看 zhaoshang sources list，再 zhaoshang sources enable 名称")
                err.print(f"{len(enabled)} 个已启用的来源都还没到期；现在就采：zhaoshang crawl --force")
                if as_json:
                    print_json(CrawlReport(run=0, sites=(), seconds=0.0, not_due=tuple(enabled)).to_json())
                return
        with crawling(archive, config) as shared, step("采集") as bar:
            crawl_sources = crawl_by_workers if shared else crawl_here
            report = crawl_sources(
                names, archive, config, now=moment, force=bool(sources) or force, progress=crawl_note(bar)
            )
    if as_json:
        print_json(report.to_json())
    else:
        for line in report.lines():
            err.print(line, markup=False)
    if report.interrupted:
        raise typer.Exit(130)
    if report.failed:
        raise typer.Exit(1)


def extract(
    files: list[Path] | None = typer.Argument(
        None, help="网页文件：提取后打印为 JSON 行，不写入文库；- 为标准输入。不写则提取文库里待提取的快照"
    ),
    url: str | None = typer.Option(None, "--url", help="文件的网址（识别发布系统、补全链接）"),
    everything: bool = typer.Option(False, "--all", help="从原始快照全部重新提取"),
    source: str | None = typer.Option(None, "--source", help="只提取某个来源"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """提取：快照 → 干净的文章。

    与招商引资无关的不收，记为不切题；判断用的词表变了，不切题的自动重新判断。
    """
    if files:
        if everything or source:
            raise Refusal("提取文件时不能用 --all 或 --source")
        _extract_files(files, url)
        return
    from crawler.archive import Archive
    from crawler.cli.sources import select
    from crawler.cluster.extract import extract as extract_by_workers
    from crawler.cluster.membership import is_shared
    from crawler.configuration import settings
    from crawler.probing.golden import keep_goldens
    from crawler.sources import load_registry
    from crawler.stages.extract import extract_captures

    config = settings()
    registry = load_registry(config)
    if source:
        select([source], None, None, registry)
    with Archive.open_existing(config) as archive, step("提取") as bar:
        extract_all = extract_by_workers if is_shared(archive, config) else extract_captures
        report = extract_all(
            archive,
            registry,
            config,
            everything=everything,
            source=source,
            progress=lambda done, report: bar.update(done, report.waiting, summary(report)),
            tell=err.print,
        )
        keep_goldens(archive, registry, config, report.sample)
    if as_json:
        print_json(report.to_json())
    else:
        _print_extracted(report)
    if report.unreadable:
        raise typer.Exit(1)


def _print_extracted(report: ExtractReport) -> None:
    err.print(f"提取了 {report.captures} 份快照：{summary(report)}")
    if told := report.mended.line():
        err.print(f"{told}；旧的读法不留作版本")
    for where, why in report.failures[:10]:
        err.print(f"  失败 {where}：{why}", markup=False)
    if len(report.failures) > 10:
        err.print(f"  …… 另有 {len(report.failures) - 10} 个")
    for line in report.unreadable[:10]:
        err.print(f"✗ {line}", markup=False)
    if len(report.unreadable) > 10:
        err.print(f"✗ 另有 {len(report.unreadable) - 10} 份存档读不出，全部见 --json")


def summary(report: ExtractReport) -> str:
    """One line: what became of the captures."""
    return (
        f"新文章 {report.new}，有改动 {report.changed}，未变 {report.same}，"
        f"不切题 {report.rejected}，不是文章 {report.not_article}，失败 {report.failed}"
    )


def _extract_files(files: list[Path], url: str | None) -> None:
    from crawler.article import ExtractionError, NotAnArticle
    from crawler.extraction import extract as extract_page

    wrong = 0
    for file in files:
        try:
            content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
            article = extract_page(content, url or file.resolve().as_uri())
        except NotAnArticle as refusal:
            err.print(f"{file}：不是文章（{refusal.reason}）", markup=False)
            wrong += 1
        except ExtractionError as error:
            err.print(f"{file}：无法提取（{error.reason}）", markup=False)
            wrong += 1
        except OSError as error:
            err.print(f"{file}：读不到（{describe_error(error)}）", markup=False)
            wrong += 1
        else:
            sys.stdout.write(article.dumps() + "\n")
    if wrong:
        raise typer.Exit(1)


def add(
    url: str = typer.Argument(..., help="一篇文章的网址"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """收一篇：现在就把一个网页存为快照并提取，可以引用。

    遵守 robots.txt；不问是否与招商引资有关。
    """
    from crawler.archive import Archive
    from crawler.article import format_published
    from crawler.configuration import settings
    from crawler.importing.single_page import add_page
    from crawler.sources import load_registry

    config = settings()
    with Archive.open(config) as archive, step("收一篇") as bar:
        added = add_page(url, archive, load_registry(config), config, progress=bar.note)
    article = added.article
    place = f"http://{config.host}:{config.port}/articles/{article.id}"
    if as_json:
        print_json({"outcome": added.outcome, "about": added.on_topic, "page": place, "article": article.to_json()})
        return
    said = {"new": "新文章", "changed": "有改动", "same": "未变"}[added.outcome]
    err.print(f"{said}：{article.title or '无题'}", markup=False)
    err.print(f"日期 {format_published(article) or '—'}；来源 {article.origin or '—'}；编号 {article.id}", markup=False)
    if not added.on_topic:
        err.print("看来与招商引资无关；既然指名要收，照收。")
    err.print(f"运行 zhaoshang index 后能检索到；用 zhaoshang serve 打开后在 {place}", markup=False)


def import_(
    file: Path = typer.Argument(
        ...,
        help="JSONL 文件（一行一篇：text 与 url、id 之一必填）、WARC 文件、存下的网页（HTML、MHTML）或存有网页的文件夹",
    ),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """导入：把别处的文章（JSONL）或网页（WARC、HTML、文件夹）收进文库。

    网页存为快照并提取，与招商引资无关的不收。同一文件导入两次不会有变化；出错的行会说明行号，其余照收。
    文件夹里的网页，网址取自 addresses.csv（文件,网址），或网页里“saved from url”之类的注记。
    """
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.importing.articles import import_articles
    from crawler.importing.pages import is_pages

    if is_pages(file) and file.exists():
        _import_pages(file, as_json)
        return
    if not file.is_file():
        raise Refusal(f"没有这个文件：{file}")
    with Archive.open(settings()) as archive, step("导入") as bar:
        report = import_articles(file, archive, progress=bar.update)
    if as_json:
        print_json(report)
    else:
        err.print(
            f"读了 {report.lines} 行：新文章 {report.new}，有改动 {report.changed}，未变 {report.same}，出错 {len(report.faults)}"
        )
        if report.new or report.changed:
            err.print("接着运行 zhaoshang index，就能检索到它们。")
    for number, reason in report.faults[:20]:
        err.print(f"  {file} 第 {number} 行：{reason}", markup=False)
    if len(report.faults) > 20:
        err.print(f"  …… 另有 {len(report.faults) - 20} 行")
    if report.lines == 0:
        raise Refusal(f"{file} 里没有内容；应为每行一个 JSON 对象")
    if report.faults:
        raise typer.Exit(1)


def _import_pages(path: Path, as_json: bool) -> None:
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.importing.pages import import_pages
    from crawler.sources import load_registry

    config = settings()
    with Archive.open(config) as archive, step("导入") as bar:
        report = import_pages(
            path, archive, load_registry(config), config, progress=bar.update, note=bar.note, tell=err.print
        )
    if as_json:
        print_json(report)
    else:
        waiting = f"，待提取 {report.waiting}" if report.waiting else ""
        err.print(
            f"读了 {report.pages} 页：收下 {report.kept}，不切题 {report.rejected}，"
            f"不是文章 {report.no_article}，早已有 {report.known}{waiting}"
            + (f"；另有 {report.repeats} 条记录说网页没有变" if report.repeats else "")
        )
        if report.lists:
            err.print(f"其中 {len(report.lists)} 页是列表，用 zhaoshang sources add 网址 加为来源：")
            for url in report.lists[:3]:
                err.print(f"  {url}", markup=False)
    for fault in report.faults[:20]:
        err.print(f"  {fault}", markup=False)
    if len(report.faults) > 20:
        err.print(f"  …… 另有 {len(report.faults) - 20} 处")
    if report.faults:
        raise typer.Exit(1)
    if report.pages == 0:
        raise Refusal(f"{path} 里没有网页")


def add_verbs(app: typer.Typer) -> None:
    """Puts this package's verbs into the command."""
    app.command(rich_help_panel=PANEL)(crawl)
    app.command(rich_help_panel=PANEL)(extract)
    app.command(rich_help_panel=PANEL)(add)
    app.command("import", rich_help_panel=PANEL)(import_)
