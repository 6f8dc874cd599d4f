"""Capture files in a bucket of an S3 server, by obstore. Credentials, region and endpoint come from the usual environment: AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crawler.archive.errors import StoreConflictError, StoreError
from crawler.archive.store.capture_store import StoredFile

if TYPE_CHECKING:
    from obstore.store import S3Store as Client

SINGLE_PUT = 96_000_000
"""Bytes up to which a file is one request that creates and never overwrites; it lies in memory meanwhile. Larger ones are put in parts, after a look whether the name is free."""
PATIENCE = 60.0
"""Seconds for which a server that answers 5xx, or a connection that breaks, is tried again."""
READING = 20.0
"""The same for what somebody waits for: a range, a size."""
_REQUEST = timedelta(minutes=5)  # one request, with its body
_CHUNK = 8 * 1024 * 1024
_DIGEST = "sha256"  # among the object's metadata
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_Answer = TypeVar("_Answer")
_asked_by: int | None = None  # the process whose threads obstore has


class S3Store:
    def __init__(self, bucket: str, prefix: str = "", *, endpoint: str = "", patience: float = PATIENCE) -> None:
        self._bucket, self._prefix, self._endpoint, self._patience = bucket, prefix, endpoint, patience
        self._client: tuple[int, Client] | None = (
            None  # with the process that made it: the object may have come through a fork
        )

    @property
    def place(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def put(self, name: str, content: Path | bytes, sha256: str) -> None:
        import obstore
        from obstore.exceptions import AlreadyExistsError

        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        about: Any = {_DIGEST: sha256}

        def create() -> None:
            obstore.put(self._connected(), name, content, mode="create", use_multipart=False, attributes=about)

        def in_parts() -> None:
            obstore.put(self._connected(), name, content, use_multipart=True, chunk_size=_CHUNK, max_concurrency=2, attributes=about)  # fmt: skip

        if size > SINGLE_PUT and (there := self.stat(name)) is not None:
            self._refuse_other(there, size, sha256)
            return
        try:
            self._patiently(create if size <= SINGLE_PUT else in_parts)
        except AlreadyExistsError:  # also where the answer to the first try was lost
            there = self.stat(name)
            if there is not None:
                self._refuse_other(there, size, sha256)
        except FileNotFoundError as error:
            raise StoreError(f"存档仓库 {self.place} 没有这个桶：先在 S3 服务器上建好 {self._bucket}") from error

    def read(self, name: str, offset: int, length: int) -> bytes | None:
        import obstore

        if length <= 0:
            return b""
        try:
            return bytes(
                self._patiently(
                    lambda: obstore.get_range(self._connected(), name, start=offset, length=length), READING
                )
            )
        except FileNotFoundError:
            return None
        except _BeyondTheEnd:
            return b""

    def stat(self, name: str) -> StoredFile | None:
        import obstore

        try:
            found = self._patiently(lambda: obstore.get(self._connected(), name, options={"head": True}), READING)
        except FileNotFoundError:
            return None
        digest = found.attributes.get(_DIGEST)
        return StoredFile(name, found.meta["size"], str(digest) if digest else None)

    def fetch(self, name: str, target: Path) -> bool:
        import obstore

        def whole() -> None:
            target.unlink(missing_ok=True)
            found = obstore.get(self._connected(), name)
            with target.open("xb") as new:
                for block in found.stream(min_chunk_size=1 << 20):
                    new.write(block)
            if target.stat().st_size != found.meta["size"]:
                raise ConnectionError("cut off")

        try:
            self._patiently(whole)
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        import obstore

        try:
            self._patiently(lambda: obstore.delete(self._connected(), name))
        except FileNotFoundError:
            return

    def list(self) -> Iterator[StoredFile]:
        import obstore

        def all_of_them() -> list[StoredFile]:
            pages = obstore.list(self._connected(), chunk_size=1000)
            return [StoredFile(meta["path"], meta["size"]) for page in pages for meta in page]

        try:
            yield from self._patiently(all_of_them)
        except FileNotFoundError as error:
            raise StoreError(f"存档仓库 {self.place} 没有这个桶：先在 S3 服务器上建好 {self._bucket}") from error

    def _refuse_other(self, there: StoredFile, size: int, sha256: str) -> None:
        if there.size != size or (there.sha256 is not None and there.sha256 != sha256):
            raise StoreConflictError(self.place, there.name)

    def _connected(self) -> Client:
        """The client of this process. Raises StoreError in a fork of a process that has asked a store: obstore's threads are not in the fork, and it would wait for ever."""
        global _asked_by
        if _asked_by not in (None, os.getpid()):
            raise StoreError(f"存档仓库 {self.place} 读写不了：进程是在问过仓库之后分出来的，应先分进程，再问仓库")
        _asked_by = os.getpid()
        if self._client is None or self._client[0] != os.getpid():
            from obstore.store import S3Store as Client

            endpoint = self._endpoint or os.environ.get("AWS_ENDPOINT_URL", "") or os.environ.get("AWS_ENDPOINT", "")
            options: Any = {"timeout": _REQUEST, "connect_timeout": timedelta(seconds=5)}
            if endpoint.startswith("http://"):
                options["allow_http"] = True
            facts: Any = {"endpoint": endpoint} if endpoint else {}
            if not any(os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")):
                facts["region"] = "us-east-1"  # what servers other than Amazon's take
            retries: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=self._patience)}
            client = Client(self._bucket, prefix=self._prefix or None, client_options=options, retry_config=retries, **facts)  # fmt: skip
            self._client = os.getpid(), client
        return self._client[1]

    def _patiently(self, ask: Callable[[], _Answer], most: float = PATIENCE) -> _Answer:
        """What `ask` gives, tried again for `most` seconds. Raises FileNotFoundError, AlreadyExistsError, _BeyondTheEnd; StoreError for all else."""
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        until = time.monotonic() + min(most, self._patience)
        wait = 0.2
        while True:
            try:
                return ask()
            except (FileNotFoundError, AlreadyExistsError):
                raise
            except PreconditionError as error:
                raise AlreadyExistsError(str(error)) from error
            except (BaseError, ConnectionError) as error:
                told = str(error)
                status = found[1] if (found := _STATUS.search(told)) else ""
                code = found[1] if (found := _CODE.search(told)) else ""
                if status == "416":
                    raise _BeyondTheEnd from error
                if code == "NoSuchBucket":
                    raise FileNotFoundError(told) from error
                passing = not status or status.startswith("5") or status in ("408", "409", "429")
                if not passing or time.monotonic() + wait > until:
                    raise StoreError(f"存档仓库 {self.place} {_reason(status, code, type(error).__name__)}") from error
            time.sleep(wait)
            wait = min(wait * 2, 5.0)


class _BeyondTheEnd(Exception):
    """A range was asked for that begins behind the file's end."""


def _reason(status: str, code: str, kind: str) -> str:
    """Nothing of the driver's own text: it names addresses, and in its debug form more."""
    if status in ("401", "403") or kind in ("PermissionDeniedError", "UnauthenticatedError"):
        said = f"{code}，" if code else ""
        return f"拒绝访问（{said}{status or kind}）：请检查 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY 和这个桶的权限"
    if status:
        return f"答 {status}{f' {code}' if code else ''}，试了多次：请稍后重试"
    return "连不上：请检查 AWS_ENDPOINT_URL 和网络，稍后重试"
