"""Where the opening post of a Discuz! thread stands: in the desktop, archiver, mobile and print views."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from crawler.article import NotAnArticle

POSTED = re.compile(r"(20\d\d|19\d\d)-(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})")
_OPENING = re.compile(r"^\s*(?:楼主|樓主|1|1\s*[#楼樓]|地基)\s*$")
_PAGE = re.compile(r"(?:[?&]page=|thread-\d+-)(\d+)")


@dataclass(slots=True)
class Post:
    """The opening post as one of the views shows it."""

    title: str
    author: str
    posted: str  # text that has the time
    body: etree._Element | None
    below: etree._Element | None  # what else belongs to it: attachments
    replies: int | None = None
    locked: str = ""  # what stands in its place


def opening_post(root: etree._Element, url: str) -> Post | None:
    """The opening post, whichever view of the thread this is; None where there is no post of Discuz! at all.

    `root` is changed. Raises NotAnArticle for later pages and pages of one author's posts.
    """
    return _desktop(root, url) or _archiver(root) or _mobile(root) or _print(root)


def _desktop(root: etree._Element, url: str) -> Post | None:
    posts = [p for p in root.xpath("//*[starts-with(@id,'post_')]") if (p.get("id") or "")[5:].isdigit()]
    if not posts:
        posts = [p for p in root.xpath("//table[starts-with(@id,'pid')]") if (p.get("id") or "")[3:].isdigit()]
    subject = first_at(root, "//*[@id='thread_subject']")
    if subject is None and not root.xpath("//*[starts-with(@id,'postmessage_')]"):
        return None
    if not posts:
        if subject is None:
            return None
        body = first_at(root, "//*[starts-with(@id,'postmessage_')] | //td[contains(concat(' ',@class,' '),' t_f ')]")
        locked = text_in(first_at(root, "//*[contains(@class,'locked')]"))
        if body is None:
            return Post(text_in(subject), "", "", None, None, locked=locked) if locked else None
        posted = text_in(first_at(root, "//em[starts-with(@id,'authorposton')]")) or _times(root)
        return Post(text_in(subject), "", posted=posted, body=body, below=None, replies=_replies(root))
    opening = next((p for p in posts if _OPENING.match(text_in(first_at(p, ".//*[starts-with(@id,'postnum')]")))), None)
    if opening is None:
        number = _PAGE.search(url)
        shown = text_in(first_at(posts[0], ".//*[starts-with(@id,'postnum')]"))
        if (number and int(number[1]) > 1) or "ordertype=1" in url or re.match(r"\s*\d+\s*[#楼樓]?\s*$", shown):
            raise NotAnArticle("主题的后续页，没有首帖")
        opening = posts[0]
    if "authorid=" in url and "findpost" in "".join(opening.xpath(".//*[starts-with(@id,'postnum')]/@href")):
        raise NotAnArticle("只看该作者的页面，没有首帖")
    body = first_at(opening, ".//*[starts-with(@id,'postmessage_')]")
    if body is None:
        body = first_at(opening, ".//td[contains(concat(' ',@class,' '),' t_f ')]")
    author = text_in(first_at(opening, ".//*[starts-with(@id,'favatar')]//*[contains(@class,'authi')]//a"))
    author = author or text_in(first_at(opening, ".//*[contains(@class,'authi')]//a[contains(@class,'xw1')]"))
    shown_at = first_at(opening, ".//em[starts-with(@id,'authorposton')]")
    locked = text_in(first_at(opening, ".//*[contains(@class,'locked')]"))
    title = text_in(subject) or _title_of_page(root)
    return Post(
        title, author, posted=_shown_time(shown_at), body=body, below=opening, replies=_replies(root), locked=locked
    )


def _archiver(root: etree._Element) -> Post | None:
    first = first_at(root, "//div[@id='content']/p[@class='author']")
    if first is None:
        return None
    body = etree.Element("div")
    title = ""
    for element in list(first.itersiblings()):
        classes = element.get("class") or ""
        if (element.tag == "p" and classes == "author") or classes == "page" or element.tag == "center":
            break
        if element.tag == "h3" and not title:
            title = text_in(element)
            if not title:
                raise NotAnArticle("主题的后续页，没有首帖")
            body.text = element.tail
            continue
        body.append(element)
    if not title:
        return None
    return Post(title, text_in(first_at(first, "./strong")), text_in(first), body, None)


def _mobile(root: etree._Element) -> Post | None:
    post = first_at(root, "//div[contains(concat(' ',@class,' '),' plc ')][starts-with(@id,'pid')]")
    if post is None:
        return None
    message = first_at(post, ".//*[contains(concat(' ',@class,' '),' message ')]")
    number = text_in(first_at(post, ".//em"))
    if re.match(r"\d+\s*[#楼樓]?$", number) and not _OPENING.match(number):
        raise NotAnArticle("主题的后续页，没有首帖")
    heading = first_at(root, "//*[contains(@class,'view_tit')] | //div[contains(@class,'postlist')]//h2")
    if heading is not None:
        drop_all(heading, "a")
    title = text_in(heading) or _title_of_page(root)
    author = text_in(
        first_at(post, ".//*[contains(@class,'authi')]//a[contains(@href,'space') or contains(@class,'blue')]")
    )
    locked = text_in(first_at(post, ".//*[contains(@class,'locked')]"))
    return Post(title, author, posted=_times(post), body=message, below=post, replies=None, locked=locked)


def _print(root: etree._Element) -> Post | None:
    """action=printable: bold labels, bodies between rulers."""
    labels = root.xpath("//body/b[starts-with(normalize-space(.),'作者')]")
    if not labels or "打印本页" not in "".join(root.xpath("//body/b//text()")):
        return None
    first = labels[0]
    body = etree.Element("div")
    author = (first.tail or "").strip()
    posted = title = ""
    for element in list(first.itersiblings()):
        label = text_in(element) if element.tag == "b" else ""
        if element.tag == "hr":
            break
        if label.startswith("时间"):
            posted = element.tail or ""
        elif label.startswith("标题") and not len(body):
            title = (element.tail or "").strip()
        else:
            body.append(element)
    return Post(title or _title_of_page(root), author, posted, body, None)


def _shown_time(element: etree._Element | None) -> str:
    """The time of a post; young posts show 3 天前 and have the time as a tooltip."""
    if element is None:
        return ""
    for title in element.xpath(".//@title"):
        if POSTED.search(title):
            return str(title)
    return text_in(element)


def _times(element: etree._Element) -> str:
    for value in [
        *element.xpath(".//*[contains(@class,'authi')]//@title"),
        *element.xpath(".//*[contains(@class,'authi')]//text()"),
        *element.xpath(".//em//text()"),
    ]:
        if POSTED.search(value):
            return str(value).strip()
    match = POSTED.search(" ".join(element.itertext())[:20_000])
    return match[0] if match else ""


def _replies(root: etree._Element) -> int | None:
    match = re.search(
        r"(?:回复|回覆|回復)\s*[:：]\s*(\d+)",
        " ".join(_texts(root.xpath("//*[contains(concat(' ',@class,' '),' hm ')]"))),
    )
    return int(match[1]) if match else None


def _title_of_page(root: etree._Element) -> str:
    return re.split(r"\s+-\s+", text_in(first_at(root, "//title")))[0]


def first_at(element: etree._Element, path: str) -> etree._Element | None:
    found = element.xpath(path)
    return found[0] if found else None


def text_in(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _texts(elements: Iterable[etree._Element]) -> list[str]:
    return [text_in(element) for element in elements]


def drop_all(element: etree._Element, tag: str) -> None:
    for child in list(element.iter(tag)):
        take_out(child)


def take_out(element: etree._Element) -> None:
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
