"""Pages as a browser shows them, for sources whose lists or articles a script writes. The browser asks nobody: every request of its own is answered by us.

What a page needs (its scripts, and the data that they ask for) is fetched as anything else is: robots.txt, delays, limits and the address guard hold. Pictures,
fonts, styles, frames and further pages are not fetched at all. No cookie is sent, so that nothing here gets past a challenge.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Route

PACKAGE = "scrapy_playwright"
SECONDS = 60.0  # for a page, from its first byte until its document is read
SILENT_SECONDS = 30.0  # in which the network is to fall silent; what shows until then is taken
SCRIPTS, DATA = frozenset({"script"}), frozenset({"xhr", "fetch"})
_SENT = ("accept", "content-type", "x-requested-with")
_NOT_ANSWERED = ("content-encoding", "content-length", "transfer-encoding", "set-cookie", "content-security-policy")
_HTML = ("text/html", "application/xhtml+xml")


class RenderingError(Exception):
    """A page could not be shown; the message is one line: what, and what to do."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What the browser is given: a page, a script, data."""

    status: int
    headers: Mapping[str, str]
    content: bytes


# what a page asks for, by kind (script, xhr, fetch): method, address, body, headers; None where it is not to be had
Fetch = Callable[[str, str, str, bytes, Mapping[str, str]], Resource | None]


def missing() -> str | None:
    """What a browser lacks here, in one line with what to do; None where pages can be shown."""
    if importlib.util.find_spec(PACKAGE) is None:
        return "render = true 要装附加组件：pip install 'zhaoshang[render]'"
    if _browser() is None:
        return "render = true 要有 Chromium：apt-get install chromium"
    return None


def launch_options() -> dict[str, Any]:
    """How the browser is started. All that is not answered here goes to a port where nobody listens."""
    return {
        "executable_path": _browser(),
        "headless": True,
        "chromium_sandbox": os.geteuid() != 0,  # it has none for root
        "proxy": {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"},
        "args": ["--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-background-networking"],
    }


def context_options(user_agent: str) -> dict[str, Any]:
    """What a page finds: nothing of another page's."""
    return {
        "user_agent": user_agent,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "service_workers": "block",
        "accept_downloads": False,
    }


def is_page(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer (header names in lower case) is a page that a browser would show."""
    return status == 200 and headers.get("content-type", "text/html").partition(";")[0].strip().lower() in _HTML


def sent_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Of the headers of a request of the browser's those that are sent."""
    return {name: value for name, value in headers.items() if name.lower() in _SENT}


def given_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Of the headers of an answer those that the browser is given, and that any page may read what was fetched for it."""
    kept = {name: value for name, value in headers.items() if name.lower() not in _NOT_ANSWERED}
    return {**kept, "access-control-allow-origin": "*"}


def render(url: str, page: Resource, user_agent: str, fetch: Fetch) -> bytes:
    """The document of a page, in UTF-8, after its scripts have run and the network has fallen silent. Raises RenderingError, and what `fetch` raises."""
    if said := missing():
        raise RenderingError(said)
    from playwright.async_api import Error

    try:
        return asyncio.run(_render(url, page, user_agent, fetch))
    except TimeoutError as error:
        raise RenderingError(f"浏览器没有显示这一页（超过 {SECONDS:g} 秒）") from error
    except Error as error:
        raise RenderingError(describe(error)) from error


async def _render(url: str, page: Resource, user_agent: str, fetch: Fetch) -> bytes:
    from playwright.async_api import Error, async_playwright

    given, one_by_one = asyncio.Event(), asyncio.Lock()
    faults: list[Exception] = []

    async def answer(route: Route, asked: Request) -> None:
        found = None
        if asked.is_navigation_request():
            found = None if given.is_set() else page
            given.set()
        elif asked.resource_type in SCRIPTS | DATA and asked.method in ("GET", "POST"):
            body, headers = asked.post_data_buffer or b"", sent_headers(asked.headers)
            try:
                async with one_by_one:
                    found = await asyncio.to_thread(
                        lambda: fetch(asked.resource_type, asked.method, asked.url, body, headers)
                    )
            except Exception as fault:  # Playwright would lose it, and the page wait
                faults.append(fault)
        with suppress(Error):  # the page has gone
            if found is None:
                await route.abort()
            else:
                await route.fulfill(status=found.status, headers=given_headers(found.headers), body=found.content)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        try:
            async with asyncio.timeout(SECONDS):
                shown = await (await browser.new_context(**context_options(user_agent))).new_page()
                await shown.route("**", answer)
                await shown.goto(url, wait_until="domcontentloaded", timeout=1000 * SECONDS)
                await fall_silent(shown)
                return (await shown.content()).encode("utf-8", "replace")
        finally:
            await browser.close()
            if faults:
                raise faults[0]


async def fall_silent(page: Page) -> None:
    """Waits until a page asks for nothing more, or for so long that it will not end."""
    from playwright.async_api import Error

    with suppress(Error):
        await page.wait_for_load_state("networkidle", timeout=1000 * SILENT_SECONDS)


def describe(error: BaseException) -> str:
    """Why a browser did not show a page, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"浏览器没有显示这一页（{lines[0][:200] if lines else type(error).__name__}）"


def _browser() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
