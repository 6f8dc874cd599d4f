"""Hanweb: jpage, whose records come in groups of three pages as XML, and JPaaS, whose units come as HTML inside JSON.

jpage: `…/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&…`, counted from 1, both ends included; the first group stands in the page itself. What to ask
for is in `nextgroup`, or in the page's `param_N`. JPaaS: `…/front/page/build/unit?…&paramJson={"pageNo":n,"pageSize":m}`; without paramJson it is always page 1.
"""

from __future__ import annotations

import html as html_entities
import json
import re
from urllib.parse import urlencode

from crawler.lists import dates, paging, rows
from crawler.lists.flat_page import flatten
from crawler.lists.list_page import ArticleHints, Entry, ListPage, Recognition
from crawler.lists.page_number import asked_number, page_number
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import examine
from crawler.platforms.system import System

PLATFORM = "hanweb"
ARTICLE = ArticleHints(title="#title, .main-fl-tit", body="#zoom, .bt_content")

_ARTICLE = re.compile(r"/art/(?:19|20)\d\d/(?:\d{1,2}/\d{1,2}/art_\d+_\d+|art_[0-9a-f]{20,})\.html")
_MARKS = (
    Fingerprint(0.95, "jpage", ("jpage/dataproxy.jsp", "/script/jpage", ".jpage(")),
    Fingerprint(
        0.95, "JPaaS", ("jpaas-publish-server", "jpaas-jsearch", 'parsetype="bulidstatic', 'parsetype="buildstatic')
    ),
    Fingerprint(0.6, "col/colN 栏目地址", ("/col/col",), re.compile(r"/col/col\d+/"), 4),
    Fingerprint(0.45, "大汉标记", ("大汉网络", "hanweb", "jcms")),
    Fingerprint(0.85, "art/年/月/日 文章地址", ("/art/",), _ARTICLE, 2),
)
_STORE = re.compile(r"<datastore\b.*?</datastore>|<datastore\b.*", re.DOTALL | re.IGNORECASE)
_NEXT_GROUP = re.compile(
    r"<nextgroup\b[^>]*>\s*(?:<!\[CDATA\[)?(.{0,4000}?)(?:\]\]>)?\s*</nextgroup>", re.DOTALL | re.IGNORECASE
)
_NO_DATA = "模板内容数据为空"
_UNIT = "/front/page/build/unit"
_LIST_TAG = re.compile(r"分页|列表|list|信息|内容|新闻|news|ajax", re.IGNORECASE)


def recognise(document: Document) -> Recognition:
    """By its data proxy, its units, art/2024/1/12/art_1_2.html."""
    if document.kind == "datastore":
        return weigh(PLATFORM, document, (), found=[(0.97, "jpage 数据")])
    if document.kind == "json":
        return weigh(PLATFORM, document, (), found=[(0.97, "JPaaS 单元")] if _unit_html(document) is not None else [])
    return weigh(PLATFORM, document, _MARKS)


def read(document: Document) -> ListPage:
    """A group of records, a unit, or a column's page with the one or the other in it."""
    if document.kind == "datastore":
        return _read_store(document, document.text)
    if document.kind == "json":
        return _read_unit(document)
    stores = _STORE.findall(document.text)
    if stores:
        store = max(stores, key=lambda s: s.count("</record"))
        page = _read_store(document, store)
        if page.entries:
            return page
    if unit := _unit_request(document):
        return _read_page_of_units(document, unit)
    found = examine(document)
    return ListPage(found.entries, found.next_page or (None if found.entries else _proxy_called(document)))


# ── jpage


def _read_store(document: Document, store: str) -> ListPage:
    records = _records(store)
    entries = _entries(document, records)
    if not records:
        return ListPage(entries)
    group = _NEXT_GROUP.search(store)
    if group and (href := re.search(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^>\s]+))""", group[1])):
        url = document.absolute(html_entities.unescape(href[1] or href[2] or href[3] or ""))
        if url and url != document.url:
            return ListPage(entries, url)
    return ListPage(entries, _after_records(document, len(records), store))


def _proxy_called(document: Document) -> str | None:
    """The data proxy that a page without records calls as its script: <script src="…/jpage/dataproxy.jsp?page=1&…">."""
    sources = (script.get("src") or "" for script in document.tree.iter("script"))
    return next((document.absolute(s) for s in sources if "jpage/dataproxy.jsp?" in s), None)


def _records(store: str) -> list[str]:
    """The markup of each record, out of its CDATA or its escapes."""
    out: list[str] = []
    for piece in re.split(r"(?i)</record\s*>", store)[:-1]:
        body = piece[max(piece.lower().rfind("<record"), 0) :].partition(">")[2].strip()
        if body.startswith("<![CDATA["):
            out.append(body.removeprefix("<![CDATA[").removesuffix("]]>"))
        else:
            out.append(html_entities.unescape(body) if "&lt;" in body else body)
    return out


def _entries(document: Document, records: list[str]) -> tuple[Entry, ...]:
    markup = "\n".join(records)
    wrapped = (
        f"<table>{markup}</table>"
        if re.match(r"\s*<tr\b", records[0] if records else "", re.IGNORECASE)
        else f"<ul>{markup}</ul>"
    )
    found, _ = rows.read(flatten(document.fragment(wrapped)), document.url, now=dates.served_on(document.headers))
    return tuple(found)


def _after_records(document: Document, count: int, store: str) -> str | None:
    """The group after the one at hand, by its own address or by the parameters that the page keeps for its script."""
    asked = paging.query(document.url)
    total = _whole(r"<totalrecord>\s*(?:<!\[CDATA\[)?(\d+)", store) or _whole(r"totalRecord\s*:\s*(\d+)", document.text)
    if document.kind == "datastore":
        start, end = asked_number(asked, "startrecord"), asked_number(asked, "endrecord")
        if start is None or end is None:
            return None
        if (total is not None and end >= total) or count < end - max(start, 1) + 1:
            return None
        return paging.with_query(document.url, startrecord=end + 1, endrecord=end + max(end - max(start, 1) + 1, 1))
    per_page = _whole(r"perPage\s*:\s*(\d+)", document.text) or 15
    if (total is not None and count >= total) or (total is None and count % per_page):
        return None
    proxy = re.search(r"""['"]([^'"\s]*jpage/dataproxy\.jsp)[^'"\s]*['"]""", document.text)
    given = re.search(r"\bparam_\w+\s*=\s*\{(.{0,4000}?)\}", document.text, re.DOTALL)
    if not given:
        return None
    pairs = re.findall(r"""['"]?(\w+)['"]?\s*:\s*(?:['"]([^'"]*)['"]|([\w.-]+))""", given[1])
    fields = [("startrecord", str(count + 1)), ("endrecord", str(count + 3 * per_page)), ("perpage", str(per_page))]
    fields += [(name, quoted or bare) for name, quoted, bare in pairs]
    return document.absolute((proxy[1] if proxy else "/module/web/jpage/dataproxy.jsp") + "?" + urlencode(fields))


def _whole(pattern: str, text: str) -> int | None:
    found = re.search(pattern, text, re.IGNORECASE)
    return page_number(found[1]) if found else None


# ── JPaaS


def _unit_html(document: Document) -> str | None:
    data = document.data.get("data") if isinstance(document.data, dict) else None
    markup = data.get("html") if isinstance(data, dict) else None
    return markup if isinstance(markup, str) else None


def _read_unit(document: Document) -> ListPage:
    markup = _unit_html(document) or ""
    found, _ = rows.read(flatten(document.fragment(markup)), document.url, now=dates.served_on(document.headers))
    if not found and _NO_DATA in markup and paging.query(document.url).get("tagId"):
        return ListPage(
            (), paging.with_query(document.url, tagId="")
        )  # a wrong tag; the empty one is the page's own list
    asked = _asked(document.url)
    page, size = asked.get("pageNo", 1), asked.get("pageSize", 0)
    answered = _pager(markup)
    if answered.get("pageno", page) != page:  # the server gives page 1 whatever it is asked
        return ListPage(tuple(found))
    size = size or answered.get("rows", 0) or len(found)
    total = answered.get("count")
    more = bool(found) and (page * size < total if total is not None else len(found) >= size)
    return ListPage(tuple(found), _with_page(document.url, page + 1, size) if more else None)


def _read_page_of_units(document: Document, unit: str) -> ListPage:
    """A column's page: its list may stand in it already, or come with the unit's first page."""
    found = examine(document)
    if found.weight >= 4 and len(found.entries) >= 3:
        pager = _pager(document.text)
        size, total = pager.get("rows") or len(found.entries), pager.get("count")
        more = total is None or total > len(found.entries)
        return ListPage(found.entries, found.next_page or (_with_page(unit, 2, size) if more else None))
    return ListPage((), _with_page(unit, 1, 20))


def _unit_request(document: Document) -> str | None:
    """The address of the unit that is the page's list: the one whose tag says so, the last one otherwise."""
    units: list[tuple[str, dict[str, str]]] = []
    for tag in re.findall(r"<script\b[^>]{0,4000}?querydata\s*=[^>]{0,4000}>", document.text, re.IGNORECASE):
        data = re.search(r"""querydata\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag, re.IGNORECASE)
        place = re.search(r"""\burl\s*=\s*["']([^"']+)["']""", tag, re.IGNORECASE)
        fields = dict(
            re.findall(
                r"""['"](\w+)['"]\s*:\s*['"]([^'"]*)['"]""",
                html_entities.unescape((data[1] or data[2] or "") if data else ""),
            )
        )
        if place and _UNIT in place[1] and fields:
            units.append((place[1], fields))
    if not units:
        return None
    place_, fields = next((u for u in units if _LIST_TAG.search(u[1].get("tagId", ""))), units[-1])
    return document.absolute(place_ + "?" + urlencode(fields))


def _asked(url: str) -> dict[str, int]:
    try:
        given = json.loads(paging.query(url).get("paramJson") or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(given, dict):
        return {}
    return {k: n for k, v in given.items() if (n := page_number(str(v))) is not None}


def _with_page(url: str, page: int, size: int) -> str:
    return paging.with_query(url, paramJson=json.dumps({"pageNo": page, "pageSize": size}, separators=(",", ":")))


def _pager(markup: str) -> dict[str, int]:
    """rows, count and pageno of a unit's pager, in attributes or in its queryData."""
    block = re.search(r"""<[^<>]{0,2000}?\bpagination\b[^>]{0,2000}>""", markup)
    text = html_entities.unescape(block[0]) if block else ""
    return {
        k.lower(): n
        for k, v in re.findall(r"""\b(rows|count|pageNo)['"]?\s*[:=]\s*['"]?(\d+)""", text, re.IGNORECASE)
        if (n := page_number(v)) is not None
    }


SYSTEM = System(PLATFORM, recognise, read, ARTICLE)
