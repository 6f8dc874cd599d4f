"""Whether the archive is whole: the database in itself, every capture's row against its record, and files that no row knows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType
from sqlalchemy import Select, and_, func, or_, select, text, true

from crawler.archive.archive import Archive
from crawler.archive.errors import StoreError, UnreadableRecordError
from crawler.archive.keeping.check_store import stored_files
from crawler.archive.keeping.remark import Remark
from crawler.archive.models import Capture
from crawler.archive.records.capture_files import CaptureFile
from crawler.archive.records.warc import OPEN
from crawler.archive.schema import articles, captures, metadata, pages, readings, revisions
from crawler.archive.unreadable import is_unreadable
from crawler.article import Article

MOST_OF_A_FILE = 3  # records of one file that are named

Progress = Callable[[int, int], None]


def check(archive: Archive, *, quick: bool = False, progress: Progress = lambda done, total: None) -> Iterator[Remark]:
    """What is wrong, as it is found. `quick` leaves out what reads all records or all rows. `progress(captures, of all)`. Raises ArchiveError."""
    if not quick:
        yield from _database(archive)
    yield from _relations(archive)
    yield from _files_without_rows(archive)
    reachable = True
    if archive.database.store is not None:
        try:
            yield from stored_files(archive, archive.database.store, quick=quick)
        except StoreError as error:
            reachable = False
            yield Remark("仓库", f"{error}。不在本机的存档没有检查，好坏不知")
    if not quick:
        yield from _texts(archive)
        yield from _records(archive, progress, reachable=reachable)


# --- the database in itself


def _database(archive: Archive) -> Iterator[Remark]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with archive.database.reader() as connection:
        options = {"compare_type": True, "include_name": _is_ours}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        for difference in differences:
            said = " ".join(str(difference).split())[:200]
            yield Remark("结构", f"数据库的表与程序所用的不同：{said}。用备份恢复，或看是不是别的程序改过它")
        if connection.dialect.name == "sqlite":
            told = [str(line) for line in connection.execute(text("PRAGMA integrity_check(5)")).scalars()]
            if told != ["ok"]:
                yield Remark("数据库", f"SQLite 说文件已损坏（{'；'.join(told)[:300]}）：从备份恢复")
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                tables = "、".join(sorted({str(row[0]) for row in broken}))
                yield Remark("数据库", f"{len(broken)} 行指向不存在的行（表 {tables}）：从备份恢复")


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """Not the queue's tables, which lie beside the archive's where several machines work on it."""
    return kind != "table" or not (name or "").startswith("procrastinate_")


def _relations(archive: Archive) -> Iterator[Remark]:
    """Rows that must have others and have not; the foreign keys of the tables see to the rest."""
    living = articles.c.deleted != true()
    lost: tuple[tuple[str, Select[Any]], ...] = (
        (
            "文章没有现在的文字",
            select(articles.c.id)
            .outerjoin(revisions, and_(revisions.c.id == articles.c.revision, revisions.c.article == articles.c.id))
            .where(living, revisions.c.id.is_(None)),
        ),
        (
            "文章已删去，却还有文字或研读结果",
            select(articles.c.id)
            .outerjoin(readings, readings.c.article == articles.c.id)
            .where(~living, or_(articles.c.revision.is_not(None), readings.c.article.is_not(None))),
        ),
        (
            "捕获所示的文字不存在",
            select(captures.c.id)
            .outerjoin(revisions, revisions.c.id == captures.c.revision)
            .where(captures.c.revision.is_not(None), revisions.c.id.is_(None)),
        ),
        (
            "捕获记为文章，却没有文字",
            select(captures.c.id).where(captures.c.outcome == "article", captures.c.revision.is_(None)),
        ),
        (
            "捕获所指的原始捕获不存在，或内容不同",
            select(captures.c.id)
            .outerjoin(original := captures.alias(), original.c.id == captures.c.refers_to)
            .where(captures.c.refers_to.is_not(None), or_(original.c.id.is_(None), original.c.digest != captures.c.digest)),
        ),
        (
            "网页所指的捕获是另一页的",
            select(pages.c.id)
            .join(captures, captures.c.id == pages.c.capture)
            .where(captures.c.page != pages.c.id),
        ),
    )  # fmt: skip
    with archive.database.reader() as connection:
        for what, query in lost:
            count = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
            if count:
                some = "、".join(str(id) for id in connection.execute(query.limit(3)).scalars())
                yield Remark("文库", f"{what}：{count} 处（{some}{'等' if count > 3 else ''}）")
        if archive.articles.last_change() < (connection.execute(select(func.max(articles.c.change))).scalar() or 0):
            yield Remark("文库", "变更号低于文章里最大的：数据库不是一次完整的备份，从备份恢复")


def _texts(archive: Archive) -> Iterator[Remark]:
    """Revisions that are no article any more, or another's."""
    query = select(revisions.c.id, revisions.c.article, revisions.c.content)
    for row in archive.database.in_batches(query, revisions.c.id):
        try:
            whole = Article.from_json(json.loads(row.content)).id == row.article
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            yield Remark("文库", f"文章 {row.article} 的文字（修订 {row.id}）读不出：zhaoshang extract --all 重做")


# --- the WARC files


def _files_without_rows(archive: Archive) -> Iterator[Remark]:
    folder, own = archive.database.captures_folder, f"zhaoshang-{archive.database.name}-"
    with archive.database.reader() as connection:
        known = set(connection.execute(select(captures.c.file).distinct()).scalars())
    erased = archive.capture_files.erased()
    foreign = 0
    for path in sorted(folder.iterdir()):
        name = path.name.removesuffix(OPEN)
        if path.name.endswith(OPEN) or path.name.startswith(".") or ".warc" not in name or name in known:
            continue  # a file that is being written may have no row yet
        if name in erased:
            yield Remark("存档", f"{name} 已抹去，本机还有它的副本：zhaoshang archive store 会删去")
        elif name.startswith(own):
            text_ = f"{name} 里的捕获，档案库一条也没有：档案库比它旧，用同一次的备份恢复"
            yield Remark("存档", text_)
        else:
            foreign += 1
    if foreign:
        yield Remark("存档", f"{folder} 里有 {foreign} 个 WARC 文件不是这个文库的", wrong=False)


def _records(archive: Archive, progress: Progress, *, reachable: bool) -> Iterator[Remark]:
    """Every record is read, in the order in which they lie on the disk, and its bytes compared with the digest in its row. Files of the store are brought here meanwhile.

    `reachable` False: the store does not answer; what is not on this disk is passed over.
    """
    with archive.database.reader() as connection:
        total = connection.execute(select(func.count()).select_from(captures)).scalar_one()
        names = connection.execute(select(captures.c.file).distinct().order_by(captures.c.file)).scalars().all()
    done = 0
    unreplaced = {lost.capture for lost in archive.unreadable.captures(limit=100_000)}
    elsewhere: dict[str, int] = defaultdict(int)
    for name in names:
        wrong, made_good, offsets = [], 0, set()
        row = archive.capture_files.get(name)
        here = any((archive.database.captures_folder / n).exists() for n in (name, name + OPEN))
        if not here and row is not None and (place := _out_of_reach(archive, row, reachable=reachable)):
            elsewhere[place] += 1
            done += archive.captures.count_in_file(name)
            progress(done, total)
            continue
        try:
            fetched = not here and row is not None and row.stored_at is not None and archive.capture_files.fetch(name)
        except UnreadableRecordError as error:
            fetched = False
            yield Remark("仓库", f"{error}：从备份把它放回仓库")
        for capture in archive.captures.in_file(name):
            offsets.add(capture.offset)
            fault = _fault(archive, capture)
            if fault is not None:
                known = is_unreadable(capture.reason) and capture.id not in unreplaced
                if known or _readable_elsewhere(archive, capture):
                    made_good += 1
                else:
                    wrong.append(f"捕获 {capture.id}（{capture.url}）：{fault}")
            done += 1
            progress(done, total)
        loose = 0 if wrong or made_good else _without_row(archive, name, offsets)
        if fetched:
            (archive.database.captures_folder / name).unlink()
        for line in wrong[:MOST_OF_A_FILE]:
            yield Remark("存档", line)
        if wrong:
            more = f"{name} 里共 {len(wrong)} 份读不出：" if len(wrong) > 1 else ""
            yield Remark("存档", f"{more}把 {name} 从备份放回 captures，再运行 zhaoshang extract --all")
        if made_good:
            yield Remark("存档", f"{name} 里 {made_good} 条记录已损坏，内容另有一份，没有丢失", wrong=False)
        if loose:
            yield Remark("存档", f"{name} 里有 {loose} 条记录，档案库没有它们的行", wrong=False)
    for place, count in sorted(elsewhere.items()):
        yield Remark("存档", f"{count} 个存档文件在{place}，本机现在读不到，没有检查", wrong=False)


def _out_of_reach(archive: Archive, row: CaptureFile, *, reachable: bool) -> str | None:
    """Where a file is that is not on this disk and cannot be read from here now."""
    if row.stored_at is None:
        return f"工作机 {row.worker}" if row.worker != archive.database.machine else None
    return f"仓库 {row.place}" if archive.database.store is None or not reachable else None


def _fault(archive: Archive, capture: Capture) -> str | None:
    try:
        archive.captures.verify(capture)
    except UnreadableRecordError as error:
        return str(error)
    return None


def _readable_elsewhere(archive: Archive, capture: Capture) -> bool:
    try:
        archive.captures.payload(capture)
    except UnreadableRecordError:
        return False
    return True


def _without_row(archive: Archive, name: str, offsets: set[int]) -> int:
    """How many responses in a file, all of whose known records are whole, have no row."""
    folder = archive.database.captures_folder
    path = next((p for p in (folder / name, folder / (name + OPEN)) if p.exists()), None)
    if path is None:
        return 0
    kinds, last, loose = WarcRecordType.response | WarcRecordType.revisit, max(offsets), 0
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False, auto_decode="none", record_types=kinds):
            if record.stream_pos > last:
                break  # what a writer appends meanwhile
            loose += record.stream_pos not in offsets
    return loose
