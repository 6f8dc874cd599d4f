"""Without a contact address, only this machine may be crawled."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

NO_CONTACT = "采集本机以外的网站前，请先设置 ZHAOSHANG_CONTACT（邮箱或网址，写进请求的 User-Agent，供对方联系）"


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
