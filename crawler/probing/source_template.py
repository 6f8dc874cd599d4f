"""Drafts a source's TOML file from its list: name, title, kind, region, and how many entries to expect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from datetime import date
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from crawler.platforms.registry import categories, systems
from crawler.probing.infer_kind import infer_kind
from crawler.probing.infer_metadata import guess_region
from crawler.sources.candidates import candidate_of
from crawler.sources.source import site_of
from crawler.web.markup import sub_tags

if TYPE_CHECKING:
    from crawler.probing.fetch_list import FetchedList
    from crawler.web.fetcher import Answer

_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")
_BETWEEN = re.compile(r"\s*(?:[-_|—–·»>]|::|--)+\s*")
_POWERED = re.compile(r"(?i)powered by|官方网站|^首页$")
_PUBLIC = re.compile(r"政府|管委会|管理委员会|[局厅委办](?:$|[（(])|投资促进中心|开发区$|高新区$")
_SUFFIXES = re.compile(r"\.(?:gov\.cn|com\.cn|org\.cn|net\.cn|edu\.cn|cn|com|net|org)$")
_SAY_NOTHING = frozenset(("api", "all", "gkmlpt", "module", "front", "page", "build", "list", "search", "web", "html"))


def draft_of(found: FetchedList, today: date, called: str = "") -> tuple[dict[str, Any], tuple[str, ...]]:
    """The table of a source for what was looked at, and the other hosts that its entries lead to; `called` is its title where it has none itself."""
    url = _address(found)
    page = found.page
    system = systems()[page.platform if page else "generic"]
    known = candidate_of(url)
    title = " ".join(filter(None, (_title(found), _category(found)))) or called or (known.title if known else "")
    kind = "forum" if system.forum else known.kind if known else infer_kind(url, title, _page(found))
    draft: dict[str, Any] = {
        "name": _name(url),
        "title": title or site_of(url),
        "kind": kind,
        "region": known.region if known else guess_region(title, url, _page(found))[0],
        "start_urls": [url],
        "seen_in": f"sources add，{today.isoformat()}" + (f"；{known.seen_in}" if known else ""),
    }
    if system.is_feed:
        draft["spider"] = "feed"
    elif kind == "forum":
        draft["spider"] = "forum"
    if page and system.name != "generic" and page.confidence >= 0.8:
        draft["platform"] = system.name
    if page and len(page.entries) > 1:
        draft["expected"] = len(page.entries) // 2
    others = Counter(site for e in page.entries if (site := site_of(e.url)) != site_of(url)) if page else Counter()
    related = [site for site in sorted(others) if _registered(site) == _registered(site_of(url)) and "." in site]
    if related:
        draft["allowed_hosts"] = related
    return draft, tuple(site for site, _ in others.most_common() if site not in related)


def _address(found: FetchedList) -> str:
    """Where the list lies in the end. A directory's category stands in the mark, which no redirect hands on."""
    ended = found.answer.url if found.answer else found.url
    mark = found.url.partition("#")[2]
    return f"{ended}#{mark}" if mark.isdigit() and "#" not in ended else ended


def site_title(answer: Answer) -> str:
    """A site's name, from the title of its home page."""
    parts = _title_parts(answer)
    return max(parts, key=lambda part: (bool(_PUBLIC.search(part)), len(part)), default="")


def _title(found: FetchedList) -> str:
    """Site and column, from the title of the page or feed."""
    parts = _title_parts(found.answer) if found.answer else []
    if len(parts) < 2:
        return parts[0] if parts else ""
    return f"{parts[-1]} {parts[0]}"


def free_name(name: str, url: str, taken: Container[str]) -> str:
    """A source's name, told from those that are taken by more of the path, then by a number."""
    if name not in taken:
        return name
    folders = [re.sub(r"[^a-z0-9]+", "-", f.lower()).strip("-") for f in urlsplit(url).path.split("/")[1:-1]]
    host = name.removesuffix(f"-{folders[-1]}") if folders else name
    longer = "-".join([host, *filter(None, folders)])[:76]
    return next(n for n in (longer, *(f"{name[:76]}-{k}" for k in range(2, 1000))) if n not in taken)


def places_alike(found: FetchedList) -> tuple[str, ...]:
    """The codes of all places of the name that the title has, where nothing tells which it is."""
    return (
        guess_region(_title(found), _address(found), _page(found))[1] if candidate_of(_address(found)) is None else ()
    )


def _page(found: FetchedList) -> str:
    """The text of the answer as it came, tags taken out."""
    from crawler.web.decoding import decode

    if found.answer is None:
        return ""
    return sub_tags("<[^>]*>", "", decode(found.answer.content, found.answer.headers)[:2_000_000])


def _category(found: FetchedList) -> str:
    """The name of the category of a directory that the address's mark chooses; '' where there is none."""
    from crawler.lists.parsed_document import Document

    mark = found.url.partition("#")[2]
    if found.answer is None or not mark.isdigit():
        return ""
    named = categories(Document.open(found.answer.content, found.answer.url, found.answer.headers))
    return next((category.name for category in named if category.fragment == mark), "")


def _title_parts(answer: Answer) -> list[str]:
    from crawler.web.decoding import decode

    match = _TITLE.search(decode(answer.content, answer.headers)[:100_000])
    text = re.sub(r"<!\[CDATA\[|\]\]>|<[^>]*>", "", unescape(match[1])) if match else ""
    return [part for part in _BETWEEN.split(" ".join(text.split())) if part and not _POWERED.search(part)]


def _name(url: str) -> str:
    """A name from the host, the last folder of the path that says something, and the number by which an interface tells its lists apart."""
    parts = urlsplit(url)
    host = _SUFFIXES.sub("", (parts.hostname or "").removeprefix("www."))
    *folders, file = parts.path.split("/")
    telling = [f for f in folders if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", f) and f.lower() not in _SAY_NOTHING]
    numbers = [v for _, v in parse_qsl(parts.query) if v.isdigit() and v != "1"] if "." in file else []
    number = file if file.isdigit() else numbers[0] if len(numbers) == 1 else ""
    number = parts.fragment if parts.fragment.isdigit() else number
    words = [host, str(parts.port or ""), *telling[-1:], number]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, words)).lower()).strip("-")[:80] or "source"


def _registered(site: str) -> str:
    """The part of a host name under which its owner makes names."""
    host = site.partition(":")[0]
    labels = _SUFFIXES.sub("", host).split(".")
    return labels[-1] + host[len(_SUFFIXES.sub("", host)) :]
