"""Imports pages saved elsewhere (WARC files, folders of HTML) as captures, and extracts them as the extract stage does."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecordType
from sqlalchemy import select

from crawler.archive import Archive, Exchange, ForgottenError, UnreadableRecordError
from crawler.archive.records.warc import digest_of
from crawler.archive.schema import captures
from crawler.article import article_id
from crawler.canonical import canonicalise
from crawler.configuration import Settings
from crawler.extraction.documents.linked_documents import is_document
from crawler.extraction.list_page import LIST_PAGE
from crawler.importing.bodies import BodyError, is_markup, plain_body, read_within
from crawler.importing.single_page import owner_of
from crawler.reasons import describe_error
from crawler.sources import Source
from crawler.stages.extract import extract_captures
from crawler.web.challenge import challenge
from crawler.web.site_policy import MOST_HEADER_BYTES, MOST_URL

_SAVED = (".html", ".htm", ".shtml", ".xhtml", ".mhtml", ".mht")
_HEAD = 100_000  # bytes in which a saved page says where it is from
_ADDRESSES = (  # as browsers, SingleFile and HTTrack note it, then as the page itself says
    re.compile(rb"(?i)<!--\s*saved from url=(?:\(\d+\))?(https?://[^\s>]+)"),
    re.compile(rb"(?i)<!--\s*page saved with singlefile\s+url:\s*(https?://[^\s>]+)"),
    re.compile(rb"(?i)<!--\s*mirrored from ((?:https?://)?[^\s>]+) by httrack"),
    re.compile(rb"(?i)<link\b[^>]*\brel=[\"']?canonical\b[^>]*\bhref=[\"']?(https?://[^\s\"'>]+)"),
    re.compile(rb"(?i)<link\b[^>]*\bhref=[\"']?(https?://[^\s\"'>]+)[^>]*\brel=[\"']?canonical\b"),
    re.compile(rb"(?i)<meta\b[^>]*\bproperty=[\"']?og:url\b[^>]*\bcontent=[\"']?(https?://[^\s\"'>]+)"),
)
_NOTED_BY_SAVER = 3  # of them: the others may name the site's home on every page
ADDRESS_FILE = "addresses.csv"  # in the folder: file, address


@dataclass
class PagesReport:
    """What became of the pages; `known` were captured before, `waiting` belong to a visit that goes on, `repeats` are
    revisit records, whose bytes stand elsewhere, `lists` the addresses of pages that are lists (of `no_article`). `faults` are lines for the operator."""

    pages: int = 0
    known: int = 0
    kept: int = 0
    rejected: int = 0
    no_article: int = 0
    waiting: int = 0
    repeats: int = 0
    lists: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def is_pages(path: Path) -> bool:
    """Whether a path is a folder, a WARC file or a saved page by its name."""
    return path.is_dir() or path.name.lower().endswith((".warc", ".warc.gz", *_SAVED))


def import_pages(
    path: Path,
    archive: Archive,
    registry: Mapping[str, Source],
    settings: Settings,
    *,
    progress: Callable[[int], None] = lambda done: None,
    note: Callable[[str], None] = lambda text: None,
    tell: Callable[[str], None] | None = None,
) -> PagesReport:
    """Captures the pages that are not known and extracts what waits, which `note` is told of. The same pages twice change nothing. Raises OSError, ArchiveError."""
    report = PagesReport()
    ids: list[int] = []
    run = archive.runs.start("import")
    with archive.captures.writer(run) as writer:
        for page in exchanges(path, report):
            report.pages += 1
            progress(report.pages)
            canonical = canonicalise(page.url)
            owner = owner_of(page.url, registry)
            if tombstone := archive.tombstones.of_page(canonical, owner.name if owner else None):
                report.faults.append(f"{path}：{ForgottenError(tombstone)}")
                continue
            if _is_known(archive, canonical, page.body):
                report.known += 1
                continue
            barred = challenge(page.status, page.body, dict(page.headers))
            kept = Exchange(
                url=page.url,
                status=page.status,
                headers=page.headers,
                body=page.body,
                fetched_at=page.fetched_at,
                source=owner.name if owner else None,
                canonical_url=canonical,
                blocked=barred,
            )
            ids.append(writer.write(kept).id)
    extract_captures(
        archive, registry, settings, progress=lambda done, so_far: note(f"提取 {done:,}/{so_far.waiting:,}"), tell=tell
    )
    taken = [c for i in ids if (c := archive.captures.get(i))]
    report.lists = [c.url for c in taken if (c.reason or "").startswith(LIST_PAGE)]
    outcomes = Counter(c.outcome if not c.blocked else "blocked" for c in taken)
    report.kept, report.rejected = outcomes.pop("article", 0), outcomes.pop("rejected", 0)
    report.waiting = outcomes.pop(None, 0)
    report.no_article = outcomes.total()
    archive.runs.finish(run, {"path": str(path), "pages": report.pages})
    return report


def exchanges(path: Path, report: PagesReport) -> Iterator[Exchange]:
    """The pages in a WARC file, a folder or a saved page, as if they had been asked for; what cannot be read goes to the report. Raises OSError."""
    return _warc(path, report) if ".warc" in path.suffixes and path.is_file() else _saved(path, report)


def _is_known(archive: Archive, canonical: str, body: bytes) -> bool:
    """Whether the page was captured with these bytes, and they can still be read: else importing it again brings them back."""
    query = select(captures.c.id).where(
        captures.c.page == article_id(canonical), captures.c.digest == digest_of(body), captures.c.role == "article"
    )
    with archive.database.reader() as connection:
        ids = connection.execute(query.order_by(captures.c.id.desc()).limit(1)).scalars().all()
    for capture in map(archive.captures.get, ids):
        if capture is not None:
            try:
                archive.captures.payload(capture)
            except UnreadableRecordError:
                return False  # its loss is told by whoever extracts it
            return True
    return False


def _saved(path: Path, report: PagesReport) -> Iterator[Exchange]:
    """The saved pages of a folder, or the one of a file."""
    folder = path if path.is_dir() else path.parent
    addresses = _addresses(folder, report)
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SAVED) if path.is_dir() else [path]
    for file in files:
        try:
            with file.open("rb") as opened:
                body = read_within(opened)
            at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        except OSError as error:
            report.faults.append(f"{file}：读不到（{describe_error(error)}）")
            continue
        except BodyError as error:
            report.faults.append(f"{file}：{error}，没有收")
            continue
        told = addresses.pop(file.relative_to(folder).as_posix(), None)
        kind, noted = "text/html", None
        if file.suffix.lower() in (".mhtml", ".mht"):
            page = _page_of(body)
            if page is None:
                report.faults.append(f"{file}：里面没有网页")
                continue
            body, kind, noted = page
        url = told or noted or _address(body) or file.resolve().as_uri()
        yield Exchange(url, 200, (("Content-Type", kind),), body, at)
    if path.is_dir():
        report.faults += [f"{folder / ADDRESS_FILE}：没有 {name} 这个网页文件" for name in addresses]


def _page_of(content: bytes) -> tuple[bytes, str, str | None] | None:
    """The page that a browser packed into one file with its pictures, its content type, and its address."""
    message = message_from_bytes(content)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            body = part.get_payload(decode=True)
            places = (part.get("Content-Location"), message.get("Snapshot-Content-Location"))
            # a header with bytes that are no ASCII is an object, not a text
            url = next((at for place in places if place and _is_address(at := str(place).strip())), None)
            charset = part.get_content_charset()
            return (bytes(body), f"text/html; charset={charset}" if charset else "text/html", url) if body else None
    return None


def _addresses(folder: Path, report: PagesReport) -> dict[str, str]:
    """The addresses that a table in the folder gives: by file, relative to the folder. A heading is no row."""
    path = folder / ADDRESS_FILE
    if not path.is_file():
        return {}
    out: dict[str, str] = {}
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        report.faults.append(f"{path}：读不出来（{describe_error(error)}）")
        return {}
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if len(cells) >= 2 and _is_address(cells[1]):
            out[cells[0].replace("\\", "/").removeprefix("./")] = cells[1]
        elif any(cells) and number > 1:
            report.faults.append(f"{path} 第 {number} 行：应为文件与网址两列，网址以 http:// 或 https:// 开头")
    return out


def _address(body: bytes) -> str | None:
    for number, pattern in enumerate(_ADDRESSES):
        if match := pattern.search(body[:_HEAD]):
            url = match[1].decode("utf-8", "replace")
            url = url if "://" in url else f"http://{url}"
            if _is_address(url) and (number < _NOTED_BY_SAVER or urlsplit(url).path not in ("", "/")):
                return url
    return None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _warc(path: Path, report: PagesReport) -> Iterator[Exchange]:
    whole = _is_whole(path)
    records = 0
    with path.open("rb") as file:
        try:
            for record in ArchiveIterator(file, parse_http=False, record_types=WarcRecordType.any_type):
                records += 1
                url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
                if not _is_address(url):
                    continue
                if len(url) > MOST_URL:
                    report.faults.append(f"{path}：第 {records} 条记录的网址超过 {MOST_URL} 个字符，没有收")
                    continue
                if record.record_type == WarcRecordType.revisit:
                    report.repeats += 1
                if record.record_type == WarcRecordType.resource and not record.is_http:
                    yield from _resource(record, url, path, report)
                if record.record_type != WarcRecordType.response or not record.is_http:
                    continue
                kind, packed = "", b""
                try:
                    status, headers, head = _headers(record)
                    kind = next((v for k, v in headers if k.lower() == "content-type"), "").lower()
                    if status != 200:
                        continue
                    length = 0 if head else record.content_length
                    packed = head + read_within(record.reader)
                    if len(packed) < length:
                        raise BodyError("被截断")
                    body = plain_body(packed, headers)
                except BodyError as error:
                    if not kind or "html" in kind or is_document(packed):
                        report.faults.append(f"{path}：{url} 的记录{error}，没有收")
                    continue
                if not body or not ("html" in kind or is_document(body) or (not kind and is_markup(body))):
                    continue
                names = ("content-encoding", "transfer-encoding", "content-length")
                plain = tuple((k, v) for k, v in headers if k.lower() not in names)
                yield Exchange(url, 200, plain, body, record.record_date or datetime.now(UTC))
        except (OSError, ValueError, EOFError, RuntimeError, AttributeError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk, not what is in the file
            if records:
                report.faults.append(
                    f"{path}：第 {records + 1} 条记录读不出来（{describe_error(error)}），其后的没有收"
                )
    if not records:
        report.faults.append(f"{path}：不是 WARC 文件，没有读出记录")
    elif not whole:
        report.faults.append(f"{path}：文件不完整或不是 gzip，只收读得出的部分")


def _headers(record: Any) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Status and headers of a response, and what was read of its body meanwhile. Raises BodyError where the headers exceed what the crawl takes.

    fastwarc reads 32 KB of headers; this program and others wrote more.
    """
    try:
        record.parse_http(auto_decode="none")
    except OSError as error:
        if error.errno is not None:
            raise
        block = read_within(record.reader)
        top, _, body = block.partition(b"\r\n\r\n")
        if len(top) > MOST_HEADER_BYTES:
            raise BodyError(f"的响应头超过 {MOST_HEADER_BYTES // 1024} KB") from error
        first, *lines = top.decode("latin-1").split("\r\n")
        found = re.match(r"HTTP/\S+ (\d{3})\b", first)
        pairs = (line.partition(":") for line in lines if ":" in line)
        if len(block) < record.content_length:
            raise BodyError("被截断") from error
        return int(found[1]) if found else 0, tuple((k.strip(), v.strip()) for k, _, v in pairs), body
    http = record.http_headers
    return http.status_code, tuple((str(k), str(v)) for k, v in http.astuples()), b""


def _resource(record: Any, url: str, path: Path, report: PagesReport) -> Iterator[Exchange]:
    """A page that was kept without its response."""
    kind = str(record.headers.get("Content-Type") or "")
    try:
        body = read_within(record.reader)
    except BodyError as error:
        if "html" in kind.lower():
            report.faults.append(f"{path}：{url} 的记录{error}，没有收")
        return
    if body and ("html" in kind.lower() or is_document(body)):
        yield Exchange(url, 200, (("Content-Type", kind),), body, record.record_date or datetime.now(UTC))


def _is_whole(path: Path) -> bool:
    if not path.name.lower().endswith(".gz"):
        with path.open("rb") as plain:
            plain.seek(max(0, path.stat().st_size - 4))
            return plain.read().endswith((b"\r\n\r\n", b"\n\n"))
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False
    return True
