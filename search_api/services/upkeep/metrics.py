"""Figures of the archive, its nights and its machine for Prometheus. They are counted once a minute at most, by whoever asks first after that."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.archive import Archive, ArchiveError
from crawler.archive.nights.night import WRONG_FIRST, latest_nights
from crawler.configuration import Settings
from crawler.reasons import describe_error
from indexer.engines.base import Engine, EngineError
from indexer.engines.registry import open_engine

FRESH = 60.0
"""Seconds for which figures are told again: counting takes a moment in a large archive."""
_NIGHTS = 400  # that are looked through for the last one that ran to its end
_PREFIX = "zhaoshang"


class Metrics:
    """The text of `/metrics`, kept for a minute. Only one thread counts; the others take what there is."""

    def __init__(self, archive: Callable[[], Archive], engine: Callable[[], Engine]) -> None:
        self._archive, self._engine = archive, engine
        self._counting = threading.Lock()
        self._text, self._at = b"", float("-inf")

    def text(self) -> bytes:
        """Raises ArchiveError where there are no figures yet and none can be had."""
        if time.monotonic() - self._at < FRESH:
            return self._text
        if not self._counting.acquire(blocking=not self._text):
            return self._text
        try:
            if time.monotonic() - self._at >= FRESH:
                self._text = metrics_text(self._archive(), self._engine)
                self._at = time.monotonic()
        finally:
            self._counting.release()
        return self._text


def metrics_text(archive: Archive, engine: Callable[[], Engine]) -> bytes:
    """All figures as Prometheus reads them. Raises ArchiveError; an engine that is down is told by `zhaoshang_engine_up`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(archive, engine))
    return generate_latest(registry)


def write_metrics(settings: Settings, archive: Archive, say: Callable[[str], None]) -> None:
    """Write the figures to the file of the setting METRICS, for the textfile collector of node_exporter; what fails is said and ends nothing."""
    if not settings.metrics:
        return
    path = Path(settings.metrics)
    temporary = path.with_name(f".{path.name}.new")
    opened: list[Engine] = []

    def engine() -> Engine:
        opened.append(open_engine(settings))
        return opened[0]

    try:
        temporary.write_bytes(metrics_text(archive, engine))
        temporary.chmod(0o644)
        temporary.replace(path)
    except (OSError, ArchiveError) as error:
        say(f"指标没有写到 {path}：{describe_error(error)}")
    finally:
        for one in opened:
            one.close()


class _Figures(Collector):
    def __init__(self, archive: Archive, engine: Callable[[], Engine]) -> None:
        self._archive, self._engine = archive, engine

    def collect(self) -> Iterator[Metric]:
        yield from _of_nights(self._archive)
        counts = self._archive.counts()
        yield _gauge("archive_articles", "Articles in the archive", counts.articles)
        yield _gauge("archive_captures", "Captures in the archive", counts.captures)
        yield _gauge("archive_warc_bytes", "Size of the capture files", counts.warc_bytes)
        yield _gauge("sources_enabled", "Sources that are switched on", counts.sources)
        yield _gauge("queue_pages", "Pages that wait to be fetched", self._archive.frontier.count_waiting())
        yield from self._of_engine()
        free = shutil.disk_usage(self._archive.database.folder).free
        yield _gauge("disk_free_bytes", "Space left where the data folder lies", free)
        notices = GaugeMetricFamily(f"{_PREFIX}_notices", "Notices by state", labels=["state"])
        for state, number in self._archive.outbox.counts().items():
            notices.add_metric([state], number)
        yield notices

    def _of_engine(self) -> Iterator[Metric]:
        last = self._archive.articles.last_change()
        try:
            health = self._engine().health()
        except EngineError:
            yield _gauge("engine_up", "Whether the search engine answers", 0)
            return
        yield _gauge("engine_up", "Whether the search engine answers", int(health.ok))
        yield _gauge("index_documents", "Articles that can be found", health.documents)
        yield _gauge(
            "index_lag_changes", "Changes of the archive that the index does not have", max(0, last - health.cursor)
        )


def _of_nights(archive: Archive) -> Iterator[Metric]:
    nights = latest_nights(archive, 1)
    if not nights:
        return
    last = nights[0]
    yield _gauge("night_running", "Whether a night runs now", int(last.state == "running"))
    yield _gauge("night_last_start_timestamp_seconds", "When the last night began", last.started_at.timestamp())
    ended = next((night for night in latest_nights(archive, 20) if night.finished_at), None)
    if ended is None or ended.finished_at is None:
        return
    yield _gauge("night_last_end_timestamp_seconds", "When the last night ended", ended.finished_at.timestamp())
    yield _gauge("night_last_duration_seconds", "How long it took", ended.seconds)
    yield _gauge("night_last_problems", "Problems that it told", len(ended.problems))
    yield _gauge("night_last_articles", "Articles that were new or changed in it", ended.articles)
    outcomes = GaugeMetricFamily(f"{_PREFIX}_night_last_sources", "Sources of it by outcome", labels=["outcome"])
    for outcome in WRONG_FIRST:
        outcomes.add_metric([outcome], ended.outcomes.get(outcome, 0))
    yield outcomes
    done = ended if ended.completed else next((n for n in latest_nights(archive, _NIGHTS) if n.completed), None)
    if done is not None and done.finished_at is not None:
        told = "When the last night ended that ran to its end without a problem, however its sources did"
        yield _gauge("night_last_success_timestamp_seconds", told, done.finished_at.timestamp())


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", told, value=value)
