"""WARC files (ISO 28500, WARC/1.1): one a run and writer, each record a gzip member of its own, rolled at 1 GB.

A file is `NAME.warc.gz.open` and locked while it is written, `NAME.warc.gz` afterwards. A `.open` file that nobody holds was left by a
writer that died: `recover` cuts it behind the last record that has a row, and gives it its name.
"""

from __future__ import annotations

import errno
import fcntl
import gzip
import os
import secrets
import socket
from base64 import b32encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit
from uuid import uuid4

from fastwarc.warc import ArchiveIterator
from warcio.recordbuilder import RecordBuilder
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import errors
from crawler.archive.errors import ArchiveError
from crawler.archive.models import Exchange
from crawler.reasons import reason_of

ROLL_BYTES = 1_000_000_000
OPEN = ".open"
VERSION = "1.1"

_BUILDER = RecordBuilder(warc_version=VERSION)


@dataclass(frozen=True, slots=True)
class Original:
    """The record that holds the bytes which a revisit record leaves out."""

    url: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a response's record lies: `file` under the folder, without `.open`."""

    file: str
    offset: int
    length: int


class WarcFile:
    """One file being written. Not for threads. Raises ArchiveError where the disk refuses, with the file as it was before."""

    def __init__(self, folder: Path, archive: str, run: int) -> None:
        self._descriptor = -1
        while self._descriptor < 0:
            stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
            self.name = f"zhaoshang-{archive}-{stamp}-{run:06d}-{secrets.token_hex(4)}.warc.gz"
            self._path = folder / (self.name + OPEN)
            self._descriptor = _create_locked(self._path)
        self.size = 0
        self._append(_warcinfo(self.name))

    def write(self, exchange: Exchange, digest: str, original: Original | None) -> Place:
        """Append request and response (or a revisit record of `original`); when this returns, their bytes are on the disk."""
        request, response = _records(exchange, digest, original)
        self._append(request + response)
        # Before the row is committed: a row must not outlive its bytes, not even when the power fails (docs/decisions/0030).
        os.fdatasync(self._descriptor)
        return Place(self.name, self.size - len(response), len(response))

    def close(self) -> None:
        """Give the file its final name."""
        if self._descriptor < 0:
            return
        os.fsync(self._descriptor)
        self._path.rename(self._path.with_name(self.name))
        os.close(self._descriptor)
        self._descriptor = -1

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            os.ftruncate(self._descriptor, self.size)
            raise errors.of_os(error, self._path) from error
        self.size += len(data)


def digest_of(payload: bytes) -> str:
    """The payload's digest as WARC files name it: sha1:BASE32."""
    return "sha1:" + b32encode(sha1(payload).digest()).decode()


@dataclass(frozen=True, slots=True)
class Stored:
    """A response record as read back. `content` is empty in a revisit record."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


def read(folder: Path, place: Place) -> Stored:
    """Read one response or revisit record. Raises ArchiveError where it is not there or not whole."""
    try:
        with _open(folder, place.file) as file:
            file.seek(place.offset)
            member = file.read(place.length)
    except OSError as error:
        raise errors.of_os(error, folder / place.file) from error
    try:
        for record in ArchiveIterator(BytesIO(member), parse_http=True, auto_decode="none"):
            headers = tuple((str(k), str(v)) for k, v in record.http_headers.astuples())
            return Stored(int(record.http_headers.status_code or 0), headers, bytes(record.reader.read()))
    except (OSError, ValueError, AttributeError) as error:
        raise ArchiveError(f"存档文件 {place.file} 在 {place.offset} 处的记录已损坏（{reason_of(error)}）") from error
    raise ArchiveError(f"存档文件 {place.file} 在 {place.offset} 处没有完整的记录")


def recover(folder: Path, archive: str, good_end: Callable[[str], int]) -> list[str]:
    """Finish the files of this archive's writers that died: cut each at `good_end(file)`, the end of its last record that has a row, or remove it where that is 0.

    Returns the names of the files it dealt with. Files that a living writer holds are left alone.
    """
    done = []
    for path in sorted(folder.glob(f"zhaoshang-{archive}-*.warc.gz{OPEN}")):
        try:
            with path.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                name = path.name.removesuffix(OPEN)
                end = good_end(name)
                if end == 0:
                    path.unlink()
                else:
                    if end < os.fstat(file.fileno()).st_size:
                        file.truncate(end)
                        os.fsync(file.fileno())
                    path.rename(folder / name)
                done.append(name)
        except (BlockingIOError, FileNotFoundError):  # held by a living writer; or another process was faster
            continue
        except OSError as error:
            raise errors.of_os(error, path) from error
    return done


def _open(folder: Path, name: str) -> BinaryIO:
    # Its writer may close and rename it between two looks.
    for path in (folder / name, folder / (name + OPEN), folder / name):
        with suppress(FileNotFoundError):
            return path.open("rb")
    raise FileNotFoundError(errno.ENOENT, "存档文件不见了", name)


def _create_locked(path: Path) -> int:
    """A new locked file's descriptor; -1 where the name is taken, or `recover` took the file before it was locked."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return -1
    except OSError as error:
        raise errors.of_os(error, path) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return -1


def _warcinfo(name: str) -> bytes:
    about = {
        "software": "zhaoshang",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "hostname": socket.gethostname(),
        "description": "HTTP responses with content and transfer encodings removed",
    }
    return _member(_BUILDER.create_warcinfo_record(name, about))


def _records(exchange: Exchange, digest: str, original: Original | None) -> tuple[bytes, bytes]:
    date = {"WARC-Date": _date(exchange.fetched_at)}
    response_id = f"<urn:uuid:{uuid4()}>"
    request = _BUILDER.create_warc_record(
        exchange.url,
        "request",
        payload=BytesIO(exchange.request_body),
        length=len(exchange.request_body),
        warc_headers_dict=date | {"WARC-Concurrent-To": response_id},
        http_headers=StatusAndHeaders(_request_line(exchange), _request_headers(exchange), is_http_request=True),
    )
    about = date | {"WARC-Record-ID": response_id}
    if exchange.address:
        about["WARC-IP-Address"] = exchange.address
    http = StatusAndHeaders(_status_line(exchange.status), _response_headers(exchange), protocol="HTTP/1.1")
    if original is None:
        response = _BUILDER.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            warc_headers_dict=about | {"WARC-Payload-Digest": digest},
            http_headers=http,
        )
    else:
        response = _BUILDER.create_revisit_record(
            exchange.url, digest, original.url, _date(original.fetched_at), http_headers=http, warc_headers_dict=about
        )
    return _member(request), _member(response)


def _member(record: ArcWarcRecord) -> bytes:
    """The record as a gzip member of its own. Compressed here: warcio's own writer takes level 9, a fifth more time for half a percent of size."""
    plain = BytesIO()
    WARCWriter(plain, gzip=False, warc_version=VERSION).write_record(record)
    return gzip.compress(plain.getvalue(), 6, mtime=0)


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _request_line(exchange: Exchange) -> str:
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{exchange.method} {target} HTTP/1.1"


def _request_headers(exchange: Exchange) -> list[tuple[str, str]]:
    headers = [(_line(k), _line(v)) for k, v in exchange.request_headers]
    if not any(k.lower() == "host" for k, _ in headers):
        headers.insert(0, ("Host", urlsplit(exchange.url).netloc))
    return headers


def _response_headers(exchange: Exchange) -> list[tuple[str, str]]:
    """As received, but true of the decoded body: encodings are moved to X-Archive-Orig-*, as other web archives do."""
    headers = []
    for key, value in ((_line(k), _line(v)) for k, v in exchange.headers):
        if key.lower() in ("content-encoding", "transfer-encoding", "content-length"):
            key = f"X-Archive-Orig-{key}"
        headers.append((key, value))
    return [*headers, ("Content-Length", str(len(exchange.body)))]


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:  # 412 is standard, 521 and 999 are not
        return f"{status} Unknown"


def _line(text: str) -> str:
    return " ".join(text.split())
