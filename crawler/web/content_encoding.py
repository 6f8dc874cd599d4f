"""Content-Encoding undone piece by piece, so that no body grows beyond its limit."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import brotli

_PIECE = 65_536  # bytes


class EncodingFault(ValueError):
    """A body cannot be decompressed; the message is a few words for the operator."""


class BodyTooLarge(ValueError):
    """A body exceeds the limit once it is decompressed."""


class Decompressed(NamedTuple):
    content: bytes
    whole: bool  # False: the compressed data breaks off


def decompress(body: bytes, encoding: str, most: int) -> Decompressed:
    """The body with one encoding (gzip, x-gzip, deflate, br) undone, at most `most` bytes. Raises EncodingFault, BodyTooLarge."""
    undone = _undone(body, encoding, most)
    if len(undone.content) > most:
        raise BodyTooLarge
    return undone


def decompress_beginning(body: bytes, encoding: str, most: int) -> bytes:
    """The first `most` bytes of a body with one encoding undone. Raises EncodingFault."""
    return _undone(body, encoding, most).content[:most]


def _undone(body: bytes, encoding: str, most: int) -> Decompressed:
    """Little more than `most` bytes where there are more."""
    try:
        if encoding in ("gzip", "x-gzip"):
            return _inflated(body, 31, most)
        if encoding == "deflate":  # some servers leave out zlib's header
            return _inflated(body, 15 if body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0 else -15, most)
        if encoding == "br":
            return _unbrotlied(body, most)
    except (zlib.error, brotli.error) as error:
        raise EncodingFault(f"按 {encoding} 解不开") from error
    raise EncodingFault(f"压缩方式 {encoding} 不认得")


def _inflated(body: bytes, bits: int, most: int) -> Decompressed:
    out = bytearray()
    while body:  # several members make one body
        inflating = zlib.decompressobj(bits)
        out += inflating.decompress(body, most + 1 - len(out))
        if len(out) > most or not inflating.eof:
            return Decompressed(bytes(out), False)
        body = inflating.unused_data if bits == 31 and inflating.unused_data.startswith(b"\x1f\x8b") else b""
    return Decompressed(bytes(out), True)


def _unbrotlied(body: bytes, most: int) -> Decompressed:
    inflating = brotli.Decompressor()
    out = bytearray(inflating.process(body, output_buffer_limit=_PIECE))
    while not inflating.is_finished():
        piece = inflating.process(b"", output_buffer_limit=_PIECE)
        if not piece:
            if not out:  # bytes that are no brotli look like its beginning
                raise EncodingFault("按 br 解不开")
            return Decompressed(bytes(out), False)
        out += piece
        if len(out) > most:
            break
    return Decompressed(bytes(out), True)
