"""A dossier as WACZ: the pages as they were received, in one file that ReplayWeb.page and other players of web archives open."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from search_api.exports.citation import citation
from search_api.exports.format import Chapter, Dossier, DossierFormat, Snapshot
from search_api.exports.record import flat
from search_api.web.error_handlers import Problem

_PIECE = 256 * 1024
_SECONDS = 600  # for the index of all pages; some thousand pages a second
_WARC = "pages.warc.gz"


def write(dossier: Dossier) -> Iterator[bytes]:
    """The pieces of the file. Every page is a response with its bytes: a revisit would need a record that stays behind. Raises Problem 501 where the package is missing, 500 where it fails."""
    if find_spec("wacz") is None:
        detail = "WACZ 要用 wacz 包，请管理员运行：pip install 'zhaoshang[wacz]'。其余格式照常。"
        raise Problem(501, detail, kind="wacz-not-installed", title="没有装 wacz")
    with tempfile.TemporaryDirectory(prefix="zhaoshang-wacz-") as name:
        folder = Path(name)
        missing = _write_pages(folder, dossier)
        told = [flat(dossier.note), f"作者：{flat(dossier.author)}" if dossier.author else "", *missing]
        _run(folder, title=flat(dossier.title), description="\n".join(filter(None, told)))
        with (folder / "dossier.wacz").open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _write_pages(folder: Path, dossier: Dossier) -> list[str]:
    """The WARC file and the list of pages; what could not be put in, in words."""
    from warcio.warcwriter import WARCWriter

    missing: list[str] = []
    lines: list[dict[str, Any]] = [
        {"format": "json-pages-1.0", "id": "pages", "title": flat(dossier.title), "hasText": True}
    ]
    written: set[int] = set()
    with (folder / _WARC).open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        writer.write_record(
            writer.create_warcinfo_record(_WARC, {"software": "zhaoshang", "title": _ascii(dossier.title)})
        )
        for chapter in dossier.chapters:
            snapshots = list(chapter.snapshots())
            if not snapshots:
                missing.append(f"没有快照（导入的文章）：{chapter.record.title}")
            for number, snapshot in enumerate(snapshots):
                if snapshot.content is None:
                    missing.append(f"快照读不出来：{chapter.record.title}（{snapshot.missing}）")
                    continue
                if snapshot.capture not in written:
                    written.add(snapshot.capture)
                    _write_page(writer, snapshot, chapter)
                if number == 0:
                    lines.append(_page(snapshot, chapter))
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "pages.jsonl").write_text(text, encoding="ascii")
    return missing


def _page(snapshot: Snapshot, chapter: Chapter) -> dict[str, Any]:
    """A line of pages.jsonl: fields of the format, and the citation, note and quotations beside."""
    record = chapter.record
    line = {
        "id": record.article.id,
        "url": _url(snapshot.url),
        "ts": _moment(snapshot.fetched_at),
        "title": record.title,
        "text": record.article.text,
        "citation": citation(record),
        "note": chapter.note,
        "quotations": [quoted.text for quoted in chapter.quotations],
    }
    return {name: value for name, value in line.items() if value}


def _write_page(writer: Any, snapshot: Snapshot, chapter: Chapter) -> None:
    from warcio.statusandheaders import StatusAndHeaders

    content = snapshot.content or b""
    headers = [(name, value) for name, value in snapshot.headers.items() if name != "content-length"]
    headers.append(("Content-Length", str(len(content))))
    http = StatusAndHeaders(f"{snapshot.status or 200} OK", headers, protocol="HTTP/1.1")
    url, moment = _url(snapshot.url), _moment(snapshot.fetched_at)
    response = writer.create_warc_record(
        url, "response", payload=BytesIO(content), http_headers=http, warc_headers_dict={"WARC-Date": moment}
    )
    writer.write_record(response)
    cited = f"title: {flat(chapter.record.title)}\r\ncitation: {citation(chapter.record)}\r\n".encode()
    about = {"WARC-Date": moment, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
    metadata = writer.create_warc_record(
        url,
        "metadata",
        payload=BytesIO(cited),
        length=len(cited),
        warc_content_type="application/warc-fields",
        warc_headers_dict=about,
    )
    writer.write_record(metadata)


def _run(folder: Path, *, title: str, description: str) -> None:
    """In a process of its own: the package prints what it does, and holds an index in memory."""
    command = [sys.executable, "-m", "wacz", "create", "-o", "dossier.wacz", "-f", "-p", "pages.jsonl", "--copy-pages"]
    command += [f"--title={title}", f"--desc={description}", _WARC]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_SECONDS)
    except subprocess.SubprocessError as error:
        raise Problem(500, "没有做成 WACZ 文件，原因已记入日志。", kind="wacz-failed") from error


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _url(url: str) -> str:
    """As records and indexes of web archives hold it: without what is no ASCII."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _ascii(text: str) -> str:
    return flat(text).encode("ascii", "xmlcharrefreplace").decode()


FORMAT = DossierFormat(
    name="wacz",
    title="WACZ（网页快照）",
    media_type="application/wacz",
    extension="wacz",
    order=3,
    is_text=False,
    write=write,
)
