"""What holds for all tests: which may be slow and how many, which share a worker, how the programs that they start are started, and a new archive for each that asks for one."""

from __future__ import annotations

import gc
import multiprocessing
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from tests import warm_start

# Workers of the extraction and of the index are forked from a server that this process starts once: it imports for all of them.
IMPORTED_ONCE = ["crawler.stages.extract", "indexer.indexing.analysis_pool", "indexer.insight.read_stage"]
multiprocessing.set_forkserver_preload(IMPORTED_ONCE)
CRAWL = "crawler.stages.crawl"  # starts the process that crawls
assert all(map(find_spec, [*IMPORTED_ONCE, CRAWL])), "a module named here has moved"

MOST_SLOW = 40  # `make test` leaves them out, so that whoever runs it alone must still see nearly everything


@pytest.hookimpl(tryfirst=True)  # before -m takes the slow ones away
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = [item for item in items if item.get_closest_marker("slow")]
    if contract := [item.nodeid for item in slow if "contract" in item.path.name]:
        raise pytest.UsageError(f"a contract test is never slow: {contract[0]}")
    if len(slow) > MOST_SLOW:
        raise pytest.UsageError(f"{len(slow)} tests are marked slow, at most {MOST_SLOW} may be")


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file runs in one worker, and all files about Elasticsearch in the same, and all about stores: each worker would start the servers anew. (xdist's groups do nothing with pytest 9.)"""
    from xdist.scheduler import LoadFileScheduling

    class ServersTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            servers = {"test_engine_elasticsearch": "elasticsearch", "_stores": "s3"}
            return next((server for part, server in servers.items() if part in file), file)

    return ServersTogether(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of an S3 server, one a session."""
    from tests.s3.server import server

    with server() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def warm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("warm")


class WarmSystem(SimpleNamespace):
    """`sys` as the crawl sees it: crawls fork from the process that has Scrapy imported, and that is started when the first crawl is."""

    folder: Path

    @property
    def executable(self) -> str:
        return warm_start.executable(str(self.folder))


@pytest.fixture(autouse=True)
def warm_crawls(warm_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if CRAWL in sys.modules:
        monkeypatch.setattr(f"{CRAWL}.sys", WarmSystem(folder=warm_folder))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", delay=0.0)


@pytest.fixture(scope="session")
def empty_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a new archive, made once by all migrations."""
    data = tmp_path_factory.mktemp("empty") / "data"
    Archive.open(load_settings(data=data)).close()
    return data / "archive.sqlite"


@pytest.fixture
def archive(settings: Settings, empty_archive: Path) -> Iterator[Archive]:
    if not settings.database:
        settings.data.mkdir(parents=True, exist_ok=True)
        shutil.copy(empty_archive, settings.data)
    with Archive.open(settings) as opened:
        yield opened
