"""Discuz! X2–X3.5 threads: the opening post as an article, from the desktop, mobile, print and archiver views; walls are refused."""

from __future__ import annotations

import copy
import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree

from crawler.article import SHANGHAI, Article, Attachment, Block, NotAnArticle, Provenance, article_id, text_of
from crawler.canonical import canonicalise
from crawler.extraction.body.blocks import blocks_of
from crawler.extraction.forum.discuz_post import POSTED, Post, opening_post
from crawler.extraction.forum.elements import drop_all, first_at, take_out, text_in
from crawler.extraction.forum.forum_threads import ForumThreads
from crawler.extraction.metadata.byline import byline
from crawler.extraction.page.frame import absolute, walk
from crawler.extraction.source_fields import source_fields

if TYPE_CHECKING:
    from crawler.sources import Source

NO_THREAD = "论坛的列表或功能页，不是主题：列表用 zhaoshang sources add 加为来源"
_PAID = re.compile(r"购买主题|購買主題|需向作者支付|支付.{0,12}才能[浏查]|付费主题")
_THREAD = re.compile(r"[?&]tid=(\d+)|thread-(\d+)-")
_BOARD = re.compile(r"mod=forumdisplay|/forum-\d+-\d+\.html|/forumdisplay\.php")
_SPLIT = re.compile(r"show_threadpage\(\s*\d+\s*,\s*(\d{1,9})\s*,\s*(\d{1,9})")
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


def may_be(content: bytes) -> bool:
    """By words of its templates; a page that an installation has rewritten may lack its name."""
    return (
        b"discuz" in content.lower()
        or b"thread_subject" in content
        or (b"message" in content and (b"messagetext" in content or b"postmessage_" in content))
    )


def read(root: etree._Element, url: str, source: Source | None) -> Article | None:
    """The opening post of a thread as an Article; None where the page is no thread of Discuz!.

    Raises NotAnArticle for walls, errors, threads to pay for, blocked posts, lists and later pages.
    """
    root = copy.deepcopy(root)  # what is no text is taken out of it
    _refuse(root)
    post = opening_post(root, url)
    if post is None:
        _refuse_others(root, url)
        return None
    if post.body is None or (post.locked and not _readable(post.body)):
        reason = post.locked or text_in(post.body)
        if _PAID.search(reason):
            raise NotAnArticle(f"需要付费的主题：{reason[:40]}")
        raise NotAnArticle(f"首帖看不到：{reason[:40]}" if reason else "主题页没有首帖")
    return _article(post, root, url, source)


def _refuse(root: etree._Element) -> None:
    for message in root.xpath("//*[@id='messagetext']"):
        drop_all(message, "script")
        text = text_in(message) or "论坛提示"
        raise NotAnArticle(f"论坛提示页：{text[:60]}")


def _refuse_others(root: etree._Element, url: str) -> None:
    """A page of Discuz! without any post: a board, the index, a form."""
    if _BOARD.search(url) or root.xpath("//*[starts-with(@id,'normalthread_')]"):
        raise NotAnArticle(NO_THREAD)
    generator = "".join(root.xpath("//meta[@name='generator']/@content")) + text_in(first_at(root, "//title"))
    if (
        "discuz" in generator.lower()
        and not _THREAD.search(url)
        and first_at(root, "//*[@id='article_content']") is None
    ):
        raise NotAnArticle(NO_THREAD)


def _article(post: Post, root: etree._Element, url: str, source: Source | None) -> Article:
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
    credits = byline(frame, title=-1, date=-1, kept=kept, span=(0, len(kept) - 1), site=None)
    author = " ".join(post.author.split()) or credits.author
    canonical = canonicalise(url)
    site = _site(root, post.title)
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
        attachments=attachments,
        next_part=next_part,
        published_at=at,
        published_precision="minute" if at else None,
        origin=credits.origin,
        author=author,
        script=script_of(text),
        replies=post.replies,
        platform="discuz",
        confidence=1.0,
        provenance=provenance,
        **source_fields(source, site),
    )


def _readable(body: etree._Element) -> str:
    """The text of a body that will be left when notes and locked parts are gone."""
    body = copy.deepcopy(body)
    _tidy(body)
    return text_in(body)


def _tidy(body: etree._Element) -> None:
    """Without notes, jammer text, hidden and locked parts; of attached pictures only the pictures."""
    for element in body.xpath(f".//{_NOT_BODY}"):
        take_out(element)
    for holder in body.xpath(".//ignore_js_op"):
        pictures = holder.xpath(".//img[@file or @zoomfile]")
        holder.text = None
        for child in list(holder):
            holder.remove(child)
        for picture in pictures:
            picture.tail = None
            holder.append(picture)
    for element in body.xpath(".//*[contains(@class,'blockcode')]/em"):
        take_out(element)


def _attachments(below: etree._Element | None, url: str) -> tuple[Attachment, ...]:
    if below is None:
        return ()
    found: dict[str, Attachment] = {}
    for link in below.xpath(".//a[contains(@href,'mod=attachment') or contains(@href,'attachment.php')]"):
        name, href = text_in(link), absolute(url, link.get("href"))
        extension = _FILE.search(name)
        if href and extension and extension[1].lower() not in ("jpg", "jpeg", "png", "gif", "webp", "bmp"):
            found.setdefault(href, Attachment(href, name, extension[1].lower()))
    return tuple(found.values())


def _pictures_below(below: etree._Element | None, body: etree._Element, url: str) -> tuple[Block, ...]:
    """Attached pictures that stand after the text."""
    if below is None:
        return ()
    inside = set(body.iter())
    sources = [
        source
        for picture in below.xpath(".//img[@file or @zoomfile]")
        if picture not in inside and (source := absolute(url, picture.get("file") or picture.get("zoomfile")))
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
    match = POSTED.search(text)
    if not match:
        return None
    try:
        year, month, day, hour, minute = map(int, match.groups())
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)
    except ValueError:
        return None


def _site(root: etree._Element, title: str) -> str | None:
    """The forum's name: the last part of the page's title after the thread's."""
    whole = text_in(first_at(root, "//title"))
    separator = r"\s+-\s+"
    if title and whole.startswith(title):  # what joins the parts, with or without spaces, cannot be the thread's own
        whole, separator = whole[len(title) :], r"\s*[-_|–—]+\s*"
    elif len(re.split(separator, whole)) < 2:
        return None
    parts = [p.strip() for p in re.split(separator, whole) if p.strip()]
    parts = [p for p in parts if "powered by" not in p.lower() and p != "手机版"]
    return parts[-1] if parts else None


THREADS = ForumThreads(may_be, read, b"show_threadpage(")
