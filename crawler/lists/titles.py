"""The most complete title that a list gives for an article: the text shown, or the title attribute where the text is cut short."""

from __future__ import annotations

import re
import unicodedata

_CUT = re.compile(r"\s*(?:\.{2,}|…+|。。。+|\[\.\.\.\])\s*$")
_LEAD = re.compile(r"^[\s·•●○■□▪▫◆◇★☆►▶▸»›>|｜*\-–—‐〓※√]+(?=\S)")
_LABELLED = re.compile(
    r"(?:文章|信息)?标\s*题[:：]\s*(.+?)(?=\s*(?:作\s*者|发布|发表|更新|点击|时间|日期|来源)[^:：]{0,4}[:：]|$)",
    re.DOTALL,
)
_PERMANENT = re.compile(
    r"^(?:permanent\s+link|permalink)\s*(?:to|for)?\s*[:：]?\s*|\s*的?(?:永久|固定)链接$|^(?:永久|固定)链接\s*[:：到至]?\s*",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"[\[【(（<《\s]*(?:(?:了解|查阅|浏览|显示)?更多(?:内容|详情)?|(?:learn|read|view|see)?\s?more|view|details?|(?:了解|立即|点此)(?:详情|查看|阅读)?|详情|详细(?:内容|信息)?|查看(?:更多|全文|详情)?|阅读(?:全文|更多|原文)?|全文|下载|点击(?:查看|下载|进入)|进入|打开|返回|浏览|预览|分享|收藏|评论|回复|"
    r"\+|>+|»|›|\.+|…|&gt;)[\]】)）>》»›\s+.…]*",
    re.IGNORECASE,
)


def is_more(text: str) -> bool:
    """Whether a link's text is 更多, [详情], 查看全文 and the like: a way to the article, not its name."""
    return _MORE.fullmatch(text.strip()) is not None


def is_number(text: str) -> bool:
    """Whether a name is a number alone: a page of a pager, a day of a calendar."""
    return text.strip().isdigit()


def is_cut(text: str) -> bool:
    """Whether a title ends in dots because the list had no room for it."""
    return _CUT.search(text) is not None


def cleaned(text: str) -> str:
    """A title without the list's bullet, spaces made plain."""
    text = " ".join(text.split())
    bare = _LEAD.sub("", text)
    return bare or text


def fuller(text: str, hint: str) -> str:
    """The shown text or the title attribute, whichever tells the whole title; a hint that is about something else is left alone."""
    text, hint = cleaned(text), " ".join(hint.split())
    if labelled := _LABELLED.match(hint):
        hint = labelled[1]
    hint = cleaned(_PERMANENT.sub("", hint))
    if not hint or is_more(hint):
        return text
    if not text or is_more(text):
        return hint
    shown, told = _plain(_CUT.sub("", text)), _plain(_CUT.sub("", hint))
    if told == shown and is_cut(text) and not is_cut(hint):
        return hint  # only what closes it was cut: a bracket, a quotation mark
    if not shown or len(told) <= len(shown):
        return text
    if told.startswith(shown) or (is_cut(text) and shown[: max(4, len(shown) // 2)] in told):
        return hint
    return text


def length(text: str) -> float:
    """How long a title is, up to 200: a Han character counts one, a Latin letter or digit a third."""
    return sum(
        1.0 if "\u3400" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" else 0.33 for c in text[:200] if not c.isspace()
    )


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())
