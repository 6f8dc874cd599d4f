"""`zhaoshang demo`: serves the sample web on loopback, runs a night over it, opens the search page."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import typer

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.terminal import Refusal, err, step
from zhaoshang.demo.web import KINDS, DemoWeb
from zhaoshang.locks import lock
from zhaoshang.nightly import run_night

QUESTIONS = ("飞地招商", "基金招商 利益共享", '"一企一策" after:2022')


def demo_settings(settings: Settings) -> Settings:
    """The demo keeps to itself: a data folder of its own with the engine that needs no server, and no pause between requests, which go to this machine alone."""
    own = {
        "data": settings.data / "demo",
        "database": "",
        "engine": Settings.model_fields["engine"].default,
        "delay": 0.0,
    }
    return settings.model_copy(update=own)


def _command() -> str:
    """How the reader calls this program from where he is: its name where the shell finds it, else its path."""
    started = Path(sys.argv[0]).absolute()
    if started.name != "zhaoshang":
        return f"{sys.executable} -m zhaoshang"
    if shutil.which("zhaoshang") == str(started):
        return "zhaoshang"
    return str(started.relative_to(Path.cwd())) if started.is_relative_to(Path.cwd()) else str(started)


@contextlib.contextmanager
def served(sources: Path) -> Iterator[DemoWeb]:
    """The sample web, at the addresses at which an earlier demo collected it: at others, the archive would hold every article twice.

    Raises Refusal where something else listens there.
    """
    ports = _former_ports(sources)
    web = DemoWeb(ports=ports)
    try:
        web.start()
    except OSError as error:
        if ports is None:
            raise
        raise Refusal(
            f"示例网站上次用的端口（{'、'.join(map(str, ports))}）被占用，多半是另一个 demo 还开着：用它的页面，或按 Ctrl-C 停掉它再来。"
            f"只看上次采到的：ZHAOSHANG_DATA={sources.parent} {_command()} serve；从头再来：删去 {sources.parent}"
        ) from error
    try:
        yield web
    finally:
        web.stop()


def _former_ports(sources: Path) -> list[int] | None:
    """The ports that the source files of an earlier demo name; None where there was none."""
    ports = []
    for kind in KINDS:
        with contextlib.suppress(OSError, ValueError, LookupError):
            source = tomllib.loads((sources / f"{kind.name}.toml").read_text("utf-8"))
            ports.append(urlsplit(source["start_urls"][0]).port or 0)
    return ports if len(ports) == len(KINDS) and all(ports) else None


def run_demo(settings: Settings, *, serve: bool, port: int | None) -> None:
    """Serves, collects, tells what was done and what to try; with `serve`, opens the search page until Ctrl-C. Raises ArchiveError, EngineError, Refusal; exits with 130 where it was interrupted."""
    began = time.monotonic()
    own = demo_settings(settings)
    with served(own.data / "sources") as web:
        if web.note:
            err.print(web.note)
        err.print(f"示例网站：{len(web.sites)} 个，在本机 " + "、".join(site.url for site in web.sites))
        folder = own.data / "sources"
        for old in folder.glob("*.toml"):
            old.unlink()
        web.sources(folder)
        names = [site.name for site in web.sites]
        with Archive.open(own) as archive, lock(own.data, "nightly"):
            for name in names:
                archive.frontier.set_source(name, enabled=True)
            before = archive.counts().captures
            report = run_night(own, archive, step, force=True, names=names)
            counts = archive.counts()
        if report.interrupted:
            raise typer.Exit(130)
        for problem in report.problems:
            err.print(f"✗ {problem}", markup=False)
        err.print(
            f"完成：{len(names)} 个网站，{counts.captures} 份快照（本次 {counts.captures - before}），{counts.articles} 篇文章（本次新增或改动 "
            f"{report.articles}），不切题而没有收的 {counts.rejected} 页，用时 {time.monotonic() - began:.1f} 秒"
        )
        command = _command()
        err.print("接着可以试：")
        for question in QUESTIONS:
            err.print(f"  ZHAOSHANG_DATA={own.data} {command} search '{question}'", markup=False)
        err.print(f"  ZHAOSHANG_DATA={own.data} {command} status", markup=False)
        err.print(
            f"  采真的网站：{command} sources list，{command} sources enable 名称，{command} nightly", markup=False
        )
        if serve:
            from search_api.server import run

            run(
                own.model_copy(update={"port": port}) if port is not None else own,
                on_ready=lambda address: err.print(f"检索页面：{address}，接口说明：{address}/help/api，Ctrl-C 结束"),
            )
