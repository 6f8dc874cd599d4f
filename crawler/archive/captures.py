"""Captures: what the crawl received, as WARC records with a row each, and what extraction made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, insert, or_, select, text, update

from crawler.archive.database import Database, plain
from crawler.archive.errors import ElsewhereError, UnreadableRecordError
from crawler.archive.forgetting.tombstones import refuse_buried, source_key
from crawler.archive.models import Capture, Exchange, Extracted, Outcome, Payload, Role
from crawler.archive.records import warc
from crawler.archive.records.capture_files import may_be_extracted, note_file
from crawler.archive.records.read_record import is_stored, is_whole_here, read_record
from crawler.archive.records.warc import Original, Place, Stored, WarcFile
from crawler.archive.schema import captures, pages, rejected, revisions
from crawler.article import Article, article_id

_ANSWERED: tuple[Outcome, ...] = ("article", "rejected", "not_article", "failed")
_TRIED = 3  # records with the same bytes

# made once: putting a statement together costs more than running it
_INSERT = insert(captures).returning(captures.c.id, sort_by_parameter_order=True)
_WITH_DIGEST = (
    select(captures)
    .where(captures.c.digest == bindparam("wanted"), captures.c.refers_to.is_(None))
    .order_by(captures.c.id.desc())
    .limit(_TRIED)
)

# A page takes its capture when the visit is over; one that is given up keeps what came.
_VISIT_ENDED = or_(
    pages.c.id.is_(None),
    pages.c.capture >= captures.c.id,
    and_(pages.c.state.in_(("failed", "blocked", "gone")), pages.c.next_visit.is_(None)),
)


class CaptureWriter:
    """Writes the responses of one run. A context manager; not for threads. The file is made with the first response."""

    def __init__(
        self,
        database: Database,
        run: int,
        roll_bytes: int | None = None,
        *,
        worker: str | None = None,
        visit: str | None = None,
    ) -> None:
        self._database = database
        self._run = run
        usual = warc.ROLL_BYTES if database.store is None else warc.STORED_ROLL_BYTES
        self._roll_bytes = usual if roll_bytes is None else roll_bytes
        self._worker, self._visit = worker or database.machine, visit
        self._file: WarcFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the file. The writer may be used again: it begins a new one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def abandon(self) -> None:
        """Leave the file to `recover`, as if the process had died."""
        if self._file is not None:
            self._file.abandon()
            self._file = None

    def write(self, exchange: Exchange) -> Capture:
        """Keep a response: first its record, flushed, then its row, so that a row never lacks its bytes.

        A payload that is known already (and not empty) becomes a revisit record, unless the one that holds it is damaged. Raises ArchiveError.
        """
        digest = warc.digest_of(exchange.body)
        rows = self.append([(exchange, digest, self.original(digest) if exchange.body else None)])
        with self._database.writer(alone=False) as connection:
            return self.insert(connection, rows)[0]

    def insert(self, connection: Connection, rows: list[dict[str, Any]]) -> list[Capture]:
        """The captures of the rows that `append` gave, within a transaction."""
        if self._database.store is not None and self._file is not None:
            note_file(connection, self._file.name, worker=self._worker, visit=self._visit, now=datetime.now(UTC))
        return insert_captures(connection, rows)

    def append(self, exchanges: Sequence[tuple[Exchange, str, Capture | None]]) -> list[dict[str, Any]]:
        """Write the records of responses, each with its payload's digest and the capture that holds the same bytes; their rows, which are for the caller to insert."""
        if self._file is None or self._file.size >= self._roll_bytes:
            self.close()
            self._file = WarcFile(self._database.captures_folder, self._database.name, self._run)
        places = self._file.write_all(
            (exchange, digest, Original(original.url, original.fetched_at) if original else None)
            for exchange, digest, original in exchanges
        )
        return [
            self._row(exchange, digest, original, place)
            for (exchange, digest, original), place in zip(exchanges, places, strict=True)
        ]

    def _row(self, exchange: Exchange, digest: str, original: Capture | None, place: Place) -> dict[str, Any]:
        canonical = exchange.canonical_url or exchange.url
        return {
            "run": self._run,
            "url": plain(exchange.url),
            "canonical_url": plain(canonical),
            "page": article_id(canonical),
            "source": exchange.source,
            "role": exchange.role,
            "status": exchange.status,
            "fetched_at": exchange.fetched_at,
            "digest": digest,
            "length": len(exchange.body),
            "content_type": next((plain(v) for k, v in exchange.headers if k.lower() == "content-type"), None),
            "file": place.file,
            "offset": place.offset,
            "record_length": place.length,
            "refers_to": original.id if original else None,
            "blocked": plain(exchange.blocked) if exchange.blocked else None,
        }

    def known(self, digests: Iterable[str]) -> set[str]:
        """Those of the digests of payloads that a capture holds."""
        query = select(captures.c.digest).where(captures.c.digest.in_(list(digests)), captures.c.refers_to.is_(None))
        with self._database.reader() as connection:
            return set(connection.execute(query).scalars())

    def original(self, digest: str) -> Capture | None:
        """The capture that holds these bytes, if they can still be read: a record that leaves them out would be as lost as that one."""
        for capture in _bearers(self._database, digest):
            if is_whole_here(self._database, _place(capture), partial(_refuse_other_bytes, capture)):
                return capture
            if capture.outcome != "failed" and is_stored(
                self._database, capture.file
            ):  # failed: it may be lost there too
                return capture
        return None


class Captures:
    def __init__(self, database: Database) -> None:
        self._database = database

    def writer(
        self, run: int, *, roll_bytes: int | None = None, worker: str | None = None, visit: str | None = None
    ) -> CaptureWriter:
        """A writer with a WARC file of its own; any number may write side by side. `worker`, `visit`: see `Archive.crawl_writer`."""
        return CaptureWriter(self._database, run, roll_bytes, worker=worker, visit=visit)

    def get(self, id: int) -> Capture | None:
        with self._database.reader() as connection:
            row = connection.execute(select(captures).where(captures.c.id == id)).one_or_none()
        return _capture(row) if row is not None else None

    def latest(self, canonical_url: str, *, role: Role | None = None) -> Capture | None:
        """The last response kept for a canonical URL that was not blocked or taken down."""
        query = select(captures).where(captures.c.page == article_id(canonical_url), captures.c.blocked.is_(None))
        query = query.where(or_(captures.c.outcome.is_(None), captures.c.outcome != "forgotten"))
        if role is not None:
            query = query.where(captures.c.role == role)
        with self._database.reader() as connection:
            row = connection.execute(query.order_by(captures.c.id.desc()).limit(1)).one_or_none()
        return _capture(row) if row is not None else None

    def payload(self, capture: Capture) -> Payload:
        """The bytes that were received, decoded, with status and headers. Raises UnreadableRecordError where the record is missing or damaged and no other holds the same bytes.

        Of a capture whose own record is lost the row still tells status and content type. Raises ForgottenError where its page or source was taken down.
        """
        with self._database.reader() as connection:
            of_source = [source_key(capture.source)] if capture.source else []
            refuse_buried(connection, article_id(capture.canonical_url), *of_source)
        stored: Stored | None = None
        try:
            stored = _read(self._database, capture)
            content = stored.content
            if capture.refers_to is not None:
                original = self.get(capture.refers_to)
                if original is None:
                    raise UnreadableRecordError(f"存档 {capture.id} 所指的原始存档 {capture.refers_to} 不存在")
                content = _read(self._database, original).content
        except UnreadableRecordError:
            copy = next(readable(self._database, capture.digest), None)
            if copy is None:
                raise
            content = copy[1]
            if stored is None:
                kind = capture.content_type
                stored = Stored(capture.status, (("content-type", kind),) if kind else (), content)
        headers: dict[str, str] = {}
        for key, value in stored.headers:
            name = key.lower()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Payload(content, stored.status, headers, capture.url)

    def verify(self, capture: Capture) -> None:
        """Read a capture's own record and compare it with its row. Raises UnreadableRecordError where it is missing, damaged or another's."""
        stored = _read(self._database, capture)
        if stored.status != capture.status or (capture.refers_to is None and len(stored.content) != capture.length):
            raise UnreadableRecordError(f"存档文件 {capture.file} 在 {capture.offset} 处是另一份记录")

    def in_file(self, file: str) -> Iterator[Capture]:
        """The captures whose records lie in a WARC file, in their order there; rows are read in small batches."""
        query = select(captures).where(captures.c.file == file)
        yield from map(_capture, self._database.in_batches(query, captures.c.offset))

    def count_in_file(self, file: str) -> int:
        """How many captures' records lie in a WARC file."""
        with self._database.reader() as connection:
            query = select(func.count()).select_from(captures).where(captures.c.file == file)
            return int(connection.execute(query).scalar_one())

    def to_extract(self, *, everything: bool = False, source: str | None = None) -> Iterator[Capture]:
        """Captures of articles that are not extracted yet (or all), in id order, read in small batches. Left out are those that were blocked,
        those of a visit that goes on (its parts are still to come), and those of a visit that was cut off and done again. Where a store is set, those
        whose file is not in it yet."""
        query = _to_extract(select(captures), self._database, everything, source)
        yield from map(_capture, self._database.in_batches(query, captures.c.id))

    def count_to_extract(self, *, everything: bool = False, source: str | None = None) -> int:
        """How many `captures_to_extract` will give."""
        query = _to_extract(select(func.count()).select_from(captures), self._database, everything, source)
        with self._database.reader() as connection:
            return int(connection.execute(query).scalar_one())

    def sources_to_extract(self, *, everything: bool = False) -> list[tuple[str, int]]:
        """Of each source, how many captures `to_extract` will give, by name; '' stands for captures of none."""
        query = _to_extract(
            select(captures.c.source, func.count()).select_from(captures), self._database, everything, None
        )
        with self._database.reader() as connection:
            rows = connection.execute(query.group_by(captures.c.source)).all()
        return sorted((row[0] or "", row[1]) for row in rows)

    def extracted(
        self, source: str, *, before: int | None = None, outcomes: Sequence[Outcome] = _ANSWERED, limit: int = 60
    ) -> list[Extracted]:
        """The last captures of a source's articles that were extracted, newest first; `before`: only those with a lower id.

        A capture whose bytes were known already says nothing new and is left out.
        """
        query = (
            select(
                captures.c.id,
                captures.c.url,
                captures.c.canonical_url,
                captures.c.fetched_at,
                captures.c.outcome,
                captures.c.reason,
                revisions.c.content,
                rejected.c.title.label("rejected_title"),
                pages.c.title.label("listed"),
            )
            .outerjoin(revisions, revisions.c.id == captures.c.revision)
            .outerjoin(rejected, and_(rejected.c.id == captures.c.page, rejected.c.capture == captures.c.id))
            .outerjoin(pages, pages.c.id == captures.c.page)
            .where(captures.c.source == source, captures.c.role == "article", captures.c.refers_to.is_(None))
            .where(captures.c.outcome.in_(outcomes))
            .order_by(captures.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(captures.c.id < before)
        with self._database.reader() as connection:
            rows = connection.execute(query).all()
        out = []
        for row in rows:
            article = Article.from_json(json.loads(row.content)) if row.content else None
            title = article.title if article else row.rejected_title
            named = (row.id, row.url, row.canonical_url, row.fetched_at, row.outcome, row.reason)
            out.append(Extracted(*named, title=title, listed=row.listed or "", article=article))
        return out

    def parts_of(self, capture: Capture) -> list[Capture]:
        """The further parts of an article that were fetched on the same visit, in the order of fetching."""
        later = (
            captures.c.page == article_id(capture.canonical_url),
            captures.c.id > capture.id,
            captures.c.blocked.is_(None),
        )
        with self._database.reader() as connection:
            next_visit = connection.execute(
                select(func.min(captures.c.id)).where(*later, captures.c.role == "article")
            ).scalar()
            query = select(captures).where(*later, captures.c.role == "part").order_by(captures.c.id)
            if next_visit is not None:
                query = query.where(captures.c.id < next_visit)
            return [_capture(row) for row in connection.execute(query)]

    def refusals(self, capture: Capture) -> int:
        """How many captures of its page in a row held no article, up to this one."""
        key = article_id(capture.canonical_url)
        of_page = (captures.c.page == key, captures.c.role == "article", captures.c.id <= capture.id)
        kept = select(func.coalesce(func.max(captures.c.id), 0)).where(*of_page, captures.c.outcome == "article")
        query = select(func.count()).where(
            *of_page, captures.c.outcome == "not_article", captures.c.id > kept.scalar_subquery()
        )
        with self._database.reader() as connection:
            return int(connection.execute(query).scalar_one())

    def _end_of(self, file: str) -> int:
        """Where the last record that has a row ends in a WARC file."""
        with self._database.writer() as connection:
            if connection.dialect.name == "postgresql":
                # A writer that was killed may have sent a COMMIT that the server is still at: wait until nobody inserts.
                connection.execute(text("LOCK TABLE captures IN SHARE ROW EXCLUSIVE MODE"))
            end = func.max(captures.c.offset + captures.c.record_length)
            return int(connection.execute(select(end).where(captures.c.file == file)).scalar() or 0)

    def recover(self) -> list[str]:
        """Finish the WARC files that dead writers left behind; done at every open."""
        return warc.recover(self._database.captures_folder, self._database.name, self._end_of)


def insert_captures(connection: Connection, rows: list[dict[str, Any]]) -> list[Capture]:
    """The captures of these rows, whose ids rise in the order given."""
    ids = connection.execute(_INSERT, rows).scalars().all()
    return [
        Capture(id=id, **{name: value for name, value in row.items() if name != "page"})
        for id, row in zip(ids, rows, strict=True)
    ]


def readable(database: Database, digest: str) -> Iterator[tuple[Capture, bytes]]:
    """The captures that hold the bytes of a digest themselves and can be read, the newest first: at most a few are tried."""
    for capture in _bearers(database, digest):
        try:
            content = _read(database, capture).content
        except (UnreadableRecordError, ElsewhereError):
            continue  # the next may be whole; that this one is not is told where it is asked for
        yield capture, content


def _bearers(database: Database, digest: str) -> list[Capture]:
    """The captures whose own record should hold the bytes of a digest, the newest first: at most a few."""
    with database.reader() as connection:
        return list(map(_capture, connection.execute(_WITH_DIGEST, {"wanted": digest}).all()))


def _read(database: Database, capture: Capture) -> Stored:
    """A capture's own record. Raises UnreadableRecordError, also where its bytes are not those of the digest, and what else `read_record` raises."""
    return read_record(database, _place(capture), partial(_refuse_other_bytes, capture))


def _place(capture: Capture) -> Place:
    return Place(capture.file, capture.offset, capture.record_length)


def _refuse_other_bytes(capture: Capture, stored: Stored) -> None:
    if capture.refers_to is None and warc.digest_of(stored.content) != capture.digest:
        raise UnreadableRecordError(f"存档 {capture.id}（{capture.file}）的内容与摘要不符：文件已损坏")


def _to_extract(query: Select[Any], database: Database, everything: bool, source: str | None) -> Select[Any]:
    """A query over captures, limited to those of articles that are to be extracted."""
    if (stored := may_be_extracted(database, captures.c)) is not None:
        query = query.where(stored)
    query = query.outerjoin(pages, pages.c.id == captures.c.page).where(_VISIT_ENDED)
    if everything:
        done = or_(captures.c.outcome.is_(None), captures.c.outcome.not_in(("superseded", "forgotten")))
        query = query.where(captures.c.role == "article", captures.c.blocked.is_(None), done)
    else:  # word for word the condition of the partial index
        query = query.where(text("captures.role = 'article' AND captures.outcome IS NULL AND captures.blocked IS NULL"))
    if source is not None:
        query = query.where(captures.c.source == source if source else captures.c.source.is_(None))
    return query


def set_outcome(database: Database, capture: int, outcome: Outcome, reason: str | None) -> None:
    """Note what extraction made of a capture."""
    with database.writer(alone=False) as connection:
        values = {"outcome": outcome, "reason": plain(reason) if reason else None}
        connection.execute(update(captures).where(captures.c.id == capture).values(values))


def supersede(connection: Connection, visits: Mapping[str, tuple[int, int]]) -> None:
    """Set aside what visits left that were cut off and done again: of each page (its key), captures between that of the last visit and this one's."""
    query = select(captures.c.id, captures.c.page).where(
        captures.c.page.in_(visits),
        captures.c.role == "article",
        captures.c.outcome.is_(None),
        captures.c.blocked.is_(None),
    )
    abandoned = [id for id, page in connection.execute(query) if visits[page][0] < id < visits[page][1]]
    if abandoned:
        values = {"outcome": "superseded", "reason": "抓取中断，已重新抓取"}
        connection.execute(update(captures).where(captures.c.id.in_(abandoned)).values(values))


def _capture(row: Row[Any]) -> Capture:
    return Capture(**{name: row._mapping[name] for name in Capture.__dataclass_fields__})
