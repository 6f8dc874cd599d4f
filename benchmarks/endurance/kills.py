"""kill -9 at random moments of every verb that writes; then the same command again must end well, and `archive check` find nothing wrong.

    python -m benchmarks.endurance.kills --moments 100 [--seed N] [--only VERB …]

The moments fall evenly between the verbs, and within each between its start and the end of an undisturbed run, by the processor time of the verb's processes: a clock would say how
busy the machine is. Each begins with a copy of a data folder in the state that the verb expects. Exit code 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

from benchmarks.http_speed import free_port
from crawler.archive import Archive
from crawler.configuration import load_settings
from tests import warm_start
from tests.receivers import http_receiver
from tests.whole_way import Desk
from zhaoshang.demo.web import KINDS, DemoWeb

NOW = "2024-12-30T02:00"
SITES = 2  # of the sample web's six, those with the fewest pages
LINES = 300  # articles of the file that is imported


@dataclass(frozen=True)
class Verb:
    """`state` is the data folder that it begins with. `settled` are words of a refusal by which a second run says that the first was done already; `store` is the setting STORE."""

    arguments: tuple[str, ...]
    state: str
    settled: tuple[str, ...] = ()
    codes: tuple[int, ...] = (0,)
    store: str = ""

    def desk(self, folder: Path) -> Desk:
        return Desk(folder / "data", {"ZHAOSHANG_STORE": self.store} if self.store else {})


def verbs(web: DemoWeb, files: Path, receiver: str, doubted: str) -> dict[str, Verb]:
    names = smallest(web)
    article = next(e.url for e in web.expected() if e.url.endswith(".html"))
    backup, other, store = str(files / "backup"), f"sqlite:///{files / 'other.sqlite'}", str(files / "store")
    return {
        "crawl": Verb(("crawl", *names, "--now", NOW), "empty"),
        "crawl --since": Verb(("crawl", *names, "--since", "2020", "--until", "2024-12-29", "--now", NOW), "empty"),
        "nightly": Verb(("nightly", *names, "--now", NOW), "empty", codes=(0, 1)),  # 1: a sample site bars the way
        "extract": Verb(("extract",), "crawled"),
        "index": Verb(("index",), "extracted"),
        "extract --all": Verb(("extract", "--all"), "indexed"),
        "index --rebuild": Verb(("index", "--rebuild"), "indexed"),
        "add": Verb(("add", article), "empty"),
        "import": Verb(("import", str(files / "articles.jsonl")), "indexed"),
        "import pages": Verb(("import", str(files / "pages")), "empty", codes=(0, 1)),
        "sources add": Verb(("sources", "add", web.sites[1].start_urls[0], "--name", "walk", "--title", "示例", "--kind", "government", "--region", "安徽", "--yes"), "none", ("已有", "已经")),
        "sources enable": Verb(("sources", "enable", *names), "empty"),
        "keys add": Verb(("keys", "add", "reader"), "indexed", ("已有",)),
        "keys revoke": Verb(("keys", "revoke", "known"), "indexed", ("没有名为",)),
        "archive check": Verb(("archive", "check"), "indexed"),
        "archive backup": Verb(("archive", "backup", backup), "indexed"),
        "archive restore": Verb(("archive", "restore", str(files / "kept")), "none", ("已有文库", "不是空的")),
        "archive copy": Verb(("archive", "copy", "--to", other), "indexed", ("不是空的", "已有")),
        "archive forget": Verb(("archive", "forget", "--source", names[0], "--why", "试", "--yes"), "indexed"),
        "archive forget --erase": Verb(("archive", "forget", "--source", names[1], "--why", "试", "--erase", "--yes"), "indexed"),
        "archive store": Verb(("archive", "store"), "indexed", store=store),
        "archive store --free": Verb(("archive", "store", "--free"), "indexed", store=store),
        "watch add": Verb(("watch", "add", "招商", "--to", receiver), "indexed"),
        "watch send": Verb(("watch", "send"), "watched"),
        "notify add": Verb(("notify", "add", "班", receiver), "indexed", ("已有名为",)),
        "review accept": Verb(("review", "accept", doubted), "indexed", ("已经处理过",)),
        "review put-away": Verb(("review", "put-away", doubted), "indexed", ("已经处理过",)),
        "serve": Verb(("serve",), "indexed"),
    }  # fmt: skip


def smallest(web: DemoWeb) -> list[str]:
    """Names of the sites that are crawled."""
    pages = Counter(urlsplit(found.url).netloc for found in web.expected())
    return sorted(
        (site.name for site in web.sites),
        key=lambda name: pages[urlsplit(next(s.url for s in web.sites if s.name == name)).netloc],
    )[:SITES]


def states(web: DemoWeb, folder: Path, receiver: str) -> str:
    """The data folders that verbs begin with, the backup that one of them restores, the files that two of them import. What a person should look at first."""
    names = smallest(web)
    (folder / "none" / "data").mkdir(parents=True)
    web.sources(folder / "empty" / "data" / "sources")
    before = "empty"
    for state, arguments in {
        "crawled": ("crawl", *names, "--now", NOW),
        "extracted": ("extract",),
        "indexed": ("index",),
    }.items():
        shutil.copytree(folder / before, folder / state)
        Desk(folder / state / "data").run(*arguments, code=None)
        before = state
    desk = Desk(folder / "indexed" / "data")
    desk.run("keys", "add", "known")
    files = folder / "files"
    files.mkdir()
    (files / "store").mkdir()
    desk.run("archive", "backup", str(files / "kept"))
    with (files / "articles.jsonl").open("w") as out:
        for n in range(LINES):
            out.write(
                json.dumps({"id": f"n{n}", "text": f"清河县招商引资第{n}期：产业链招商签约{n + 2}个项目。"}) + "\n"
            )
    (files / "pages").mkdir()
    for n in range(20):
        page = (
            f"<html><title>清河县招商第{n}期</title><body><h1>清河县招商第{n}期</h1>"
            + "<p>清河县招商引资推进会召开，部署产业链招商。</p>" * 4
        )
        (files / "pages" / f"{n}.html").write_text(page)
    shutil.copytree(folder / "extracted", folder / "watched")
    desk = Desk(folder / "watched" / "data")
    desk.run("watch", "add", "招商", "--to", receiver)
    desk.run("index")  # what is new to the one that watches
    with Archive.open(load_settings(data=folder / "watched" / "data")) as archive:
        for watch in archive.watches.all():
            archive.watches.change(watch.token, due_at=datetime(2020, 1, 1, tzinfo=UTC))
    return str(Desk(folder / "indexed" / "data").json("review", "list")["items"][0]["handle"])


def kill(process: subprocess.Popen[str], folder: Path) -> None:
    """kill -9 to a command and to all that it started, which run in its folder, as when a machine goes down."""
    while running := [entry for entry in Path("/proc").glob("[0-9]*") if _runs_in(entry, folder)]:
        for entry in running:
            with suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)
        time.sleep(0.01)
    process.wait()


def spent(folder: Path) -> float:
    """Seconds of the processor that the processes in a folder have used, with those of theirs that have ended."""
    return sum(_spent(entry) for entry in Path("/proc").glob("[0-9]*") if _runs_in(entry, folder))


def _spent(entry: Path) -> float:
    try:
        fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _runs_in(entry: Path, folder: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == folder and (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def writing(port: int) -> Iterator[None]:
    """A browser that makes dossiers while the context lasts."""
    done = threading.Event()

    def write() -> None:
        browser = build_opener(HTTPCookieProcessor())
        base = f"http://127.0.0.1:{port}"
        while not done.wait(0.02):
            with suppress(OSError):
                page = browser.open(f"{base}/dossiers", timeout=5).read().decode()
                token = page.partition('name="csrf" value="')[2].partition('"')[0]
                browser.open(f"{base}/dossiers", urlencode({"csrf": token, "title": "试"}).encode(), timeout=5)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(15)


def answers(port: int, seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with suppress(OSError):
            return bool(build_opener().open(f"http://127.0.0.1:{port}/dossiers", timeout=10).status == 200)
        time.sleep(0.2)
    return False


def one(name: str, verb: Verb, state: Path, lasts: float, chance: random.Random) -> tuple[bool, list[str]]:
    """Whether the kill came before the end, and what was wrong afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    try:
        shutil.copytree(state, folder, dirs_exist_ok=True)
        desk = verb.desk(folder)
        port = free_port() if name == "serve" else 0
        arguments = (*verb.arguments, *(("--port", str(port)) if port else ()))
        moment = chance.uniform(0.2, 1.0) * lasts
        process = desk.start(*arguments, python=warm_start.command())
        with writing(port) if port else nullcontext():
            ends = time.monotonic() + moment
            while (time.monotonic() < ends if port else spent(folder) < moment) and process.poll() is None:
                time.sleep(0.005)
            alive = process.poll() is None
            kill(process, folder)
        wrong = []
        if port:
            process = desk.start(*arguments, python=warm_start.command())
            if not answers(port, 60):
                wrong.append("serve does not answer again")
            kill(process, folder)
        else:
            again = desk.run(*verb.arguments, code=None)
            said = again.stdout + again.stderr
            settled = again.returncode == 1 and any(word in said for word in verb.settled)
            if (again.returncode not in verb.codes and not settled) or "Traceback" in said or "程序出错" in said:
                wrong.append(f"again: exit {again.returncode}: {said[-600:]}")
        if (folder / "data" / "archive.sqlite").exists():
            checked = desk.run("archive", "check", code=None)
            if checked.returncode and not _no_index(checked.stdout):
                wrong.append(f"archive check: {checked.stdout[-600:]}{checked.stderr[-300:]}")
        return alive, [f"after {moment:.2f} s of {lasts:.2f}: {line}" for line in wrong]
    finally:
        shutil.rmtree(folder)


def _no_index(said: str) -> bool:
    """Whether all that is wrong is that there is no index yet."""
    wrong = [line for line in said.splitlines() if line.startswith("✗")]
    return bool(wrong) and all("索引" in line and "zhaoshang index" in line for line in wrong)


def lasting(name: str, verb: Verb, state: Path) -> float:
    """Seconds of the processor for an undisturbed run, its start included; of the clock for `serve`, which has no end."""
    if name == "serve":
        return 4.0
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    try:
        shutil.copytree(state, folder, dirs_exist_ok=True)
        most = 0.0
        with (
            verb.desk(folder).start(*verb.arguments, python=warm_start.command()) as process,
            ThreadPoolExecutor(1) as reading,
        ):
            read = reading.submit(process.communicate)
            while not read.done():
                most = max(most, spent(folder))
                time.sleep(0.005)
        return most
    finally:
        shutil.rmtree(folder)


def run(moments: int, seed: int, only: list[str], tell: Callable[[str], None]) -> tuple[int, Mapping[str, list[str]]]:
    """How many kills came in time, and by verb what was wrong."""
    chance = random.Random(seed)
    struck = 0
    faults: dict[str, list[str]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="kills-") as made,
        DemoWeb(ports=[0] * len(KINDS)) as web,
        http_receiver() as received,
    ):
        folder, receiver = Path(made), f"http://127.0.0.1:{received.port}/hook"
        doubted = states(web, folder, receiver)
        every = verbs(web, folder / "files", receiver, doubted)
        chosen = {name: verb for name, verb in every.items() if not only or name in only}
        lasts = {name: lasting(name, verb, folder / verb.state) for name, verb in chosen.items()}
        tally = {name: [0, 0] for name in chosen}
        with suppress(KeyboardInterrupt):  # then the table shows what was done
            for name in islice(cycle(chosen), moments):
                _fresh(folder / "files")
                in_time, wrong = one(name, chosen[name], folder / chosen[name].state, lasts[name], chance)
                tally[name] = [tally[name][0] + 1, tally[name][1] + in_time]
                faults.setdefault(name, []).extend(wrong)
                for line in wrong:
                    print(f"{name}: {line}", file=sys.stderr, flush=True)
        for name, (times, alive) in tally.items():
            struck += alive
            tell(f"| {name} | {times} | {alive} | {lasts[name]:.1f} | {len(faults.get(name, []))} |")
    return struck, {name: lines for name, lines in faults.items() if lines}


def _fresh(files: Path) -> None:
    """What a verb wrote outside its data folder."""
    shutil.rmtree(files / "backup", ignore_errors=True)
    shutil.rmtree(files / "store", ignore_errors=True)
    (files / "store").mkdir()
    for path in files.glob("other.sqlite*"):
        path.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[])
    options = parser.parse_args()
    print("| verb | kills | before its end | processor time undisturbed, s | faults |\n|---|---|---|---|---|")
    struck, faults = run(options.moments, options.seed, options.only, lambda line: print(line, flush=True))
    print(f"\n{struck} kills came before the end; {sum(map(len, faults.values()))} faults")
    for name, lines in faults.items():
        for line in lines:
            print(f"{name}: {line}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
