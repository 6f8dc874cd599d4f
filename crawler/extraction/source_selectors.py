"""A source's own CSS selectors, for the few sites that cannot be read without them. They take precedence over what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from crawler.article import ExtractionError, Provenance
from crawler.extraction.body.find_body import Body
from crawler.extraction.metadata.date_parsing import moments
from crawler.extraction.metadata.publication_date import Published
from crawler.extraction.metadata.title import Title
from crawler.extraction.page.lines import Frame

if TYPE_CHECKING:
    from crawler.sources import Selectors


def selected_body(frame: Frame, found: Body, selectors: Selectors | None) -> Body:
    """The body with title and text taken from where the selectors point; as found where they point nowhere."""
    if selectors is None:
        return found
    title = found.title
    if selectors.title and (elements := select(frame, selectors.title)):
        text = " ".join("".join(elements[0].itertext()).split())
        title = Title(text, Provenance("selector", selectors.title), title.line)
    if selectors.body and (elements := select(frame, selectors.body)):
        wanted = [node.index for node in frame.nodes if any(node.element is element for element in elements)]
        kept = [any(frame.is_below(line.node, index) for index in wanted) for line in frame.lines]
        if indices := [i for i, k in enumerate(kept) if k]:
            root = wanted[0] if len(wanted) == 1 else -1
            span = (indices[0], indices[-1])
            return Body(root, span, kept=kept, title=title, confidence=1.0, rule="selector")
    return replace(found, title=title)


def selected_date(frame: Frame, selectors: Selectors | None) -> Published | None:
    """The date in the element that the selector points at."""
    if selectors is not None and selectors.date:
        for element in select(frame, selectors.date):
            text = " ".join("".join(element.itertext()).split())
            for at, precision, _, _ in moments(text):
                return Published(at, precision, Provenance("selector", text[:80]))
    return None


def select(frame: Frame, css: str) -> Sequence[etree._Element]:
    """The elements that a selector points at, in the page's order. Raises ExtractionError where it is none."""
    from lxml.cssselect import CSSSelector, SelectorError

    if not frame.nodes:
        return ()
    try:
        found: Sequence[etree._Element] = CSSSelector(css)(frame.nodes[0].element.getroottree().getroot())
    except SelectorError as error:
        raise ExtractionError(f"来源的选择器写错了：{css}") from error
    return found
