"""Runs of the verbs, and how each source did in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from crawler.archive.database import Database, dumps, plain
from crawler.archive.models import Run, SourceReport, SourceRun
from crawler.archive.schema import runs, source_runs


class Runs:
    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, verb: str, now: datetime | None = None) -> int:
        """Note that a verb has begun; its run's id."""
        with self._database.writer(alone=False) as connection:
            statement = insert(runs).values(verb=verb, started_at=now or datetime.now(UTC)).returning(runs.c.id)
            return int(connection.execute(statement).scalar_one())

    def finish(self, run: int, report: Mapping[str, Any], now: datetime | None = None) -> None:
        """Note that a run has ended, with what it has to report (JSON)."""
        with self._database.writer(alone=False) as connection:
            values = {"finished_at": now or datetime.now(UTC), "report": dumps(dict(report))}
            connection.execute(update(runs).where(runs.c.id == run).values(values))

    def latest(self, limit: int = 20, verb: str | None = None) -> list[Run]:
        """The last runs, newest first."""
        query = select(runs).order_by(runs.c.id.desc()).limit(limit)
        if verb is not None:
            query = query.where(runs.c.verb == verb)
        with self._database.reader() as connection:
            return [_run(row) for row in connection.execute(query)]

    def get(self, run: int) -> Run | None:
        """A run by its id."""
        with self._database.reader() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
            return _run(row) if row else None

    def record_source(self, run: int, source: str, report: SourceReport) -> None:
        """Keep a source's report; a second one for the same run replaces the first."""
        values = {k: plain(v) if isinstance(v, str) else v for k, v in asdict(report).items()}
        with self._database.writer() as connection:
            here = (source_runs.c.run == run) & (source_runs.c.source == source)
            connection.execute(delete(source_runs).where(here))
            connection.execute(insert(source_runs).values(run=run, source=source, **values))

    def of_sources(self, source: str | None = None, limit: int = 20, *, run: int | None = None) -> list[SourceRun]:
        """The last reports, newest run first; of one source, or of one run."""
        query = (
            select(source_runs, runs.c.started_at, runs.c.verb)
            .join(runs, runs.c.id == source_runs.c.run)
            .order_by(source_runs.c.run.desc(), source_runs.c.source)
            .limit(limit)
        )
        if source is not None:
            query = query.where(source_runs.c.source == source)
        if run is not None:
            query = query.where(source_runs.c.run == run)
        names = [f.name for f in fields(SourceReport)]
        with self._database.reader() as connection:
            return [
                SourceRun(
                    row.run,
                    row.source,
                    row.started_at,
                    SourceReport(**{n: row._mapping[n] for n in names}),
                    verb=row.verb,
                )
                for row in connection.execute(query)
            ]


def _run(row: Row[Any]) -> Run:
    return Run(row.id, row.verb, row.started_at, row.finished_at, json.loads(row.report) if row.report else {})
