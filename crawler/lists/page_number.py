"""Numbers of pages and entries, as pages and addresses write them."""

from __future__ import annotations

from collections.abc import Mapping

_MOST_DIGITS = 9  # of more Python may read none (4,300), and no list has so many pages


def page_number(text: str | None) -> int | None:
    """The whole number that a text is; None where it is none (also ²), or longer than any list."""
    digits = (text or "").strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def asked_number(asked: Mapping[str, str], *names: str) -> int | None:
    """The number that the first of these parameters gives that has one."""
    return next((n for name in names if (n := page_number(asked.get(name))) is not None), None)
