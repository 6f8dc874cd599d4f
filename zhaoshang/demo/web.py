"""The six sites together: `python -m zhaoshang.demo.web` serves them until Ctrl-C."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import tomli_w

from zhaoshang.demo import discuz, feed, hanweb, mirror, portal, trs
from zhaoshang.demo.content import Expected
from zhaoshang.demo.server import SiteKind, SiteServer, Visit

KINDS = (discuz.SITE, trs.SITE, hanweb.SITE, portal.SITE, mirror.SITE, feed.SITE)
PORTS = tuple(range(18701, 18701 + len(KINDS)))  # fixed, because article ids derive from addresses


@dataclass(frozen=True)
class DemoSite:
    """A sample site that is being served. `url` is its home page."""

    name: str
    title: str
    url: str
    kind: str
    region: str
    start_urls: tuple[str, ...]
    spider: str | None


class DemoWeb:
    """The sample web. `ports` are one a site, 0 for any free one; without `ports` the usual ones are taken where they are free.

    `note` is a line for the reader where other ports had to be taken, `log` the requests answered so far.
    """

    def __init__(self, host: str = "127.0.0.1", ports: Sequence[int] | None = None) -> None:
        self.host, self.ports = host, ports
        self.sites: list[DemoSite] = []
        self.log: list[Visit] = []
        self.note: str | None = None
        self._servers: list[SiteServer] = []

    def __enter__(self) -> DemoWeb:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serves all sites in threads. Raises OSError where a port that was asked for is taken, ValueError where there are too few ports."""
        try:
            for kind, port in zip(KINDS, self.ports or PORTS, strict=True):
                self._servers.append(self._server(kind, port))
        except BaseException:
            self.stop()
            raise
        for server in self._servers:
            server.start()
            kind = server.kind
            self.sites.append(
                DemoSite(
                    name=kind.name,
                    title=kind.title,
                    url=server.base + "/",
                    kind=kind.kind,
                    region=kind.region,
                    start_urls=tuple(server.base + path for path in kind.starts),
                    spider=kind.spider,
                )
            )

    def _server(self, kind: SiteKind, port: int) -> SiteServer:
        try:
            return SiteServer(kind, self.host, port, self.log)
        except OSError:
            if self.ports is not None:
                raise
        self.note = "示例网站的常用端口被占用，改用了空闲端口：文章的编号与上次不同。"
        return SiteServer(kind, self.host, 0, self.log)

    def stop(self) -> None:
        """Closes all sites; a second call does nothing."""
        for server in self._servers:
            server.stop()
        self._servers, self.sites = [], []

    def change(self) -> None:
        """Switches the page that changes between two crawls to its second version."""
        for server in self._servers:
            server.edition = 2

    def serve_forever(self) -> None:
        """Waits until interrupted."""
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)

    def expected(self) -> list[Expected]:
        """What a crawl of all sites should find, page by page, before `change`."""
        return [e for server in self._servers for e in server.kind.expected(server.base)]

    def sources(self, folder: Path) -> list[Path]:
        """Writes the source files of the sample web into `folder`, which is made where it is missing; returns them."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for site in self.sites:
            path = folder / f"{site.name}.toml"
            path.write_text(tomli_w.dumps(_source(site)), encoding="utf-8")
            written.append(path)
        return written


def _source(site: DemoSite) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": site.name,
        "title": site.title,
        "kind": site.kind,
        "region": site.region,
        "start_urls": list(site.start_urls),
        "seen_in": "随软件附带的示例网站",
    }
    return facts | ({"spider": site.spider} if site.spider else {})


def main() -> None:
    with DemoWeb() as web:
        if web.note:
            print(web.note)
        for site in web.sites:
            print(f"{site.url}  {site.title}")
        print("按 Ctrl-C 结束。", flush=True)
        web.serve_forever()


if __name__ == "__main__":
    main()
