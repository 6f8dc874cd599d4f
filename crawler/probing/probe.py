"""probe(): what a URL is, in at most four requests, and the TOML of the source that it would make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import tomli_w

from crawler.article import SHANGHAI, ExtractionError, format_published
from crawler.configuration import Settings
from crawler.platforms import Entry, ListPage
from crawler.probing.check import Checked, check
from crawler.probing.diagnosis import diagnosis, may_be_scripted, other_than_a_column
from crawler.probing.fetch_list import FetchedList, Status, fetch_list
from crawler.probing.source_template import draft_of, places_alike
from crawler.sources.place_names import unsure_of
from crawler.sources.registry import named_hosts
from crawler.sources.source_status import STATUS_NAMES
from crawler.web import legacy_tls, rendering
from crawler.web.address_guard import names_of
from crawler.web.challenge import challenge
from crawler.web.fetcher import MOST_FOR_PAGES, BudgetSpent, Fetcher, FetchError, address

__all__ = ["Checked", "FirstArticle", "Probe", "check", "probe"]

MOST_REQUESTS = 4
SHOWN = 8  # entries in the report


@dataclass(frozen=True, slots=True)
class FirstArticle:
    """The first article of the list as extracted; `refusal` says why there is none."""

    url: str
    title: str = ""
    published: str | None = None
    origin: str | None = None
    characters: int = 0
    beginning: str = ""
    about: bool | None = None  # is it about investment promotion?
    refusal: str | None = None
    empty: bool = False  # the page came, and held no text


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found at an address. `draft` is the source that `add` would write, as a TOML table."""

    url: str
    status: Status
    said: str
    robots: str
    requests: int
    platform: str = ""
    confidence: float = 0.0
    reason: str = ""
    entries: tuple[tuple[str, str, str | None], ...] = ()  # title, URL, ISO date
    elsewhere: tuple[str, ...] = ()  # hosts of entries that the source would have to allow
    next_page: str | None = None
    lists: tuple[str, ...] = ()
    a_week: float | None = None  # entries, by their dates
    article: FirstArticle | None = None
    draft: Mapping[str, Any] = field(default_factory=dict)
    alike: tuple[str, ...] = ()  # codes of all places of the name in its title, where nothing tells which it is
    led_to: str = ""  # where a redirect, or a page that only sends its reader on, led to
    advice: str = ""  # what to do, where the address is not what was hoped for
    tls: str = ""  # as the source needs it
    render: bool = False  # whether it needs a browser

    def lines(self) -> list[str]:
        """The report for a terminal."""
        out = [
            f"网址：{self.url}",
            f"回答：{STATUS_NAMES[self.status]}（{self.said}）；robots.txt：{self.robots}；共 {self.requests} 次请求",
        ]
        if self.led_to:
            out.append(f"转向：{self.led_to}")
        if self.tls:
            out.append('TLS：只会旧的版本，来源文件要写 tls = "legacy"（下面已写上）')
        if self.render:
            out.append("浏览器：内容由脚本写出，下面是在浏览器里读到的；来源文件要写 render = true（已写上）")
        if self.advice:
            out.append(f"建议：{self.advice}")
        if self.alike:
            out.append(f"地区：{unsure_of(self.alike)}")
        if self.platform == "generic":
            out.append("系统：generic（没有认出发布系统，按通用规则读）")
        elif self.platform:
            out.append(f"系统：{self.platform}（把握 {self.confidence:.0%}：{self.reason or '没有认出特征'}）")
        if self.entries:
            pace = f"，每周约新增 {self.a_week:.1f} 条" if self.a_week is not None else ""
            out.append(f"列表：{len(self.entries)} 条；下一页：{self.next_page or '没有'}")
            out.append(f"预期：每晚至少列出 {self.draft.get('expected', 1)} 条{pace}")
            out += [f"  {when or '—':10}  {title}" for title, _, when in self.entries[:SHOWN]]
            if len(self.entries) > SHOWN:
                out.append(f"  ……还有 {len(self.entries) - SHOWN} 条")
        if self.lists:
            out.append(f"下级列表：{len(self.lists)} 个，如 {self.lists[0]}")
        if self.elsewhere:
            out.append(f"有条目指向别的网站：{'、'.join(self.elsewhere)}（要采集就写进 allowed_hosts）")
        if self.article:
            out += self._article_lines(self.article)
        return [*out, "", self.toml(self.draft).rstrip()] if self.status == "verified" else out

    @staticmethod
    def _article_lines(article: FirstArticle) -> list[str]:
        if article.refusal:
            return [f"第一篇：{article.url}", f"  没有文章：{article.refusal}"]
        about = "" if article.about is None else "；与招商引资有关" if article.about else "；与招商引资无关"
        return [
            f"第一篇：{article.title}",
            f"  日期 {(article.published or '—').partition('+')[0].replace('T', ' ')}；来源 {article.origin or '—'}；正文 {article.characters} 字{about}",
            f"  {article.beginning}",
        ]

    @staticmethod
    def toml(draft: Mapping[str, Any]) -> str:
        """A source's file, twelve lines at most."""
        return "".join(_toml_line(key, value) for key, value in draft.items())

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"toml": self.toml(self.draft) if self.status == "verified" else ""}


def probe(url: str, settings: Settings, *, progress: Callable[[str], None] = lambda text: None) -> Probe:
    """Looks at an address: robots.txt, the list, what fills it where it is empty, the first article. Raises Refusal for what is no address."""
    url = address(url)
    named = names_of([url]) | named_hosts(settings)
    fetcher = Fetcher(settings, MOST_REQUESTS, progress, named)
    found = fetch_list(fetcher, url)
    if found.status == "unreachable" and legacy_tls.may_help(
        found.said
    ):  # nothing was answered, so that nothing is asked twice
        older = Fetcher(settings, MOST_REQUESTS, progress, named, "legacy")
        if (again := fetch_list(older, url)).answer is not None:
            fetcher, found = older, again
    if reason := other_than_a_column(found):
        found = replace(found, status="no_list", said=reason, page=None)
    advice, lacking = diagnosis(found), rendering.missing()
    if may_be_scripted(found):
        if lacking:
            advice = f"{advice}；或在浏览器里读：{lacking}，再 probe 一次"
        else:
            _use_browser(fetcher)
            if (shown := fetch_list(fetcher, url)).status == "verified":
                found, advice = shown, diagnosis(shown)
            else:
                fetcher.render, advice = False, f"{advice}（在浏览器里也没有条目）"
    page = found.page or ListPage(())
    article = _first_article(fetcher, page.entries, found)
    if article and article.empty and not fetcher.render and not lacking:
        _use_browser(fetcher)
        other = _first_article(fetcher, page.entries, found)
        if other is not None and not other.empty and not other.refusal:
            article = other
        else:
            fetcher.render = False
    draft, elsewhere = draft_of(found, datetime.now(SHANGHAI).date())
    if fetcher.tls:
        draft = {**draft, "tls": fetcher.tls}
    if fetcher.render:
        draft = {**draft, "render": True}
    return Probe(
        url=url,
        status=found.status,
        said=found.said,
        robots=next(iter(fetcher.robots.values()), "没有问到"),
        requests=fetcher.requests,
        platform=page.platform if found.page else "",
        confidence=page.confidence,
        reason=page.reason,
        entries=tuple((e.title, e.url, _day(e.date)) for e in page.entries),
        elsewhere=elsewhere,
        next_page=page.next_page
        or (f"{page.next_request.method} {page.next_request.url}" if page.next_request else None),
        lists=page.lists,
        a_week=_a_week(page.entries),
        article=article,
        draft=draft,
        alike=places_alike(found) if found.status == "verified" else (),
        led_to=found.answer.url if found.answer and _bare(found.answer.url) != _bare(url) else "",
        advice=advice,
        render=fetcher.render,
        tls=fetcher.tls or "",
    )


def _use_browser(fetcher: Fetcher) -> None:
    fetcher.render = True
    fetcher.most += MOST_FOR_PAGES


def _bare(url: str) -> str:
    return url.partition("#")[0].rstrip("/")


def _first_article(fetcher: Fetcher, entries: Sequence[Entry], found: FetchedList) -> FirstArticle | None:
    first = next((entry for entry in entries if not entry.sticky), entries[0] if entries else None)
    if first is None or found.status != "verified":
        return None
    from crawler.extraction import extract
    from crawler.topic import score

    try:
        answer = fetcher.get(first.url)
        barred = challenge(answer.status, answer.content, answer.headers)
        if barred or answer.status != 200:
            return FirstArticle(first.url, refusal=barred or f"HTTP {answer.status}")
        article = extract(answer.content, answer.url, headers=answer.headers)
    except ExtractionError as error:
        return FirstArticle(first.url, refusal=error.reason, empty=True)
    except BudgetSpent:
        return FirstArticle(first.url, refusal=f"没有看，{MOST_REQUESTS} 次请求已用完")
    except FetchError as error:
        return FirstArticle(first.url, refusal=error.reason)
    beginning = " ".join(article.text.split())
    return FirstArticle(
        url=answer.url,
        title=article.title,
        published=format_published(article),
        origin=article.origin,
        characters=len(article.text),
        beginning=beginning[:60] + ("……" if len(beginning) > 60 else ""),
        about=score(article.title, article.text).on_topic,
        empty=not beginning,
    )


def _toml_line(key: str, value: object) -> str:
    if isinstance(value, list):
        inner = ", ".join(tomli_w.dumps({"x": item}).removeprefix("x = ").strip() for item in value)
        return f"{key} = [{inner}]\n"
    return tomli_w.dumps({key: value})


def _day(when: date | datetime | None) -> str | None:
    return when.isoformat()[:10] if when else None


def _a_week(entries: Sequence[Entry]) -> float | None:
    """How many entries a week the list has had, by the dates that it shows; None where it shows too few."""
    days = sorted(e.date.date() if isinstance(e.date, datetime) else e.date for e in entries if e.date and not e.sticky)
    if len(days) < 3:
        return None
    span = max(days[-1] - days[0], timedelta(days=1))
    return round((len(days) - 1) * 7 / span.days, 1)
