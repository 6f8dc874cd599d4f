"""From scores to the lines of the body: the element with the highest total score, the best run of lines in it, and the gaps in that run filled."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crawler.extraction.page.lines import LEAVES, Frame, Line, Node, is_prose
from crawler.extraction.page.vocabulary import is_body_container

_POWER = 0.7
_LEAVING_OUT = 30.0  # what it costs to leave a child element out: few cuts are better than many
_DROPPING = 3.0  # a part of the chosen element is dropped where its lines are worth less than minus this
_ENOUGH = 60  # characters; where fewer are chosen, every score is raised
_SHARE = 0.35  # of the page's prose; where less is chosen, scores are raised on, up to _FAR
_PLENTY = 400  # characters that need no share
_FAR = 1.5
_RAISES = (0.0, 0.7, 1.5, 2.5, 3.5, 5.0)
_FILL = -3.0  # lines inside the stretch are taken above this score
_AS_PARAGRAPHS = frozenset(("h2", "h3", "h4", "h5", "h6", "div", "section"))
_SIGN_OFF_LEAST = -7.0
_FILL_TIGHT = -4.0
_FILL_CONTAINER = -6.0
_FILL_TABLE = -6.0
_EXTEND_AFTER, _EXTEND_BEFORE = -2.6, -4.0
_CAP = 4.0
_NEGATIVE = 0.7  # what negative lines weigh against positive ones


# Who signed an official document, the day, what goes with it and to whom: the last lines of its body.
_SIGN_OFF = re.compile(
    r"^\W*(?:(?:(?:19|20)\d\d|[二〇○零一三四五六七八九O]{4})\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日"
    r"|[\u3400-\u9fff（）()]{3,28}(?:政府|办公室|办公厅|委员会|管委会|领导小组|局|厅|部|署|院|中心|公司|委|协会|联合会|指挥部)|附件\s*\d*\s*[:：].{2,60}|此件.{2,10}|抄送\s*[:：].{2,80})\W*$"
)


_LEADS = re.compile(r"[:：]\W*$|如下|一览|名单|明细|[见附]表|表\W*\d*\W*$")
_DAY = re.compile(r"[\s\d\[\]()（）:：/.年月日-]*")
_MOST_TAKEN, _MOST_NAMES = 6, 30  # lines that are taken beside the chosen ones, names of attachments not counted
_LONGEST_NAME = 30  # characters of a linked name in a table


_ATTACHED = re.compile(
    r"^\W*附\s*件|\.(?:docx?|xlsx?|pdf|pptx?|wps|et|ofd|zip|rar|jpe?g|png)\W*$|^\W*\d{1,2}\s*[.、．]\s*[《\u3400-\u9fff]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which lines were chosen; `raised` says by how much the scores had to be raised for it; `container` names a known body container that decided."""

    root: int
    kept: list[bool]
    raised: float
    container: int = -1


def choose(frame: Frame, scores: Sequence[float]) -> Selection:
    """The lines of the body."""
    chosen = _scored(frame, scores)
    container = _known_container(frame)
    if container is not None and not _agrees(frame, chosen, container):
        kept = [
            frame.is_below(line.node, container.index) and (score > _FILL_CONTAINER or not _is_link(line))
            for line, score in zip(frame.lines, scores, strict=True)
        ]
        return Selection(container.index, kept, 0.0, container.index)
    if container is not None and _is_tight(frame, container):
        for i in range(container.first, container.last + 1):
            if (
                scores[i] > _FILL_TIGHT
                and not _is_link(frame.lines[i])
                and frame.is_below(frame.lines[i].node, container.index)
            ):
                chosen.kept[i] = True
    return chosen


def _is_tight(frame: Frame, container: Node) -> bool:
    """Whether the container holds the body and little else: no other known container in it, few links."""
    if container.linked * 4 > container.size:
        return False
    for node in frame.nodes[container.index + 1 :]:
        if not frame.is_below(node.index, container.index):
            break
        if node.words and node.size >= 15 and is_body_container(node.words) and node.size < 0.9 * container.size:
            return False
    return True


def _scored(frame: Frame, scores: Sequence[float]) -> Selection:
    best = Selection(-1, [False] * len(frame.lines), 0.0)
    prose = sum(len(line.text) for line in frame.lines if is_prose(line) and not _is_link(line))
    for raised in _RAISES:
        found = _attempt(frame, scores, raised)
        if found.root < 0:
            continue
        best = found
        size = _characters(frame, found.kept)
        if size >= _ENOUGH and (raised >= _FAR or size >= _SHARE * prose or (size >= _PLENTY and not raised)):
            break
    if best.root >= 0:
        lifted = [s + best.raised for s in scores]
        _fill(frame, best, lifted)
        _extend(frame, best, lifted)
    return best


def _attempt(frame: Frame, scores: Sequence[float], raised: float) -> Selection:
    worth = []
    for line, score in zip(frame.lines, scores, strict=True):
        value = max(-_CAP, min(_CAP, score + raised)) * len(line.text) ** _POWER
        worth.append(value if value > 0 else value * _NEGATIVE)
    root, kept = _subtree(frame, worth)
    if root >= 0:
        first, last = _stretch(frame, worth, root, kept)
        kept = [k and first <= i <= last for i, k in enumerate(kept)]
    return Selection(root, kept, raised)


def _subtree(frame: Frame, worth: Sequence[float]) -> tuple[int, list[bool]]:
    """(root, lines that lie in it and in no part that was left out): the subtree of most worth, in time linear in the page."""
    nodes, lines = frame.nodes, frame.lines
    value = [0.0] * len(nodes)
    for line, w in zip(lines, worth, strict=True):
        value[line.node] += w
    own = value.copy()
    best, root = 0.0, -1
    for node in reversed(nodes):
        v = value[node.index]
        if v > best or (v == best and v > 0):
            best, root = v, node.index
        if node.parent >= 0:
            value[node.parent] += max(v, -_LEAVING_OUT)
    if root < 0:
        return -1, [False] * len(lines)
    kept = [True] * len(nodes)
    for node in reversed(nodes[root:]):
        v = own[node.index]
        if v < -_DROPPING:
            kept[node.index] = False
        elif node.parent >= root:
            own[node.parent] += v
    inside = [False] * len(nodes)
    for node in nodes[root:]:
        inside[node.index] = node.index == root or (node.parent >= root and inside[node.parent] and kept[node.index])
    return root, [inside[line.node] for line in lines]


def _stretch(frame: Frame, worth: Sequence[float], root: int, kept: Sequence[bool]) -> tuple[int, int]:
    """First and last line of the run of the kept lines that is worth most."""
    node = frame.nodes[root]
    best = current = 0.0
    first, last, start = node.first, node.last, node.first
    for i in range(node.first, node.last + 1):
        if not kept[i]:
            continue
        if current <= 0:
            current, start = 0.0, i
        current += worth[i]
        if current > best:
            best, first, last = current, start, i
    return first, last


def _fill(frame: Frame, chosen: Selection, scores: Sequence[float]) -> None:
    """Take the lines between chosen ones too, unless they are very unlikely or links; and the rest of tables of which a part was chosen."""
    kept, lines = chosen.kept, frame.lines
    indices = [i for i, k in enumerate(kept) if k]
    if not indices:
        return
    tables: dict[int, int] = {}
    for i in indices:
        if (table := _table_of(frame, i)) >= 0:
            tables[table] = tables.get(table, 0) + len(lines[i].text)
    whole = {
        t
        for t, size in tables.items()
        if size * 5 >= frame.nodes[t].size - frame.nodes[t].linked and _holds_data(frame, t)
    }
    before = set(indices)
    for i in range(indices[0], indices[-1] + 1):
        if not kept[i] and not _is_link(lines[i]) and frame.is_below(lines[i].node, chosen.root):
            kept[i] = scores[i] > _FILL
    whole |= {
        node.index
        for node in frame.nodes[chosen.root :]
        if node.tag == "table"
        and indices[0] < node.first
        and node.last < indices[-1]
        and _stands_in_text(frame, node, before)
        and _holds_data(frame, node.index)
        and frame.is_below(node.index, chosen.root)
    }
    for table in whole:
        node = frame.nodes[table]
        for i in range(node.first, node.last + 1):
            if scores[i] > _FILL_TABLE and frame.is_below(lines[i].node, table):
                kept[i] = True


def _extend(frame: Frame, chosen: Selection, scores: Sequence[float]) -> None:
    """Take the neighbours of the first and the last line that have the same parent: sign-offs, dates, short leads."""
    kept, lines, nodes = chosen.kept, frame.lines, frame.nodes
    indices = [i for i, k in enumerate(kept) if k]
    if not indices:
        return
    names: list[int] = []  # lines of links to attachments, which stand between a text and who signed it
    for edge, step, least in ((indices[-1], 1, _EXTEND_AFTER), (indices[0], -1, _EXTEND_BEFORE)):
        home = _home(nodes, lines[edge])
        for i in range(edge + step, edge + _MOST_NAMES * step, step):
            if not 0 <= i < len(lines) or _home(nodes, lines[i]) != home or abs(i - edge) - len(names) > _MOST_TAKEN:
                break
            if _is_link(lines[i]):
                if step > 0 and _ATTACHED.search(lines[i].text):
                    names.append(i)
                    continue
                break
            if scores[i] <= (_SIGN_OFF_LEAST if step > 0 and _SIGN_OFF.match(lines[i].text) else least):
                break
            kept[i] = True
        for i in names:
            kept[i] = True


def _home(nodes: Sequence[Node], line: Line) -> tuple[int, str]:
    """Parent and tag of a line's element; of a line that stands right in a container, the container itself."""
    node = nodes[line.node]
    return (
        (node.parent, "p" if node.tag in _AS_PARAGRAPHS else node.tag)
        if node.tag in LEAVES or node.first == node.last
        else (node.index, "")
    )


def _table_of(frame: Frame, i: int) -> int:
    """The innermost table right around a line, with nothing between them but cells and inline tags; -1 where there is none."""
    for node in frame.ancestors(frame.lines[i].node):
        if node.tag == "table":
            return node.index
        if node.tag not in ("td", "th", "tr", "tbody", "thead", "p", "span", "font", "b", "strong", "div"):
            return -1
    return -1


def _holds_data(frame: Frame, table: int) -> bool:
    """Whether a table is no layout: few links or rows that say more than their links, no table inside."""
    node = frame.nodes[table]
    if node.linked * 5 > node.size and not _says_more_than_links(frame, node):
        return False
    for below in frame.nodes[table + 1 :]:
        if not frame.is_below(below.index, table):
            return True
        if below.tag == "table":
            return False
    return True


def _stands_in_text(frame: Frame, table: Node, chosen: Collection[int]) -> bool:
    """Whether the text around a table goes right up to it, or leads to it: 项目如下："""
    return {table.first - 1, table.last + 1} <= set(chosen) or bool(_LEADS.search(frame.lines[table.first - 1].text))


def _says_more_than_links(frame: Frame, table: Node) -> bool:
    """Whether most rows have a cell beside the linked one that says something other than a day: names of projects with their sums, no headlines."""
    rows: dict[int, list[Line]] = {}
    for line in frame.lines[table.first : table.last + 1]:
        row = next((node.index for node in frame.ancestors(line.node) if node.tag == "tr"), table.index)
        rows.setdefault(row, []).append(line)
    telling = sum(
        any(not _is_link(cell) and not _DAY.fullmatch(cell.text) for cell in cells) for cells in rows.values()
    )
    short = all(len(line.text) <= _LONGEST_NAME for cells in rows.values() for line in cells if _is_link(line))
    return len(rows) > 1 and short and telling * 3 >= len(rows) * 2


def _is_link(line: Line) -> bool:
    return line.linked * 2 > len(line.text)


def _characters(frame: Frame, kept: Sequence[bool]) -> int:
    return sum(len(line.text) for line, k in zip(frame.lines, kept, strict=True) if k and not _is_link(line))


def _known_container(frame: Frame) -> Node | None:
    """The innermost known body container with most of the text of the first one on the page."""
    found: Node | None = None
    for node in frame.nodes:
        if found is not None and not frame.is_below(node.index, found.index):
            break
        if (
            node.words
            and not node.hidden
            and node.size - node.linked >= 15
            and node.tag not in ("body", "h1", "h2", "a", "span")
            and is_body_container(node.words)
            and (found is None or node.size >= 0.7 * found.size)
        ):
            found = node
    return found


def _agrees(frame: Frame, chosen: Selection, container: Node) -> bool:
    """Whether what was chosen by score goes before the known container: it has prose before it, or most of its text and no later post."""
    before = inside = after = 0
    for i, (line, k) in enumerate(zip(frame.lines, chosen.kept, strict=True)):
        if k and not _is_link(line):
            size = len(line.text)
            if frame.is_below(line.node, container.index):
                inside += size
            elif i < container.first:
                before += size
            else:
                after += size
    if before >= _ENOUGH and before > container.size / 4 and not chosen.raised:
        return True
    whole = container.size - container.linked
    return not chosen.raised and after * 2 <= inside and (inside * 2 >= whole or inside >= 2 * _ENOUGH)
