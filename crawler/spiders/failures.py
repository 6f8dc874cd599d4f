"""A request without an answer: the errors that this crawl raises itself, and each error in one line."""

from __future__ import annotations

import re

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure

from crawler.archive import ArchiveError


class ElsewhereError(IgnoreRequest):
    """The request would leave the source, usually by a redirect; the message is one line."""


class KnownError(IgnoreRequest):
    """A redirect leads to a page that the archive has, or will ask for, under its own address; the message is one line."""


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


def describe_failure(failure: Failure) -> str:
    """A download error in one line."""
    name, text = type(failure.value).__name__, " ".join(failure.getErrorMessage().split())
    if name in _FAILURES:
        return _FAILURES[name]
    if "SSL" in text:
        found = re.search(r"'([a-z0-9 ]{6,})'\)", text)
        return f"TLS 握手失败（{found[1] if found else '没有说明'}）"
    return "连接中断" if "ConnectionLost" in text or "ConnectionDone" in text else f"{name}：{text}"[:200]


def describe_refusal(failure: Failure) -> str:
    """Why a request was not made, in one line."""
    told = isinstance(failure.value, ElsewhereError | KnownError)
    return failure.getErrorMessage() if told else "robots.txt 不允许"


def is_too_large(failure: Failure) -> bool:
    """Whether the download was cancelled because the answer exceeded the size limit."""
    return type(failure.value).__name__ == "DownloadCancelledError"


def raise_archive_error(failure: Failure) -> None:
    """Where an answer could not be kept, that is not the site's fault: the ArchiveError goes on to end the crawl."""
    if isinstance(failure.value, ArchiveError):
        raise failure.value


def request_of(failure: Failure) -> Request:
    """The request that failed, which Scrapy sets on the failure."""
    request: Request = failure.request  # type: ignore[attr-defined]
    return request
