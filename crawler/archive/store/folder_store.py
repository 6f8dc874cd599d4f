"""Capture files in a folder that several machines mount."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from crawler.archive.errors import StoreConflictError, StoreError
from crawler.archive.store.capture_store import StoredFile
from crawler.reasons import describe_error

PART = ".part"  # a file that is being put, or whose writer died
# What a file system says that has no hard links.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class FolderStore:
    """A store in `folder`, which must exist: one that is not mounted is missing, and must not be made anew on the local disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        return str(self._folder)

    def put(self, name: str, content: Path | bytes, sha256: str) -> None:
        self._refuse_missing()
        target = self._folder / name
        part = target.with_name(f".{name}.{secrets.token_hex(4)}{PART}")
        try:
            if isinstance(content, Path) and target.exists() and content.samefile(target):
                return
            with part.open("xb") as new:
                if isinstance(content, bytes):
                    new.write(content)
                else:
                    with content.open("rb") as old:
                        shutil.copyfileobj(old, new, 1 << 20)
                new.flush()
                os.fsync(new.fileno())
            try:
                _name(part, target)
            except FileExistsError:
                with target.open("rb") as there:
                    if hashlib.file_digest(there, "sha256").hexdigest() != sha256:
                        raise StoreConflictError(self.place, name) from None
            _sync(self._folder)
        except OSError as error:
            raise self._refused(error) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def read(self, name: str, offset: int, length: int) -> bytes | None:
        try:
            with (self._folder / name).open("rb") as file:
                file.seek(offset)
                return file.read(length)
        except FileNotFoundError:
            self._refuse_missing()
            return None
        except OSError as error:
            raise self._refused(error) from error

    def stat(self, name: str) -> StoredFile | None:
        try:
            return StoredFile(name, (self._folder / name).stat().st_size)
        except FileNotFoundError:
            self._refuse_missing()
            return None
        except OSError as error:
            raise self._refused(error) from error

    def fetch(self, name: str, target: Path) -> bool:
        try:
            source = (self._folder / name).open("rb")
        except FileNotFoundError:
            self._refuse_missing()
            return False
        except OSError as error:
            raise self._refused(error) from error
        with source, target.open("xb") as new:
            shutil.copyfileobj(source, new, 1 << 20)
        return True

    def delete(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._refused(error) from error

    def list(self) -> Iterator[StoredFile]:
        self._refuse_missing()
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.is_file() and not entry.name.endswith(PART):
                        yield StoredFile(entry.name, entry.stat().st_size)
        except OSError as error:
            raise self._refused(error) from error

    def _refuse_missing(self) -> None:
        if not self._folder.is_dir():
            raise StoreError(f"存档仓库 {self.place} 不在：共享文件夹没有挂载，或还没有建")

    def _refused(self, error: OSError) -> StoreError:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StoreError(f"存档仓库 {self.place} 已满：请腾出空间后重试")
        return StoreError(f"存档仓库 {self.place} 读写不了（{describe_error(error)}）")


def _name(part: Path, target: Path) -> None:
    """Give a whole file its name. Raises FileExistsError where another has it."""
    try:
        os.link(part, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if target.exists():  # names are random: two writers of one name are the same file put twice
            raise FileExistsError(errno.EEXIST, "exists", str(target)) from error
        part.rename(target)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
