"""The store of the settings."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from crawler.archive.errors import StoreError
from crawler.archive.store.capture_store import CaptureStore
from crawler.archive.store.folder_store import FolderStore
from crawler.archive.store.s3_store import S3Store
from crawler.configuration import Settings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_WRITTEN = "应为 s3://桶/前缀，或共享文件夹的绝对路径"


def open_store(settings: Settings) -> CaptureStore | None:
    """The store, nothing asked of it yet; None where the setting is empty: captures then stay on this machine's disk. Raises StoreError."""
    written = settings.store.strip()
    if not written:
        return None
    if written.startswith("s3://"):
        return _s3(written)
    path = Path(written)
    if "://" in written or not path.is_absolute():
        raise StoreError(f"ZHAOSHANG_STORE 不对（{written.partition('?')[0]}）：{_WRITTEN}")
    if path.resolve().is_relative_to(settings.data.resolve()):  # a backup leaves out what the store holds
        raise StoreError("ZHAOSHANG_STORE 在数据目录里：应另指一处各机都能挂载的")
    return FolderStore(path)


def _s3(written: str) -> S3Store:
    parts = urlsplit(written)
    if parts.username or parts.password:
        raise StoreError("ZHAOSHANG_STORE 里不要写密码：用环境变量 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY")
    if not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise StoreError(f"ZHAOSHANG_STORE 不对（{written.partition('?')[0]}）：{_WRITTEN}")
    if find_spec("obstore") is None:
        raise StoreError("ZHAOSHANG_STORE 指向 S3，需要 obstore：pip install 'zhaoshang[cluster]'")
    return S3Store(parts.netloc, parts.path.strip("/"))
