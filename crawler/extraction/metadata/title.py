"""The title: a heading near the body that <title> or meta bears out, else the first part of <title> without the site's name."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from crawler.article import Provenance
from crawler.extraction.metadata.date_parsing import dates, plain_digits
from crawler.extraction.metadata.labels import WRAPPING, could_publish
from crawler.extraction.page.lines import Frame
from crawler.extraction.page.vocabulary import CLASS_BIT, LINE_BIT, line_bits

META_TITLES = (
    "articletitle",
    "og:title",
    "headline",
    "twitter:title",
    "dc.title",
    "title",
    "weibo:article:title",
    "contenttitle",
)
_STRONG = re.compile(r"\s*(?:[_|｜＿]+|\s[-–—－·»>]+\s|-{2,}|>{1,2}|»)\s*")
_WEAK = re.compile(r"(?<![-–—－])(?:(?<!\d)[-–—－]|[-–—－](?!\d))(?![-–—－])")  # not that of 2024-03-12
_WITHIN = re.compile(rf"{_WEAK.pattern}|—{{2,}}")
_BAR = re.compile(
    r"^\s*(?P<series>[^_|｜丨＿]{2,8}?)(?P<bar>[|｜丨])(?P<rest>[^_|｜丨＿]{6,}?)\s*(?=[_|｜丨＿]|\s[-–—－]\s|$)"
)
_BEFORE_SITE = re.compile(  # 标题——某某网: what parts a title elsewhere, before a name that is a site's and nothing else's
    r"\s*(?:——|[·•‹«<])\s*(?P<site>[\u3400-\u9fff]{2,14}(?:网|網|网站|網站|门户|門戶|频道|在线|官网|论坛|协会|協會|学会|商会|联合会))\s*$"
)
_SITE = re.compile(
    r"(?:网|網|网站|门户|政府|日报|晚报|新闻|频道|中心|在线|论坛|博客|社区|官网|公司|集团|委员会|委|(?<![格布结全大时战政当开僵定])局|厅|(?<![全内外])部|(?<![喜捷海简通播周月预快年])报|(?<![平出上登舞])台|站|百科|空间|平台|栏目|资讯|首页|文库)$|"
    r"^(?:www\.|powered by)|\.(?:com|cn|net|org)\b|^\W*$",
    re.I,
)
_SURELY_SITE = re.compile(r"(?:网|網|网站|網站|门户|門戶|频道|在线|官网|论坛|百科|首页)$")
# What has sites, and is written about too.
_OWNER = re.compile(
    r"(?:小学|中学|学校|大学|学院|幼儿园|小學|中學|學校|大學|學院|人寿|保险|银行|医院|协会|協會|学会|商会|联合会|基金会|研究院|研究所|研究中心|开发区|高新区|经开区|园区|管委会|法院|检察院|图书馆|博物馆|"
    r"股份|天文台|观测站|出版社|杂志社|信息港)$"
)
_GENERIC = re.compile(
    r"^\W*(?:首页|新闻(?:中心|详情|内容|页)?|详情页?|正文|文章(?:详情|内容|页)?|内容(?:页|详情)?|信息(?:公开|详情)|无标题(?:文档)?|untitled.*|document|index|"
    r"当前位置.*|您的位置.*|政务公开|通知公告|要闻|动态|公告|home|detail|404.*|.{0,12}(?:首页|欢迎您?))\W*$",
    re.I,
)
_COLUMN = re.compile(
    r"[\u3400-\u9fff]{0,6}(?:动态|要闻|公告|公示|资讯|快讯|专栏|频道|专题|新闻|信息|政策|播报)|政策(?:解读|法规|文件)|通知公告"
)
_LABEL = re.compile(r"^(?:标\s*题|題目|题\s*目|名\s*称|信息名称|文章标题)\s*[:：]\s*")
_LONG = 60  # characters of a heading of several lines
_LABELS = 8  # characters of a label in a cell of its own
_LONGEST = 150  # characters of a title
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d?);", re.I)
_SUBTITLE = re.compile(r"sub-?_?title|second-?title|fu_?(?:biao)?ti|\bft(?:itle)?\b|pre-?title|yinti|jianti|shoulder")
_HOUSE = re.compile(r"版权|版權|copyright|©|主办|主辦|承办|欢迎|歡迎|all rights|技术支持|备案", re.I)
_HOUSE_LINES = 60  # at the beginning and at the end of a page, where a site says whose it is
_BYLINE = re.compile(r"来\s*源|來\s*源|作\s*者|发布|發[布佈]|时\s*间|時\s*間|日\s*期|浏览|点击|阅读|字[号体]|打印|关闭")
_ABOVE_BYLINE = 2.5
_UNBORNE = 2.2
_HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
_CUT = re.compile(r"(?:\.{2,}|…+)$")


_NOT_TITLE = sum(
    LINE_BIT[n]
    for n in ("source", "author", "editor", "date", "counter", "share", "nav", "login", "copyright", "index")
)


_BYLINE_BITS = sum(LINE_BIT[n] for n in ("source", "author", "editor", "counter"))


@dataclass(frozen=True, slots=True)
class Title:
    text: str
    provenance: Provenance
    line: int  # number of its line on the page, or -1


@dataclass(frozen=True, slots=True)
class _Hints:
    """What the page says of its title, as keys. `no_titles` are names of the site and of a series."""

    whole: str  # <title>, and its first part
    first: str
    metas: frozenset[str]
    cut: str  # <title> that was cut short
    no_titles: frozenset[str]


@dataclass(frozen=True, slots=True)
class TitleLines:
    """How far each line is borne out as the title, wherever the body begins; worked out once a page, which is asked before and after its body is known."""

    says_site_only: bool
    metas: tuple[tuple[str, str], ...]  # (name, content)
    hints: _Hints
    keys: list[str]  # '' for a line that no title is as short or long as
    scores: list[float]


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """A title for comparing: compatibility forms, no white space, one kind of quotes."""
    text = unicodedata.normalize("NFKC", unescaped(text))
    return re.sub(r"[\s\"'“”‘’「」『』]+", "", text).lower()


def unescaped(text: str) -> str:
    """The text without entities that were escaped once too often: &amp;ldquo; shows as &ldquo;."""
    for _ in range(2):
        if "&" in text:
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text


def segments(title: str) -> list[str]:
    """The parts of a <title>: 标题_栏目_站名. A single dash parts it only where a site's name follows."""
    parts = [s.strip() for s in _STRONG.split(title) if s and s.strip()]
    if not parts:
        return []
    if len(parts) == 1 and (named := _BEFORE_SITE.search(parts[0])) and named.start() > 3:
        return [parts[0][: named.start()], named["site"]]
    tail = parts[1:]
    first = [s.strip() for s in _WEAK.split(parts[0])]
    if len(first) > 1 and not tail and not names_site(first[-1]):
        return parts  # 招商-引资
    cut: list[str] = []
    while len(first) > 1 and (names_site(first[-1]) or (cut and len(first[-1]) <= 4)):
        cut.insert(0, first.pop())
    if not cut:
        return parts
    return [
        parts[0][: parts[0].rfind(cut[0]) if len(cut) == 1 else parts[0].find(first[-1]) + len(first[-1])].rstrip(
            " -–—－"
        ),
        *cut,
        *tail,
    ]


def names_site(part: str) -> bool:
    """Whether a part of a <title> reads like the name of a site or of who owns it."""
    return 2 <= len(part) <= 20 and bool(_SITE.search(part) or _OWNER.search(part)) and not _GENERIC.match(part)


@lru_cache(maxsize=256)
def first_segment(title: str) -> str:
    """<title> without site and column names; '' where it is nothing else."""
    if series := _series(title):
        return series
    parts = segments(title)
    while len(parts) > 1 and (_GENERIC.match(parts[0]) or _is_column_before(parts[0], parts[1])):
        parts.pop(0)
    if not parts:
        return ""
    best = parts[0]
    if len(parts) > 1 and len(parts[0]) < 8 and _SITE.search(parts[0]):  # 站名_标题
        best = max(parts[1:], key=len)
    return best if not _GENERIC.match(best) else ""


def _series(title: str) -> str:
    """一图读懂|青禾县招商政策: a title that begins with the name of its series; '' where it does not."""
    match = _BAR.match(title)
    if not match or _is_no_title(match["series"]):
        return ""
    rest = segments(match["rest"])[:1]
    return (
        f"{match['series']}{match['bar']}{rest[0]}"
        if rest and not names_site(rest[0]) and not _GENERIC.match(rest[0])
        else ""
    )


def _is_no_title(part: str) -> bool:
    return bool(_GENERIC.match(part) or _COLUMN.fullmatch(part.strip())) or names_site(part)


def _is_column_before(part: str, following: str) -> bool:
    return bool(_COLUMN.fullmatch(part)) and len(part) <= 6 and len(following) >= 8 and not names_site(following)


def title_lines(frame: Frame) -> TitleLines:
    """What `title_of` needs to know of the lines."""
    says_site_only = _says_site_only(frame)
    said = "" if says_site_only else frame.title
    metas = tuple((name, m) for name in META_TITLES if (m := frame.metas.get(name)) and not _GENERIC.match(m))
    hints = _Hints(
        whole=key(said),
        first=key(first_segment(said)),
        metas=frozenset(key(text) for _, m in metas for text in (m, first_segment(m))),
        cut=next((key(_CUT.sub("", part)) for part in segments(said)[:1] if _CUT.search(part)), ""),
        no_titles=frozenset(key(part) for part in _parts_of(frame.title)) if says_site_only else _series_name(said),
    )
    keys = [
        key(_LABEL.sub("", text) if "：" in text or ":" in text else text) if 2 <= len(text) <= _LONGEST else ""
        for text in (line.text for line in frame.lines)
    ]
    places: dict[int, tuple[int, bool]] = {}
    scores = [_score(frame, i, own, hints, places) if own else 0.0 for i, own in enumerate(keys)]
    return TitleLines(says_site_only, metas, hints, keys, scores)


def title_of(frame: Frame, body: int | None = None, of_lines: TitleLines | None = None) -> Title:
    """The title of a page whose body begins at line `body` (None: not known yet). `text` is '' where there is none.

    `of_lines` is what `title_lines` says of the page, for those who ask twice.
    """
    found = of_lines or title_lines(frame)
    says_site_only, metas, hints = found.says_site_only, found.metas, found.hints
    said = "" if says_site_only else frame.title
    above_byline = _above_byline(frame, body)
    lines = frame.lines
    limit = len(lines) if body is None else min(len(lines), body + 3)
    best, best_score = -1, 0.0
    is_borne = not hints.first  # whether a line shows what <title> says
    for i in range(limit):
        own = found.keys[i]
        is_borne = is_borne or hints.first in own
        score = found.scores[i]
        if i == above_byline and own:
            score = _score(frame, i, own, hints, {}, extra=_ABOVE_BYLINE)
        if score <= 0:
            continue
        if body is not None:
            away = body - i
            score -= min(4.0, away / 8) if away >= 0 else 0.5 * -away
        if score > best_score + (0 if body is None else -0.01):
            best, best_score = i, score
    least = 1.4 if says_site_only else 4.0
    if not is_borne and best >= 0 and len(lines[best].text) >= 6 and not _is_no_title(lines[best].text):
        least = _UNBORNE
    if best >= 0 and best_score >= least:
        text, rule = _whole_heading(frame, best, [frame.title, *(m for _, m in metas)], says_site_only), "heading"
        longer = _uncut(text, [frame.title, *(m for _, m in metas)])
        return Title(_tidy(longer), Provenance(rule, lines[best].text, _other_title(longer, said, metas)), best)
    for name, meta in metas:
        text = meta if name == "articletitle" else _without_site(meta)
        if text:
            return Title(_tidy(text), Provenance(f"meta:{name}", meta), best)
    text = first_segment(said)
    if len(text) >= 4 or (text and best < 0):
        return Title(_tidy(text), Provenance("title", frame.title), best)
    if body is not None and (above := _above(frame, body)) >= 0:
        return Title(_tidy(_LABEL.sub("", lines[above].text)), Provenance("line:above", lines[above].text), above)
    if best >= 0:
        return Title(_tidy(lines[best].text), Provenance("heading", lines[best].text), best)
    text = first_segment(frame.title)
    return Title(_tidy(text), Provenance("title" if text else "none", frame.title), -1)


def _other_title(text: str, said: str, metas: Sequence[tuple[str, str]]) -> str:
    """Which of the page's other witnesses calls it something else, where none calls it so; '' where one bears it out or all are silent."""
    own = key(text)
    for name, words in (*((f"meta:{name}", meta) for name, meta in metas), ("title", said)):
        told = key(first_segment(words))
        if len(told) >= 4:
            return "" if told in own or own in key(words) else f"{name}：{words}"[:120]
    return ""


def _above_byline(frame: Frame, body: int | None) -> int:
    """The line above the dated byline of the article, which is its title whatever element holds it; -1 where there is none."""
    lines = frame.lines
    around = range(max(0, body - 6), min(len(lines), body + 8)) if body is not None else range(len(lines))
    for i in around:
        if len(lines[i].text) > 120 or not (line_bits(lines[i].text) & LINE_BIT["date"] or "年" in lines[i].text):
            continue
        text = plain_digits(lines[i].fields)
        if re.search("[，。；！？]", text) or not any(
            _BYLINE.search(text) or not (before := text[: day.start()].strip(WRAPPING)) or could_publish(before)
            for day, at in dates(text)
            if at
        ):
            continue
        for j in range(i - 1, max(-1, i - 7), -1):
            above = lines[j]
            if line_bits(above.text) & _BYLINE_BITS or _is_subtitle(frame, j) or _is_cell(frame, j):
                continue  # a byline of several lines
            is_title = (
                6 <= len(above.text) <= 120
                and above.linked * 2 <= len(above.text)
                and above.text[-1] not in "。；，：:"
            )
            if is_title and not line_bits(above.text) & _NOT_TITLE and not _is_no_title(above.text):
                return _first_of_title(frame, j)
            break
    return -1


def _first_of_title(frame: Frame, i: int) -> int:
    """The line at which the title that ends with line `i` begins: in the same element, or in an <h1> right above."""
    lines, nodes = frame.lines, frame.nodes
    while i and lines[i - 1].node == lines[i].node and len(lines[i - 1].text) <= _LONG and not lines[i - 1].linked:
        i -= 1
    if i and nodes[lines[i].node].tag != "h1" and nodes[lines[i - 1].node].tag == "h1":
        above = lines[i - 1]
        return i - 1 if not above.linked and not _is_no_title(above.text) and len(above.text) >= 6 else i
    return i


def _is_cell(frame: Frame, i: int) -> bool:
    """Whether a line is a label of a byline, or the value that stands below one."""
    text, before = frame.lines[i].text, frame.lines[i - 1].text if i else " "
    is_value = before[-1] in "：:" and len(before) <= _LABELS and len(text) <= _LONG and not _LABEL.match(before)
    return text[-1] in "：:" or is_value


def _is_subtitle(frame: Frame, i: int) -> bool:
    line = frame.lines[i]
    return line.text[0] == "—" or bool(_SUBTITLE.search(frame.nodes[line.node].words))


def _above(frame: Frame, body: int) -> int:
    """The line above the body that could be its title where nothing says which is; -1 for none."""
    for i in range(body - 1, max(-1, body - 9), -1):
        line = frame.lines[i]
        text = line.text
        if line.linked * 2 > len(text):
            if i < body - 3:
                break
            continue
        if (
            6 <= len(text) <= 60
            and not line_bits(text) & _NOT_TITLE
            and not _is_subtitle(frame, i)
            and text[-1] not in "。；，：、,"
        ):
            return i
    first = frame.lines[body]  # the body may begin with it
    if first.bold * 10 >= 9 * len(first.text) and 6 <= len(first.text) <= 60 and first.text[-1] not in "。；，：":
        return body
    return -1


def _says_site_only(frame: Frame) -> bool:
    """Whether <title> has no more than names of the site and words such as 详情页."""
    named = [p for p in _parts_of(frame.title) if not (_GENERIC.match(p) or _COLUMN.fullmatch(p))]
    if not named:
        return True
    first, *others = named
    if not all(map(names_site, others)):
        return False
    if names_site(first) and (_SURELY_SITE.search(first) or (not others and _SITE.search(first))):
        return True
    return (bool(_OWNER.search(first)) and frame.title.find(first) > 0) or _is_house(frame, first)


@lru_cache(maxsize=256)
def _parts_of(title: str) -> tuple[str, ...]:
    return tuple(p.strip() for s in segments(title) for p in _WITHIN.split(s) if p.strip())


def _series_name(title: str) -> frozenset[str]:
    return frozenset({key(title.partition("|")[0])}) if "|" in title and _series(title) else frozenset()


def _is_house(frame: Frame, name: str) -> bool:
    """Whether the page says of the name that the site is its: in the copyright line, in a welcome, in meta."""
    own = key(name)
    if len(own) < 3:
        return False
    if own in (key(frame.metas.get(meta, "")) for meta in ("og:site_name", "sitename", "application-name")):
        return True
    lines = (
        frame.lines
        if len(frame.lines) <= 2 * _HOUSE_LINES
        else frame.lines[:_HOUSE_LINES] + frame.lines[-_HOUSE_LINES:]
    )
    return any(len(line.text) <= 200 and _HOUSE.search(line.text) and own in key(line.text) for line in lines)


def _place(frame: Frame, node: int) -> tuple[int, bool]:
    """(the level of the heading that a node is, or stands in; 0 for none, whether it is marked as a title)."""
    heading = 0
    is_titled = False
    for at in islice(frame.ancestors(node), 3):
        if not heading and at.tag in _HEADINGS:
            heading = int(at.tag[1])
        is_titled = is_titled or bool(at.bits & CLASS_BIT["title"])
    return heading, is_titled


def _score(
    frame: Frame, i: int, own: str, hints: _Hints, places: dict[int, tuple[int, bool]], *, extra: float = 0.0
) -> float:
    """How far a line is borne out as the title. `places` keeps what `_place` said; `extra` is what else speaks for it."""
    whole, metas, cut = hints.whole, hints.metas, hints.cut
    line = frame.lines[i]
    text = line.text
    if own in hints.no_titles:
        return 0.0
    place = places.get(line.node)
    if place is None:
        place = places[line.node] = _place(frame, line.node)
    heading, is_titled = place
    is_subtitle = (is_titled or heading or text[0] == "—") and _is_subtitle(frame, i)
    score = (0.0, 3.5, 2.5, 1.5, 1.0)[heading]
    score += 1.5 * is_titled - 3.0 * is_subtitle + extra
    following = frame.lines[i + 1] if i + 1 < len(frame.lines) else None
    if own in metas or (following and following.node == line.node and key(text + following.text) in metas):
        score += 4
    if len(own) >= 4 and own in whole:
        score += 3 + min(2.0, len(own) / 10) + (1.5 if whole.startswith(own) else 0)
    elif len(cut) >= 6 and own.startswith(cut) and len(own) > len(cut):
        score += 5  # <title> has its beginning
    elif heading and len(hints.first) >= 6 and hints.first in own:
        score += 3  # <title> has it shorter
    elif whole and len(own) > 10 and _CUT.sub("", whole)[:10] == own[:10]:
        score += 2
    if not score or _GENERIC.match(text):
        return 0.0
    if line.linked * 2 > len(text):
        score -= 2.5
    if frame.nodes[line.node].hidden:
        score -= 3
    if text[-1] in "。；":
        score -= 2
    bits = line_bits(text)
    if bits & (LINE_BIT["source"] | LINE_BIT["nav"] | LINE_BIT["copyright"] | LINE_BIT["login"]) and own not in metas:
        score -= 2
    if len(own) < 6:
        score -= 1
    if heading == 1 and len(own) >= 6:
        score += 0.5
    return score


def _whole_heading(frame: Frame, i: int, says: list[str], alone: bool) -> str:
    """The heading's text, of several lines where <title> or meta (`says`) have them all, or where they say nothing (`alone`)."""
    lines = frame.lines
    whole = [key(text) for text in says]
    is_heading = alone and any(at.tag in ("h1", "h2") for at in islice(frame.ancestors(lines[i].node), 2))
    text = _LABEL.sub("", lines[i].text)

    def joined(first: str, second: str) -> str | None:
        if any(key(first + second) in said for said in whole):
            return first + second if any(first + second in said for said in says) else f"{first} {second}"
        own_lines = lines[j].node == lines[i].node
        return f"{first} {second}" if own_lines and is_heading and len(first + second) <= _LONG else None

    for step in (1, -1):
        j = i + step
        while 0 <= j < len(lines) and (
            lines[j].node == lines[i].node
            or (len(lines[j].text) <= _LONG and not lines[j].linked and not _is_no_title(lines[j].text))
        ):
            longer = joined(text, lines[j].text) if step > 0 else joined(lines[j].text, text)
            if longer is None:
                break
            text = longer
            j += step
    return text


def _uncut(text: str, others: list[str]) -> str:
    """The full title of a heading that was cut short and ends in …: the title in <title> or meta that begins with it. One without dots is preferred,
    then the longest."""
    if not _CUT.search(text):
        return text
    stem = key(_CUT.sub("", text))
    fuller = [
        part for other in others if len(key(part := first_segment(other))) > len(stem) and key(part).startswith(stem)
    ]
    return max(fuller, key=lambda part: (not _CUT.search(part), len(part)), default=text) if len(stem) >= 2 else text


def _without_site(meta: str) -> str:
    parts = segments(meta)
    if len(parts) > 1 and (_SITE.search(parts[-1]) or len(parts[-1]) < 8):
        return first_segment(meta)
    return meta


def _tidy(text: str) -> str:
    return " ".join(unescaped(text).split()).strip(" _|-")
