"""Checks of a registry beyond loading: duplicates, impossible URLs, unknown places, facts without `seen_in`, files that are too long.

`python -m crawler.sources.lint [FOLDER…]` checks the shipped registry, or the folders named; exit code 1 where something is wrong.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.canonical import canonicalise
from crawler.reasons import describe_error
from crawler.sources.regions import Region, by_adcode, lineage
from crawler.sources.registry import SHIPPED, load_source
from crawler.sources.source import Source, SourceError

UNKNOWN_YEAR = "年份不详"  # what `seen_in` says where the witness has no date
MOST_LINES = 12  # of a source's file
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d{3})")
_FORMS = re.compile(r"^https?://(?:www\.)?")
_INDEX = re.compile(r"/(?:index\.(?:s?html?|jhtml|php))?$")


class Rules(NamedTuple):
    """lint.toml: patterns of addresses that are wrong, and hosts that are gone, each with the reason."""

    addresses: tuple[tuple[re.Pattern[str], str], ...]
    gone: dict[str, str]


@cache
def rules() -> Rules:
    """The rules of lint.toml. Raises KeyError or re.error where the file is wrong."""
    data = tomllib.loads(files("crawler.sources").joinpath("lint.toml").read_text(encoding="utf-8"))
    return Rules(
        tuple((re.compile(rule["pattern"]), rule["why"]) for rule in data["address"]),
        {rule["host"]: rule["why"] for rule in data["gone"]},
    )


def list_key(url: str) -> str:
    """One key for the addresses of one list: canonical, without scheme, www. and index file; a directory's category (#7) tells lists apart."""
    fragment = url.partition("#")[2]
    return _INDEX.sub("", _FORMS.sub("", canonicalise(url))) + (f"#{fragment}" if fragment.isdigit() else "")


def lint(sources: Iterable[tuple[Path, Source]]) -> Iterator[SourceError]:
    """Everything wrong with sources that load, each fault named by file and key; the first of two doubles stands, the second is the fault."""
    lists: dict[str, str] = {}
    for file, source in sources:
        region = by_adcode(source.region)
        if region is None:
            yield SourceError(file, "region", f"没有行政区划代码 {source.region}")
        elif region.adcode != source.region:
            yield SourceError(file, "region", f"{source.region} 是旧代码，今为 {region.adcode} {region.name}")
        elif province := _named_like_its_province(source.title, region):
            fault = f"标题里的“{province.short}”是省名，应为 {province.adcode}，不是 {region.name}"
            yield SourceError(file, "region", fault)
        if not _YEAR.search(source.seen_in) and UNKNOWN_YEAR not in source.seen_in:
            yield SourceError(file, "seen_in", f"应写明年份，不知道的写“{UNKNOWN_YEAR}”")
        last_seen = max(map(int, _YEAR.findall(source.seen_in)), default=0)
        for url in source.start_urls:
            for why in _wrong(url, last_seen):
                yield SourceError(file, "start_urls", f"{url} {why}")
            key = list_key(url)
            if key in lists:
                yield SourceError(file, "start_urls", f"{url} 与 {lists[key]} 重复")
            lists.setdefault(key, source.name)


def _named_like_its_province(title: str, region: Region) -> Region | None:
    """The province that the title names, where it holds the name of the place only as a part of its own: 吉林, 黑龙江."""
    province = by_adcode(lineage(region.adcode)[0])
    if province is None or province == region or region.name in title:
        return None
    return province if region.short in province.short and province.short in title else None


def _wrong(url: str, last_seen: int) -> Iterator[str]:
    for pattern, why in rules().addresses:
        found = pattern.search(url)
        if found and not ("year" in pattern.groupindex and int(found["year"]) < last_seen):
            yield why
    host = urlsplit(url).hostname or ""
    for gone, why in rules().gone.items():
        if host == gone or host.endswith("." + gone):
            yield f"网站已不在（{why}）"


def lint_folder(folder: Path) -> tuple[int, list[SourceError]]:
    """How many sources of a folder load, and everything wrong with any, in order of their files. Raises OSError where there is no folder."""
    loaded: list[tuple[Path, Source]] = []
    faults: list[SourceError] = []
    for path in sorted(p for p in folder.iterdir() if p.suffix == ".toml"):
        try:
            loaded.append((path, load_source(path)))
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES:
                faults.append(SourceError(path, "", f"有 {lines} 行，一个来源最多 {MOST_LINES} 行"))
        except SourceError as fault:
            faults.append(fault)
    faults += lint(loaded)
    return len(loaded), sorted(faults, key=lambda fault: fault.file)


def main(folders: list[str]) -> int:
    wrong = 0
    for folder in [Path(folder) for folder in folders] or [SHIPPED]:
        try:
            count, faults = lint_folder(folder)
        except OSError as error:
            print(f"{folder}：读不到（{describe_error(error)}）", file=sys.stderr)
            wrong += 1
            continue
        for fault in faults:
            print(fault, file=sys.stderr)
        print(f"{folder}：{count} 个来源，{len(faults)} 处问题")
        wrong += len(faults)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
