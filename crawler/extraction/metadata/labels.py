"""Labelled values of bylines: 来源：新华社　作者：张三, with whatever stands between and around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from crawler.extraction.metadata.people import DATA, is_organisation
from crawler.normalisation import simplified

# Characters of labels by which a line is told to be in traditional ones.
_TRADITIONAL = re.compile(
    "[來時間發佈表瀏覽點擊閱讀數責編輯據張貼題圖記訊處轉載資網聞採寫攝審監製譯關鍵詞單號體類別實習員業務聯係熱線視頻評論縣創辦報導開國會專門點臺灣們個與為於後從對這]"
)
LABELS: dict[str, str] = DATA["labels"]
# Labels that are never the end of another word stand right behind the value before them, where elements are set apart by style only.
_GLUED = r"(?:稿?来源|作者|责任编辑|责编|编辑|(?:信息)?(?:发布|发表|更新|发文|刊发|录入|添加|上传)?(?:时间|日期)|(?:浏览|点击|阅读|访问)(?:次数|人数|量|数|率)?|人气|字号|字体|审核|校对|关键词|标签|文号|索引号)"
ANY_LABEL = re.compile(
    rf"(?:(?<![\u3400-\u9fff])|(?<!图片)(?<!照片)(?<!数据)(?<!资料)(?<!图表)(?={_GLUED}\s*[:：]))(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in LABELS.items())
    + r")\s*[:：／/]\s*"
)
# 来源 glued to what stands before it: 2019-09-26 12:11来源：…
ORIGIN_ANYWHERE = re.compile(rf"(?<![图片数据图表资料])(?:{LABELS['origin']})\s*[:：]\s*")
_STOPS = re.compile(
    r"[|｜]|https?://|www\.|\d{4}\s*[-年/.]\s*\d{1,2}|\d{1,2}[:：]\d{2}|(?<!\d)\d\d[-/.]\d\d[-/.]\d\d(?!\d)|我有话说|我要评论|我来说两句|评论[(（]|\d+\s*人参与|参与互动|字号|小字号|字体|分享|打印|收藏|扫一扫|"
    r"\d+\s*(?:次|评论|阅读|人)|[（(]\s*(?:编辑|责任编辑|责编|作者|记者|原标题)|[。！？]|出自|阅读|浏览|点击|访问量?|人气|围观|我要纠错|关闭|朗读|复制链接|原创稿|\s[A-Z]{2,}\d+|[【\[]\s*(?=[大小字打关收返])|"
    r"(?:发布|发表|更新|编辑|修改)(?:于|时间|日期)"
)
# 来源 | 新华社, as messenger accounts write it.
_BARRED = re.compile(
    rf"(?:^|(?<=[\s【\[：:]))(?P<label>{LABELS['origin']}|{LABELS['author']}|{LABELS['editor']})\s*[|｜丨]\s*(?=\S)"
)
# 来源 新华社, each in an element of its own.
_SPACED = re.compile(r"(?:^|(?<=[\s【\[]))(?P<label>来源|來源)\s+(?=[\u3400-\u9fff]{2})")
# What a text with a label has somewhere: most lines have nothing of it.
_COLON = re.compile("[:：／/]")
_MAY_LABEL = re.compile("[:：／/|｜丨]|[来來]源")
_LABEL_ALONE = {name: re.compile(rf"\W*(?:{LABELS[name]})\W*") for name in ("origin", "author")}
_UNCOLONED = re.compile(
    r"^(?:(?:稿件?|文章|信息|消息|新闻)?来源\s*(?=[\u3400-\u9fff]{2})|(?:(?:转载?|来|摘|引)自|来源于)\s*[:：]?\s*(?=..))"
)
_NESTED = re.compile(rf"(?:{LABELS['origin']})\s*[:：]\s*")
_UNKNOWN = re.compile("|".join(DATA["unknown"]), re.I)
_NO_PUBLISHER = re.compile("|".join(DATA["no_publisher"]))
_MEDIUM = re.compile("|".join(f"..(?:{word})$" for word in DATA["media"]), re.I)
_LAST_BRACKET = re.compile(r"(?<=..)\s*[（(]\s*(?P<inside>[^（）()]{2,12})\s*[）)]$")
_REMARK = re.compile(r"转载|综合|节选|摘[编要]?|原创|有删[改减节]|记者.*|作者.*|编辑.*|图")
WRAPPING = ' \u3000[]【】()（）:：|｜，,;；-—–·•"“”'
_OUTSIDE = WRAPPING.replace("“", "")


def plain(text: str) -> str:
    """The text in simplified characters, as the labels are written; as long as it was."""
    return simplified(text) if _TRADITIONAL.search(text) else text


@lru_cache(maxsize=1024)  # near the title a line is asked for its values several times
def values(text: str) -> tuple[tuple[str, str], ...]:
    """Labelled values of a line: (origin|author|editor|other, value), each up to the next label or stop."""
    return tuple(_values(text)) if _MAY_LABEL.search(text) else ()


def _values(text: str) -> Iterator[tuple[str, str]]:
    text = _SPACED.sub(r"\g<label>：", _BARRED.sub(r"\g<label>：", text))
    read = plain(text)
    matches = list(ANY_LABEL.finditer(read))
    if not any(m.lastgroup == "origin" for m in matches) and (glued := ORIGIN_ANYWHERE.search(read)):
        matches = sorted([*matches, glued], key=lambda m: m.start())
    for n, match in enumerate(matches):
        end = matches[n + 1].start() if n + 1 < len(matches) else len(text)
        value = _closed(text[match.end() : end].lstrip(_OUTSIDE))
        stop = _STOPS.search(plain(value))
        if stop and stop.start() > 0:
            value = value[: stop.start()]
        elif stop:
            value = ""
        yield (match.lastgroup or "origin", _stripped(value))


def first_label(text: str) -> re.Match[str] | None:
    """Where the first label stands in a text, in simplified characters."""
    return ANY_LABEL.search(plain(text)) if _COLON.search(text) else None


def label_alone(text: str) -> str:
    """origin or author where the text is that label and nothing else, else nothing."""
    if len(text) > 8:
        return ""
    return next((name for name, pattern in _LABEL_ALONE.items() if pattern.fullmatch(plain(text))), "")


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
    """A 来源 without wrapping, codes, the place in brackets and the words that follow it; '' where it names no publisher (未知)."""
    value = _stripped(value)
    for inner in (_NESTED, _UNCOLONED):
        if match := inner.match(plain(value)):
            value = value[match.end() :]
    value = re.sub(r"(?:作者|记者|编辑|责编)\s*[:：／/].*$", "", value)
    if value.startswith("《") and value.endswith("》") and value.count("《") == 1:
        value = value[1:-1]
    head, _, rest = value.partition(" ")
    if rest and len(head) >= 2 and not re.search(r"[A-Za-z]$", head):
        value = head  # 新华社 张三: what follows a space is another field
    if (last := _LAST_BRACKET.search(value)) and (
        _REMARK.fullmatch(plain(last["inside"])) or _is_place(last["inside"])
    ):
        value = value[: last.start()]
    if not 2 <= len(value) <= 40 or re.search(r"https?:|www\.|^[\W\d_]+$", value):
        return ""
    return "" if _UNKNOWN.fullmatch(simplified(value)) else value


def could_publish(text: str) -> bool:
    """Whether words without a label read like the name of a publisher, and not like what else stands beside dates."""
    text = plain(text)
    if _NO_PUBLISHER.search(text):
        return False
    parts = re.split("[·•－—-]", re.sub(r"[（(][^（）()]*[）)]$", "", text))  # 人民网－安徽, 市商务局（口岸办）
    return any(is_organisation(part) or _MEDIUM.search(part) for part in parts)


def _is_place(text: str) -> bool:
    """Whether the text is the name of a place of China and no more."""
    from crawler.sources.regions import find

    return bool(find(text))
