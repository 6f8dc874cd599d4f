"""Upgrade the database's schema to this program's: at every open, safe when two processes open at once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from crawler.archive.errors import ArchiveError

HEAD = "0013"
"""The newest migration in migrations/versions; a test compares. Named here so that an open that finds it need not load Alembic."""

FOLDER = Path(__file__).parent
# Any fixed number: what processes that migrate the same PostgreSQL database wait for.
_LOCK = 0x7A68_616F


def migrate(engine: Engine) -> None:
    """Upgrade to HEAD. Raises ArchiveError where the schema is newer than this program, or is not ours."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.execution_options(writing=True).connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        version = _version(connection)  # another process may have done it while this one waited
        if version != HEAD:
            _upgrade(connection, version)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection, version: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise ArchiveError(f"文库的结构（{version}）比本程序新（{HEAD}）：请升级 zhaoshang")
    if version is None and inspect(connection).has_table("articles"):
        raise ArchiveError("数据库里已有别的程序的表 articles：请为 zhaoshang 另建一个空数据库")
    command.upgrade(config, "head")
