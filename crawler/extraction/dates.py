"""The publication time: meta tags, a labelled or dated line near the title, JSON-LD, <time>, scripts, the address, a sign-off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from crawler.article import SHANGHAI, Provenance
from crawler.extraction.lines import Frame

Precision = Literal["day", "minute"]

_TIME = (
    r"(?:[T\s]*(?:星期.|周.|週.|礼拜.)?[\s,，(（)）|｜/-]*(?P<half>上午|下午|晚上|中午|凌晨|AM|PM)?\s*(?P<h>[0-2]?\d)\s*[:：时時點点]\s*(?P<m>[0-5]\d)"
    r"(?:\s*[:：分]\s*[0-5]\d(?:\.\d+)?)?(?:\s*(?P<after>AM|PM)\b)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19[89]|20[0-4])\d)\s*(?:年|[-/.．－–])\s*(?P<mo>1[0-2]|0?[1-9])\s*(?:月|[-/.．－–])\s*(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)\s*[日号號]?"
    + _TIME,
    re.I,
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<y>20[0-4]\d)(?P<mo>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)(?P<half>)(?P<h>)(?P<m>)(?P<zone>)"
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>3[01]|[12]\d|0[1-9])/(?P<mo>0[1-9]|1[0-2])/(?P<y>20[0-4]\d)(?!\d)\s*-?" + _TIME, re.I
)
_IN_URL = re.compile(
    r"(?<!\d)(?P<y>(?:19[89]|20[0-4])\d)[-/_]?(?P<mo>0[1-9]|1[0-2])[-/_]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d{1,3}(?:\D|$))"
)
_IN_URL_UNPADDED = re.compile(r"/(?P<y>20[0-4]\d)/(?P<mo>1[0-2]|[1-9])/(?P<d>3[01]|[12]\d|[1-9])/")
_STAMP = re.compile(r"(?<!\d)(1[0-9]{9})(?:\d{3})?(?!\d)")
_CHINESE = re.compile(
    r"(二[〇○零Oo0]?[〇○零一二三四五六七八九OoО0]{2,3})年\s*([一二三四五六七八九十]{1,3})月\s*([一二三四五六七八九十]{1,3})日"
)
_DIGIT = {c: i for i, c in enumerate("〇一二三四五六七八九")} | dict.fromkeys("○零OoО0", 0)

METAS = (
    "pubdate", "publishdate", "publish-date", "publish_date", "publishtime", "article:published_time", "og:published_time", "datepublished", "apub:time",
    "weibo:article:create_at", "article:publish_time", "og:release_date", "bytedance:published_time", "sailthru.date", "dc.date.issued", "dc.date",
    "dcterms.created", "pub_date", "firstpublishedtime", "createdate", "release_date", "datecreated", "date",
)  # fmt: skip
UPDATES = ("dateupdate", "datemodified", "article:modified_time", "og:updated_time", "lastmodified", "others")
_LABEL = re.compile(
    r"(?:发布时间|发布日期|发表时间|发表日期|發布時間|發布日期|發表時間|发文日期|发表于|发布于|發表於|刊发时间|上传时间|添加时间|录入时间|信息时间|公布日期|时\s*间|日\s*期|時\s*間)\s*[:：]?\s*"
)
_SAYS_PUBLISHED = re.compile(r"发布|发表|發布|發表|刊发")
_CLOCK_BEFORE = re.compile(r"(?:今天|今日|现在|此刻|当前|當前|北京)(?:是|时间|日期|時間)?\s*[:：]?\s*$")
_WEEKDAY = re.compile(r"\s*(?:(?:星期|周|週|礼拜)[一二三四五六日天]|农历.*)?\W*$")
_PLAIN = str.maketrans("０１２３４５６７８９‑‐", "0123456789--")
_UPDATED = re.compile(r"(?:更新|修改|编辑)(?:时间|日期|于|時間)?\s*[:：]?\s*$")
_OTHER = re.compile(r"(?:截止|截至|成文|有效|施行|失效|印发|开标|报名|生效|出生)(?:时间|日期|于)?[^。]{0,6}[:：]?\s*$")
_SCRIPT = re.compile(
    r"""["']?\b(?:publish_?(?:ed)?_?(?:time|date|at)|pub_?(?:time|date)|create_?(?:time|date|at)|ct|date_?published|ptime|releaseDate|news_?time)["']?\s*[:=]\s*["']?([^"',;}<]{8,40})""",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Published:
    at: datetime
    precision: Precision
    provenance: Provenance
    line: int = -1


def moments(text: str) -> Iterator[tuple[datetime, Precision, int, int]]:
    """Full dates in a text: (aware moment, precision, where it begins, where it ends)."""
    for match in _DATE.finditer(text.translate(_PLAIN)):
        if found := _moment(match):
            yield (*found, *match.span())


def _is_clock(text: str, match: re.Match[str], *, above: bool) -> bool:
    """Whether a date is today's, as pages show it in their heads: 今天是…, or, `above` the title, a date with its weekday and nothing else."""
    if _CLOCK_BEFORE.search(text[: match.start()]):
        return True
    after = text[match.end() :]
    return above and bool(after.strip()) and not text[: match.start()].strip() and bool(_WEEKDAY.fullmatch(after))


def date_line(frame: Frame, title: int) -> int:
    """The line nearest to the title that shows a full date; -1 where there is none."""
    best, best_distance = -1, 1000
    lines = frame.lines
    start, stop = (max(0, title - 6), min(len(lines), title + 26)) if title >= 0 else (0, len(lines))
    for i in range(start, stop):
        text = lines[i].text.translate(_PLAIN)
        if len(text) < 150 and (match := _DATE.search(text)) and not _is_clock(text, match, above=i < title):
            if title < 0:
                return i
            distance = i - title if i >= title else 2 * (title - i)
            if distance < best_distance:
                best, best_distance = i, distance
    return best


def published(frame: Frame, url: str, title: int, body: tuple[int, int]) -> Published | None:
    """When the page says it was published. `title` is a line number or -1, `body` the first and last line of the body, or (-1, -1)."""
    candidates = [c for c in (_from_meta(frame), _from_lines(frame, title, body)) if c]
    if len(candidates) == 2:
        meta, line = candidates
        if meta.at.date() == line.at.date():
            return line if line.precision == "minute" and meta.precision == "day" else meta
        if line.provenance.rule == "line:label" and meta.provenance.rule in (
            "meta:date",
            "meta:others",
            "meta:createdate",
            "meta:datecreated",
        ):
            return line
        return meta
    if candidates:
        return candidates[0]
    return (
        _from_json_ld(frame)
        or _from_time(frame)
        or _from_meta(frame, UPDATES)
        or _from_scripts(frame)
        or _from_url(url)
        or _from_far(frame, body)
    )


def _moment(match: re.Match[str]) -> tuple[datetime, Precision] | None:
    part = match.groupdict()
    hour, minute = part["h"], part["m"]
    try:
        if not hour:
            return datetime(int(part["y"]), int(part["mo"]), int(part["d"]), tzinfo=SHANGHAI), "day"
        h = int(hour)
        if (part["half"] or part.get("after") or "").upper() in ("下午", "晚上", "PM") and h < 12:
            h += 12
        at = datetime(int(part["y"]), int(part["mo"]), int(part["d"]), h, int(minute), tzinfo=SHANGHAI)
    except ValueError:
        return None
    zone = part["zone"]
    if zone:
        offset = timedelta(0)
        if zone.upper() != "Z":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
        at = (at.replace(tzinfo=UTC) - offset).astimezone(SHANGHAI)
    return at, "minute"


def _read(value: str) -> tuple[datetime, Precision] | None:
    """A value that should be a date: text, a compact date or a Unix time."""
    for pattern in (_DATE, _DAY_FIRST, _COMPACT):
        match = pattern.search(value)
        if match and (found := _moment(match)):
            return found
    stamp = _STAMP.search(value)
    if stamp and 946_684_800 < int(stamp[1]) < 2_500_000_000:
        return datetime.fromtimestamp(int(stamp[1]), SHANGHAI), "minute"
    return None


def _from_meta(frame: Frame, names: tuple[str, ...] = METAS) -> Published | None:
    for name in names:
        value = frame.metas.get(name)
        if value and (found := _read(value)):
            at, precision = found
            return Published(at, _honest(at, precision), Provenance(f"meta:{name}", value))
    return None


def _honest(at: datetime, precision: Precision) -> Precision:
    """Midnight is a day without a time: machines write it so."""
    return "day" if (at.hour, at.minute) == (0, 0) else precision


def _from_lines(frame: Frame, title: int, body: tuple[int, int]) -> Published | None:
    """The best dated line around title and beginning of the body: labelled before bare, near before far."""
    lines = frame.lines
    first, last = body
    if title < 0 and first < 0:
        return None
    top = max(0, (title if title >= 0 else first) - (5 if title >= 0 else 12))
    stop = min(len(lines), max(title + 16, min(first + 2, title + 60) if title >= 0 else first + 2))
    best: tuple[float, int, tuple[datetime, Precision], str, str] | None = None
    around = [*range(top, stop), *(range(max(stop, last - 1), min(len(lines), last + 8)) if last >= 0 else ())]
    anchor = title if title >= 0 else first
    for i in around:
        text = lines[i].text.translate(_PLAIN)
        if len(text) > 200:
            continue
        for match, found in _dates(text):
            if not found or _is_clock(text, match, above=i < title):
                continue
            before = text[: match.start()]
            if not before.strip() and i and len(lines[i - 1].text) < 14:
                before = lines[i - 1].text  # the label stands in a cell of its own
            score = 0.0
            rule = "line"
            if _OTHER.search(before):
                score -= 3
            elif _UPDATED.search(before):
                score -= 1
            elif (label := list(_LABEL.finditer(before))) and len(before) - label[-1].end() < 4:
                score += 3 if _SAYS_PUBLISHED.search(label[-1][0]) else 2.5
                rule = "line:label"
            if rule == "line" and i > last >= 0:
                continue  # below the body stand the dates of other articles
            if found[1] == "minute":
                score += 1.5
            rest = len(text) - (match.end() - match.start())
            score -= min(3.0, max(0, rest - 30) / 20)
            score -= min(3.0, abs(i - anchor) / 8) + (0.5 if i < anchor else 0)
            if first >= 0 and first <= i <= last and rest > 20 and rule == "line":
                score -= 2.5  # a date that the text mentions
            if lines[i].linked * 2 > len(text) and rest > 12:
                score -= 3
            if best is None or score > best[0]:
                best = (score, i, found, rule, text)
    if best is None or best[0] < -2.5:
        return None
    _, i, (at, precision), rule, text = best
    return Published(at, _honest(at, precision), Provenance(rule, text), i)


def _dates(text: str) -> Iterator[tuple[re.Match[str], tuple[datetime, Precision] | None]]:
    """The dates of a line near the title, in whatever numbers; a bare 20240313 only where it is the line."""
    for pattern in (_DATE, _DAY_FIRST):
        yield from ((match, _moment(match)) for match in pattern.finditer(text))
    yield from ((match, _chinese(match)) for match in _CHINESE.finditer(text))
    if bare := _COMPACT.fullmatch(text.strip()):
        yield bare, _moment(bare)


def _from_json_ld(frame: Frame) -> Published | None:
    for item in json_ld(frame):
        for name in ("datePublished", "pubDate", "uploadDate", "dateCreated"):
            value = item.get(name)
            if isinstance(value, str) and (found := _read(value)):
                at, precision = found
                return Published(at, _honest(at, precision), Provenance("jsonld", value))
    return None


def json_ld(frame: Frame) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD, those of a graph too; what is not JSON is passed over."""
    for text in frame.json_ld:
        try:
            data = json.loads(text, strict=False)
        except ValueError:
            continue
        stack = [data]
        while stack:
            item = stack.pop()
            if isinstance(item, list):
                stack += reversed(item)
            elif isinstance(item, dict):
                yield item
                if isinstance(item.get("@graph"), list):
                    stack += reversed(item["@graph"])


def _from_time(frame: Frame) -> Published | None:
    for value, line in frame.times:
        if found := _read(value):
            return Published(found[0], found[1], Provenance("time", value), line)
    return None


def _from_scripts(frame: Frame) -> Published | None:
    for script in frame.scripts:
        for match in _SCRIPT.finditer(script):
            if found := _read(match[1]):
                return Published(found[0], _honest(*found), Provenance("script", match[0][:80]))
    return None


def _from_url(url: str) -> Published | None:
    path = url.split("//", 1)[-1].split("/", 1)[-1]
    match = _IN_URL.search(path) or _IN_URL_UNPADDED.search("/" + path)
    if not match:
        return None
    try:
        at = datetime(int(match["y"]), int(match["mo"]), int(match["d"]), tzinfo=SHANGHAI)
    except ValueError:
        return None
    return Published(at, "day", Provenance("url", match[0]))


def _from_far(frame: Frame, body: tuple[int, int]) -> Published | None:
    """A sign-off at the end of the body, else the first labelled date of the page."""
    lines = frame.lines
    first, last = body
    for i in range(last, max(first, last - 6), -1) if last >= 0 else ():
        text = lines[i].text
        if len(text) > 60:
            continue
        match = _DATE.search(text)
        found = _moment(match) if match else None
        if found is None and (chinese := _CHINESE.search(text)):
            found = _chinese(chinese)
        if found:
            return Published(found[0], found[1], Provenance("line:sign-off", text), i)
    for i, line in enumerate(lines):
        match = _DATE.search(line.text)
        if not match or len(line.text) >= 120 or _is_clock(line.text, match, above=False):
            continue
        if _LABEL.search(line.text[: match.start()]) and (found := _moment(match)):
            return Published(found[0], found[1], Provenance("line:label", line.text), i)
    return None


def _chinese(match: re.Match[str]) -> tuple[datetime, Precision] | None:
    """二〇二二年一月二十七日."""
    try:
        year = int("".join(str(2 if c == "二" else _DIGIT[c]) for c in match[1]))
        return datetime(year, _number(match[2]), _number(match[3]), tzinfo=SHANGHAI), "day"
    except (KeyError, ValueError):
        return None


def _number(text: str) -> int:
    tens, _, ones = text.rpartition("十") if "十" in text else ("", "", text)
    value = _DIGIT[ones] if ones else 0
    if "十" in text:
        value += 10 * (_DIGIT[tens] if tens else 1)
    return value
