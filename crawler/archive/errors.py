"""ArchiveError, and how the errors of the database and the disk become one clear line for the operator."""

from __future__ import annotations

import errno

from sqlalchemy import exc

from crawler.reasons import describe_error


class ArchiveError(Exception):
    """The archive cannot be opened, read or written; the message is one line that says what is wrong and what to do."""


class UnreadableRecordError(ArchiveError):
    """One WARC record is missing or damaged; the message says what is wrong with it. The rest of the archive is as it was: whoever reads many goes on."""


class ElsewhereError(ArchiveError):
    """A record lies where this machine cannot read it: on another worker's disk and not stored yet, or in a store that is not set here. It is not damaged."""


class StoreError(ArchiveError):
    """The store of capture files cannot be reached, or refuses; the message is one line. It says nothing of the captures."""


class StoreConflictError(StoreError):
    """The store has another content under this name."""

    def __init__(self, place: str, name: str) -> None:
        super().__init__(f"存档仓库 {place} 里已有 {name}，内容不同：没有动它。看是不是两个文库用了同一处")


# No more files, no memory: a fault of the process, which says nothing of the record.
_OF_THE_PROCESS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def of_reading(error: OSError, file: str) -> ArchiveError:
    """The error for a WARC file that cannot be opened or read; `file` is its name without its folder, since readers of the web see it."""
    if error.errno in _OF_THE_PROCESS:
        return ArchiveError(f"无法读存档文件 {file}：{describe_error(error)}")
    if error.errno == errno.ENOENT:
        return UnreadableRecordError(f"存档文件 {file} 不见了")
    return UnreadableRecordError(f"存档文件 {file} 读不了（{describe_error(error)}）")


def of_os(error: OSError, path: object) -> ArchiveError:
    """The line for a failed file operation on `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ArchiveError(f"磁盘已满，无法写入 {path}：请腾出空间后重试")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ArchiveError(f"没有写入权限：{path}（请检查数据文件夹的权限，或用 ZHAOSHANG_DATA 另指定）")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return ArchiveError(f"{path} 不是文件夹：请用 ZHAOSHANG_DATA 另指定数据文件夹")
    return ArchiveError(f"无法读写 {path}：{describe_error(error)}")


# What the drivers say → what the operator should know. SQLite's messages are fixed strings of the library; PostgreSQL's may be translated,
# so that there the class of the error decides and the text only refines.
_SQLITE = (
    ("disk is full", "磁盘已满，文库写不进去：请腾出空间后重试"),
    ("readonly database", "文库只读：请检查数据文件夹的权限"),
    ("unable to open database file", "打不开文库：请检查数据文件夹是否存在、是否可写"),
    ("database is locked", "文库被另一个进程占用过久：请稍后重试"),
    ("not a database", "文件不是 SQLite 文库，或已损坏"),
    ("malformed", "文库已损坏：请从备份恢复"),
    ("disk i/o error", "读写文库时磁盘出错（可能已满或损坏）"),
)


# What libpq and psycopg say of a server that does not answer. They keep to English where no locale is set.
_UNREACHABLE = (
    ("connection refused", "对方拒绝连接，看 PostgreSQL 是否在运行、地址和端口对不对"),
    ("failed to resolve", "找不到这台主机，看域名是否写对"),
    ("could not translate host name", "找不到这台主机，看域名是否写对"),
    ("timeout", "超时，没有回答"),
    ("timed out", "超时，没有回答"),
    ("no route to host", "到不了那台主机"),
    ("ssl", "TLS 连接没有成功"),
    ("server closed the connection", "服务器断开了连接"),
    ("too many clients", "连接数已满，请稍后重试"),
)


def of_database(error: BaseException, where: str) -> ArchiveError | None:
    """The line for a driver's error at the database `where` (shown without its password); None where it is a fault of the program."""
    text = " ".join(str(error).split())
    lower = text.lower()
    for words, line in _SQLITE:
        if words in lower:
            return ArchiveError(f"{line}（{where}）")
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith("28") or "authentication" in lower:
        return ArchiveError(f"数据库拒绝登录：请检查用户名和密码（{where}）")
    if state == "3D000" or ('database "' in lower and "does not exist" in lower):
        return ArchiveError(f"数据库不存在：请先建立（{where}）")
    if state.startswith("53"):
        return ArchiveError(f"数据库资源不足（磁盘、内存或连接数）：{text}（{where}）")
    if state == "42501":
        return ArchiveError(f"数据库权限不足：{text}（{where}）")
    if any(c.__name__ in ("OperationalError", "InterfaceError", "PoolTimeout") for c in type(error).__mro__):
        known = next((said for words, said in _UNREACHABLE if not state and words in lower), text)
        return ArchiveError(f"{'数据库出错' if state else '连不上数据库'}：{known}（{where}）")
    return None


def of_url(error: exc.ArgumentError | ModuleNotFoundError | ValueError) -> ArchiveError:
    """The line for a database URL that cannot be used."""
    if isinstance(error, ModuleNotFoundError):
        return ArchiveError(f"缺少数据库驱动 {error.name}：PostgreSQL 请安装 zhaoshang[postgres]")
    return ArchiveError(
        "ZHAOSHANG_DATABASE 不是有效的数据库地址：应为 postgresql+psycopg://用户:密码@主机/库名，或 sqlite:////路径"
    )
