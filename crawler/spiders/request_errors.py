"""Requests without a response: the exceptions that this crawl raises itself, and each error described in one line."""

from __future__ import annotations

import re

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.python.failure import Failure

from crawler.archive import ArchiveError
from crawler.web.robots import Rules

# A request that was not made, or that brought no answer that can be read. Whatever else is raised is a fault of this program.
NO_RESPONSE = (
    IgnoreRequest,
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    TunnelError,
    *(ConnectError, ConnectionClosed),  # those that Scrapy gives no name of its own
)


class NotAskedError(IgnoreRequest):
    """The request must never be made; the message is one line."""


class ElsewhereError(NotAskedError):
    """The request would leave the source, usually by a redirect."""


class KnownError(NotAskedError):
    """A redirect leads to a page that the archive has, or will ask for, under its own address."""


class PrivateAddressError(IgnoreRequest):
    """The host of `url` has an address that is not public, today: another night its name may lead elsewhere."""

    def __init__(self, reason: str, url: str) -> None:
        super().__init__(reason)
        self.url = url


class OldTlsError(DownloadFailedError):
    """The handshake failed as it does with a site that only knows old TLS; the message is one line, with the remedy."""


class RobotsError(NotAskedError):
    """robots.txt forbids the request, or it is not known what it would say: then the page is asked for another night."""

    def __init__(self, reason: str, rules: Rules) -> None:
        super().__init__(reason)
        self.rules = rules


# by name: Scrapy's own errors, and Twisted's behind them
_FAILURES = {
    "DownloadConnectionRefusedError": "拒绝连接",
    "ConnectionRefusedError": "拒绝连接",
    "CannotResolveHostError": "找不到主机",
    "DNSLookupError": "找不到主机",
    "DownloadTimeoutError": "超时，没有回答",
    "TimeoutError": "超时，没有回答",
    "TCPTimedOutError": "超时，没有回答",
    "DownloadCancelledError": "超过大小上限",
    "ResponseDataLossError": "内容不完整",
}

# what Scrapy's middlewares say of a request that they drop
_IGNORED = (("max redirections reached", "转向次数过多"), ("during decompression", _FAILURES["DownloadCancelledError"]))


def describe_failure(failure: Failure) -> str:
    """A download error, or why nothing was asked, in one line."""
    name, text = type(failure.value).__name__, " ".join(failure.getErrorMessage().split())
    if isinstance(failure.value, OldTlsError):
        return text
    if isinstance(failure.value, IgnoreRequest):
        return next((said for words, said in _IGNORED if words in text), text)
    if "HeadersTooLong" in text:
        return "对方的响应头过长"
    if name in _FAILURES:
        return _FAILURES[name]
    if "SSL" in text:
        return describe_handshake(text)
    return "连接中断" if "ConnectionLost" in text or "ConnectionDone" in text else f"{name}：{text}"[:200]


def describe_handshake(text: str) -> str:
    """Why a TLS handshake failed, of what pyOpenSSL's error says."""
    found = re.search(r"'([a-z0-9 ]{6,})'\)", text)
    return f"TLS 握手失败（{found[1] if found else '没有说明'}）"


def is_too_large(failure: Failure) -> bool:
    """Whether the answer was dropped because it exceeded the size limit, compressed or not."""
    return describe_failure(failure) == _FAILURES["DownloadCancelledError"]


def is_never_asked(failure: Failure) -> bool:
    """Whether the request was not made and never will be."""
    error = failure.value
    return isinstance(error, NotAskedError) and not (isinstance(error, RobotsError) and not error.rules.known)


def raise_archive_error(failure: Failure) -> None:
    """Where an answer could not be kept, that is not the site's fault: the ArchiveError goes on to end the crawl."""
    if isinstance(failure.value, ArchiveError):
        raise failure.value


def request_of(failure: Failure) -> Request:
    """The request that failed, which Scrapy sets on the failure."""
    request: Request = failure.request  # type: ignore[attr-defined]
    return request
