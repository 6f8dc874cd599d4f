"""send(): one notice to some addresses, now, by apprise."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from crawler.alerts.address import MAIL_SCHEMES, Address, AddressError, redact, resolve
from crawler.terminal import Refusal

# Plugins that run programs or write files on this machine rather than send anything away.
_LOCAL = re.compile(r"(exec|file|dbus|gnome|glib|kde|macosx|windows|syslog|qt)://", re.IGNORECASE)
_HTTP = re.compile(r"error=(\d{3})\b")
_one_at_a_time = threading.Lock()  # apprise has one logger for all that it does


def require_apprise() -> None:
    """Raises Refusal, with what to install, where apprise is not there."""
    if find_spec("apprise") is None:
        raise Refusal("发通知需要 apprise：pip install '.[alerts]'")


def send(
    addresses: Iterable[Address], title: str, text: str, html: str | None = None, *, mail: str = "", key: str = ""
) -> list[tuple[str, str]]:
    """Send a notice to each address; (name of the address, reason) of those that it did not reach.

    `html` is what mail shows instead of the text. `mail` is the setting MAIL, for addresses that go through it. `key` is the same each time that a notice
    is sent: mail and webhooks have it as the header Idempotency-Key, by which a receiver whose answer was lost knows the notice again. Each address is tried by itself, and
    what apprise answers counts for it alone. Raises Refusal where apprise is not installed; no exception for an address that fails. No secret stands in a reason.
    """
    require_apprise()
    undelivered = []
    for address in addresses:
        reason = _send(address, title, text, html, mail=mail, key=key)
        if reason:
            undelivered.append((address.name, reason))
    return undelivered


def faulty(url: str, mail: str = "") -> str:
    """What is wrong with an address, as far as can be said without sending; '' where nothing is. Raises Refusal where apprise is not installed."""
    require_apprise()
    try:
        return "" if _service(resolve(url, mail)) is not None else _UNKNOWN
    except AddressError as error:
        return str(error)


_UNKNOWN = "Apprise 不认识这个地址，或其中缺少什么：写法见 https://appriseit.com/services/"


def _service(url: str) -> Any:
    """apprise's service of a URL, None where it knows none. Raises AddressError."""
    import apprise

    if _LOCAL.match(url):
        raise AddressError("这个地址只在本机上起作用，不是通知的去处")
    # apprise reads no file and keeps none: no templates, no store of its own
    asset = apprise.AppriseAsset(app_id="zhaoshang", app_desc="招商文库", app_url="", async_mode=False)
    with _quiet():
        return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


def _send(address: Address, title: str, text: str, html: str | None, *, mail: str, key: str) -> str:
    """Why the notice did not reach the address; '' where it did."""
    import apprise

    try:
        url = resolve(address.url, mail)
        service = _service(url)
    except AddressError as error:
        return str(error)
    if service is None:
        return _UNKNOWN
    if key and isinstance(getattr(service, "headers", None), dict):
        service.headers["Idempotency-Key"] = key
    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    is_mail = url.partition("://")[0].lower() in MAIL_SCHEMES
    body, body_format = (html, "html") if html and is_mail else (text, "text")
    with _quiet() as said:
        try:
            reached = bool(sender.notify(body, title=title, body_format=body_format))
        except Exception as error:  # plugins of apprise raise whatever their protocol raises; none may end a night
            return redact(f"{type(error).__name__}：{error}", url)
    return "" if reached else _reason(said, url)


def _reason(said: list[str], url: str) -> str:
    line = redact(" ".join(said[-1].split()) if said else "", url)
    if match := _HTTP.search(line):
        return f"对方没有收下（HTTP {match[1]}）"
    if "onnection error" in line:
        return f"连不上对方的服务器（{line}）"
    return f"没有送达（{line}）" if line else "没有送达，Apprise 没有说原因"


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """While this holds, what apprise says goes nowhere but into the list, and what urllib3 says to help debugging goes nowhere: both name addresses."""
    logger = logging.getLogger("apprise")
    requests = logging.getLogger("urllib3.connectionpool")
    said: list[str] = []
    handler = _Lines(said)
    with _one_at_a_time:
        before, logger.propagate = logger.propagate, False
        others, logger.handlers = logger.handlers, [handler]
        level, disabled = logger.level, logger.disabled
        logger.setLevel(logging.WARNING)
        logger.disabled = False
        requests.addFilter(_no_debugging)
        try:
            yield said
        finally:
            requests.removeFilter(_no_debugging)
            logger.propagate, logger.handlers, logger.disabled = before, others, disabled
            logger.setLevel(level)


def _no_debugging(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())
