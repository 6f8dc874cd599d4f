"""The bodies of responses in other programs' WARC files: chunked transfer and compression undone.

Writers differ in what they undid already while the headers still tell of it; what is not packed as its headers say stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from crawler.web.content_encoding import BodyTooLarge, EncodingFault, decompress
from crawler.web.site_policy import MOST_BYTES

TOO_LARGE = f"超过 {MOST_BYTES // 1_000_000} MB"

_CHUNK = re.compile(rb"\s*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf\s*)?<[!?A-Za-z]")


class Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


class BodyError(ValueError):
    """A body cannot be had; the message is for the operator."""


def plain_body(body: bytes, headers: Iterable[tuple[str, str]]) -> bytes:
    """The body of an answer with these headers. Raises BodyError: cut off, too large, packed in a way that is not known."""
    told: dict[str, list[str]] = {}
    for name, value in headers:
        told.setdefault(name.lower(), []).extend(part.strip().lower() for part in value.split(","))
    if "chunked" in told.get("transfer-encoding", ()):
        body = _joined(body)
    for encoding in reversed(told.get("content-encoding", [])):
        body = _unpacked(body, encoding)
    return body


def read_within(reader: Reader) -> bytes:
    """What is left in a reader. Raises BodyError where that is more than a body may have: no more than a piece beyond it is read."""
    body = bytes(reader.read(MOST_BYTES + 1))
    if len(body) > MOST_BYTES:
        raise BodyError(TOO_LARGE)
    return body


def is_markup(body: bytes) -> bool:
    """Whether bytes begin as a page does."""
    return _MARKUP.match(body) is not None


def _joined(body: bytes) -> bytes:
    chunks: list[bytes] = []
    at = 0
    while head := _CHUNK.match(body, at):
        size = int(head[1], 16)
        if size == 0:
            break
        chunk = body[head.end() : head.end() + size]
        if len(chunk) < size:
            raise BodyError("被截断")
        chunks.append(chunk)
        at = head.end() + size
    return b"".join(chunks) if chunks else body


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity", "none") or not body or is_markup(body):
        return body
    if encoding in ("gzip", "x-gzip") and not body.startswith(b"\x1f\x8b"):
        return body
    try:
        content, whole = decompress(body, encoding, MOST_BYTES)
    except EncodingFault as error:
        raise BodyError(str(error)) from error
    except BodyTooLarge as error:
        raise BodyError(TOO_LARGE) from error
    if not whole:
        raise BodyError("被截断")
    return content
