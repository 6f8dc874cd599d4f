"""GB/T 7714: references as Chinese papers list them, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from search_api.exports.citation import citation
from search_api.exports.format import RecordFormat
from search_api.exports.record import Record


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """Numbered lines, [1] and so on, UTF-8."""
    for number, record in enumerate(records, 1):
        yield f"[{number}] {citation(record)}\n".encode("utf-8", "replace")


FORMAT = RecordFormat(
    name="gbt7714",
    title="GB/T 7714",
    media_type="text/plain; charset=utf-8",
    extension="txt",
    order=60,
    is_reference=True,
    write=write,
)
