"""The verbs search, serve, export and mcp."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text
from typer.core import TyperCommand, TyperOption

from crawler.terminal import Refusal, err, out, print_json, step

if TYPE_CHECKING:
    from indexer.search.searcher import Answer, Hit, Searcher

PANEL = "检索"
MOST_SHOWN = 10_000  # hits: search_api.parameters.DEEPEST, which this file may not load for --help; a test compares


@contextmanager
def open_searcher() -> Iterator[Searcher]:
    """A searcher over the settings' engine and archive. Raises EngineError, ArchiveError."""
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.sources import read_registry
    from indexer.engines.registry import open_engine
    from indexer.search.searcher import Searcher

    config = settings()
    registry, _ = read_registry(config)
    with Archive.open_existing(config) as archive:
        engine = open_engine(config)
        try:
            yield Searcher(engine, archive, registry)
        finally:
            engine.close()


def search(
    query: str | None = typer.Argument(None, help='检索式，如：飞地招商 "利益共享" -旅游 region:江苏 after:2022'),
    top: int = typer.Option(10, "--top", "-n", min=1, max=MOST_SHOWN, help="最多几条"),
    sort: str | None = typer.Option(None, "--sort", help="relevance（默认）、newest、oldest 或 added（新收录）"),
    strict: bool = typer.Option(False, "--strict", help="命中太少时也不放宽"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
    batch: Path | None = typer.Option(
        None, "--batch", help='批量检索：CSV 文件，列 id、query；或 JSONL 文件，每行 {"id", "query"}'
    ),
    format_: str | None = typer.Option(
        None, "--format", help="批量检索的输出格式：csv（一行一条命中）或 trec；默认随输入文件"
    ),
) -> None:
    """检索。

    空格为“且”，还可用 \"原样\"、-排除、OR、括号和 title: source: origin: author: region: kind: practice: possible: industry: firm: investor_origin: event: genre: figure: value: year: after: before: since:（那时起收录的）。

    例：zhaoshang search '(飞地 OR 共建园区) region:湖南 after:2022'；每种写法的说明见 serve 打开的 /help。

    批量：zhaoshang search --batch 检索式.csv --format csv --top 50 > 命中.csv；输入第一行写列名 id、query（或 编号、检索式），一行一个检索式。
    """
    from indexer.search.spelling import did_you_mean
    from search_api.services.suggested_filters import suggested_query

    if (query is None) == (batch is None):
        raise Refusal("请写检索式，或用 --batch 给出一个文件（二者取一）")
    if batch is None and format_ is not None:
        raise Refusal("--format 只用于批量检索（--batch）；单个检索式要机器可读的结果，请用 --json")
    if batch is not None and (as_json or sort not in (None, "relevance")):
        raise Refusal("批量检索（--batch）按相关度输出 CSV 或 TREC 格式，不能与 --json、--sort 同用")
    if format_ not in (None, "trec", "csv"):
        raise Refusal(f"--format 只有 csv 和 trec，而不是 {format_!r}")
    if sort not in (None, "relevance", "newest", "oldest", "added"):
        raise Refusal(f"--sort 应为 relevance、newest、oldest 或 added，而不是 {sort!r}")
    with open_searcher() as searcher:
        health = searcher.engine.health()
        if empty := health.ok and not health.documents:
            err.print(_empty(searcher))
        if batch is not None:
            table = format_ == "csv" or (format_ is None and batch.suffix.lower() == ".csv")
            (_write_batch if table else _run_batch)(searcher, batch, top, strict)
            return
        assert query is not None
        answer = searcher.search(query, top=top, sort=sort or "relevance", strict=strict)  # type: ignore[arg-type]
        offered = None if as_json else suggested_query(searcher, query, answer.total)
        meant = did_you_mean(searcher.engine, answer.corrected or query, answer.total)
    if as_json:
        print_json({**answer_json(answer), "did_you_mean": meant})
    elif not empty:
        _print_answer(answer)
        if meant:
            err.print(f"· 您是不是要找：{shlex.join(['zhaoshang', 'search', meant])}", markup=False)
        if offered:
            err.print(
                f"· 也可以当作条件来找，{offered[1]:,} 篇：{shlex.join(['zhaoshang', 'search', offered[0]])}",
                markup=False,
            )


def _tell_of_a_missing_archive() -> None:
    """Whoever serves may come before the first night; but an empty page should not be the first to say so."""
    from crawler.archive import ArchiveError, missing_archive
    from crawler.configuration import settings

    try:
        if said := missing_archive(settings()):
            err.print(f"注意：{said}", markup=False)
    except ArchiveError as error:  # its pages say so too, until the database answers
        err.print(f"注意：{error}", markup=False)


def _empty(searcher: Searcher) -> str:
    """What to do where there is nothing to search in."""
    articles = searcher.archive.counts().articles if searcher.archive else 0
    if articles:
        return f"索引是空的，文库里有 {articles:,} 篇文章：运行 zhaoshang index 建索引，再来检索。"
    from crawler.configuration import settings

    return f"{settings().data.absolute()} 的索引和文库都是空的：运行 zhaoshang demo 看示例，zhaoshang nightly 采集已启用的网站，或 zhaoshang import 导入文章。"


def _run_batch(searcher: Searcher, file: Path, top: int, strict: bool) -> None:
    from search_api.exports.batch import read_queries

    queries = read_queries(file)
    with step("检索", len(queries), in_lines=True) as bar:
        for n, (qid, query) in enumerate(queries, 1):
            for rank, (document, score) in enumerate(searcher.run(query, top, strict), 1):
                sys.stdout.write(f"{qid} Q0 {document} {rank} {score:.6f} zhaoshang\n")
            bar.update(n)


def _write_batch(searcher: Searcher, file: Path, top: int, strict: bool) -> None:
    from crawler.configuration import settings
    from search_api.exports.batch import batch_lines, read_queries
    from search_api.server import base_of

    queries = read_queries(file)
    with step("检索", len(queries), in_lines=True) as bar:
        for line in batch_lines(searcher, queries, base=base_of(settings()), top=top, strict=strict, done=bar.update):
            sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def answer_json(answer: Answer) -> dict[str, Any]:
    """The stable shape of `search --json`."""
    return {
        "query": answer.query,
        "total": answer.total,
        "relation": answer.relation,
        "widened": answer.widened,
        "corrected": answer.corrected,
        "about": [{"key": topic.key, "label": topic.label} for topic in answer.about],
        "hits": [_hit_json(hit) for hit in answer.hits],
        "explain": answer.explain,
        "seconds": round(answer.seconds, 4),
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    from dataclasses import asdict

    row = asdict(hit)
    row["published"] = row.pop("published_text") or hit.published
    return row


def _marked(text: str, marks: tuple[tuple[int, int], ...], style: str = "") -> Text:
    shown = Text(text, style=style)
    for start, end in marks:
        shown.stylize("black on yellow", start, end)
    return shown


def _print_answer(answer: Answer) -> None:
    if answer.corrected:
        err.print(f"没有“{answer.query}”，按“{answer.corrected}”检索；照原样找：给它加上引号", markup=False)
    err.print(f"命中 {answer.total:,} 篇，用时 {answer.seconds * 1000:.0f} 毫秒")
    if answer.about:
        err.print(f"· 讲的是：{'、'.join(topic.label for topic in answer.about)}（排在前面，不作条件）", markup=False)
    for note in answer.explain.get("notes", ()):
        err.print(f"· {note}", markup=False)
    if not answer.hits:
        err.print("没有命中；试试少写几个词，或去掉引号和限定。")
    if answer.widened:
        err.print(f"—— {answer.widened} ——", markup=False)
    for n, hit in enumerate(answer.hits, 1):
        out.print(Text(f"{n:3}. "), _marked(hit.title or "（无题）", hit.title_marks, "bold"), sep="")
        when = (hit.published_text or "").replace("T", " ").removesuffix("+08:00")
        whole = "全部词语都有" if answer.widened and not hit.widened else None
        facts = [whole, when, hit.source_title or hit.publisher, hit.origin and f"来源：{hit.origin}", hit.url]
        out.print("     " + " · ".join(f for f in facts if f), style="dim", markup=False)
        if hit.snippet:
            out.print(Text("     "), _marked(hit.snippet, hit.snippet_marks), sep="")


def serve(
    host: str | None = typer.Option(None, "--host", help="监听地址；默认取设置 HOST"),
    port: int | None = typer.Option(None, "--port", min=0, max=65535, help="端口；默认取设置 PORT"),
    workers: int = typer.Option(1, "--workers", min=1, max=64, help="几个进程一起回答；每个约 250 MB 内存"),
) -> None:
    """打开检索页面和 API，Ctrl-C 结束。"""
    from crawler.configuration import settings
    from search_api.server import note_interrupts, run

    changes = {k: v for k, v in (("host", host), ("port", port)) if v is not None}
    interrupts = note_interrupts() if workers == 1 else []
    _tell_of_a_missing_archive()
    run(
        settings().model_copy(update=changes),
        workers=workers,
        interrupts=interrupts,
        on_ready=lambda address: err.print(f"检索页面：{address}，接口说明：{address}/help/api，Ctrl-C 结束"),
    )


class ExportCommand(TyperCommand):
    """Names the formats when its help is asked for: to know them takes longer than the help of the other verbs may."""

    def get_help(self, ctx: Any) -> str:
        from search_api.exports.registry import search_formats

        for parameter in self.params:
            if isinstance(parameter, TyperOption) and parameter.name == "format_":
                parameter.help = "、".join(search_formats())
        return super().get_help(ctx)


def export(
    query: str | None = typer.Argument(None, help="检索式"),
    format_: str = typer.Option("jsonl", "--format"),
    everything: bool = typer.Option(False, "--all", help="全库：-o 给出文件夹，写成 JSONL 若干份，附清单和校验和"),
    output: Path | None = typer.Option(None, "--output", "-o", help="写到文件；默认标准输出"),
    standard: str = typer.Option("2025", "--standard", help="引文按 GB/T 7714 的哪一版：2025 或 2015"),
) -> None:
    """导出检索式命中的全部文章（不含放宽的），行数等于检索页面的总数。

    figures 是其中的数字，一行一个，附原话、种类、状态、地方和引用；检索式里有 figure: 或 value: 时，只要合乎条件的。

    全库：zhaoshang export --all -o 文件夹。可以中断，同一命令接着写；manifest.json 是清单，sha256sum -c SHA256SUMS 核对。
    """
    from crawler.configuration import settings
    from search_api.exports.export import export as export_hits
    from search_api.exports.format import FigureFormat
    from search_api.exports.records import STANDARDS
    from search_api.exports.registry import search_formats
    from search_api.server import base_of

    if everything:
        _export_all(query, format_, output)
        return
    if query is None:
        raise Refusal("请写检索式；要全库，用 --all -o 文件夹")
    chosen = search_formats().get(format_)
    if chosen is None:
        raise Refusal(f"没有 {format_!r} 这种格式；可用：{'、'.join(search_formats())}")
    edition = next((known for known in STANDARDS if known == standard), None)
    if edition is None:
        raise Refusal(f"--standard 只有 {'、'.join(STANDARDS)}（GB/T 7714 的版本），没有 {standard!r}")
    base = base_of(settings())
    with open_searcher() as searcher:
        if output is None:
            if sys.stdout.isatty() and not chosen.is_text:
                raise Refusal(f"{format_} 不是文字，不往终端里写；用 -o 文件名")
            export_hits(query, format_, sys.stdout.buffer, searcher, base=base, standard=edition)
            return
        if output.is_dir() or not output.parent.is_dir():
            wrong = "是文件夹，不是文件" if output.is_dir() else "没有这个文件夹"
            raise Refusal(f"写不了 {output}：{wrong}")
        device = output.exists() and not output.is_file()  # a pipe, too: no file to put another in place of
        part = output if device else output.with_name(output.name + ".part")
        with part.open("wb") as stream:
            rows = export_hits(query, format_, stream, searcher, base=base, standard=edition)
        if not device:
            part.replace(output)
    err.print(f"已写入 {output}：{rows:,} {'个数字' if isinstance(chosen, FigureFormat) else '篇'}")


def _export_all(query: str | None, format_: str, folder: Path | None) -> None:
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.sources import read_registry
    from search_api.exports.records import Recorder
    from search_api.exports.whole_archive import MANIFEST, write_archive
    from search_api.server import base_of

    if query is not None or format_ != "jsonl" or folder is None:
        raise Refusal("全库写作 zhaoshang export --all -o 文件夹：不带检索式，格式是 jsonl")
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} 是文件，不是文件夹")
    registry, _ = read_registry(settings())
    titles = {name: source.title for name, source in registry.items()}
    recorder = Recorder(base_of(settings()), lambda name: titles.get(name or "", name or ""))
    with (
        Archive.open_existing(settings()) as archive,
        step("导出全库", archive.counts().articles, in_lines=True) as bar,
    ):
        manifest = write_archive(archive, recorder, folder, done=bar.update)
    err.print(f"已写入 {folder}：{manifest['articles']:,} 篇，{len(manifest['parts'])} 份；清单 {MANIFEST}")


def words(
    query: str = typer.Argument(..., help="检索式"),
    as_json: bool = typer.Option(False, "--json", help="输出 JSON"),
) -> None:
    """命中的文章比全库多用哪些词（对数似然，文章多的抽样）。

    例：zhaoshang words 'practice:飞地 after:2020'。列：词、次数、篇数、每千词、全库每千词、对数似然。
    """
    from dataclasses import asdict

    from crawler.configuration import settings
    from search_api.services.typical_words import typical_words
    from search_api.web.app_state import AppState

    state = AppState.of_existing(settings())
    try:
        found = typical_words(state, query, {})
    finally:
        state.close()
    if as_json:
        print_json(asdict(found))
        return
    err.print(f"命中 {found.total:,} 篇，读了 {found.sampled:,} 篇；全库对照 {found.reference:,} 篇")
    if not found.words:
        err.print("没有一个词比全库显著地多。")
    for one in found.words:
        shares = f"{one.here:.2f}\t{one.there:.2f}"
        sys.stdout.write(f"{one.word}\t{one.count}\t{one.articles}\t{shares}\t{one.log_likelihood:.1f}\n")


def mcp(
    http: bool = typer.Option(False, "--http", help="用 HTTP（streamable HTTP，路径 /mcp），不用标准输入输出"),
    port: int | None = typer.Option(None, "--port", min=0, max=65535, help="HTTP 的端口；默认取设置 PORT"),
) -> None:
    """供智能助手使用（Model Context Protocol）：检索、读全文、找原句、计数、引用；默认走标准输入输出。

    在助手的设置里把命令写作 zhaoshang mcp，环境变量 ZHAOSHANG_DATA 写数据目录的完整路径。
    """
    from crawler.configuration import settings

    try:
        from search_api.mcp_server import run
    except ImportError as error:
        raise Refusal("缺少 mcp 包（2.0 或更新的版本）：pip install 'zhaoshang[mcp]'") from error
    _tell_of_a_missing_archive()
    run(settings() if port is None else settings().model_copy(update={"port": port}), http=http)


def add_verbs(app: typer.Typer) -> None:
    """Puts this package's verbs into the command."""
    app.command(rich_help_panel=PANEL)(search)
    app.command(rich_help_panel=PANEL)(serve)
    app.command(cls=ExportCommand, rich_help_panel=PANEL)(export)
    app.command(rich_help_panel=PANEL)(words)
    app.command(rich_help_panel=PANEL)(mcp)
