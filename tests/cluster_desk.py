"""Workers of a cluster in processes of their own, each with a disk of its own, over one PostgreSQL and one store."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.archive import Archive
from crawler.configuration import load_settings
from tests.cluster_web import ClusterWeb
from tests.whole_way import ROOT, Desk

LEASE = 4
NO_ENGINE = "http://127.0.0.1:9"  # the index has tests of its own


@dataclass
class WorkerProcess:
    name: str
    process: subprocess.Popen[bytes]

    def family(self) -> list[int]:
        """The worker and the processes that it started, the worker first."""
        found, todo = [self.process.pid], [self.process.pid]
        while todo:
            parent = todo.pop()
            children = [
                int(word) for path in Path(f"/proc/{parent}/task").glob("*/children") for word in _read(path).split()
            ]
            found += children
            todo += children
        return found

    def child(self, module: str) -> int | None:
        """The process that runs a module."""
        return next((pid for pid in self.family()[1:] if module in _read(Path(f"/proc/{pid}/cmdline"))), None)

    def signal(self, number: int, *, all_of_it: bool = True) -> None:
        for pid in self.family() if all_of_it else [self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


@dataclass
class ClusterDesk:
    """`folder` holds a data folder a worker, and `front`, that of the machine on which verbs are given."""

    folder: Path
    web: ClusterWeb
    database: str
    lease: float = LEASE
    workers: list[WorkerProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.environment = {
            "ZHAOSHANG_DATABASE": self.database,
            "ZHAOSHANG_ENGINE": NO_ENGINE,
            "ZHAOSHANG_STORE": str(self.folder / "store"),
        }
        (self.folder / "store").mkdir(parents=True, exist_ok=True)
        self.front = self.desk("front")
        self.front.run("sources", "enable", *[site.name for site in self.web.served])

    def desk(self, name: str) -> Desk:
        desk = Desk(self.folder / name / "data", self.environment | {"ZHAOSHANG_MACHINE": name})
        if not (desk.data / "sources").exists():
            self.web.sources(desk.data / "sources")
        return desk

    def start(self, name: str, *, crawl: int = 3, extract: int = 1, python: tuple[str, ...] = (sys.executable,)) -> WorkerProcess:  # fmt: skip
        desk = self.desk(name)
        variables = {k: v for k, v in os.environ.items() if not k.startswith("ZHAOSHANG_")}
        own = {"ZHAOSHANG_DATA": str(desk.data), "ZHAOSHANG_DELAY": "0", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        duties = ("--crawl", str(crawl), "--extract", str(extract), "--lease", str(self.lease))
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*python, "-m", "zhaoshang", "cluster", "work", *duties],
                cwd=desk.data.parent,
                env=variables | own | desk.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.workers = [w for w in self.workers if w.name != name] + [worker := WorkerProcess(name, process)]
        return worker

    def wait_until(self, seen: Callable[[Archive], object], seconds: float = 90.0) -> None:
        """Until something is true of the archive."""
        with self.archive() as archive:
            ends = time.monotonic() + seconds
            while not seen(archive):
                assert time.monotonic() < ends, self.logs()
                assert all(w.process.poll() is None or w.process.returncode < 0 for w in self.workers), self.logs()
                time.sleep(0.05)

    def up(self, count: int) -> None:
        """Until so many workers have joined."""
        self.wait_until(lambda archive: len(archive.workers.alive()) >= count)

    @contextlib.contextmanager
    def archive(self) -> Iterator[Archive]:
        settings = load_settings(
            data=self.front.data, database=self.database, store=self.environment["ZHAOSHANG_STORE"]
        )
        with Archive.open(settings) as archive:
            yield archive

    def stop(self) -> None:
        for worker in self.workers:
            worker.signal(signal.SIGCONT)
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGTERM)
        for worker in self.workers:
            try:
                worker.process.wait(30)
            except subprocess.TimeoutExpired:
                worker.signal(signal.SIGKILL)
                worker.process.wait()

    def logs(self) -> str:
        return "\n".join(f"--- {p.name}\n{p.read_text()[-1500:]}" for p in sorted(self.folder.glob("*.log")))


def held(archive: Archive) -> dict[str, Any]:
    """What an archive holds, without what differs from run to run."""
    articles = archive.articles.get_many(archive.articles.ids(limit=10**6))
    return {
        "articles": {
            key: (stored.article.canonical_url, [r.revision_hash for r in archive.articles.revisions(key)])
            for key, stored in articles.items()
        },
        "readings": {key: archive.readings.get(key) for key in articles},
        "rejected": sorted((r.canonical_url, r.score) for r in archive.rejections.rejected()),
    }


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace")
    return ""
