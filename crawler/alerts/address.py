"""Addresses of notices: apprise's URLs, or what people have at hand instead, and how they are shown without their secrets."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

MAIL_SCHEMES = ("mailto", "mailtos")
# Schemes whose host is a server; in all others the host is a token.
_SERVER_SCHEMES = (*MAIL_SCHEMES, "json", "jsons", "xml", "xmls", "form", "forms")
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
# Addresses of chat robots as their services show them, and the scheme that apprise knows each by.
_ROBOTS = (
    (re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)$"), "wecombot"),
    (re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)/?$"), "feishu"),
    (re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=(\w+)$"), "dingtalk"),
)
_NAMES = {
    "mailto": "邮件",
    "mailtos": "邮件",
    "json": "webhook",
    "jsons": "webhook",
    "xml": "webhook",
    "xmls": "webhook",
    "form": "webhook",
    "forms": "webhook",
    "wecombot": "企业微信群机器人",
    "feishu": "飞书",
    "lark": "飞书",
    "dingtalk": "钉钉",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "bark": "Bark",
    "barks": "Bark",
    "schan": "Server 酱",
    "tgram": "Telegram",
    "slack": "Slack",
}
_SHORTEST = 4  # characters; a shorter piece of an address is no secret, and would cut words of a message to pieces


class AddressError(ValueError):
    """An address is wrong; the message is one line and holds no part of the address that may be secret."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where notices go. `url` is a secret: it stands neither in the repr nor in messages; `mask(url)` can be shown."""

    name: str
    url: str = field(repr=False)


def parse_address(text: str, mail: str = "") -> str:
    """The apprise URL of what somebody gave: an apprise URL, a mail address (sent through `mail`, the setting MAIL), a chat robot's address, or the
    https:// address of a webhook. `${NAME}` stays as it is. Raises AddressError."""
    text = text.strip()
    if _MAIL.fullmatch(text):
        if not mail:
            raise AddressError("发邮件先要设置 ZHAOSHANG_MAIL（发信的邮箱，如 mailtos://用户:密码@smtp.example.org）")
        return f"{_OF_SETTING}?to={quote(text)}"
    for pattern, scheme in _ROBOTS:
        if match := pattern.match(text):
            return f"{scheme}://{match[1]}"
    scheme, mark, rest = text.partition("://")
    if not mark or not rest or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme, re.IGNORECASE):
        raise AddressError("应为邮箱、机器人或 webhook 的网址，或 Apprise 的地址（如 ntfys://主题、mailtos://…）")
    if scheme.lower() in ("http", "https"):
        try:
            parts = urlsplit(text)
            fit = bool(parts.hostname)
        except ValueError:
            fit = False
        if not fit:
            raise AddressError("应为 http:// 或 https:// 开头的完整网址")
        query = urlencode([(f"-{key}", value) for key, value in parse_qsl(parts.query, keep_blank_values=True)])
        kind = "jsons" if scheme.lower() == "https" else "json"
        return f"{kind}://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")
    return text


_OF_SETTING = (
    "mailto://${ZHAOSHANG_MAIL}"  # stands for the account of the setting MAIL, so that it is kept in one place
)


def resolve(url: str, mail: str = "") -> str:
    """An address with its `${NAME}` taken from the environment, and the mail account from the setting MAIL. Raises AddressError."""
    if url.startswith(_OF_SETTING):
        recipient = dict(parse_qsl(urlsplit(url).query)).get("to", "")
        return reader_mail(mail, recipient)

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if not found:
            raise AddressError(f"环境变量 {match[1]} 没有设置")
        return found

    return _VARIABLE.sub(value, url)


def reader_mail(mail: str, recipient: str) -> str:
    """The URL that sends a mail to one recipient through the account of the setting MAIL. Raises AddressError."""
    if not mail:
        raise AddressError("没有设置 ZHAOSHANG_MAIL（发信的邮箱）")
    if not _MAIL.fullmatch(recipient):
        raise AddressError("收件人不是邮箱地址")
    try:
        parts = urlsplit(mail)
    except ValueError:
        raise AddressError("ZHAOSHANG_MAIL 不是有效的地址") from None
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
        raise AddressError("ZHAOSHANG_MAIL 应以 mailto:// 或 mailtos:// 开头，如 mailtos://用户:密码@smtp.example.org")
    query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "to"]
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode([*query, ('to', recipient)])}"


def kind_name(url: str) -> str:
    """What people call the way by which an address is reached."""
    scheme = url.partition("://")[0].lower()
    return _NAMES.get(scheme, scheme)


def mask(url: str) -> str:
    """An address as it may be shown: the way, the server where there is one, and the recipient of a mail; nothing that lets anybody send."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in _SERVER_SCHEMES:
        return f"{scheme}://…"
    recipients = re.findall(r"[?&]to=([^&]+)", rest)
    if url.startswith(_OF_SETTING):
        return f"{scheme}://… → {unquote(recipients[0]) if recipients else '…'}"
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname or '…'}:{parts.port}" if parts.port else parts.hostname or "…"
    except ValueError:
        return f"{scheme}://…"
    shown = f"{scheme}://{host}/…"
    if scheme.lower() in MAIL_SCHEMES and recipients:
        shown += f" → {'、'.join(unquote(r) for r in recipients)}"
    return shown


def redact(text: str, url: str) -> str:
    """A message without anything of an address but its server and, for mail, the recipient."""
    text = text.replace(url, mask(url))
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _secrets(url: str) -> set[str]:
    scheme, _, rest = url.partition("://")
    before, at, after = rest.rpartition("@") if "@" in rest.partition("?")[0] else ("", "", rest)
    path, _, query = after.partition("?")
    host, *segments = path.split("/")
    # a mail's user is often its sender, which is no secret; its password is, however short
    user, colon, password = before.partition(":")
    pieces = {
        *segments,
        *(value for key, value in parse_qsl(query) if key not in ("to", "from", "name", "mode", "format")),
    }
    if scheme.lower() not in _SERVER_SCHEMES:
        pieces |= {host, *host.split(":")[:1], user}
    elif scheme.lower() not in MAIL_SCHEMES:
        pieces.add(user)
    found = {piece for piece in pieces if len(piece) >= _SHORTEST}
    if at and colon and password:
        found.add(password)
    return {form for piece in found for form in (piece, unquote(piece), quote(piece, safe=""))}
