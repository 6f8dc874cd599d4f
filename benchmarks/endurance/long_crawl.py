"""A crawl of many entries from one site on this machine: memory and open files of the process that crawls, at a quarter of the way and at the end.

    python -m benchmarks.endurance.long_crawl --entries 20000

Exit code 1 where memory grows by more than a fifth and 20 MB between the two, open files by more than 10, or an entry is missing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from crawler.archive import Archive
from crawler.configuration import load_settings
from tests import news_site
from tests.loopback_site import Site
from tests.sample_sources import write_source

GROWTH, SLACK, FILES = 1.2, 20.0, 10
LOOK = 1.0  # seconds
ON_PAGES = 45  # of the list; a visit reads some fifty


def below(process: int) -> list[int]:
    """The processes that a process started."""
    try:
        children = [int(c) for c in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return children + [found for child in children for found in below(child)]


def look(process: int) -> tuple[float, int]:
    """Anonymous memory (MB) and open files of the largest process below one."""
    found = [(0.0, 0)]
    for child in below(process):
        try:
            lines = Path(f"/proc/{child}/status").read_text().splitlines()
            memory = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))
            found.append((memory, len(list(Path(f"/proc/{child}/fd").iterdir()))))
        except (OSError, StopIteration):
            continue
    return max(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=20_000)
    options = parser.parse_args()
    news_site.PAGE = max(10, options.entries // ON_PAGES)
    seen: list[tuple[int, float, int]] = []  # pages asked for, memory, open files
    with (
        tempfile.TemporaryDirectory(prefix="long-crawl-") as folder,
        Site(respond=news_site.News(options.entries)) as site,
    ):
        settings = load_settings(data=Path(folder) / "data", database="", delay=0.0)
        budget = f"{{ pages = {3 * options.entries}, minutes = 600 }}"
        write_source(settings, f"{site.url}/index.html", budget=budget)
        own = {"DATA": str(settings.data), "DELAY": "0", "DATABASE": "", "NIGHT_MINUTES": "600"}
        environment = os.environ | {f"ZHAOSHANG_{name}": value for name, value in own.items()}
        crawl = subprocess.Popen(
            [sys.executable, "-m", "zhaoshang", "crawl", "sample"], env=environment, stderr=subprocess.DEVNULL
        )
        done = threading.Event()

        def watch() -> None:
            while not done.wait(LOOK):
                seen.append((len(site.log), *look(crawl.pid)))

        threading.Thread(target=watch, daemon=True).start()
        began = time.monotonic()
        crawl.wait()
        done.set()
        seconds = time.monotonic() - began
        with Archive.open(settings) as archive:
            kept = archive.counts().captures
        articles = {path for path, status in site.log if path.startswith("/a_") and status == 200}
    asked = seen[-1][0]
    early = next(look for look in seen if look[0] >= asked / 4)
    late = next(look for look in reversed(seen) if look[2])
    print(
        f"{len(articles)} of {options.entries} entries, {kept} captures, {asked} requests, {asked / seconds:.0f} a second"
    )
    for name, (at, memory, files) in (("a quarter", early), ("the end", late)):
        print(f"at {name} ({at} requests): {memory:.0f} MB, {files} open files")
    flat = late[1] <= max(GROWTH * early[1], early[1] + SLACK) and late[2] <= early[2] + FILES
    return 0 if flat and len(articles) == options.entries else 1


if __name__ == "__main__":
    sys.exit(main())
