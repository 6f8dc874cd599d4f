"""Who wrote the opening post of a Discuz! thread: beside the post, or, where a template leaves that out, elsewhere on the page."""

from __future__ import annotations

import re

from lxml import etree

from crawler.extraction.forum.elements import first_at, text_in

_PROFILE = "(contains(@href,'space-uid-') or contains(@href,'mod=space') or contains(@href,'space-username-') or contains(@href,'space.php?'))"
_UID = re.compile(r"(?:uid[-=]|username[-=])([^&#./]+)")
_OPENER = re.compile(r"楼主\s*\|?\s*$|楼主\s*\|")
_EDITED = re.compile(r"本帖最后由\s*(\S+)\s*于")
_NO_NAME = re.compile(
    r"(?:LV\.?)?\s*\d+|只看该作者|发消息|发短消息|加好友|(?:收听|关注)\s*(?:TA)?|串个门|打招呼|查看详细资料|倒序浏览|个人主页|主题|帖子|积分|更多\W*",
    re.I,
)
_LONGEST = 30


def author_in(post: etree._Element, body: etree._Element | None) -> str:
    """The author as named in the post's own element; '' where it names none."""
    for path in (
        ".//*[starts-with(@id,'favatar')]//*[contains(@class,'authi')]//a",
        ".//*[contains(@class,'authi')]//a[contains(@class,'xw1')]",
        f".//*[contains(@class,'auth')]//a[{_PROFILE}]",
        f".//a[{_PROFILE}]",
    ):
        for link in post.xpath(path):
            if (name := _name(link)) and (body is None or not _is_inside(link, body)):
                return name
    return ""


def thread_starter(root: etree._Element, opening: etree._Element, body: etree._Element) -> str:
    """Who opened the thread, by what the rest of the page says: a later post marked as the opener's, the note of the last edit, the one profile shown beside the posts."""
    for post in root.xpath("//*[starts-with(@id,'pid') or starts-with(@id,'post_')]"):
        marked = post.xpath(".//*[contains(@class,'auth')][contains(.,'楼主')]")
        if any(
            _OPENER.search(own) for e in marked for own in map(str, e.xpath("./text() | ./span/text() | ./em/text()"))
        ):
            return author_in(post, None)
    if edited := _EDITED.search(text_in(first_at(body, ".//*[contains(@class,'pstatus')]"))):
        return edited[1]
    return _profile_beside(root, opening)


def _profile_beside(root: etree._Element, opening: etree._Element) -> str:
    """The name on the card of the only member who is shown outside the posts."""
    names: dict[str, list[str]] = {}
    for link in root.xpath(f"//a[{_PROFILE}]"):
        inside = any(
            (a.get("id") or "").startswith(("pid", "post_", "favatar", "hd", "um", "toptb"))
            for a in link.iterancestors()
        )
        if not inside and not _is_inside(link, opening) and (who := _UID.search(link.get("href") or "")):
            names.setdefault(who[1], [])
            if name := _name(link):
                at = len(names[who[1]]) if link.find(".//img") is not None else 0  # on a picture stands a rank rather
                names[who[1]].insert(at, name)
    shown = [found for found in names.values() if found]
    return shown[0][0] if len(names) == 1 and shown else ""


def _name(link: etree._Element) -> str:
    """The member's name that a link to the profile shows; '' where it shows a picture, a figure or a button."""
    name = text_in(link)
    return name if 0 < len(name) <= _LONGEST and not _NO_NAME.fullmatch(name) else ""


def _is_inside(element: etree._Element, outer: etree._Element) -> bool:
    return any(a is outer for a in element.iterancestors())
