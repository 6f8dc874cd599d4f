"""At which hour of a reader's own zone a saved search is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONES = {
    "Asia/Shanghai": "北京时间",
    "Asia/Urumqi": "新疆时间",
    "Asia/Tokyo": "东京",
    "Asia/Singapore": "新加坡",
    "Asia/Dubai": "迪拜",
    "Europe/Moscow": "莫斯科",
    "Europe/Berlin": "柏林、巴黎",
    "Europe/London": "伦敦",
    "America/New_York": "纽约",
    "America/Chicago": "芝加哥",
    "America/Los_Angeles": "洛杉矶",
    "Australia/Sydney": "悉尼",
    "UTC": "世界时",
}
"""Zones that the page offers, by their names of IANA; the terminal takes all."""
WEEKDAYS = "一二三四五六日"


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def next_hour(after: datetime, weekday: int | None, hour: int, zone: str) -> datetime:
    """The first moment behind `after` at which it is that hour in the zone: on that weekday (0 is Monday), or on any day. In UTC.

    An hour that a clock change leaves out counts as if it had not. A zone that is not known here counts as UTC.
    """
    there = zone_of(zone) or UTC
    today = after.astimezone(there).date()
    for days in range(-1, 9):
        day = today + timedelta(days=days)
        if weekday is None or day.weekday() == weekday:
            moment = datetime.combine(day, time(hour), there).astimezone(UTC)
            if moment > after:
                return moment
    raise AssertionError("a week has every weekday")


def described(weekday: int | None, hour: int, zone: str) -> str:
    """每天 8 点（北京时间）."""
    day = "每天" if weekday is None else f"每周{WEEKDAYS[weekday]}"
    return f"{day} {hour} 点（{ZONES.get(zone, zone)}）"
