"""The review queue: what it holds, and what becomes of an item that a person decides on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from crawler.archive import Archive, Rejected, StoredArticle
from crawler.archive.access import audit
from crawler.archive.review.marks import FIELDS
from crawler.article import SHANGHAI, article_id, format_published
from crawler.configuration import Settings
from crawler.sources import Source
from crawler.sources.edit_file import SELECTABLE, put_away_alarm, set_selector
from crawler.sources.reading_alarms import ReadingAlarm, standing_alarms
from indexer.indexing.refresh import known_values
from search_api.services.corrected_readings import reading_of
from search_api.services.correcting import SUBJECTS, NotACorrection, table_of

Verdict = Literal["accept", "correct", "away"]

KINDS: Mapping[str, str] = {"alarm": "提取可疑", "date": "日期存疑", "title": "标题存疑", "rejected": "险些收下"}
"""The kinds of items, those that spoil most first."""


class NotDecided(ValueError):
    """The item is not there, or the verdict does not fit it; the message says what would."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing to look at. `handle` names it (`date:ARTICLE`, `alarm:SOURCE:MARK`), `doubt` says in words why it is here, `is_now` is the title or day as read, `said` what the list says instead."""

    handle: str
    kind: str
    source: str
    title: str
    url: str
    doubt: str
    mark: str
    is_now: str = ""
    said: str = ""
    article: str = ""
    capture: int | None = None
    differs: bool = True


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Items of the queue from `offset` on; `counts` by source and kind, of the whole queue."""

    items: Sequence[ReviewItem]
    total: int
    counts: Counter[tuple[str, str]]

    def of_kinds(self, source: str = "") -> dict[str, int]:
        """How many of each kind, of one source or of all."""
        return {kind: sum(n for (s, k), n in self.counts.items() if k == kind and source in ("", s)) for kind in KINDS}


def review_page(
    archive: Archive,
    registry: Mapping[str, Source],
    *,
    kind: str = "",
    source: str = "",
    limit: int = 20,
    offset: int = 0,
) -> ReviewPage:
    """The items of the queue, failures first. `Archive.reviews.refresh` says beforehand what is new."""
    alarms = standing_alarms(archive, registry)
    turned_down = archive.reviews.nearly_kept()
    counts = archive.reviews.count_doubts()
    counts.update((name, "alarm") for name, found in alarms.items() for _ in found)
    counts.update((page.source or "", "rejected") for page, _ in turned_down)
    items: list[ReviewItem] = []
    left, skip = limit, offset
    for one in KINDS if not kind else (kind,):
        size = sum(n for (name, k), n in counts.items() if k == one and source in ("", name))
        if left and skip < size:
            if one == "alarm":
                named = [_of_alarm(n, a) for n, found in alarms.items() if source in ("", n) for a in found]
                taken = named[skip : skip + left]
            elif one == "rejected":
                pages = [found for found in turned_down if source in ("", found[0].source or "")]
                taken = [_of_rejected(*found) for found in pages[skip : skip + left]]
            else:
                rows = archive.reviews.doubts(one, source, limit=left, offset=skip)
                stored = archive.articles.get_many({row.article for row in rows})
                taken = [_of_doubt(stored[r.article], one, r.mark) for r in rows if r.article in stored]
            items += taken
            left -= min(left, size - skip)
        skip = max(0, skip - size)
    total = sum(n for (name, k), n in counts.items() if kind in ("", k) and source in ("", name))
    return ReviewPage(items, total, counts)


def review_counts(archive: Archive, registry: Mapping[str, Source]) -> Counter[tuple[str, str]]:
    """How many items the queue has, by source and kind, as far as they were noted."""
    return review_page(archive, registry, limit=0).counts


def waiting_line(counts: Counter[tuple[str, str]]) -> str:
    """In one line, how many wait for a look; '' where none do."""
    by_kind = [(words, sum(n for (_, k), n in counts.items() if k == kind)) for kind, words in KINDS.items()]
    return "，".join(f"{words} {n:,}" for words, n in by_kind if n)


def find_item(archive: Archive, handle: str) -> ReviewItem:
    """The item of a handle. Raises NotDecided where it is not in the queue."""
    kind, _, what = handle.partition(":")
    gone = NotDecided(f"待看的没有 {handle!r} 这一条：已经处理过，或写错了；用 zhaoshang review list 查看")
    if kind == "alarm":
        name, _, made = what.partition(":")
        found = next((a for a in standing_alarms(archive, [name]).get(name, ()) if a.mark == made), None)
        if found is None:
            raise gone
        return _of_alarm(name, found)
    if kind == "rejected":
        pages = archive.reviews.nearly_kept(ids=[what])
        if not pages:
            raise gone
        return _of_rejected(*pages[0])
    stored = archive.articles.get(what) if kind in FIELDS else None
    doubted = archive.reviews.mark_of(stored, kind) if stored else None
    if stored is None or doubted is None:
        raise gone
    return _of_doubt(stored, kind, doubted)


def decide(
    archive: Archive, settings: Settings, handle: str, verdict: Verdict, *, value: str = "", who: str = "cli"
) -> str:
    """Write a decision into corrections.toml or the source's file, and into the audit log; what was done and what follows, in a line. Raises NotDecided, ArchiveError, SourceError."""
    archive.corrections.apply(known_values())
    item = find_item(archive, handle)
    told = (_alarm if item.kind == "alarm" else _page)(archive, settings, item, verdict, value.strip())
    audit.note(settings.data, who, f"review {verdict}", handle, **({"value": value.strip()[:200]} if value else {}))
    archive.reviews.refresh()
    return told


def correct_subject(archive: Archive, settings: Settings, handle: str, value: str, *, who: str = "cli") -> str:
    """Correct an industry or an event that was read in an article (`industry:ARTICLE`, `event:ARTICLE`): `名称=原话` puts it in or gives its words, `-名称=原话` takes it away. Raises NotDecided, ArchiveError."""
    field, _, id = handle.partition(":")
    remove, said = value.startswith("-"), value.removeprefix("-")
    name, equals, quote = (part.strip() for part in said.partition("="))
    if not (name and equals and quote):
        raise NotDecided("请写“名称=原话”，不是的写“-名称=原话”；原话照抄正文里的一段")
    archive.corrections.apply(known_values())
    stored = archive.articles.get(id)
    if stored is None:
        raise NotDecided(f"文库里没有编号为 {id[:40]!r} 的文章")
    key = next(key for key, facet in SUBJECTS.items() if facet == field)
    try:
        form = {field: name, "quote": quote} | ({"remove": "1"} if remove else {})
        table = table_of(form, stored, reading_of(archive, stored))
    except NotACorrection as error:
        raise NotDecided(str(error)) from error
    archive.corrections.merge(id, {key: table[key]}, known_values())
    audit.note(settings.data, who, "correct", id, value=value[:200])
    return f"{'去掉' if remove else '记下'}“{name}”：{stored.article.title}；检索在下一次 zhaoshang index 或夜里那一趟之后跟上"


def _page(archive: Archive, settings: Settings, item: ReviewItem, verdict: Verdict, value: str) -> str:
    merge = archive.corrections.merge
    if verdict == "away":
        merge(item.article, {}, known_values(), reviewed=item.mark)
        return f"搁置：{item.title or item.url}；网页不变就不再提示"
    if item.kind == "rejected":
        if verdict == "correct":
            raise NotDecided("退回的网页只能收下或搁置；收下之后再订正标题、日期")
        merge(item.article, {"keep": True}, known_values())
        return f"收下：{item.title or item.url}；不用重新抓取，下一次提取（zhaoshang extract 或夜里那一趟）成为文章"
    chosen = value if verdict == "correct" else item.is_now
    if not chosen:
        raise NotDecided("订正要写明改成什么" if verdict == "correct" else "没有可以确认的内容，请写明应当是什么")
    merge(item.article, {"title": chosen} if item.kind == "title" else {"date": _day(chosen)}, known_values())
    done = "改为" if verdict == "correct" else "确认"
    return f"{KINDS[item.kind][:2]}{done}“{chosen}”；检索在下一次 zhaoshang index 或夜里那一趟之后跟上"


def _alarm(archive: Archive, settings: Settings, item: ReviewItem, verdict: Verdict, value: str) -> str:
    if verdict != "correct":
        file = put_away_alarm(settings, item.source, item.mark)
        return f"{'看过，没有错' if verdict == 'accept' else '搁置'}：{item.doubt}；记在 {file}"
    field, _, selector = (part.strip() for part in value.partition("="))
    if field not in SELECTABLE or not selector:
        raise NotDecided(f"请写“字段=选择器”，如 title=h1.name；字段为 {'、'.join(SELECTABLE)}")
    file = set_selector(settings, item.source, field, selector)
    return f"选择器写入 {file}；重新提取：zhaoshang extract --all --source {item.source}"


def _day(text: str) -> date | datetime:
    try:
        if len(text) <= len("2024-03-13"):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text).astimezone(SHANGHAI).replace(tzinfo=None)
    except ValueError:
        raise NotDecided(f"日期写作 2024-03-13，或 2024-03-13T16:24，而不是 {text[:40]!r}") from None


def _of_alarm(source: str, alarm: ReadingAlarm) -> ReviewItem:
    shown = alarm.example
    facts: dict[str, Any] = {"title": shown.title or shown.listed or "", "url": shown.url, "capture": shown.capture}
    return ReviewItem(f"alarm:{source}:{alarm.mark}", "alarm", source, doubt=alarm.told, mark=alarm.mark, **facts)


def _of_rejected(page: Rejected, made: str) -> ReviewItem:
    id = article_id(page.canonical_url)
    return ReviewItem(
        f"rejected:{id}",
        "rejected",
        page.source or "",
        title=page.title,
        url=page.url,
        doubt=f"{page.reason}，相关度 {page.score:.2f}，到 0.50 才收",
        mark=made,
        article=id,
        capture=page.capture,
    )


_RULES: Mapping[str, str] = {
    "url": "日期只在网址里",
    "line:update": "只写了更新时间",
    "line:sign-off": "日期取自落款",
    "attachment:sign-off": "日期取自附件的落款",
    "time:modified": "只有修改时间",
    "script": "日期取自脚本",
    "script:written": "日期取自脚本",
    "title": "标题取自网页的 <title>",
    "none": "网页没有标题",
    "line:above": "标题取自正文上面的一行",
    "list": "标题取自列表",
}


def _of_doubt(stored: StoredArticle, kind: str, made: str) -> ReviewItem:
    article = stored.article
    known = article.provenance[FIELDS[kind]]
    witness, _, said = known.against.partition("：")
    now = article.title if kind == "title" else format_published(article) or ""
    names = {"list": "列表", "url": "网址"}
    here = names.get(known.rule, "网页")
    there = names.get(witness, "网页" if here == "列表" else "网页另一处")
    doubt = (
        f"{here}上是“{now or '（无）'}”，{there}上是“{said}”"
        if known.against
        else f"{_RULES.get(known.rule, f'取自 {known.rule}')}：{now or '（无）'}"
    )
    return ReviewItem(
        f"{kind}:{stored.id}",
        kind,
        article.source or "",
        title=article.title,
        url=article.url,
        doubt=doubt,
        mark=made,
        is_now=now,
        said=said,
        article=stored.id,
        capture=stored.capture,
        differs=bool(known.against),
    )
