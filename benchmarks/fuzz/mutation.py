"""One input made from another: what a hostile or broken sender would change."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

LONGEST = 200_000  # bytes of an input

_NUMBER = re.compile(rb"\d+")
_TAG = re.compile(rb"<[a-zA-Z][^>]{0,200}>")
_NUMBERS = (
    b"0",
    b"-1",
    b"99999",
    b"2147483648",
    b"1e309",
    b"9999999999999999999",
    b"9" * 5000,
    b"0x10",
    "٣".encode(),
    "二〇二四".encode(),
    "²".encode(),
    "１２".encode(),
)
_TOKENS = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n\r\n", b"\x1f\x8b", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;"),
    *(b"<script>", b"<table>", b"<td colspan=99999 rowspan=65534>", b"<base href='http://[::1'>", b"<a href='http://[/'>", b"<meta charset=utf-7>"),
    *(b"&#x110000;", b"&#0;", b"&#xD800;", b"%00", b"%", b"%ff", b"\\ud800", b'"\\u0000"', b"{", b"[", b"(", b'"', b"'", b"NaN", b"null", b"-Infinity"),
    *(b"http://", b"://", b"http://a:99999/", b"//", b"javascript:", b"9999-99-99", b"0000-00-00", b"2024-02-30", b"24:60:61", b"+99:99"),
    *("\u202e\u200b\ufeff".encode(), "\U0010ffff".encode(), "a\u0301".encode() * 50, "\u2028\x85\x0b".encode(), "ſİıǅﷺ".encode(), "㍿㌀".encode(), "〇零".encode()),
    *(b"AND", b" OR ", b"NOT ", b"-", b"*", b":", b"value:>=", b"figure:", "、".encode(), "。".encode(), b"?", b"&", b"=", b"#", b"\\", b"$", b".*"),
    *("下一页".encode(), "来源：".encode(), "发布时间：".encode(), "亿元".encode(), "万亿亿亿".encode(), "第".encode() * 40),
)  # fmt: skip
_CHARSETS = ("utf-16", "gb18030", "big5", "utf-8-sig", "utf-32")


def mutate(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """A changed copy, of at most LONGEST bytes; `others` give parts."""
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        content = chance.choices(_WAYS, _WEIGHTS)[0](content, others, chance)[:LONGEST]
    return content


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + int(chance.expovariate(1 / 30)) + 1)


def _flip(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    return content[:start] + bytes([chance.randrange(256)]) + content[start + 1 :]


def _cut(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def _truncate(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _token(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + chance.choice(_TOKENS) + content[chance.choice((start, end)) :]


def _number(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    found = list(_NUMBER.finditer(content))
    if not found:
        return content + chance.choice(_NUMBERS)
    where = chance.choice(found)
    return content[: where.start()] + chance.choice(_NUMBERS) + content[where.end() :]


def _repeat(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    times = min(int(2 ** chance.uniform(1, 14)), LONGEST // (end - start + 1))
    return content[:end] + content[start:end] * times + content[end:]


def _nest(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    tags: list[bytes] = _TAG.findall(content) or [b"(", b"[", b"{"]
    times = min(int(2 ** chance.uniform(2, 13)), LONGEST // 10)
    start = chance.randrange(len(content) + 1)
    tag: bytes = chance.choice(tags)
    return content[:start] + tag * times + content[start:]


def _splice(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others) if others else content
    start, end = chance.randrange(len(content) + 1), chance.randrange(len(other) + 1)
    return (
        content[:start] + other[end:]
        if chance.random() < 0.5
        else content[:start] + other[end : end + 500] + content[start:]
    )


def _swap(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    tags = list(_TAG.finditer(content))
    if len(tags) < 2:
        return _cut(content, others, chance)
    a, b = sorted(chance.sample(tags, 2), key=lambda tag: tag.start())
    return content[: a.start()] + b[0] + content[a.end() : b.start()] + a[0] + content[b.end() :]


def _recode(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    return content.decode("utf-8", "replace").encode(chance.choice(_CHARSETS), "replace")


Way = Callable[[bytes, Sequence[bytes], random.Random], bytes]
_WAYS: tuple[Way, ...] = (_flip, _cut, _truncate, _token, _number, _repeat, _nest, _splice, _swap, _recode)
_WEIGHTS = (10, 10, 3, 20, 10, 8, 4, 12, 6, 1)
