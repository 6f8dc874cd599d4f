"""How sites are asked: one policy for the crawl (Scrapy's settings, middlewares, extensions) and for single pages (`Fetcher`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from crawler.configuration import Settings, own_version
from crawler.terminal import Refusal
from crawler.web import legacy_tls
from crawler.web.address_guard import AddressGuard, parse_hosts, place_of
from crawler.web.contact_policy import is_loopback

AGENT = "zhaoshang"  # the name by which robots.txt may address us
MOST_BYTES = 20_000_000  # of a body, also once it is decompressed, whether it was crawled or imported
MOST_DOCUMENT_BYTES = 10_000_000  # of a document that a page links
MOST_HEADER_BYTES = 256 * 1024  # of all headers of an answer, with those of interim answers before it
MOST_URL = 2_000  # characters of an address


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """Seconds, bytes and counts that hold for every request to a site, and who may be asked at all."""

    contact: str  # e-mail or address in the user agent; without it only loopback is asked
    delay: float  # least seconds between two requests to one host
    version: str
    private_hosts: frozenset[str] = frozenset()  # asked though their addresses are not public; as AddressGuard has them
    proxy: str = (
        ""  # http://[user:password@]host:port, which then resolves the names of all but loopback and private hosts
    )
    agent: str = AGENT
    accept: str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    accept_language: str = "zh-CN,zh;q=0.9,en;q=0.5"
    accept_encoding: str = "gzip, deflate, br"
    # Certificates are not checked: those of public pages often lapse, many servers are old, and nothing secret is sent.
    tls_ciphers: str = "DEFAULT:@SECLEVEL=0"
    legacy_tls: bool = False  # versions 1.0 and 1.1, and their ciphers: for a source that asks for it
    timeout: float = 40.0  # seconds for one answer, from the request to its last byte
    verb_timeout: float = (
        180.0  # seconds that one verb waits for the answers to single pages in all, politeness not counted
    )
    most_bytes: int = MOST_BYTES
    most_document_bytes: int = MOST_DOCUMENT_BYTES
    most_header_bytes: int = MOST_HEADER_BYTES
    most_url: int = MOST_URL
    redirects: int = 8  # followed one after another
    retries: int = 1  # after no answer, or one of `retry_statuses`
    retry_statuses: frozenset[int] = frozenset({500, 502, 503, 504, 522, 524, 408})  # 429 is a challenge
    most_crawl_delay: float = 60.0  # seconds; a longer Crawl-delay counts as this
    most_robots_bytes: int = 512 * 1024  # of a robots.txt that are read (RFC 9309 asks for at least 500 KiB)
    most_robots_rules: int = 5_000  # for us; each address is held against all of them

    @property
    def user_agent(self) -> str:
        return f"{self.agent}/{self.version}" + (f" (+{self.contact})" if self.contact else "")

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request, without the user agent."""
        return {
            "Accept": self.accept,
            "Accept-Language": self.accept_language,
            "Accept-Encoding": self.accept_encoding,
        }

    def for_tls(self, tls: Literal["legacy"] | None) -> SitePolicy:
        """The policy for a source with this `tls` in its file."""
        return replace(self, legacy_tls=True, tls_ciphers=legacy_tls.CIPHERS) if tls == "legacy" else self

    def crawl_delay(self, asked: float | None) -> float:
        """Seconds between two requests where robots.txt asks for `asked`; 0.0 where it asks for none."""
        return min(asked or 0.0, self.most_crawl_delay)

    def address_fault(self, url: str) -> str | None:
        """Why an address is never asked, in a few words; None where it may be."""
        try:
            parts = urlsplit(url)
            fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and bool(place_of(url))
        except ValueError:
            fit = False
        if not fit:
            return f"不是网页的地址：{url[:200]}"
        return f"网址超过 {self.most_url} 个字符" if len(url) > self.most_url else None

    def guard(self, named: frozenset[str]) -> AddressGuard:
        """Who may be asked, where the operator named these hosts: on the command line, or in a source's file of their own."""
        return AddressGuard(named | self.private_hosts)

    def proxy_for(self, url: str) -> str | None:
        """The proxy to ask through; None where the address is asked directly."""
        if not self.proxy or is_loopback(url) or AddressGuard(self.private_hosts).is_named(place_of(url)):
            return None
        return self.proxy

    def needs_contact(self, url: str) -> bool:
        """Whether an address must not be asked because nobody could be reached about it."""
        return not self.contact and not is_loopback(url)

    def asks_again(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether an answer is worth asking for once more at once; `headers` with names in lower case."""
        return status in self.retry_statuses and not says_when(status, headers.get("retry-after"))


def says_when(status: int, retry_after: str | bytes | None) -> bool:
    """Whether a server's error names the time at which it wants to be asked again: then it is not asked at once."""
    return status >= 500 and bool(retry_after)


def site_policy(settings: Settings) -> SitePolicy:
    """The policy under the operator's settings. Raises Refusal where a private host is none."""
    try:
        private_hosts = parse_hosts(settings.private_hosts)
    except UnicodeError as error:
        raise Refusal(f"ZHAOSHANG_PRIVATE_HOSTS 里有不是主机名的：{settings.private_hosts[:200]}") from error
    return SitePolicy(
        contact=settings.contact,
        delay=settings.delay,
        version=own_version(),
        private_hosts=private_hosts,
        proxy=settings.proxy.rstrip("/"),
    )
