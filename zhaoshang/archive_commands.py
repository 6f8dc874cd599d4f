"""`zhaoshang archive …`: is the archive whole, take down what must go, move it to another database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.cli.selection import JSON
from crawler.terminal import Refusal, err, out, print_json, step

if TYPE_CHECKING:
    from crawler.configuration import Settings

app = typer.Typer(help="保管文库：检查、备份、恢复、换数据库，撤下不能再留的。", no_args_is_help=True)


@app.callback()
def _archive() -> None:
    """保管文库：检查、备份、恢复、换数据库，撤下不能再留的。"""


@app.command()
def forget(
    what: str | None = typer.Argument(None, help="文章的编号（如 3f2a…）或网址；没有收过的网址也可以，以后就不会收"),
    source: str | None = typer.Option(None, "--source", help="撤下整个来源：它的全部网页和文章，并不再采集"),
    why: str = typer.Option(..., "--why", help="原因，记在文库里，不对外显示"),
    erase: bool = typer.Option(False, "--erase", help="连原始存档也抹去：重写 WARC 文件，去掉这些记录；不能恢复"),
    yes: bool = typer.Option(False, "--yes", "-y", help="不询问"),
    as_json: bool = JSON,
) -> None:
    """撤下一篇文章、一个网页或整个来源，以后也不再收。

    文字、标题、研读结果立刻删除，检索不到；它的页面和快照从此答 410（已撤下）。
    留下一块“墓碑”（网址、日期、原因）：extract --all、导入、add 和以后的采集都不会再收它。
    没有 --erase 时，原始存档仍在 WARC 文件里，只是不再提供；加上 --erase 才真正抹去，别的网页也有的相同内容照留。
    撤下后没有命令可以取回：没有把握时先 zhaoshang archive backup。先前的备份里仍有它，再备份一次到同一处就会去掉。
    """
    from crawler.archive import Archive
    from crawler.archive.access import audit
    from crawler.archive.keeping.erase import erase as erase_records
    from crawler.archive.keeping.forget import find, find_source
    from crawler.archive.keeping.forget import forget as take_down
    from crawler.configuration import settings
    from crawler.sources import load_registry
    from crawler.web.fetcher import address

    if (what is None) == (source is None):
        raise Refusal("请写文章的编号或网址，或用 --source 写一个来源（二者取一）")
    if not why.strip():
        raise Refusal("--why 不能是空的：写明是谁、为什么要撤下，日后才说得清")
    config = settings()
    with Archive.open_existing(config) as archive:
        if source is not None and source not in {*load_registry(config), *archive.frontier.source_states()}:
            raise Refusal(f"没有名为 {source!r} 的来源；用 zhaoshang sources list 查看全部")
        doomed = find_source(archive, source) if source is not None else find(archive, what or "")
        if what is not None and doomed is not None and not (doomed.articles or doomed.captures):
            doomed = find(archive, address(what))  # what it has not is taken down in advance: only what could ever come
        if doomed is None:
            raise Refusal(f"文库里没有编号为 {what} 的文章；编号见 zhaoshang search --json 的 id，或改用网址")
        named = "".join(f"《{title}》" for title in doomed.titles) + (
            "等" if len(doomed.articles) > len(doomed.titles) else ""
        )
        err.print(
            f"将撤下 {len(doomed.articles)} 篇文章{named}，{len(doomed.pages)} 个网页，{len(doomed.captures)} 个捕获"
            + ("；原始存档一并抹去，不能恢复" if erase else "；原始存档保留，不再提供"),
            markup=False,
        )
        if not doomed.articles and not doomed.captures:
            err.print("文库里现在没有它；撤下之后，以后也不会收。")
        if not yes:
            confirm()
        gone = take_down(archive, doomed, why.strip())
        audit.note(config.data, "cli", "forget", source or what or "", erased="yes" if erase else "no")
        left = _out_of_the_index(config, sorted(doomed.articles))
        if erase:
            with step("抹去存档", in_lines=True) as bar:
                erase_records(archive, doomed.captures, doomed.pages, bar.update)
    if as_json:
        print_json({"articles": sorted(doomed.articles), "pages": len(doomed.pages), "captures": len(doomed.captures),
                    "deleted": gone, "erased": erase, "index": left})  # fmt: skip
    else:
        err.print(
            f"已撤下：删去 {len(gone)} 篇文章，{len(doomed.captures)} 个捕获{'已抹去' if erase else '不再提供'}。"
        )
        if erase and not left:
            err.print("索引文件里被删文章的残余，要 zhaoshang index --rebuild 之后才完全没有。")
    if left:
        err.print(f"索引里还没有删去：{left} 之后运行 zhaoshang index", markup=False)
        raise typer.Exit(1)


@app.command()
def backup(
    folder: Path = typer.Argument(..., help="放备份的文件夹，最好在另一块磁盘；每次用同一个，只补新的"),
    stored: bool = typer.Option(False, "--stored", help="连仓库（ZHAOSHANG_STORE）里的存档文件也备份进来"),
    as_json: bool = JSON,
) -> None:
    """把文库备份到一个文件夹：数据库（访问密钥也在里面）、原始存档、你自己的来源、订正、样例页，以及会话的密钥和操作记录。

    采集和检索可以照常进行：备份的是同一时刻的样子，行与存档对得上。WARC 文件按摘要比较，已有的不再复制；
    文件与上次备份时不同（多半已损坏）时不盖掉备份里的，说明该怎么办，退出码为 1。已抹去的（forget --erase）备份里也去掉。
    已存入仓库（ZHAOSHANG_STORE）的存档文件留在仓库里，备份只记下名字、大小、摘要和所在，并核对它们在；要一份不靠仓库的备份，加 --stored。
    索引不备份：随时能从文库重建。随时可中断，上一次的备份仍然完好；再运行会接着做。
    """
    from crawler.archive import Archive
    from crawler.archive.keeping.backup import backup as back_up
    from crawler.configuration import settings

    with Archive.open_existing(settings()) as archive, step("备份", in_lines=True) as bar:
        report = back_up(archive, folder, lambda what, done, total: bar.update(done, total, what), stored=stored)
    if as_json:
        print_json(report)
    else:
        err.print(
            f"已备份到 {folder}：{report.rows:,} 个捕获的行，WARC 文件新复制 {report.copied} 个（{report.copied_bytes / (1 << 20):.1f} MB），"
            f"已有 {report.kept} 个" + (f"，去掉 {report.removed} 个" if report.removed else ""),
            markup=False,
        )
    if report.stored:
        err.print(f"· {report.stored} 个存档文件留在仓库里，没有复制（要复制加 --stored）", markup=False)
    for machine, count in sorted(report.elsewhere.items()):
        err.print(f"· {count} 个存档文件还在工作机 {machine} 上，存入仓库后下次备份", markup=False)
    for fault in report.faults:
        err.print(f"✗ {fault}", markup=False)
    if report.faults:
        raise typer.Exit(1)


@app.command()
def store(
    free: bool = typer.Option(False, "--free", help="仓库里的与摘要逐字节核对无误后，删去本机的副本，腾出磁盘"),
    as_json: bool = JSON,
) -> None:
    """把本机写完的存档文件都放进仓库（ZHAOSHANG_STORE），每个放好后读回来核对摘要。

    一台机器的文库这样加入几台机器的：先 archive copy 把数据库换到 PostgreSQL，设好 ZHAOSHANG_STORE，再运行它；换仓库时也用它。
    随时可中断，再运行会接着做；正在写的文件下次再放。ZHAOSHANG_STORE 写 s3://桶/前缀（桶要先建好，密钥用环境变量
    AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY，自建的服务器再设 AWS_ENDPOINT_URL），或各机都挂载的文件夹的绝对路径。
    """
    from crawler.archive import Archive
    from crawler.archive.keeping.store_files import store_files
    from crawler.configuration import settings

    with Archive.open_existing(settings()) as archive, step("存入仓库", in_lines=True) as bar:
        report = store_files(archive, free=free, progress=bar.update)
    if as_json:
        print_json(report)
    else:
        said = f"已存入 {report.put} 个文件（{report.put_bytes / (1 << 20):.1f} MB），早已在仓库的 {report.kept} 个"
        if report.freed:
            said += f"，本机删去 {report.freed} 个副本（{report.freed_bytes / (1 << 20):.1f} MB）"
        if report.open:
            said += f"；{report.open} 个还在写，下次再放"
        err.print(said, markup=False)
    for fault in report.faults:
        err.print(f"✗ {fault}", markup=False)
    if report.faults:
        raise typer.Exit(1)


@app.command()
def restore(folder: Path = typer.Argument(..., help="archive backup 写过的文件夹")) -> None:
    """从备份恢复文库，写进空的数据目录（ZHAOSHANG_DATA）和空的数据库。

    每个文件都与备份时的摘要核对。备份不分数据库：SQLite 的备份可以恢复进 PostgreSQL（ZHAOSHANG_DATABASE），反过来也可以。
    数据库最后写，中断了再运行一次即可。之后运行 zhaoshang index --rebuild 建索引，zhaoshang archive check 检查一遍。
    """
    from crawler.archive import Archive
    from crawler.archive.access import audit
    from crawler.archive.keeping.backup import restore as bring_back
    from crawler.configuration import settings

    config = settings()
    with step("恢复", in_lines=True) as bar:
        resting = bring_back(folder, config, lambda what, done, total: bar.update(done, total, what))
    audit.note(config.data, "cli", "restore", folder.name)
    with Archive.open(config) as archive:
        counts = archive.counts()
    err.print(
        f"已恢复到 {config.data}：捕获 {counts.captures:,}，文章 {counts.articles:,}，修订 {counts.revisions:,}",
        markup=False,
    )
    if resting and not config.store:
        places = "、".join(sorted({str(facts["place"]) for facts in resting.values()}))
        err.print(
            f"另有 {len(resting)} 个存档文件在仓库 {places}：把 ZHAOSHANG_STORE 设为它，快照才读得到", markup=False
        )
    err.print("接着运行：zhaoshang index --rebuild，然后 zhaoshang archive check")


@app.command()
def copy(
    to: str = typer.Option(
        ..., "--to", help="目标数据库的地址：postgresql+psycopg://用户:密码@主机/库名，或 sqlite:////路径"
    ),
    as_json: bool = JSON,
) -> None:
    """把数据库整个复制到另一个，如从 SQLite 换到 PostgreSQL，或换回来；原来的不动。

    目标须是空的。逐表写入、计数、比较，全部一致才算数，否则什么也不留下。存档文件不复制：数据目录不变。
    请在没有采集的时候做（nightly 正在运行时会拒绝），复制之后的改动不会跟过去。做完把 ZHAOSHANG_DATABASE 设为新地址。
    """
    from crawler.archive import Archive
    from crawler.archive.access import audit
    from crawler.archive.keeping.copy import copy as copy_database
    from crawler.configuration import settings
    from zhaoshang.locks import night_lock

    config = settings()
    with Archive.open_existing(config) as archive, night_lock(config, archive), step("复制", in_lines=True) as bar:
        rows = copy_database(archive.database.engine, config.model_copy(update={"database": to}), bar.update)
        audit.note(config.data, "cli", "copy", to.partition(":")[0])
    if as_json:
        print_json(rows)
        return
    err.print("已复制，逐表核对一致：" + "，".join(f"{name} {count:,}" for name, count in rows.items()))
    err.print("把设置 ZHAOSHANG_DATABASE 改为新地址，就用新的；索引不用重建。")


def confirm() -> None:
    """Asks the operator. Exits with 130 where the answer is no; Refusal where nobody can answer."""
    if not sys.stdin.isatty():
        raise Refusal("没有做：没有人回答。脚本里加 --yes")
    if not typer.confirm("确定吗？", err=True):
        err.print("没有做，什么也没有改。")
        raise typer.Exit(130)


def _out_of_the_index(config: Settings, ids: list[str]) -> str:
    """Takes articles out of the index now; where that cannot be done, why: the next `index` does it, since they changed in the archive."""
    from indexer.engines.base import EngineError
    from indexer.engines.registry import open_engine

    try:
        engine = open_engine(config, write=True)
        try:
            if engine.health().documents:
                engine.write((), ids, engine.cursor())
        finally:
            engine.close()
    except EngineError as error:
        return error.reason
    return ""


@app.command()
def check(
    quick: bool = typer.Option(False, "--quick", help="不逐份读存档，只看数据库的关联和文件的首尾（doctor 也这样看）"),
    as_json: bool = JSON,
) -> None:
    """检查文库是否完好：逐份读存档并与数据库核对，再核对索引。

    看四样：数据库自身（结构、关联、每篇的文字），每个捕获的存档（能读出、摘要相符），没有主的文件，索引（文件的校验和、与文库的文章是否一一对应）。
    什么也不改。有不对的，逐条说明该怎么办，退出码为 1；以 · 开头的只是提醒。采集进行时也可以检查，Ctrl-C 随时停下。
    """
    from crawler.archive import Archive
    from crawler.archive.keeping.check import check as check_archive
    from crawler.archive.keeping.remark import Remark
    from crawler.configuration import settings
    from indexer.engines.base import EngineError
    from indexer.engines.registry import open_engine
    from indexer.indexing.comparison import REBUILD, compare

    config = settings()
    found: list[Remark] = []

    def tell(remark: Remark) -> None:
        found.append(remark)
        if not as_json:
            mark = "✗" if remark.wrong else "·"
            out.print(f"{mark} {remark.part}：{remark.text}", markup=False, highlight=False)

    with Archive.open_existing(config) as archive:
        with step("检查文库", in_lines=True) as bar:
            for remark in check_archive(archive, quick=quick, progress=bar.update):
                tell(remark)
            for damaged in archive.unreadable.damaged_files() if quick else ():
                tell(
                    Remark(
                        "存档",
                        f"{damaged.file} {'不见了' if damaged.missing else '被截短'}，{damaged.captures} 个捕获读不出",
                    )
                )
        with step("检查索引"):
            try:
                engine = open_engine(config)
                try:
                    for line in engine.damage(quick=quick):
                        tell(Remark("索引", f"文件 {line}。{REBUILD}"))
                    for line, wrong in compare(archive, engine):
                        tell(Remark("索引", line, wrong))
                finally:
                    engine.close()
            except EngineError as error:
                tell(Remark("索引", error.reason))
        counts = archive.counts()
    faults = sum(remark.wrong for remark in found)
    if as_json:
        print_json({"ok": not faults, "quick": quick, "remarks": found})
    else:
        said = f"{faults} 处不对" if faults else "没有发现不对"
        err.print(f"{said}：捕获 {counts.captures:,}，文章 {counts.articles:,}，修订 {counts.revisions:,}")
    if faults:
        raise typer.Exit(1)
