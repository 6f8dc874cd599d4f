"""A night of three workers, disturbed: what comes of it is what one machine makes, and no group of sites is ever asked twice at a time."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.cluster.queue import open_queue
from crawler.configuration import load_settings
from tests import postgresql
from tests.archive_fixtures import postgresql_server
from tests.cluster_desk import ClusterDesk, answers, held
from tests.cluster_web import ClusterWeb
from tests.whole_way import Desk

__all__ = ["postgresql_server"]

SITES, GROUPS = 15, 5
NOW = "2026-03-01T02:00"


def of_one_machine(web: ClusterWeb, folder: Path) -> tuple[dict[str, Any], dict[str, set[str]]]:
    desk = Desk(folder / "data")
    web.sources(desk.data / "sources")
    desk.run("sources", "enable", *[site.name for site in web.served])
    desk.run("nightly", "--now", NOW)
    with Archive.open(load_settings(data=desk.data, database="")) as archive:
        return held(archive), answers(desk)


@pytest.mark.slow
@pytest.mark.postgres
def test_three_workers_that_are_killed_stopped_and_robbed_of_the_queue(postgresql_server: str, tmp_path: Path) -> None:
    with ClusterWeb(SITES, GROUPS) as web, postgresql.database(postgresql_server) as url:
        alone, found_alone = of_one_machine(web, tmp_path / "one")
        assert not web.overlaps() and len(alone["articles"]) == SITES * 9 and len(alone["rejected"]) == SITES * 3
        web.log.clear()
        web.seconds = 0.05  # a night that lasts long enough to be disturbed
        desk = ClusterDesk(tmp_path, web, url)
        first, second, third = (desk.start(name) for name in ("w1", "w2", "w3"))
        desk.up(3)
        night = desk.front.start("nightly", "--now", NOW, "--json")
        desk.wait_until(lambda archive: len(archive.visits.current()) >= 3)
        child = first.child("visit_process")
        assert child is not None
        second.signal(signal.SIGSTOP)  # in the midst of its visits; it wakes when others have taken them over
        stopped = time.monotonic()
        import os

        os.kill(child, signal.SIGKILL)
        with desk.archive() as archive:
            settings = load_settings(data=desk.front.data, database=url)
            with open_queue(settings, archive) as queue:
                queue.empty()
            desk.wait_until(lambda archive: time.monotonic() > stopped + 6)
            third.signal(signal.SIGKILL)
            desk.start("w3")
            time.sleep(max(0.0, stopped + 20 - time.monotonic()))
            second.signal(signal.SIGCONT)
            output, errors = night.communicate(timeout=240)
            report = json.loads(output or "{}")
            assert report, errors + desk.logs()
            assert {row["source"]: row["outcome"] for row in report["rows"]} == {s.name: "ok" for s in web.served}, desk.logs()  # fmt: skip
            assert report["articles"] == SITES * 9
            desk.stop()
            assert held(archive) == alone
            captured = [capture.url for file in archive.capture_files.all_stored() for capture in archive.captures.in_file(file.name) if capture.role == "article"]  # fmt: skip
            assert len(captured) == len(set(captured)) == SITES * 12, "every page once"
        assert not web.overlaps()
        reader = Desk(tmp_path / "front" / "data", {**desk.environment, "ZHAOSHANG_ENGINE": "tantivy"})
        assert answers(reader) == found_alone
        assert reader.json("archive", "check", code=None) is not None
