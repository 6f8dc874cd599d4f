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
import zlib
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from fastwarc.warc import ArchiveIterator
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.archive import errors
from crawler.archive.errors import UnreadableRecordError
from crawler.archive.models import Exchange
from crawler.archive.records.warc_headers import request_headers, request_line, response_headers, shortened, warc_field
from crawler.reasons import describe_error

ROLL_BYTES = 1_000_000_000
STORED_ROLL_BYTES = 64_000_000  # where files go to a store: one is put in one request, and read on a bad day in one
OPEN = ".open"
VERSION = "1.1"

_LEVEL = 4  # of 1 to 9; beside 6 it takes a third less time for pages, and 3.5 % more room
_TRUNCATED = {"WARC-Truncated": "length"}  # some of the HTTP headers are shortened or left out; the body never is


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
        return self.write_all([(exchange, digest, original)])[0]

    def write_all(self, exchanges: Iterable[tuple[Exchange, str, Original | None]]) -> list[Place]:
        """The same of several at once: all their bytes are on the disk, or none."""
        data, places = bytearray(), []
        for exchange, digest, original in exchanges:
            request, response = _records(exchange, digest, original)
            data += request + response
            places.append(Place(self.name, self.size + len(data) - len(response), len(response)))
        self._append(data)
        # Before the rows are committed: a row must not outlive its bytes, not even when the power fails (docs/decisions/0030).
        os.fdatasync(self._descriptor)
        return places

    def copy(self, data: bytes) -> int:
        """Append whole members of another file as they are; where the file ends then."""
        self._append(data)
        return self.size

    def close(self) -> None:
        """Give the file its final name."""
        if self._descriptor < 0:
            return
        os.fsync(self._descriptor)
        self._path.rename(self._path.with_name(self.name))
        os.close(self._descriptor)
        self._descriptor = -1

    def abandon(self) -> None:
        """Let go of the file as it is: `recover` cuts off what has no row."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _append(self, data: bytes | bytearray) -> None:
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
    """Read one response or revisit record. Raises UnreadableRecordError where it is not there or not whole, ArchiveError where nothing can be read."""
    try:
        with _open(folder, place.file) as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(place.offset)
            member = file.read(place.length)
    except OSError as error:
        raise errors.of_reading(error, place.file) from error
    return parse(member, place, size)


def parse(member: bytes, place: Place, size: int | None = None) -> Stored:
    """The record in the bytes that lie at a place, in a file of `size` bytes. Raises UnreadableRecordError where they are not a whole one."""
    where = f"存档文件 {place.file} 在 {place.offset} 处的记录"
    if len(member) < place.length:
        size = place.offset + len(member) if size is None else size
        raise UnreadableRecordError(f"{where}已损坏：文件只有 {size} 字节，缺 {place.length - len(member)} 字节")
    try:
        plain = gzip.decompress(member)  # whole, so that its checksum is looked at before anything is taken from it
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableRecordError(f"{where}已损坏（{describe_error(error)}）") from error
    stored = _parse(plain) or _parse_long(plain)
    if stored is None:
        raise UnreadableRecordError(f"{where}不是一份网页的回答")
    return stored


def _parse(plain: bytes) -> Stored | None:
    """The record in `plain`; None where fastwarc reads none, also because its headers exceed 32 KB."""
    try:
        for record in ArchiveIterator(BytesIO(plain), parse_http=True, auto_decode="none"):
            if record.http_headers is None:
                return None
            headers = tuple((str(k), str(v)) for k, v in record.http_headers.astuples())
            return Stored(int(record.http_headers.status_code or 0), headers, bytes(record.reader.read()))
    except (OSError, ValueError):  # the record's checksum was right: it is longer than fastwarc takes, or no HTTP
        return None
    return None


def _parse_long(plain: bytes) -> Stored | None:
    """The same by warcio, which reads headers of any length: this program wrote them so before decision 0300."""
    try:
        # in one block: where a line is longer than a block, warcio loses a part of it
        for record in WarcioIterator(BytesIO(plain), block_size=len(plain) + 1):
            if record.http_headers is None:
                return None
            headers = tuple((str(k), str(v)) for k, v in record.http_headers.headers)
            status = record.http_headers.get_statuscode()
            return Stored(int(status) if status.isdecimal() else 0, headers, record.raw_stream.read())
    except (ArchiveLoadFailed, EOFError, ValueError):
        return None
    return None


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
    block = "".join(f"{key}: {value}\r\n" for key, value in about.items()).encode()
    named = {"WARC-Type": "warcinfo", "WARC-Filename": name, "WARC-Date": _date(datetime.now(UTC))}
    return _member({**named, "Content-Type": "application/warc-fields"}, block)


def _records(exchange: Exchange, digest: str, original: Original | None) -> tuple[bytes, bytes]:
    """Members for a request and its response. Put together here: warcio's builder takes several times as long, a tenth of what a page costs."""
    common = {"WARC-Target-URI": warc_field(exchange.url), "WARC-Date": _date(exchange.fetched_at)}
    response_id = f"<urn:uuid:{uuid4()}>"
    asked, asked_cut = shortened(request_headers(exchange))
    about = {"WARC-Type": "request", **common, "WARC-Concurrent-To": response_id, **(_TRUNCATED if asked_cut else {})}
    request = _member(
        {**about, "Content-Type": "application/http; msgtype=request"},
        _http(request_line(exchange), asked) + exchange.request_body,
    )
    headers, cut = shortened(response_headers(exchange))
    about = {**common, "WARC-Record-ID": response_id, **(_TRUNCATED if cut else {})}
    if exchange.address:
        about["WARC-IP-Address"] = warc_field(exchange.address)
    about |= {"WARC-Payload-Digest": digest, "Content-Type": "application/http; msgtype=response"}
    http = _http(f"HTTP/1.1 {_status_line(exchange.status)}", headers)
    if original is None:
        return request, _member({"WARC-Type": "response", **about}, http + exchange.body)
    about |= {
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Refers-To-Target-URI": warc_field(original.url),
        "WARC-Refers-To-Date": _date(original.fetched_at),
    }
    return request, _member({"WARC-Type": "revisit", **about}, http)


def _http(first_line: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("ascii")


def _member(headers: Mapping[str, str], block: bytes) -> bytes:
    """The record as a gzip member of its own."""
    named = {"WARC-Record-ID": f"<urn:uuid:{uuid4()}>", **headers, "WARC-Block-Digest": digest_of(block)}
    lines = [f"WARC/{VERSION}", *(f"{name}: {value}" for name, value in named.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(block)}", "", ""]).encode("ascii")
    return gzip.compress(b"".join((head, block, b"\r\n\r\n")), _LEVEL, mtime=0)


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:  # 412 is standard, 521 and 999 are not
        return f"{status} Unknown"
