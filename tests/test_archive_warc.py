"""WARC files: other tools read them, writers share none, and a writer killed at any moment loses nothing that was committed."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.archive import Archive, Exchange
from crawler.archive.warc import ROLL_BYTES, Original, WarcFile, digest_of, read
from crawler.configuration import Settings, load_settings
from tests.archive_fixtures import postgresql_server, settings

__all__ = ["postgresql_server", "settings"]

NOW = datetime(2024, 5, 6, hour=2, minute=0, second=0, microsecond=123456, tzinfo=UTC)
URL = "https://investment.example/notice/1.html?a=1"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(load_settings(data=tmp_path, database="")) as opened:
        yield opened


def exchange(body: bytes, url: str = URL) -> Exchange:
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "br"), ("Transfer-Encoding", "chunked"))
    asked = (("User-Agent", "zhaoshang"),)
    return Exchange(url, 200, headers, body, NOW, request_headers=asked, address="127.0.0.1")


def records(path: Path) -> list[tuple[str, bytes]]:
    """Type and payload of every record, read by warcio; fastwarc must read the same."""
    with path.open("rb") as file:
        slow = [(r.rec_type, r.content_stream().read()) for r in ArchiveIterator(file)]
    with path.open("rb") as file:
        fast = [(r.headers["WARC-Type"], r.reader.read()) for r in FastIterator(file)]
    assert fast == slow
    return slow


def sound(path: Path) -> bool:
    """Whether warcio's own check finds every digest right and every record a gzip member of its own."""
    return int(Checker(type("Arguments", (), {"inputs": [str(path)], "verbose": False})()).process_all() or 0) == 0


def test_other_tools_read_the_files(archive: Archive) -> None:
    with archive.capture_writer(archive.start_run("crawl")) as writer:
        first = writer.write(exchange(b"<p>one</p>"))
        again = writer.write(exchange(b"<p>one</p>", URL + "&b=2"))
    path = archive.captures_folder / first.file
    assert [kind for kind, _ in records(path)] == ["warcinfo", "request", "response", "request", "revisit"]
    assert records(path)[2][1] == b"<p>one</p>" and records(path)[4][1] == b"" and sound(path)
    with path.open("rb") as file:
        _, request, response, _, revisit = (
            (dict(r.rec_headers.headers), r.http_headers and (r.http_headers.statusline, dict(r.http_headers.headers)))
            for r in ArchiveIterator(file)
        )
    assert request[1][0] == "/notice/1.html?a=1 HTTP/1.1" and request[1][1] == {
        "Host": "investment.example",
        "User-Agent": "zhaoshang",
    }
    assert request[0]["WARC-Concurrent-To"] == response[0]["WARC-Record-ID"]
    assert response[0]["WARC-Target-URI"] == URL and response[0]["WARC-Date"] == "2024-05-06T02:00:00.123456Z"
    assert response[0]["WARC-IP-Address"] == "127.0.0.1"
    assert response[1][1] == {
        "Content-Type": "text/html",
        "X-Archive-Orig-Content-Encoding": "br",
        "X-Archive-Orig-Transfer-Encoding": "chunked",
        "Content-Length": "10",
    }
    assert response[0]["WARC-Payload-Digest"] == revisit[0]["WARC-Payload-Digest"] == again.digest
    assert again.digest == "sha1:" + base64.b32encode(hashlib.sha1(b"<p>one</p>").digest()).decode()
    assert revisit[0]["WARC-Profile"].endswith("/revisit/identical-payload-digest")
    assert (revisit[0]["WARC-Refers-To-Target-URI"], revisit[0]["WARC-Refers-To-Date"]) == (
        URL,
        response[0]["WARC-Date"],
    )


@effort(deadline=None, max_examples=30)
@given(
    body=st.binary(max_size=300),
    headers=st.lists(st.tuples(st.text("abc-", min_size=1, max_size=5), st.text(max_size=20)), max_size=4),
    status=st.integers(100, 999),
)
def test_any_response_comes_back(
    body: bytes, headers: list[tuple[str, str]], status: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("captures")
    file = WarcFile(folder, "00c0ffee", 1)
    place = file.write(Exchange(URL, status, tuple(headers), body, NOW), digest_of(body), None)
    revisit = file.write(Exchange(URL, status, tuple(headers), body, NOW), digest_of(body), Original(URL, NOW))
    file.close()
    stored = read(folder, place)
    assert (stored.content, stored.status) == (body, status) and read(folder, revisit).content == b""
    assert len(stored.headers) == len(headers) + 1 and sound(folder / place.file)


def test_files_are_rolled_and_writers_share_none(archive: Archive) -> None:
    run = archive.start_run("crawl")
    with archive.capture_writer(run, roll_bytes=200_000) as one, archive.capture_writer(run) as other:
        kept = [w.write(exchange(os.urandom(60_000), f"{URL}&n={n}")) for n in range(10) for w in (one, other)]
        assert all(len(archive.payload(c).content) == 60_000 for c in kept)  # also while the files are written
        assert len(list(archive.captures_folder.glob("*.open"))) == 2
    assert len({c.file for c in kept[0::2]}) == 3 and len({c.file for c in kept[1::2]}) == 1
    paths = sorted(archive.captures_folder.iterdir())
    assert {p.name for p in paths} == {c.file for c in kept} and all(sound(p) for p in paths) and ROLL_BYTES <= 2**30
    assert archive.counts().warc_bytes == sum(p.stat().st_size for p in paths)


def test_a_torn_record_is_cut_off_and_a_living_writer_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    run = archive.start_run("crawl")
    writer = archive.capture_writer(run)
    kept = writer.write(exchange(b"living"))
    with Archive.open(load_settings(data=tmp_path, database="")):
        assert (archive.captures_folder / f"{kept.file}.open").exists()
    writer.close()
    whole = (archive.captures_folder / kept.file).read_bytes()
    torn, empty = (
        archive.captures_folder / f"{kept.file}.open",
        archive.captures_folder / f"zhaoshang-{archive.name}-empty.warc.gz.open",
    )
    (archive.captures_folder / kept.file).rename(torn)
    with torn.open("ab") as file:
        file.write(whole[: len(whole) // 2])
    empty.write_bytes(whole[:100])
    foreign = archive.captures_folder / "zhaoshang-of-another-archive.warc.gz.open"
    foreign.write_bytes(whole[:100])
    with Archive.open(load_settings(data=tmp_path, database="")):
        assert (archive.captures_folder / kept.file).read_bytes() == whole
        assert not empty.exists() and not torn.exists() and foreign.exists()
        assert archive.payload(kept).content == b"living"


WRITE_FOR_EVER = """
import sys
from datetime import UTC, datetime
from random import Random
from crawler.archive import Archive, Exchange, NewPage, visits
from crawler.article import Article, article_id
from crawler.configuration import load_settings

random = Random(sys.argv[3])
with Archive.open(load_settings(data=sys.argv[1], database=sys.argv[2])) as archive:
    run = archive.start_run("crawl")
    with archive.capture_writer(run, roll_bytes=300_000) as writer:
        for n in range(10**9):
            url, now = f"https://a.example/{random.randrange(200)}", datetime.now(UTC)
            archive.add_pages("sample", [NewPage(url, url)], now)
            capture = writer.write(Exchange(url, 200, (), random.randbytes(random.randrange(1, 60_000)), now))
            if random.random() < 0.3:
                writer.write(Exchange(url, 200, (), archive.payload(capture).content, now, role="list"))
            archive.save_page(visits.fetched(archive.page(url), now, capture=capture.id))
            with archive.transaction():
                archive.save_article(Article(article_id(url), url, url, "题", f"第 {n} 版"), capture=capture.id, topic=1.0)
                archive.mark_extracted(capture.id, "article")
            print(capture.id, flush=True)
"""


def test_a_writer_killed_at_any_moment_loses_nothing_and_leaves_nothing_torn(settings: Settings) -> None:
    random_ = random.Random(7)
    told = 0
    for turn in range(3):
        # two writers side by side; the one that is not killed goes on meanwhile
        command = [sys.executable, "-c", WRITE_FOR_EVER, str(settings.data), settings.database]
        writers = [subprocess.Popen([*command, f"{turn}-{n}"], stdout=subprocess.PIPE, text=True) for n in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            told = max(told, int(writer.stdout.readline()))  # it is at work
            time.sleep(random_.random() / 4)
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            last = (writer.communicate()[0].splitlines() or ["0"])[-1]
            told = max(told, int(last) if last.isdigit() else 0)  # the last line may be torn, too
        with Archive.open(settings) as archive:
            counts = archive.counts()
            assert told > 0 and archive.capture(told) is not None
            kept = [c for c in map(archive.capture, range(1, told + 1000)) if c is not None]
            assert len(kept) == counts.captures
            for capture in kept:
                archive.payload(capture)  # checks the digest
            files = {c.file for c in kept}
            assert {p.name for p in archive.captures_folder.iterdir()} == files  # all finished; none without a row
            for name in files:
                rows = sum(c.file == name for c in kept)
                kinds = [kind for kind, _ in records(archive.captures_folder / name)]
                assert kinds.count("request") == rows == kinds.count("response") + kinds.count("revisit")
            changes = list(archive.changes_since(0, limit=10**6))
            assert len({c.id for c in changes}) == counts.articles and changes[-1].change == archive.last_change()
            for change in changes:
                stored = archive.article(change.id)
                assert stored is not None and archive.revisions(change.id)[-1].revision_hash == stored.revision_hash
