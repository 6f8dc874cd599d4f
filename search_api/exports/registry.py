"""The formats: found in their folder, and told apart by what they are made from."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from search_api.exports import formats
from search_api.exports.format import DossierFormat, FigureFormat, Format, RecordFormat


@cache
def all_formats() -> Mapping[str, Format]:
    """What each file of the folder says in its FORMAT, by name, in the order of `order`. Raises ValueError where two say the same name."""
    names = [f"{formats.__name__}.{found.name}" for found in pkgutil.iter_modules(formats.__path__)]
    said: list[Format] = [import_module(name).FORMAT for name in names]
    by_name = {format.name: format for format in sorted(said, key=lambda format: format.order)}
    if len(by_name) < len(said):
        raise ValueError(f"two formats have the same name: {sorted(format.name for format in said)}")
    return by_name


def record_formats() -> dict[str, RecordFormat]:
    """Those of articles, by name."""
    return {name: format for name, format in all_formats().items() if isinstance(format, RecordFormat)}


def reference_formats() -> dict[str, RecordFormat]:
    """Those of articles that only cite them."""
    return {name: format for name, format in record_formats().items() if format.is_reference}


def search_formats() -> dict[str, RecordFormat | FigureFormat]:
    """Those in which the hits of a search are taken away: articles and figures."""
    return {name: f for name, f in all_formats().items() if isinstance(f, RecordFormat | FigureFormat)}


def dossier_formats() -> dict[str, RecordFormat | DossierFormat]:
    """Those in which a dossier is taken away: as a text, or its articles."""
    return {name: f for name, f in all_formats().items() if isinstance(f, RecordFormat | DossierFormat)}
