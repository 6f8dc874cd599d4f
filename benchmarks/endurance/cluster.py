"""Nights of three workers under random events, then one left alone: nothing lost, nothing twice, no group of sites asked twice at a time, and the sum of one machine's run.

    python -m benchmarks.endurance.cluster [--sites 60] [--groups 20] [--events 40] [--seed N] [--store s3|folder]

The events: kill -9 of a worker with all its processes (it is started again), of its crawling or extracting process; a worker or its crawling process stopped (SIGSTOP) for 2 to 15 seconds;
PostgreSQL restarted; the store gone: a real S3 server behind a proxy that answers 503 for some seconds, or cuts the next requests in their midst or their answers, or a folder that is away;
a worker's disk full: a small file system of its own, filled to the brim (as root; else the limit of a file's size). `--events 0`: a calm night. Exit code 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from crawler.archive import Archive
from crawler.archive.cluster.lease import libpq_url
from crawler.configuration import load_settings
from tests import postgresql
from tests.cluster_desk import ClusterDesk, WorkerProcess, answers, held
from tests.cluster_web import ClusterWeb
from tests.s3 import faulty_proxy
from tests.s3 import server as s3
from tests.s3.faulty_proxy import FaultyProxy
from tests.whole_way import Desk

NOW = "2026-03-01T02:00"
LEASE = 6.0
WORKERS = ("w1", "w2", "w3")


@dataclass
class Storm:
    """What happens to a cluster; each event is over when its function returns, or ends by itself soon."""

    desk: ClusterDesk
    chance: random.Random
    proxy: FaultyProxy | None = None  # before the store; None: it is a folder
    disks: dict[str, Path] = field(default_factory=dict)  # workers whose data folder is a small file system
    counts: Counter[str] = field(default_factory=Counter)
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def strike(self) -> None:
        events: list[Callable[[], str]] = [
            self.kill_worker,
            self.kill_child,
            self.kill_child,
            self.stop_worker,
            self.stop_child,
            self.restart_server,
            self.lose_store,
            self.lose_store if self.proxy is None else self.cut_store,
            self.fill_disk,
        ]
        what = self.chance.choice(events)()
        self.counts[what] += 1
        print(f"  {what}", file=sys.stderr, flush=True)

    def _worker(self) -> WorkerProcess:
        return self.chance.choice(self.desk.workers)

    def kill_worker(self) -> str:
        worker = self._worker()
        worker.signal(signal.SIGKILL)
        worker.process.wait()
        self._start(worker.name)
        return "worker killed"

    def kill_child(self) -> str:
        module = self.chance.choice(("visit_process", "job_process"))
        child = self._worker().child(module)
        if child is None:
            return "nothing to kill"
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return f"{module} killed"

    def stop_worker(self) -> str:
        worker = self._worker()
        worker.signal(signal.SIGSTOP)
        self._later(lambda: worker.signal(signal.SIGCONT))
        return "worker stopped"

    def stop_child(self) -> str:
        child = self._worker().child("visit_process")
        if child is None:
            return "nothing to stop"
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGSTOP)

        def wake() -> None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGCONT)

        self._later(wake)
        return "visit_process stopped"

    def restart_server(self) -> str:
        port = str(make_url(self.desk.database).port)
        process, arguments, user = _server(port)
        os.kill(process, signal.SIGINT)
        while Path(f"/proc/{process}").exists() and not _is_dead(process):
            time.sleep(0.02)
        folder = Path(arguments[arguments.index("-D") + 1])
        with (folder.parent / "log").open("ab") as log:
            self.servers.append(subprocess.Popen(arguments, stdout=log, stderr=log, cwd=folder.parent, user=user))
        for _ in range(300):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(libpq_url(self.desk.database)).close()
                break
            time.sleep(0.1)
        return "PostgreSQL restarted"

    def lose_store(self) -> str:
        if self.proxy is not None:
            proxy = self.proxy
            proxy.down = True
            self._later(lambda: setattr(proxy, "down", False))
            return "store answers 503"
        store, away = self.desk.folder / "store", self.desk.folder / "store.away"
        if not store.exists():
            return "store away already"
        store.rename(away)

        def back() -> None:
            if store.exists():  # what was written meanwhile stays
                for path in list(store.iterdir()):
                    path.rename(away / path.name)
                store.rmdir()
            away.rename(store)

        self._later(back)
        return "store lost"

    def cut_store(self) -> str:
        assert self.proxy is not None
        self.proxy.faults += self.chance.choices(("cut", "cut-answer"), k=self.chance.randint(1, 12))
        return "store cuts connections"

    def fill_disk(self) -> str:
        worker = self._worker()
        if (disk := self.disks.get(worker.name)) is not None:
            balloon = disk / "balloon"
            with contextlib.suppress(OSError), balloon.open("ab") as file:
                while True:  # to the last block
                    file.write(bytes(65536))
                    file.flush()
            self._later(lambda: balloon.unlink(missing_ok=True))
            return "disk full"
        child = worker.child("visit_process")
        if child is None:
            return "nothing to fill"
        with contextlib.suppress(ProcessLookupError):
            before = resource.prlimit(child, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

            def free() -> None:
                with contextlib.suppress(ProcessLookupError):
                    resource.prlimit(child, resource.RLIMIT_FSIZE, before)

            self._later(free)
        return "disk full"

    def mend(self) -> None:
        """Waits for what ends by itself, and starts workers that are gone."""
        for thread in self.threads:
            thread.join()
        for worker in self.desk.workers:
            if worker.process.poll() is not None:
                self._start(worker.name)

    def _start(self, name: str) -> None:
        self.desk.start(name, crawl=4)

    def _later(self, what: Callable[[], None]) -> None:
        thread = threading.Timer(self.chance.uniform(2, 15), what)
        thread.start()
        self.threads.append(thread)


def _server(port: str) -> tuple[int, list[str], int]:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            arguments = (entry / "cmdline").read_bytes().decode().split("\0")[:-1]
            if "-D" in arguments and arguments[arguments.index("-p") + 1] == port:
                return int(entry.name), arguments, entry.stat().st_uid
    raise RuntimeError("no PostgreSQL at this port")


def _is_dead(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return True


@contextlib.contextmanager
def _proxied() -> Iterator[FaultyProxy]:
    """A real S3 server behind a proxy; its access is put into the environment."""
    with s3.server() as endpoint, faulty_proxy.before(endpoint) as proxy:
        os.environ.update({**s3.ACCESS, "AWS_ENDPOINT_URL": proxy.endpoint})
        yield proxy


@contextlib.contextmanager
def _small_disks(folder: Path) -> Iterator[dict[str, Path]]:
    """A file system of its own for the data of each worker; none where this user may not mount."""
    disks: dict[str, Path] = {}
    try:
        for name in WORKERS:
            disk = folder / name / "data"
            disk.mkdir(parents=True)
            mounted = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True
            )
            if mounted.returncode:
                break
            disks[name] = disk
        yield disks
    finally:
        for disk in disks.values():
            subprocess.run(["umount", "-l", str(disk)], check=True)


def run(sites: int, groups: int, events: int, seed: int, folder: Path, on_s3: bool) -> list[str]:
    """What was wrong."""
    chance = random.Random(seed)
    wrong: list[str] = []
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgresql.server())
        proxy = stack.enter_context(_proxied()) if on_s3 else None
        disks = stack.enter_context(_small_disks(folder))
        web = stack.enter_context(ClusterWeb(sites, groups))
        url = make_url(server).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        single = Desk(folder / "one" / "data")
        web.sources(single.data / "sources")
        single.run("nightly", *[site.name for site in web.served], "--now", NOW)
        with Archive.open(load_settings(data=single.data, database="")) as archive:
            expected = held(archive)
        answered = answers(single)
        web.log.clear()
        web.seconds = 0.15
        desk = ClusterDesk(folder, web, url, lease=LEASE, store=f"s3://{s3.BUCKET}/storm" if on_s3 else "")
        storm = Storm(desk, chance, proxy, disks)
        try:
            for name in WORKERS:
                desk.start(name, crawl=4)
            desk.up(len(WORKERS))
            nights = _under(storm, events)
            storm.mend()
            if proxy is not None:
                proxy.faults.clear()
            web.seconds = 0.01
            desk.up(len(WORKERS))
            process = desk.front.start("nightly", "--force", "--now", NOW, "--json")
            output, errors = process.communicate(timeout=400)
            report = json.loads(output) if output else {}
            bad = [row for row in report.get("rows", ()) if row["outcome"] != "ok"]
            if not report or bad or len(report["rows"]) != sites:
                wrong.append(f"the night left alone: {bad[:3]} {errors[-1500:]}")
            with desk.archive() as archive:
                found = held(archive)
                files = archive.capture_files.all_stored()
                kept = [c for f in files for c in archive.captures.in_file(f.name) if c.role == "article"]
                pages = [c.url for c in kept]
            desk.stop()
            for part in ("articles", "readings", "rejected"):
                if found[part] != expected[part]:
                    wrong.append(f"{part}: {len(found[part])}, by one machine {len(expected[part])}, or others")
            twice = [url for url, count in Counter(pages).items() if count > 1]
            if twice or len(set(pages)) != sites * web.articles:
                wrong.append(
                    f"{len(set(pages))} pages of {sites * web.articles} captured, {len(twice)} twice: {[c for c in kept if c.url in twice[:3]]}"
                )
            checked = desk.front.run("archive", "check", code=None).stdout
            wrong += [line for line in checked.splitlines() if line.startswith("✗") and not line.startswith("✗ 索引")]
            found_by = answers(Desk(desk.front.data, {**desk.front.environment, "ZHAOSHANG_ENGINE": "tantivy"}))
            other = [query for query, documents in answered.items() if documents != found_by[query]]
            if other:
                wrong.append(f"{len(other)} of {len(answered)} queries answered otherwise: {other[:5]}")
            again = [path for path, count in web.asked().items() if count > 1]
            if again and not events:
                wrong.append(f"{len(again)} articles asked for more than once in a calm night: {again[:3]}")
            if overlaps := web.overlaps():
                wrong.append(f"{len(overlaps)} overlaps: {overlaps[0]}")
        finally:
            desk.stop()
            for postmaster in storm.servers:
                postmaster.send_signal(signal.SIGINT)
                postmaster.wait(30)
        asked = web.asked()
        print(f"events: {dict(storm.counts)}; nights begun: {nights}; disks of their own: {len(disks)}")
        if proxy is not None:
            asked_store = Counter(line.split()[0] for line in proxy.asked)
            print(f"store: {dict(asked_store)} requests, of them met: {dict(Counter(proxy.happened))}")
        print(f"answers: {len(answered)} queries, {sum(map(bool, answered.values()))} of them find something")
        print(
            f"{len(web.log)} requests, {len(asked)} articles, {sum(n > 1 for n in asked.values())} of them asked for more than once"
        )
        if wrong:
            print(desk.logs())
    return wrong


def _under(storm: Storm, events: int) -> int:
    """Nights, one after the other, until all events have happened; how many were begun."""
    nights = 0
    process: subprocess.Popen[str] | None = None
    for _ in range(events):
        if process is None or process.poll() is not None:
            process = storm.desk.front.start("nightly", "--force", "--now", NOW)
            threading.Thread(target=process.communicate, daemon=True).start()
            nights += 1
        time.sleep(storm.chance.uniform(1.0, 4.0))
        storm.strike()
        for worker in storm.desk.workers:
            if worker.process.poll() is not None:
                storm._start(worker.name)
    if process is not None:
        try:
            process.wait(120)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    return nights


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--events", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=("s3", "folder"), default="s3")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        wrong = run(
            options.sites,
            options.groups,
            options.events,
            options.seed,
            folder=Path(folder),
            on_s3=options.store == "s3",
        )
    for line in wrong:
        print(f"✗ {line}")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
