"""A few polite requests outside a crawl: for probing an address, checking a source, adding a single page."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from crawler.configuration import Settings
from crawler.reasons import describe_error
from crawler.terminal import Refusal
from crawler.web import legacy_tls, redirects, rendering, robots
from crawler.web.address_guard import IPAddress, RefusedAddressError, place_of, resolve
from crawler.web.challenge import challenge
from crawler.web.connection import Request, exchange
from crawler.web.contact_policy import NO_CONTACT
from crawler.web.content_encoding import BodyTooLarge, EncodingFault, decompress, decompress_beginning
from crawler.web.pasted_url import parse_pasted_urls, sendable, without_mark
from crawler.web.rendering import RenderingError, Resource
from crawler.web.robots import Rules
from crawler.web.site_policy import SitePolicy, site_policy

_PIECE = 65_536  # bytes
MOST_FOR_PAGES = 24  # requests more, where pages are shown in a browser: their scripts and data
_HOST = re.compile(r"localhost|[0-9a-f:]*:[0-9a-f:.]*|(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_](?:[\w-]*[^\W_])?\.?", re.I)


class FetchError(Exception):
    """No answer came; `reason` is one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forbidden(FetchError):
    """robots.txt forbids the address, or an error or a challenge in its place leaves unknown what it forbids."""


class Challenged(Forbidden):
    """A challenge stands in the place of robots.txt."""


class Unreachable(FetchError):
    """No answer came, neither the first time nor the second."""


class BudgetSpent(FetchError):
    """The requests that were allowed are used up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came: `url` after redirects, `content` decoded from transfer and content encodings."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass
class Fetcher:
    """Asks at most `most` times in all, redirects, second attempts and robots.txt included, one after the other, as the site policy has it.

    `note` is told of each request before it is made. `named` are the hosts that the operator named (`address_guard.names_of`): others are asked only where
    their addresses are public. `tls` is that of the source; with `render` pages come as a browser shows them, and what they need counts as requests. Raises Refusal where the address is not this machine's and no contact is set.
    """

    settings: Settings
    most: int
    note: Callable[[str], None] = lambda text: None
    named: frozenset[str] = frozenset()
    tls: Literal["legacy"] | None = None
    render: bool = False
    requests: int = 0
    robots: dict[str, str] = field(default_factory=dict)  # site → what became of its robots.txt
    _policy: SitePolicy = field(init=False)
    _rules: dict[str, Rules] = field(default_factory=dict)  # by origin
    _last: dict[str, float] = field(default_factory=dict)  # host → when it was asked last
    _resolved: dict[str, tuple[IPAddress, ...]] = field(default_factory=dict)  # by host: asked for once
    _scripts: dict[str, Resource] = field(default_factory=dict)  # by address
    _waited: float = 0.0  # seconds, for answers
    _miscounting: set[str] = field(default_factory=set)  # hosts whose answers are as long again as they were cut off

    def __post_init__(self) -> None:
        self._policy = site_policy(self.settings).for_tls(self.tls)

    def get(
        self, url: str, *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer, redirects followed. Raises Forbidden, Unreachable, BudgetSpent, FetchError."""
        answer = self._follow(url, method, body, headers or {}, obey=True)
        return self._as_shown(answer) if self.render and method == "GET" else answer

    def _as_shown(self, answer: Answer) -> Answer:
        """A page with the document that its scripts made. A challenge is left as it is."""
        if not rendering.is_page(answer.status, answer.headers):
            return answer
        if challenge(answer.status, answer.content, answer.headers):
            return answer
        page = Resource(answer.status, answer.headers, answer.content)
        try:
            document = rendering.render(answer.url, page, self._policy.user_agent, partial(self._resource, answer.url))
        except RenderingError as error:
            raise FetchError(str(error)) from error
        return replace(answer, content=document, headers={"content-type": "text/html; charset=utf-8"})

    def _resource(
        self, page: str, kind: str, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> Resource | None:
        """A script, or data of the page's own host, that a page asks for; None where it is not to be had."""
        if kind in rendering.DATA and urlsplit(url).netloc != urlsplit(page).netloc:
            return None
        if url in self._scripts:
            return self._scripts[url]
        try:
            answer = self._follow(url, method, body, headers, obey=True)
        except (FetchError, Refusal):
            return None
        found = Resource(answer.status, answer.headers, answer.content)
        if kind in rendering.SCRIPTS:
            self._scripts[url] = found
        return found

    def document(self, url: str) -> Answer:
        """`get`, of a document that a page links: it may be as large as the crawl takes one."""
        of_pages = self._policy
        self._policy = replace(of_pages, most_bytes=of_pages.most_document_bytes)
        try:
            return self.get(url)
        finally:
            self._policy = of_pages

    def _follow(self, url: str, method: str, body: bytes, headers: Mapping[str, str], *, obey: bool) -> Answer:
        for _ in range(self._policy.redirects + 1):
            url = self._as_asked(url)
            if obey:
                self._obey(url)
            answer = self._attempts(url, method, body, headers, beginning=not obey)
            location = answer.headers.get("location")
            try:
                target = redirects.target_of(url, answer.status, location)
            except ValueError as error:
                raise FetchError(f"转到的不是网址：{location}"[:200]) from error
            if target is None:
                return answer
            if redirects.becomes_get(answer.status, method):
                method, body = "GET", b""
                headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
            url = target
        raise FetchError("转向次数过多")

    def _as_asked(self, url: str) -> str:
        """The address as it is sent. Raises FetchError where it is none to ask or leads into a private network, Refusal where a contact is needed."""
        try:
            sent = sendable(url)
        except ValueError as error:
            raise FetchError(f"不是网址：{url}") from error
        if fault := self._policy.address_fault(sent):
            raise FetchError(fault)
        if self._policy.needs_contact(sent):
            raise Refusal(NO_CONTACT)
        try:
            self._addresses(sent)
        except RefusedAddressError as error:
            raise FetchError(str(error)) from error
        return sent

    def _addresses(self, url: str) -> tuple[IPAddress, ...]:
        """What to connect to for an address. Raises RefusedAddressError, Unreachable."""
        place, proxy, guard = place_of(url), self._policy.proxy_for(url), self._policy.guard(self.named)
        if proxy:
            guard.check_spelled(place)
            return self._resolve(place_of(proxy).host)
        addresses = self._resolve(place.host)
        guard.check(place, addresses)
        return addresses

    def _resolve(self, host: str) -> tuple[IPAddress, ...]:
        if host not in self._resolved:
            try:
                self._resolved[host] = resolve(host)
            except (OSError, UnicodeError) as error:
                raise Unreachable(f"连不上：{describe_error(error)}") from error
        return self._resolved[host]

    def _obey(self, url: str) -> None:
        site = robots.origin_of(url)
        if site not in self._rules:
            self._read_robots(site)
        rules = self._rules[site]
        if rules.state == "unreachable":
            raise Unreachable(rules.refusal(url) or rules.said)
        if rules.state == "challenge":
            raise Challenged(rules.refusal(url) or rules.said)
        if not rules.known:
            raise Forbidden(rules.refusal(url) or rules.said)
        if not rules.allows(url):
            self.robots[site] = "不允许抓取这个网址"
            raise Forbidden(f"robots.txt 不允许抓取 {url}")

    def _read_robots(self, site: str) -> None:
        try:
            answer = self._follow(robots.robots_url(site), "GET", b"", {}, obey=False)
        except BudgetSpent:
            raise
        except FetchError as error:
            rules = robots.unreachable(error.reason)
        else:
            rules = robots.read(answer.status, answer.content, answer.headers, self._policy)
            if answer.url == robots.robots_url(
                answer.url
            ):  # a redirect to https, as a rule: that site has said it, too
                self._rules.setdefault(robots.origin_of(answer.url), rules)
        self._rules[site] = rules
        self.robots[site] = rules.said

    def _attempts(self, url: str, method: str, body: bytes, headers: Mapping[str, str], *, beginning: bool) -> Answer:
        """The answer to one request, asked for once more as the crawl would: after no answer, a server's error, an answer cut off."""
        host = urlsplit(url).hostname or ""
        lengths: list[int] = []  # at which the answer broke off
        for left in range(self._policy.retries, -1, -1):
            again = left > 0 and self.requests + 1 < self.most
            try:
                answer, cut_at = self._ask(url, method, body, headers, beginning=beginning)
            except Unreachable:
                if again:
                    continue
                raise
            if cut_at is not None and host not in self._miscounting:
                if again:
                    lengths.append(cut_at)
                    continue
                if cut_at not in lengths:
                    raise Unreachable("回答没有传完就断了")
                self._miscounting.add(host)
            if again and self._policy.asks_again(answer.status, answer.headers):
                continue
            return answer
        raise AssertionError("the last attempt returns or raises")

    def _ask(
        self, url: str, method: str, body: bytes, headers: Mapping[str, str], *, beginning: bool
    ) -> tuple[Answer, int | None]:
        """The answer, and how many bytes of it came where it broke off. `beginning`: no more than the policy reads of a robots.txt."""
        if self.requests >= self.most:
            raise BudgetSpent(f"已用完 {self.most} 次请求")
        self.requests += 1
        host = urlsplit(url).hostname or ""
        asked_for = max(
            (rules.crawl_delay for site, rules in self._rules.items() if urlsplit(site).hostname == host), default=0.0
        )
        wait = (
            max(0.0, self._last.get(host, 0.0) + max(self._policy.delay, asked_for) - time.monotonic())
            if host in self._last
            else 0.0
        )
        waiting = f"（robots.txt 要求间隔 {asked_for:g} 秒）" if asked_for > self._policy.delay else ""
        self.note(f"第 {self.requests} 次请求：{url}{waiting}")
        time.sleep(wait)
        told = {"User-Agent": self._policy.user_agent, **self._policy.headers, **headers}
        if method == "POST" and "content-type" not in map(str.lower, told):
            told["Content-Type"] = "application/x-www-form-urlencoded"
        request = Request(url, method, body if method == "POST" else None, told)
        began = self._last[host] = time.monotonic()
        left = self._policy.verb_timeout - self._waited
        if left <= 0:
            raise BudgetSpent(f"等回答的时间已用完（{self._policy.verb_timeout:g} 秒）")
        deadline = began + min(self._policy.timeout, left)
        try:
            with exchange(request, self._addresses(url), self._policy, deadline) as response:
                content, cut_off = _content(response, self._policy, beginning)
                return _answer(url, response, content, self._policy, beginning=beginning), len(
                    content
                ) if cut_off else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = describe_error(error)
            raise Unreachable(f"连不上：{said if self.tls else legacy_tls.with_remedy(said)}") from error
        finally:
            self._waited += time.monotonic() - began


def address(text: str) -> str:
    """The address in what an operator typed or pasted, as it can be sent. Raises Refusal where there is none, or more than one."""
    found = parse_pasted_urls(text)
    if len(found) > 1:
        raise Refusal(f"一次只看一个网址，这里有 {len(found)} 个：{'、'.join(found)}")
    named = found[0]
    url = named if "://" in named else f"http://{named}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_named = bool(_HOST.fullmatch(host) or ("://" in named and re.fullmatch(r"[\w-]+", host))) and parts.port != 0
        url = without_mark(sendable(url))
        place_of(url)
    except ValueError:
        parts, is_named = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not is_named:
        raise Refusal(f"不是网址：{text.strip()}；应以 http:// 或 https:// 开头，如 http://www.example.gov.cn/zsyz/")
    return url


def page_at(fetcher: Fetcher, url: str, *, document: bool = False) -> Answer:
    """The page that the operator named, or a document that it links. Raises Refusal where it does not come, or a challenge or an error in its place."""
    try:
        answer = fetcher.document(url) if document else fetcher.get(url)
    except FetchError as error:
        raise Refusal(f"读不到 {url}：{error.reason}") from error
    if barred := challenge(answer.status, answer.content, answer.headers):
        raise Refusal(f"读不到 {url}：网站设了验证，不绕过（{barred}）")
    if answer.status != 200:
        raise Refusal(f"读不到 {url}：HTTP {answer.status}")
    return answer


def _content(response: http.client.HTTPResponse, policy: SitePolicy, beginning: bool) -> tuple[bytes, bool]:
    """The body as sent, and whether it broke off before its end. Raises FetchError where it is too large."""
    expected = response.length  # None where only the end of the connection, or the last chunk, tells
    out = bytearray()
    while expected is None or len(out) < expected:
        try:
            piece = response.read1(_PIECE if expected is None else min(_PIECE, expected - len(out)))
        except http.client.IncompleteRead:
            return bytes(out), True
        if not piece:
            return bytes(out), expected is not None
        out += piece
        if beginning and len(out) >= policy.most_robots_bytes:
            return bytes(out), False
        if len(out) > policy.most_bytes:
            raise _too_large(policy)
    return bytes(out), False


def _answer(
    url: str, response: http.client.HTTPResponse, content: bytes, policy: SitePolicy, *, beginning: bool
) -> Answer:
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    encodings = [part.strip().lower() for part in headers.pop("content-encoding", "").split(",") if part.strip()]
    if not encodings and content.startswith(b"\x1f\x8b") and not url.endswith(".gz"):
        encodings = ["gzip"]
    for encoding in reversed(encodings):
        if encoding == "identity" or not content:
            continue
        try:
            if beginning:
                content = decompress_beginning(content, encoding, policy.most_robots_bytes)
                continue
            content, whole = decompress(content, encoding, policy.most_bytes)
        except EncodingFault as error:
            raise FetchError(f"压缩的内容已损坏（{error}）") from error
        except BodyTooLarge as error:
            raise _too_large(policy) from error
        if not whole and not content:  # else what came is taken, as the crawl takes it
            raise FetchError("压缩的内容已损坏（被截断）")
    return Answer(url, response.status, headers, content)


def _too_large(policy: SitePolicy) -> FetchError:
    return FetchError(f"超过 {policy.most_bytes // 1_000_000} MB")
