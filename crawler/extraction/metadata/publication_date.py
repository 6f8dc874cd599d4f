"""The publication time: meta tags, a labelled or dated line near the title, JSON-LD, <time>, scripts, the address, a sign-off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from crawler.article import SHANGHAI, Provenance
from crawler.extraction.metadata.date_parsing import (
    CHINESE,
    DATE,
    IN_URL,
    IN_URL_UNPADDED,
    Precision,
    chinese,
    dates,
    full_date,
    moment,
    plain_digits,
    read,
    without_midnight,
)
from crawler.extraction.metadata.labels import WRAPPING, plain
from crawler.extraction.metadata.people import is_organisation, is_person
from crawler.extraction.page.lines import Frame

METAS = (
    "pubdate", "publishdate", "publish-date", "publish_date", "publishtime", "article:published_time", "og:published_time", "datepublished", "apub:time", "pubtime", "_pubtime",
    "weibo:article:create_at", "article:publish_time", "og:release_date", "bytedance:published_time", "sailthru.date", "dc.date.issued", "dc.date",
    "dcterms.created", "pub_date", "firstpublishedtime", "createdate", "release_date", "datecreated", "date",
)  # fmt: skip
UPDATES = ("dateupdate", "datemodified", "article:modified_time", "og:updated_time", "lastmodified", "others")
# A label right before a date. In simplified characters: lines are read in them.
_PUBLISHED = re.compile(
    r"(?:发布|发表|刊发|创建|公布|上传|添加|录入|发文|发稿|刊登|登载|编发|信息)(?:时间|日期|于)?\s*[:：]?\s*(?:\d{1,2}:\d\d\s*)?$"
)
_SAYS_PUBLISHED = re.compile(r"发布|发表|刊发|刊登|登载|编发")
_BARE = re.compile(r"(?P<whose>[\u3400-\u9fff]{0,4}?)(?:时\s*间|日\s*期)\s*[:：]?\s*$")
_CLOCK_BEFORE = re.compile(r"(?:今天|今日|现在|此刻|当前|當前|北京)(?:是|时间|日期|時間)?\s*[:：]?\s*$")
_WEEKDAY = re.compile(r"\s*(?:(?:星期|周|週|礼拜)[一二三四五六日天]|农历.*)?\W*$")
_UPDATED = re.compile(r"(?:更新|修改|编辑|修订|改)(?:时间|日期|于)?\s*[:：]?\s*$")
_OTHER = re.compile(
    r"(?:截止|截至|成文|有效|施行|失效|印发|开标|报名|生效|出生|成立|创立|创建(?!时间|日期)|创办|建立|建成|注册|签约|实施|竣工|开工|投产|开业)(?:时间|日期|期限|于|至)?[^。]{0,6}[:：]?\s*$|"
    r"(?:活动|会议|举办|举行|召开|开始|结束|完工|投标|递交|公示|招聘|面试|考试|笔试|缴费|执行|起草|通过|上市|签订|开幕|竞价|拍卖|征集|申报|受理|培训|演出|比赛|工作|办公|营业|采购|交货|服务|合同|响应)"
    r"(?:的|起止|文件)?(?:时间|日期|期限|期|于)[^。]{0,6}[:：]?\s*$"
)
_LABEL_LINE = re.compile(r"\W*[\u3400-\u9fff\s]{2,12}[:：]\W*|\W*[\u3400-\u9fff\s]{2,6}\W*")
# 2024-03-12 发布: the label stands behind its date.
_LABEL_BEHIND = re.compile(r"\s*(?:发布|发表|刊发|(?P<update>更新|修改|编辑))(?![\u3400-\u9fff:：])")
_CHANGED = re.compile("modif|updat")
_EVENT = re.compile(
    r"\W*(?:[一二三四五六七八九十\d]+[、.．]\s*)?(?:地\s*点|会议|活动|对象|方式|内容|主题|参加|联系|报名|流程)"
)
_NUMBERED = re.compile(r"\W*[一二三四五六七八九十\d]{1,3}[、.．]")
_RANGE = re.compile(r"^\s*(?:起|之?前|以前|之?后|以后|止|至|到|[—~～]|[-–]\s*\d)|^[^，。]{0,12}(?:施行|生效|实施|截止)")
_BEFORE_RANGE = re.compile(r"(?:自|从|至|到|于|在|截至|截止|~|～|—)\s*$")
_BESIDE = re.compile(r"来\s*源|作\s*者|浏览|阅读|点击|字\s*[号体]|编\s*辑|访问|分享|打印|人气|评论|稿源|记者|关闭|纠错")
_SIGNED_DOWN = re.compile(r"\W*(?:印发|发布|公布|刊登|讯|电|发)?\W*")
_SCRIPT = re.compile(
    r"""["']?\b(?:publish_?(?:ed)?_?(?:time|date|at)|pub_?(?:time|dat[ae])|create_?(?:time|date|at)|ct|date_?published|ptime|release_?(?:time|date)|(?:news|post|show|input|issue|add|article|doc(?:pub|rel))_?(?:time|date)|fb(?:sj|rq))["']?\s*[:=]\s*["']?([^"',;}<]{8,40})""",
    re.I,
)
_WRITTEN = re.compile(
    r"document\.write(?:ln)?\(\s*(?:[\w.]+\()?\s*(?:[\"'](?P<text>[^\"']{8,80})[\"']|(?P<name>[A-Za-z_$][\w$]*))"
)
_DAY_LATE = timedelta(days=1)  # clocks differ, and so do time zones


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
        text = plain_digits(lines[i].fields)
        if len(text) < 150 and (match := full_date(text)) and not _is_clock(text, match, above=i < title):
            if title < 0:
                return i
            distance = i - title if i >= title else 2 * (title - i)
            if distance < best_distance:
                best, best_distance = i, distance
    return best


def captured(headers: Mapping[str, str] | None) -> datetime | None:
    """When the response was sent, by its own Date; None where it does not say."""
    for name, value in (headers or {}).items():
        if name.lower() == "date":
            try:
                at = parsedate_to_datetime(value)
            except (ValueError, TypeError):
                return None
            return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def published(
    frame: Frame, url: str, title: int, body: tuple[int, int], sent: datetime | None = None
) -> Published | None:
    """When the page says it was published. `title` is a line number or -1, `body` the first and last line of the body, or (-1, -1); `sent`: when the
    response was sent; a later day is not taken."""
    latest = sent + _DAY_LATE if sent else None

    def first(*sources: Iterable[Published]) -> Published | None:
        return next((p for source in sources for p in source if latest is None or p.at <= latest), None)

    meta = first(_from_metas(frame))
    line = first(sorted_lines) if (sorted_lines := _from_lines(frame, title, body)) else None
    if meta and line and line.provenance.rule != "line:update":
        if meta.at.date() == line.at.date():
            return line if line.precision == "minute" and meta.precision == "day" else meta
        weak = meta.provenance.rule in ("meta:date", "meta:others", "meta:createdate", "meta:datecreated")
        return _disputed(line, meta) if line.provenance.rule == "line:label" and weak else _disputed(meta, line)
    updated = line if line and line.provenance.rule == "line:update" else None
    return (
        meta
        or (line if line is not updated else None)
        or first(_from_json_ld(frame), _from_time(frame, modified=False))
        or updated
        or first(
            _from_metas(frame, UPDATES),
            _from_time(frame, modified=True),
            _from_scripts(frame),
            _from_url(url),
            _from_far(frame, body),
        )
    )


def _disputed(chosen: Published, other: Published) -> Published:
    """What was chosen, which remembers whom it was chosen against."""
    against = f"{other.provenance.rule}：{other.provenance.read_from}"[:120]
    return replace(chosen, provenance=replace(chosen.provenance, against=against))


def _from_metas(frame: Frame, names: tuple[str, ...] = METAS) -> Iterator[Published]:
    for name in names:
        value = frame.metas.get(name)
        if value and (found := read(value)):
            at, precision = found
            yield Published(at, without_midnight(at, precision), Provenance(f"meta:{name}", value))


def _label_of(before: str) -> Literal["published", "bare", "update", "other", ""]:
    """What the words before a date call it."""
    if _UPDATED.search(before):
        return "update"
    if label := _PUBLISHED.search(before):
        return "published" if _SAYS_PUBLISHED.search(label[0]) else "bare"
    if _OTHER.search(before):
        return "other"
    return "bare" if _BARE.search(before) else ""


def _is_said_of_something_else(before: str, after: str) -> bool:
    """Whether a date is one that a sentence is about: the end of a term, the beginning of a law."""
    return bool(_RANGE.match(after) or _BEFORE_RANGE.search(before))


def _from_lines(frame: Frame, title: int, body: tuple[int, int]) -> list[Published]:
    """The dated lines around title and beginning of the body, the best first: labelled before bare, near before far. A sentence of the body dates nothing."""
    lines = frame.lines
    first, last = body
    if title < 0 and first < 0:
        return []
    top = max(0, (title if title >= 0 else first) - (5 if title >= 0 else 12))
    stop = min(len(lines), max(title + 16, min(first + 2, title + 60) if title >= 0 else first + 2))
    scored: list[tuple[float, Published]] = []
    around = [*range(top, stop), *(range(max(stop, last - 1), min(len(lines), last + 8)) if last >= 0 else ())]
    anchor = title if title >= 0 else first
    changed = {
        at.date() for time in frame.times if _CHANGED.search(time.words) for at, _ in filter(None, [read(time.value)])
    }
    for i in around:
        if len(lines[i].fields) > 200:
            continue
        text = plain(plain_digits(lines[i].fields))
        dated = list(dates(text))
        behind = bool(dated) and not _label_of(text[: min(match.start() for match, _ in dated)])
        for match, found in dated:
            if not found or _is_clock(text, match, above=i < title):
                continue
            before, after = text[: match.start()], text[match.end() :]
            if not before.strip() and i and _LABEL_LINE.fullmatch(lines[i - 1].text):
                before = plain(lines[i - 1].text)  # the label stands in a cell of its own
            label = _label_of(before)
            if behind and (said := _LABEL_BEHIND.match(after)):
                label = "update" if said["update"] else "published"
            if label in ("", "bare") and found[0].date() in changed:
                label = "update"
            rest = len(text) - (match.end() - match.start())
            inside = 0 <= first <= i <= last
            if inside and label != "published" and not _is_byline(text, match, label):
                continue  # a date that the text mentions
            if label == "bare" and i >= first >= 0 and ((inside and i > first + 1) or _is_of_an_event(frame, i)):
                continue
            if label not in ("published", "update") and _is_said_of_something_else(before, after):
                continue
            if label not in ("published", "bare") and i > last >= 0:
                continue  # below the body stand the dates of other articles
            score = {"published": 3.0, "bare": 2.5, "update": -1.0, "other": -3.0, "": 0.0}[label]
            if found[1] == "minute":
                score += 1.5
            score -= min(3.0, max(0, rest - 30) / 20)
            score -= min(3.0, abs(i - anchor) / 8) + (0.5 if i < anchor else 0)
            if lines[i].linked * 2 > len(text) and rest > 12:
                score -= 3
            if score >= -2.5:
                at, precision = found
                rule = {"published": "line:label", "bare": "line:label", "update": "line:update"}.get(label, "line")
                scored.append(
                    (score, Published(at, without_midnight(at, precision), Provenance(rule, lines[i].text), i))
                )
    return [found for _, found in sorted(scored, key=lambda pair: -pair[0])]


def _is_of_an_event(frame: Frame, i: int) -> bool:
    """Whether 时间：… is that of an event: numbered, or beside 地点 and the like."""
    lines = frame.lines
    return bool(_NUMBERED.match(lines[i].text)) or any(_EVENT.match(line.text) for line in lines[max(0, i - 1) : i + 2])


def _is_byline(text: str, match: re.Match[str], label: str) -> bool:
    """Whether a dated line of the body is one that was taken into it from above: the date and next to nothing, or beside other labels."""
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    if re.search("[。！？；]", rest):
        return False
    return len(re.sub(r"\W+", "", rest)) <= (8 if label == "bare" else 3) or bool(_BESIDE.search(rest))


def _from_json_ld(frame: Frame) -> Iterator[Published]:
    for item in json_ld(frame):
        for name in ("datePublished", "pubDate", "uploadDate", "dateCreated"):
            value = item.get(name)
            if isinstance(value, str) and (found := read(value)):
                at, precision = found
                yield Published(at, without_midnight(at, precision), Provenance("jsonld", value))


def json_ld(frame: Frame) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD, those of a graph too; what is not JSON is passed over."""
    for text in frame.json_ld:
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
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


def _from_time(frame: Frame, *, modified: bool) -> Iterator[Published]:
    """<time>, those that say they are of the publication first; `modified`: those that say they are of a change."""
    of_changes = [bool(_CHANGED.search(time.words)) for time in frame.times]
    wanted = [time for time, of_change in zip(frame.times, of_changes, strict=True) if of_change is modified]
    for time in sorted(wanted, key=lambda time: not re.search("publi|pubdate", time.words)):
        if found := read(time.value):
            yield Published(
                found[0], found[1], Provenance("time:modified" if modified else "time", time.value), time.line
            )


def _from_scripts(frame: Frame) -> Iterator[Published]:
    """What scripts write into the page, then what they name as the article's time."""
    for script in frame.scripts:
        for written in _WRITTEN.finditer(script):
            name = written["name"]
            texts = [written["text"]] if not name else _assigned(frame.scripts, name)
            for text in texts:
                if found := read(text):
                    yield Published(
                        found[0],
                        without_midnight(*found),
                        Provenance("script:written", f"{written[0][:60]} {text[:40]}"),
                    )
    for script in frame.scripts:
        for match in _SCRIPT.finditer(script):
            if found := read(match[1]):
                yield Published(found[0], without_midnight(*found), Provenance("script", match[0][:80]))


def _assigned(scripts: list[str], name: str) -> list[str]:
    """The strings that scripts give to a variable."""
    pattern = re.compile(rf"(?<![\w$.]){re.escape(name)}\s*=\s*[\"']([^\"']{{8,60}})[\"']")
    return [value for script in scripts for value in pattern.findall(script)]


def _from_url(url: str) -> Iterator[Published]:
    path = url.split("//", 1)[-1].split("/", 1)[-1]
    match = IN_URL.search(path) or IN_URL_UNPADDED.search("/" + path)
    if not match:
        return
    try:
        at = datetime(int(match["y"]), int(match["mo"]), int(match["d"]), tzinfo=SHANGHAI)
    except ValueError:
        return
    yield Published(at, "day", Provenance("url", match[0]))


def _from_far(frame: Frame, body: tuple[int, int]) -> Iterator[Published]:
    """A sign-off at the end of the body, then the labelled dates of the page that are not the body's."""
    lines = frame.lines
    first, last = body
    for i in range(min(last + 2, len(lines) - 1), max(first, last - 6), -1) if last >= 0 else ():
        text = plain_digits(lines[i].text)
        if len(text) > 60 or (i > last and ("年" not in text or lines[i].linked)):
            continue
        match = full_date(text) or CHINESE.search(text)
        found = (moment(match) if match.re is DATE else chinese(match)) if match else None
        if match and found and _signs(text[: match.start()], text[match.end() :]):
            yield Published(found[0], found[1], Provenance("line:sign-off", lines[i].text), i)
    for i, line in enumerate(lines):
        text = line.fields
        match = full_date(text) if len(text) < 120 else None
        if not match or _is_clock(text, match, above=False):
            continue
        before = plain(text[: match.start()])
        label = _label_of(before)
        if (
            label == "published" or (label == "bare" and not first <= i <= last and not _is_of_an_event(frame, i))
        ) and (found := moment(match)):
            yield Published(found[0], found[1], Provenance("line:label", line.text), i)


def _signs(before: str, after: str) -> bool:
    """Whether a date with these words around it closes a document: alone, or under who signs it."""
    who = before.strip(WRAPPING + "\t")
    return bool(_SIGNED_DOWN.fullmatch(after)) and (
        not who
        or (
            len(who) <= 30
            and not re.search("[，。：:；！？]", who)
            and (is_organisation(plain(who)) or is_person(plain(who)))
        )
    )
