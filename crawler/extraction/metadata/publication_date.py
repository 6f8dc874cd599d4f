"""The publication time: meta tags, a labelled or dated line near the title, JSON-LD, <time>, scripts, the address, a sign-off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.article import SHANGHAI, Provenance
from crawler.extraction.metadata.date_parsing import (
    CHINESE,
    DATE,
    IN_URL,
    IN_URL_UNPADDED,
    PLAIN,
    Precision,
    chinese,
    dates,
    honest,
    moment,
    read,
)
from crawler.extraction.page.lines import Frame

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
        text = lines[i].text.translate(PLAIN)
        if len(text) < 150 and (match := DATE.search(text)) and not _is_clock(text, match, above=i < title):
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


def _from_meta(frame: Frame, names: tuple[str, ...] = METAS) -> Published | None:
    for name in names:
        value = frame.metas.get(name)
        if value and (found := read(value)):
            at, precision = found
            return Published(at, honest(at, precision), Provenance(f"meta:{name}", value))
    return None


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
        text = lines[i].text.translate(PLAIN)
        if len(text) > 200:
            continue
        for match, found in dates(text):
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
    return Published(at, honest(at, precision), Provenance(rule, text), i)


def _from_json_ld(frame: Frame) -> Published | None:
    for item in json_ld(frame):
        for name in ("datePublished", "pubDate", "uploadDate", "dateCreated"):
            value = item.get(name)
            if isinstance(value, str) and (found := read(value)):
                at, precision = found
                return Published(at, honest(at, precision), Provenance("jsonld", value))
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
        if found := read(value):
            return Published(found[0], found[1], Provenance("time", value), line)
    return None


def _from_scripts(frame: Frame) -> Published | None:
    for script in frame.scripts:
        for match in _SCRIPT.finditer(script):
            if found := read(match[1]):
                return Published(found[0], honest(*found), Provenance("script", match[0][:80]))
    return None


def _from_url(url: str) -> Published | None:
    path = url.split("//", 1)[-1].split("/", 1)[-1]
    match = IN_URL.search(path) or IN_URL_UNPADDED.search("/" + path)
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
        match = DATE.search(text)
        found = moment(match) if match else None
        if found is None and (written := CHINESE.search(text)):
            found = chinese(written)
        if found:
            return Published(found[0], found[1], Provenance("line:sign-off", text), i)
    for i, line in enumerate(lines):
        match = DATE.search(line.text)
        if not match or len(line.text) >= 120 or _is_clock(line.text, match, above=False):
            continue
        if _LABEL.search(line.text[: match.start()]) and (found := moment(match)):
            return Published(found[0], found[1], Provenance("line:label", line.text), i)
    return None
