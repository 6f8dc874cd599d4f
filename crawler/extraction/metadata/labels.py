"""Labelled values of bylines: 来源：新华社　作者：张三, with whatever stands between and around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.extraction.metadata.people import DATA
from crawler.normalisation import simplified

# Characters of labels by which a line is told to be in traditional ones.
_TRADITIONAL = re.compile(
    "[來時間發佈表瀏覽點擊閱讀數責編輯據張貼題圖記訊處轉載資網聞採寫攝審監製譯關鍵詞單號體類別實習員業務聯係熱線視頻評論縣創辦報導開國會專門點臺灣們個與為於後從對這]"
)
LABELS: dict[str, str] = DATA["labels"]
# Labels that are never the end of another word stand right behind the value before them, where elements are set apart by style only.
_GLUED = r"(?:稿?来源|作者|责任编辑|责编|编辑|发布时间|发布日期|浏览次数|点击数?|阅读数?|字号|字体)"
ANY_LABEL = re.compile(
    rf"(?:(?<![\u3400-\u9fff])|(?<!图片)(?<!照片)(?<!数据)(?<!资料)(?<!图表)(?={_GLUED}\s*[:：]))(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in LABELS.items())
    + r")\s*[:：／/]\s*"
)
# 来源 glued to what stands before it: 2019-09-26 12:11来源：…
ORIGIN_ANYWHERE = re.compile(rf"(?<![图片数据图表资料])(?:{LABELS['origin']})\s*[:：]\s*")
_STOPS = re.compile(
    r"[|｜]|https?://|www\.|\d{4}\s*[-年/.]\s*\d{1,2}|\d{1,2}[:：]\d{2}|我有话说|我要评论|我来说两句|评论[(（]|\d+\s*人参与|参与互动|字号|小字号|字体|分享|打印|收藏|扫一扫|"
    r"\d+\s*(?:次|评论|阅读)|[（(]\s*(?:编辑|责任编辑|责编|作者|记者|原标题)|[。！？]|出自|阅读|浏览|原创稿|\s[A-Z]{2,}\d+"
)
# 来源 | 新华社, as messenger accounts write it.
_BARRED = re.compile(
    rf"(?:^|(?<=[\s【\[]))(?P<label>{LABELS['origin']}|{LABELS['author']}|{LABELS['editor']})\s*[|｜丨]\s*(?=\S)"
)
_LABEL_ALONE = {name: re.compile(rf"\W*(?:{LABELS[name]})\W*") for name in ("origin", "author")}
_UNCOLONED = re.compile(r"^(?:稿件?|文章|信息|消息|新闻)?来源\s*(?=[\u3400-\u9fff]{2})")
WRAPPING = ' \u3000[]【】()（）:：|｜，,;；-—–·•"“”'
_OUTSIDE = WRAPPING.replace("“", "")


def plain(text: str) -> str:
    """The text in simplified characters, as the labels are written; as long as it was."""
    return simplified(text) if _TRADITIONAL.search(text) else text


def values(text: str) -> Iterator[tuple[str, str]]:
    """Labelled values of a line: (origin|author|editor|other, value), each up to the next label or stop."""
    text = _BARRED.sub(r"\g<label>：", text)
    matches = list(ANY_LABEL.finditer(text))
    if not any(m.lastgroup == "origin" for m in matches) and (glued := ORIGIN_ANYWHERE.search(text)):
        matches = sorted([*matches, glued], key=lambda m: m.start())
    for n, match in enumerate(matches):
        end = matches[n + 1].start() if n + 1 < len(matches) else len(text)
        value = _closed(text[match.end() : end].lstrip(_OUTSIDE))
        stop = _STOPS.search(value)
        if stop and stop.start() > 0:
            value = value[: stop.start()]
        elif stop:
            value = ""
        yield (match.lastgroup or "origin", _stripped(value))


def label_alone(text: str) -> str:
    """origin or author where the text is that label and nothing else, else nothing."""
    return next((name for name, pattern in _LABEL_ALONE.items() if len(text) <= 8 and pattern.fullmatch(text)), "")


def _closed(value: str) -> str:
    """The value up to a bracket that was opened before it."""
    depth = 0
    for n, character in enumerate(value):
        if character in "（([【":
            depth += 1
        elif character in "）)]】":
            depth -= 1
            if depth < 0:
                return value[:n]
    return value


def _stripped(value: str) -> str:
    """Without wrapping on both sides; a bracket that the value itself opens stays, and so does a quotation inside of it."""
    inner = value.strip(WRAPPING)
    if inner and inner.count("”") > inner.count("“") and value[: value.find(inner)].endswith("“"):
        inner = "“" + inner
    after = value[value.find(inner) + len(inner) :] if inner else ""
    return (
        inner + after[0]
        if after[:1] in ("）", ")") and inner.count("（") + inner.count("(") > inner.count("）") + inner.count(")")
        else inner
    )


def origin_of(value: str) -> str:
    """A 来源 without wrapping, codes and the words that follow it."""
    value = _UNCOLONED.sub("", _stripped(value))
    value = re.sub(r"(?:作者|记者|编辑|责编)\s*[:：／/].*$", "", value)
    if value.startswith("《") and value.endswith("》") and value.count("《") == 1:
        value = value[1:-1]
    head, _, rest = value.partition(" ")
    if rest and len(head) >= 2 and not re.search(r"[A-Za-z]$", head):
        value = head  # 新华社 张三: what follows a space is another field
    return value if 2 <= len(value) <= 40 and not re.search(r"https?:|www\.|^\d+$", value) else ""
