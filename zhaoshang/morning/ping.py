"""ZHAOSHANG_PING: a service that expects a sign of life each night, as healthchecks.io does, and raises the alarm where none comes."""

from __future__ import annotations

import urllib.error
from typing import Literal
from urllib.parse import urlsplit, urlunsplit
from urllib.request import ProxyHandler, Request, build_opener

from crawler.configuration import Settings
from crawler.reasons import describe_error

Sign = Literal["start", "success", "failure"]
_PATHS: dict[Sign, str] = {"start": "/start", "success": "", "failure": "/fail"}
SECONDS = 10.0


def ping(settings: Settings, sign: Sign, told: str = "") -> str:
    """Give a sign, with some lines that the service shows; '' or why that could not be done, without the address, which is a secret."""
    if not settings.ping:
        return ""
    parts = urlsplit(settings.ping)
    url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + _PATHS[sign]))
    proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else {}
    request = Request(url, data=told.encode("utf-8")[:10_000], method="POST", headers={"Content-Type": "text/plain"})
    try:
        with build_opener(ProxyHandler(proxies)).open(request, timeout=SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"ZHAOSHANG_PING 没有收下（HTTP {error.code}）"
    except OSError as error:  # URLError too
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        return f"ZHAOSHANG_PING 连不上（{describe_error(cause) if isinstance(cause, Exception) else cause}）"
