"""Whether an archive is worked on by a cluster: that is so while a worker is alive (docs/decisions/0465)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from crawler.archive import Archive, ArchiveError
from crawler.archive.cluster.lease import Lease
from crawler.archive.cluster.workers import Worker
from crawler.archive.migrations.migrate import HEAD
from crawler.cluster.pooling import refuse_pooled
from crawler.cluster.queue import refuse_without_extra
from crawler.configuration import Settings, own_version
from crawler.terminal import Refusal

ALONE = "crawl of one machine"
PATIENCE = 3.0  # seconds: workers that join at once have this lock for a moment each


def is_shared(archive: Archive, settings: Settings) -> bool:
    """Whether verbs hand their work to workers. Raises Refusal where workers are alive that this program cannot work with: without the extra, of another version, or through a pooler."""
    if not settings.database.startswith("postgres"):
        return False
    alive = archive.workers.alive()
    if alive:
        refuse_without_extra()
        refuse_other_versions(alive)
        refuse_pooled(settings.database)
    return bool(alive)


@contextmanager
def crawling(archive: Archive, settings: Settings) -> Iterator[bool]:
    """Around a crawl: whether workers do it. Where this machine does, none may join until it is done: it knows nothing of their locks. Raises Refusal, ArchiveError."""
    if not settings.database.startswith("postgres"):
        yield False
        return
    alone = Lease.take(settings.database, archive.database.name, [ALONE], settled=False, shared=True, wait=PATIENCE)
    if alone is None:
        raise Refusal("一个工作进程正在加入，过几秒再试")
    try:
        shared = is_shared(
            archive, settings
        )  # looked at under the lock: a worker joins first, and then looks whether it is held
        if shared:
            alone.release()
        yield shared
    finally:
        alone.release()


def refuse_beside_one_machine(archive: Archive, settings: Settings) -> None:
    """Raises Refusal where a machine crawls without the cluster."""
    lease = Lease.take(settings.database, archive.database.name, [ALONE], settled=False, wait=PATIENCE)
    if lease is None:
        raise Refusal("一台机器正在不经工作进程采集这个文库（crawl 或 nightly）：等它结束再开")
    lease.release()


def refuse_other_versions(alive: Iterable[Worker]) -> None:
    """Raises Refusal where a living worker runs another version of the program, with both."""
    other = next((worker for worker in alive if worker.version != own_version()), None)
    if other is not None:
        raise Refusal(
            f"工作进程 {other.name}（{other.host}）是 {other.version} 版，这里是 {own_version()} 版：先停下它们（Ctrl-C），都换成同一版再开"
        )


def schema_fault(archive: Archive) -> str | None:
    """What is wrong where the database's tables are no longer those of this program."""
    try:
        there = archive.workers.schema()
    except ArchiveError as error:
        return str(error)
    return None if there == HEAD else f"文库的结构已是 {there}，本程序（{own_version()} 版）用的是 {HEAD}：升级后再开"
