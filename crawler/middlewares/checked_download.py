"""How the crawl connects: to addresses that were checked, to nothing but http and https, and through headers that have an end."""

from __future__ import annotations

import asyncio
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.core.downloader.contextfactory import _ScrapyCertificateOptions, _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadFailedError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response
from twisted.internet import address as twisted_addresses
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution
from twisted.internet.ssl import CertificateOptions
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from zope.interface.declarations import implementer  # type: ignore[import-untyped]

from crawler.configuration import settings as own_settings
from crawler.sources.registry import named_hosts
from crawler.spiders.request_errors import OldTlsError, PrivateAddressError, describe_handshake
from crawler.spiders.site_spider import SiteSpider
from crawler.web import legacy_tls
from crawler.web.address_guard import IPAddress, RefusedAddressError, host_key, place_of, resolve
from crawler.web.site_policy import SitePolicy

if TYPE_CHECKING:
    from twisted.internet.base import ReactorBase


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing: the answer is there already."""


@implementer(IHostnameResolver)
class PinnedNames:
    """The reactor's resolver of names: each is asked for once in the life of the process. A connection is made to what was found then, and to no other name."""

    def __init__(self, reactor: ReactorBase) -> None:
        self._reactor = reactor
        self._pinned: dict[str, tuple[IPAddress, ...]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        return cls(reactor)

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)  # type: ignore[arg-type]

    async def pin(self, host: str) -> tuple[IPAddress, ...]:
        """The addresses of a host. Raises OSError where it has none."""
        if host not in self._pinned:
            found = await asyncio.to_thread(resolve, host)
            self._pinned.setdefault(host, found)
        return self._pinned[host]

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        resolution: IHostResolution = _Resolution(hostName)  # type: ignore[assignment]
        resolutionReceiver.resolutionBegan(resolution)
        for found in self._pinned.get(host_key(hostName), ()):
            kind = twisted_addresses.IPv4Address if found.version == 4 else twisted_addresses.IPv6Address
            address: IAddress = kind("TCP", str(found), portNumber)  # type: ignore[assignment]
            resolutionReceiver.addressResolved(address)
        resolutionReceiver.resolutionComplete()
        return resolution


class HeadersTooLongError(Exception):
    """The headers of an answer exceed the limit."""


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Gives up where headers, with those of interim answers, go on for too long."""

    def __init__(self, quiescent: Any, most: int) -> None:
        super().__init__(quiescent)  # type: ignore[no-untyped-call]
        self._most, self._head = most, 0

    def request(self, request: Any) -> Any:
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > self._most:
                self._giveUp(Failure(HeadersTooLongError()))  # type: ignore[no-untyped-call]
                self.transport.abortConnection()  # type: ignore[union-attr]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedFactory(_LenientHTTP11ClientFactory):
    """Makes the protocol of each connection."""

    def __init__(self, most: int, *arguments: Any) -> None:
        super().__init__(*arguments)  # type: ignore[no-untyped-call]
        self._most = most

    def buildProtocol(self, addr: IAddress | None) -> _BoundedProtocol:
        return _BoundedProtocol(self._quiescentCallback, self._most)


class _CertificateOptions(_ScrapyCertificateOptions):
    """With the ciphers exactly as the settings have them: Twisted keeps their names alone and loses `@SECLEVEL`, without which no small key and no TLS 1.0 is taken."""

    def __init__(self, ciphers: str, **options: Any) -> None:
        super().__init__(**options)
        self._cipherString = ciphers


class _ContextFactory(_ScrapyClientContextFactory):
    """Makes the TLS context of each connection."""

    ciphers = ""

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        factory = cls.from_crawler(crawler)
        factory.ciphers = crawler.settings["DOWNLOADER_CLIENT_TLS_CIPHERS"]
        return factory

    def _get_cert_options(self) -> CertificateOptions:
        return _CertificateOptions(self.ciphers, **self._get_cert_options_kwargs())


@cache
def _named() -> frozenset[str]:
    """Read once for all crawlers of the process."""
    return named_hosts(own_settings())


class CheckedDownloadHandler(HTTP11DownloadHandler):
    """Downloads over http and https. Raises PrivateAddressError where a host has an address that is not public and the operator did not name the host."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._policy: SitePolicy = crawler.settings["SITE_POLICY"]
        self._pool._factory = partial(_BoundedFactory, self._policy.most_header_bytes)  # type: ignore[assignment]
        self._contextFactory = _ContextFactory.of(crawler)  # type: ignore[assignment]
        self._guard = self._policy.guard(_named())
        spider = crawler.spider
        self._may_ask = spider.visit.run.may_ask if isinstance(spider, SiteSpider) else lambda: True
        self._names_remedy = isinstance(spider, SiteSpider) and spider.source.tls is None

    async def download_request(self, request: Request) -> Response:
        place = place_of(request.url)
        proxy = self._policy.proxy_for(request.url)
        try:
            if proxy:
                self._guard.check_spelled(place)
                await self._pinned(place_of(proxy).host)
            else:
                self._guard.check(place, await self._pinned(place.host))
        except RefusedAddressError as error:
            raise PrivateAddressError(str(error), request.url) from error
        if not self._may_ask():
            raise IgnoreRequest("another machine visits this site")
        try:
            return await super().download_request(request)
        except DownloadFailedError as error:
            said = describe_handshake(str(error)) if "SSL" in str(error) else ""
            if self._names_remedy and legacy_tls.may_help(said):
                raise OldTlsError(legacy_tls.with_remedy(said)) from error
            raise

    async def _pinned(self, host: str) -> tuple[IPAddress, ...]:
        from twisted.internet import reactor

        names = reactor.nameResolver
        assert isinstance(names, PinnedNames), (
            "TWISTED_DNS_RESOLVER has no effect: what is checked is not what is connected to"
        )
        try:
            async with asyncio.timeout(self._policy.timeout):
                return await names.pin(host)
        except TimeoutError as error:
            raise DownloadTimeoutError(host) from error
        except (OSError, UnicodeError) as error:
            raise CannotResolveHostError(host) from error
