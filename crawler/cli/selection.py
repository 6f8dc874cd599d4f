"""The sources that a verb works on: selected by name, or by region and kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from crawler.terminal import Refusal

if TYPE_CHECKING:
    from crawler.archive import Archive
    from crawler.sources import Source

NAMES = typer.Argument(None, help="来源的名称，可写多个；用 sources list 查看")
REGION = typer.Option(None, "--region", help="只看某地（名称、简称、拼音或行政区划代码），含下级")
KIND = typer.Option(None, "--kind", help="只看某类：government、news、forum")
JSON = typer.Option(False, "--json", help="输出 JSON，供脚本使用")


def select(names: list[str] | None, region: str | None, kind: str | None, sources: dict[str, Source]) -> list[Source]:
    """The sources that names or filters choose. Raises Refusal for what is unknown."""
    from crawler.sources import regions
    from crawler.sources.kinds import find_kind

    for name in names or []:
        if name not in sources:
            raise Refusal(f"没有名为 {name!r} 的来源{_similar(name, sources)}；用 zhaoshang sources list 查看全部")
    chosen = [sources[n] for n in dict.fromkeys(names)] if names else list(sources.values())
    if kind is not None:
        known = find_kind(kind)
        if known is None:
            raise Refusal(f"--kind 应为 government、news 或 forum，而不是 {kind!r}")
        chosen = [s for s in chosen if s.kind == known]
    if region is not None:
        places = regions.find(region)
        if not places:
            raise Refusal(f"没有名为 {region!r} 的地区；可写名称、简称、拼音或六位代码，如 湖南、changsha、430100")
        chosen = [s for s in chosen if any(regions.is_within(s.region, p.adcode) for p in places)]
    return chosen


def _similar(name: str, sources: dict[str, Source]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sources, n=3, cutoff=0.6)
    return f"（是不是 {'、'.join(close)}）" if close else ""


def open_registry() -> tuple[dict[str, Source], Archive]:
    """All sources, and the archive, which the caller closes. Raises SourceError, ArchiveError."""
    from crawler.archive import Archive
    from crawler.configuration import settings
    from crawler.sources import load_registry

    return load_registry(settings()), Archive.open(settings())
