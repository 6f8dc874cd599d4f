"""A message by mail: text and HTML, with the headers by which a mail program offers to unsubscribe, over the server of the settings."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from crawler.configuration import ConfigurationError, Settings
from crawler.delivery.message import DeliveryError, Message
from crawler.reasons import describe_error

TIMEOUT = 30.0  # seconds for each answer of the server
SENDER = "招商文库"
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


@dataclass(frozen=True, slots=True)
class MailServer:
    """`security`: tls from the first byte, starttls, or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str  # mail address


def is_mail_address(text: str) -> bool:
    """Whether a text is one mail address and nothing else."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None and ".." not in text


def mail_server(settings: Settings) -> MailServer | None:
    """The server of the setting MAIL; None where none is set.

    Written as apprise writes it: mailto(s)://user:password@host[:port]?from=…, with smtp=… and user=… where they differ, mode=ssl or starttls. Raises ConfigurationError.
    """
    if not settings.mail:
        return None
    try:
        parts = urlsplit(settings.mail)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        host, port = asked.get("smtp") or parts.hostname or "", parts.port
    except ValueError:
        host, port, asked = "", None, {}
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    user = asked.get("user", user)
    sender = asked.get("from") or (user if "@" in user else f"{user}@{parts.hostname}")
    mode = asked.get("mode", "ssl" if port == 465 else "starttls" if parts.scheme == "mailtos" else "none")
    if not host or not is_mail_address(sender) or mode not in ("ssl", "starttls", "none", "insecure"):
        raise ConfigurationError(
            "设置有误：MAIL 应写作 mailtos://用户:密码@smtp.example.org?from=wenku@example.org；mode=ssl 或 starttls"
        )
    security = {"ssl": "tls", "insecure": "none"}.get(mode, mode)
    usual = {"tls": 465, "starttls": 587, "none": 25}[security]
    return MailServer(
        host, port or usual, security=security, user=user if password else "", password=password, sender=sender
    )


def send_mail(server: MailServer, recipient: str, message: Message) -> None:
    """Raises DeliveryError. It arrived where the server took it; a server that dies while it answers may have."""
    try:
        with _session(server) as smtp:
            smtp.send_message(_written(server, recipient, message), server.sender, [recipient])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = error.recipients[recipient]
        raise DeliveryError(f"邮件服务器不收 {recipient}：{code} {_line(said)}") from error
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(
            f"邮件服务器 {server.host} 不接受设置 MAIL 里的用户和密码（{error.smtp_code}）", ours=True
        ) from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(
            f"邮件服务器 {server.host}：{error.smtp_code} {_line(error.smtp_error)}", ours=True
        ) from error
    except (smtplib.SMTPException, OSError, MessageError, UnicodeError, ValueError) as error:
        raise DeliveryError(f"邮件服务器 {server.host}:{server.port}：{describe_error(error)}", ours=True) from error


@contextmanager
def _session(server: MailServer) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    with smtp:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp


def _written(server: MailServer, recipient: str, message: Message) -> EmailMessage:
    mail = EmailMessage(policy=SMTP.clone(max_line_length=500))  # no address in a header is folded
    domain = server.sender.rpartition("@")[2]
    mail["Subject"] = " ".join(message.subject.split())[:200]
    mail["From"] = Address(SENDER, addr_spec=server.sender)
    mail["To"] = Address(addr_spec=recipient)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # no holiday notice in answer
    if message.stop:
        mail["List-Unsubscribe"] = f"<{message.stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte="base64")
    mail.add_alternative(message.html, subtype="html", cte="base64")
    return mail


def _line(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
