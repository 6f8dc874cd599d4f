"""discover(): which sections of a portal are worth a source, in a few requests: home page, site map, the best lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from crawler.article import SHANGHAI
from crawler.configuration import Settings
from crawler.lists.flat_page import flatten
from crawler.lists.parsed_document import Document
from crawler.platforms import ListError
from crawler.probing.diagnosis import may_be_scripted, other_than_a_column
from crawler.probing.fetch_list import FetchedList, fetch_list, follow_client_redirects
from crawler.probing.site_sections import Section, find_sections
from crawler.probing.source_template import draft_of, free_name, site_title
from crawler.sources.lint import list_key
from crawler.sources.registry import named_hosts
from crawler.sources.source import site_of
from crawler.sources.source_status import STATUS_NAMES
from crawler.terminal import Refusal
from crawler.web import legacy_tls, rendering
from crawler.web.address_guard import names_of
from crawler.web.challenge import challenge
from crawler.web.fetcher import MOST_FOR_PAGES, Answer, Fetcher, FetchError, address, page_at

MOST_REQUESTS = 12  # robots.txt, redirects and what fills empty frames included
_T = TypeVar("_T")
A_LOOK = 2  # requests that a look at a list may take
_DIRECTORY = re.compile(r"/gkmlpt/?(?:index)?(?:[?#].*)?$")
_SITE_MAPS = ("网站地图", "站点地图", "网站导航")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column whose list was read. `draft` is the source that `--add` would write, as a TOML table; `dated` counts entries with a date."""

    url: str
    title: str
    kind: str
    score: float
    why: str
    platform: str
    entries: int
    dated: int
    draft: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a portal offers: `candidates`, best first; `passed` are (URL, title, why not) of columns that were looked at in vain."""

    home: str
    requests: int
    columns: int  # that look right by name, looked at or not
    candidates: tuple[Candidate, ...]
    passed: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def discover(home: str, settings: Settings, *, progress: Callable[[str], None] = lambda text: None) -> Discovery:
    """Reads the home page, and the site map and the directory where it links them; looks at the best columns. Raises Refusal where the home page cannot be read."""
    home = address(home)
    fetcher, answer = _opened(home, settings, progress)
    columns = _columns(answer)
    shows = rendering.missing() is None  # until the browser has shown a page in vain
    if not columns and shows and b"<script" in answer.content.lower():
        answer = _shown(fetcher, partial(_home, fetcher, home))
        columns = _columns(answer)
    found = {list_key(column.url): column for column in columns}
    for index in _indexes(answer):
        try:
            more = fetcher.get(index)
            if more.status == 200 and not challenge(more.status, more.content, more.headers):
                for column in find_sections(more.content, more.url, headers=more.headers):
                    found.setdefault(list_key(column.url), column)
        except (FetchError, ListError):
            pass  # the home page has said enough
    site = site_title(answer)
    ranked = sorted(found.values(), key=lambda column: -column.score)
    candidates: list[Candidate] = []
    passed: list[tuple[str, str, str]] = []
    seen: dict[str, Candidate] = {}  # by address in the end, and by the first entries
    for column in ranked:
        if fetcher.requests + A_LOOK > fetcher.most:
            break
        looked = fetch_list(fetcher, column.url)
        rendered = shows and may_be_scripted(looked)
        if rendered:
            looked = _shown(fetcher, partial(fetch_list, fetcher, column.url))
            shows = looked.status == "verified"
        needs = ({"tls": fetcher.tls} if fetcher.tls else {}) | ({"render": True} if rendered else {})
        result = _candidate(looked, column, answer.url, site, needs=needs)
        if isinstance(result, str):
            passed.append((column.url, column.title, result))
            continue
        candidate, entries = result
        keys = [list_key(candidate.draft["start_urls"][0]), "\n".join(sorted(entries))]
        if same := next((seen[key] for key in keys if key in seen), None):
            passed.append((column.url, column.title, f"与“{same.title}”是同一个列表"))
            continue
        seen |= dict.fromkeys(keys, candidate)
        candidates.append(candidate)
    candidates.sort(key=lambda c: -c.score)
    names: set[str] = set()
    for candidate in candidates:  # columns of one name in two branches of a menu
        name = free_name(candidate.draft["name"], candidate.url, names)
        candidate.draft["name"] = name
        names.add(name)
    return Discovery(answer.url, fetcher.requests, len(ranked), tuple(candidates), tuple(passed))


def _opened(home: str, settings: Settings, progress: Callable[[str], None]) -> tuple[Fetcher, Answer]:
    """The home page, and what asked for it: with old TLS, as `probe` does, where nothing else is answered. Raises Refusal."""
    named = names_of([home]) | named_hosts(settings)
    fetcher = Fetcher(settings, MOST_REQUESTS, progress, named)
    try:
        return fetcher, _home(fetcher, home)
    except Refusal as refusal:
        cause = refusal.__cause__
        if not isinstance(cause, FetchError) or not legacy_tls.may_help(cause.reason):
            raise
    older = Fetcher(settings, MOST_REQUESTS, progress, named, "legacy")
    return older, _home(older, home)


def _shown(fetcher: Fetcher, ask: Callable[[], _T]) -> _T:
    """What is asked for, with pages as a browser shows them. What those take comes on top of the requests of `discover`, to MOST_FOR_PAGES in all."""
    before, most = fetcher.requests, fetcher.most
    fetcher.render, fetcher.most = True, MOST_REQUESTS + MOST_FOR_PAGES
    try:
        return ask()
    finally:
        fetcher.render, fetcher.most = False, most + fetcher.requests - before


def _home(fetcher: Fetcher, home: str) -> Answer:
    """The home page, behind a door where there is one. Raises Refusal."""
    answer = page_at(fetcher, home)
    try:
        return follow_client_redirects(fetcher, answer)
    except FetchError as error:
        raise Refusal(f"首页转向别处，那里读不到：{error.reason}") from error


def _columns(answer: Answer) -> list[Section]:
    try:
        return find_sections(answer.content, answer.url, headers=answer.headers)
    except ListError as error:
        raise Refusal(f"首页读不出来：{error.reason}") from error


def _indexes(answer: Answer) -> list[str]:
    """The pages of the same host that name more columns, as the home page links them: the site map, and the directory of open information."""
    page = flatten(Document.open(answer.content, answer.url, answer.headers))
    found: dict[str, str] = {}
    for link in page.links:
        if not link.url or link.url == answer.url or urlsplit(link.url).netloc != urlsplit(answer.url).netloc:
            continue
        if any(name in (link.text or link.hint) for name in _SITE_MAPS):
            found.setdefault("map", link.url)
        elif _DIRECTORY.search(link.url):
            found.setdefault("directory", link.url)
    return list(found.values())


def _candidate(
    found: FetchedList, column: Section, home: str, site: str, *, needs: Mapping[str, object]
) -> tuple[Candidate, list[str]] | str:
    """The column that was looked at as a source, with the settings that it `needs`, and the addresses of its entries; or in words why it is none."""
    ended = found.answer.url if found.answer else column.url
    if found.status == "verified" and site_of(ended) != site_of(column.url):
        return f"转向别的网站：{ended}"  # the level above, as a rule, whose list it is
    if found.status != "verified" or found.page is None or len(found.page.entries) < 2:
        return "条目不足两条" if found.status == "verified" else f"{STATUS_NAMES[found.status]}（{found.said}）"
    if list_key(ended) == list_key(home):
        return "转回首页"
    if other := other_than_a_column(found):
        return other
    now = datetime.now(SHANGHAI).date()
    draft, _ = draft_of(found, now, called=f"{site} {column.title}".strip())
    draft |= needs
    draft["seen_in"] = draft["seen_in"].replace("sources add", f"sources discover {home}", 1)
    entries = found.page.entries
    dated = sum(entry.date is not None for entry in entries)
    score = column.score * (1 + dated / len(entries)) / 2  # a list of news has dates
    made = Candidate(
        column.url,
        column.title,
        kind=column.kind,
        score=round(score, 2),
        why=column.why,
        platform=found.page.platform,
        entries=len(entries),
        dated=dated,
        draft=draft,
    )
    return made, [entry.url for entry in entries]
