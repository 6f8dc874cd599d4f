"""A message to a web address: one POST of JSON, over a connection to an address that was checked."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crawler.configuration import Settings
from crawler.delivery.message import DeliveryError, Message
from crawler.reasons import describe_error
from crawler.web.address_guard import AddressGuard, IPAddress, RefusedAddressError, names_of, place_of, resolve
from crawler.web.connection import Request, exchange
from crawler.web.site_policy import SitePolicy, site_policy

TIMEOUT = 20.0  # seconds, from the request to the answer
LONGEST = 500  # characters of an address


def webhook_fault(url: str) -> str:
    """What is wrong with a web address, in words; '' where it can be asked."""
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and bool(place_of(url))
        fit &= url.isascii() and url.isprintable() and " " not in url and parts.username is None
    except ValueError:
        fit = False
    if not fit:
        return "应为 http:// 或 https:// 开头的完整网址"
    return f"网址超过 {LONGEST} 个字符" if len(url) > LONGEST else ""


def refused_for_readers(url: str) -> str:
    """Why a reader's address is not asked: it is none, its host has no address, or one that is not public; '' where it is."""
    if fault := webhook_fault(url):
        return fault
    try:
        AddressGuard().check(place_of(url), resolve(place_of(url).host))
    except RefusedAddressError:
        return "这个网址不在公共互联网上，不往那里发"
    except OSError as error:
        return describe_error(error)
    return ""


def send_webhook(settings: Settings, url: str, message: Message, *, private: bool) -> None:
    """POST the message; any answer of 2xx is one that took it, redirects are not followed. `private`: the address may lie in our own network.

    Raises DeliveryError. The header Idempotency-Key is the message's id, the same each time that it is sent.
    """
    if fault := webhook_fault(url):
        raise DeliveryError(fault)
    policy = site_policy(settings)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"{policy.agent}/{policy.version}",
        "Idempotency-Key": message.id,
    }
    body = _body(message.data)
    try:
        addresses = _addresses(url, policy, AddressGuard(names_of([url]) if private else frozenset()))
        deadline = time.monotonic() + TIMEOUT
        request = Request(url, "POST", body, {**headers, "Content-Length": str(len(body))})
        with exchange(request, addresses, policy, deadline, tls=ssl.create_default_context()) as response:
            status = response.status
    except RefusedAddressError as error:
        raise DeliveryError("这个网址不在公共互联网上，不往那里发") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(f"{urlsplit(url).hostname}：{describe_error(error)}") from error
    if not 200 <= status < 300:
        raise DeliveryError(f"{urlsplit(url).hostname} 回答 HTTP {status}")


def _addresses(url: str, policy: SitePolicy, guard: AddressGuard) -> tuple[IPAddress, ...]:
    """What to connect to. Raises RefusedAddressError, OSError."""
    place, proxy = place_of(url), policy.proxy_for(url)
    if proxy:
        guard.check_spelled(place)
        return resolve(place_of(proxy).host)
    addresses = resolve(place.host)
    guard.check(place, addresses)
    return addresses


def _body(data: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(data), ensure_ascii=False).encode("utf-8", "replace")
