"""A site's own search between two days: the form with a first and a last day that stands on a page, filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from lxml import html

from crawler.lists.parsed_document import Document

SUBJECT = "招商"
"""What is searched for where the form has a field for words: many searches find nothing without one."""

_ENDS = (("start", "end"), ("begin", "end"), ("from", "to"), ("since", "until"), ("min", "max"), ("first", "last"))
_SHORT_ENDS = (("ks", "js"), ("qs", "jz"), ("qs", "zz"), ("s", "e"), ("b", "e"), ("1", "2"), ("0", "1"))
_DAY = re.compile(r"date|time|day|riqi|shijian|rq|sj", re.IGNORECASE)
_WRITTEN = re.compile(r"(?:y{4}|\d{4})([-/.年]?)(?:M{2}|m{2}|\d{2})([-/.月]?)(?:d{2}|D{2}|\d{2})(日?)")
_TYPED = ("", "text", "search", "date", "hidden")


class _Field(NamedTuple):
    name: str
    value: str
    kind: str  # type of an <input>, or the name of another element
    sample: str  # what says how a day is written in it


def search_between(document: Document, since: date, until: date) -> str | None:
    """The address of what the page's own search finds between two days, both included; None where the page has no form that asks for them by GET.

    Hidden fields, chosen options and what stands in a field already go along; a field for words gets SUBJECT where it is empty. A form that its script fills in is sent as it stands.
    """
    if document.kind != "html":
        return None
    for form in document.tree.iter("form"):
        if (form.get("method") or "get").strip().lower() != "get":
            continue
        fields = list(_fields(form))
        days = _days({field.name for field in fields if field.kind in _TYPED})
        url = document.absolute(form.get("action") or document.url)
        if days is None or url is None:
            continue
        given = dict(zip(days, (since, until), strict=True))
        pairs, has_words = [], False
        for field in fields:
            value = _written(given[field.name], field) if field.name in given else field.value
            if field.name not in given and field.kind in ("", "text", "search") and not has_words:
                has_words, value = True, value or SUBJECT
            pairs.append((field.name, value))
        return _with(url, pairs, form.get("accept-charset") or _charset(document.content))
    return None


def _fields(form: html.HtmlElement) -> Iterator[_Field]:
    """What a browser would send of a form, nothing clicked."""
    for one in form.iter("input", "select", "textarea"):
        name = one.get("name")
        if not name or one.get("disabled") is not None:
            continue
        if one.tag == "select":
            options = one.findall(".//option")
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            for option in chosen:
                yield _Field(name, option.get("value", (option.text_content() or "").strip()), "select", "")
            continue
        if one.tag == "textarea":
            yield _Field(name, (one.text or "").strip(), "textarea", "")
            continue
        kind = (one.get("type") or "").strip().lower()
        if kind in ("submit", "button", "image", "reset", "file", "password"):
            continue
        if kind in ("radio", "checkbox") and one.get("checked") is None:
            continue
        hints = (one.get(key) or "" for key in ("value", "placeholder", "onclick", "onfocus", "data-format", "format"))
        yield _Field(name, one.get("value") or "", kind, "" if kind == "date" else " ".join(hints))


def _days(names: set[str]) -> tuple[str, str] | None:
    """The names of the fields for the first and the last day: they differ in which end they name, and name a day."""
    lowered = {name.lower(): name for name in names}
    for ends in (_ENDS, _SHORT_ENDS):
        for first in sorted(lowered):
            for start, end in ends:
                for found in re.finditer(re.escape(start), first):
                    rest = first[: found.start()], first[found.end() :]
                    last = f"{rest[0]}{end}{rest[1]}"
                    at_an_edge = not rest[0] or not rest[1] or "_" in first or "-" in first or "." in first
                    if last in lowered and at_an_edge and _DAY.search("".join(rest)):
                        return lowered[first], lowered[last]
    return None


def _written(day: date, field: _Field) -> str:
    """The day as the field shows that it wants it; with hyphens where it shows nothing."""
    found = _WRITTEN.search(field.sample)
    first, second, last = found.groups() if found else ("-", "-", "")
    return f"{day:%Y}{first}{day:%m}{second}{day:%d}{last}"


def _charset(content: bytes) -> str:
    """In which a browser would send the form: that of the page."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _with(url: str, pairs: list[tuple[str, str]], charset: str) -> str:
    parts = urlsplit(url)
    try:
        query = urlencode(pairs, encoding=charset, errors="xmlcharrefreplace")
    except LookupError:  # a charset that nobody knows
        query = urlencode(pairs)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))
