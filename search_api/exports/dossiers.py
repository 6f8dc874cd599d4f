"""A dossier to take away as a text: Markdown and DOCX, each article with its note, its sentences and its reference."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from search_api.exports.gbt7714 import citation
from search_api.exports.record import Record, flat

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One article of a dossier: `sentences` are (practice, sentence that proves it)."""

    record: Record
    note: str
    sentences: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DossierFormat:
    name: str
    title: str
    media_type: str
    extension: str
    write: Callable[[str, str, Sequence[Chapter]], bytes]


def markdown(title: str, note: str, chapters: Sequence[Chapter]) -> bytes:
    """CommonMark, UTF-8."""
    lines = [f"# {_escaped(title)}", ""]
    if note:
        lines += [_paragraphs(note), ""]
    for number, chapter in enumerate(chapters, 1):
        record = chapter.record
        lines += [f"## {number}. {_escaped(record.title)}", "", _escaped(_facts(record)), ""]
        if chapter.note:
            lines += [_paragraphs(chapter.note), ""]
        lines += [f"> {_escaped(flat(sentence))}（{_escaped(practice)}）\n" for practice, sentence in chapter.sentences]
    lines += ["## 参考文献", ""]
    lines += [f"{number}. {_escaped(citation(chapter.record))}" for number, chapter in enumerate(chapters, 1)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def word(title: str, note: str, chapters: Sequence[Chapter]) -> bytes:
    """DOCX."""
    import docx  # heavy, and few requests need it

    document = docx.Document()
    document.add_heading(_clean(title), 0)
    for line in _clean(note).splitlines():
        document.add_paragraph(line)
    for number, chapter in enumerate(chapters, 1):
        document.add_heading(_clean(f"{number}. {chapter.record.title}"), 1)
        document.add_paragraph(_clean(_facts(chapter.record)))
        for line in _clean(chapter.note).splitlines():
            document.add_paragraph(line)
        for practice, sentence in chapter.sentences:
            document.add_paragraph(_clean(f"{flat(sentence)}（{practice}）"), style="Intense Quote")
    document.add_heading("参考文献", 1)
    for number, chapter in enumerate(chapters, 1):
        document.add_paragraph(_clean(f"[{number}] {citation(chapter.record)}"))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


DOSSIER_FORMATS: Mapping[str, DossierFormat] = {
    format.name: format
    for format in (
        DossierFormat(
            "docx",
            "DOCX",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
            word,
        ),
        DossierFormat("markdown", "Markdown", "text/markdown; charset=utf-8", "md", markdown),
    )
}


def _facts(record: Record) -> str:
    return " · ".join(
        part for part in (record.date[:10], record.publisher, record.article.origin or "", record.place) if part
    )


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _paragraphs(text: str) -> str:
    return "\n\n".join(_escaped(line.strip()) for line in text.splitlines() if line.strip())


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text)
