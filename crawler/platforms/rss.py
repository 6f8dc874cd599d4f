"""RSS 0.9–2.0, RDF and Atom, also where the XML is broken: items that can be parsed are read, and feedparser reads the rest."""

from __future__ import annotations

import html as html_entities
import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from itertools import islice, takewhile

from lxml import etree

from crawler.article import SHANGHAI
from crawler.lists import dates, json_list, titles
from crawler.lists.list_page import Entry, ListError, ListPage, Recognition
from crawler.lists.parsed_document import MOST_ENTRIES, Document
from crawler.platforms.system import System
from crawler.reasons import describe_error

PLATFORM = "rss"

_FIRST_YEAR = 1980
_MOST_FOR_FEEDPARSER = 1_000_000  # bytes; it takes seconds for more
_MOST_PARTS = (
    300  # elements of one value that are read: each of a thousand in each other would be read by all around it
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_HAN = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HAN_MONTH = re.compile(r"(?:星期[一二三四五六日天],)?\s(十?[一二三四五六七八九]|十)月\s(?=\d{4})")  # Java in Chinese
_FIELDS = ("link", "guid", "pubDate", "category", "author", "description", "item")
_ADDRESS = re.compile(
    r"https?://|\.{0,2}/[\w./?=&%-]+$|[\w./-]+\.(?:s?html?|jsp|aspx?|php)(?:\?|$)"
)  # that a guid may be
_AND = "\ue0a6"
_DAYS = ("pubDate", "published", "date", "issued", "created", "updated", "modified", "pubdate", "PubDate")


def recognise(document: Document) -> Recognition:
    """By its root."""
    return Recognition(PLATFORM, 0.97 if document.kind == "feed" else 0.0, "订阅源")


def read(document: Document) -> ListPage:
    """Items in the feed's order; a feed of several pages (RFC 5005) says itself where it goes on."""
    root = xml_root(document.text)
    items = [n for n in root.iter() if name_of(n) in ("item", "entry")] if root is not None else []
    if len(items) > MOST_ENTRIES:
        raise ListError(f"订阅源有 {len(items)} 条，超过上限 {MOST_ENTRIES} 条")
    entries: dict[str, Entry] = {}
    channel = _address_of_the_list(root, document)
    for entry in _own_addresses([_entry(item, document) for item in items], document, channel):
        entries.setdefault(entry.url, entry)
    if not entries and len(document.content) < _MOST_FOR_FEEDPARSER:
        entries = _by_feedparser(document)
    following = None
    for link in root.iter() if root is not None else ():
        if name_of(link) == "link" and link.get("rel") == "next" and link.get("href"):
            following = document.absolute((link.get("href") or "").replace(_AND, "&").replace("&amp;", "&"))
        if name_of(link) in ("item", "entry"):
            break
    return ListPage(tuple(entries.values()), following if following != document.url else None)


def xml_root(text: str) -> etree._Element | None:
    """The root of XML that may be broken: repaired where libxml2 can, None where there is nothing."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    text = (
        re.sub(r"<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>", "", text[:5000], flags=re.DOTALL) + text[5000:]
    )  # no entities of its own
    text = text.replace(
        "&", _AND
    )  # libxml2 loses entities after the first mistake in a document: they are undone afterwards
    parser = etree.XMLParser(recover=True, no_network=True, huge_tree=True, remove_comments=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.strip().encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    return root if isinstance(root, etree._Element) else None


def text_of(node: etree._Element) -> str:
    """An element's text without markup, entities undone (twice, as feeds escape twice)."""
    text = value_of(node)
    if "<" in text or "&" in text:
        text = html_entities.unescape(re.sub(r"<[^<>]*>", " ", text))
    return " ".join(text.split())


def value_of(node: etree._Element) -> str:
    """What stands in an element, entities undone once."""
    text = node.text or ""
    for part in islice(node.iter(), 1, _MOST_PARTS):
        if name_of(part) in _FIELDS:  # the element was never closed
            break
        text += (part.text or "") + (part.tail or "")
    return html_entities.unescape(text.replace(_AND, "&")).strip()


def moment(value: str) -> date | datetime | None:
    """A feed's time: RFC 822, ISO 8601, or what Chinese feeds write instead; aware where it names its zone, then Shanghai's."""
    found = _moment(value.strip())
    if found is not None and found.year < _FIRST_YEAR:
        return None  # what programs write where they know no time: the year 1, or 1970 and its eve in another zone
    return found.astimezone(SHANGHAI) if isinstance(found, datetime) and found.tzinfo else found


def _moment(value: str) -> date | datetime | None:
    if re.fullmatch(r"\d{10}|\d{13}", value):
        return json_list.day(value)
    if re.match(r"\d{4}-\d\d-\d\dT", value):
        try:
            return datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", value))
        except ValueError:
            pass
    value = _HAN_MONTH.sub(lambda m: f" {_MONTHS[3 * _HAN.index(m[1]) : 3 * _HAN.index(m[1]) + 3]} ", value)
    if re.search(r"[A-Za-z]{3}", value):
        value = re.sub(
            r"\b(?:CST|PRC|Asia/Shanghai|GMT\+8)(?!\S)|(?<=[+])0?8$", "+0800", value.strip()
        )  # here CST is China's
        value = value.replace("++0800", "+0800")
        try:
            return parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    return dates.in_text(value)


def _address_of_the_list(root: etree._Element | None, document: Document) -> str | None:
    """Where the feed says that its list is: the first link that is no item's."""
    for node in root.iter() if root is not None else ():
        if name_of(node) in ("item", "entry"):
            break
        if name_of(node) == "link" and node.get("rel") in (None, "alternate"):
            return document.absolute(
                html_entities.unescape((node.get("href") or "").replace(_AND, "&")) or value_of(node)
            )
    return None


def _own_addresses(items: list[tuple[Entry, str] | None], document: Document, channel: str | None) -> list[Entry]:
    """The entries; where items share their link, or have the list's, at the addresses that their guids are, if those differ."""
    found = [item for item in items if item]
    shared = Counter(entry.url for entry, _ in found)
    out = []
    for entry, guid in found:
        is_own = shared[entry.url] == 1 and entry.url not in (channel, document.url)
        own = document.absolute(guid) if not is_own and _ADDRESS.match(guid) else None
        out.append(replace(entry, url=own, date=entry.date or dates.in_url(own)) if own else entry)
    return out


def _entry(item: etree._Element, document: Document) -> tuple[Entry, str] | None:
    """An item's entry, and its guid or ''."""
    title, link, day, guid = "", None, None, None
    found: dict[str, str] = {}
    for node in _parts(item):
        name = name_of(node)
        if name == "title" and not title and "media" not in _space(node):
            title = titles.cleaned(text_of(node))
        elif name == "link":
            href = html_entities.unescape((node.get("href") or "").replace(_AND, "&")).strip() or value_of(node)
            if (
                href
                and (link is None or (node.get("rel") == "alternate" and "html" in (node.get("type") or "html")))
                and node.get("rel") in (None, "alternate")
            ):
                link = document.absolute(href)
        elif name in ("guid", "id") and guid is None:
            guid = value_of(node)
        elif name in _DAYS:
            found.setdefault(name, value_of(node))
    day = next((m for m in (moment(found[n]) for n in _DAYS if n in found) if m), None)
    if link is None:
        named = guid or next((v for k, v in item.attrib.items() if str(k).endswith("about")), None)
        link = document.absolute(str(named)) if named and _ADDRESS.match(str(named)) else None
    return (Entry(link, title, day or dates.in_url(link)), guid or "") if link else None


def _parts(item: etree._Element) -> list[etree._Element]:
    """An item's elements; where a stray tag in its title has swallowed them, those below it, up to the next item."""
    direct = list(item)
    if any(name_of(n) in ("link", "guid", "id") for n in direct):
        return direct
    return list(takewhile(lambda n: name_of(n) not in ("item", "entry"), islice(item.iter(), 1, None)))


def name_of(node: etree._Element) -> str:
    """An element's name without its namespace, or the prefix of one that was never declared; '' of a comment."""
    return node.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(node.tag, str) else ""


def _space(node: etree._Element) -> str:
    return node.tag.partition("}")[0] if isinstance(node.tag, str) and "}" in node.tag else ""


def _by_feedparser(document: Document) -> dict[str, Entry]:
    import feedparser

    try:
        parsed = feedparser.parse(
            document.text.encode("utf-8", "replace"), sanitize_html=False, resolve_relative_uris=False
        )
    except (
        Exception
    ) as error:  # of broken feeds it raises what its parts raise: UnicodeEncodeError, ValueError, AssertionError …
        raise ListError(f"订阅源已损坏，读不出来（{describe_error(error)}）") from error
    out: dict[str, Entry] = {}
    for item in parsed.entries:
        url = document.absolute(item.get("link"))
        if url:
            out.setdefault(
                url,
                Entry(
                    url,
                    titles.cleaned(item.get("title") or ""),
                    moment(item.get("published") or item.get("updated") or ""),
                ),
            )
    return out


SYSTEM = System(PLATFORM, recognise, read, is_feed=True)
