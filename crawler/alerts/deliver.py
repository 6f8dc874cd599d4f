"""deliver(): what the outbox holds for one kind of notices, to where each belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from crawler.alerts.address import Address
from crawler.alerts.send import require_apprise, send
from crawler.archive import Archive
from crawler.archive.notices.outbox import Notice


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A notice that did not reach its address this time, and why; it stays in the outbox."""

    notice: Notice
    reason: str


def deliver(
    archive: Archive,
    kind: str,
    find: Callable[[str], Address | None],
    *,
    mail: str = "",
    now: datetime | None = None,
) -> list[Undelivered]:
    """Send the notices of a kind that are due. `find` gives the address of a name, None where there is none any more: its notices are dropped.

    A notice is noted as taken before it is sent, so that two processes never send it both, and one whose sender dies is not sent again by itself.
    Raises Refusal where apprise is not installed and something is due, ArchiveError.
    """
    undelivered = []
    due = archive.outbox.due(kind, now or datetime.now(UTC))
    if due:
        require_apprise()
    for notice in due:
        moment = now or datetime.now(UTC)
        address = find(notice.address)
        if address is None:
            archive.outbox.drop(kind, notice.address)
            continue
        if not archive.outbox.take(notice.id, moment):
            continue
        failed = send([address], notice.title, notice.text, notice.html or None, mail=mail, key=_key(notice))
        if failed:
            ((_, reason),) = failed
            archive.outbox.failed(notice, reason, moment)
            undelivered.append(Undelivered(notice, reason))
        else:
            archive.outbox.sent(notice.id, moment)
    return undelivered


def _key(notice: Notice) -> str:
    """The same each time that the notice is sent, and no other notice's, of this archive or another."""
    return str(uuid5(NAMESPACE_URL, f"{notice.kind}/{notice.key}/{notice.address}/{notice.created_at.isoformat()}"))
