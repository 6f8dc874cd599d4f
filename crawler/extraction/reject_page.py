"""What is no article: files that are no pages, challenges, walls, errors; each with one reason in Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from crawler.article import ExtractionError, NotAnArticle
from crawler.extraction.page.lines import Frame

_DATA = tomllib.loads(Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8"))
_LITTLE: int = _DATA["little"]
_REASONS = [(entry["reason"], re.compile(entry["words"], re.I)) for entry in _DATA["reasons"]]
_SCRIPT_ONLY, _EMPTY = "只有脚本的页面", "空白页面"
_PASSING = (*(entry["reason"] for entry in _DATA["reasons"] if entry.get("passing")), _SCRIPT_ONLY, _EMPTY)
_NOT_SAID = re.compile(r"(?is)<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>|&nbsp;")
_FILES = (
    (b"%PDF", "PDF 文件"),
    (b"PK\x03\x04", "压缩包或 Office 文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "压缩包"),
    (b"\x1f\x8b", "压缩数据"),
    (b"7z\xbc\xaf", "压缩包"),
)
_ERROR_TEXT = 120  # characters of a text that may be an error's whole message
_MOST_MARKUP = 100_000  # characters of a page that says no more than that
_APOLOGY = re.compile(r"对不起|抱歉|很遗憾|温馨提示|系统提示|提示信息|您访问|你访问|您查看|sorry", re.I)
_CONTROL = bytes(b for b in range(32) if b not in b"\t\n\x0b\f\r\x1b")
_SCRIPTED = re.compile(
    r"document\s*\.\s*cookie\s*=|location\s*(?:\.\s*(?:href|replace|reload|assign))?\s*[=(]|\$_ts\s*=|eval\s*\(|atob\s*\(|setTimeout"
)
_ERROR_TITLE = re.compile(
    r"^\W*(?:404|403|500|502|503|error|错误|出错|提示信息|页面不存在|页面没有找到|访问出错|系统提示|not found|无法访问|访问受限|登录|用户登录|安全验证|频繁刷新限制|页面重载开启|防止恶意刷新)",
    re.I,
)


def reject_file(content: bytes) -> None:
    """Raise where the bytes are no page at all."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not content.strip(b" \t\r\n\x00"):
        raise NotAnArticle(f"{_EMPTY}，没有内容")
    for magic, kind in _FILES:
        if head.startswith(magic):
            raise ExtractionError(f"这是{' ' if kind[0].isascii() else ''}{kind}，不是网页")
    if head[:1] in (b"{", b"[") and b"<" not in content[:200]:
        raise ExtractionError("这是 JSON 数据，不是网页")
    sample = content[:4096]
    control = len(sample) - len(sample.translate(None, _CONTROL))
    if control * 10 > len(sample) and b"<\x00" not in sample and b"\x00<" not in sample:
        raise ExtractionError("这是二进制数据，不是网页")


def reject_page(frame: Frame, html: str) -> None:
    """Raise NotAnArticle where a page with little text is a challenge, a wall or an error."""
    text = " ".join(line.text for line in frame.lines)
    visible = len(text.replace(" ", ""))
    words = f"{frame.title} {text}"
    if visible <= _LITTLE:
        bare = visible < 80 or _ERROR_TITLE.search(frame.title)
        for reason, pattern in _REASONS:
            if (match := pattern.search(words)) and (bare or _is_mostly(match[0], frame)):
                raise NotAnArticle(f"{reason}：{_shortened(match[0])}")
        if visible < 40 and (frame.scripts or "<script" in html.lower()) and (_SCRIPTED.search(html) or not visible):
            raise NotAnArticle(f"{_SCRIPT_ONLY}：设置 Cookie、跳转或由脚本生成内容")
    elif visible <= 4 * _LITTLE and _ERROR_TITLE.search(frame.title):
        for reason, pattern in _REASONS:
            if match := pattern.search(words):
                raise NotAnArticle(f"{reason}：{_shortened(match[0])}")


def reject_error(texts: Iterable[str]) -> None:
    """Raise NotAnArticle where one of the texts on a page, none of which is an article's, is an error's: the frame around it is the site's."""
    for text in texts:
        _reject_error(text)


def _reject_error(text: str) -> None:
    if len(text) > _ERROR_TEXT:
        return
    for reason, pattern in _REASONS:
        if (
            reason in _PASSING
            and (match := pattern.search(text))
            and (len(match[0]) * 4 >= len(text) or _APOLOGY.search(text))
        ):
            raise NotAnArticle(f"{reason}：{_shortened(match[0])}")


def passing_error(html: str) -> str | None:
    """In words, that a page with hardly any text says that it is not to be had now, or not there; None where it says something else."""
    if len(html) > _MOST_MARKUP:
        return None
    said = "".join(_NOT_SAID.sub("", html).split())
    if len(said) > _ERROR_TEXT:
        return None
    for reason, pattern in _REASONS:
        if reason in _PASSING and (match := pattern.search(said)):
            return f"{reason}：{_shortened(match[0])}"
    return None


def is_passing(reason: str) -> bool:
    """Whether a refusal is of a kind that another night may lift: an error, a server at its limits, a page that only a script fills."""
    return reason.startswith(_PASSING)


def _is_mostly(word: str, frame: Frame) -> bool:
    """Whether the page's longest text without links says it, so that it is what the page has to say."""
    spoken = [line.text for line in frame.lines if line.linked * 2 < len(line.text)]
    return bool(spoken) and word in max(spoken, key=len) and sum(map(len, spoken)) < 160


def _shortened(text: str) -> str:
    return text if len(text) <= 20 else text[:20] + "…"
