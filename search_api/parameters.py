"""Search parameters in a URL: read leniently for pages, strictly for the API, and written back in one canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial, wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints
from urllib.parse import quote, quote_plus, unquote_to_bytes

from annotated_types import Ge, Le, MaxLen
from starlette.datastructures import QueryParams

from indexer.analysis.facets import FACETS
from indexer.insight.vocabularies import find_value, value_name
from indexer.query.conditions import read_date, read_moment
from indexer.query.figure_conditions import asked, describe, read_figure, read_value
from indexer.query.figure_conditions import chosen as chosen_figures
from indexer.query.parser import parse
from indexer.query.tree import PRACTICES, Figure, chosen_practices
from indexer.search.planner import EXCLUDED, facet_of

Sort = Literal["relevance", "newest", "oldest", "added"]
By = Literal["count", "share"]  # what charts and tables of counts show first
# Of each facet what it must be and what it must not be (kind, not_kind): parameters of addresses, of the API and of assistants alike.
CHOICES = tuple(name for facet in FACETS for name in (facet, EXCLUDED + facet))
DATES = ("after", "before")  # published from that day on, before that day
FILTERS = (*CHOICES, "figure", "value", *DATES, "since")
READERS: Mapping[str, Callable[[str], object]] = {
    "figure": read_figure,
    "value": read_value,
    "after": read_date,
    "before": read_date,
    "since": read_moment,
}  # filters whose values are a small language
ONE_VALUE = (*DATES, "since")


NAMES: Mapping[str, Callable[[str], str | None]] = {
    name: partial(find_value, facet) for name in CHOICES if (facet := FACETS[facet_of(name)]).number or facet.vocabulary
}  # filters whose values may be written as people call them
LONGEST_QUERY = 1000  # characters; a longer one is cut on pages and refused by the API
DEEPEST = 10_000  # hits that may be paged through; exports take all
PAGE_SIZE = 20
MOST_VALUES = 20  # of one filter

# What the API and the tools of assistants take: a number or a text beyond these bounds never reaches an engine.
Asked = Annotated[str, MaxLen(LONGEST_QUERY)]
Value = Annotated[str, MaxLen(200)]  # of a filter
Name = Annotated[str, MaxLen(40)]  # of a place or a practice
Page = Annotated[int, Ge(1), Le(DEEPEST)]
Year = Annotated[int, Ge(1), Le(9999)]

_T = TypeVar("_T")
_KEPT = "%/:=&?+~!$,;'@()*[]"
_UNREADABLE = re.compile(r"""[\x00-\x20"#%&'+<>\\^`{|}\x7f]""")


def readable(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string in which only what must be is percent-encoded: a third as long for Chinese, and it can be read."""
    return "&".join(f"{name}={_encoded(value)}" for name, value in pairs)


def _encoded(value: str) -> str:
    # Astral and unprintable characters too: some are invisible, some turn the direction of writing.
    return "".join(quote_plus(c, errors="replace") if _UNREADABLE.match(c) or not c.isprintable() else c for c in value)


def unread(query: QueryParams) -> list[tuple[str, str]]:
    """Names and values of the filters that cannot be read, which a View leaves out."""
    readers = {**READERS, **NAMES}
    return [(n, text) for n, read in readers.items() for text in query.getlist(n) if text.strip() and not read(text)]


class _Noting(QueryParams):
    """A query string that notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: list[str] = []

    def get(self, key: Any, default: Any = None) -> Any:
        self.asked.append(key)
        return default

    def getlist(self, key: Any) -> list[Any]:
        self.asked.append(key)
        return []


@cache
def view_names() -> tuple[str, ...]:
    """The parameters that View.read takes from a query string."""
    noting = _Noting()
    View.read(noting)
    return tuple(dict.fromkeys(noting.asked))


def in_gb18030(query: bytes) -> list[tuple[str, str]] | None:
    """The pairs of a query string whose bytes are GB18030, as old bookmarks and search boxes send them; None where they are UTF-8, or neither."""
    parts = [tuple(map(unquote_to_bytes, part.split(b"=", 1))) for part in query.replace(b"+", b" ").split(b"&")]
    pairs = [(part[0], part[1]) for part in parts if len(part) == 2]
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        try:
            return [(name.decode("gb18030"), value.decode("gb18030")) for name, value in pairs]
        except UnicodeDecodeError:
            return None
    return None


@dataclass(frozen=True, slots=True)
class View:
    """One search as an address says it. `page` counts from 1; `filters` holds chosen facet values by name."""

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    strict: bool = False
    expand: bool = True
    left_out: tuple[str, ...] = ()  # keys of topics that the query is not about
    by: By = "count"

    @classmethod
    def read(cls, query: QueryParams) -> View:
        """From any query string: what cannot be read is left out, nothing raises."""
        q = " ".join(query.get("q", "").split())[:LONGEST_QUERY]
        filters = {name: _distinct(query.getlist(name)) for name in FILTERS}
        for name, read in READERS.items():
            filters[name] = tuple(value for value in filters[name] if read(value))
        for name, named in NAMES.items():
            filters[name] = _distinct([known for value in filters[name] if (known := named(value))])
        filters |= {name: filters[name][-1:] for name in ONE_VALUE}
        sort = query.get("sort", "")
        page = query.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        return cls(
            q=q,
            filters={name: values for name, values in filters.items() if values},
            sort=sort if sort in get_args(Sort) else "relevance",  # type: ignore[arg-type]
            page=min(max(number, 1), DEEPEST // PAGE_SIZE),
            strict=query.get("strict") == "1",
            expand=query.get("expand") != "0",
            left_out=_distinct(query.getlist("left_out")),
            by="share" if query.get("by") == "share" else "count",
        )

    @property
    def empty(self) -> bool:
        """Nothing is asked for."""
        return not self.q and not self.filters

    def figures(self) -> list[Figure]:
        """What the query and the filters ask of a figure; [] where they ask for none."""
        chosen = chosen_figures(self.filters.get("figure", ()), self.filters.get("value", ()))
        return [*asked(parse(self.q).root), *chosen]

    def practices(self) -> tuple[str, ...]:
        """Ids of the practices that the query and the filters ask for, those that it excludes left out."""
        chosen = (value for name in PRACTICES for value in self.filters.get(name, ()))
        return tuple(dict.fromkeys((*chosen, *chosen_practices(parse(self.q).root))))

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value pairs, defaults left out, always in the same order."""
        pairs = [("q", self.q)] if self.q or not self.filters else []
        pairs += [(name, value) for name in FILTERS for value in self.filters.get(name, ())]
        if self.sort != "relevance":
            pairs.append(("sort", self.sort))
        if not self.expand:
            pairs.append(("expand", "0"))
        pairs += [("left_out", key) for key in self.left_out]
        if self.strict:
            pairs.append(("strict", "1"))
        if self.by != "count":
            pairs.append(("by", self.by))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return pairs

    def address(self, path: str = "/", **extra: str) -> str:
        """The lasting address of this view under another path too: /export, /feed. As people read it, Han characters as they are."""
        return f"{path}?{readable([*self.pairs(), *extra.items()])}"

    def uri(self, path: str = "/", **extra: str) -> str:
        """The same in ASCII, for programs."""
        return quote(self.address(path, **extra), safe=_KEPT, errors="replace")

    def with_(self, **changes: Any) -> View:
        """A copy; unless it names a page, its first page."""
        return replace(self, **{"page": 1, **changes})

    def having(self, name: str, value: str) -> View:
        """With one more filter value."""
        return self.with_(filters={**self.filters, name: _distinct([*self.filters.get(name, ()), value])})

    def only(self, name: str, value: str) -> View:
        """With this value as the only one of its facet."""
        return self.with_(filters={**self.filters, name: (value,)})

    def without(self, name: str, value: str) -> View:
        """With one filter value taken away."""
        rest = {k: tuple(v for v in values if (k, v) != (name, value)) for k, values in self.filters.items()}
        return self.with_(filters={k: v for k, v in rest.items() if v})


def spread(function: Callable[..., _T], into: str, parameters: Sequence[Parameter], **types: Any) -> Callable[..., _T]:
    """The function with these parameters in the place of the one called `into`, which gets what they were given, by name. For frameworks that read signatures.

    `types`: annotations that are only known now, by parameter.
    """
    hints, listed = get_type_hints(function, include_extras=True) | types, list[Parameter]()
    for parameter in signature(function).parameters.values():
        listed += parameters if parameter.name == into else [parameter.replace(annotation=hints[parameter.name])]

    @wraps(function)
    def taking(**given: Any) -> _T:
        chosen = {parameter.name: given.pop(parameter.name) for parameter in parameters}
        return function(**given, **{into: chosen})

    taking.__signature__ = Signature(listed, return_annotation=hints["return"])  # type: ignore[attr-defined]
    return taking


def turned(name: str) -> str:
    """The filter that asks for the opposite: not_kind for kind."""
    return name.removeprefix(EXCLUDED) if name.startswith(EXCLUDED) else EXCLUDED + name


def _distinct(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v.strip()[:200] for v in values if v.strip()))[:MOST_VALUES]


NAMED = 5  # chosen values that stand in a title


def name_of(view: View, source_title: Callable[[str], str]) -> str:
    """A search in a title: its query and the first of its filters."""
    labels = [chosen_label(name, value, source_title) for name, values in view.filters.items() for value in values]
    return "，".join(filter(None, (view.q, *labels[:NAMED]))) or "全部文章"


def chosen_label(name: str, value: str, source_title: Callable[[str], str]) -> str:
    """A chosen value where its facet's name does not stand above it."""
    facet = facet_of(name)
    text = label(name, value, source_title(value) if facet == "source" else "")
    shown = FACETS[facet].chosen.format(text) if facet in FACETS else text
    return f"不要{shown}" if name.startswith(EXCLUDED) else shown


def label(name: str, value: str, known: str = "") -> str:
    """A facet's value as a reader sees it."""
    match name:
        case "figure" | "value":
            figure = READERS[name](value)
            return describe(figure) if isinstance(figure, Figure) else value
        case "after":
            return f"{value} 起发表"
        case "before":
            return f"{value} 之前发表"
        case "since":
            return f"{value.replace('T', ' ')} 起收录"
    return known or value_name(FACETS[facet_of(name)], value)
