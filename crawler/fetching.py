"""A few polite requests outside a crawl: for probing an address, checking a source, adding a single page."""

from __future__ import annotations

import gzip
import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from io import BytesIO
from typing import IO
from urllib.parse import urljoin, urlsplit

from protego import Protego

from crawler.challenge import challenge
from crawler.configuration import Settings
from crawler.pasted import pasted, sendable, without_mark
from crawler.reach import NO_CONTACT, is_loopback
from crawler.reasons import reason_of
from crawler.terminal import Refusal

MOST_BYTES = 20_000_000
TIMEOUT = 30.0  # seconds
AGENT = "zhaoshang"
_HOST = re.compile(r"localhost|[0-9a-f:]*:[0-9a-f:.]*|(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_](?:[\w-]*[^\W_])?\.?", re.I)


class FetchError(Exception):
    """No answer came; `reason` is one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forbidden(FetchError):
    """robots.txt forbids the address."""


class BudgetSpent(FetchError):
    """The requests that were allowed are used up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came: `url` after redirects, `content` decoded from transfer and content encodings."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


@dataclass
class Fetcher:
    """Asks at most `most` times in all, redirects and robots.txt included, one after the other and never faster than the settings' delay.

    `note` is told of each request before it is made. Raises Refusal where the address is not this machine's and no contact is set.
    """

    settings: Settings
    most: int
    note: Callable[[str], None] = lambda text: None
    requests: int = 0
    robots: dict[str, str] = field(default_factory=dict)  # site → what became of its robots.txt
    _rules: dict[str, Protego | None] = field(default_factory=dict)
    _last: float = 0.0

    def get(
        self, url: str, *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer, redirects followed. Raises Forbidden, BudgetSpent, FetchError."""
        for _ in range(5):
            try:
                url = sendable(url)
            except ValueError as error:
                raise FetchError(f"不是网址：{url}") from error
            self._obey(url)
            answer = self._ask(url, method, body, headers or {})
            place = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not place:
                return answer
            url = urljoin(url, _as_meant(place))
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body = "GET", b""
        raise FetchError("转向次数过多")

    def _obey(self, url: str) -> None:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = None
            try:
                answer = self._ask(f"{site}/robots.txt", "GET", b"", {})
            except FetchError as error:
                if isinstance(error, BudgetSpent):
                    raise
                self.robots[site] = f"读不到（{error.reason}）"
            else:
                if answer.status == 200:
                    self._rules[site] = Protego.parse(answer.content.decode("utf-8", "replace"))
                self.robots[site] = "有" if answer.status == 200 else f"没有（HTTP {answer.status}）"
        rules = self._rules[site]
        if rules is not None and not rules.can_fetch(url, AGENT):
            self.robots[site] = "不允许抓取这个网址"
            raise Forbidden(f"robots.txt 不允许抓取 {url}")

    def _ask(self, url: str, method: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if not self.settings.contact and not is_loopback(url):
            raise Refusal(NO_CONTACT)
        if self.requests >= self.most:
            raise BudgetSpent(f"已用完 {self.most} 次请求")
        self.requests += 1
        self.note(f"第 {self.requests} 次请求：{url}")
        time.sleep(max(0.0, self._last + self.settings.delay - time.monotonic()))
        contact = f" (+{self.settings.contact})" if self.settings.contact else ""
        request = urllib.request.Request(
            url,
            data=body if method == "POST" else None,
            method=method,
            headers={
                "User-Agent": f"zhaoshang/0.1{contact}",
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
                "Accept-Encoding": "gzip, deflate",
                **headers,
            },
        )
        try:
            with _opener().open(request, timeout=TIMEOUT) as response:
                return _answer(url, response.status, response.headers, response)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(url, error.code, error.headers, error)
        except urllib.error.URLError as error:
            raise FetchError(f"连不上：{reason_of(error)}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"连不上：{reason_of(error)}") from error
        finally:
            self._last = time.monotonic()


def address(text: str) -> str:
    """The address in what an operator typed or pasted, as it can be sent. Raises Refusal where there is none, or more than one."""
    found = pasted(text)
    if len(found) > 1:
        raise Refusal(f"一次只看一个网址，这里有 {len(found)} 个：{'、'.join(found)}")
    named = found[0]
    url = named if "://" in named else f"http://{named}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_named = bool(_HOST.fullmatch(host) or ("://" in named and re.fullmatch(r"[\w-]+", host))) and parts.port != 0
        url = without_mark(sendable(url))
    except ValueError:
        parts, is_named = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not is_named:
        raise Refusal(f"不是网址：{text.strip()}；应以 http:// 或 https:// 开头，如 http://www.example.gov.cn/zsyz/")
    return url


def _as_meant(place: str) -> str:
    """A Location whose characters stand in it as bytes, which HTTP reads as Latin-1."""
    if place.isascii():
        return place
    raw = place.encode("latin-1", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return place


def page_at(fetcher: Fetcher, url: str) -> Answer:
    """The page that the operator named. Raises Refusal where it does not come, or a challenge or an error in its place."""
    try:
        answer = fetcher.get(url)
    except FetchError as error:
        raise Refusal(f"读不到 {url}：{error.reason}") from error
    if barred := challenge(answer.status, answer.content, answer.headers):
        raise Refusal(f"读不到 {url}：网站设了验证，不绕过（{barred}）")
    if answer.status != 200:
        raise Refusal(f"读不到 {url}：HTTP {answer.status}")
    return answer


def _opener() -> urllib.request.OpenerDirector:
    # Certificates are not checked, as in the crawl: public pages of sites whose certificates often lapse; nothing secret is sent.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return urllib.request.build_opener(_NoRedirects, urllib.request.HTTPSHandler(context=context))


def _answer(url: str, status: int, headers: Message, stream: IO[bytes]) -> Answer:
    content = stream.read(MOST_BYTES + 1)
    names = {name.lower(): value for name, value in headers.items()}
    encoding = names.pop("content-encoding", "")
    try:
        if encoding in ("gzip", "x-gzip") or (
            not encoding and content.startswith(b"\x1f\x8b") and not url.endswith(".gz")
        ):
            content = gzip.GzipFile(fileobj=BytesIO(content)).read(MOST_BYTES + 1)
        elif encoding == "deflate":
            content = zlib.decompressobj().decompress(content, MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FetchError(f"压缩的内容已损坏（{reason_of(error)}）") from error
    if len(content) > MOST_BYTES:
        raise FetchError("超过 20 MB")
    return Answer(url, status, names, content)
