"""HTTP headers as a WARC record holds them: short enough and plain enough that every reader reads them, and all alike (docs/decisions/0300).

What is no printable ASCII is percent-encoded, byte for byte as it came; a line break becomes a space.
"""

from __future__ import annotations

import re

from crawler.archive.models import Exchange

MOST_BYTES = 24_000  # of a record's HTTP headers: fastwarc gives up at some 32 KB
MOST_VALUE = 8_000  # of one header, or of a URL
# The archive reads these again, so that they stay whatever else a site sends; of the others the short ones are kept first.
_KEPT_FIRST = ("content-type", "content-length", "content-disposition", "last-modified", "etag", "date")
_ENCODINGS = ("content-encoding", "transfer-encoding")

_BREAKS = re.compile(r"[\t\n\v\f\r]+")
_NOT_PLAIN = re.compile(rb"[^\x20-\x7e]")
_URL = re.compile(r"[^:/?#]*://([^/?#]*)([^?#]*)(\?[^#]*)?", re.DOTALL)
_TORN = re.compile(r"%[0-9A-F]?$")


def response_headers(exchange: Exchange) -> list[tuple[str, str]]:
    """As received, but true of the decoded body: encodings are moved to X-Archive-Orig-*, as other web archives do."""
    headers = _plain(exchange.headers, (*_ENCODINGS, "content-length"))
    return [*headers, ("Content-Length", str(len(exchange.body)))]


def request_headers(exchange: Exchange) -> list[tuple[str, str]]:
    """As sent, with the host in any case."""
    headers = _plain(exchange.request_headers, _ENCODINGS)
    if not any(name.lower() == "host" for name, _ in headers):
        found = _URL.match(exchange.url)
        headers.insert(0, ("Host", _value(found[1] if found else "")))
    return headers


def request_line(exchange: Exchange) -> str:
    """METHOD TARGET HTTP/1.1"""
    found = _URL.match(exchange.url)
    target = (found[2] or "/") + (found[3] or "") if found else exchange.url
    return f"{warc_field(exchange.method)} {warc_field(target)} HTTP/1.1"


def warc_field(text: str) -> str:
    """A URL or another word for a line of the record's own: no space in it, at most MOST_VALUE bytes."""
    return _cut(_value(text).replace(" ", "%20"))


def shortened(headers: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], bool]:
    """The headers in their order, those left out that would make the whole longer than MOST_BYTES; and whether any was shortened or left out."""
    cut = [(_cut(name), _cut(value)) for name, value in headers]
    room = MOST_BYTES
    kept = set()
    for number in sorted(range(len(cut)), key=lambda n: (_rank(cut[n][0]), len(cut[n][0]) + len(cut[n][1]))):
        room -= len(cut[number][0]) + len(cut[number][1]) + 4  # ": " and the line's end
        if room < 0:
            break
        kept.add(number)
    out = [header for number, header in enumerate(cut) if number in kept]
    return out, out != headers


def _rank(name: str) -> int:
    return 0 if name.lower() in _KEPT_FIRST else 1


def _plain(headers: tuple[tuple[str, str], ...], moved: tuple[str, ...]) -> list[tuple[str, str]]:
    out = []
    for name, value in headers:
        name = _value(name).replace(":", "%3A")
        out.append((f"X-Archive-Orig-{name}" if name.lower() in moved else name, _value(value)))
    return out


def _value(text: str) -> str:
    text = _BREAKS.sub(" ", text).strip(" ")
    if text.isascii() and text.isprintable():
        return text
    try:
        raw = text.encode("latin-1")  # the bytes as the site sent them
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
    return _NOT_PLAIN.sub(lambda byte: b"%%%02X" % byte[0][0], raw).decode("ascii")


def _cut(text: str) -> str:
    return text if len(text) <= MOST_VALUE else _TORN.sub("", text[:MOST_VALUE]).rstrip(" ")
