"""A source's file, guessed from a look at its list: name, title, kind, region, what its lists are expected to show."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from crawler.sources import regions
from crawler.sources.candidates import candidate_of
from crawler.sources.source import site_of

if TYPE_CHECKING:
    from crawler.fetching import Answer
    from crawler.looking import Look

_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")
_BETWEEN = re.compile(r"\s*(?:[-_|—–·»>]|::|--)+\s*")
_POWERED = re.compile(r"(?i)powered by|官方网站|^首页$")
_PUBLIC = re.compile(r"政府|管委会|管理委员会|[局厅委办](?:$|[（(])|投资促进中心|开发区$|高新区$")
_SUFFIXES = re.compile(r"\.(?:gov\.cn|com\.cn|org\.cn|net\.cn|edu\.cn|cn|com|net|org)$")
_SAY_NOTHING = frozenset(("api", "all", "gkmlpt", "module", "front", "page", "build", "list", "search", "web", "html"))
_LEVELS = {"country": 0, "province": 1, "city": 2, "county": 3}


def draft_of(found: Look, today: date, called: str = "") -> tuple[dict[str, Any], tuple[str, ...]]:
    """The table of a source for what was looked at, and the other hosts that its entries lead to; `called` is its title where it has none itself."""
    url = _address(found)
    page = found.page
    platform = page.platform if page else "generic"
    known = candidate_of(url)
    title = _title(found) or called or (known.title if known else "")
    public = ".gov.cn" in (urlsplit(url).hostname or "") or _PUBLIC.search(title.partition(" ")[0])
    kind = "forum" if platform == "discuz" else known.kind if known else "government" if public else "news"
    draft: dict[str, Any] = {
        "name": _name(url),
        "title": title or site_of(url),
        "kind": kind,
        "region": known.region if known else _region(title, url),
        "start_urls": [url],
        "seen_in": f"sources add，{today.isoformat()}" + (f"；{known.seen_in}" if known else ""),
    }
    if platform in ("rss", "sitemap"):
        draft["spider"] = "feed"
    elif kind == "forum":
        draft["spider"] = "forum"
    if page and platform != "generic" and page.confidence >= 0.8:
        draft["platform"] = platform
    if page and len(page.entries) > 1:
        draft["expected"] = len(page.entries) // 2
    others = Counter(site for e in page.entries if (site := site_of(e.url)) != site_of(url)) if page else Counter()
    related = [site for site in sorted(others) if _registered(site) == _registered(site_of(url)) and "." in site]
    if related:
        draft["allowed_hosts"] = related
    return draft, tuple(site for site, _ in others.most_common() if site not in related)


def _address(found: Look) -> str:
    """Where the list lies in the end. A directory's category stands in the mark, which no redirect hands on."""
    ended = found.answer.url if found.answer else found.url
    mark = found.url.partition("#")[2]
    return f"{ended}#{mark}" if mark.isdigit() and "#" not in ended else ended


def site_title(answer: Answer) -> str:
    """A site's name, from the title of its home page."""
    parts = _title_parts(answer)
    return max(parts, key=lambda part: (bool(_PUBLIC.search(part)), len(part)), default="")


def _title(found: Look) -> str:
    """Site and column, from the title of the page or feed."""
    parts = _title_parts(found.answer) if found.answer else []
    if len(parts) < 2:
        return parts[0] if parts else ""
    return f"{parts[-1]} {parts[0]}"


def _title_parts(answer: Answer) -> list[str]:
    from crawler.extraction.decoding import decode

    match = _TITLE.search(decode(answer.content, answer.headers)[:100_000])
    text = re.sub(r"<!\[CDATA\[|\]\]>|<[^>]*>", "", match[1]) if match else ""
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


def _region(title: str, url: str) -> str:
    """The narrowest place that the title names in full, else in short, else that the host spells in pinyin; the country where nothing does."""
    all_regions = [r for r in regions.regions() if r.level != "country"]
    for named in (
        [r for r in all_regions if r.name in title],
        [r for r in all_regions if len(r.short) > 1 and r.short in title],
    ):
        # of places with one name the one whose city or province is named too
        ranked = sorted(
            named, key=lambda r: (-sum(p.short in title for p in regions.path(r.adcode)), -_LEVELS[r.level], r.adcode)
        )
        if ranked and (
            len({r.short for r in ranked}) == len(ranked)
            or len(ranked) == 1
            or _LEVELS[ranked[0].level] < 3
            or ranked[0].name in title
        ):
            return ranked[0].adcode
    for label in (urlsplit(url).hostname or "").split("."):
        places = (
            [r for r in regions.find(label) if r.level in ("province", "city")]
            if len(label) > 4 and label.isalpha()
            else []
        )
        if len(places) == 1:
            return places[0].adcode
    return regions.COUNTRY


def _registered(site: str) -> str:
    """The part of a host name under which its owner makes names."""
    host = site.partition(":")[0]
    labels = _SUFFIXES.sub("", host).split(".")
    return labels[-1] + host[len(_SUFFIXES.sub("", host)) :]
