"""A dossier as Markdown: each article with its note, its sentences and its reference."""

from __future__ import annotations

import re
from collections.abc import Iterator

from search_api.exports.citation import citation
from search_api.exports.format import Dossier, DossierFormat
from search_api.exports.record import facts, flat

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")


def write(dossier: Dossier) -> Iterator[bytes]:
    """CommonMark, UTF-8."""
    lines = [f"# {_escaped(dossier.title)}", ""]
    if dossier.author:
        lines += [_escaped(flat(dossier.author)), ""]
    if dossier.note:
        lines += [_paragraphs(dossier.note), ""]
    for number, chapter in enumerate(dossier.chapters, 1):
        record = chapter.record
        lines += [f"## {number}. {_escaped(record.title)}", "", _escaped(facts(record)), ""]
        if chapter.note:
            lines += [_paragraphs(chapter.note), ""]
        lines += [f"> {_escaped(quoted.text)}（{quoted.place}）\n" for quoted in chapter.quotations]
        lines += [f"> {_escaped(flat(sentence))}（{_escaped(practice)}）\n" for practice, sentence in chapter.sentences]
    lines += ["## 参考文献", ""]
    for number, chapter in enumerate(dossier.chapters, 1):
        lines.append(f"{number}. {_escaped(citation(chapter.record))}")
        if chapter.record.snapshot:
            lines.append(f"   - 存档快照：<{chapter.record.snapshot}>")
    yield ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _paragraphs(text: str) -> str:
    return "\n\n".join(_escaped(line.strip()) for line in text.splitlines() if line.strip())


FORMAT = DossierFormat(
    name="markdown",
    title="Markdown",
    media_type="text/markdown; charset=utf-8",
    extension="md",
    order=2,
    write=write,
)
