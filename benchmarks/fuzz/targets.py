"""What is fuzzed. Each target takes any bytes and raises only where the product has a fault: its own errors are answers.

What else an input needs (address, content type) is chosen by its bytes, so that a file of them is the whole case.
"""

from __future__ import annotations

import random
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

Run = Callable[[bytes], None]

_URLS = (
    "http://seed.example/zs/index.html",
    "http://seed.example/zs/202403/t20240312_1.html?a=1#b",
    "https://招商.example/list.jsp?p=2",
)
_TYPES = ("text/html; charset=utf-8", "text/html; charset=gb2312", "text/html", "application/xml", "application/json", "text/html; charset=utf-16", "")  # fmt: skip
_REGION, _KIND = "430100", "government"


def _page(content: bytes) -> tuple[str, dict[str, str]]:
    chance = random.Random(zlib.crc32(content))
    kind = chance.choice(_TYPES)
    return chance.choice(_URLS), {"Content-Type": kind} if kind else {}


def extract() -> Run:
    """A captured page, through all that a worker does with it."""
    from crawler.extraction.worker import Page, extract_page

    def run(content: bytes) -> None:
        url, headers = _page(content)
        outcome = extract_page([Page(content, url, headers, 200)], None)
        if outcome.article is not None:
            outcome.article.to_json()

    return run


def lists() -> Run:
    """A list page of any system, a feed or a site map."""
    from crawler.platforms import ListError, read_list, recognise

    def run(content: bytes) -> None:
        url, headers = _page(content)
        with suppress(ListError):
            recognise(content, url, headers=headers)
            read_list(content, url, headers=headers)

    return run


def documents() -> Run:
    """A PDF or Word file that a page links."""
    from crawler.extraction.documents.attachments import AttachmentError, read_attachment

    def run(content: bytes) -> None:
        with suppress(AttachmentError):
            _ = read_attachment(content).text

    return run


def robots() -> Run:
    """What stands in the place of robots.txt."""
    from crawler.web.robots import read
    from crawler.web.site_policy import SitePolicy

    policy = SitePolicy(contact="", delay=0, version="0")

    def run(content: bytes) -> None:
        rules = read(200, content, _page(content)[1], policy)
        for url in _URLS:
            rules.refusal(url)

    return run


def insight() -> Run:
    """A text, read for practices, places and figures, and cut into tokens."""
    from indexer.insight import read
    from indexer.insight.explain import explain

    def run(content: bytes) -> None:
        text = content.decode("utf-8", "replace").replace("\x00", "")
        title, _, rest = text.partition("\n")
        read(title[:500], rest, published="2024-03-12").to_json()
        explain(title[:500], rest[:2_000])

    return run


def _importing(suffix: str) -> Run:
    """Pages from a foreign file: each is kept, and read back as it was."""
    from crawler.archive import Archive, Exchange
    from crawler.configuration import load_settings
    from crawler.importing.pages import PagesReport, exchanges

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    archive = Archive.open(load_settings(data=folder / "data", database=""))
    writer = archive.captures.writer(archive.runs.start("import"))
    path = folder / f"input{suffix}"

    def run(content: bytes) -> None:
        path.write_bytes(content)
        for number, page in enumerate(exchanges(path, PagesReport())):
            if number < 5:
                kept = writer.write(Exchange(page.url, page.status, page.headers, page.body, page.fetched_at))
                assert archive.captures.payload(kept).content == page.body, "not read back as it was written"

    return run


def warc() -> Run:
    """A WARC file of another program."""
    return _importing(".warc")


def saved() -> Run:
    """A page that a browser saved."""
    return _importing(".mhtml")


def jsonl() -> Run:
    """Articles as JSON lines."""
    from crawler.archive import Archive
    from crawler.configuration import load_settings
    from crawler.importing.articles import import_articles

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    archive = Archive.open(load_settings(data=folder / "data", database=""))
    path = folder / "input.jsonl"

    def run(content: bytes) -> None:
        path.write_bytes(content)
        import_articles(path, archive)

    return run


def _sample() -> Any:
    from tests.sample_archive import indexed

    return indexed(Path(tempfile.mkdtemp(prefix="fuzz-")) / "data").settings


def query() -> Run:
    """A query, read, told in words and answered."""
    from crawler.archive import Archive
    from indexer.engines.registry import open_engine
    from indexer.search.searcher import Searcher

    settings = _sample()
    archive = Archive.open(settings)
    searcher = Searcher(open_engine(settings), archive)

    def run(content: bytes) -> None:
        searcher.search(content.decode("utf-8", "surrogateescape"), facets=("year", "practice"))

    return run


def api() -> Run:
    """A request's path and query: any page, the API, exports, feeds."""
    from starlette.testclient import TestClient

    from search_api.application import create_application

    client = TestClient(
        create_application(_sample()),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50_000),
        follow_redirects=False,
    )
    client.__enter__()
    addresses = _addresses(client)

    def run(content: bytes) -> None:
        text = content.decode("utf-8", "replace")[:4_000]
        asked, _, query = text.partition("?")
        if not asked.startswith("/"):
            asked = addresses[zlib.crc32(content) % len(addresses)]
        pairs: list[Any] = [pair.partition("=")[::2] for pair in (query or text).split("&")]
        answer = client.get("/" + quote(asked.lstrip("/"), safe="/%"), params=pairs)
        assert answer.status_code < 500, f"{answer.status_code}: {answer.text[:300]}"

    return run


def _addresses(client: Any) -> list[str]:
    """Paths of the application, ids filled with ones that exist."""
    document = client.get("/api/v1/openapi.json").json()
    known = client.get("/api/v1/search", params={"q": "招商"}).json()["hits"][0]["id"]
    paths = [path.replace("{article_id}", known) for path in document["paths"]]
    return [*(path for path in paths if "{" not in path), "/", "/matrix", "/compare", "/places", "/feed", "/practices/fund", "/sources"]  # fmt: skip


TARGETS: Mapping[str, Callable[[], Run]] = {
    "extract": extract,
    "lists": lists,
    "feeds": lists,
    "sitemaps": lists,
    "documents": documents,
    "robots": robots,
    "insight": insight,
    "warc": warc,
    "saved": saved,
    "jsonl": jsonl,
    "query": query,
    "api": api,
}
