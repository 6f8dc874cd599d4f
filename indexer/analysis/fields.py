"""From a document to the streams of tokens that an engine reads with a `whitespace` analyzer: one string a field, tokens in order, a space between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from crawler.normalisation import normalise
from crawler.sources import regions
from indexer.analysis.document import Document
from indexer.analysis.facets import CONDITIONS, FACETS, Facet
from indexer.analysis.figure_codes import widened
from indexer.analysis.lexicon import lexicon
from indexer.analysis.segmentation import segmenter
from indexer.analysis.tokens import grams, streams, words

# text fields, by what an engine has to keep of each
_NAMED = {f"{name}_grams": text for name, condition in CONDITIONS.items() if (text := condition.text)}
POSITIONED = ("grams", "title_grams", *_NAMED)  # phrases are asked of these
COUNTED = (
    "words",
    "chars",
    "title",
    "title_chars",
    "lead",
)  # terms only, scored: how often a token stands there counts
_WHOLE = tuple(facet for facet in FACETS.values() if not facet.number)
_NUMERIC = tuple(facet for facet in FACETS.values() if facet.number)
KEYWORDS = ("id", *(facet.name for facet in _WHOLE), "cluster", "frequent")  # whole values, as they are
NUMBERS = (*(facet.name for facet in _NUMERIC), "month", "day", "newest", "oldest", "added")
MANY = ("figures",)  # numbers of which a document has several

EMPTY = "∅"  # stands in a scored field that would be empty: engines count only the documents that have a field
_LEAD = 60  # characters
_TIE = 1 << 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for an engine: `streams` is field → tokens joined by spaces; `keywords` is field → values; `numbers` is field → integer; `many` is field → integers."""

    document: Document
    streams: dict[str, str]
    keywords: dict[str, tuple[str, ...]]
    numbers: dict[str, int]
    many: dict[str, tuple[int, ...]]


def prepare(document: Document) -> Prepared:
    """Analyse a document. Pure; may run in a worker process."""
    cut = segmenter()
    title, text = normalise(document.title), normalise(document.text)
    whole = f"{title}\n{text}"
    body, head = streams(whole, cut), streams(title, cut)
    fields = {
        "words": body.words or EMPTY,
        "grams": body.grams or EMPTY,
        "chars": body.chars or EMPTY,
        "title": head.words or EMPTY,
        "title_grams": head.grams or EMPTY,
        "title_chars": head.chars or EMPTY,
        "lead": words(text[:_LEAD], cut) or EMPTY,
        **{name: _name_grams(text(document)) for name, text in _NAMED.items()},
    }
    keywords = {
        "id": (document.id,),
        **{facet.name: _whole(facet, document) for facet in _WHOLE},
        "cluster": (document.cluster,) if document.cluster else (),
        "frequent": tuple(word for word in lexicon().frequent if word in whole),
    }
    tie = int(document.id[:5], 16) if _is_hex(document.id[:5]) else 0
    numbers = {
        **{facet.name: int(next(iter(facet.values(document)), 0)) for facet in _NUMERIC},
        "month": document.month,
        "day": document.day,
        # both are sorted downwards; the low bits break ties by the id, so that the order is whole; what has no date has nothing else, and so is last
        "newest": (document.minute + _SHIFT) * _TIE + tie if document.published else tie,
        "oldest": (_SHIFT - document.minute) * _TIE + tie if document.published else tie,
        # what came in at the same second in the order of its dates
        "added": added_since(document.added)
        + (document.published.toordinal() % (1 << 20) << 12 if document.published else 0)
        + tie % (1 << 12),
    }
    return Prepared(document, fields, keywords, numbers, {"figures": widened(document.figures)})


def added_since(seconds: int) -> int:
    """The least number of the field `added` of what came into the archive at that second or later."""
    return min(max(0, seconds - _YEAR_2000), (1 << 31) - 1) << 32


_YEAR_2000 = 946_684_800
_SHIFT = 1 << 31  # minutes: keeps both orders above zero


@lru_cache(4096)
def _name_grams(text: str) -> str:
    return grams(normalise(text))


def _whole(facet: Facet, document: Document) -> tuple[str, ...]:
    values = facet.values(document)
    return _lineage(values) if facet.vocabulary == "region" else values


@lru_cache(4096)
def _lineage(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The places and all that they lie in, without the country (which would be everything)."""
    found: dict[str, None] = {}
    for code in codes:
        for region in regions.path(code):
            if region.adcode != regions.COUNTRY:
                found[region.adcode] = None
        found[code] = None
    return tuple(found)


def _is_hex(text: str) -> bool:
    return len(text) == 5 and all(c in "0123456789abcdef" for c in text)
