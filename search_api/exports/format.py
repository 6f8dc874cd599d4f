"""What a format says of itself, by what it is made from: articles, the figures in them, or a dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from search_api.exports.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What every format says; the function that writes it yields pieces of a file, in constant memory where it takes any number of articles."""

    name: str  # as `format` asks for it
    title: str  # as a page offers it
    media_type: str
    extension: str
    order: int  # where it stands among those offered, the smallest first
    is_text: bool = True  # whether a terminal can show it


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFormat(Format):
    """A format of articles."""

    write: Callable[[Iterable[Record]], Iterator[bytes]]
    is_reference: bool = False  # whether it only cites them


class FoundFigure(NamedTuple):
    """One figure, as the article's reading has it."""

    record: Record
    figure: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFormat(Format):
    """A format of figures."""

    write: Callable[[Iterable[FoundFigure]], Iterator[bytes]]


class Quoted(NamedTuple):
    """Words that the researcher chose: where they stand (第 3 段), the address that shows them ('' for none), and the quotation's number."""

    text: str
    place: str
    link: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A page as it was received: `headers` of the answer with `content` decoded. Where it cannot be read, `content` is None and `missing` says why."""

    capture: int
    url: str
    fetched_at: datetime
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    missing: str = ""


def _none() -> Iterator[Snapshot]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Chapter:
    """One article of a dossier: `sentences` are (practice, sentence that proves it), none where the researcher chose `quotations`.
    `snapshots` reads what was received of its page, that of the article first."""

    record: Record
    note: str
    sentences: Sequence[tuple[str, str]]
    quotations: Sequence[Quoted] = ()
    snapshots: Callable[[], Iterator[Snapshot]] = _none


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier as a text: its chapters in their order."""

    title: str
    note: str
    chapters: Sequence[Chapter]
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFormat(Format):
    """A format of a dossier."""

    write: Callable[[Dossier], Iterator[bytes]]
