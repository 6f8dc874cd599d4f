"""Facet values and whole searches as a reader calls them."""

from __future__ import annotations

from collections.abc import Callable

from indexer.analysis.facets import FACETS
from indexer.insight.vocabularies import value_name
from indexer.query.figure_conditions import describe
from indexer.query.tree import Figure
from search_api.parameters import READERS, View

NAMED = 5  # chosen values that stand in a title


def name_of(view: View, source_title: Callable[[str], str]) -> str:
    """A search in a title: its query and the first of its filters."""
    labels = [chosen_label(name, value, source_title) for name, values in view.filters.items() for value in values]
    return "，".join(filter(None, (view.q, *labels[:NAMED]))) or "全部文章"


def chosen_label(name: str, value: str, source_title: Callable[[str], str]) -> str:
    """A chosen value where its facet's name does not stand above it."""
    text = label(name, value, source_title(value) if name == "source" else "")
    return FACETS[name].chosen.format(text) if name in FACETS else text


def label(name: str, value: str, known: str = "") -> str:
    """A facet's value as a reader sees it."""
    match name:
        case "figure" | "value":
            figure = READERS[name](value)
            return describe(figure) if isinstance(figure, Figure) else value
        case "since":
            return f"{value.replace('T', ' ')} 起收录"
    return known or value_name(FACETS[name], value)
