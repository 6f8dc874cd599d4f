"""Chosen lines to blocks: paragraphs, headings, lists, tables and images in reading order; attachments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from crawler.article import Attachment, Block
from crawler.extraction.documents.linked_documents import extension_of
from crawler.extraction.page.lines import Frame, Line, Node, Picture
from crawler.extraction.page.vocabulary import CLASS_BIT, LINE_BIT, line_bits

_DOCUMENT = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|wps|et|rar|zip|7z|ofd|ceb|txt|csv)$", re.I)
_DECORATION = re.compile(
    r"icon|logo|qr_?code|ewm|erweima|spacer|blank|loading|lazy|placeholder|avatar|face|emot|smil|sprite|/share|weixin_|btn|button|arrow|bg[_.]|dot\.|line\.|1x1|pixel|static/image|/none\.|grey\.gif",
    re.I,
)
_CAPTION = re.compile(r"^[▲△▼↑⬆◆]|^(?:图|圖)(?:[一二三四五六七八九十\d]{1,3}|片)?\s*(?:[:：]|为|說|说)")
_CAPTION_CLASS = re.compile(r"caption|img_?desc|pic_?(?:text|desc|info)|photo_?(?:text|desc)|tuzhu")
_SUBHEAD_END = re.compile(r"[。；，、：:;,.！？!?…”」）)]$")
_LONGEST_SUBHEAD = 40
_LONGEST_CAPTION = 120


def blocks_of(frame: Frame, kept: Sequence[bool], root: int) -> tuple[Block, ...]:
    """The blocks of the kept lines, with the images that stand between them. `root` is the node that holds the body, or -1."""
    lines = frame.lines
    indices = [i for i, k in enumerate(kept) if k]
    if not indices:
        return ()
    pictures = _pictures(frame, indices[0], indices[-1], root)
    out: list[Block] = []
    n = 0
    p = 0
    while n < len(indices):
        i = indices[n]
        captioned = False
        while p < len(pictures) and pictures[p].before <= i:
            caption = _caption(frame, i) if pictures[p].before >= (indices[n - 1] + 1 if n else 0) else ""
            last = p + 1 >= len(pictures) or pictures[p + 1].before > i
            use = caption if last else ""
            out.append(Block("image", text=use, src=pictures[p].src))
            captioned = captioned or bool(use)
            p += 1
        if captioned:
            n += 1
            continue
        table = _table(frame, i, root)
        if table is not None:
            end = n
            while end < len(indices) and frame.is_below(lines[indices[end]].node, table.index):
                end += 1
            inner = indices[n:end]
            rows = _rows(frame, inner, table.index)
            if _is_data(rows) and all(_table(frame, j, root) is table for j in inner):
                out.append(Block("table", rows=rows))
                n = end
                continue
        item = _ancestor(frame, i, root, ("li",))
        if item is not None and item.parent >= 0 and frame.nodes[item.parent].tag in ("ul", "ol"):
            parent = frame.nodes[item.parent]
            end = n
            while end < len(indices) and frame.is_below(lines[indices[end]].node, parent.index):
                end += 1
            items = _items(frame, indices[n:end], parent.index)
            out.append(Block("list", items=items, ordered=parent.tag == "ol"))
            n = end
            continue
        if _ancestor(frame, i, root, ("pre",)) is not None:
            end = n + 1
            while (
                end < len(indices)
                and indices[end] == indices[end - 1] + 1
                and lines[indices[end]].node == lines[i].node
            ):
                end += 1
            out.append(Block("paragraph", text="\n".join(lines[j].text for j in indices[n:end])))
            n = end
            continue
        out.append(_plain(frame, lines[i], root))
        n += 1
    out += [Block("image", src=picture.src) for picture in pictures[p:]]
    return tuple(out)


def attachments_of(frame: Frame, kept: Sequence[bool]) -> tuple[Attachment, ...]:
    """Documents that the body or what follows it closely links, each once."""
    indices = [i for i, k in enumerate(kept) if k]
    if not indices:
        return ()
    found: dict[str, Attachment] = {}
    for anchor in frame.anchors:
        match = _DOCUMENT.search(urlsplit(anchor.href).path) or re.search(
            r"[?&=/]([^?&=/]+\.(pdf|docx?|xlsx?|pptx?|wps|ofd|zip|rar))(?:&|$)", anchor.href, re.I
        )
        extension = (
            match[match.lastindex or 1].lower().rpartition(".")[2] if match else extension_of(anchor.href, anchor.text)
        )
        near = indices[0] - 2 <= anchor.line <= indices[-1] + 12
        if extension and near and not re.search(r"(?:apk|app|client|客户端)", anchor.href + anchor.text, re.I):
            found.setdefault(anchor.href, Attachment(anchor.href, anchor.text, extension))
    return tuple(found.values())


def is_decoration(src: str) -> bool:
    """Whether a picture's address is that of an icon, a logo, a code to scan or the like."""
    return bool(_DECORATION.search(src))


def _pictures(frame: Frame, first: int, last: int, root: int) -> list[Picture]:
    """Images inside the body, without decoration and without repeats."""
    out: list[Picture] = []
    seen: set[str] = set()
    for picture in frame.pictures:
        inside = root < 0 or frame.is_below(picture.node, root)
        near = first - 4 <= picture.before <= last + 3 if root >= 0 else first <= picture.before <= last + 1
        if inside and near and picture.src not in seen and not is_decoration(picture.src):
            seen.add(picture.src)
            out.append(picture)
    return out


def _caption(frame: Frame, i: int) -> str:
    """The line as a caption, '' where it is none."""
    text = frame.lines[i].text
    if len(text) > _LONGEST_CAPTION:
        return ""
    if _CAPTION.match(text):
        return text
    for depth, node in enumerate(frame.ancestors(frame.lines[i].node)):
        if depth > 2:
            break
        if node.tag == "figcaption" or _CAPTION_CLASS.search(node.words):
            return text
    return text if line_bits(text) & LINE_BIT["caption"] and len(text) < 60 else ""


def _ancestor(frame: Frame, i: int, root: int, tags: tuple[str, ...]) -> Node | None:
    for node in frame.ancestors(frame.lines[i].node):
        if node.index == root and node.tag not in tags:
            return None
        if node.tag in tags:
            return node
        if node.tag in ("table", "div", "section", "article"):
            return None
    return None


def _table(frame: Frame, i: int, root: int) -> Node | None:
    """The innermost table around a line, at or below the root."""
    for node in frame.ancestors(frame.lines[i].node):
        if node.tag == "table":
            return node
        if node.index == root:
            return None
    return None


def _rows(frame: Frame, indices: Sequence[int], table: int) -> tuple[tuple[str, ...], ...]:
    rows: dict[int, dict[int, list[str]]] = {}
    for i in indices:
        row = cell = table
        for node in frame.ancestors(frame.lines[i].node):
            if node.index == table:
                break
            if node.tag in ("td", "th") and cell == table:
                cell = node.index
            elif node.tag == "tr" and row == table:
                row = node.index
        rows.setdefault(row, {}).setdefault(cell, []).append(frame.lines[i].text)
    return tuple(tuple(" ".join(texts) for texts in cells.values()) for cells in rows.values())


def _is_data(rows: tuple[tuple[str, ...], ...]) -> bool:
    """Whether a table carries data; layout tables hold paragraphs in one cell."""
    wide = sum(len(row) > 1 for row in rows)
    if len(rows) < 2 or wide * 2 < len(rows):
        return False
    cells = [cell for row in rows for cell in row]
    return sum(len(c) > 300 for c in cells) * 4 <= len(cells)


def _items(frame: Frame, indices: Sequence[int], parent: int) -> tuple[str, ...]:
    items: dict[int, list[str]] = {}
    for i in indices:
        item = parent
        for node in frame.ancestors(frame.lines[i].node):
            if node.index == parent:
                break
            item = node.index
        items.setdefault(item, []).append(frame.lines[i].text)
    return tuple(" ".join(texts) for texts in items.values())


def _plain(frame: Frame, line: Line, root: int) -> Block:
    """A heading or a paragraph."""
    text = line.text
    for depth, node in enumerate(frame.ancestors(line.node)):
        if depth > 2 or node.index == root:
            break
        if len(node.tag) == 2 and node.tag[0] == "h" and node.tag[1] in "123456" and len(text) <= 80:
            return Block("heading", text=text, level=int(node.tag[1]))
    is_bold = line.bold * 10 >= len(text) * 9
    if (
        is_bold
        and 2 <= len(text) <= _LONGEST_SUBHEAD
        and not _SUBHEAD_END.search(text)
        and not frame.nodes[line.node].bits & CLASS_BIT["byline"]
    ):
        return Block("heading", text=text, level=3)
    return Block("paragraph", text=text)
