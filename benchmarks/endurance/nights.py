"""Many nights over a web that changes a little every day: what grows, and whether late nights cost more than early ones.

    python -m benchmarks.endurance.nights --nights 300

Two news sites on this machine show three new articles a night between them and change one old one a week. Each night is the product's own (crawl, extract, read, index, report); crawl and workers
are forked from a process that has imported them, so that the seconds count work and not imports. Prints the processor time, requests, rows and bytes of each thirty nights. Exit code 1 where the
last thirty take more than 1.2 times the first thirty, or rows or requests grow by more than the new articles bring.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import func, select

from crawler.archive import Archive
from crawler.archive.schema import metadata
from crawler.configuration import load_settings
from crawler.stages import crawl as crawl_stage
from crawler.terminal import step
from tests import warm_start
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source
from zhaoshang.nightly import run_night

FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)
BEGINNING, PAGE = 40, 10  # articles at the start; rows of a list page
STRETCH = 30  # nights
ALLOWED = 1.2  # the last stretch's processor time to the first's
_WORDS = [
    "招商引资",
    "产业链",
    "签约",
    "项目",
    "开发区",
    "商务局",
    "企业",
    "园区",
    "专班",
    "基金",
    "飞地",
    "推介会",
    "投资",
    "落户",
    "服务",
    "审批",
    "土地",
    "厂房",
    "人才",
    "政策",
    "考察",
    "商会",
    "外资",
    "制造业",
    "新材料",
]


@dataclass
class Growing:
    """A site with lists of ten, newest first, and an article of some words of its own for each entry."""

    name: str
    day: datetime = FIRST
    articles: list[datetime] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)

    def __call__(self, path: str) -> Answer | None:
        kind, _, number = path.strip("/").removesuffix(".html").partition("_")
        if kind in ("", "index"):
            return self._list(int(number or 1))
        if kind == "a" and number.isdecimal() and int(number) < len(self.articles):
            return Answer(self._article(int(number)), validated=True)
        return None

    def _title(self, number: int) -> str:
        chance = random.Random(f"{self.name}{number}")
        return f"{self.name}{''.join(chance.choices(_WORDS, k=4))}第{number}号"

    def _article(self, number: int) -> str:
        chance = random.Random(f"{self.name}{number}")
        lines = ["，".join("".join(chance.choices(_WORDS, k=3)) for _ in range(6)) + "。" for _ in range(5)]
        more = ["后来又补充了一段数字。"] if number in self.changed else []
        body = "".join(f"<p>{line}</p>" for line in lines + more)
        return f"<html><body><h1>{self._title(number)}</h1><div>发布时间：{self.articles[number]:%Y-%m-%d}</div><div class='content'>{body}</div></body></html>"

    def _list(self, page: int) -> Answer | None:
        order = range(len(self.articles) - 1 - PAGE * (page - 1), max(-1, len(self.articles) - 1 - PAGE * page), -1)
        rows = "".join(
            f'<li><a href="/a_{n}.html">{self._title(n)}</a><span>{self.articles[n]:%Y-%m-%d}</span></li>'
            for n in order
        )
        more = f'<a href="/index_{page + 1}.html">下一页</a>' if page * PAGE < len(self.articles) else ""
        body = f"<html><head><title>招商动态</title></head><body><ul class='list'>{rows}</ul><div class='page'>{more}</div></body></html>"
        return Answer(body, validated=True) if rows else None


@dataclass(frozen=True)
class Night:
    seconds: float  # of the processor, of all processes
    requests: int
    articles: int


def processor(process: int) -> float:
    """Seconds of the processor of a process, of those that it waited for, and of those below it."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(processor(int(c)) for c in children)


def rows_in(archive: Archive) -> dict[str, int]:
    with archive.database.reader() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def simulate(nights: int, folder: Path) -> Iterator[tuple[int, Night, dict[str, int], int]]:
    """Night by night: its number, what it cost, the rows of each table, the bytes of the data folder (0 but at the end of a stretch)."""

    vars(crawl_stage)["sys"] = SimpleNamespace(executable=warm_start.executable(str(folder)))  # as the tests do
    settings = load_settings(data=folder / "data", database="", delay=0.0, workers=1)
    sites = [Growing("青禾县"), Growing("双溪区")]
    for site in sites:
        site.articles = [FIRST - timedelta(days=BEGINNING - n) for n in range(BEGINNING)]
    with Site(respond=sites[0]) as first, Site(respond=sites[1]) as second, Archive.open(settings) as archive:
        for name, served in (("one", first), ("two", second)):
            write_source(settings, served.url + "/index.html", name=name)
        for number in range(nights):
            now = FIRST + timedelta(days=number)
            sites[0].articles += [now, now]
            sites[1].articles.append(now)
            if number % 7 == 6:
                sites[0].changed.add(len(sites[0].articles) - 5)
            first.forget()
            second.forget()
            before = processor(os.getpid())
            report = run_night(settings, archive, step, now=now, names=["one", "two"])
            assert not report.problems, report.problems
            seconds = processor(os.getpid()) - before
            night = Night(seconds, len(first.log) + len(second.log), report.articles)
            last = number % STRETCH == STRETCH - 1
            yield number, night, rows_in(archive), size_of(settings.data) if last else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=300)
    options = parser.parse_args()
    if options.nights < STRETCH:
        parser.error(f"--nights must be at least {STRETCH}: stretches of {STRETCH} nights are compared")
    stretches: list[tuple[float, int, int]] = []
    earlier: dict[str, int] = {}
    print(
        "| nights | processor time, s | requests | new and changed articles | rows more | MB |\n|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(prefix="nights-") as folder:
        seconds, requests, articles = 0.0, 0, 0
        for number, night, rows, size in simulate(options.nights, Path(folder)):
            seconds, requests, articles = seconds + night.seconds, requests + night.requests, articles + night.articles
            if size:
                more = {name: count - earlier.get(name, 0) for name, count in rows.items()}
                told = " ".join(f"{name} {count}" for name, count in more.items() if count)
                print(
                    f"| {number + 2 - STRETCH}–{number + 1} | {seconds:.1f} | {requests} | {articles} | {told} | {size / 1e6:.2f} |",
                    flush=True,
                )
                stretches.append((seconds, requests, sum(more.values())))
                earlier, (seconds, requests, articles) = rows, (0.0, 0, 0)
    # the first night of all takes in what the sites had before: the second stretch is the measure of rows and requests
    ratio = stretches[-1][0] / stretches[0][0]
    requests_ratio, rows_ratio = (stretches[-1][n] / stretches[min(1, len(stretches) - 1)][n] for n in (1, 2))
    print(
        f"\nlast {STRETCH} nights to the first: processor time × {ratio:.2f}; to the second {STRETCH}: requests × {requests_ratio:.2f}, new rows × {rows_ratio:.2f}"
    )
    return 1 if max(ratio, requests_ratio, rows_ratio) > ALLOWED else 0


if __name__ == "__main__":
    sys.exit(main())
