"""Bytes of a page to text: BOM, then what header and meta declare, then trial. gb2312 and gbk mean gb18030."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Mapping

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (b"\x84\x31\x95\x33", "gb18030"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# what pages write for it, and the superset that reads it
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gb2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "hz-gb-2312": "hz",
    "euc-cn": "gb18030",
    "chinese": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "unicode": "utf-8",
    "utf-16": "utf-8",  # a declaration that can be read as ASCII is not UTF-16
    "unicode-1-1-utf-8": "utf-8",
}
_WESTERN = {"iso8859-1", "cp1252", "ascii", "iso8859-15", "latin-1"}  # templates declare it by default; it says nothing
_ESCAPES = {"unicode-escape", "raw-unicode-escape", "utf-7", "punycode", "idna"}  # no page is written in them
_META = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_RUN = re.compile(rb"[\x80-\xff][\x30-\x7e\x80-\xff]*")
_TRIAL = ("utf-8", "gb18030", "big5hkscs")
_SAMPLE = 16_000  # bytes that are not ASCII, with what stands between them
# The characters that half of any Chinese text consists of, in both scripts.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部"
    "度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心"
    "反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老"
    "頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決西被幹做必戰先回則任取據處隊南給色光門即保治北造百規熱領七海口東導器"
    "這個國來時們對會發動經過說產種後學進電現實體機當點從業應開還無條結關線數質變問題資訊聞網頁登錄註冊首頁版權聯繫"
)
_PUNCTUATION = frozenset("，。、：；“”《》（）！？　·—…【】「」")


def decode(content: bytes, headers: Mapping[str, str] | None = None) -> str:
    """The text of `content` (HTML, XML or JSON), without BOM or NULs. Never raises: what cannot be read becomes U+FFFD.

    A declaration counts only where the bytes bear it out: pages say gb2312 and are UTF-8, and the other way round.
    """
    text = _decode(content, headers)
    return text.replace("\x00", "") if b"\x00" in content else text  # bytes are looked through much faster


def _decode(content: bytes, headers: Mapping[str, str] | None) -> str:
    for bom, charset in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(charset, "replace")
    if wide := _utf16(content):
        return content.decode(wide, "replace")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        sample = _sample(content)
    else:
        # by chance only a handful of GB characters is valid UTF-8
        if len(content) - len(text) > 100:
            return text
        sample = _sample(content)
        if not sample or _plausibility(sample, "utf-8") >= _plausibility(sample, "gb18030"):
            return text
    declared = _declared(content, headers)
    for charset in declared:
        if _plausibility(sample, charset) > 0.55:
            return content.decode(charset, "replace")
    candidates = list(dict.fromkeys([*declared, *_TRIAL]))
    best = max(candidates, key=lambda c: _plausibility(sample, c))
    return content.decode(best, "replace")


def _declared(content: bytes, headers: Mapping[str, str] | None) -> list[str]:
    """Python's names of the charsets that header and meta declare, in that order, without those that say nothing."""
    names = []
    for key, value in (headers or {}).items():
        if key.lower() == "content-type" and (found := _HEADER.search(str(value))):
            names.append(found[1])
    names += [m.decode("ascii", "replace") for m in _META.findall(content[:8192])[:3]]
    charsets: list[str] = []
    for name in names:
        name = name.strip().lower()
        try:
            charset = _SUPERSETS.get(name) or codecs.lookup(name).name
            b"".decode(charset)  # not every codec decodes to text
        except (LookupError, ValueError):
            continue
        if charset not in _WESTERN | _ESCAPES and charset not in charsets:
            charsets.append(charset)
    return charsets


def _sample(content: bytes) -> bytes:
    """Runs with bytes above ASCII, each with the ASCII characters between that double-byte charsets need."""
    out, size = [], 0
    for run in _RUN.finditer(content):
        out.append(run[0])
        size += len(run[0])
        if size > _SAMPLE:
            break
    return b"\n".join(out)


def _plausibility(sample: bytes, charset: str) -> float:
    """How much the sample looks like Chinese read so: about 1 for right, under .4 for wrong."""
    count = {c: n for c, n in Counter(sample.decode(charset, "replace")).items() if c > "\x7f"}
    above = sum(count.values())
    if not above:
        return 0.0
    han = sum(n for c, n in count.items() if "\u4e00" <= c <= "\u9fff")
    bad = sum(n for c, n in count.items() if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or "\x80" <= c <= "\x9f")
    common = sum(count.get(c, 0) for c in _COMMON) / han if han else 0.0
    known = (han + sum(count.get(c, 0) for c in _PUNCTUATION)) / above
    return 0.6 * known + min(0.4, common) - 3 * bad / above


def _utf16(content: bytes) -> str | None:
    """UTF-16 without a BOM, by its markup."""
    tag = re.search(rb"<\x00[!?a-zA-Z]\x00", content[:500])
    if not tag:
        return None
    return "utf-16-be" if tag.start() % 2 else "utf-16-le"
