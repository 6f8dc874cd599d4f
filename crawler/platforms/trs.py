"""TRS WCM: createPageHTML in its two kinds, the variables behind it, the scrolling files, and the JSON twin of a search list.

createPageHTML(count, cur, name, ext) counts from 0: name.ext, name_1.ext … name_{count-1}.ext. With a quoted first argument, the pager's id, it counts
from 1: page 2 is name_2.ext. Articles are t20240112_123456.html; the day in the address is that of creation, the shown one counts.
"""

from __future__ import annotations

import re
from datetime import date

from crawler.lists import json_list, paging
from crawler.lists.day_search import search_between
from crawler.lists.list_page import ArticleHints, ListPage, Recognition
from crawler.lists.page_number import asked_number, page_number
from crawler.lists.parsed_document import Document
from crawler.platforms.fingerprints import Fingerprint, weigh
from crawler.platforms.generic import examine
from crawler.platforms.system import System

PLATFORM = "trs"
ARTICLE = ArticleHints(body=".TRS_Editor, .trs_editor_view, .TRS_UEDITOR, .trs_paper_default, #Zoom, #zoom")

_ARTICLE = re.compile(r"/t(?:19|20)\d{6}_\d+\.s?html?")
_CALL = re.compile(r"createPageHTML\w*\s*\(([^()]*)\)", re.IGNORECASE)
_NUMBERED = re.compile(r"""createPageHTML\w*\s*\((?:\s*['"][\w-]+['"]\s*,)?\s*['"]?\d+['"]?\s*,""", re.IGNORECASE)
_SEARCH = re.compile(r"/(?:searchList|search|common/search)/[0-9a-f]{32}\b")
_MARKS = (
    Fingerprint(0.9, "createPageHTML", ("createpagehtml",), _NUMBERED),
    Fingerprint(0.6, "TRS 标记", ("_trs_ta_js", "trswcm", "trs_editor", "trs_wcm", "trs_preappend", "trs_web_column")),
    Fingerprint(
        0.4, "currentPage 变量", ("countpage", "npagecount"), re.compile(r"var\s+(?:countPage|nPageCount)\s*=\s*\d")
    ),
    Fingerprint(0.3, "TRS 检索脚本", ("escapetrs", "trs关键字")),
    Fingerprint(0.5, "检索列表接口", ("/searchlist/", "/search/"), _SEARCH),
    Fingerprint(0.6, "检索列表脚本", ("_isjson",), re.compile(r"/search(?:List)?/")),
    Fingerprint(0.6, "Pager", ("pager(",), re.compile(r"Pager\(\s*\{\s*size\s*:")),
    Fingerprint(0.85, "t日期_编号 文章地址", ("/t20", "/t19"), _ARTICLE, 3),
)


# names that templates give to the number of pages and to the current one, counted from 0
_COUNTS = "countPage|m_nPageCount|nPageCount|_nPageCount|pageCount|PAGE_COUNT"
_CURRENTS = "currentPage|m_nCurrPage|nCurrIndex|_nCurrIndex|nCurrPage|currPage|PAGE_INDEX"


def recognise(document: Document) -> Recognition:
    """By its pager's call, its article addresses, its JSON."""
    if document.kind == "json":
        search = _SEARCH.search(document.url) or "_isJson=true" in document.url
        twin = isinstance(document.data, dict) and "publishedTimeStr" in document.text[:20_000]
        return weigh(
            PLATFORM,
            document,
            (),
            found=[(0.9, "检索列表 JSON")]
            if search or twin
            else [(0.8, "datas_n.json")]
            if _is_scroll(document)
            else [],
        )
    return weigh(PLATFORM, document, _MARKS)


def read(document: Document) -> ListPage:
    """Rows as anywhere; the next page by the pager's own rule."""
    if document.kind == "json":
        return _read_json(document)
    found = examine(document)
    told, url = _by_pager(document)
    following = url if told else found.next_page or _scrolled(document) or (None if found.entries else _twin(document))
    return ListPage(found.entries, following)


def _by_pager(document: Document) -> tuple[bool, str | None]:
    """Whether the page's script says how it goes on, and where."""
    code = _without_comments(document.scripts)
    for call in reversed(_CALL.findall(code)):
        values = [_value(a, code) for a in call.split(",")]
        told = _after(document, values)
        if told is not None:
            return True, told or None
    found = re.search(r"Pager\(\s{0,9}\{([^{}]{0,2000})\}", code)
    if found:
        fields = dict(re.findall(r"""(\w+)\s*:\s*['"]?([\w./-]+)['"]?""", found[1]))
        told = _after(document, [fields.get(n, "") for n in ("size", "current", "prefix", "suffix")])
        if told is not None:
            return True, told or None
    count = re.search(rf"\b(?:{_COUNTS})\s*=\s*['\"]?(\d+)", code)
    current = re.search(rf"\b(?:{_CURRENTS})\s*=\s*['\"]?(\d+)", code)
    name, ext, number = _own_name(document)
    if count and current and page_number(current[1]) == number:  # else the variables count something else
        told = _after(document, [count[1], number, name, ext])
        if told is not None:
            return True, told or None
    return False, None


def _without_comments(code: str) -> str:
    """A script without comments; one that is never closed is none."""
    last = code.rfind("*/") + 2 if "*/" in code else 0
    pieces = re.sub(r"/\*[\s\S]*?\*/", "", code[:last]) + code[last:]
    return re.sub(r"(?m)^[ \t]*//[^\n]*", "", pieces)


def _after(document: Document, values: list[int | str]) -> str | None:
    """The next page's address by a call's arguments; '' at the end; None where the arguments are not a pager's."""
    from_one = bool(values) and isinstance(values[0], str) and not values[0].isdecimal()
    if from_one:
        values = values[1:]
    if len(values) < 4:
        return None
    count, current = (page_number(str(v)) for v in values[:2])
    name, ext = str(values[2]).strip(), str(values[3]).strip().lstrip(".")
    if count is None or current is None or not re.fullmatch(r"[\w.%/-]+", name) or not re.fullmatch(r"\w{2,6}", ext):
        return None
    following = current + 1
    if following > count if from_one else following >= count:
        return ""
    return document.absolute(f"{name}_{following}.{ext}") or ""


def _value(argument: str, code: str) -> int | str:
    """A literal, or the literal that a variable of that name was given; '' where neither."""
    argument = argument.strip()
    if found := re.fullmatch(r"""['"](.*)['"]""", argument):
        return found[1]
    if argument.isdecimal():
        number = page_number(argument)
        return number if number is not None else ""
    if re.fullmatch(r"[A-Za-z_]\w*", argument) and (
        given := re.search(rf"""\b{argument}\s*=\s*(?:(\d+)|['"]([^'"]*)['"])""", code)
    ):
        return given[1] or given[2]
    return argument if re.fullmatch(r"[\w.-]+", argument) and not argument[:1].isalpha() else ""


def _own_name(document: Document) -> tuple[str, str, int]:
    """Name, ending and number (0 for none) of the page's own file."""
    path = document.address.partition("?")[0]
    found = re.search(r"/([^/]*?)(?:_(\d{1,9}))?\.(\w+)$", path)
    return (found[1], found[3], int(found[2] or 0)) if found else ("index", "html", 0)


def _is_scroll(document: Document) -> bool:
    return re.search(r"/datas?_\d+(?:_\d+)?\.json", document.url) is not None


def _scrolled(document: Document) -> str | None:
    """The file that a scrolling page loads next: of datas_126.json, the column's, its second page is datas_126_1.json."""
    found = re.search(r"""['"]([^'"\s]*datas?_\d+)\.json['"]""", document.scripts)
    return document.absolute(f"{found[1]}_1.json") if found else None


def _after_scrolled(url: str) -> str:
    """datas_126_2.json after datas_126_1.json; a lone number is the page's, or the column's where it is too large for one (lists end at 50 pages)."""
    name, column, page = re.findall(r"(datas?_)(\d+)(?:_(\d+))?\.json", url)[-1]
    told = f"{name}{column}_{page}" if page else f"{name}{column}"
    number = page_number(page or column)
    if page:
        following = f"{column}_{(number or 0) + 1}"
    else:
        following = f"{column}_1" if number is None or number > 50 else str(number + 1)
    return url.replace(f"{told}.json", f"{name}{following}.json")


def _twin(document: Document) -> str | None:
    """The first page of the list's JSON twin, where the page's script names one."""
    text = document.text
    found = re.search(r"""['"]([^'"\s]*/(?:searchList|search|common/search)/[0-9a-f]{32})[^'"\s]*['"]""", text)
    path = found[1] if found else None
    if path is None and (joined := re.search(r"""['"]([^'"\s]*/(?:searchList|search)/)['"]\s*\+\s*(\w+)""", text)):
        channel = re.search(rf"""\b{joined[2]}\s*=\s*['"]([0-9a-f]{{32}})['"]""", text)
        path = joined[1] + channel[1] if channel else None
    if path is None:
        return None
    url = document.absolute(path)
    return url + "?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1" if url else None


def _read_json(document: Document) -> ListPage:
    found = json_list.entries(document, json_list.records(document.data))
    if _is_scroll(document):
        count = json_list.number(document.data, "countPage", "pageCount", "totalPage")
        page = page_number(re.findall(r"_(\d+)\.json", document.url)[-1])
        more = found and page is not None and (count is None or page + 1 < count)
        return ListPage(found, _after_scrolled(document.url) if more else None)
    asked = paging.query(document.url)
    told = asked_number(asked, "page")
    page = told if told is not None else json_list.number(document.data, "page") or 1
    size = json_list.number(document.data, "rows") or asked_number(asked, "_pageSize") or len(found)
    total = json_list.number(document.data, "total")
    more = bool(found) and (total is None or page * max(size, 1) < total)
    return ListPage(found, paging.with_query(document.url, page=page + 1) if more else None)


def search(document: Document, since: date, until: date) -> str | None:
    """The JSON twin has what the pages of a list, often fifty at most, no longer show; it knows no days, and stands newest first."""
    return (_twin(document) if document.kind == "html" else None) or search_between(document, since, until)


SYSTEM = System(PLATFORM, recognise, read, ARTICLE, search=search)
