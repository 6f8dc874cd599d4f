"""Pages without a text of their own: pictures, or an empty page that a script fills. The lines chosen there are menus and footers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.article import Block
from crawler.extraction.body.blocks import is_decoration
from crawler.extraction.body.cleaning import is_statement
from crawler.extraction.metadata.title import key, segments
from crawler.extraction.page.lines import Frame, Line
from crawler.extraction.page.vocabulary import CLASS_BIT, LINE_BIT, line_bits

SURE = 0.6  # confidence from which a line needs no proof but that it is no chrome
_HOPELESS = 0.15  # below this only a table of data or a known body container is believed
_LEAST_PROSE = 12  # characters
_FOOTER_LINES = 2  # lines of addresses and numbers beside whose site it is
_LONG = 600  # characters that no line of a page's chrome has
_PLACEHOLDER = re.compile(
    r"^\W*(?:(?:正在|数据|内容|页面|努力|拼命|玩命)*(?:加载|载入|读取|跳转)(?:中|数据|内容|页面)?|loading|please wait|请稍[候后等]|稍等|"
    r"(?:您|你)(?:的|当前的?|使用的?)*浏览器.{0,30}(?:不支持|版本过低|禁用|未启用)|(?:请|需要?)(?:您|先)?(?:开启|启用|打开|允许|升级).{0,12}(?:javascript|脚本|浏览器|flash)|"
    r"(?:本|此)(?:页|网站|应用|系统).{0,10}需要.{0,16}(?:javascript|脚本|浏览器)|we're sorry but|enable javascript|暂无(?:内容|数据|信息|相关)|"
    r"(?:您)?访问的链接即将离开|正在前往外部链接)",
    re.I,
)
_CHROME = sum(
    LINE_BIT[name]
    for name in (
        "copyright",
        "contact",
        "disclaimer",
        "client",
        "related",
        "nav",
        "login",
        "comment",
        "share",
        "counter",
    )
)
_FOOTER = sum(LINE_BIT[name] for name in ("copyright", "contact", "disclaimer"))
_BYLINE = sum(LINE_BIT[name] for name in ("source", "author", "editor", "date", "counter", "share", "index"))
_OTHER_PICTURES = sum(
    CLASS_BIT[name]
    for name in ("nav", "head", "foot", "side", "related", "comment", "share", "advert", "account", "pages")
)
_NEAR = 6  # lines below the title
_CRUMB = re.compile(r"[>＞»›→]|::|^\W*首页")


def is_no_body(frame: Frame, kept: Sequence[bool], title: str, confidence: float, *, container: bool) -> bool:
    """Whether the kept lines are chrome only. `confidence` is that of the choice; `container`: they are a known body container's."""
    titles = {key(title), *(key(part) for part in segments(frame.title)), key(frame.title)} - {""}
    rights = [i for i, k in enumerate(kept) if k and line_bits(frame.lines[i].text) & LINE_BIT["copyright"]]

    def is_own(i: int) -> bool:
        line = frame.lines[i]
        if not _is_sentence(line.text) and any(abs(i - at) <= _FOOTER_LINES for at in rights):
            return False
        return key(line.text) not in titles and not _is_chrome(frame, line)

    if confidence >= SURE:
        return not any(k and is_own(i) for i, k in enumerate(kept))
    own = [i for i, k in enumerate(kept) if k and is_own(i)]
    if not own:
        return True
    lines = [frame.lines[i] for i in own]
    if _is_table_of_data(frame, own) or any(len(line.text) >= _LONG for line in lines):
        return False
    if container:
        return not any(
            len(line.text) >= 6 and (_is_sentence(line.text) or not line_bits(line.text) & _CHROME) for line in lines
        )
    if confidence < _HOPELESS:
        return True
    prose = sum(len(line.text) for line in lines if _is_sentence(line.text) and not line_bits(line.text) & _FOOTER)
    return prose < _LEAST_PROSE


def _is_chrome(frame: Frame, line: Line) -> bool:
    """Whether a line is no article's by what it says or where it stands: a link, a footer, a byline, a breadcrumb, a placeholder."""
    text = line.text
    if line.linked * 2 > len(text) or _PLACEHOLDER.match(text):
        return True
    if is_statement(text):
        return True
    says = line_bits(text)
    if says & (LINE_BIT["copyright"] | LINE_BIT["contact"]) and not _is_sentence(text):
        return True
    if len(text) <= 80 and says & (_BYLINE | LINE_BIT["nav"]) and not _is_sentence(text):
        return True
    if len(text) <= 60 and says & LINE_BIT["nav"] and _CRUMB.search(text) and not _is_sentence(text):
        return True
    bits = 0
    for depth, node in enumerate(frame.ancestors(line.node)):
        if depth == 3:
            break
        bits |= node.bits
    return bool(bits & CLASS_BIT["foot"]) and bool(says & _CHROME)


def _is_sentence(text: str) -> bool:
    return "。" in text or "，" in text


def _is_table_of_data(frame: Frame, lines: Sequence[int]) -> bool:
    """Whether most of the lines are cells of one table with several cells to a row."""
    tables: dict[int, set[int]] = {}
    known: dict[int, tuple[int, bool, bool]] = {}
    for i in lines:
        table, row, cell = _in_table(frame, frame.lines[i].node, known)
        if row and cell:
            tables.setdefault(table, set()).add(i)
    most = max(tables.values(), key=len, default=set())
    rows = len({next(n.index for n in frame.ancestors(frame.lines[i].node) if n.tag == "tr") for i in most})
    return len(most) * 3 >= len(lines) * 2 and rows >= 2 and len(most) >= 2 * rows


def _in_table(frame: Frame, node: int, known: dict[int, tuple[int, bool, bool]]) -> tuple[int, bool, bool]:
    """The table around a node, -1 for none, and whether a row and a cell of it are; `known` of nodes met before: elements may be nested as deeply as there are lines."""
    path = []
    while node >= 0 and node not in known:
        path.append(node)
        node = frame.nodes[node].parent
    table, row, cell = known.get(node, (-1, False, False))
    for inner in reversed(path):
        tag = frame.nodes[inner].tag
        if tag == "table":
            table, row, cell = inner, False, False
        elif table >= 0:
            row, cell = row or tag == "tr", cell or tag in ("td", "th")
        known[inner] = table, row, cell
    return table, row, cell


def pictures_instead(frame: Frame, title: int) -> tuple[Block, ...]:
    """The pictures that stand where the text should: below the title at line `title`, or in an element that is named as a body's."""
    out: dict[str, Block] = {}
    for picture in frame.pictures:
        around = [node for node in frame.ancestors(picture.node) if node.tag not in ("body", "html")][:6]
        if any(node.hidden or node.bits & _OTHER_PICTURES for node in around) or is_decoration(picture.src):
            continue
        if 0 <= title < picture.before <= title + _NEAR or any(node.bits & CLASS_BIT["body"] for node in around):
            out.setdefault(picture.src, Block("image", src=picture.src))
    return tuple(out.values())
