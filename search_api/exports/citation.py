"""How an article is cited, by GB/T 7714—2015."""

from __future__ import annotations

from search_api.exports.record import Record


def citation(record: Record) -> str:
    """主要责任者. 题名[EB/OL]. 出版者, (发布日期)[引用日期]. 网址; what is unknown is left out, the snapshot's address stands at the end."""
    authors = "，".join(record.authors[:3]) + ("，等" if len(record.authors) > 3 else "")
    day = record.published.isoformat() if record.published else ""
    dates = (f"({day})" if day else "") + f"[{record.cited.isoformat()}]"
    issue = f"{record.issuer}, {dates}" if record.issuer else dates
    parts = [authors, f"{record.title}[EB/OL]", issue, record.url]
    line = ". ".join(part for part in parts if part) + "."
    return f"{line} 存档快照: {record.snapshot}." if record.snapshot else line
