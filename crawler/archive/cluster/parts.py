"""What workers have done of a run. The result of a job lies here and not in the queue, so that the queue may be emptied at any time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from crawler.archive.database import Database, dumps
from crawler.archive.schema import run_parts, runs

KEPT = timedelta(days=14)
"""How long parts are kept behind the end of their run."""


@dataclass(frozen=True, slots=True)
class Part:
    """A job's result: `report` is what its kind reports, None where there was nothing to do."""

    name: str
    worker: str
    report: dict[str, Any] | None


class RunParts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def done(self, run: int, kind: str, name: str, worker: str, report: Mapping[str, Any] | None) -> None:
        """Keep a result; the first one stands."""
        values = {"run": run, "kind": kind, "name": name, "worker": worker, "finished_at": func.now()}
        with self._database.writer(alone=False) as connection:
            statement = insert(run_parts).values(**values, report=dumps(dict(report)) if report is not None else None)
            connection.execute(statement.on_conflict_do_nothing())

    def is_done(self, run: int, kind: str, name: str) -> bool:
        here = (run_parts.c.run == run) & (run_parts.c.kind == kind) & (run_parts.c.name == name)
        with self._database.reader() as connection:
            return connection.execute(select(run_parts.c.run).where(here)).first() is not None

    def names(self, run: int, kind: str) -> set[str]:
        """Of what there is a result."""
        query = select(run_parts.c.name).where(run_parts.c.run == run, run_parts.c.kind == kind)
        with self._database.reader() as connection:
            return set(connection.execute(query).scalars())

    def results(self, run: int, kind: str) -> list[Part]:
        """All results of a kind, by name."""
        query = select(run_parts).where(run_parts.c.run == run, run_parts.c.kind == kind).order_by(run_parts.c.name)
        with self._database.reader() as connection:
            rows = connection.execute(query).all()
        return [Part(row.name, row.worker, json.loads(row.report) if row.report else None) for row in rows]

    def prune(self) -> int:
        """Delete the parts of runs that ended long ago, or began long ago and never ended; how many."""
        old = select(runs.c.id).where(func.coalesce(runs.c.finished_at, runs.c.started_at) < func.now() - KEPT)
        with self._database.writer(alone=False) as connection:
            return connection.execute(delete(run_parts).where(run_parts.c.run.in_(old))).rowcount
