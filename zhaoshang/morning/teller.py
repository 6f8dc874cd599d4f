"""Tells of nights: what is to be said is kept in the outbox together with the report, and sent afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from crawler.alerts import Address, Undelivered, deliver, send
from crawler.alerts.channels import Channel, read_channels
from crawler.archive import Archive, Run
from crawler.archive.nights.fault_mark import FaultMark, read_mark, write_mark
from crawler.archive.nights.night import VERB, latest_nights, night_of, overdue
from crawler.configuration import ConfigurationError, Settings
from crawler.terminal import Refusal
from search_api.web.addresses import Addresses
from zhaoshang.morning import notice
from zhaoshang.morning.changes import cut_off_nights, find_changes
from zhaoshang.morning.notice import Message
from zhaoshang.nightly import NightReport

KIND = "night"
"""What notices of nights are called in the outbox."""


class Teller:
    """`say` takes a line for the operator where something could not be told. Nothing that goes wrong in here ends a night."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings, self._say = settings, say
        self._channels: Mapping[str, Channel] = {}
        self.fault_kept = False  # whether a fault of this night is in the outbox, as far as that was written
        try:
            self._channels = read_channels(settings.data)
        except ConfigurationError as error:
            say(f"通知没有发：{error}")

    @property
    def base(self) -> str:
        """The public address of the pages, '' where there is none."""
        public = Addresses(self._settings).public
        return public[0] if public else ""

    def cut_off(self, archive: Archive, now: datetime | None = None) -> None:
        """Keep a notice for each night that was killed. Raises ArchiveError."""
        mark = read_mark(self._settings.data)
        for night in cut_off_nights(archive):
            if mark is None or night.run not in mark.runs:
                self._keep(archive, f"cut off {night.run}", notice.of_cut_off(night, self.base), now=now)

    def overdue(self, archive: Archive, now: datetime | None = None) -> None:
        """Keep a notice where the next night should have begun long ago. Raises ArchiveError."""
        nights = latest_nights(archive, 1)
        if overdue(nights, now) and any(state.enabled for state in archive.frontier.source_states().values()):
            self._keep(archive, f"overdue {nights[0].run}", notice.of_overdue(nights[0], self.base), now=now)

    def night(self, archive: Archive, run: int, report: NightReport) -> None:
        """Keep what is to be told of a night, within the transaction that keeps its report. Raises ArchiveError."""
        ended = report.started  # any time: the report is there
        night = night_of(Run(run, VERB, report.started, ended, report.to_json()))
        changes = find_changes(archive, night)
        mark = read_mark(self._settings.data)
        if mark is not None and not report.broken:
            changes = replace(changes, mended=(mark.reason, *changes.mended))
        fresh = changes.any or night.state == "interrupted"
        names = [name for name, channel in self._channels.items() if fresh or channel.always]
        self._keep(archive, f"night {run}", notice.of_night(night, changes, self.base), names=names)
        self.fault_kept = report.broken

    def keeps_fault(self, archive: Archive, run: int) -> bool:
        """Whether the fault of this night came to be kept: on a full disk, its transaction ends with an error of its own. Raises ArchiveError."""
        kept = archive.runs.get(run)
        self.fault_kept = self.fault_kept and kept is not None and kept.finished_at is not None
        return self.fault_kept

    def after(self, archive: Archive) -> list[Undelivered]:
        """Send what the outbox holds; what could not be sent is said, and waits. Raises ArchiveError."""
        write_mark(self._settings.data, None)
        return self.send_waiting(archive)

    def send_waiting(self, archive: Archive, now: datetime | None = None) -> list[Undelivered]:
        """Send what is due in the outbox. Raises ArchiveError."""
        try:
            left = deliver(archive, KIND, self._find, mail=self._settings.mail, now=now)
        except Refusal as refusal:
            self._say(f"通知没有发：{refusal}")
            return []
        for undelivered in left:
            self._say(f"通知没有送到 {undelivered.notice.address}，稍后再试：{undelivered.reason}")
        return left

    def fault(self, reason: str, run: int | None) -> None:
        """A night ended with an error that could not be kept in the archive: tell it at once, unless it was told before and did not pass since."""
        if self.fault_kept:
            return
        before, runs = read_mark(self._settings.data), () if run is None else (run,)
        told = before is not None and before.is_like(reason)
        write_mark(self._settings.data, FaultMark((*(before.runs if before else ()), *runs), reason))
        if told:
            return
        message = notice.of_fault(reason, datetime.now(UTC), self.base)
        addresses = [channel.address for channel in self._channels.values()]
        try:
            left = (
                send(addresses, message.title, message.text, message.html, mail=self._settings.mail)
                if addresses
                else []
            )
        except Refusal as refusal:
            self._say(f"通知没有发：{refusal}")
            return
        for name, why in left:
            self._say(f"通知没有送到 {name}：{why}")

    def _keep(
        self,
        archive: Archive,
        key: str,
        message: Message,
        *,
        names: list[str] | None = None,
        now: datetime | None = None,
    ) -> None:
        to = list(self._channels) if names is None else names
        archive.outbox.keep(KIND, key, to, title=message.title, text=message.text, html=message.html, now=now)

    def _find(self, name: str) -> Address | None:
        channel = self._channels.get(name)
        return channel.address if channel else None


def send_what_waits(settings: Settings, say: Callable[[str], None], now: datetime | None = None) -> list[Undelivered]:
    """Between nights: tell of a night that was killed, or that should have run, and send what waits. Raises ArchiveError, ConfigurationError."""
    with Archive.open(settings) as archive:
        teller = Teller(settings, say)
        teller.cut_off(archive, now)
        teller.overdue(archive, now)
        return teller.send_waiting(archive, now)
