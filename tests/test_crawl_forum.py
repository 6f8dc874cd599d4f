"""The forum spider: every public thread of a replayed board, boards in other orders, the archiver where boards are barred."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.stages.crawl import crawl
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source

REPLAY = Path(__file__).parents[1].parent / "shared" / "forum" / "x34"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def replay() -> Site:
    """The recorded board at the addresses at which it was recorded: their host and port are taken out of its pages."""
    pages = {}
    for name, facts in json.loads((REPLAY / "index.json").read_text(encoding="utf-8")).items():
        if facts["mobile"]:
            continue
        parts = urlsplit(facts["url"])
        headers = {"Content-Type": facts["ct"]} | ({"Location": "/" + facts["location"]} if facts["location"] else {})
        body = (REPLAY / name).read_bytes().replace(b"http://127.0.0.1:8034/", b"/")
        pages[parts.path + (f"?{parts.query}" if parts.query else "")] = Answer(body, facts["status"], headers)
    return Site(pages)


@pytest.mark.skipif(not REPLAY.exists(), reason="the recorded board is not beside the checkout")
def test_every_public_thread_of_a_board_is_captured_and_the_next_night_asks_for_lists_only(
    archive: Archive, settings: Settings
) -> None:
    gold = json.loads((REPLAY / "gold.json").read_text(encoding="utf-8"))
    public = {url.partition("?")[2] for url, thread in gold.items() if not thread["blocked_for_guest"]}
    with replay() as site:
        write_source(settings, f"{site.url}/forum.php", name="forum", kind='"forum"', gate="false")
        report = crawl(["forum"], archive, settings, now=NOW).sites[0]
        kept = {capture.canonical_url.partition("?")[2] for capture in archive.captures.to_extract()}
        assert public <= kept
        assert (report.outcome, report.blocked, report.failed) == ("ok", 0, 0)
        parts = [part.url for capture in archive.captures.to_extract() for part in archive.captures.parts_of(capture)]
        assert [url.rpartition("&")[2] for url in parts] == ["cp=2"]  # one post was split by its author

        site.forget()
        report = crawl(["forum"], archive, settings, now=NOW + timedelta(minutes=30), force=True).sites[0]
        assert not [path for path in site.asked if "viewthread" in path]
        assert report.new == 0 and report.outcome == "ok"


def board(threads: list[int]) -> Answer:
    rows = "".join(
        f'<tbody id="normalthread_{tid}"><tr><th class="new"><a href="forum.php?mod=viewthread&amp;tid={tid}&amp;extra=page%3D1" class="s xst">'
        f'样例市招商考察见闻之{tid}</a></th><td class="by"><em><span>2026-1-{tid % 28 + 1}</span></em></td></tr></tbody>'
        for tid in threads
    )
    return Answer(
        f'<html><head><meta name="generator" content="Discuz! X3.4"></head><body><table id="threadlisttableid">{rows}</table></body></html>'
    )


def thread(path: str) -> Answer | None:
    return Answer(f"<html><body><p>{path}</p></body></html>") if "viewthread" in path else None


def test_new_threads_are_seen_though_old_ones_were_bumped(archive: Archive, settings: Settings) -> None:
    address = "/forum.php?mod=forumdisplay&fid=2"
    with Site({address: board(list(range(30)))}, thread) as site:
        write_source(settings, f"{site.url}/forum-2-1.html", name="forum", kind='"forum"', gate="false")
        site.pages["/forum-2-1.html"] = site.pages[address]
        crawl(["forum"], archive, settings, now=NOW)
        site.forget()
        site.pages[f"{address}&filter=author&orderby=dateline"] = board([31, 30, *range(29, 5, -1)])
        report = crawl(["forum"], archive, settings, now=NOW + timedelta(hours=1), force=True).sites[0]
        assert (report.new, report.lists) == (2, 1)
        assert site.asked[1:] == [f"/forum.php?mod=viewthread&tid={tid}" for tid in (31, 30)]


def test_a_board_that_is_barred_is_read_in_the_archiver(archive: Archive, settings: Settings) -> None:
    items = "".join(
        f'<li><a href="http://HOST/archiver/?tid-{tid}.html">样例市招商考察见闻之{tid}</a></li>' for tid in range(9)
    )
    body = f'<html><head><title>招商 - Powered by Discuz! Archiver</title></head><body><div id="content"><ul type="1">{items}</ul></div></body></html>'
    with Site(
        {"/forum-2-1.html": Answer("无权访问", 403)}, lambda path: Answer("<p>样例</p>") if "tid-" in path else None
    ) as site:
        site.pages["/archiver/?fid-2.html"] = Answer(body.replace("HOST", urlsplit(site.url).netloc))
        write_source(settings, f"{site.url}/forum-2-1.html", name="forum", kind='"forum"', gate="false")
        report = crawl(["forum"], archive, settings, now=NOW).sites[0]
        assert (report.outcome, report.new) == ("ok", 9)
        assert archive.frontier.page(f"{site.url}/forum.php?mod=viewthread&tid=3") is not None
