"""What the sample sites publish: articles and threads from data/*.toml, and what should be extracted from them."""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DATA = Path(__file__).parent / "data"

Fate = Literal["article", "rejected", "blocked", "wall", "forbidden"]


@dataclass(frozen=True)
class Piece:
    """One line of an article's text: a paragraph, a `## ` heading, a `![caption](file)` image, a `| a | b |` table row or a `----` page break."""

    kind: Literal["paragraph", "heading", "image", "row", "break"]
    text: str = ""
    file: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """An article as one site publishes it. `published` is a date, or a time of Shanghai without zone."""

    key: str
    site: str
    column: str
    title: str
    published: date
    pieces: tuple[Piece, ...]
    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    nobody: str = ""  # what stands at 作者 and names nobody
    notice: str = ""  # the site's statement under the text, no part of it
    about: bool = True  # about investment promotion
    fate: Literal["article", "blocked", "forbidden"] = "article"
    document: str | None = None  # 发文字号: the article is a government document with a table of its 索引号
    second: tuple[Piece, ...] = ()  # the pieces after the site has changed the page

    @property
    def number(self) -> int:
        """Six digits for the address, the same in every run."""
        return 100000 + zlib.crc32(self.key.encode()) % 900000

    def parts(self, edition: int = 1) -> list[list[Piece]]:
        """The pieces of each page of the article; one page where there is no page break."""
        pages: list[list[Piece]] = [[]]
        for piece in self.second if edition > 1 and self.second else self.pieces:
            if piece.kind == "break":
                pages.append([])
            else:
                pages[-1].append(piece)
        return pages


@dataclass(frozen=True)
class Reply:
    """A reply in a thread; `quote` is (author, time, text) of what it answers."""

    author: str
    at: datetime
    text: str
    quote: tuple[str, datetime, str] | None = None


@dataclass(frozen=True)
class Thread:
    """A thread of the board. `wall` is what stands before it, if anything."""

    tid: int
    board: int
    title: str
    author: str
    at: datetime
    pieces: tuple[Piece, ...]
    prefix: str = ""
    sticky: bool = False
    about: bool = True
    edited: datetime | None = None
    attachment: str = ""
    hidden: str = ""  # text that the board strews in against copying
    wall: Literal["", "login", "permission", "paid", "refresh"] = ""
    replies: tuple[Reply, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Expected:
    """What the pipeline should make of one address. `site` is the source's name; `text` is the article's lines, joined by newlines; `parts` its further pages."""

    site: str
    url: str
    title: str
    published: str  # 2024-03-13 or 2024-03-13T16:24, Shanghai
    text: str
    fate: Fate
    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    replies: int | None = None
    parts: tuple[str, ...] = ()


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The pieces of a text in which every line is one."""
    return tuple(_piece(line.strip()) for line in text.splitlines() if line.strip())


def _piece(line: str) -> Piece:
    if line == "----":
        return Piece("break")
    if line.startswith("## "):
        return Piece("heading", line[3:])
    if line.startswith("!["):
        caption, _, file = line[2:-1].partition("](")
        return Piece("image", caption, file)
    if line.startswith("|"):
        return Piece("row", cells=tuple(cell.strip() for cell in line.strip("|").split("|")))
    return Piece("paragraph", line)


def plain(pieces: Iterable[Piece]) -> str:
    """The lines of the text itself: headings, paragraphs, table rows (cells joined by tabs), captions."""
    return "\n".join("\t".join(p.cells) if p.kind == "row" else p.text for p in pieces if p.kind != "break")


def written(at: date) -> str:
    """ISO, to the minute where a time is known."""
    return at.isoformat(timespec="minutes") if isinstance(at, datetime) else at.isoformat()


@cache
def samples(site: str) -> tuple[Sample, ...]:
    """The articles of one site, newest first. Raises KeyError or TypeError where the data is wrong."""
    own = [s for s in _all_samples().values() if s.site == site]
    return tuple(sorted(own, key=lambda s: (written(s.published), s.key), reverse=True))


@cache
def threads() -> tuple[Thread, ...]:
    """The threads of the board, newest first."""
    out = []
    for row in _tables("forum.toml", "thread"):
        replies = tuple(_reply(reply) for reply in row.pop("reply", ()))
        source = row.pop("of", None)
        if source:  # somebody posted an article of another site
            pieces = _all_samples()[source].pieces
            pieces = tuple(p for p in pieces if p.kind in ("paragraph", "heading"))
            pieces += pieces_of(row.pop("text", ""))
        else:
            pieces = pieces_of(row.pop("text"))
        out.append(Thread(**row, pieces=pieces, replies=replies))
    return tuple(sorted(out, key=lambda t: t.at, reverse=True))


def _reply(row: dict[str, Any]) -> Reply:
    quote = row.pop("quote", None)
    return Reply(**row, quote=(quote["author"], quote["at"], quote["text"]) if quote else None)


@cache
def _all_samples() -> dict[str, Sample]:
    out: dict[str, Sample] = {}
    copies: list[dict[str, Any]] = []
    for path in sorted(DATA.glob("*.toml")):
        for row in _tables(path.name, "article"):
            row.setdefault("site", path.stem.split("-")[0])
            text, second = row.pop("text"), row.pop("second", "")
            sample = Sample(**row, pieces=pieces_of(text), second=pieces_of(second))
            if sample.key in out:
                raise KeyError(f"{path.name}: {sample.key} stands twice")
            out[sample.key] = sample
        copies += _tables(path.name, "copy")
    for row in copies:  # the same text on another site, under its own 来源 line, perhaps cut short
        original, dropped = out[row.pop("of")], row.pop("drop_last", 0)
        pieces = tuple(p for p in original.pieces if p.kind != "break")
        row.setdefault("key", f"{original.key}@{row['site']}")
        kept = {
            "author": None,
            "editor": None,
            "nobody": "",
            "notice": "",
            "document": None,
            "fate": "article",
            "second": (),
        }
        out[row["key"]] = replace(original, pieces=pieces[: len(pieces) - dropped], **kept | row)
    return out


def _tables(file: str, name: str) -> list[dict[str, Any]]:
    path = DATA / file
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get(name, [])
    return found


def expect(sample: Sample, urls: list[str]) -> Expected:
    """What should become of `sample`, whose pages stand at `urls`."""
    fate: Fate = sample.fate if sample.fate != "article" else "article" if sample.about else "rejected"
    return Expected(
        site=f"demo-{sample.site}",
        url=urls[0],
        title=sample.title,
        published=written(sample.published),
        text=plain(sample.pieces),
        fate=fate,
        origin=sample.origin,
        author=sample.author,
        editor=sample.editor,
        parts=tuple(urls[1:]),
    )
