"""Captures whose record is damaged or gone: told, their pages fetched again, and everything else goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import Archive, Capture, Exchange, NewPage, revisits
from crawler.archive.unreadable import UNREADABLE
from crawler.configuration import Settings, load_settings
from crawler.importing.pages import import_pages
from crawler.stages.extract import ExtractReport, extract_captures
from search_api.application import create_application
from tests.archive_fixtures import postgresql_server, settings
from tests.loopback_site import Answer, Site
from tests.test_drift_night import NAV, as_it_was, title
from tests.test_extract_stage import HEADERS, page, source
from tests.web_fixtures import reader_here
from tests.whole_way import Desk
from zhaoshang.doctor import examine

__all__ = ["postgresql_server", "settings"]

NOW = datetime(2024, 6, 1, tzinfo=UTC)
LATER = datetime(2024, 6, 2, tzinfo=UTC)


def fetch(archive: Archive, *exchanges: Exchange, now: datetime = NOW) -> list[Capture]:
    """Each into a file of its own, and noted in the frontier with validators."""
    out = []
    for kept in exchanges:
        with archive.captures.writer(archive.runs.start("crawl", now)) as writer:
            capture = writer.write(kept)
        out.append(capture)
        if kept.role in ("article", "attachment"):
            archive.frontier.add_pages("qinghe", [NewPage(kept.url, capture.canonical_url)], now)
            known = archive.frontier.page(capture.canonical_url)
            assert known is not None
            archive.frontier.save_page(
                revisits.fetched(known, now, capture=capture.id, etag='"1"', last_modified="then")
            )
    return out


def extract(archive: Archive, settings: Settings, *, everything: bool = False) -> ExtractReport:
    own = settings.model_copy(update={"workers": 1})
    return extract_captures(archive, {"qinghe": source()}, own, everything=everything)


def outcome(archive: Archive, capture: Capture) -> tuple[str | None, str]:
    found = archive.captures.get(capture.id)
    assert found is not None
    return found.outcome, found.reason or ""


def doctor(settings: Settings) -> list[tuple[bool | None, str]]:
    return [(finding.ok, finding.text) for finding in examine(settings) if finding.name == "存档"]


def flip(path: Path, capture: Capture) -> None:
    whole = bytearray(path.read_bytes())
    whole[capture.offset + capture.record_length // 2] ^= 1
    path.write_bytes(whole)


def test_a_record_that_cannot_be_read_stops_nothing_and_its_page_is_asked_again(
    archive: Archive, settings: Settings
) -> None:
    kept = fetch(archive, *(page(n) for n in range(1, 6)))
    paths = [archive.database.captures_folder / capture.file for capture in kept]
    os.truncate(paths[0], paths[0].stat().st_size - 100)
    paths[1].unlink()
    flip(paths[2], kept[2])
    assert [ok for ok, _ in doctor(settings)] == [False, False]  # what sizes tell is told before anyone reads them
    report = extract(archive, settings)
    assert (report.captures, report.new, report.failed, len(report.unreadable)) == (5, 2, 3, 3)
    assert [outcome(archive, capture)[0] for capture in kept] == ["failed"] * 3 + ["article"] * 2
    assert all(outcome(archive, c)[1].startswith(f"{UNREADABLE}：存档文件 {c.file}") for c in kept[:3])
    assert all("下一夜重新抓取" in line and "extract --all" in line for line in report.unreadable)
    assert not any(read.outcome == "failed" for read in report.sample["qinghe"])  # damage is no change of layout
    waiting = archive.frontier.pages_to_fetch("qinghe", 10, LATER)
    assert {p.capture for p in waiting if p.state == "queued"} == {c.id for c in kept[:3]}
    assert all(p.etag is None and p.last_modified is None for p in waiting if p.state == "queued")
    assert [ok for ok, _ in doctor(settings)] == [False] * 3 and all("下一夜" in text for _, text in doctor(settings))
    assert extract(archive, settings).captures == 0

    fetch(archive, *(page(n) for n in range(1, 4)), now=LATER)  # the same bytes: they serve the old captures too
    assert extract(archive, settings).new == 3 and doctor(settings) == []
    again = extract(archive, settings, everything=True)
    assert (again.captures, again.failed, again.same) == (8, 0, 8) and again.unreadable == []


def test_what_was_extracted_from_it_stays_and_a_file_put_back_undoes_it(archive: Archive, settings: Settings) -> None:
    first, second = fetch(archive, page(1), page(2))
    extract(archive, settings)
    before, asked = archive.articles.last_change(), archive.frontier.page(first.canonical_url)
    path = archive.database.captures_folder / first.file
    path.rename(path.with_suffix(".away"))
    report = extract(archive, settings, everything=True)
    assert (len(report.unreadable), report.same, archive.articles.last_change()) == (1, 1, before)
    assert len(archive.articles.get_many(archive.articles.ids(limit=9))) == 2
    path.with_suffix(".away").rename(path)
    assert extract(archive, settings, everything=True).unreadable == [] and archive.articles.last_change() == before
    now_asked = archive.frontier.page(first.canonical_url)
    assert asked and now_asked and (now_asked.state, now_asked.next_visit) == (asked.state, asked.next_visit)
    assert doctor(settings) == [] and outcome(archive, second)[0] == "article"


def test_a_page_with_a_later_capture_or_that_is_gone_is_not_asked_again(archive: Archive, settings: Settings) -> None:
    [old] = fetch(archive, page(1))
    fetch(archive, page(1, title="清河县再次召开招商引资推进会"))
    [gone] = fetch(archive, page(2))
    known = archive.frontier.page(gone.canonical_url)
    assert known is not None
    archive.frontier.save_page(revisits.gone(known, NOW, "HTTP 404"))
    for capture in (old, gone):
        (archive.database.captures_folder / capture.file).unlink()
    report = extract(archive, settings, everything=True)
    assert len(report.unreadable) == 2 and all("不会重新抓取" in line for line in report.unreadable)
    assert not [p for p in archive.frontier.pages_to_fetch("qinghe", 9, LATER) if p.state == "queued"]
    assert [ok for ok, _ in doctor(settings)] == [None] and "网站上已没有这一页" in doctor(settings)[0][1]


def test_a_part_that_cannot_be_read_makes_no_half_article(archive: Archive, settings: Settings) -> None:
    [first] = fetch(archive, page(1))
    rest = Exchange(
        f"{first.url}?2",
        200,
        HEADERS,
        b"<p>2</p>",
        NOW,
        source="qinghe",
        role="part",
        canonical_url=first.canonical_url,
    )
    [part] = fetch(archive, rest)
    (archive.database.captures_folder / part.file).unlink()
    report = extract(archive, settings)
    assert outcome(archive, first)[0] == "failed" and part.file in report.unreadable[0]
    queued = archive.frontier.page(first.canonical_url)
    assert queued is not None and queued.state == "queued"


def test_a_document_that_cannot_be_read_is_awaited(archive: Archive, settings: Settings) -> None:
    from tests.test_documents import PAGES

    base = "http://qinghe.example"
    linked, pdf = PAGES["/n/linked.html"].body, PAGES["/f/linked.pdf"].body
    shown = Exchange(
        f"{base}/n/linked.html",
        200,
        HEADERS,
        linked if isinstance(linked, bytes) else linked.encode(),
        NOW,
        source="qinghe",
    )
    assert isinstance(pdf, bytes)
    file = Exchange(
        f"{base}/f/linked.pdf",
        200,
        (("Content-Type", "application/pdf"),),
        pdf,
        NOW,
        source="qinghe",
        role="attachment",
    )
    holder, document = fetch(archive, shown, file)
    (archive.database.captures_folder / document.file).unlink()
    report = extract(archive, settings)
    assert len(report.unreadable) == 1 and document.url in report.unreadable[0]
    assert outcome(archive, holder)[0] is None and outcome(archive, document)[0] == "failed"
    fetch(archive, file, now=LATER)
    assert extract(archive, settings).unreadable == [] and outcome(archive, holder)[0] in ("article", "rejected")


def test_importing_the_same_file_again_brings_the_page_back(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data", database="", workers=1)
    saved = tmp_path / "saved.html"
    saved.write_bytes(b"<!-- saved from url=(0028)http://qinghe.example/1.html -->" + page(1).body)
    with Archive.open(settings) as archive:
        assert import_pages(saved, archive, {}, settings).kept == 1
        for path in archive.database.captures_folder.iterdir():
            path.unlink()
        assert len(extract_captures(archive, {}, settings, everything=True).unreadable) == 1
        again = import_pages(saved, archive, {}, settings)
        assert (again.known, again.kept) == (0, 1) and import_pages(saved, archive, {}, settings).known == 1
        assert extract_captures(archive, {}, settings, everything=True).unreadable == []


def test_a_damaged_snapshot_is_told_to_its_reader(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data", database="", workers=1)
    with Archive.open(settings) as archive:
        [capture] = fetch(archive, page(1))
        (archive.database.captures_folder / capture.file).unlink()
    with reader_here(create_application(settings), raise_server_exceptions=False) as client:
        response = client.get(f"/api/v1/captures/{capture.id}")
    told = response.json()
    assert (response.status_code, told["type"]) == (500, "urn:zhaoshang:problem:capture-unreadable")
    assert "不见了" in told["detail"] and str(tmp_path) not in response.text and "Retry-After" not in response.headers


LONG = {f"X-Long-{n}": "z" * 8000 for n in range(5)}


def paths_of(captures: Path) -> list[Path]:
    return sorted(captures.iterdir(), key=lambda path: path.stat().st_size)


def county(path: str) -> Answer | None:
    if path == "/":
        rows = "".join(
            f'<li><a href="/a/{n}.html">{title(n)}</a><span>2026-02-{n + 1:02d}</span></li>' for n in range(14)
        )
        return Answer(f"<html><head><title>招商动态</title></head><body>{NAV}<ul>{rows}</ul></body></html>")
    return Answer(as_it_was(int(path[3:-5])), headers=LONG, validated=True) if path.startswith("/a/") else None


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [
        lambda paths: os.truncate(paths[-1], paths[-1].stat().st_size - 2000),
        lambda paths: [path.unlink() for path in paths],
    ],
    ids=["cut", "gone"],
)
def test_nights_go_on_and_the_archive_is_whole_again(tmp_path: Path, damage: Callable[[list[Path]], object]) -> None:
    desk = Desk(tmp_path / "data")
    (desk.data / "sources").mkdir(parents=True)
    with Site(respond=county) as site:
        (desk.data / "sources/county.toml").write_text(
            'name = "county"\ntitle = "样例县"\nkind = "government"\nregion = "340000"\nseen_in = "测试"\n'
            f'start_urls = ["{site.url}/"]\n',
            encoding="utf-8",
        )
        desk.run("sources", "enable", "county")
        desk.run("crawl", "--now", "2026-03-01T02:00")
        damage(paths_of(desk.data / "captures"))
        assert "存档" in [f["name"] for f in desk.json("doctor", code=1)["findings"] if f["ok"] is False]
        report = desk.json("nightly", "--force", "--now", "2026-03-01T03:00", code=1)
        lost = [line for line in report["problems"] if line.startswith("存档读不出")]
        assert lost and all("下一夜重新抓取" in line for line in lost[:10])
        site.forget()
        report = desk.json("nightly", "--force", "--now", "2026-03-01T23:00")
        assert report["problems"] == [] and [path for path in site.asked if path.startswith("/a/")]
        assert desk.json("status")["counts"]["articles"] == 14
        assert "存档" not in [f["name"] for f in desk.json("doctor", code=None)["findings"]]
        assert desk.json("extract", "--all")["unreadable"] == []
