"""Lines that were chosen and are not the article: bylines above it, credits and statements below it, buttons anywhere."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from crawler.extraction.metadata.date_parsing import dates, plain_digits
from crawler.extraction.metadata.title import key
from crawler.extraction.page.lines import Frame, is_prose
from crawler.extraction.page.vocabulary import LINE_BIT, line_bits

_DATA = tomllib.loads(Path(__file__).with_name("cleaning.toml").read_text(encoding="utf-8"))
_SHORT = 60
_LITTLE = 15
_LABEL, _VALUE = 8, 30  # characters of a byline's cells
_SAMPLE = 2000  # characters that tell the script
_OPENING = r"[\s\[【（(「<《*※●◆■▲#·•\-—]*"


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile(_OPENING + "(?:" + "|".join(f"(?:{p})" for p in patterns) + ")", re.I)


_ANYWHERE = _any(_DATA["anywhere"])
_HEAD = _any(_DATA["head"])
_TAIL = _any(_DATA["tail"])
_INDEX = re.compile(_DATA["index"])
_RIGHTS = re.compile(_DATA["rights"])
_SITES = re.compile(_DATA["sites"])
_END = _any([_DATA["end"]])
_SENTENCE = re.compile("[，。；！？]")


def is_statement(text: str) -> bool:
    """Whether a line is one of those that follow an article or stand in a site's footer."""
    return (len(text) <= 200 and bool(_TAIL.match(text) or _ANYWHERE.match(text))) or is_disclaimer(text)


def is_disclaimer(text: str) -> bool:
    """Whether a line says, in two ways at least, whose the rights to what a site shows are and who answers for it."""
    return len(text) <= 500 and len({match[0] for match in _RIGHTS.finditer(text)}) > 1 and bool(_SITES.search(text))


def clean(frame: Frame, kept: list[bool], title: str) -> list[bool]:
    """`kept` without what is not the article. A body is never cleaned away whole."""
    lines = frame.lines
    indices = [i for i, k in enumerate(kept) if k]
    said = _simplified([lines[i].text for i in indices])
    words = dict(zip(indices, said, strict=True))
    stay = [i for i in indices if len(lines[i].text) > 80 or not _ANYWHERE.match(words[i])]
    stay = _without_tail(frame, _without_head(frame, stay, key(title), words), words)
    if not stay:
        stay = indices
    chosen = set(stay)
    return [i in chosen for i in range(len(lines))]


def _simplified(texts: list[str]) -> list[str]:
    """The lines in simplified characters, in which the wordings are written; as they are where they are simplified."""
    from crawler.normalisation import normalise, script_of

    return [normalise(text) for text in texts] if script_of("".join(texts)[:_SAMPLE]) == "hant" else texts


def _without_head(frame: Frame, indices: list[int], title: str, words: Mapping[int, str]) -> list[int]:
    """Without title, byline and date above the first paragraph."""
    lines = frame.lines
    indices = _without_index(frame, indices, title)
    size = sum(len(lines[i].text) for i in indices)
    dropped: set[int] = set()
    ordinary = 0
    for i in indices:
        text = lines[i].text
        own = key(text)
        if title and own == title and size - len(text) >= _SHORT:
            dropped.add(i)  # of a short post it may be the text
        elif len(text) <= 80 and (
            _HEAD.match(words[i]) or _HEAD.match(lines[i].parted) or _is_byline(text) or _is_value(frame, i)
        ):
            dropped.add(i)
        else:
            ordinary += 1
            if ordinary > 3 or is_prose(lines[i]):
                break
    return [i for i in indices if i not in dropped]


def _is_value(frame: Frame, i: int) -> bool:
    """Whether a line is the value of a byline's label, which stands alone in the line before."""
    label = frame.lines[i - 1].text if i else ""
    return (
        len(label) <= _LABEL
        and label[-1:] in ("：", ":")
        and len(frame.lines[i].text) <= _VALUE
        and bool(_HEAD.match(_simplified([label])[0]))
    )


def _is_byline(text: str) -> bool:
    """Whether a line names its day and where it is from, in whatever order and numbers, and says nothing else."""
    return (
        bool(line_bits(text) & LINE_BIT["source"])
        and not _SENTENCE.search(text)
        and any(at for _, at in dates(plain_digits(text)))
    )


def _without_index(frame: Frame, indices: list[int], title: str) -> list[int]:
    """Without the table of an official document's particulars, and without what else stands above the title."""
    lines = frame.lines
    labels = [n for n, i in enumerate(indices[:60]) if len(lines[i].text) <= 80 and _INDEX.search(lines[i].text)]
    labels = [n for k, n in enumerate(labels) if k == 0 or n - labels[k - 1] <= 4]  # they stand close together
    start = 0
    if sum(len(_INDEX.findall(lines[indices[n]].text)) for n in labels) >= 3 and labels[0] <= 3:
        start = labels[-1] + 1
        if lines[indices[labels[-1]]].text.endswith(("：", ":")):
            start += 1  # its value
    for n, i in enumerate(indices[:60]):
        if (
            title
            and n >= start
            and key(lines[i].text) == title
            and not any(is_prose(lines[j]) for j in indices[start:n])
        ):
            start = n
            break
    rest = indices[start:]
    return rest if sum(len(lines[i].text) for i in rest) >= _LITTLE else indices


def _without_tail(frame: Frame, indices: list[int], words: Mapping[int, str]) -> list[int]:
    """Without what follows a closing heading, and without credits and statements at the end."""
    lines = frame.lines
    total = sum(len(lines[i].text) for i in indices)
    so_far = 0
    for n, i in enumerate(indices):
        text = lines[i].text
        if (
            len(text) < 16
            and _END.match(words[i])
            and (so_far * 2 > total or (so_far >= _LITTLE and so_far * 5 > total and _is_over(frame, indices, n)))
        ):
            indices = indices[:n]
            break
        so_far += len(text)
    end = len(indices)
    ordinary = 0  # lines since the last credit, from the end
    for n in range(len(indices) - 1, max(-1, len(indices) - 12), -1):
        text = lines[indices[n]].text
        said = words[indices[n]]
        if (len(text) <= 200 and _TAIL.match(said)) or is_disclaimer(said):
            end, ordinary = n, 0
        else:
            ordinary += 1
            if ordinary > 1 or len(text) > 40:
                break
    return indices[:end] if end else indices


def _is_over(frame: Frame, indices: list[int], n: int) -> bool:
    """Whether nothing after the n-th line stands where the lines before it stand."""
    nodes, lines = frame.nodes, frame.lines
    homes = {nodes[lines[i].node].parent for i in indices[:n]}
    return not any(nodes[lines[i].node].parent in homes for i in indices[n:])
