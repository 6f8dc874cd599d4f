"""The one normalisation: NFKC, lower case, traditional → simplified characters, pinyin notes out; with offsets back to the original text.

Every character is mapped by itself, whatever stands beside it, so that a part of a text is normalised as the whole is: what a reader types is found
wherever it stands (a phrase table would turn 乾 into 干 and leave the 乾 of 乾坤, and the one would no longer find the other).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

HAN = "〇々〆\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

# characters that say nothing: soft hyphen, zero-width spaces and joiners, byte order mark, variation selectors
_SILENT = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
# characters that NFKC may join to the one before: marks, Hangul vowels and finals, half-width sound marks; a run of them is mapped together with its base
_JOINING = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07eb-\u07f3\u07fd\u0816-\u0819"
    "\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff\u093c\u094d"
    "\u0951-\u0954\u09bc\u09be-\u09cd\u09d7\u09fe\u0a3c-\u0a4d\u0abc\u0acd\u0b3c\u0b3e-\u0b57\u0bbe-\u0bcd\u0bd7"
    "\u0c3c\u0c4d-\u0c56\u0cbc\u0cc2-\u0cd6\u0d3b-\u0d3c\u0d3e-\u0d4d\u0d57\u0dca-\u0ddf\u0e38-\u0e3a\u0e48-\u0e4b"
    "\u0eb8-\u0eba\u0ec8-\u0ecb\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f84\u0f86-\u0f87\u0fb5-\u0fb7\u0fc6"
    "\u102e-\u103a\u108d\u1161-\u1175\u11a8-\u11c2\u135d-\u135f\u1714-\u1715\u1734\u17d2\u17dd\u18a9\u1939-\u193b"
    "\u1a17-\u1a18\u1a60-\u1a7f\u1ab0-\u1ace\u1b34-\u1b44\u1b6b-\u1b73\u1baa-\u1bab\u1be6-\u1bf3\u1c37\u1cd0-\u1cd2"
    "\u1cd4-\u1ce8\u1ced\u1cf4\u1cf8-\u1cf9\u1dc0-\u1dff\u20d0-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f"
    "\u3099-\u309a\u3133\u3135-\u3136\u313a-\u313f\u314f-\u3163\ua66f\ua674-\ua67d\ua69e-\ua69f\ua6f0-\ua6f1\ua806"
    "\ua82c\ua8c4\ua8e0-\ua8f1\ua92b-\ua92d\ua953\ua9b3-\ua9c0\uaab0\uaab2-\uaab4\uaab7-\uaab8\uaabe-\uaabf\uaac1"
    "\uaaf6\uabed\ufb1e\ufe20-\ufe2f\uff9e-\uff9f\uffa3\uffa5-\uffa6\uffaa-\uffaf\uffc2-\uffdc\U000101fd\U000102e0"
    "\U00010376-\U0001037a\U00010a0d-\U00010a0f\U00010a38-\U00010a3f\U00010ae5-\U00010ae6\U00010d24-\U00010d27"
    "\U00010eab-\U00010eac\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011046\U00011070\U0001107f"
    "\U000110b9-\U000110ba\U00011100-\U00011102\U00011127-\U00011134\U00011173\U000111c0\U000111ca"
    "\U00011235-\U00011236\U000112e9-\U000112ea\U0001133b-\U0001133c\U0001133e-\U0001134d\U00011357"
    "\U00011366-\U00011374\U00011442-\U00011446\U0001145e\U000114b0-\U000114c3\U000115af-\U000115c0\U0001163f"
    "\U000116b6-\U000116b7\U0001172b\U00011839-\U0001183a\U00011930-\U0001193e\U00011943\U000119e0\U00011a34"
    "\U00011a47\U00011a99\U00011c3f\U00011d42-\U00011d45\U00011d97\U00016af0-\U00016af4\U00016b30-\U00016b36"
    "\U00016ff0-\U00016ff1\U0001bc9e\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001d17b-\U0001d182"
    "\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244\U0001e000-\U0001e02a\U0001e130-\U0001e136"
    "\U0001e2ae\U0001e2ec-\U0001e2ef\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a"
)
_CLUSTER = re.compile(f"[^{_SILENT}{_JOINING}]?[{_SILENT}{_JOINING}]+")

# 商務(wù)局: what a browser's reading aid leaves behind; a Latin syllable with a tone, in brackets after a Han character (a few have no tone)
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_TONELESS = ["[们們](men)", "[么麼](me)", "[着著](zhe)", "[个個](ge)"]


def _notes(opening: str, closing: str, tones: str, letters: str) -> re.Pattern[str]:
    # the bracket stands first and what is before it is asked after it: so the search runs from bracket to bracket
    toned = rf"(?=[{letters}]{{0,5}}[{tones}])[{letters}{tones}]{{1,6}}"
    rare = {entry.partition("(")[0]: entry.partition("(")[2][:-1] for entry in _TONELESS}
    first = [rf"(?<=[{HAN}]{opening}){toned}", *(rf"(?<={after}{opening}){note}" for after, note in rare.items())]
    more = "|".join([toned, *rare.values()])
    return re.compile(rf"{opening}(?:{'|'.join(first)}){closing}(?:{opening}(?:{more}){closing})*")


_NOTE = _notes(r"\(", r"\)", _TONED, "a-zɡü")
_NOTE_ORIGINAL = _notes("[(（]", "[)）]", _TONED + _TONED.upper(), "A-Za-zɡüÜ")

_WIDE = 0xFFFFFFFF  # in the table: this character becomes none or several


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is normalised; `starts[i]` and `ends[i]` bound the original characters of which `text[i]` was made. Both never fall."""

    text: str
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original [start, end) of a part of `text` that is not empty."""
        return int(self.starts[start]), int(self.ends[end - 1])


def normalise(text: str) -> str:
    """The text as it is searched. `normalise(normalise(x)) == normalise(x)`."""
    out = "".join(_clustered(text)) if _joins()[_codes(text)].any() else _by_table(text)
    return _NOTE.sub("", out) if "(" in out else out


def normalise_with_offsets(text: str) -> Normalised:
    """`normalise`, and where each of its characters came from."""
    pieces: list[str] = []
    counts = np.ones(
        len(text), dtype=np.int64
    )  # how many characters each original one became; a cluster's go to its first
    widths: dict[int, int] = {}
    table, several = _table()
    position = 0
    clusters = _CLUSTER.finditer(text) if _joins()[_codes(text)].any() else ()
    for match in [*clusters, None]:
        plain = text[position : match.start() if match else len(text)]
        if plain:
            codes = table[_codes(plain)]
            pieces.append(_by_table(plain))
            for i in np.flatnonzero(codes == _WIDE):
                counts[position + i] = len(several[plain[i]])
        if match:
            mapped = _map_cluster(match.group())
            pieces.append(mapped)
            counts[match.start() : match.end()] = 0
            counts[match.start()] = len(mapped)
            widths[match.start()] = match.end()
            position = match.end()
    joined = "".join(pieces)
    starts = np.repeat(np.arange(len(text), dtype=np.int64), counts)
    ends = starts + 1
    for start, end in widths.items():
        ends[starts == start] = end
    if "(" in joined:
        keep = np.ones(len(joined), dtype=bool)
        for match in _NOTE.finditer(joined):
            keep[match.start() : match.end()] = False
        if not keep.all():
            joined = _NOTE.sub("", joined)
            starts, ends = starts[keep], ends[keep]
    return Normalised(joined, starts, ends)


# 招 商 引 资, 招*商*引*资: one character after another, parted by one and the same thing; or marks that say nothing between two characters
_PARTED = re.compile(rf"[{HAN}](?P<by>[ \t]{{1,3}}|[-_.·•|/#~^+=]{{1,2}})(?:[{HAN}](?P=by)){{2,}}[{HAN}]")
_DRESS = "*★☆◆◇●○■□▲△▼▽※♦♣♠♥♡✦✧❤♪〓"
_DRESSED = re.compile(rf"(?<=[{HAN}])[{_DRESS}]{{1,3}}(?=[{HAN}])")


def strewn(text: str) -> list[tuple[int, int]]:
    """Where a normalised text has spaces or marks strewn between characters that belong together: [start, end) each, in order."""
    found = [match.span() for match in _DRESSED.finditer(text)]
    for match in _PARTED.finditer(text):
        width = len(match["by"])
        found += [(at, at + width) for at in range(match.start() + 1, match.end() - 1, width + 1)]
    return sorted(found)


def without_strewn(text: str) -> str:
    """The text without what `strewn` finds."""
    kept, at = [], 0
    for start, end in strewn(text):
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]]) if kept else text


def strip_pinyin_notes(text: str) -> str:
    """The text without pinyin in brackets after a Han character: 商務(wù)局 → 商務局. Nothing else changes."""
    return _NOTE_ORIGINAL.sub("", text) if "(" in text or "（" in text else text


def simplified(text: str) -> str:
    """The text with traditional characters as simplified ones, each by itself: its length does not change."""
    return text.translate(_simplified())


def script_of(text: str) -> Literal["hans", "hant"] | None:
    """The script by the characters that only one of the two has; None where there is none of either, or as many of both."""
    balance = int(_scripts()[_codes(text)].sum())
    if not balance:
        return None
    return "hant" if balance > 0 else "hans"


# --- the tables


def _codes(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _by_table(text: str) -> str:
    table, several = _table()
    codes = table[_codes(text)]
    wide = np.flatnonzero(codes == _WIDE)
    if not len(wide):
        return codes.tobytes().decode("utf-32-le", "surrogatepass")
    out, position = [], 0
    for i in wide.tolist():
        out.append(codes[position:i].tobytes().decode("utf-32-le", "surrogatepass"))
        out.append(several[text[i]])
        position = i + 1
    out.append(codes[position:].tobytes().decode("utf-32-le", "surrogatepass"))
    return "".join(out)


def _clustered(text: str) -> list[str]:
    out, position = [], 0
    for match in _CLUSTER.finditer(text):
        if match.start() > position:
            out.append(_by_table(text[position : match.start()]))
        out.append(_map_cluster(match.group()))
        position = match.end()
    if position < len(text):
        out.append(_by_table(text[position:]))
    return out


def _map_cluster(cluster: str) -> str:
    return _map(_SILENT_ONE.sub("", cluster))


_SILENT_ONE = re.compile(f"[{_SILENT}]")


def _map(text: str) -> str:
    table = _simplified()
    for _ in range(4):  # some need two turns; more than three is unheard of
        mapped = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower()).translate(table)
        if mapped == text:
            break
        text = mapped
    return text


@cache
def _joins() -> npt.NDArray[np.bool_]:
    """Code point → whether it belongs to the character before it; many times faster to ask than the pattern."""
    table = np.zeros(0x110000, dtype=bool)
    ranges = re.findall("(.)(?:-(.))?", _SILENT + _JOINING, re.DOTALL)
    for first, last in ranges:
        table[ord(first) : ord(last or first) + 1] = True
    return table


@cache
def _simplified() -> dict[int, str]:
    """Code point → simplified character, of those that change; followed to the end, so that a second turn changes nothing."""
    import opencc

    blocks = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2FA20), (0x30000, 0x323B0))
    characters = [chr(code) for low, high in blocks for code in range(low, high)]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {ord(a): b for a, b in zip(characters, converted, strict=True) if a != b and len(b) == 1}
    for code, simple in table.items():
        seen = {code}
        while ord(simple) in table and ord(simple) not in seen:
            seen.add(ord(simple))
            simple = table[ord(simple)]
        table[code] = simple
    return table


@cache
def _scripts() -> npt.NDArray[np.int8]:
    """Code point → 1 where only traditional texts have the character, -1 where only simplified ones have it, else 0."""
    simplified = _simplified()
    table = np.zeros(0x110000, dtype=np.int8)
    table[[ord(character) for character in set(simplified.values()).difference(_SHARED)]] = -1
    table[list(simplified)] = 1
    return table


# simplified forms that traditional texts write too, as characters of their own
_SHARED = (
    "万与丑丰于云亘仆价伙余佣借克党冬冲几出划别制刮千卜占卷厂厘只台叶吁吃合吊同向后吨周咨咸喂回困坛坝垄夸奸姜娘媪家尝尽布帘席干并广庵弥当彩征志念恶愿愈戚才托扎扣折抵拐"
    "挨据摆斗旋无旧昆曲朱札朴杆杠松极板杰柜栗核梁模欲汇沈泛注洁涂涌漓灵灶炼点照熏牵犹獾玩症痒皂盐盘睾碱确离种秋秘稆窑筑签簇系纤线累线绷罗群膻致舍药获荐蒙蔑虫蜡蝎表袅裘襄证谷豆踊踪辟迹迫适逐郁"
    "酸采里野钟铺镋闲阪雇霉面须饥首驱鬼鳄"
)


@cache
def _table() -> tuple[npt.NDArray[np.uint32], dict[str, str]]:
    """Code point → code point, or `_WIDE` where the second part has a string (none or several characters)."""
    table = np.arange(0x110000, dtype=np.uint32)
    several: dict[str, str] = {}
    for low, high in (
        (0x80, 0x3400),
        (0xA000, 0xAC00),
        (0xF900, 0x10800),
        (0x10C80, 0x10D00),
        (0x118A0, 0x118E0),
        (0x16E40, 0x16E60),
        (0x1D100, 0x1D200),
        (0x1D400, 0x1D800),
        (0x1E900, 0x1E930),
        (0x1EE00, 0x1EF00),
        (0x1F100, 0x1F270),
        (0x1FBF0, 0x1FC00),
        (0x2F800, 0x2FA20),
    ):
        for code in range(low, high):
            if 0xD800 <= code < 0xE000:
                continue
            character = chr(code)
            mapped = _map(character)
            if mapped == character:
                continue
            if len(mapped) == 1:
                table[code] = ord(mapped)
            else:
                table[code] = _WIDE
                several[character] = mapped
    table[ord("A") : ord("Z") + 1] += 32
    for code, simple in _simplified().items():
        if table[code] == code:
            table[code] = ord(simple)
    return table, several
