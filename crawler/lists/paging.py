"""The request for the next page of a list: the link 下一页, the number after the current one, the form that ASP.NET posts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import html

from crawler.lists import url_shape
from crawler.lists.flat_page import FlatPage, Link, squeezed
from crawler.lists.list_page import ListRequest
from crawler.lists.page_number import page_number
from crawler.lists.parsed_document import Document

_WORDS = re.compile(
    r"[\[【<《«←\s]*(?:下\s*一?\s*[页頁]|[后後]一?[页頁]|翻到下[页頁]|next(?:\s*page)?|加载更多|(?:较早|更早)的(?:文章|日志|新闻)?|older(?:\s*(?:posts|entries))?)[\]】>》»›→\s_]*",
    re.IGNORECASE,
)
_ARROWS = re.compile(r"\s*(?:>|›|＞|»|→|>>|›››|▶|►)\s*")
_OTHER = re.compile(
    r"[\[【<\s«‹←]*(?:首\s*[页頁]|第一[页頁]|上\s*一?\s*[页頁]|前一?[页頁]|尾\s*[页頁]|末\s*[页頁]|最[后後]一?[页頁]|prev(?:ious)?|first|last|跳转|go|确定|\d{1,5}|\.\.+|…)[\]】>\s»›→]*",
    re.IGNORECASE,
)
_TRIED = 20  # pager links that are looked at: a page has one pager above the list and one below
_MOST_LINKS = 80  # of a pager
_BACK = re.compile(
    r"[\[【<《«‹←\s]*(?:上\s*一?\s*[页頁]|前一?[页頁]|prev(?:ious)?(?:\s*page)?)[\]】\s]*", re.IGNORECASE
)
_NEXT_CLASS = re.compile(r"(?:^|[\s_-])(?:next|nxt|pagenext|nextpage|page-next|p_next)(?:$|[\s_-])", re.IGNORECASE)
_CURRENT_CLASS = re.compile(
    r"(?:^|[\s_-])(?:cur(?:rent)?|on|active|this\w*|now|cpb|selected|hover|s2|a_hover|num_on|thisclass)(?:$|[\s_-])",
    re.IGNORECASE,
)
_PAGE_NAMES = re.compile(
    r"(?:page|p|pn|pno|pagenum|pageno|page_no|pageindex|page_index|currentpage|curpage|cpage|curr|nowpage|pagenumber)",
    re.IGNORECASE,
)
_PAGER_CLASS = re.compile(
    r"(?:^|[\s_-])(?:pages?|pagers?|pagination|paging|page_?(?:nav|bar|list|box)|fenye|pg)(?:$|[\s_-])", re.IGNORECASE
)
_FILE = re.compile(r"^(?:.*/)?([^/?#.]*)\.\w+(?:[?#].*)?$", re.DOTALL)
_OFF = re.compile(r"(?:^|[\s_-])(?:disabled?|nextdisabled|unclick|none|no|gray|grey)(?:$|[\s_-])", re.IGNORECASE)


def next_link(page: FlatPage, document: Document) -> str | None:
    """The address of the following page as the page itself links it; None at the end, or where only a script knows."""
    here = document.url
    if (rel := _rel_next(document)) and _leads_on(rel, here):
        return rel
    told = (x for x in page.links if _WORDS.fullmatch(x.text[:20]) or (not x.text and _WORDS.fullmatch(x.hint[:20])))
    words = list(islice(told, _TRIED))
    for link in words:
        if link.url and _leads_on(link.url, here) and not _is_off(link) and not _is_current(link, page):
            return link.url
    if not words:
        for link in islice((x for x in page.links if x.url and _is_arrow(x)), _TRIED):
            if (
                link.url
                and _leads_on(link.url, here)
                and not _is_off(link)
                and _in_pager(link)
                and not _is_current(link, page)
            ):
                return link.url
    if from_zero := next((x.url for x in words if x.url and _is_second(x, document)), None):
        return from_zero
    if any(x.url for x in words):  # 下一页 leads back to this page: the end
        return None
    if turned := next(filter(None, (_turned(link, here) for link in words)), None):
        return turned
    for button in document.tree.iter("input", "button"):
        code = button.get("onclick")
        if code and _WORDS.fullmatch(squeezed(button.get("value") or button.text_content())):
            to = re.search(r"""(?:location(?:\.href)?\s*=|open\(|assign\()\s*['"]([^'"]+)['"]""", code)
            if to and (url := document.absolute(to[1])) and _leads_on(url, here):
                return url
    return _following_number(page, document)


def post_back(page: FlatPage, document: Document) -> ListRequest | None:
    """The POST behind an ASP.NET pager's javascript:__doPostBack('…','2'); None where there is none."""
    for link in page.links:
        if not _WORDS.fullmatch(link.text):
            continue
        found = re.search(r"__doPostBack\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)", link.element.get("href") or "")
        if not found:
            continue
        form = next(link.element.iterancestors("form"), None)
        if form is None:
            return None
        fields = {
            i.get("name") or "": i.get("value") or ""
            for i in form.iter("input")
            if i.get("type") == "hidden" and i.get("name")
        }
        fields |= {"__EVENTTARGET": found[1], "__EVENTARGUMENT": found[2]}
        url = document.absolute(form.get("action") or "") or document.url
        return ListRequest(
            "POST", url, urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )
    return None


def with_query(url: str, **changes: str | int) -> str:
    """`url` with some query parameters set; the others keep their order, and their own way of escaping."""
    parts = urlsplit(url)
    pairs = parts.query.split("&") if parts.query else []
    out: list[str] = []
    left = {k: str(v) for k, v in changes.items()}
    for pair in pairs:
        name = pair.partition("=")[0]
        if name in left:
            out.append(f"{name}={urlencode({'': left.pop(name)})[1:]}")
        elif name not in changes:
            out.append(pair)
    out += [f"{k}={urlencode({'': v})[1:]}" for k, v in left.items()]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(out), ""))


def query(url: str) -> dict[str, str]:
    """The query parameters of an address, the last of each name."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _turned(link: Link, here: str) -> str | None:
    """The address behind a 下一页 that calls a script with the number of the page, where the page's own address has the number before it."""
    code = f"{link.element.get('href') or ''} {link.element.get('onclick') or ''}"
    numbers = {int(n) for n in re.findall(r"""\(\s*['"]?(\d{1,5})['"]?\s*[,)]""", code)}
    if not numbers or _is_off(link):
        return None
    asked = ((n, page_number(v)) for n, v in query(here).items() if _PAGE_NAMES.fullmatch(n))
    return next((with_query(here, **{n: at + 1}) for n, at in asked if at is not None and at + 1 in numbers), None)


def _leads_on(url: str, here: str) -> bool:
    """Whether an address is another page, not this one in another dress."""
    mine, other = _dressed_down(here), _dressed_down(url)
    return mine != other


def _dressed_down(url: str) -> str:
    bare = re.sub(r"^https?://", "", url).partition("#")[0]
    bare = re.sub(r"([?&])(?:page|p|pn|pageno|pageindex|currentpage)=0*1(?=&|$)", r"\1", bare, flags=re.IGNORECASE)
    return re.sub(r"/(?:index|default)\.\w+$", "/", bare.rstrip("?&")).rstrip("/")


def _rel_next(document: Document) -> str | None:
    for link in document.tree.iter("link", "a"):
        if (link.get("rel") or "").lower() == "next":
            url = document.absolute(link.get("href"))
            if link.tag == "link" or (url and url_shape.likeness(url) < 1):
                return url
    return None


def _is_second(link: Link, document: Document) -> bool:
    """Whether 下一页 leads to where the 2 beside it does, which ?page=1 is where pages are counted from 0."""
    pager = _pager(link.element)
    if pager is None or link.url == document.url or _is_off(link):
        return False
    twos = (a for a in pager.iter("a") if squeezed(a.text_content()) == "2")
    return any(document.absolute(a.get("href")) == link.url for a in twos)


def _is_arrow(link: Link) -> bool:
    if _ARROWS.fullmatch(link.text):
        return True
    if link.text and not _OTHER.fullmatch(link.text):
        return False
    names = f" {link.element.get('class') or ''} {link.element.get('rel') or ''} "
    return not (link.text and link.text.strip().isdigit()) and bool(
        _NEXT_CLASS.search(names) or _NEXT_CLASS.search(_pictured(link.element))
    )


def _pictured(link: html.HtmlElement) -> str:
    """The name of the picture file that a link shows instead of words: next for /images/next.gif; '' where there is none."""
    if squeezed(link.text_content()):
        return ""
    return next((_FILE.sub(r"\1", img.get("src") or "") for img in link.iter("img")), "")


def _is_off(link: Link) -> bool:
    parent = link.element.getparent()
    names = link.element.get("class") or ""
    return bool(
        _OFF.search(names)
        or link.element.get("disabled")
        or (parent is not None and parent.tag == "li" and _OFF.search(parent.get("class") or ""))
    )


def _pager(element: html.HtmlElement) -> html.HtmlElement | None:
    """The nearest part of the page around a pager's link that has other pager links in it."""
    for depth, node in enumerate(element.iterancestors()):
        if depth > 3 or node.tag in ("body", "html"):
            return None
        links = list(islice(node.iter("a"), _MOST_LINKS + 1))
        if len(links) > _MOST_LINKS:
            return None
        if any(
            a is not element and _OTHER.fullmatch((squeezed(a.text_content()) or _pictured(a))[:20] or "-")
            for a in links
        ):
            return node
        if _PAGER_CLASS.search(node.get("class") or "") or _PAGER_CLASS.search(node.get("id") or ""):
            return node
        if re.search(r"\d+\s*/\s*\d+|共\s*\d+\s*[页頁]|第\s*\d+\s*[页頁]", squeezed(node.text_content())[:300]):
            return node
    return None


def _in_pager(link: Link) -> bool:
    return _pager(link.element) is not None


def _current(pager: html.HtmlElement) -> int | None:
    """The number of the page that the pager marks as the current one."""
    text = squeezed(pager.text_content())
    if (found := re.search(r"(?:第|当前|页次[:：]?)\s*(\d{1,5})\s*(?:[页頁]|/)", text)) or (
        found := re.search(r"(?<![\d/])(\d{1,5})\s*/\s*\d{1,5}(?![\d/])", text)
    ):
        return int(found[1])
    marked: int | None = None
    for node in pager.iter("span", "strong", "b", "em", "i", "li", "a", "font"):
        own = squeezed(node.text_content())
        if not own.isdecimal() or len(own) > 5:
            continue
        href = node.get("href") if node.tag == "a" else next((a.get("href") for a in node.iter("a")), None)
        named = _CURRENT_CLASS.search(node.get("class") or "")
        if (
            (node.tag not in ("a", "li") and href is None and next(node.iterancestors()).tag != "a")
            or (named and (href is None or href.lower().startswith(("javascript", "#")) or not href))
            or (node.tag == "li" and href is None)
        ):
            return int(own)
        if named and marked is None:  # linked like the others, and told by its class
            marked = int(own)
    return marked


def _is_current(link: Link, page: FlatPage) -> bool:
    """Whether a 下一页 link leads to the page that is shown: PHPCMS and others leave it so on the last one, one after 上一页 instead of two."""
    pager = _pager(link.element)
    if pager is None or not link.url:
        return False
    current = _current(pager)
    if current is None or current < 2:
        return False
    back = next(
        (x.url for x in page.links if x.url and _BACK.fullmatch(x.text) and pager in x.element.iterancestors()), None
    )
    mine, other = _last_number(link.url), _last_number(back or "")
    return mine is not None and other is not None and mine - other == 1


def _last_number(url: str) -> int | None:
    named = re.search(r"[?&](?:page|p|pn|pageno|pageindex|currentpage)=(\d{1,6})(?:&|$)", url, re.IGNORECASE)
    found = re.findall(r"\d{1,6}", urlsplit(url).path + "?" + urlsplit(url).query)
    return int(named[1]) if named else int(found[-1]) if found else None


def _following_number(page: FlatPage, document: Document) -> str | None:
    """The link whose text is the number after the current page's, in a pager or in a drop-down list."""
    tried: list[html.HtmlElement] = []
    for link in islice(
        (x for x in page.links if re.fullmatch(r"\d{1,5}", x.text) or _WORDS.fullmatch(x.text[:20])), _TRIED
    ):
        pager = _pager(link.element)
        if pager is None or any(pager is known for known in tried):
            continue
        tried.append(pager)
        current = _current(pager) or 1
        for a in pager.iter("a"):
            if (
                squeezed(a.text_content()) == str(current + 1)
                and (url := document.absolute(a.get("href")))
                and _leads_on(url, document.url)
                and (url_shape.likeness(url) < 1 or re.search(r"page|list|index|[?&]p", url, re.IGNORECASE))
            ):
                return url
        if turned := _option(pager.iter("option"), document):
            return turned
    for select in islice(document.tree.iter("select"), _TRIED):
        options = list(islice(select.iter("option"), 2000))
        if (
            len(options) > 1
            and all(re.fullmatch(r"第?\s*\d{1,4}\s*页?", squeezed(o.text_content())) for o in options)
            and (url := _option(options, document))
        ):
            return url
    return None


def _option(options: Iterable[html.HtmlElement], document: Document) -> str | None:
    listed = list(options)
    for i, option in enumerate(listed[:-1]):
        if option.get("selected") is not None:
            value = listed[i + 1].get("value") or ""
            return (
                document.absolute(value)
                if re.search(r"\.\w+$|[/?=]", value) and (u := document.absolute(value)) and _leads_on(u, document.url)
                else None
            )
    return None
