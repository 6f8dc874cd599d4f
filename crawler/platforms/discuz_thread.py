"""Discuz! X2–X3.5 threads: the opening post as an article, from the desktop, mobile, print and archiver views; walls are refused."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree

from crawler.article import SHANGHAI, Article, Attachment, Block, NotAnArticle, Provenance, article_id, text_of
from crawler.canonical import canonicalise
from crawler.extraction.blocks import blocks_of
from crawler.extraction.byline import byline
from crawler.extraction.frame import walk

if TYPE_CHECKING:
    from crawler.sources import Source

_POSTED = re.compile(r"(20\d\d|19\d\d)-(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})")
_OPENING = re.compile(r"^\s*(?:楼主|樓主|1|1\s*[#楼樓]|地基)\s*$")
_PAGE = re.compile(r"(?:[?&]page=|thread-\d+-)(\d+)")
_PAID = re.compile(r"购买主题|購買主題|需向作者支付|支付.{0,12}才能[浏查]|付费主题")
_THREAD = re.compile(r"[?&]tid=(\d+)|thread-(\d+)-")
_SPLIT = re.compile(r"show_threadpage\(\s*\d+\s*,\s*(\d+)\s*,\s*(\d+)")
_CODE_TAGS = re.compile(
    r"\[/?(?:attach|attachimg|hide|page|media|audio|flash|tthread)[^\]]*\](?:\d+\[/attach(?:img)?\])?"
)
_FILE = re.compile(r"\.(\w{2,4})$")
_NOT_BODY = (
    "*[contains(@class,'pstatus') or contains(@class,'jammer') or contains(@class,'locked') or contains(@class,'attach_nopermission')"
    " or contains(@class,'attach_tips') or contains(@class,'tip_4') or contains(concat(' ',@class,' '),' a_pt ') or contains(concat(' ',@class,' '),' a_pb ')"
    " or contains(concat(' ',@class,' '),' a_p ') or contains(concat(' ',@class,' '),' sign ') or contains(@class,'showhide_tip') or @id='poll'"
    " or contains(translate(@style,' ',''),'display:none')]"
)


@dataclass(slots=True)
class _Post:
    """The opening post as one of the views shows it."""

    title: str
    author: str
    posted: str  # text that has the time
    body: etree._Element | None
    below: etree._Element | None  # what else belongs to it: attachments
    replies: int | None = None
    locked: str = ""  # what stands in its place


def read_thread(root: etree._Element, url: str, source: Source | None = None) -> Article | None:
    """The opening post of a thread as an Article; None where the page is no thread of Discuz!.

    `root` is changed. Raises NotAnArticle for walls, errors, threads to pay for, blocked posts, lists and later pages.
    """
    _refuse(root)
    post = _desktop(root, url) or _archiver(root) or _mobile(root) or _print(root)
    if post is None:
        _refuse_others(root, url)
        return None
    if post.body is None or (post.locked and not _readable(post.body)):
        reason = post.locked or _text(post.body)
        if _PAID.search(reason):
            raise NotAnArticle(f"需要付费的主题：{reason[:40]}")
        raise NotAnArticle(f"首帖看不到：{reason[:40]}" if reason else "主题页没有首帖")
    return _article(post, root, url, source)


def _refuse(root: etree._Element) -> None:
    for message in root.xpath("//*[@id='messagetext']"):
        _drop(message, "script")
        text = _text(message) or "论坛提示"
        raise NotAnArticle(f"论坛提示页：{text[:60]}")


def _refuse_others(root: etree._Element, url: str) -> None:
    """A page of Discuz! without any post: a board, the index, a form."""
    generator = "".join(root.xpath("//meta[@name='generator']/@content")) + _text(_first(root, "//title"))
    if "discuz" in generator.lower() and not _THREAD.search(url) and _first(root, "//*[@id='article_content']") is None:
        raise NotAnArticle("论坛的列表或功能页，不是主题")


def _desktop(root: etree._Element, url: str) -> _Post | None:
    posts = [p for p in root.xpath("//*[starts-with(@id,'post_')]") if (p.get("id") or "")[5:].isdigit()]
    if not posts:
        posts = [p for p in root.xpath("//table[starts-with(@id,'pid')]") if (p.get("id") or "")[3:].isdigit()]
    subject = _first(root, "//*[@id='thread_subject']")
    if subject is None and not root.xpath("//*[starts-with(@id,'postmessage_')]"):
        return None
    if not posts:
        if subject is None:
            return None
        body = _first(root, "//*[starts-with(@id,'postmessage_')] | //td[contains(concat(' ',@class,' '),' t_f ')]")
        locked = _text(_first(root, "//*[contains(@class,'locked')]"))
        if body is None:
            return _Post(_text(subject), "", "", None, None, locked=locked) if locked else None
        posted = _text(_first(root, "//em[starts-with(@id,'authorposton')]")) or _times(root)
        return _Post(_text(subject), "", posted, body, None, _replies(root))
    opening = next((p for p in posts if _OPENING.match(_text(_first(p, ".//*[starts-with(@id,'postnum')]")))), None)
    if opening is None:
        number = _PAGE.search(url)
        shown = _text(_first(posts[0], ".//*[starts-with(@id,'postnum')]"))
        if (number and int(number[1]) > 1) or "ordertype=1" in url or re.match(r"\s*\d+\s*[#楼樓]?\s*$", shown):
            raise NotAnArticle("主题的后续页，没有首帖")
        opening = posts[0]
    if "authorid=" in url and "findpost" in "".join(opening.xpath(".//*[starts-with(@id,'postnum')]/@href")):
        raise NotAnArticle("只看该作者的页面，没有首帖")
    body = _first(opening, ".//*[starts-with(@id,'postmessage_')]")
    if body is None:
        body = _first(opening, ".//td[contains(concat(' ',@class,' '),' t_f ')]")
    author = _text(_first(opening, ".//*[starts-with(@id,'favatar')]//*[contains(@class,'authi')]//a"))
    author = author or _text(_first(opening, ".//*[contains(@class,'authi')]//a[contains(@class,'xw1')]"))
    shown_at = _first(opening, ".//em[starts-with(@id,'authorposton')]")
    locked = _text(_first(opening, ".//*[contains(@class,'locked')]"))
    title = _text(subject) or _title_of_page(root)
    return _Post(title, author, _shown_time(shown_at), body, opening, _replies(root), locked)


def _archiver(root: etree._Element) -> _Post | None:
    first = _first(root, "//div[@id='content']/p[@class='author']")
    if first is None:
        return None
    body = etree.Element("div")
    title = ""
    for element in list(first.itersiblings()):
        classes = element.get("class") or ""
        if (element.tag == "p" and classes == "author") or classes == "page" or element.tag == "center":
            break
        if element.tag == "h3" and not title:
            title = _text(element)
            if not title:
                raise NotAnArticle("主题的后续页，没有首帖")
            body.text = element.tail
            continue
        body.append(element)
    if not title:
        return None
    return _Post(title, _text(_first(first, "./strong")), _text(first), body, None)


def _mobile(root: etree._Element) -> _Post | None:
    post = _first(root, "//div[contains(concat(' ',@class,' '),' plc ')][starts-with(@id,'pid')]")
    if post is None:
        return None
    message = _first(post, ".//*[contains(concat(' ',@class,' '),' message ')]")
    number = _text(_first(post, ".//em"))
    if re.match(r"\d+\s*[#楼樓]?$", number) and not _OPENING.match(number):
        raise NotAnArticle("主题的后续页，没有首帖")
    heading = _first(root, "//*[contains(@class,'view_tit')] | //div[contains(@class,'postlist')]//h2")
    if heading is not None:
        _drop(heading, "a")
    title = _text(heading) or _title_of_page(root)
    author = _text(
        _first(post, ".//*[contains(@class,'authi')]//a[contains(@href,'space') or contains(@class,'blue')]")
    )
    locked = _text(_first(post, ".//*[contains(@class,'locked')]"))
    return _Post(title, author, _times(post), message, post, None, locked)


def _print(root: etree._Element) -> _Post | None:
    """action=printable: bold labels, bodies between rulers."""
    labels = root.xpath("//body/b[starts-with(normalize-space(.),'作者')]")
    if not labels or "打印本页" not in "".join(root.xpath("//body/b//text()")):
        return None
    first = labels[0]
    body = etree.Element("div")
    author = (first.tail or "").strip()
    posted = title = ""
    for element in list(first.itersiblings()):
        label = _text(element) if element.tag == "b" else ""
        if element.tag == "hr":
            break
        if label.startswith("时间"):
            posted = element.tail or ""
        elif label.startswith("标题") and not len(body):
            title = (element.tail or "").strip()
        else:
            body.append(element)
    return _Post(title or _title_of_page(root), author, posted, body, None)


def _article(post: _Post, root: etree._Element, url: str, source: Source | None) -> Article:
    assert post.body is not None
    attachments = _attachments(post.below, url)
    extra = _pictures_below(post.below, post.body, url)
    next_part = _next_part(root, url)
    _tidy(post.body)
    frame = walk(post.body, url)
    for line in frame.lines:
        line.text = " ".join(_CODE_TAGS.sub("", line.text).split())
    kept = [bool(line.text) for line in frame.lines]
    blocks = (*blocks_of(frame, kept, 0), *extra)
    if not any(kept) and frame.pictures:
        blocks = tuple(Block("image", src=picture.src) for picture in frame.pictures)
    text = text_of(blocks)
    if not text and not blocks:
        raise NotAnArticle("首帖没有内容")
    at = _moment(post.posted)
    credits = byline(frame, -1, -1, kept, (0, len(kept) - 1), None)
    author = " ".join(post.author.split()) or credits.author
    canonical = canonicalise(url)
    site = _site(root)
    provenance = {"title": Provenance("platform:discuz", post.title), "body": Provenance("platform:discuz", text[:40])}
    if author:
        provenance["author"] = (
            Provenance("platform:discuz", post.author) if post.author else credits.provenance["author"]
        )
    if at:
        provenance["published_at"] = Provenance("platform:discuz", post.posted[:60])
    if credits.origin:
        provenance["origin"] = credits.provenance["origin"]
    if site:
        provenance["publisher"] = Provenance("title", site)
    from crawler.normalisation import script_of

    return Article(
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        title=post.title,
        text=text,
        blocks=blocks,
        source=getattr(source, "name", None),
        kind=getattr(source, "kind", None),
        region=getattr(source, "region", None),
        attachments=attachments,
        next_part=next_part,
        published_at=at,
        published_precision="minute" if at else None,
        publisher=getattr(source, "title", None) or site,
        origin=credits.origin,
        author=author,
        script=script_of(text),
        replies=post.replies,
        platform="discuz",
        confidence=1.0,
        provenance=provenance,
    )


def _readable(body: etree._Element) -> str:
    """The text of a body that will be left when notes and locked parts are gone."""
    body = copy.deepcopy(body)
    _tidy(body)
    return _text(body)


def _tidy(body: etree._Element) -> None:
    """Without notes, jammer text, hidden and locked parts; of attached pictures only the pictures."""
    for element in body.xpath(f".//{_NOT_BODY}"):
        _remove(element)
    for holder in body.xpath(".//ignore_js_op"):
        pictures = holder.xpath(".//img[@file or @zoomfile]")
        holder.text = None
        for child in list(holder):
            holder.remove(child)
        for picture in pictures:
            picture.tail = None
            holder.append(picture)
    for element in body.xpath(".//*[contains(@class,'blockcode')]/em"):
        _remove(element)


def _attachments(below: etree._Element | None, url: str) -> tuple[Attachment, ...]:
    if below is None:
        return ()
    found: dict[str, Attachment] = {}
    for link in below.xpath(".//a[contains(@href,'mod=attachment') or contains(@href,'attachment.php')]"):
        name = _text(link)
        extension = _FILE.search(name)
        if extension and extension[1].lower() not in ("jpg", "jpeg", "png", "gif", "webp", "bmp"):
            href = urljoin(url, link.get("href") or "")
            found.setdefault(href, Attachment(href, name, extension[1].lower()))
    return tuple(found.values())


def _pictures_below(below: etree._Element | None, body: etree._Element, url: str) -> tuple[Block, ...]:
    """Attached pictures that stand after the text."""
    if below is None:
        return ()
    inside = set(body.iter())
    sources = [
        urljoin(url, picture.get("file") or picture.get("zoomfile") or "")
        for picture in below.xpath(".//img[@file or @zoomfile]")
        if picture not in inside
    ]
    return tuple(Block("image", src=src) for src in dict.fromkeys(sources))


def _next_part(root: etree._Element, url: str) -> str | None:
    """A post that its author split with [page] goes on at &cp=2; a script on the page says how many parts there are."""
    thread = _THREAD.search(url)
    for script in root.iter("script"):
        if thread and (match := _SPLIT.search(script.text or "")) and int(match[1]) < int(match[2]):
            return urljoin(url, f"forum.php?mod=viewthread&tid={thread[1] or thread[2]}&page=1&cp={int(match[1]) + 1}")
    return None


def _moment(text: str) -> datetime | None:
    match = _POSTED.search(text)
    if not match:
        return None
    try:
        year, month, day, hour, minute = map(int, match.groups())
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
    except ValueError:
        return None


def _shown_time(element: etree._Element | None) -> str:
    """The time of a post; young posts show 3 天前 and have the time as a tooltip."""
    if element is None:
        return ""
    for title in element.xpath(".//@title"):
        if _POSTED.search(title):
            return str(title)
    return _text(element)


def _times(element: etree._Element) -> str:
    for value in [
        *element.xpath(".//*[contains(@class,'authi')]//@title"),
        *element.xpath(".//*[contains(@class,'authi')]//text()"),
        *element.xpath(".//em//text()"),
    ]:
        if _POSTED.search(value):
            return str(value).strip()
    match = _POSTED.search(" ".join(element.itertext())[:20_000])
    return match[0] if match else ""


def _replies(root: etree._Element) -> int | None:
    match = re.search(
        r"(?:回复|回覆|回復)\s*[:：]\s*(\d+)",
        " ".join(_texts(root.xpath("//*[contains(concat(' ',@class,' '),' hm ')]"))),
    )
    return int(match[1]) if match else None


def _site(root: etree._Element) -> str | None:
    parts = [p.strip() for p in re.split(r"\s+-\s+", _text(_first(root, "//title"))) if p.strip()]
    parts = [p for p in parts if "powered by" not in p.lower() and p != "手机版"]
    return parts[-1] if len(parts) > 1 else None


def _title_of_page(root: etree._Element) -> str:
    return re.split(r"\s+-\s+", _text(_first(root, "//title")))[0]


def _first(element: etree._Element, path: str) -> etree._Element | None:
    found = element.xpath(path)
    return found[0] if found else None


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _texts(elements: Iterable[etree._Element]) -> list[str]:
    return [_text(element) for element in elements]


def _drop(element: etree._Element, tag: str) -> None:
    for child in list(element.iter(tag)):
        _remove(child)


def _remove(element: etree._Element) -> None:
    """Take an element out and leave the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
