"""The documents that a text cites: titles in 《》, their short names, and numbers, each with the sentence around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from crawler.normalisation import HAN
from indexer.insight.documents.cited import Cited
from indexer.insight.documents.titles import bare, is_document, is_short, key_of_title, numbers
from indexer.insight.plain_text import Plain

MOST = 200  # documents of one text
_TITLE = re.compile(r"《((?:[^《》\n]|《[^《》\n]*》){2,120})》")
_AROUND = re.compile(r"[(\[ ]{0,2}$")
_ISSUER = re.compile(
    rf"(?P<issuer>国务院办公厅|国务院|中共中央、?国务院|中共中央|全国人大常委会|[{HAN}]{{2,10}}?(?:人民政府办公厅|人民政府办公室|人民政府|省政府|市政府|县政府|区政府|省委|市委|县委|区委|厅|局|部|委))[^。;,《》]{{0,14}}(?:印发|出台|发布|制定|颁布|公布|通过|下发)(?:实施)?[了的]?$"
)
_LEADING = re.compile("^(?:根据|按照|依据|近日|日前|昨日|今日|其中|此前|对|由|经|在|是|和|与|及|了|的)+")


@dataclass(slots=True)
class _Reference:
    start: int
    end: int
    title: str
    number: str
    issuer: str


def find_citations(body: Plain) -> tuple[Cited, ...]:
    """In the order of the text, each document once; offsets in the original text."""
    text = body.text
    marked = numbers(text)
    taken: set[int] = set()
    found: dict[str, Cited] = {}
    last_by_ending: list[tuple[str, str]] = []  # bare title, key
    references: list[_Reference] = []
    for match in _TITLE.finditer(text):
        title = match[1].strip()
        number, end = "", match.end()
        beside = next(
            (one for one in marked if 0 <= one[0] - end <= 3 and _AROUND.match(text[end : one[0]] + "")), None
        )
        if beside is None:
            beside = next((one for one in marked if match.start() < one[0] and one[1] <= end), None)
        if beside and text[end : beside[0]].strip("([ ") == "":
            number = beside[2]
            taken.add(beside[0])
            end = max(end, beside[1])
        references.append(_Reference(match.start(), end, title, number, _issuer(text, match.start())))
    references += [_Reference(a, b, "", form, "") for a, b, form in marked if a not in taken]
    for reference in sorted(references, key=lambda one: one.start):
        if reference.title and is_short(reference.title):
            ending = bare(reference.title)
            key = next((key for known, key in reversed(last_by_ending) if known.endswith(ending)), "")
            if key:
                found[key] = replace(found[key], times=found[key].times + 1)
            continue
        if reference.title and not is_document(reference.title):
            continue
        key = key_of_title(reference.title, reference.issuer) if reference.title else reference.number
        if not key:
            continue
        if reference.title:
            last_by_ending.append((bare(reference.title), key))
        if key in found:
            known = found[key]
            found[key] = replace(known, times=known.times + 1, number=known.number or reference.number)
        elif len(found) < MOST:
            sentence = body.sentences[body.sentence_at(reference.start)]
            start, end = body.span(reference.start, reference.end)
            from_, to = body.span(sentence.start, max(sentence.end, reference.end))
            found[key] = Cited(
                reference.title,
                reference.number,
                issuer=reference.issuer,
                key=key,
                start=start,
                end=end,
                from_=from_,
                to=to,
                times=1,
            )
    return tuple(found.values())


def _issuer(text: str, start: int) -> str:
    """Who is said to have brought out what is named at `start`; '' where nobody is."""
    match = _ISSUER.search(text, max(0, start - 40), start)
    return _LEADING.sub("", match["issuer"]) if match else ""
