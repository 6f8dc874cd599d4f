"""Alarms about how a source's pages are read: what its articles have in common that should differ, or what is odd in them.

Nothing earlier is needed to compare with, so that they are told on the first night. They are worked out from what the archive holds now: an alarm goes when its pages are read right.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from crawler.archive import Archive
from crawler.archive.models import Extracted
from crawler.archive.review.marks import mark
from crawler.article import SHARED, Article
from crawler.sources.registry import load_source
from crawler.sources.source import SourceError

LOOKED_AT = 40  # pages of a source, the newest
NIGHTS = 14
LEAST = 3  # pages that may have something in common by chance
MOST = 0.8  # share of pages that makes an alarm of an author, or of pages without an article
MANY = 5  # articles with one author who is named on the page
HALF = 0.5  # of the pages, of a body's characters, and of confidence
SOME = 0.3  # of the articles with a 来源

_OFFICE = re.compile(  # it may write all that its own site has
    r"(?:局|委|办|厅|政府|中心|部|处|科|站|院|校|会|社|报|网|台|组|办公室|融媒体?|编辑部|开发区|园区|新区|工委|记者)$"
)
_ODD_ORIGIN = re.compile(
    r"[。；！？:：|｜<>{}]|(?:19|20)\d\d[-/.年]\d|\d{1,2}:\d\d|发布|發布|时间|日期|浏览|点击|點擊|阅读[量数次]|访问|次数|人围观|字[号体]|打印|分享|责任编辑|作者|来源|來源|上一[篇条]|下一[篇条]|返回|首页"
)
_LONGEST_ORIGIN = 30  # characters; a ministry with its office has fewer
_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class ReadingAlarm:
    """One thing that is odd: in words with its numbers, a page that shows it, and `mark`, by which a source's file puts it away (`reviewed`) until it is another."""

    told: str
    example: Extracted
    mark: str = ""


def alarms_of(archive: Archive, source: str) -> list[ReadingAlarm]:
    """The alarms about a source as its pages are read now, without those that were put away."""
    put_away = _reviewed(archive, source)
    found = reading_alarms(archive.captures.extracted(source, limit=LOOKED_AT))
    return [alarm for alarm in found if alarm.mark not in put_away]


def _reviewed(archive: Archive, source: str) -> Sequence[str]:
    """What the operator's own file of a source puts away; a file that is wrong is told elsewhere, and puts nothing away."""
    try:
        return load_source(archive.database.folder / "sources" / f"{source}.toml").reviewed
    except SourceError:
        return ()


def standing_alarms(archive: Archive, sources: Iterable[str]) -> dict[str, list[ReadingAlarm]]:
    """What the last nights told about these sources and still holds, by source."""
    told = sorted(alarmed(archive) & set(sources))
    return {name: alarms for name in told if (alarms := alarms_of(archive, name))}


def alarmed(archive: Archive) -> set[str]:
    """The sources about which one of the last nights told an alarm of this kind, whether it still holds or not."""
    nights = archive.runs.latest(NIGHTS, verb="nightly")
    return {told["source"] for night in nights for told in night.report.get("drifted", ()) if told.get("reading")}


def reading_alarms(pages: Sequence[Extracted]) -> list[ReadingAlarm]:
    """The alarms about pages of one source, newest first, each page once: the last time it was read counts."""
    newest: dict[str, Extracted] = {}
    for page in pages:
        newest.setdefault(page.canonical_url, page)
    read = list(newest.values())
    kept = [(page, page.article) for page in read if page.article is not None]
    found = [_no_articles(read), _shared_titles(read), _other_titles(read)]
    found += [_one_author(kept), _one_body(kept), _little_confidence(kept), _odd_origins(kept)]
    return [alarm for alarm in found if alarm is not None]


_Kept = Sequence[tuple[Extracted, Article]]


def _no_articles(read: Sequence[Extracted]) -> ReadingAlarm | None:
    bad = [page for page in read if page.outcome in ("not_article", "failed")]
    if len(bad) < LEAST or len(bad) < MOST * len(read):
        return None
    why, _ = Counter((page.reason or "").partition("：")[0] for page in bad).most_common(1)[0]
    return ReadingAlarm(
        f"提取不出文章：{len(read)} 页里 {len(bad)} 页{f'（多为“{why}”）' if why else ''}",
        bad[0],
        mark("no_article", why),
    )


def _shared_titles(read: Sequence[Extracted]) -> ReadingAlarm | None:
    """One title on pages that the list calls by different ones; or, where no list calls them anything, on most of them."""
    by_title: defaultdict[str, list[Extracted]] = defaultdict(list)
    for page in read:
        known = page.article.provenance.get("title") if page.article else None
        own = known.against.partition("：")[2] if known and known.rule == SHARED else page.title
        if own:
            by_title[own].append(page)
    for title, pages in sorted(by_title.items(), key=lambda item: -len(item[1])):
        unlike = {_plain(page.listed) for page in pages if page.listed and not _same(page.listed, title)}
        unnamed = sum(not page.listed for page in pages)
        if len(unlike) >= LEAST or (unnamed >= LEAST and unnamed >= HALF * len(read)):
            mended = any(page.title != title for page in pages)
            told = f"{len(pages)} 篇的标题都是“{title[:30]}”" + ("，收录时改用了列表上的标题" if mended else "")
            return ReadingAlarm(told, pages[0], mark("one_title", title))
    return None


def _other_titles(read: Sequence[Extracted]) -> ReadingAlarm | None:
    named = [page for page in read if page.title and page.listed]
    unlike = [page for page in named if not _same(page.listed, page.title or "")]
    if len(unlike) < LEAST or len(unlike) < HALF * len(named):
        return None
    return ReadingAlarm(
        f"标题与列表上的不符：{len(named)} 页里 {len(unlike)} 页", unlike[0], mark("titles", unlike[0].url)
    )


def _one_author(kept: _Kept) -> ReadingAlarm | None:
    authors = Counter(article.author for _, article in kept if article.author)
    if not authors:
        return None
    author, count = authors.most_common(1)[0]
    assert author is not None
    of_him = [(page, article) for page, article in kept if article.author == author]
    rule = of_him[0][1].provenance["author"].rule if "author" in of_him[0][1].provenance else ""
    least = LEAST if rule.startswith("meta") else MANY
    if count < least or count < MOST * len(kept) or _OFFICE.search(author):
        return None
    return ReadingAlarm(
        f"作者都一样：{len(kept)} 篇里 {count} 篇是“{author[:20]}”（取自 {rule or '网页'}）",
        of_him[0][0],
        mark("author", author),
    )


def _one_body(kept: _Kept) -> ReadingAlarm | None:
    texts = [(page, {line for line in article.text.splitlines() if line.strip()}) for page, article in kept]
    texts = [(page, lines) for page, lines in texts if lines]
    if len(texts) < LEAST:
        return None
    counts = Counter(line for _, lines in texts for line in lines)
    many = max(LEAST, math.ceil(len(texts) / 2))
    common = {line for line, count in counts.items() if count >= many}
    whole = sum(len(line) for _, lines in texts for line in lines)
    share = sum(len(line) for _, lines in texts for line in lines & common) / max(1, whole)
    if share < HALF:
        return None
    example, _ = max(texts, key=lambda text: sum(len(line) for line in text[1] & common))
    return ReadingAlarm(
        f"正文雷同：{len(texts)} 篇里 {share:.0%} 的文字各篇都有", example, mark("body", *sorted(common))
    )


def _little_confidence(kept: _Kept) -> ReadingAlarm | None:
    """Pages of pictures alone are sure to have no text, and are left out."""
    known = [
        (article.confidence, page)
        for page, article in kept
        if article.confidence is not None
        and "body" in article.provenance
        and article.provenance["body"].rule != "pictures"
    ]
    if len(known) < LEAST or (middle := median(sure for sure, _ in known)) >= HALF:
        return None
    worst = min(known, key=lambda pair: pair[0])[1]
    return ReadingAlarm(f"提取把握低：{len(known)} 篇的中位数 {middle:.0%}", worst, mark("confidence", worst.url))


def _odd_origins(kept: _Kept) -> ReadingAlarm | None:
    named = [(page, article.origin) for page, article in kept if article.origin]
    odd = [(page, origin) for page, origin in named if is_odd_origin(origin)]
    if len(odd) < 2 or len(odd) < SOME * len(named):
        return None
    told = f"来源不像出处：{len(named)} 篇里 {len(odd)} 篇，如“{odd[0][1][:30]}”"
    return ReadingAlarm(told, odd[0][0], mark("origin", odd[0][1]))


def is_odd_origin(origin: str) -> bool:
    """Whether a 来源 does not read like a publisher's name: a label, a date, a sentence, a single character, a number."""
    return (
        len(origin) < 2
        or len(origin) > _LONGEST_ORIGIN
        or bool(_ODD_ORIGIN.search(origin))
        or not _plain(origin)
        or origin.isdigit()
    )


def _same(listed: str, title: str) -> bool:
    """Whether a list's title, which may be cut short, is the page's."""
    told, own = _plain(listed), _plain(title)
    return not told or told in own or (len(own) >= 4 and own in told) or bool(_grams(told) and _alike(told, own))


def _alike(told: str, own: str) -> bool:
    first, second = _grams(told), _grams(own)
    return 2 * len(first & second) >= HALF * (len(first) + len(second))


def _grams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _plain(text: str) -> str:
    return _NO_LETTERS.sub("", text)


def lines_of(source: str, alarms: Sequence[ReadingAlarm]) -> Iterator[str]:
    """Each alarm with what shows it, and at the last what to do, for a terminal."""
    for alarm in alarms:
        yield f"{source}：{alarm.told}；如 {alarm.example.url}"
    if alarms:
        yield f"{source}：看是怎样读的：zhaoshang explain {alarms[0].example.url}；在来源文件里写 selectors，再运行 zhaoshang extract --all --source {source}"
