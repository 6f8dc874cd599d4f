"""A page as the extraction sees it: parsed once for its article, its next part and its documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from crawler.extraction.documents.linked_documents import Linked, documents_in, may_name_documents
from crawler.extraction.page.tree import parse
from crawler.web.page import WebPage

if TYPE_CHECKING:
    from crawler.extraction.template_selectors import Hints

# one pattern a bracket: the search runs from bracket to bracket
_TONED = tuple(re.compile(rf"{bracket}[a-zɡü]{{0,5}}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ]") for bracket in (r"\(", "（"))


@dataclass(frozen=True)
class ParsedPage:
    """Each property is computed when it is first used. The tree must not be changed."""

    page: WebPage

    @property
    def url(self) -> str:
        return self.page.url

    @cached_property
    def html(self) -> str:
        """The source, without the pinyin that converting mirrors append to characters: 商務(wù)局."""
        text = self.page.text
        if not any(pattern.search(text) for pattern in _TONED):
            return text
        from crawler.normalisation import strip_pinyin_notes

        return strip_pinyin_notes(text)

    @cached_property
    def root(self) -> etree._Element:
        """The tree. Raises ExtractionError where the page is too large or nested too deep to be read whole."""
        return parse(self.html)

    @cached_property
    def documents(self) -> tuple[Linked, ...]:
        """The documents that the page links or shows, each once, in order. Raises ExtractionError as `root` does."""
        return tuple(documents_in(self.root, self.url)) if may_name_documents(self.html) else ()

    @cached_property
    def hints(self) -> Hints | None:
        """What the template of the publishing system that made the page says; None where none is recognised."""
        from crawler.extraction.template_selectors import hints_of  # the crawl asks for none

        return hints_of(self.page)
