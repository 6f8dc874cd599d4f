"""BibTeX: @misc entries that both BibTeX and BibLaTeX take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_api.exports.format import RecordFormat
from search_api.exports.record import Record, flat

# Braces are written as commands, so that they always balance.
_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{c: f"\\{c}" for c in "#$%&_"},
    }
)
_IN_URL = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """One entry an article; the key is the article's id with a letter before it."""
    for record in records:
        fields = {
            "title": f"{{{_escaped(record.title)}}}",
            "author": " and ".join(f"{{{_escaped(author)}}}" for author in record.authors),
            "organization": f"{{{_escaped(record.issuer)}}}" if record.issuer else "",
            "year": f"{record.published.year}" if record.published else "",
            "month": f"{record.published.month}" if record.published else "",
            "date": record.published.isoformat() if record.published else "",
            "url": record.url.translate(_IN_URL),
            "urldate": record.cited.isoformat(),
            "note": f"存档快照: {record.snapshot.translate(_IN_URL)}" if record.snapshot else "",
            "keywords": _escaped(", ".join(record.practices)),
            "langid": "chinese",
        }
        body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        yield f"@misc{{z{record.article.id},\n{body}}}\n\n".encode("utf-8", "replace")


def _escaped(text: str) -> str:
    return flat(text).translate(_SPECIAL)


FORMAT = RecordFormat(
    name="bibtex",
    title="BibTeX",
    media_type="application/x-bibtex; charset=utf-8",
    extension="bib",
    order=50,
    is_reference=True,
    write=write,
)
