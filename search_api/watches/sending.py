"""What is due goes out: confirmations, then what is new in each saved search whose hour has come, then what did not arrive before.

Any number of processes may do this at once and any may be killed: the archive lets one of them have each step, and keeps it before it is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.alerts import Address
from crawler.alerts import send as send_notice
from crawler.archive import Digest, Watch
from crawler.archive.watching.digests import GIVEN_UP
from crawler.configuration import ConfigurationError, Settings
from crawler.delivery.mail import mail_server, send_mail
from crawler.delivery.message import DeliveryError, Message
from crawler.delivery.webhook import send_webhook
from crawler.terminal import Refusal
from search_api.watches.digest import confirmation_message, digest_message, sample_message
from search_api.watches.hours import next_hour
from search_api.watches.news import news
from search_api.web.addresses import Addresses
from search_api.web.app_state import AppState

OPERATOR = "cli"  # owner of what is saved in the terminal: it may tell addresses in our own network


@dataclass(slots=True)
class Sent:
    """What one round did. `faults` are lines about recipients that were not reached, `problems` what the operator should know: our own server fails, or a
    recipient was switched off."""

    looked: int = 0
    digests: int = 0
    confirmations: int = 0
    faults: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def send_due(app_state: AppState, base: str, now: datetime | None = None) -> Sent:
    """One round. Raises EngineError, where nothing is lost, and ArchiveError."""
    now, sent, archive = now or datetime.now(UTC), Sent(), app_state.archive
    archive.watches.delete_unconfirmed(now)
    archive.digests.delete_old(now)
    for watch in archive.watches.to_confirm():
        ask(app_state, watch, base, sent, now)
    for watch in archive.watches.due(now):
        if _may_go_on(app_state, watch):
            _look(app_state, watch, now)
            sent.looked += 1
    for digest in archive.digests.to_send(now):
        kept = archive.watches.get(digest.watch)
        if kept is not None and _may_go_on(app_state, kept):
            _send(app_state, kept, digest, base, sent=sent, now=now)
    return sent


def ask(app_state: AppState, watch: Watch, base: str, sent: Sent, now: datetime) -> None:
    """Ask a recipient to confirm, once: where it cannot be sent, whoever saved the search sees why and may try again."""
    if not app_state.archive.watches.take_to_confirm(watch.token, now):
        return
    try:
        deliver(app_state.settings, watch, confirmation_message(watch, base))
    except DeliveryError as error:
        app_state.archive.watches.change(watch.token, why=f"确认信没有发出：{error}")
        (sent.problems if error.ours else sent.faults).append(f"关注“{watch.title}”的确认信没有发出：{error}")
    else:
        sent.confirmations += 1


def send_sample(app_state: AppState, watch: Watch, base: str) -> None:
    """Send a trial now; it moves no mark. Raises DeliveryError, EngineError, ArchiveError."""
    now = datetime.now(UTC)
    deliver(app_state.settings, watch, sample_message(app_state, watch, base, now))


def deliver(settings: Settings, watch: Watch, message: Message) -> None:
    """Send one message to the recipient of a watch. Raises DeliveryError."""
    if watch.channel == "mail":
        try:
            server = mail_server(settings)
        except ConfigurationError as error:
            raise DeliveryError(str(error), ours=True) from error
        if server is None:
            raise DeliveryError("没有设置发信的邮件服务器（ZHAOSHANG_MAIL）", ours=True)
        send_mail(server, watch.recipient, message)
    elif watch.channel == "webhook":
        send_webhook(settings, watch.recipient, message, private=watch.owner == OPERATOR)
    elif watch.channel == "notice":
        try:
            left = send_notice(
                [Address(watch.title, watch.recipient)], message.subject, message.brief, mail=settings.mail
            )
        except Refusal as error:  # apprise is not installed
            raise DeliveryError(str(error), ours=True) from error
        for _, reason in left:
            raise DeliveryError(reason)


def _may_go_on(app_state: AppState, watch: Watch) -> bool:
    """Whether its owner may still read here: a key that was revoked ends what it saved, and where nobody reads without a key nobody is told without."""
    kind, _, number = watch.owner.partition(":")
    if kind == "key" and app_state.archive.keys.get(int(number)) is None:
        app_state.archive.watches.switch_off(watch.token, "保存它的访问密钥已撤销")
        return False
    return kind != "session" or app_state.settings.anonymous or Addresses(app_state.settings).only_local


def _look(app_state: AppState, watch: Watch, now: datetime) -> Digest | None:
    found = news(app_state.searcher, app_state.archive, watch, now)
    return app_state.archive.digests.look(
        watch,
        mark=found.mark,
        pending=found.pending,
        due_at=next_hour(now, watch.weekday, watch.hour, watch.zone),
        found=(found.listed, found.total, found.again, found.since) if found.listed and found.since else None,
        now=now,
    )


def _send(app_state: AppState, watch: Watch, digest: Digest, base: str, *, sent: Sent, now: datetime) -> None:
    archive = app_state.archive
    message = digest_message(app_state, watch, digest, base)
    if message is None:
        archive.digests.give_up(digest, "其中的文章都已撤下")
        return
    if not archive.digests.take(digest, now):
        return
    try:
        deliver(app_state.settings, watch, message)
    except DeliveryError as error:
        (sent.problems if error.ours else sent.faults).append(f"关注“{watch.title}”没有送到：{error}")
        if error.ours:
            archive.digests.note(digest, str(error))
        elif now - archive.digests.failed(digest, str(error), now) >= GIVEN_UP:
            archive.watches.switch_off(watch.token, f"一周没有送到：{error}")
            sent.problems.append(f"关注“{watch.title}”一周没有送到，已停：{error}")
    else:
        archive.digests.sent(digest, now)
        sent.digests += 1
