"""`zhaoshang cluster …`: work as one of several machines, see who works, give up a lost one."""

from __future__ import annotations

from collections import defaultdict

import typer
from rich.table import Table

from crawler.cli.selection import JSON
from crawler.terminal import Refusal, err, minute, out, print_json

HELP = """多机：几台机器同用一个文库（PostgreSQL）和一个索引（Elasticsearch）。

每台机器运行 [bold]cluster work[/bold]；在任何一台上照常运行 nightly、crawl、extract、index、schedule，活由各台分着干。需要另装：pip install 'zhaoshang\\[cluster]'。
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")


@app.callback(help=HELP)
def _cluster() -> None:
    pass


@app.command()
def work(
    crawl: int | None = typer.Option(None, "--crawl", min=0, max=64, help="同时采集几个网站"),
    extract: int | None = typer.Option(None, "--extract", min=0, help="用几个进程提取和研读"),
    index: bool = typer.Option(False, "--index", help="写索引；一次只有一台在写"),
    name: str | None = typer.Option(None, "--name", help="名字；默认取设置 MACHINE"),
    lease: float = typer.Option(90.0, "--lease", min=2.0, help="失联几秒后由别的机器接手"),
) -> None:
    """在这台机器上接活，直到 Ctrl-C。

    不写 --crawl、--extract、--index 时，同时采集 8 个网站，每核一个进程提取。同一台机器上开第二个，要另起名字，另设 ZHAOSHANG_DATA。

    随时可以结束或断电（kill -9 也行）：没做完的由别的机器接着做。来源文件（DATA/sources）、订正和设置，每台机器要一样。

    一次访问与数据库断了联系，过 --lease 的一半就自己停下，过了 --lease 由别的机器接手；少于 90 秒时，回答得慢的网站可能同时收到两个请求。
    """
    import os
    import re

    from crawler.configuration import settings
    from zhaoshang.cluster.worker import Duties, work

    config = settings()
    if crawl is None and extract is None and not index:
        duties = Duties(8, os.cpu_count() or 1, False)
    else:
        duties = Duties(crawl or 0, extract or 0, index)
    if not (duties.visits or duties.extracts or duties.indexes):
        raise Refusal("没有活可接：写 --crawl 8、--extract 2、--index 中的一项或几项")
    named = name or config.machine_name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}", named):
        raise Refusal(f"--name 应由字母、数字和 - _ . 组成，而不是 {named!r}")
    work(config, named, duties, lease)


@app.command("list")
def list_(as_json: bool = JSON) -> None:
    """谁活着，在做什么，队列里还有多少。"""
    from crawler.archive import Archive
    from crawler.cluster.queue import open_queue, refuse_single
    from crawler.configuration import settings

    config = settings()
    refuse_single(config)
    with Archive.open_existing(config) as archive:
        workers, current = archive.workers.all(), archive.visits.current()
        with open_queue(config, archive) as queue:
            counts = queue.counts()
    visiting: dict[str, list[str]] = defaultdict(list)
    for visit in current:
        visiting[visit.worker].append(visit.source)
    if as_json:
        told = [
            {
                "name": worker.name,
                "host": worker.host,
                "process": worker.process,
                "version": worker.version,
                "alive": worker.alive,
                "crawl": worker.visits,
                "extract": worker.extracts,
                "index": worker.indexes,
                "started_at": worker.started_at,
                "seen_at": worker.seen_at,
                "visiting": visiting[worker.name],
            }
            for worker in workers
        ]
        print_json({"workers": told, "queue": [{"kind": k, "waiting": w, "doing": d} for k, w, d in counts]})
        return
    if not workers:
        err.print("没有工作进程；在每台机器上运行 zhaoshang cluster work")
    table = Table(box=None, pad_edge=False)
    for heading in ("名字", "主机", "状态", "采集", "提取", "索引", "起于", "正在采集"):
        table.add_column(heading)
    for worker in workers:
        state = "活着" if worker.alive else f"{_ago(worker.silent)}没有声息"
        sources = visiting[worker.name]
        shown = "、".join(sources[:5]) + (f"等 {len(sources)} 个" if len(sources) > 5 else "")
        numbers = (str(worker.visits or "—"), str(worker.extracts or "—"), "✓" if worker.indexes else "—")
        table.add_row(worker.name, worker.host, state, *numbers, minute(worker.started_at), shown or "—")
    if workers:
        out.print(table)
    names = {"visit": "访问", "extract": "提取", "read": "研读", "index": "索引", "night": "夜", "prune": "清理"}
    told_counts = "，".join(f"{names.get(kind, kind)} 等候 {w}、在做 {d}" for kind, w, d in counts)
    err.print(f"队列：{told_counts or '空'}")


@app.command()
def forget(name: str = typer.Argument(..., help="工作进程的名字，见 cluster list")) -> None:
    """除名：一台机器坏了、撤了，不再回来。

    它手上的访问作废，由别的机器重做；只在它磁盘上、还没有存进仓库（ZHAOSHANG_STORE）的网页重新排队，下一夜再抓。
    磁盘还在就不要除名：在那台机器上再开 cluster work，它会把剩下的存进仓库。它还活着就先结束它。
    """
    from crawler.archive import Archive
    from crawler.archive.keeping.lost_disk import put_back
    from crawler.cluster.queue import refuse_single
    from crawler.configuration import settings

    config = settings()
    refuse_single(config)
    with Archive.open_existing(config) as archive:
        known = next((worker for worker in archive.workers.all() if worker.name == name), None)
        if known is None:
            raise Refusal(f"没有名为 {name} 的工作进程；见 zhaoshang cluster list")
        if known.alive:
            raise Refusal(f"{name} 还活着（{known.host}，进程 {known.process}）：先在那台机器上结束它")
        revoked = archive.visits.revoke(name)
        lost, again = put_back(archive, name)
        archive.workers.leave(name)
    told = [f"作废了 {revoked} 次没做完的访问" if revoked else ""]
    told.append(f"{lost} 份快照只在它的磁盘上，{again} 页重新排队" if lost else "")
    err.print("，".join(filter(None, (f"{name} 已除名", *told))))


def _ago(seconds: float) -> str:
    return (
        f"{seconds:.0f} 秒"
        if seconds < 120
        else f"{seconds / 60:.0f} 分钟"
        if seconds < 7200
        else f"{seconds / 3600:.0f} 小时"
    )
