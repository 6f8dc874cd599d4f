"""Stored captures as they may be served: what a browser may show of them, and their source as text."""

from __future__ import annotations

import re

from crawler.archive import Payload

_MARKUP = ("text/html", "application/xhtml+xml")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)
_TYPE = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "big5": "big5hkscs"}


def safe_media_type(payload: Payload) -> str | None:
    """The Content-Type under which a capture may be shown, None where it may only be saved to disk.

    XHTML is served as HTML, so that a fault in it does not hide the page; everything that is not markup or plain text is a download.
    """
    declared = payload.headers.get("content-type", "")
    kind = declared.partition(";")[0].strip().lower()
    charset = _TYPE.search(declared)
    suffix = f"; charset={charset.group(1)}" if charset else ""
    if kind in _MARKUP or (not kind and b"<" in payload.content[:200]):
        return f"text/html{suffix}"
    if kind == "text/plain":
        return f"text/plain{suffix}"
    return None


def as_text(payload: Payload) -> bytes:
    """The capture's source in UTF-8, decoded as it declares, else as UTF-8, else as GB18030."""
    declared = _TYPE.search(payload.headers.get("content-type", ""))
    meta = _META.search(payload.content[:4096])
    names = [declared.group(1) if declared else "", meta.group(1).decode("ascii") if meta else "", "utf-8"]
    for name in (n.lower() for n in names if n):
        try:
            return payload.content.decode(_WIDER.get(name, name)).encode("utf-8", "replace")
        except (UnicodeError, LookupError):
            continue
    return payload.content.decode("gb18030", "replace").encode("utf-8", "replace")
