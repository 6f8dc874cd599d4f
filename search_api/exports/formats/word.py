"""A dossier as DOCX: each article with its note, its sentences and its reference."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from search_api.exports.citation import citation
from search_api.exports.format import Dossier, DossierFormat
from search_api.exports.record import facts, flat

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write(dossier: Dossier) -> Iterator[bytes]:
    """The bytes of a DOCX file."""
    import docx  # heavy, and few requests need it

    document = docx.Document()
    about = document.core_properties
    about.title, about.author, about.last_modified_by = _field(dossier.title), _field(dossier.author), ""
    about.comments, about.language = "招商文库的卷宗", "zh-CN"
    document.add_heading(_clean(dossier.title), 0)
    if dossier.author:
        document.add_paragraph(_clean(dossier.author), style="Subtitle")
    for line in _clean(dossier.note).splitlines():
        document.add_paragraph(line)
    for number, chapter in enumerate(dossier.chapters, 1):
        document.add_heading(_clean(f"{number}. {chapter.record.title}"), 1)
        document.add_paragraph(_clean(facts(chapter.record)))
        for line in _clean(chapter.note).splitlines():
            document.add_paragraph(line)
        for quoted in chapter.quotations:
            document.add_paragraph(_clean(f"{quoted.text}（{quoted.place}）"), style="Intense Quote")
        for practice, sentence in chapter.sentences:
            document.add_paragraph(_clean(f"{flat(sentence)}（{practice}）"), style="Intense Quote")
    document.add_heading("参考文献", 1)
    for number, chapter in enumerate(dossier.chapters, 1):
        document.add_paragraph(_clean(f"[{number}] {citation(chapter.record)}"))
        if chapter.record.snapshot:
            document.add_paragraph(_clean(f"存档快照：{chapter.record.snapshot}"))
    buffer = io.BytesIO()
    document.save(buffer)
    yield buffer.getvalue()


def _field(text: str) -> str:
    """At most the 255 characters that a property of a document holds."""
    return flat(_clean(text))[:255]


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text)


FORMAT = DossierFormat(
    name="docx",
    title="DOCX",
    media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    extension="docx",
    order=1,
    is_text=False,
    write=write,
)
