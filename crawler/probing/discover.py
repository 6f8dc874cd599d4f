"""discover(): which sections of a portal are worth a source, in a few requests: home page, site map, the best lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.article import SHANGHAI
from crawler.configuration import Settings
from crawler.lists.flat_page import flatten
from crawler.lists.parsed_document import Document
from crawler.platforms import ListError
from crawler.probing.diagnosis import other_than_a_column
from crawler.probing.fetch_list import fetch_list, follow_client_redirects
from crawler.probing.site_sections import Section, find_sections
from crawler.probing.source_template import draft_of, free_name, site_title
from crawler.sources.lint import list_key
from crawler.sources.registry import named_hosts
from crawler.sources.source import site_of
from crawler.sources.source_status import STATUS_NAMES
from crawler.terminal import Refusal
from crawler.web.address_guard import names_of
from crawler.web.challenge import challenge
from crawler.web.fetcher import Answer, Fetcher, FetchError, address, page_at

MOST_REQUESTS = 12  # robots.txt, redirects and what fills empty frames included
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
    fetcher = Fetcher(settings, MOST_REQUESTS, progress, names_of([home]) | named_hosts(settings))
    answer = _home(fetcher, home)
    found = {list_key(column.url): column for column in _columns(answer)}
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
        if fetcher.requests + A_LOOK > MOST_REQUESTS:
            break
        result = _candidate(fetcher, column, answer.url, site)
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


def _candidate(fetcher: Fetcher, column: Section, home: str, site: str) -> tuple[Candidate, list[str]] | str:
    """The column as a source and the addresses of its entries, or in words why it is none."""
    found = fetch_list(fetcher, column.url)
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
