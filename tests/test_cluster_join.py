"""An archive of one machine joins several: its database is copied, its captures are put into the store, and any machine works on; and it comes back from there."""

from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.configuration import load_settings
from tests import postgresql
from tests.archive_fixtures import postgresql_server
from tests.cluster_desk import NO_ENGINE, held
from tests.cluster_web import ClusterWeb
from tests.whole_way import Desk

__all__ = ["postgresql_server"]

pytestmark = pytest.mark.postgres
NOW = "2026-03-01T02:00"


def test_an_archive_of_one_machine_joins_and_comes_back(postgresql_server: str, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    with ClusterWeb(3, 2) as web, postgresql.database(postgresql_server) as url:
        alone = Desk(tmp_path / "one" / "data")
        web.sources(alone.data / "sources")
        alone.run("nightly", *[site.name for site in web.served], "--now", NOW)
        with Archive.open(load_settings(data=alone.data, database="")) as archive:
            expected = held(archive)
        alone.run("archive", "copy", "--to", url)

        shared = {"ZHAOSHANG_DATABASE": url, "ZHAOSHANG_ENGINE": NO_ENGINE, "ZHAOSHANG_STORE": str(store)}
        joined = Desk(alone.data, shared | {"ZHAOSHANG_MACHINE": "one"})
        other = Desk(tmp_path / "two" / "data", shared | {"ZHAOSHANG_MACHINE": "two"})
        web.sources(other.data / "sources")
        assert faults(other), "the captures are on the first machine's disk alone"
        files = joined.json("archive", "store", "--free")
        assert not list((joined.data / "captures").glob("*.warc.gz")), files
        assert not faults(joined) and not faults(other)
        other.run("extract", "--all")
        with Archive.open(load_settings(data=other.data, database=url, store=str(store))) as archive:
            assert held(archive) == expected, "by their captures in the store"
            stored = archive.capture_files.all_stored()
        assert stored

        # and back: with the rows of capture files, so that captures are found where they lie
        back = Desk(tmp_path / "three" / "data", {"ZHAOSHANG_STORE": str(store)})
        back.data.mkdir(parents=True)
        lone = f"sqlite:///{back.data / 'archive.sqlite'}"
        assert other.json("archive", "copy", "--to", lone)["capture_files"] == len(stored)
        assert not faults(back)
        with Archive.open(load_settings(data=back.data, database="", store=str(store))) as archive:
            assert held(archive) == expected and archive.capture_files.all_stored() == stored


def faults(desk: Desk) -> list[str]:
    """What `archive check` finds wrong, but for the index, which is not made here."""
    lines = desk.run("archive", "check", code=None).stdout.splitlines()
    assert any("索引" in line for line in lines), "it went to its end"
    return [line for line in map(str.strip, lines) if line.startswith("✗") and not line.startswith("✗ 索引")]
