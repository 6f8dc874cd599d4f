"""Whether a pooler between us and PostgreSQL (PgBouncer in transaction mode) gives each transaction another session: then locks and LISTEN, which belong to a session, do not hold."""

from __future__ import annotations

from contextlib import ExitStack

from sqlalchemy import make_url

from crawler.archive import ArchiveError, errors
from crawler.archive.cluster.lease import libpq_url
from crawler.terminal import Refusal

ADVICE = (
    "锁和通知不可靠，几台机器不能这样同用；让 ZHAOSHANG_DATABASE 直接连 PostgreSQL，或把 PgBouncer 设为 session 模式"
)
_ASKED = 3  # idle sessions are given out by turns or the last first: one look may miss it
_WITHIN = 5.0  # seconds for a notice to come


def refuse_pooled(database: str) -> None:
    """Raises Refusal where a pooler lies between; ArchiveError where the database cannot be asked."""
    import psycopg

    where = make_url(database).render_as_string()
    try:
        wrong = pooled(database)
    except psycopg.Error as error:
        raise (errors.of_database(error, where) or ArchiveError(f"{error}（{where}）")) from error
    if wrong:
        raise Refusal(f"{wrong}：{ADVICE}")


def pooled(database: str) -> str | None:
    """What is wrong with the connection for several machines, as a line; None where it is PostgreSQL's own. Raises psycopg.Error."""
    import psycopg

    with ExitStack() as stack:
        first, second = (
            stack.enter_context(psycopg.connect(libpq_url(database), autocommit=True, connect_timeout=10))
            for _ in range(2)
        )

        def session(connection: psycopg.Connection[tuple[object, ...]]) -> object:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            return row[0] if row else None

        seen: list[set[object]] = [set(), set()]
        for _ in range(_ASKED):
            for number, connection in enumerate((first, second)):
                seen[number].add(session(connection))
        if seen[0] & seen[1] or any(len(own) > 1 for own in seen):
            return "两条连接用的是同一个会话（PgBouncer 的事务模式？）"
        first.execute("LISTEN zhaoshang_probe")
        second.execute("NOTIFY zhaoshang_probe")
        if not any(True for _ in first.notifies(timeout=_WITHIN, stop_after=1)):
            return "LISTEN 收不到通知（PgBouncer 的事务模式？）"
    return None
