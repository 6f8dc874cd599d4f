"""Make docs/screenshots/*.png again: the demo is crawled into a temporary folder, served on loopback and opened in Chromium.

python -m benchmarks.screenshots [NAME…]
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from crawler.configuration import Settings
from search_api.application import create_application
from search_api.web.app_state import AppState

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
QUERY = "飞地 税收"


@dataclass(frozen=True)
class Shot:
    """One picture: `path` may hold {article}, the id of an article that QUERY finds and that has evidence."""

    name: str
    path: str
    width: int = 1280
    height: int = 900
    scheme: Literal["light", "dark"] = "light"


SHOTS = (
    Shot("search", f"/?q={QUERY}"),
    Shot("article", f"/articles/{{article}}?q={QUERY}"),
    Shot("search-dark", f"/?q={QUERY}", scheme="dark"),
    Shot("search-phone", f"/?q={QUERY}", 390, 844),
    Shot("article-phone", f"/articles/{{article}}?q={QUERY}", 390, 844, "dark"),
    Shot("practice", "/practices/enclave"),
    Shot("matrix", "/matrix?columns=place"),
    Shot("places", "/places", height=780),
    Shot("sources", "/sources", height=620),
)


def main(names: list[str]) -> None:
    """All pictures, or those named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = _demo(Path(folder))
        article = _article(settings)
        with _served(settings) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for shot in SHOTS:
                if not names or shot.name in names:
                    _take(browser, address, shot, article)
                    print(FOLDER / f"{shot.name}.png")
            browser.close()


def _demo(folder: Path) -> Settings:
    environment = {**os.environ, "ZHAOSHANG_DATA": str(folder)}
    subprocess.run([sys.executable, "-m", "zhaoshang", "demo", "--no-serve"], env=environment, check=True)
    return Settings(data=folder / "demo")


def _article(settings: Settings) -> str:
    """The best hit in simplified characters in which practices and figures were read."""
    library = AppState(settings)
    hits = library.searcher.search(QUERY, top=20, strict=True).hits
    stored = library.archive.articles.get_many([hit.id for hit in hits])
    readings = library.archive.readings.get_many([hit.id for hit in hits])
    library.close()
    for hit in hits:
        reading = readings.get(hit.id, {})
        if stored[hit.id].article.script == "hans" and reading.get("practices") and reading.get("figures"):
            return hit.id
    raise SystemExit(f"nothing in the demo answers {QUERY} with practices and figures")


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_application(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def _take(browser: Browser, address: str, shot: Shot, article: str) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        locale="zh-CN",
    )
    page = context.new_page()
    for _ in range(2):  # the first answer of a server that has just started opens its files
        page.goto(shot.path.format(article=article))
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
