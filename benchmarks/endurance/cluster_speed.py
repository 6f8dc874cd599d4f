"""What sharing a night costs: one process against one, two and three workers, over PostgreSQL and sites on loopback; and a night of many workers, simulated from the times that were measured.

    python -m benchmarks.endurance.cluster_speed [--sites 48] [--articles 24] [--workers 1 2 3]

Processor time counts all processes of the program; PostgreSQL's own stands beside it. Elapsed times are those of a machine that does other things too.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import json
import os
import random
import resource
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests import postgresql
from tests.cluster_desk import NO_ENGINE, ClusterDesk, WorkerProcess
from tests.cluster_web import ClusterWeb
from tests.whole_way import Desk

NOW = "2026-03-01T02:00"
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Night:
    """`processor` seconds of the program, `database` of PostgreSQL, `seconds` from the start of `nightly` to its end."""

    pages: int
    processor: float
    database: float
    seconds: float

    def without(self, small: Night) -> Night:
        """What the larger of two nights took more than the smaller: the start of processes is left out."""
        return Night(
            self.pages - small.pages,
            self.processor - small.processor,
            self.database - small.database,
            self.seconds - small.seconds,
        )


def spent(workers: list[WorkerProcess]) -> float:
    """Seconds of commands that have ended and of workers that go on."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + sum(_ticks(pid) for worker in workers for pid in worker.family())


def spent_by_server(port: int) -> float:
    """Seconds of all PostgreSQL processes, those that have ended too."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
            if b"-p" in arguments and arguments[arguments.index(b"-p") + 1] == str(port).encode():
                children = (entry / "task" / entry.name / "children").read_text().split()
                return sum(map(_ticks, (int(entry.name), *map(int, children))))
    raise RuntimeError("no PostgreSQL at this port")


def _ticks(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / TICK  # its own, and its children's that have ended
    return 0.0


@contextlib.contextmanager
def served(sites: int, articles: int) -> Iterator[tuple[ClusterWeb, Path, str]]:
    with (
        tempfile.TemporaryDirectory(prefix="cluster-speed-") as folder,
        postgresql.server() as server,
        ClusterWeb(sites, sites, articles) as web,
        postgresql.database(server) as url,
    ):
        yield web, Path(folder), url


def measured(workers: int, sites: int, articles: int) -> tuple[Night, Night, int]:
    """A small night of the first sites, one of all the others, and how many requests overlapped in a group. `workers`: 0 for one process."""
    with served(sites, articles) as (web, folder, url):
        if not workers:
            desk = Desk(folder / "data", {"ZHAOSHANG_DATABASE": url, "ZHAOSHANG_ENGINE": NO_ENGINE})
            web.sources(desk.data / "sources")
            return _two_nights(web, desk, url, [])
        cluster = ClusterDesk(folder, web, url, lease=90)
        # together they visit as many sites at once as one process does, and have its processors
        side_by_side, processes = max(1, 16 // workers), max(1, (os.cpu_count() or 1) // workers)
        for number in range(workers):
            cluster.start(f"w{number}", crawl=side_by_side, extract=processes)
        try:
            cluster.up(workers)
            time.sleep(46)  # half a lease after the start of the server
            return _two_nights(web, cluster.front, url, cluster.workers)
        finally:
            cluster.stop()


def _two_nights(web: ClusterWeb, desk: Desk, url: str, workers: list[WorkerProcess]) -> tuple[Night, Night, int]:
    names = [site.name for site in web.served]
    few = max(2, len(names) // 6)
    small, large = (_night(web, desk, url, workers, some) for some in (names[:few], names[few:]))
    return small, large, len(web.overlaps())


def _night(web: ClusterWeb, desk: Desk, url: str, workers: list[WorkerProcess], names: list[str]) -> Night:
    port = make_url(url).port or 5432
    requests, processor, database, began = len(web.log), spent(workers), spent_by_server(port), time.monotonic()
    process = desk.start("nightly", *names, "--now", NOW, "--json")  # the real program: it starts as an operator's does
    output, errors = process.communicate(timeout=600)
    seconds = time.monotonic() - began
    report = json.loads(output) if output else {}
    bad = [row for row in report.get("rows", ()) if row["outcome"] != "ok"]
    assert report and not bad, f"{bad[:3]} {errors[-2000:]}"
    return Night(len(web.log) - requests, spent(workers) - processor, spent_by_server(port) - database, seconds)


# --- a night of many


def simulated(sources: int, workers: int, slots: int, *, start: float, a_page: float, seed: int = 1) -> tuple[float, int, float]:  # fmt: skip
    """Hours of a night, its pages, and the share of the time in which slots are busy.

    `start` seconds a visit costs beside its pages, `a_page` the program's own of a page. Of ten sources nine have a group of their own, the others share one with nineteen more;
    a visit fetches two lists and as many articles as places publish (a long tail, 12 in the middle, at most 500), a second apart with 0.3 s for the answer.
    """
    chance = random.Random(seed)
    pages = [2 + min(500, int(chance.lognormvariate(2.5, 1.0))) for _ in range(sources)]
    groups = [n if chance.random() < 0.9 else -(n % (sources // 200 or 1)) - 1 for n in range(sources)]
    queue: deque[int] = deque(range(sources))
    free, now, busy = workers * slots, 0.0, 0.0
    held: set[int] = set()
    ends: list[tuple[float, int]] = []
    waiting: dict[int, deque[int]] = {}
    while queue or ends:
        while free and queue:
            source = queue.popleft()
            if groups[source] in held:
                waiting.setdefault(groups[source], deque()).append(source)
                continue
            held.add(groups[source])
            free -= 1
            lasts = start + pages[source] * (1.0 + 0.3 + a_page)
            busy += lasts
            heapq.heappush(ends, (now + lasts, source))
        now, source = heapq.heappop(ends)
        held.discard(groups[source])
        free += 1
        if after := waiting.get(groups[source]):
            queue.appendleft(after.popleft())
    return now / 3600, sum(pages), busy / (now * workers * slots)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=48)
    parser.add_argument("--articles", type=int, default=24)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    print(
        "| | pages | pages a second | processor ms a page | of one process | PostgreSQL ms a page | start, processor s | overlaps |"
    )
    print("|---|---|---|---|---|---|---|---|")
    alone: Night | None = None
    a_page = database = 0.0
    for count in (0, *options.workers):
        small, large, overlaps = measured(count, options.sites, options.articles)
        night = large.without(small)
        alone = alone or night
        a_page, database = night.processor / night.pages, night.database / night.pages
        share = a_page / (alone.processor / alone.pages)
        start = small.processor - a_page * small.pages
        print(
            f"| {f'{count} workers' if count else 'one process'} | {night.pages} | {night.pages / night.seconds:.1f} | {a_page * 1000:.1f} |"
            f" {share:.2f} | {database * 1000:.1f} | {start:.1f} | {overlaps} |",
            flush=True,
        )
    hours, pages, busy = simulated(10_000, 20, 16, start=1.0, a_page=a_page)
    print(
        f"\nsimulated: 20 workers of 16, 10,000 sources, {pages:,} pages: {hours:.2f} h, slots busy {busy:.0%},"
        f" {pages / hours / 3600:.0f} pages a second; PostgreSQL {database * pages / hours / 3600:.2f} cores,"
        f" program {a_page * pages / hours / 3600 / 20:.2f} cores a worker"
    )


if __name__ == "__main__":
    main()
