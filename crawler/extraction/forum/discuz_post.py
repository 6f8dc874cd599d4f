"""Where the opening post of a Discuz! thread stands: in the desktop, archiver, mobile and print views."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from crawler.article import NotAnArticle
from crawler.extraction.forum.discuz_author import author_in, thread_starter
from crawler.extraction.forum.elements import drop_all, first_at, text_in

POSTED = re.compile(r"(20\d\d|19\d\d)-(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})")
_OPENING = re.compile(r"^\s*(?:楼主|樓主|1|1\s*[#楼樓]|地基)\s*$")
_LATER = re.compile(r"^\s*(?:沙[发發]|板凳|地板|地[毯下]\S{0,2}|\d+\s*[#楼樓]?)\s*$")
LATER_PAGE = "主题的后续页，没有首帖"
_PAGE = re.compile(r"(?:[?&]page=|thread-\d+-)(\d{1,9})")


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
    messages = [m for m in root.xpath("//*[starts-with(@id,'postmessage_')]") if (m.get("id") or "")[12:].isdigit()]
    subject = first_at(root, "//*[@id='thread_subject']")
    if subject is None and not messages:
        return None
    posts = [e for e in root.iter(etree.Element) if _is_post(e)]
    title = text_in(subject) or _heading(root) or _title_of_page(root)
    opening = next((p for p in posts if _OPENING.match(_floor(p))), None)
    if opening is None:
        first = messages[0] if messages else None
        around = None if first is None else next((a for a in first.iterancestors() if _is_post(a)), None)
        number = _PAGE.search(url)
        if (number and int(number[1]) > 1) or "ordertype=1" in url:
            raise NotAnArticle(LATER_PAGE)
        if first is not None and around is None:
            return _bare_post(root, first, title)
        opening = around if around is not None else posts[0] if posts else None
        if opening is not None and _LATER.match(_floor(opening)):
            if first is not None and first_at(root, "//*[contains(@class,'locked')]") is None:
                raise NotAnArticle(LATER_PAGE)
            opening = None
    if opening is None:
        body = first_at(root, "//td[contains(concat(' ',@class,' '),' t_f ')]") if not posts else None
        locked = text_in(first_at(root, "//*[contains(@class,'locked')]"))
        if body is None:
            return Post(title, "", "", None, None, locked=locked) if locked else None
        posted = text_in(first_at(root, "//em[starts-with(@id,'authorposton')]")) or _times(root)
        return Post(title, "", posted=posted, body=body, below=None, replies=_replies(root))
    if "authorid=" in url and "findpost" in "".join(opening.xpath(".//*[starts-with(@id,'postnum')]/@href")):
        raise NotAnArticle("只看该作者的页面，没有首帖")
    body = first_at(opening, ".//*[starts-with(@id,'postmessage_')]")
    if body is None:
        body = first_at(opening, ".//td[contains(concat(' ',@class,' '),' t_f ')]")
    locked = text_in(first_at(opening, ".//*[contains(@class,'locked')]"))
    author, posted = author_in(opening, body), _posted_in(opening)
    return Post(title, author, posted, body=body, below=opening, replies=_replies(root), locked=locked)


def _bare_post(root: etree._Element, message: etree._Element, title: str) -> Post:
    """The opening post of templates that put an element of its own around the replies only: all around it that holds no reply."""
    around = message
    for above in message.iterancestors():
        others = above.xpath(".//*[starts-with(@id,'postmessage_') or starts-with(@id,'postnum')]")
        if any(other is not message for other in others) or any(_is_post(e) for e in above.iter(etree.Element)):
            break
        if above.tag in ("body", "html"):
            break
        around = above
    author = author_in(around, message) or thread_starter(root, around, message)
    return Post(title, author, _posted_in(around), body=message, below=around, replies=_replies(root))


def _is_post(element: etree._Element) -> bool:
    """Whether an element is there for one post: #post_1, or in X2 table#pid1."""
    name = element.get("id") or ""
    return (name.startswith("post_") and name[5:].isdigit()) or (name.startswith("pid") and name[3:].isdigit())


def _floor(post: etree._Element) -> str:
    return text_in(first_at(post, ".//*[starts-with(@id,'postnum')]"))


def _posted_in(post: etree._Element) -> str:
    return _shown_time(first_at(post, ".//em[starts-with(@id,'authorposton')]")) or _times(post)


def _heading(root: etree._Element) -> str:
    """The heading that the page's title begins with, of templates that have no #thread_subject."""
    title = text_in(first_at(root, "//title"))
    for heading in root.xpath("//h1 | //h2 | //h3"):
        if (text := text_in(heading)) and len(text) > 3 and title.startswith(text):
            return text
    return ""


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
                raise NotAnArticle(LATER_PAGE)
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
        raise NotAnArticle(LATER_PAGE)
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
        r"(?:回复|回覆|回復)\s*[:：]\s*(\d{1,9})",
        " ".join(_texts(root.xpath("//*[contains(concat(' ',@class,' '),' hm ')]"))),
    )
    return int(match[1]) if match else None


def _title_of_page(root: etree._Element) -> str:
    return re.split(r"\s+-\s+", text_in(first_at(root, "//title")))[0]


def _texts(elements: Iterable[etree._Element]) -> list[str]:
    return [text_in(element) for element in elements]
