"""`zhaoshang archive …`: is the archive whole, take down what must go, move it to another database."""

from __future__ import annotations

import typer

from crawler.cli.selection import JSON
from crawler.terminal import err, out, print_json, step

app = typer.Typer(help="保管文库：检查、备份、恢复、换数据库，撤下不能再留的。", no_args_is_help=True)


@app.callback()
def _archive() -> None:
    """保管文库：检查、备份、恢复、换数据库，撤下不能再留的。"""


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
    from crawler.archive.keeping.check import Remark
    from crawler.archive.keeping.check import check as check_archive
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

    with Archive.open(config) as archive:
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
