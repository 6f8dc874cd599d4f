"""Sources: one TOML file a site, the registry that loads them, and the regions they report on."""

from crawler.sources.registry import load_registry, load_source, own_folder, read_registry
from crawler.sources.source import Budget, Kind, Selectors, Source, SourceError, parse_source, site_of

__all__ = [
    "Budget",
    "Kind",
    "Selectors",
    "Source",
    "SourceError",
    "load_registry",
    "load_source",
    "own_folder",
    "parse_source",
    "read_registry",
    "site_of",
]
