"""The registry: every source's TOML file, those shipped with the package and the user's own, which win."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from crawler.configuration import Settings
from crawler.reasons import describe_error
from crawler.sources.source import Source, SourceError, parse_source
from crawler.web.address_guard import names_of, parse_hosts

SHIPPED = Path(__file__).parent / "registry"


def own_folder(settings: Settings) -> Path:
    """Where the user's own sources lie."""
    return settings.data / "sources"


def load_registry(settings: Settings) -> dict[str, Source]:
    """All sources by name, sorted by name. Raises SourceError for the first file that is wrong."""
    sources, faults = read_registry(settings)
    if faults:
        raise faults[0]
    return sources


def read_registry(settings: Settings) -> tuple[dict[str, Source], list[SourceError]]:
    """The sources whose files are right, by name, and what is wrong with the others: one broken file need not stop a night."""
    sources: dict[str, Source] = {}
    faults: list[SourceError] = []
    for folder in (SHIPPED, own_folder(settings)):
        for path in _files(folder):
            try:
                source = load_source(path)
            except SourceError as fault:
                faults.append(fault)
            else:
                sources[source.name] = source
    return dict(sorted(sources.items())), faults


def file_of(settings: Settings, name: str) -> Path:
    """The file that a source was read from: the user's own where there is one."""
    own = own_folder(settings) / f"{name}.toml"
    return own if own.exists() else SHIPPED / f"{name}.toml"


def named_hosts(settings: Settings, *others: Source) -> frozenset[str]:
    """The hosts that the operator named in sources of their own, and in those of `others` that are not shipped, as `AddressGuard` has them.

    An allowed host with a leading dot names no host: whoever holds the domain gives names below it.
    """
    own = [source for source in others if not (SHIPPED / f"{source.name}.toml").exists()]
    for path in _files(own_folder(settings)):
        with suppress(SourceError):  # told by whoever reads the registry; a file that is wrong names nothing
            own.append(load_source(path))
    allowed = [host for source in own for host in source.allowed_hosts if not host.startswith(".")]
    return names_of(url for source in own for url in source.start_urls) | parse_hosts(",".join(allowed))


def load_source(path: Path) -> Source:
    """The source in one file, whose name is the source's. Raises SourceError."""
    try:
        facts = path.stat()
    except OSError as error:
        raise SourceError(path, "", f"读不到（{describe_error(error)}）") from error
    return _read(path, (facts.st_ino, facts.st_mtime_ns, facts.st_size))


@cache
def _read(path: Path, _version: tuple[int, int, int]) -> Source:
    """The same, read once while the file stays as it is: a verb reads the registry more than once, and it has hundreds of files."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(path, "", f"不是有效的 TOML：{describe_error(error)}") from error
    except UnicodeDecodeError as error:
        raise SourceError(path, "", "不是 UTF-8 编码") from error
    except OSError as error:
        raise SourceError(path, "", f"读不到（{describe_error(error)}）") from error
    source = parse_source(data, path)
    if source.name != path.stem:
        raise SourceError(path, "name", f"应与文件名相同，为 {path.stem!r}，而不是 {source.name!r}")
    return source


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(folder.glob("*.toml"))
