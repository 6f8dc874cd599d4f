"""The title: a heading near the body that <title> or meta bears out, else the first part of <title> without the site's name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from crawler.article import Provenance
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
_WEAK = re.compile(r"(?<![-–—－])[-–—－](?![-–—－])")
_BEFORE_SITE = (
    re.compile(  # 标题——某某网: what parts a title elsewhere, before a name that is a site's and nothing else's
        r"\s*(?:——|[·•‹«<])\s*(?P<site>[\u3400-\u9fff]{2,14}(?:网|網|网站|網站|门户|門戶|频道|在线|官网|论坛))\s*$"
    )
)
_SITE = re.compile(
    r"(?:网|網|网站|门户|政府|日报|晚报|新闻|频道|中心|在线|论坛|博客|社区|官网|公司|集团|委员会|委|局|厅|部|报|台|站|百科|空间|平台|栏目|资讯|首页|文库)$|"
    r"^(?:www\.|powered by)|\.(?:com|cn|net|org)\b|^\W*$",
    re.I,
)
_GENERIC = re.compile(
    r"^\W*(?:首页|新闻(?:中心|详情|内容|页)?|详情页?|正文|文章(?:详情|内容|页)?|内容(?:页|详情)?|信息(?:公开|详情)|无标题(?:文档)?|untitled.*|document|index|"
    r"当前位置.*|您的位置.*|政务公开|通知公告|要闻|动态|公告|home|detail|404.*|.{0,12}(?:首页|欢迎您?))\W*$",
    re.I,
)
_COLUMN = re.compile(r"[\u3400-\u9fff]{0,6}(?:动态|要闻|公告|公示|资讯|快讯|专栏|频道|专题|新闻|信息|政策|播报)")
_LABEL = re.compile(r"^(?:标\s*题|題目|题\s*目|名\s*称|信息名称|文章标题)\s*[:：]\s*")
_LONG = 60  # characters of a heading of several lines
_CUT = re.compile(r"(?:\.{2,}|…+)$")


@dataclass(frozen=True, slots=True)
class Title:
    text: str
    provenance: Provenance
    line: int  # number of its line on the page, or -1


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """A title for comparing: compatibility forms, no white space, one kind of quotes."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\"'“”‘’「」『』]+", "", text).lower()


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
    """Whether a part of a <title> reads like the name of a site."""
    return 2 <= len(part) <= 20 and bool(_SITE.search(part)) and not _GENERIC.match(part)


def first_segment(title: str) -> str:
    """<title> without site and column names; '' where it is nothing else."""
    parts = segments(title)
    while len(parts) > 1 and _GENERIC.match(parts[0]):
        parts.pop(0)
    if not parts:
        return ""
    best = parts[0]
    if len(parts) > 1 and len(parts[0]) < 8 and _SITE.search(parts[0]):  # 站名_标题
        best = max(parts[1:], key=len)
    return best if not _GENERIC.match(best) else ""


def title_of(frame: Frame, body: int | None = None) -> Title:
    """The title of a page whose body begins at line `body` (None: not known yet). `text` is '' where there is none."""
    says_site_only = _says_site_only(frame.title)
    whole = "" if says_site_only else key(frame.title)
    cut = next((key(_CUT.sub("", part)) for part in segments(frame.title)[:1] if _CUT.search(part)), "")
    least = 1.4 if says_site_only else 4.0
    metas = [(name, m) for name in META_TITLES if (m := frame.metas.get(name)) and not _GENERIC.match(m)]
    meta_keys = {key(m) for _, m in metas} | {key(first_segment(m)) for _, m in metas}
    lines = frame.lines
    limit = len(lines) if body is None else min(len(lines), body + 3)
    best, best_score = -1, 0.0
    for i in range(limit):
        text = lines[i].text
        size = len(text)
        if not 2 <= size <= 150:
            continue
        score = _score(frame, i, whole, meta_keys, cut)
        if score <= 0:
            continue
        if body is not None:
            away = body - i
            score -= min(4.0, away / 8) if away >= 0 else 0.5 * -away
        if score > best_score + (0 if body is None else -0.01):
            best, best_score = i, score
    if best >= 0 and best_score >= least:
        text, rule = _whole_heading(frame, best, [frame.title, *(m for _, m in metas)], says_site_only), "heading"
        longer = _uncut(text, [frame.title, *(m for _, m in metas)])
        return Title(_tidy(longer), Provenance(rule, lines[best].text), best)
    for name, meta in metas:
        text = meta if name == "articletitle" else _without_site(meta)
        if text:
            return Title(_tidy(text), Provenance(f"meta:{name}", meta), best)
    text = "" if says_site_only else first_segment(frame.title)
    if len(text) >= 4 or (text and best < 0):
        return Title(_tidy(text), Provenance("title", frame.title), best)
    if body is not None and (above := _above(frame, body)) >= 0:
        return Title(_tidy(_LABEL.sub("", lines[above].text)), Provenance("line:above", lines[above].text), above)
    if best >= 0:
        return Title(_tidy(lines[best].text), Provenance("heading", lines[best].text), best)
    text = first_segment(frame.title)
    return Title(_tidy(text), Provenance("title" if text else "none", frame.title), -1)


def _above(frame: Frame, body: int) -> int:
    """The line above the body that could be its title where nothing says which is; -1 for none."""
    not_title = sum(
        LINE_BIT[n]
        for n in ("source", "author", "editor", "date", "counter", "share", "nav", "login", "copyright", "index")
    )
    for i in range(body - 1, max(-1, body - 9), -1):
        line = frame.lines[i]
        text = line.text
        if line.linked * 2 > len(text):
            if i < body - 3:
                break
            continue
        if 6 <= len(text) <= 60 and not line_bits(text) & not_title and text[-1] not in "。；，：、,":
            return i
    first = frame.lines[body]  # the body may begin with it
    if first.bold * 10 >= 9 * len(first.text) and 6 <= len(first.text) <= 60 and first.text[-1] not in "。；，：":
        return body
    return -1


def _says_site_only(title: str) -> bool:
    """Whether <title> has no more than the name of the site and words such as 详情页."""
    parts = [p for s in segments(title) for p in _WEAK.split(s) if p.strip()]
    generic = [bool(_GENERIC.match(p) or _COLUMN.fullmatch(p.strip())) for p in parts]
    return all(generic) or (len(parts) - sum(generic) == 1 and names_site(parts[generic.index(False)]))


def _score(frame: Frame, i: int, whole: str, metas: set[str], cut: str) -> float:
    line = frame.lines[i]
    text = line.text
    node = frame.nodes[line.node]
    own = key(_LABEL.sub("", text))
    if not own or _GENERIC.match(text):
        return 0.0
    score = 0.0
    heading = 0
    is_titled = False
    for depth, at in enumerate(frame.ancestors(line.node)):
        if depth > 2:
            break
        if at.tag in ("h1", "h2", "h3", "h4") and not heading:
            heading = int(at.tag[1])
        is_titled = is_titled or bool(at.bits & CLASS_BIT["title"])
    if heading:
        score += (3.5, 2.5, 1.5, 1.0)[heading - 1]
    score += 1.5 * is_titled
    following = frame.lines[i + 1] if i + 1 < len(frame.lines) else None
    if own in metas or (following and following.node == line.node and key(text + following.text) in metas):
        score += 4
    if len(own) >= 4 and own in whole:
        score += 3 + min(2.0, len(own) / 10) + (1.5 if whole.startswith(own) else 0)
    elif len(cut) >= 6 and own.startswith(cut) and len(own) > len(cut):
        score += 5  # <title> has its beginning
    elif whole and len(own) > 10 and _CUT.sub("", whole)[:10] == own[:10]:
        score += 2
    if not score:
        return 0.0
    if line.linked * 2 > len(text):
        score -= 2.5
    if node.hidden:
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
        return f"{first} {second}" if is_heading and len(first + second) <= _LONG else None

    for step in (1, -1):
        j = i + step
        while 0 <= j < len(lines) and lines[j].node == lines[i].node:
            longer = joined(text, lines[j].text) if step > 0 else joined(lines[j].text, text)
            if longer is None:
                break
            text = longer
            j += step
    return text


def _uncut(text: str, others: list[str]) -> str:
    """A heading that ends in … in full, where <title> or meta have it."""
    if not _CUT.search(text):
        return text
    stem = key(_CUT.sub("", text))
    for other in others:
        part = first_segment(other)
        if len(stem) >= 6 and key(part).startswith(stem) and len(part) > len(stem):
            return part
    return text


def _without_site(meta: str) -> str:
    parts = segments(meta)
    if len(parts) > 1 and (_SITE.search(parts[-1]) or len(parts[-1]) < 8):
        return first_segment(meta)
    return meta


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" _|-")
