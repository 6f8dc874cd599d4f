"""A second opinion from the publishing system's own article template: asked only where the page itself gave no body, or no date."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.article import Provenance
from crawler.extraction.body.find_body import Body
from crawler.extraction.metadata.publication_date import Published
from crawler.extraction.page.lines import Frame
from crawler.extraction.source_selectors import select, selected_body, selected_date

if TYPE_CHECKING:
    from crawler.sources import Selectors
    from crawler.web.page import WebPage

_ORIGIN = re.compile(r"(?:来\s*源|稿\s*源|出\s*处)\s*[:：]\s*([^\s:：|]{2,30})")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the template says, in the form of a source's selectors; `origin` names the line with 来源."""

    selectors: Selectors
    origin: str = ""


def hints_of(page: WebPage) -> Hints | None:
    """The hints of the system that made a page; None where none is recognised."""
    from crawler.platforms import article_hints
    from crawler.sources import Selectors

    said = article_hints(page)
    return Hints(Selectors(date=said.date, body=said.body), said.origin) if said else None


def template_body(frame: Frame, found: Body, hints: Hints | None) -> Body:
    """The body where the template has it; as found where it has none."""
    return selected_body(frame, found, hints.selectors if hints else None)


def template_date(frame: Frame, hints: Hints | None) -> Published | None:
    """The date in the template's own place for it."""
    when = selected_date(frame, hints.selectors if hints else None)
    return replace(when, provenance=Provenance("template", when.provenance.read_from)) if when else None


def template_origin(frame: Frame, hints: Hints | None) -> tuple[str, Provenance] | None:
    """来源 in the template's own place for it."""
    if hints is None or not hints.origin:
        return None
    for element in select(frame, hints.origin):
        text = " ".join("".join(element.itertext()).split())
        if found := _ORIGIN.search(text):
            return found[1], Provenance("template", text[:80])
    return None
