"""Stored captures as they may be served: what a browser may display of them, and their source as text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.responses import Response

from crawler.archive import Archive, Capture, Payload
from crawler.web.decoding import decode
from search_api.web.headers import CAPTURE_POLICY

_MARKUP = ("text/html", "application/xhtml+xml")
_TYPE = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)


def served(archive: Archive, capture: Capture, name: str, *, source: bool = False) -> Response:
    """A capture under a policy by which nothing in it runs; what is no page is a download called `name`. `source`: its markup as text. Raises ArchiveError."""
    payload = archive.captures.payload(capture)
    headers = {
        "Content-Security-Policy": CAPTURE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "X-Archive-Captured-At": capture.fetched_at.isoformat(timespec="seconds"),
    }
    if re.fullmatch(r"[\x21-\x7e]{1,2000}", payload.url):
        headers["Link"] = f'<{payload.url.replace(">", "%3E")}>; rel="original"'
    if source:
        return Response(as_text(payload), headers=headers, media_type="text/plain; charset=utf-8")
    media_type = safe_media_type(payload)
    if media_type is None:
        extension = re.search(r"\.[a-z0-9]{2,5}$", urlsplit(payload.url).path.lower())
        headers["Content-Disposition"] = f'attachment; filename="{name}{extension[0] if extension else ""}"'
    response = Response(payload.content, headers=headers)
    # Set by hand: Starlette would add a charset, and the page's own declaration is what its bytes are in.
    response.headers["Content-Type"] = media_type or "application/octet-stream"
    return response


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
    """The capture's source in UTF-8, read as the extraction reads it."""
    return decode(payload.content, payload.headers).encode("utf-8", "replace")
