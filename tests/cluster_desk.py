"""Workers of a cluster in processes of their own, each with a disk of its own, over one PostgreSQL and one store."""

from __future__ import annotations

import contextlib
import json
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
    store: str = ""  # an S3 address, whose access is in `os.environ`; else a folder
    engine: str = NO_ENGINE
    index: str = ""  # its name in the engine

    def __post_init__(self) -> None:
        if not self.store:
            (self.folder / "store").mkdir(parents=True, exist_ok=True)
        self.environment = {
            "ZHAOSHANG_DATABASE": self.database,
            "ZHAOSHANG_ENGINE": self.engine,
            "ZHAOSHANG_STORE": self.store or str(self.folder / "store"),
        }
        if self.index:
            self.environment["ZHAOSHANG_ENGINE_INDEX"] = self.index
        self.front = self.desk("front")
        self.front.run("sources", "enable", *[site.name for site in self.web.served])

    @property
    def settings(self) -> dict[str, str]:
        """By the names of `load_settings`."""
        return {name.removeprefix("ZHAOSHANG_").lower(): value for name, value in self.environment.items()}

    def desk(self, name: str) -> Desk:
        desk = Desk(self.folder / name / "data", self.environment | {"ZHAOSHANG_MACHINE": name})
        if not (desk.data / "sources").exists():
            self.web.sources(desk.data / "sources")
        return desk

    def start(self, name: str, *, crawl: int = 3, extract: int = 1, index: bool = False, python: tuple[str, ...] = (sys.executable,)) -> WorkerProcess:  # fmt: skip
        desk = self.desk(name)
        variables = {k: v for k, v in os.environ.items() if not k.startswith("ZHAOSHANG_")}
        own = {"ZHAOSHANG_DATA": str(desk.data), "ZHAOSHANG_DELAY": "0", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        duties = (
            "--crawl",
            str(crawl),
            "--extract",
            str(extract),
            "--lease",
            str(self.lease),
            *(["--index"] if index else []),
        )
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


QUERIES = [
    *("招商引资", "产业链招商", "以商招商", "新能源", "装备制造", "签约仪式", "总投资", "现场签约项目", "集中签约", "招商", "县", "亿元", "涉及领域", "样例报", "近日"),
    *("招商引资 新能源", "产业链 签约", "\"以商招商\"", "\"集中签约仪式\"", "新能源 -装备", "长跑", "长跑比赛 选手", "title:签约", "title:招商引资", "title:长跑"),
    *(f"s{n:03d}县" for n in range(0, 14, 2)),
    *(f"s{n:03d} 第{n % 9}场" for n in range(1, 12, 3)),
    *("after:2026-02-10", "before:2026-02-10", "after:2026-02-05 before:2026-02-08", "after:2026-02-03 新能源", "招商 before:2026-02-04"),
    *("figure:签约额 value:>=20亿", "figure:签约额 value:>=40亿", "figure:签约额 value:<=15亿", "figure:总投资", "value:>=30亿 招商"),
    *("source:s001", "source:s002 签约", "source:s003 after:2026-02-06", "十三亿元"),
]  # fmt: skip
"""Fifty questions to what the sites of a `ClusterWeb` publish: words, phrases, exclusions, titles, days, figures, sources, and some that nothing answers."""


def answers(desk: Desk) -> dict[str, set[str]]:
    """The documents that each query finds, by an index made here."""
    desk.run("index")
    batch = desk.data.parent / "queries.jsonl"
    batch.write_text("".join(json.dumps({"id": str(n), "query": q}) + "\n" for n, q in enumerate(QUERIES)))
    found: dict[str, set[str]] = {query: set() for query in QUERIES}
    for line in desk.run(*("search", "--batch", str(batch)), *("--top", "1000", "--strict")).stdout.splitlines():
        query, _, document, *_ = line.split()
        found[QUERIES[int(query)]].add(document)
    return found


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
