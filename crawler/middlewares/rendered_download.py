"""Downloads of a source with `render = true`: a page is fetched as ever, then shown in a browser; its document after the network fell silent is the answer.

The browser is scrapy-playwright's, and asks nobody by itself: see `crawler.web.rendering`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error, Route
from playwright.async_api import Request as BrowserRequest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.middlewares.checked_download import CheckedDownloadHandler
from crawler.spiders.request_errors import NO_RESPONSE
from crawler.spiders.scrapy_response import headers_of
from crawler.web import rendering
from crawler.web.challenge import challenge
from crawler.web.content_encoding import BodyTooLarge, EncodingFault, decompress
from crawler.web.rendering import Resource

logger = logging.getLogger(__name__)

MOST_SCRIPTS = 200  # kept for the pages that follow
_PAGES = ("article", "part", "list")


class RenderedDownloadHandler(ScrapyPlaywrightDownloadHandler, CheckedDownloadHandler):  # type: ignore[misc]
    """Sets `meta["rendered_from"]` of a page that was shown to the Resource that came. Raises DownloadFailedError where the browser fails.

    What a page needs and cannot have, it does without. Any other error meanwhile becomes that of the page.
    """

    lazy = True  # made with the first request: there is one for each scheme, and each starts a browser

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._starting, self._started = asyncio.Lock(), False
        self._pages: dict[str, Resource] = {}  # by the name of the browser's context
        self._faults: dict[str, Exception] = {}  # likewise
        self._scripts: OrderedDict[str, Resource] = OrderedDict()
        self._shown = 0

    async def download_request(self, request: Request) -> Response:
        response = await CheckedDownloadHandler.download_request(self, request)
        page = self._page(request, response)
        return response if page is None else await self._show(request, page)

    def _page(self, request: Request, response: Response) -> Resource | None:
        """What the browser is to show; None for what is no page, and for a challenge, which is never tried."""
        headers = {name.lower(): value for name, value in headers_of(response).items()}
        if request.meta.get("role") not in _PAGES or request.method != "GET":
            return None
        if "dataloss" in response.flags or not rendering.is_page(response.status, headers):
            return None
        body = response.body
        try:
            for encoding in reversed([e.strip().lower() for e in headers.get("content-encoding", "").split(",")]):
                if encoding not in ("", "identity"):
                    body, _ = decompress(body, encoding, self._policy.most_bytes)
        except (EncodingFault, BodyTooLarge):
            return None  # told by whoever decompresses the answer
        barred = challenge(response.status, body, headers)
        return None if barred else Resource(response.status, headers, body)

    async def _show(self, request: Request, page: Resource) -> Response:
        async with self._starting:
            if not self._started:  # the signal that it waits for was sent before it was made
                await self._launch()
                self._started = True
        self._shown += 1
        name = f"{self._shown}"
        self._pages[name] = page
        shown = request.replace(
            meta={
                "playwright": True,
                "playwright_context": name,
                "playwright_context_kwargs": rendering.context_options(self._policy.user_agent),
                "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
                "playwright_page_methods": [PageMethod(rendering.fall_silent)],
            }
        )
        try:
            async with asyncio.timeout(rendering.SECONDS):
                answer = await self._download_request(shown)
        except TimeoutError as error:
            raise DownloadTimeoutError(request.url) from error
        except Error as error:
            raise DownloadFailedError(rendering.describe(error)) from error
        finally:
            del self._pages[name]
            fault = self._faults.pop(name, None)
            if (context := self.context_wrappers.get(name)) is not None:
                with suppress(Error):
                    await context.context.close()
            if fault is not None:
                raise fault
        request.meta["rendered_from"] = page
        headers = {
            "Content-Type": "text/html; charset=utf-8"
        }  # no validator: the page may stay as it is while its data change
        if date := page.headers.get("date"):
            headers["Date"] = date
        return HtmlResponse(
            request.url, headers=headers, body=answer.text.encode("utf-8", "replace"), encoding="utf-8", request=request
        )

    def _make_request_handler(
        self, *, context_name: str, initial_request_done: asyncio.Event, **_: Any
    ) -> Callable[[Route, BrowserRequest], Awaitable[None]]:
        async def answer(route: Route, asked: BrowserRequest) -> None:
            if not asked.is_navigation_request():
                try:
                    found = await self._resource(asked)
                except Exception as fault:
                    if context_name not in self._pages:
                        raise
                    self._faults.setdefault(context_name, fault)  # Playwright would lose it, and the page wait
                    found = None
            elif initial_request_done.is_set():
                found = None  # frames, and where the page sends its reader: the crawl follows that by itself
            else:
                initial_request_done.set()
                found = self._pages.get(context_name)
            with suppress(Error):  # the page has gone
                if found is None:
                    await route.abort()
                else:
                    headers = rendering.given_headers(found.headers)
                    await route.fulfill(status=found.status, headers=headers, body=found.content)

        return answer

    async def _resource(self, asked: BrowserRequest) -> Resource | None:
        """A script or data that a page asks for, fetched through all the middlewares; None where it is not to be had."""
        kind = asked.resource_type
        if kind not in rendering.SCRIPTS | rendering.DATA or asked.method not in ("GET", "POST"):
            return None
        if asked.url in self._scripts:
            return self._scripts[asked.url]
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(
                Request(
                    asked.url,
                    method=asked.method,
                    body=asked.post_data_buffer or b"",
                    headers=rendering.sent_headers(asked.headers),
                    # a slot of its own: the page's waits for this
                    meta={"rendering": kind, "download_slot": f"{urlsplit(asked.url).hostname} (scripts)"},
                    callback=NO_CALLBACK,
                )
            )
        except NO_RESPONSE as error:  # the page does without
            logger.info("页面要的 %s 没有取：%s", asked.url, error)
            return None
        found = Resource(response.status, {k.lower(): v for k, v in headers_of(response).items()}, response.body)
        if kind in rendering.SCRIPTS and response.status == 200:
            self._scripts[asked.url] = found
            if len(self._scripts) > MOST_SCRIPTS:
                self._scripts.popitem(last=False)
        return found
