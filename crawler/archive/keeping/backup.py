"""Backups: a folder that holds one state of the archive, and of WARC files only what is new since the last time. See docs/decisions/0347.

FOLDER/backup.json         what the backup holds, with a SHA-256 for each file; written last
FOLDER/archive-….sqlite    all rows, also of an archive in PostgreSQL
FOLDER/captures/           the WARC files that the rows need, each up to the last record that has a row
FOLDER/data/               your own sources, corrections, golden pages, the secret of sessions, addresses of notices, the audit log
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from crawler.archive import errors
from crawler.archive.archive import Archive
from crawler.archive.database import connect
from crawler.archive.errors import ArchiveError, UnreadableRecordError
from crawler.archive.handwritten.replace_file import replace_file
from crawler.archive.keeping import copy
from crawler.archive.keeping.exclusive import exclusive
from crawler.archive.migrations.migrate import migrate
from crawler.archive.records.warc import OPEN
from crawler.archive.store.open_store import open_store
from crawler.configuration import Settings
from crawler.reasons import describe_error

MANIFEST = "backup.json"
RESTORING = "restoring"  # in the data folder: a restore that is not done
_SMALL = ("sources/*.toml", "corrections.toml", "golden/*/*", "session.secret", "notify.toml", "audit.log")
_BLOCK = 1 << 20
_PAGES = 2_000  # of SQLite, between two looks whether to go on

Progress = Callable[[str, int, int], None]


@dataclass
class BackupReport:
    """`copied` and `kept` count WARC files: new ones, and those that the folder had; `removed` those that were erased from the archive; `stored` those that rest in the store,
    `elsewhere` by machine those that are on its disk alone. `faults` are lines for the operator."""

    rows: int = 0
    copied: int = 0
    copied_bytes: int = 0
    kept: int = 0
    removed: int = 0
    stored: int = 0
    elsewhere: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def backup(
    archive: Archive,
    folder: Path,
    progress: Progress = lambda what, done, total: None,
    *,
    stored: bool = False,
) -> BackupReport:
    """Bring a folder up to the archive's present state; a night may go on meanwhile. Killed at any moment, the folder still holds the last backup.

    WARC files that lie in the store rest there, and the backup says which, with their digests; with `stored` it takes them too. Raises ArchiveError, StoreError.
    """
    report = BackupReport()
    try:
        with exclusive(archive.database):
            _back_up(archive, folder, progress, report, with_stored=stored)
    except OSError as error:
        raise errors.of_os(error, error.filename or folder) from error
    return report


def _back_up(archive: Archive, folder: Path, progress: Progress, report: BackupReport, *, with_stored: bool) -> None:
    last = _usable(archive, folder)
    (folder / "captures").mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    rows = folder / f"archive-{now:%Y%m%d%H%M%S%f}.sqlite"
    _save_rows(archive, rows, progress)
    needed, report.rows, change = _facts(rows)
    resting, elsewhere = _stored(rows, archive.database.machine)
    if change < last.get("change", 0):
        rows.unlink()
        raise ArchiveError(f"{folder} 里的备份比文库新：文库已损坏，或是从较早的备份恢复的。换一个文件夹，别盖掉它")
    known: dict[str, dict[str, Any]] = last.get("captures", {})
    files: dict[str, dict[str, Any]] = {}
    in_store = _in_store(archive)
    stored: dict[str, dict[str, Any]] = {}
    for done, (name, end) in enumerate(sorted(needed.items()), 1):
        progress("备份存档", done, len(needed))
        local = any((archive.database.captures_folder / n).exists() for n in (name, name + OPEN))
        if name in elsewhere and not local:
            report.elsewhere[elsewhere[name]] = report.elsewhere.get(elsewhere[name], 0) + 1
            continue
        if name in resting:
            if in_store is not None and in_store.get(name) != resting[name]["bytes"]:
                said = "不在仓库里" if name not in in_store else "在仓库里的大小不对"
                report.faults.append(f"{name} {said}：zhaoshang archive check 看哪些坏了")
            stored[name] = resting[name]
            have = name in known and (folder / "captures" / name).exists()
            if not have and not with_stored:
                report.stored += 1
                continue
            if not local and not have:
                if (fetched := _fetched(archive, name, folder / "captures", report)) is not None:
                    files[name] = fetched
                continue
        kept = _file(
            name, end, archive.database.captures_folder, folder / "captures", known=known.get(name), report=report
        )
        if kept is not None:
            files[name] = kept
    small = _copy_small(archive.database.folder, folder / "data")
    manifest = {
        "archive": archive.database.name,
        "made_at": now.isoformat(timespec="seconds"),
        "change": change,
        "rows": {"file": rows.name, "sha256": _digest(rows)},
        "captures": files,
        "stored": {name: facts for name, facts in stored.items() if name not in files},
        "data": small,
    }
    replace_file(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    for old in folder.glob("archive-*.sqlite*"):
        if old.name != rows.name:
            old.unlink()
    for path in (folder / "captures").iterdir():
        if path.name not in files:
            path.unlink()
            report.removed += path.name in known
    for path in sorted((folder / "data").rglob("*")):
        if path.is_file() and path.relative_to(folder / "data").as_posix() not in small:
            path.unlink()


def _usable(archive: Archive, folder: Path) -> dict[str, Any]:
    """What the folder holds; empty for a new one. Raises ArchiveError where it holds something else."""
    data = archive.database.folder.resolve()
    if data == folder.resolve() or data in folder.resolve().parents:
        raise ArchiveError(f"{folder} 在数据目录里：备份要放在别处，最好是另一块磁盘")
    if not folder.exists():
        return {}
    if not folder.is_dir():
        raise ArchiveError(f"{folder} 不是文件夹")
    if not (folder / MANIFEST).exists():
        others = [
            p.name for p in folder.iterdir() if p.name not in ("captures", "data") and not p.name.startswith("archive-")
        ]
        if others:
            raise ArchiveError(f"{folder} 不是空的，也不是以前的备份：另选一个文件夹")
        return {}
    manifest = read_manifest(folder)
    if manifest["archive"] != archive.database.name:
        raise ArchiveError(f"{folder} 是另一个文库（{manifest['archive']}）的备份：另选一个文件夹")
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a backup holds. Raises ArchiveError."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {**manifest, "archive": str(manifest["archive"]), "rows": dict(manifest["rows"])}
    except FileNotFoundError:
        raise ArchiveError(f"{folder} 里没有备份（没有 {MANIFEST}）：写 archive backup 时用的那个文件夹") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{folder / MANIFEST} 读不出：{describe_error(error)}") from error


def _save_rows(archive: Archive, path: Path, progress: Progress) -> None:
    engine = archive.database.engine
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as old, closing(sqlite3.connect(path)) as new:
            old.execute("BEGIN")  # one state for all steps: else each write of another process would start it anew
            old.execute("SELECT count(*) FROM counters").fetchone()
            old.backup(new, pages=_PAGES, progress=lambda _, left, total: progress("备份数据库", total - left, total))
            new.execute("PRAGMA journal_mode = DELETE")
        return
    target = connect(Settings(data=path.parent, database=f"sqlite:///{path}"))
    try:
        with copy.snapshot(engine) as old_rows:
            copy.copy_rows(old_rows, target, lambda done, total: progress("备份数据库", done, total))
    finally:
        target.dispose()
    with closing(sqlite3.connect(path)) as new:
        new.execute("PRAGMA journal_mode = DELETE")  # all in one file


def _facts(rows: Path) -> tuple[dict[str, int], int, int]:
    """Of saved rows: each WARC file with the end of its last record; how many captures; the change number."""
    with closing(sqlite3.connect(rows)) as connection:
        ends = dict(connection.execute('SELECT file, max("offset" + record_length) FROM captures GROUP BY file'))
        (count,) = connection.execute("SELECT count(*) FROM captures").fetchone()
        (change,) = connection.execute("SELECT value FROM counters WHERE name = 'change'").fetchone()
    return ends, count, change


def _stored(rows: Path, machine: str) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Of saved rows: the files that lie in the store, with size, digest and place; the machines of those that are on another's disk alone."""
    with closing(sqlite3.connect(rows)) as connection:
        query = "SELECT name, worker, size, sha256, place FROM capture_files WHERE erased_at IS NULL"
        found = connection.execute(query).fetchall()
    resting = {n: {"sha256": digest, "bytes": size, "place": place} for n, _, size, digest, place in found if place}
    return resting, {name: worker for name, worker, _, _, place in found if not place and worker != machine}


def _in_store(archive: Archive) -> dict[str, int] | None:
    """Name and size of what the store has; None where none is set here. Raises StoreError."""
    store = archive.database.store
    return {file.name: file.size for file in store.list()} if store is not None else None


def _fetched(archive: Archive, name: str, to: Path, report: BackupReport) -> dict[str, Any] | None:
    """Have a file in the backup that lies in the store alone; what the manifest says of it, None where it cannot be had."""
    try:
        archive.capture_files.fetch(name)
    except UnreadableRecordError as error:
        report.faults.append(f"{error}：其中的捕获备份不了")
        return None
    path = archive.database.captures_folder / name
    digest, size = _copied(path, to / name, None)
    path.unlink()
    report.copied += 1
    report.copied_bytes += size
    return {"sha256": digest, "bytes": size, "closed": True}


def _file(
    name: str, end: int, folder: Path, to: Path, *, known: dict[str, Any] | None, report: BackupReport
) -> dict[str, Any] | None:
    """Have one WARC file in the backup; what the manifest says of it, None where it cannot be had. A copy that was whole is never replaced."""
    path, target = (
        next((p for p in (folder / name, folder / (name + OPEN), folder / name) if p.exists()), None),
        to / name,
    )
    have = known if known is not None and target.exists() and target.stat().st_size == known["bytes"] else None
    what = None if path is None else path.stat().st_size
    if path is None or what is None or what < end:
        fault = "不见了" if path is None else "被截短"
        if have is not None and have["bytes"] >= end:
            report.faults.append(
                f"{name} {fault}，备份里的是好的：从 {target} 放回 {folder}，再运行 zhaoshang extract --all"
            )
            return have
        report.faults.append(f"{name} {fault}，备份里也没有：其中的捕获备份不了")
        if path is None:
            return None
    closed = path.name == name
    if have is not None and have["closed"] and closed:
        if _digest(path) == have["sha256"]:
            report.kept += 1
        else:
            report.faults.append(
                f"{name} 与上次备份时不同，多半已损坏；备份里的没有动：zhaoshang archive check 看哪份对"
            )
        return have
    digest, size = _copied(path, target, None if closed else end)
    report.copied += 1
    report.copied_bytes += size
    return {"sha256": digest, "bytes": size, "closed": closed}


def _copy_small(data: Path, to: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for pattern in _SMALL:
        for path in sorted(data.glob(pattern)):
            if path.is_file():
                name = path.relative_to(data).as_posix()
                found[name] = _copied(path, to / name, None)[0]
    return found


def _copied(path: Path, target: Path, most: int | None) -> tuple[str, int]:
    """Copy a file, or its first `most` bytes, under its final name only when it is whole; its SHA-256 and size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(target.name + ".new")
    digest, size = hashlib.sha256(), 0
    temporary.unlink(missing_ok=True)
    mode = path.stat().st_mode & 0o777  # the secret of sessions is nobody else's to read, in the backup too
    with path.open("rb") as old, os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as new:
        for block in _blocks(old, most):
            digest.update(block)
            size += len(block)
            new.write(block)
    temporary.replace(target)
    return digest.hexdigest(), size


def _blocks(file: Any, most: int | None) -> Iterator[bytes]:
    left = most
    while block := file.read(_BLOCK if left is None else min(_BLOCK, left)):
        yield block
        left = None if left is None else left - len(block)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(
    folder: Path, settings: Settings, progress: Progress = lambda what, done, total: None
) -> dict[str, dict[str, Any]]:
    """Make the archive of a backup in the settings' data folder and database, both empty. The database comes last: until then there is no archive.

    Returns the WARC files that the backup left in a store, with size, digest and place. Raises ArchiveError: also where the settings' store lacks one of them.
    """
    manifest = read_manifest(folder)
    resting: dict[str, dict[str, Any]] = manifest.get("stored", {})
    data = settings.data
    try:
        data.mkdir(parents=True, exist_ok=True)
        _refuse_what_is_there(settings)
        _refuse_lacking_store(settings, resting)
        (data / RESTORING).touch()
        files = [(Path("captures") / name, kept["sha256"]) for name, kept in manifest["captures"].items()]
        for done, (name, digest) in enumerate(files, 1):
            _restored(folder / name, data / name, digest)
            progress("恢复存档", done, len(files))
        for name, digest in manifest["data"].items():
            _restored(folder / "data" / name, data / name, digest)
        rows = folder / manifest["rows"]["file"]
        if settings.database:
            _load_rows(rows, manifest["rows"]["sha256"], settings, progress)
        else:
            progress("恢复数据库", 0, 1)
            _restored(rows, data / "archive.sqlite", manifest["rows"]["sha256"])
        (data / RESTORING).unlink()
        return resting
    except OSError as error:
        raise errors.of_os(error, error.filename or data) from error


def _refuse_lacking_store(settings: Settings, resting: dict[str, dict[str, Any]]) -> None:
    store = open_store(settings)
    if not resting or store is None:
        return
    there = {file.name: file.size for file in store.list()}
    lacking = [name for name, facts in resting.items() if there.get(name) != facts["bytes"]]
    if lacking:
        raise ArchiveError(
            f"仓库 {store.place} 缺 {len(lacking)} 个这份备份要用的文件（{lacking[0]}…）：先补齐，或清空 ZHAOSHANG_STORE 后恢复"
        )


def _refuse_what_is_there(settings: Settings) -> None:
    data = settings.data
    if not settings.database and (data / "archive.sqlite").exists():
        raise ArchiveError(f"{data} 里已有文库（archive.sqlite）：恢复只写进空的数据目录，用 ZHAOSHANG_DATA 另指一处")
    there = [p.name for p in data.iterdir() if p.name not in ("locks", RESTORING)]
    if there and not (data / RESTORING).exists():
        raise ArchiveError(
            f"{data} 不是空的（{'、'.join(sorted(there)[:3])}）：恢复只写进空的数据目录，用 ZHAOSHANG_DATA 另指一处"
        )
    if settings.database:
        engine = connect(settings)
        try:
            with engine.connect() as connection:
                if inspect(connection).has_table("articles"):
                    raise ArchiveError("ZHAOSHANG_DATABASE 指的数据库不是空的：恢复只写进空的数据库")
        finally:
            engine.dispose()


def _restored(path: Path, target: Path, digest: str) -> None:
    if target.exists() and _digest(target) == digest:
        return  # by a restore that was cut off
    if not path.exists():
        raise ArchiveError(f"备份不完整：没有 {path}")
    if _digest(path) != digest:
        raise ArchiveError(f"备份已损坏：{path} 与备份时的摘要不符")
    _copied(path, target, None)


def _load_rows(path: Path, digest: str, settings: Settings, progress: Progress) -> None:
    if not path.exists() or _digest(path) != digest:
        raise ArchiveError(f"备份已损坏或不完整：{path}")
    copied = settings.data / "restoring.sqlite"
    shutil.copyfile(path, copied)  # an older backup is brought to this program's schema, and the backup stays as it is
    source = connect(settings.model_copy(update={"database": f"sqlite:///{copied}"}))
    try:
        migrate(source)
        copy.copy(source, settings, lambda done, total: progress("恢复数据库", done, total))
    finally:
        source.dispose()
        for left in settings.data.glob("restoring.sqlite*"):
            left.unlink()
