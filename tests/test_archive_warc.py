"""WARC files: other tools read them, writers share none, and a writer killed at any moment loses nothing that was committed."""

from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import itertools
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive, ArchiveError, Capture, Exchange, UnreadableRecordError
from crawler.archive.records.warc import ROLL_BYTES, Original, Place, WarcFile, digest_of, read
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
    with archive.captures.writer(archive.runs.start("crawl")) as writer:
        first = writer.write(exchange(b"<p>one</p>"))
        again = writer.write(exchange(b"<p>one</p>", URL + "&b=2"))
    path = archive.database.captures_folder / first.file
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


_BYTES = st.text(st.characters(max_codepoint=255), max_size=30)  # a header as the crawl hands it on: a character a byte
_LONG = st.builds(lambda text, n: (text or "a") * n, _BYTES, st.sampled_from([1, 1, 1, 900]))
_NAMES = st.one_of(
    st.sampled_from(
        ["Content-Type", "content-encoding", "Transfer-Encoding", "Content-Length", "Set-Cookie", "a:b", "", " x"]
    ),
    _LONG,
    st.text(max_size=9),
)
_VALUES = st.one_of(
    st.sampled_from(
        ["gzip", "chunked", "br", "0", "99999", "a\r\nSet-Cookie: b", "a\n\nb", "\x00", "招商.pdf", "\ud800"]
    ),
    _LONG,
    st.text(max_size=30),
)
_PAIRS = st.one_of(
    st.lists(st.tuples(_NAMES, _VALUES), max_size=8),
    st.builds(lambda pair, n: [pair] * n, st.tuples(st.text(max_size=9), st.text(max_size=30)), st.integers(500, 2000)),
)
_BODIES = st.one_of(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"4\r\nbody\r\n0\r\n\r\n",
            b"\x1f\x8b\x08",
            b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            b"WARC/1.1\r\n",
            b"x" * 300_000,
        ]
    ),
)
_URLS = st.one_of(
    st.just(URL),
    st.builds(lambda rest, n: "http://a.example/" + rest * n, st.text(max_size=20), st.sampled_from([1, 1, 2000])),
    st.sampled_from(["http://[", "http://a.example?q=招 商#x", "https://a\r\nb/"]),
)


@effort(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(body=_BODIES, asked=_BODIES, headers=_PAIRS, sent=_PAIRS, url=_URLS, status=st.integers(0, 9999))
def test_whatever_was_written_is_read_alike_by_all(
    body: bytes,
    asked: bytes,
    headers: list[tuple[str, str]],
    sent: list[tuple[str, str]],
    url: str,
    status: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("captures")
    given_ = Exchange(url, status, tuple(headers), body, NOW, request_headers=tuple(sent), request_body=asked)
    file = WarcFile(folder, "00c0ffee", 1)
    places = [file.write(given_, digest_of(body), None), file.write(given_, digest_of(body), Original(url, NOW))]
    file.close()
    path = folder / file.name
    assert [kind for kind, _ in records(path)] == ["warcinfo", "request", "response", "request", "revisit"]
    assert [content for _, content in records(path)][1:] == [asked, body, asked, b""] and sound(path)
    with path.open("rb") as slow, path.open("rb") as fast:
        both = zip(FastIterator(fast, parse_http=True, auto_decode="none"), ArchiveIterator(slow), strict=True)
        for one, other in itertools.islice(both, 1, None):
            assert list(one.http_headers.astuples()) == other.http_headers.headers
            assert list(one.headers.astuples()) == other.rec_headers.headers
    for place, content in zip(places, (body, b""), strict=True):
        stored = read(folder, place)
        assert (stored.content, stored.status) == (content, status)
        simple = [(k, v) for k, v in headers if k == "Set-Cookie" and re.fullmatch(r"[!-~]{0,50}", v)]
        if len(str(headers)) < 9000:  # nothing had to be left out
            assert len(stored.headers) == len(headers) + 1 and set(simple) <= set(stored.headers)


def test_headers_beyond_what_readers_take_are_shortened_and_the_record_says_so(archive: Archive) -> None:
    many = [(f"X-{n}", "y" * 40) for n in range(600)]
    headers = (("Set-Cookie", "z" * 40_000), ("X-Short", "1"), *many, ("Content-Type", "text/html; charset=gbk"))
    with archive.captures.writer(archive.runs.start("crawl")) as writer:
        kept = writer.write(Exchange(URL, 200, headers, b"<p>one</p>", NOW))
        usual = writer.write(exchange(b"<p>two</p>"))
    got = archive.captures.payload(kept).headers
    assert got["content-type"] == "text/html; charset=gbk" and got["x-short"] == "1" and 300 < len(got) < 600
    with (archive.database.captures_folder / usual.file).open("rb") as file:
        truncated = [r.rec_headers.get_header("WARC-Truncated") for r in ArchiveIterator(file)]
    assert truncated == [None, None, "length", None, None]


def test_a_record_with_long_headers_from_an_earlier_version_is_read(archive: Archive) -> None:
    headers = [("Content-Type", "text/html"), ("Set-Cookie", "z" * 40_000), ("Content-Length", "10")]
    builder = RecordBuilder(warc_version="1.1")
    http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
    body = BytesIO(b"<p>one</p>")
    record = builder.create_warc_record(URL, "response", payload=body, length=10, http_headers=http)
    with (archive.database.captures_folder / "old.warc.gz").open("wb") as file:
        WARCWriter(file, gzip=True, warc_version="1.1").write_record(record)
        place = Place("old.warc.gz", 0, file.tell())
    stored = read(archive.database.captures_folder, place)
    assert (stored.status, stored.content, list(stored.headers)) == (200, b"<p>one</p>", headers)


def test_bytes_that_can_no_longer_be_read_are_written_again_and_serve_both_captures(archive: Archive) -> None:
    run = archive.runs.start("crawl")
    with archive.captures.writer(run) as writer:
        first, again = writer.write(exchange(b"<p>one</p>")), writer.write(exchange(b"<p>one</p>"))
    (archive.database.captures_folder / first.file).unlink()
    for lost in (first, again):
        with pytest.raises(UnreadableRecordError, match="不见了"):
            archive.captures.payload(lost)
    with archive.captures.writer(run) as writer:
        whole, short = writer.write(exchange(b"<p>one</p>")), writer.write(exchange(b"<p>one</p>"))
    assert again.refers_to == first.id and whole.refers_to is None and short.refers_to == whole.id
    for capture in (first, again, whole, short):
        payload = archive.captures.payload(capture)
        assert (payload.content, payload.status, payload.headers["content-type"]) == (b"<p>one</p>", 200, "text/html")


DAMAGE: dict[str, Callable[[Path, Capture], object]] = {
    "cut": lambda path, last: os.truncate(path, path.stat().st_size - 20),
    "offset beyond the end": lambda path, last: os.truncate(path, last.offset - 1),
    "empty": lambda path, last: os.truncate(path, 0),
    "gone": lambda path, last: path.unlink(),
    "a folder": lambda path, last: path.rename(path.with_name("elsewhere")).with_name(path.name).mkdir(),
    "zeroes": lambda path, last: path.write_bytes(bytes(path.stat().st_size)),
    "another": lambda path, last: path.write_bytes(b"x" * last.offset + gzip.compress(b"no record")),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_any_damage_is_told_as_that_of_a_record(archive: Archive, how: str) -> None:
    with archive.captures.writer(archive.runs.start("crawl")) as writer:
        writer.write(exchange(b"<p>one</p>"))
        last = writer.write(exchange(os.urandom(3000)))
    DAMAGE[how](archive.database.captures_folder / last.file, last)
    with pytest.raises(UnreadableRecordError) as told:
        archive.captures.payload(last)
    assert last.file in str(told.value) and str(archive.database.captures_folder) not in str(told.value)


def test_no_flipped_bit_goes_unseen(archive: Archive) -> None:
    with archive.captures.writer(archive.runs.start("crawl")) as writer:
        kept = [writer.write(exchange(b"<p>one</p>" * 9)) for _ in range(2)]  # the second leaves its bytes out
    path = archive.database.captures_folder / kept[0].file
    whole, random_ = path.read_bytes(), random.Random(3)
    told = 0
    for capture in kept:
        found = [read(archive.database.captures_folder, Place(capture.file, capture.offset, capture.record_length))]
        for _ in range(150):
            at = capture.offset + random_.randrange(10, capture.record_length)  # behind gzip's own header
            path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << random_.randrange(8))]) + whole[at + 1 :])
            place = Place(capture.file, capture.offset, capture.record_length)
            try:
                found.append(read(archive.database.captures_folder, place))
            except UnreadableRecordError:
                told += 1
                continue
            assert found[-1] == found[0]  # one of the few bits with which deflate only fills its last byte
    assert told > 290


@pytest.mark.parametrize(
    ("number", "of_the_record"),
    [(errno.EMFILE, False), (errno.ENOMEM, False), (errno.EACCES, True), (errno.EIO, True), (errno.ESTALE, True)],
)
def test_only_what_is_wrong_with_the_file_counts_as_damage(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, number: int, of_the_record: bool
) -> None:
    with archive.captures.writer(archive.runs.start("crawl")) as writer:
        kept = writer.write(exchange(b"<p>one</p>"))

    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(
        "crawler.archive.records.warc._open", refused
    )  # root may read all; a real shortage takes the test's own files
    with pytest.raises(ArchiveError) as told:
        archive.captures.payload(kept)
    assert isinstance(told.value, UnreadableRecordError) is of_the_record


def test_files_are_rolled_and_writers_share_none(archive: Archive) -> None:
    run = archive.runs.start("crawl")
    with archive.captures.writer(run, roll_bytes=200_000) as one, archive.captures.writer(run) as other:
        kept = [w.write(exchange(os.urandom(60_000), f"{URL}&n={n}")) for n in range(10) for w in (one, other)]
        assert all(len(archive.captures.payload(c).content) == 60_000 for c in kept)  # also while the files are written
        assert len(list(archive.database.captures_folder.glob("*.open"))) == 2
    assert len({c.file for c in kept[0::2]}) == 3 and len({c.file for c in kept[1::2]}) == 1
    paths = sorted(archive.database.captures_folder.iterdir())
    assert {p.name for p in paths} == {c.file for c in kept} and all(sound(p) for p in paths) and ROLL_BYTES <= 2**30
    assert archive.counts().warc_bytes == sum(p.stat().st_size for p in paths)


def test_a_torn_record_is_cut_off_and_a_living_writer_is_left_alone(archive: Archive, tmp_path: Path) -> None:
    run = archive.runs.start("crawl")
    writer = archive.captures.writer(run)
    kept = writer.write(exchange(b"living"))
    with Archive.open(load_settings(data=tmp_path, database="")):
        assert (archive.database.captures_folder / f"{kept.file}.open").exists()
    writer.close()
    whole = (archive.database.captures_folder / kept.file).read_bytes()
    torn, empty = (
        archive.database.captures_folder / f"{kept.file}.open",
        archive.database.captures_folder / f"zhaoshang-{archive.database.name}-empty.warc.gz.open",
    )
    (archive.database.captures_folder / kept.file).rename(torn)
    with torn.open("ab") as file:
        file.write(whole[: len(whole) // 2])
    empty.write_bytes(whole[:100])
    foreign = archive.database.captures_folder / "zhaoshang-of-another-archive.warc.gz.open"
    foreign.write_bytes(whole[:100])
    with Archive.open(load_settings(data=tmp_path, database="")):
        assert (archive.database.captures_folder / kept.file).read_bytes() == whole
        assert not empty.exists() and not torn.exists() and foreign.exists()
        assert archive.captures.payload(kept).content == b"living"


WRITE_FOR_EVER = """
import sys
from datetime import UTC, datetime
from random import Random
from crawler.archive import Archive, Exchange, NewPage, revisits
from crawler.article import Article, article_id
from crawler.configuration import load_settings

random = Random(sys.argv[3])
with Archive.open(load_settings(data=sys.argv[1], database=sys.argv[2])) as archive:
    run = archive.runs.start("crawl")
    with archive.captures.writer(run, roll_bytes=300_000) as writer:
        for n in range(10**9):
            url, now = f"https://a.example/{random.randrange(200)}", datetime.now(UTC)
            archive.frontier.add_pages("sample", [NewPage(url, url)], now)
            capture = writer.write(Exchange(url, 200, (), random.randbytes(random.randrange(1, 60_000)), now))
            if random.random() < 0.3:
                writer.write(Exchange(url, 200, (), archive.captures.payload(capture).content, now, role="list"))
            archive.frontier.save_page(revisits.fetched(archive.frontier.page(url), now, capture=capture.id))
            with archive.transaction():
                archive.articles.save(Article(article_id(url), url, url, "题", f"第 {n} 版"), capture=capture.id, topic=1.0)
                archive.articles.mark_extracted(capture.id, "article")
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
            assert told > 0 and archive.captures.get(told) is not None
            kept = [c for c in map(archive.captures.get, range(1, told + 1000)) if c is not None]
            assert len(kept) == counts.captures
            for capture in kept:
                archive.captures.payload(capture)  # checks the digest
            files = {c.file for c in kept}
            assert {
                p.name for p in archive.database.captures_folder.iterdir()
            } == files  # all finished; none without a row
            for name in files:
                rows = sum(c.file == name for c in kept)
                kinds = [kind for kind, _ in records(archive.database.captures_folder / name)]
                assert kinds.count("request") == rows == kinds.count("response") + kinds.count("revisit")
            changes = list(archive.articles.changes_since(0, limit=10**6))
            assert (
                len({c.id for c in changes}) == counts.articles and changes[-1].change == archive.articles.last_change()
            )
            for change in changes:
                stored = archive.articles.get(change.id)
                assert (
                    stored is not None
                    and archive.articles.revisions(change.id)[-1].revision_hash == stored.revision_hash
                )
