"""RIS: for reference managers (EndNote, Zotero, NoteExpress)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_api.exports.format import RecordFormat
from search_api.exports.record import Record, flat


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """One reference an article, type ELEC, lines ended by CRLF as the format says."""
    for record in records:
        fields = [("TY", "ELEC"), ("ID", record.article.id), ("TI", record.title)]
        fields += [("AU", author) for author in record.authors]
        fields.append(("PB", record.issuer))
        if record.published:
            fields += [("PY", f"{record.published.year}"), ("DA", record.published.strftime("%Y/%m/%d/"))]
        fields += [("UR", record.url), ("L2", record.snapshot), ("Y2", record.cited.strftime("%Y/%m/%d/"))]
        fields += [("KW", practice) for practice in record.practices]
        fields += [("LA", "zh"), ("DB", "招商文库")]
        lines = [f"{tag}  - {flat(value)}\r\n" for tag, value in fields if value]
        yield ("".join(lines) + "ER  - \r\n\r\n").encode("utf-8", "replace")


FORMAT = RecordFormat(
    name="ris",
    title="RIS",
    media_type="application/x-research-info-systems; charset=utf-8",
    extension="ris",
    order=40,
    is_reference=True,
    write=write,
)
