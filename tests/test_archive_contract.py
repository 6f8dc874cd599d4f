"""What the archive promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.archive import Archive, ArchiveError, Exchange, ListState, NewPage, SourceReport, revisits
from crawler.article import Article, Attachment, Block, article_id, parse_published
from crawler.configuration import Settings
from tests.archive_fixtures import postgresql_server, settings

__all__ = ["postgresql_server", "settings"]

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
PAGE = "https://investment.example/notice/1.html"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every iteration goes over several batches."""
    monkeypatch.setattr("crawler.archive.database.BATCH", 2)


def exchange(url: str = PAGE, body: bytes = b"<p>text</p>", **changes: object) -> Exchange:
    values = {"status": 200, "headers": (("Content-Type", "text/html"),), "fetched_at": NOW, "source": "sample"}
    return Exchange(url=url, body=body, **{**values, **changes})  # type: ignore[arg-type]


def article(text: str = "甲园区出台招商政策。", url: str = PAGE, **changes: object) -> Article:
    blocks = (Block("paragraph", text),)
    made = Article(
        article_id(url),
        url,
        canonical_url=url,
        title="招商政策",
        text=text,
        blocks=blocks,
        source="sample",
        captured_at=NOW,
    )
    return made.with_(**changes)


def capture(archive: Archive, *exchanges: Exchange) -> list[int]:
    with archive.captures.writer(archive.runs.start("crawl")) as writer:
        return [writer.write(e).id for e in exchanges]


class TestExtracted:
    def test_what_became_of_the_last_captures_of_a_source(self, archive: Archive) -> None:
        urls = [f"https://investment.example/{n}.html" for n in range(6)]
        ids = capture(
            archive, *(exchange(url, url.encode()) for url in urls), exchange("https://b.example/", source="b")
        )
        archive.frontier.add_pages("sample", [NewPage(urls[0], urls[0], "列表上的标题")], NOW)
        archive.articles.save(article(url=urls[0]), capture=ids[0])
        archive.articles.mark_extracted(ids[0], "article")
        archive.rejections.reject(
            urls[1], source="sample", capture=ids[1], title="食堂采购", score=0.1, reason="不切题"
        )
        archive.articles.mark_extracted(ids[1], "rejected")
        archive.articles.mark_extracted(ids[2], "not_article", "空白页面")
        archive.articles.mark_extracted(ids[3], "failed", "超时")  # and two that wait
        found = archive.captures.extracted("sample")
        assert [(f.capture, f.outcome, f.title) for f in found] == [
            (ids[3], "failed", None),
            (ids[2], "not_article", None),
            (ids[1], "rejected", "食堂采购"),
            (ids[0], "article", "招商政策"),
        ]
        assert found[-1].listed == "列表上的标题" and found[-1].article and found[0].reason == "超时"
        assert [f.capture for f in archive.captures.extracted("sample", before=ids[2], limit=1)] == [ids[1]]
        assert [f.capture for f in archive.captures.extracted("sample", outcomes=["failed"])] == [ids[3]]

    def test_bytes_that_were_known_say_nothing_new(self, archive: Archive) -> None:
        ids = capture(archive, exchange(), exchange())
        for id in ids:
            archive.articles.mark_extracted(id, "not_article", "空白页面")
        assert [f.capture for f in archive.captures.extracted("sample")] == ids[:1]


class TestCaptures:
    def test_bytes_and_headers_come_back(self, archive: Archive) -> None:
        headers = (
            ("Content-Type", "text/html; charset=gbk"),
            ("Content-Encoding", "gzip"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
        )
        body = "招商".encode("gbk") * 1000
        [id] = capture(archive, exchange(body=body, headers=headers, status=203))
        kept = archive.captures.get(id)
        assert (
            kept is not None
            and kept.length == 4000
            and kept.content_type == "text/html; charset=gbk"
            and kept.fetched_at == NOW
        )
        payload = archive.captures.payload(kept)
        assert payload.content == body and payload.status == 203 and payload.url == PAGE
        # true of the stored bytes, which are decoded
        assert payload.headers["content-length"] == "4000" and "content-encoding" not in payload.headers
        assert payload.headers["set-cookie"] == "a=1, b=2"

    def test_an_unchanged_payload_is_stored_once(self, archive: Archive) -> None:
        body = bytes(range(256)) * 400
        first, again, empty, empty_again = capture(
            archive, exchange(body=body), exchange(body=body, status=201), exchange(body=b""), exchange(body=b"")
        )
        second = archive.captures.get(again)
        assert second is not None and second.refers_to == first and second.record_length < 1000
        assert archive.captures.payload(second).content == body and archive.captures.payload(second).status == 201
        for id in (empty, empty_again):
            nothing = archive.captures.get(id)
            assert (
                nothing is not None and nothing.refers_to is None and archive.captures.payload(nothing).content == b""
            )

    def test_damage_is_noticed(self, archive: Archive) -> None:
        [id] = capture(archive, exchange(body=b"a" * 50_000))
        kept = archive.captures.get(id)
        assert kept is not None
        path = archive.database.captures_folder / kept.file
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(ArchiveError, match="损坏"):
            archive.captures.payload(kept)
        path.unlink()
        with pytest.raises(ArchiveError, match=kept.file):
            archive.captures.payload(kept)

    def test_what_a_dead_writer_left_is_cut_behind_its_last_row(self, archive: Archive, settings: Settings) -> None:
        [id] = capture(archive, exchange())
        kept = archive.captures.get(id)
        assert kept is not None
        path = archive.database.captures_folder / kept.file
        whole = path.read_bytes()
        path.with_name(path.name + ".open").write_bytes(whole + whole[:99])
        path.unlink()
        with Archive.open(settings) as again:
            assert path.read_bytes() == whole and again.captures.payload(kept).content == b"<p>text</p>"

    def test_only_what_waits_is_extracted(self, archive: Archive) -> None:
        ids = capture(
            archive,
            exchange(PAGE + "?1"),
            exchange(PAGE + "?2", role="list"),
            exchange(PAGE + "?3", blocked="验证页"),
            exchange(PAGE + "?4", source="other"),
        )
        assert [c.id for c in archive.captures.to_extract()] == [ids[0], ids[3]]
        assert [c.id for c in archive.captures.to_extract(source="other")] == [ids[3]]
        archive.articles.mark_extracted(ids[0], "failed", "超时")
        assert [c.id for c in archive.captures.to_extract()] == [ids[3]]
        assert [c.id for c in archive.captures.to_extract(everything=True)] == [ids[0], ids[3]]
        kept = archive.captures.get(ids[0])
        assert kept is not None and (kept.outcome, kept.reason) == ("failed", "超时")

    def test_an_article_waits_for_its_parts_and_a_visit_cut_off_does_not_count(self, archive: Archive) -> None:
        archive.frontier.add_pages("sample", [NewPage(PAGE, PAGE)], NOW)
        page = archive.frontier.page(PAGE)
        assert page is not None
        first, part = capture(archive, exchange(), exchange(PAGE + "?p=2", role="part", canonical_url=PAGE))
        assert list(archive.captures.to_extract()) == []  # cut off here; the page is asked for again
        again, part_again, last = capture(
            archive,
            exchange(),
            exchange(PAGE + "?p=2", role="part", canonical_url=PAGE),
            exchange(PAGE + "?p=3", role="part", canonical_url=PAGE),
        )
        archive.frontier.save_page(revisits.fetched(page, NOW, capture=again))
        [waiting] = archive.captures.to_extract()
        assert waiting.id == again and [p.id for p in archive.captures.parts_of(waiting)] == [part_again, last]
        abandoned = archive.captures.get(first)
        assert abandoned is not None and abandoned.outcome == "superseded"
        assert [p.id for p in archive.captures.parts_of(abandoned)] == [part]
        assert [c.id for c in archive.captures.to_extract(everything=True)] == [again]

    def test_a_page_that_is_given_up_keeps_what_came(self, archive: Archive) -> None:
        archive.frontier.add_pages("sample", [NewPage(PAGE, PAGE)], NOW)
        page = archive.frontier.page(PAGE)
        [id] = capture(archive, exchange())
        while page is not None and (page.state == "queued" or page.next_visit):
            assert list(archive.captures.to_extract()) == []
            page = revisits.failed(page, NOW, "第 2 页超时")
            archive.frontier.save_page(page)
        assert [c.id for c in archive.captures.to_extract()] == [id]


class TestCrawlWriter:
    """What a crawl fetched is written in groups."""

    def test_a_group_is_kept_as_if_each_page_had_been_written_at_once(self, archive: Archive) -> None:
        urls = [f"{PAGE}?n={n}" for n in range(5)]
        archive.frontier.add_pages("sample", [NewPage(url, url) for url in urls], NOW)
        pages = archive.frontier.pages_of(urls)
        writer = archive.crawl_writer(archive.runs.start("crawl"))
        writer.save_page(revisits.gone(pages[urls[4]], NOW, "HTTP 404", status=404))
        for n, body in enumerate((b"<p>one</p>", b"<p>two</p>", b"<p>one</p>", b"")):
            held = writer.write(exchange(urls[n], body))
            assert writer.is_known(held) is (n == 2)
            writer.save_page(revisits.fetched(pages[urls[n]], NOW), held)
        writer.close()
        waiting = list(archive.captures.to_extract())
        assert [c.url for c in waiting] == urls[:4] and [c.id for c in waiting] == sorted(c.id for c in waiting)
        assert [archive.captures.payload(c).content for c in waiting] == [
            b"<p>one</p>",
            b"<p>two</p>",
            b"<p>one</p>",
            b"",
        ]
        assert [c.refers_to for c in waiting] == [None, None, waiting[0].id, None]
        now = archive.frontier.pages_of(urls)
        assert [now[url].capture for url in urls] == [*(c.id for c in waiting), None]
        assert [now[url].state for url in urls] == ["fetched"] * 4 + ["gone"]

    def test_what_a_kill_takes_is_asked_for_again(self, archive: Archive, settings: Settings) -> None:
        archive.frontier.add_pages("sample", [NewPage(PAGE, PAGE)], NOW)
        [page] = archive.frontier.pages_to_fetch("sample", 9, NOW)
        writer = archive.crawl_writer(archive.runs.start("crawl"))
        writer.save_page(revisits.fetched(page, NOW), writer.write(exchange()))
        del writer  # nothing of it was written
        assert list(archive.captures.to_extract(everything=True)) == []
        assert archive.frontier.pages_to_fetch("sample", 9, NOW) == [page]

    def test_a_group_is_full_after_some_pages_or_bytes(self, archive: Archive) -> None:
        writer = archive.crawl_writer(archive.runs.start("crawl"))
        writer.write(replace(exchange(PAGE, b"small"), role="list"))
        assert archive.counts().captures == 0
        writer.write(replace(exchange(PAGE + "?2", b"large" * 300_000), role="list"))
        assert archive.counts().captures == 2
        for n in range(40):
            writer.write(replace(exchange(f"{PAGE}?n={n}", b"%d" % n), role="list"))
        assert 2 < archive.counts().captures < 42
        writer.close()
        assert archive.counts().captures == 42

    def test_a_capture_is_not_written_before_its_page(self, archive: Archive) -> None:
        """A kill between the two would have it fetched again, and captured twice."""
        archive.frontier.add_pages("sample", [NewPage(PAGE, PAGE)], NOW)
        [page] = archive.frontier.pages_to_fetch("sample", 9, NOW)
        writer = archive.crawl_writer(archive.runs.start("crawl"))
        for n in range(20):
            writer.write(replace(exchange(f"{PAGE}?n={n}", b"%d" % n), role="list"))
        written = archive.counts().captures
        held = writer.write(exchange(PAGE, b"<p>an article</p>"))
        writer.write(replace(exchange(PAGE + "?2", b"large" * 300_000), role="list"))
        assert written < archive.counts().captures < 22 and held.capture is None
        writer.save_page(revisits.fetched(page, NOW), held)
        assert archive.counts().captures == 22 and held.capture is not None
        assert archive.frontier.pages_of([PAGE])[PAGE].capture == held.capture.id


class TestFrontier:
    def test_new_pages_then_due_visits_then_history(self, archive: Archive) -> None:
        def named(name: str, day: int | None = None, history: bool = False) -> NewPage:
            return NewPage(
                f"https://a.example/{name}",
                f"https://a.example/{name}",
                name,
                date(2024, 5, day) if day else None,
                history=history,
            )

        entries = [
            named("old", 1),
            named("new", 5),
            named("undated"),
            named("ancient", 2, history=True),
            named("seen", 3),
            named("failed", 4),
        ]
        assert archive.frontier.add_pages("sample", entries, NOW) == 6
        assert archive.frontier.add_pages("sample", entries, NOW + timedelta(days=1)) == 0
        assert archive.frontier.add_pages("other", [named("new", 5)], NOW) == 0
        asked = [f"https://a.example/{name}" for name in ("new", "nowhere", "old")]
        assert archive.frontier.pages_of(asked) == {url: archive.frontier.page(url) for url in (asked[0], asked[2])}
        for name, then in (("seen", revisits.fetched), ("failed", lambda p, now: revisits.failed(p, now, "超时"))):
            page = archive.frontier.page(f"https://a.example/{name}")
            assert page is not None
            archive.frontier.save_page(then(page, NOW))

        def order(now: datetime, limit: int = 10) -> list[str]:
            return [p.title for p in archive.frontier.pages_to_fetch("sample", limit, now)]

        assert order(NOW) == ["new", "old", "undated", "ancient"]
        assert order(NOW + revisits.RETRIES[0]) == ["new", "old", "undated", "failed", "ancient"]
        assert order(NOW + timedelta(days=4), limit=5) == ["new", "old", "undated", "failed", "seen"]

    def test_what_is_kept_comes_back(self, archive: Archive) -> None:
        archive.frontier.add_pages(
            "sample", [NewPage(PAGE, PAGE, "题\x00目", datetime(2024, 5, 5, 8, 0), "https://a.example/")], NOW
        )
        page = archive.frontier.page(PAGE)
        assert page is not None
        assert (
            page.title == "题目"
            and page.date == datetime(2024, 5, 5, 0, 0, tzinfo=UTC)
            and page.referrer == "https://a.example/"
        )
        seen = revisits.fetched(page, NOW, etag='"x"', last_modified="y")
        archive.frontier.save_page(seen)
        assert archive.frontier.page(PAGE) == seen
        state = ListState(
            "sample",
            "https://a.example/",
            etag='"e"',
            last_modified="m",
            digest="sha1:X",
            newest=PAGE,
            newest_at=NOW,
            cursor='{"page": 3}',
            done=True,
            visited_at=NOW,
        )
        assert archive.frontier.list_state("sample", state.url) == ListState("sample", state.url)
        archive.frontier.save_list(state)
        archive.frontier.save_list(state)
        assert archive.frontier.list_state("sample", state.url) == state and archive.frontier.list_states("sample") == [
            state
        ]

    def test_sources(self, archive: Archive) -> None:
        assert not archive.frontier.source_state("sample").enabled
        archive.frontier.set_source("sample", enabled=True, due_at=NOW)
        archive.frontier.set_source("sample", status="blocked", status_answer="412")
        state = archive.frontier.source_state("sample")
        assert state.enabled and state.due_at == NOW and state.status_answer == "412"
        assert archive.frontier.source_states() == {"sample": state} and archive.counts().sources == 1
        with pytest.raises(TypeError):
            archive.frontier.set_source("sample", colour="red")


class TestArticles:
    def test_new_same_changed(self, archive: Archive) -> None:
        [first, second, third] = capture(archive, *(exchange(body=bytes([n])) for n in range(3)))
        assert archive.articles.save(article(), capture=first, topic=0.5).outcome == "new"
        change = archive.articles.last_change()
        later = article(captured_at=NOW + timedelta(days=3))
        same = archive.articles.save(later, capture=second, topic=0.5)
        assert (same.outcome, same.change, archive.articles.last_change()) == ("same", change, change)
        edited = archive.articles.save(article("甲园区修订招商政策。"), capture=third, topic=0.5)
        assert edited.outcome == "changed" and edited.change > change
        stored = archive.articles.get(edited.id)
        assert stored is not None and stored.article.text == "甲园区修订招商政策。" and stored.capture == third
        assert [(r.article.text, r.capture) for r in archive.articles.revisions(edited.id)] == [
            ("甲园区出台招商政策。", first),
            ("甲园区修订招商政策。", third),
        ]
        assert archive.articles.by_url(PAGE) == stored and archive.articles.by_url(PAGE + "?") is None
        assert [(c.id, c.change) for c in archive.articles.changes_since(0)] == [(edited.id, edited.change)]

    def test_all_of_an_article_comes_back(self, archive: Archive) -> None:
        at, precision = parse_published("2024-03-13T16:24")
        files = (Attachment("https://a.example/f.pdf", "附件\ud800", "pdf"),)
        rich = article(
            published_at=at, published_precision=precision, origin="某报", attachments=files, replies=3, region="330100"
        )
        stored_id = archive.articles.save(rich.with_(text="有\x00零"), capture=None).id
        stored = archive.articles.get(stored_id)
        assert stored is not None
        assert stored.article == rich.with_(
            text="有\x00零", attachments=(Attachment("https://a.example/f.pdf", "附件?", "pdf"),)
        )

    def test_what_makes_no_revision_is_refreshed_in_place(self, archive: Archive) -> None:
        [first, second] = capture(archive, exchange(), exchange(body=b"2"))
        saved = archive.articles.save(article(replies=1), capture=first)
        more = archive.articles.save(article(replies=2), capture=second)
        assert more.outcome == "same" and more.change > saved.change
        stored = archive.articles.get(saved.id)
        assert stored is not None and stored.article.replies == 2 and stored.capture == first
        assert len(archive.articles.revisions(saved.id)) == 1

    def test_extracting_everything_again_ends_the_same(self, archive: Archive) -> None:
        texts = ["一。", "二。", "二。", "一。"]
        ids = capture(archive, *(exchange(body=bytes([n])) for n in range(4)))
        saved = [archive.articles.save(article(t), capture=c) for t, c in zip(texts, ids, strict=True)]
        before = archive.articles.revisions(saved[0].id), archive.articles.get(saved[0].id)
        for _ in range(2):
            for text, id in zip(texts, ids, strict=True):
                archive.articles.save(article(text), capture=id)
        assert (archive.articles.revisions(saved[0].id), archive.articles.get(saved[0].id)) == before

    def test_captures_extracted_out_of_order_end_the_same(self, archive: Archive) -> None:
        first, second, third = capture(
            archive, *(exchange(body=bytes([n]), fetched_at=NOW + n * timedelta(days=1)) for n in range(3))
        )
        for id, text in ((first, "一。"), (third, "一。"), (second, "二。")):
            captured_at = NOW + timedelta(days=id - first)
            saved = archive.articles.save(article(text, captured_at=captured_at), capture=id)
        history = [(r.article.text, r.capture, r.article.captured_at) for r in archive.articles.revisions(saved.id)]
        assert history == [
            ("一。", first, NOW),
            ("二。", second, NOW + timedelta(days=1)),
            ("一。", third, NOW + timedelta(days=2)),
        ]
        archive.articles.mark_extracted(third, "not_article")
        stored = archive.articles.get(saved.id)
        assert stored is not None and stored.article.text == "二。"

    def test_a_better_extraction_is_no_edit_of_the_site(self, archive: Archive) -> None:
        [id] = capture(archive, exchange())
        archive.articles.save(article("正文。分享到微信"), capture=id)
        saved = archive.articles.save(article("正文。"), capture=id)
        assert saved.outcome == "changed" and [r.article.text for r in archive.articles.revisions(saved.id)] == [
            "正文。"
        ]

    def test_what_is_no_article_after_all_goes(self, archive: Archive) -> None:
        [first, second] = capture(archive, exchange(), exchange(body=b"2"))
        archive.frontier.add_pages("sample", [NewPage(PAGE, PAGE)], NOW)
        page = archive.frontier.page(PAGE)
        assert page is not None
        archive.frontier.save_page(revisits.fetched(page, NOW, capture=second))
        id = archive.articles.save(article("一。"), capture=first).id
        archive.articles.save(article("请登录。"), capture=second)
        archive.articles.mark_extracted(second, "not_article", "登录墙")
        stored = archive.articles.get(id)
        assert stored is not None and stored.article.text == "一。"
        after = archive.frontier.page(PAGE)
        assert after is not None and after.next_visit is None
        change = archive.articles.last_change()
        archive.articles.mark_extracted(first, "rejected")
        assert (
            archive.articles.get(id) is None and archive.articles.revisions(id) == [] and archive.articles.ids() == []
        )
        assert [(c.id, c.deleted) for c in archive.articles.changes_since(change)] == [(id, True)]
        assert archive.articles.save(article("一。"), capture=first).outcome == "new"
        assert archive.articles.ids() == [id] and archive.counts().articles == 1

    def test_an_article_that_gets_another_address_leaves_the_old(self, archive: Archive) -> None:
        [id] = capture(archive, exchange())
        old = archive.articles.save(article(), capture=id).id
        new = archive.articles.save(article(url=PAGE + "?id=1"), capture=id).id
        assert archive.articles.ids() == [new] and old != new

    def test_rejected_stays_listed_until_a_later_capture_is_kept(self, archive: Archive) -> None:
        [first, second] = capture(archive, exchange(), exchange(body=b"2"))

        def reject(capture: int) -> None:
            archive.rejections.reject(PAGE, source="sample", capture=capture, title="天气", score=0.1, reason="无关")

        reject(first)
        [listed] = archive.rejections.rejected("sample")
        assert (listed.canonical_url, listed.title, listed.score) == (PAGE, "天气", 0.1)
        archive.articles.save(article(), capture=second)
        archive.articles.mark_extracted(second, "article")
        reject(first)  # extracted again, after the later one
        assert list(archive.rejections.rejected()) == []

    def test_rejected_captures_wait_again_once_for_each_version_of_the_gate(
        self, archive: Archive, settings: Settings
    ) -> None:
        assert archive.rejections.judge_again("1.a") == 0  # a fresh archive notes it
        urls = [f"https://investment.example/{n}.html" for n in range(5)]
        ids = capture(archive, *(exchange(url, url.encode()) for url in urls), exchange("https://b.example/", b"b"))
        for n in (0, 1):
            archive.rejections.reject(urls[n], source="sample", capture=ids[n], title="天气", score=0.1, reason="无关")
            archive.articles.mark_extracted(ids[n], "rejected")
        archive.articles.mark_extracted(ids[2], "not_article", "空白页面")
        archive.articles.mark_extracted(ids[3], "failed", "超时")
        archive.articles.save(article(url=urls[4]), capture=ids[4])
        archive.articles.mark_extracted(ids[4], "article")
        assert archive.rejections.judge_again("1.a") == 0 and archive.captures.count_to_extract() == 1
        with pytest.raises(ZeroDivisionError), archive.transaction():
            assert archive.rejections.judge_again("1.b") == 2
            raise ZeroDivisionError  # cut off: neither the captures nor the version
        assert archive.captures.count_to_extract() == 1
        change, counts = archive.articles.last_change(), archive.counts()
        assert archive.rejections.judge_again("1.b") == 2
        with Archive.open(settings) as later:  # after a kill before the first of them was extracted
            assert later.rejections.judge_again("1.b") == 0
            assert [c.id for c in later.captures.to_extract()] == [ids[0], ids[1], ids[5]]
        assert archive.articles.last_change() == change and archive.counts() == counts  # listed until they are judged
        archive.articles.mark_extracted(ids[0], "failed", "超时")
        archive.articles.save(article(url=urls[1]), capture=ids[1])
        archive.articles.mark_extracted(ids[1], "article")
        assert list(archive.rejections.rejected()) == [] and archive.counts().articles == 2
        assert archive.rejections.judge_again("1.a") == 0  # back to the older: nothing is rejected now

    def test_imports(self, archive: Archive) -> None:
        one = article(external_id="doc-1", id=article_id("doc-1"))
        assert archive.articles.save(one, capture=None).outcome == "new"
        assert archive.articles.save(one.with_(text="改。"), capture=None).outcome == "changed"
        change = archive.articles.last_change()
        assert archive.articles.save(one, capture=None).outcome == "same"
        assert archive.articles.save(one.with_(text="改。"), capture=None).outcome == "same"
        assert archive.articles.last_change() == change
        found = archive.articles.get(article_id("doc-1"))
        assert found is not None and found.article.text == "改。" and found.capture is None

    def test_the_date_of_the_article_decides_on_revisits(self, archive: Archive) -> None:
        archive.frontier.add_pages("sample", [NewPage(PAGE, PAGE)], NOW)
        page = archive.frontier.page(PAGE)
        assert page is not None
        [id] = capture(archive, exchange())
        archive.frontier.save_page(revisits.fetched(page, NOW, capture=id))
        archive.articles.save(article(published_at=NOW - timedelta(days=900), published_precision="day"), capture=id)
        after = archive.frontier.page(PAGE)
        assert after is not None and after.next_visit is None and after.date == NOW - timedelta(days=900)


class TestChanges:
    def test_a_transaction_is_kept_whole_or_not_at_all(self, archive: Archive) -> None:
        with pytest.raises(ZeroDivisionError), archive.transaction():
            archive.articles.save(article(), capture=None)
            assert archive.articles.get(article().id) is not None
            raise ZeroDivisionError
        assert archive.articles.get(article().id) is None and archive.articles.last_change() == 0
        with archive.transaction(), archive.transaction():
            archive.articles.save(article(), capture=None)
        assert archive.articles.get(article().id) is not None

    def test_a_cursor_skips_no_change_of_concurrent_writers(self, archive: Archive) -> None:
        writers, each = 4, 25
        barrier, errors = threading.Barrier(writers + 1), []

        def write(writer: int) -> None:
            try:
                barrier.wait()
                for n in range(each):
                    with archive.transaction():
                        for half in "ab":
                            archive.articles.save(article(url=f"{PAGE}?{writer}-{n}-{half}"), capture=None)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
        for thread in threads:
            thread.start()
        barrier.wait()
        seen: list[int] = []
        while any(t.is_alive() for t in threads) or archive.articles.last_change() > (seen[-1] if seen else 0):
            seen += [c.change for c in archive.articles.changes_since(seen[-1] if seen else 0, limit=7)]
        for thread in threads:
            thread.join()
        assert errors == [] and seen == list(range(1, writers * each * 2 + 1))

    def test_concurrent_saves_of_one_article_make_one(self, archive: Archive) -> None:
        outcomes: list[str] = []

        def save() -> None:
            outcomes.append(archive.articles.save(article(), capture=None).outcome)

        threads = [threading.Thread(target=save) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["new", *["same"] * 5] and len(archive.articles.revisions(article().id)) == 1


class TestReadings:
    def test_what_is_due(self, archive: Archive) -> None:
        ids = sorted(archive.articles.save(article(url=f"{PAGE}?{n}"), capture=None).id for n in range(5))
        assert [id for id, _, _ in archive.readings.due("1", limit=3)] == ids[:3]
        for id, revision_hash, found in archive.readings.due("1"):
            assert found.id == id
            archive.readings.save(id, revision_hash, "1", {"practices": [id]}, b"\x00sig")
        assert list(archive.readings.due("1")) == [] and archive.readings.get(ids[0]) == {"practices": [ids[0]]}
        assert [id for id, _, _ in archive.readings.due("2")] == ids == [id for id, _, _ in archive.readings.due("0")]
        assert list(archive.readings.signatures()) == [(id, b"\x00sig") for id in ids]
        change = archive.articles.last_change()
        for id, revision_hash, _ in archive.readings.due("2"):
            archive.readings.save(id, revision_hash, "2", {"practices": [id if id != ids[0] else "other"]}, b"\x00sig")
        assert [c.id for c in archive.articles.changes_since(change)] == [ids[0]]  # the others say what they said
        assert archive.readings.version(ids[1]) == "2"

    def test_a_reading_of_an_older_text_does_not_count(self, archive: Archive) -> None:
        saved = archive.articles.save(article("一。"), capture=None)
        [(id, old, _)] = archive.readings.due("1")
        archive.readings.save(id, old, "1", {"of": "一"}, b"")
        archive.articles.save(article("二。"), capture=None)
        assert archive.readings.get(saved.id) is None and list(archive.readings.signatures()) == []
        archive.readings.save(id, old, "1", {"of": "late"}, b"")
        [(_, new, _)] = archive.readings.due("1")
        archive.readings.save(id, new, "1", {"of": "二"}, b"")
        assert archive.readings.get(saved.id) == {"of": "二"} and archive.counts().readings == 1

    def test_clusters(self, archive: Archive) -> None:
        one, two, three = (archive.articles.save(article(url=f"{PAGE}?{n}"), capture=None).id for n in range(3))
        assert archive.readings.save_clusters({one: one, two: one, "0" * 16: one}) == 2
        change = archive.articles.last_change()
        assert archive.readings.save_clusters({one: one, two: one}) == 0 and archive.articles.last_change() == change
        assert archive.readings.cluster_members(one) == sorted([one, two])
        assert {id: stored.cluster for id, stored in archive.articles.get_many([one, three]).items()} == {
            one: one,
            three: None,
        }
        assert archive.readings.save_clusters({two: None}) == 1
        assert archive.readings.cluster_members(one) == [one] and [
            c.id for c in archive.articles.changes_since(change)
        ] == [two]
        assert list(archive.readings.clusters()) == [(one, one)]


class TestByHand:
    def test_dossiers(self, archive: Archive) -> None:
        dossier = archive.dossiers.create("飞地")
        assert len(dossier.token) >= 22 and dossier.token != archive.dossiers.create().token
        for id in ("a" * 16, "b" * 16, "c" * 16, "a" * 16):
            archive.dossiers.add(dossier.token, id)
        archive.dossiers.add(dossier.token, "b" * 16, "见第三段")
        archive.dossiers.order(dossier.token, ["c" * 16, "x" * 16, "b" * 16])
        archive.dossiers.change(dossier.token, note="说明")
        archive.dossiers.remove(dossier.token, "a" * 16)
        kept = archive.dossiers.get(dossier.token)
        assert kept is not None and (kept.title, kept.note) == ("飞地", "说明")
        assert [(i.article[0], i.note) for i in kept.items] == [("c", ""), ("b", "见第三段")]
        assert archive.dossiers.add("guess", "a" * 16) is None and archive.dossiers.get("guess") is None
        archive.dossiers.delete(dossier.token)
        assert archive.dossiers.get(dossier.token) is None

    def test_quotations(self, archive: Archive) -> None:
        dossier = archive.dossiers.create("飞地", owner="session:q")
        for start, end, text in ((9, 12, "后一句"), (0, 3, "前一句"), (9, 12, "后一句")):
            archive.dossiers.quote(dossier.token, "a" * 16, start, end, text)
        archive.dossiers.quote(dossier.token, "b" * 16, 0, 2, "乙文")
        kept = archive.dossiers.change(dossier.token, author="王五")
        assert kept is not None and kept.author == "王五"
        assert [[q.text for q in item.quotations] for item in kept.items] == [["前一句", "后一句"], ["乙文"]]
        assert archive.dossiers.made_by("session:q") == (1, 10)  # two of the title, eight quoted
        less = archive.dossiers.unquote(dossier.token, kept.items[0].quotations[0].id)
        assert less is not None and [q.text for q in less.items[0].quotations] == ["后一句"]
        gone = archive.dossiers.remove(dossier.token, "a" * 16)
        back = archive.dossiers.add(dossier.token, "a" * 16)
        assert gone is not None and back is not None and back.items[-1].quotations == ()
        assert archive.dossiers.quote("guess", "a" * 16, 0, 1, "x") is None
        archive.dossiers.delete(dossier.token)

    def test_keys(self, archive: Archive) -> None:
        secret = archive.keys.add("zhang", "write", "search=9/minute")
        assert len(secret) >= 46  # 256 bits
        key = archive.keys.find(secret)
        assert key and (key.name, key.scope, key.limits, key.last_used) == ("zhang", "write", "search=9/minute", None)
        assert archive.keys.get(key.id) == key
        assert archive.keys.find(f"{secret}x") is None and archive.keys.find("") is None
        with pytest.raises(ArchiveError, match="zhang"):
            archive.keys.add("zhang")
        archive.keys.used(key, NOW)
        used = archive.keys.find(secret)
        assert used and used.last_used == NOW
        archive.keys.used(used, NOW + timedelta(seconds=30))  # not written again so soon
        assert archive.keys.get(key.id) == used
        assert archive.keys.revoke("zhang") and not archive.keys.revoke("zhang")
        assert archive.keys.find(secret) is None and archive.keys.get(key.id) is None
        archive.keys.add("zhang")  # a name is free again
        assert [k.revoked_at is None for k in archive.keys.all()] == [False, True]

    def test_what_an_owner_has_written(self, archive: Archive) -> None:
        one = archive.dossiers.create("一二", "三四五", owner="session:a")
        archive.dossiers.create("六", owner="session:a")
        archive.dossiers.create("七", owner="key:1")
        archive.dossiers.add(one.token, "0" * 16, note="八九")
        assert archive.dossiers.made_by("session:a") == (2, 8)
        assert archive.dossiers.made_by("key:1") == (1, 1)
        assert archive.dossiers.made_by("nobody") == (0, 0)
        found = archive.dossiers.get(one.token)
        assert found and found.owner == "session:a"

    def test_corrections_win_and_survive(self, archive: Archive) -> None:
        [capture_id] = capture(archive, exchange())
        id = archive.articles.save(article(origin="网络", author="小编"), capture=capture_id).id
        change = archive.articles.last_change()
        file = archive.database.folder / "corrections.toml"
        file.write_text(
            f'["{id}"]\ndate = 2024-03-13\norigin = "某报"\nauthor = ""\nplaces = ["330100"]\nnote = "据纸质版"\n',
            "utf-8",
        )
        assert archive.corrections.apply() == 1 and archive.corrections.apply() == 0
        assert [c.id for c in archive.articles.changes_since(change)] == [id]
        archive.articles.save(article("改。", origin="网络", author="小编"), capture=capture_id)
        stored = archive.articles.get(id)
        assert stored is not None and stored.article.text == "改。"
        assert (
            stored.article.origin == "某报"
            and stored.article.author is None
            and stored.article.published_precision == "day"
        )
        assert stored.article.provenance["origin"].rule == "人工订正"
        assert stored.correction is not None and stored.correction["places"] == ["330100"]
        kept = stored.correction
        for wrong, told in (('publisher = "x"', "publisher"), ('places = ["330100", "杭州"]', "“杭州”")):
            file.write_text(f'["{id}"]\n{wrong}\n[{"0" * 16}]\nauthor = "某人"\n', "utf-8")
            archive.corrections.apply({"places": {"330100"}})
            (fault,) = archive.corrections.faults({"places": {"330100"}})
            assert id in fault and told in fault
            stands = archive.articles.get(id)
            assert stands is not None and stands.correction == kept  # what it had stands
        file.write_text(f'[{"0" * 16}]\nauthor = "某人"\n["{id}"]\norigin = "某报"\n', "utf-8")
        assert archive.corrections.idle() == ["0" * 16]
        file.unlink()
        assert archive.corrections.apply() == 2
        restored = archive.articles.get(id)
        assert restored is not None and restored.article.origin == "网络"

    def test_runs(self, archive: Archive) -> None:
        run = archive.runs.start("nightly", NOW)
        archive.runs.record_source(run, "sample", SourceReport(requests=1))
        archive.runs.record_source(run, "sample", SourceReport(requests=9, new=2, outcome="short", note="少于预期"))
        archive.runs.finish(run, {"articles": 2, "题": "全"}, NOW)
        cut_off = archive.runs.start("crawl", NOW)
        last, first = archive.runs.latest()
        assert last.id == cut_off and last.finished_at is None and first.report == {"articles": 2, "题": "全"}
        [report] = archive.runs.of_sources("sample")
        assert report.run == run and report.report == SourceReport(requests=9, new=2, outcome="short", note="少于预期")
        assert archive.runs.of_sources(run=cut_off) == [] and [r.id for r in archive.runs.latest(verb="nightly")] == [
            run
        ]


class TestReadingsThatFail:
    def test_they_are_counted_and_tried_again_after_a_growing_pause(self, archive: Archive) -> None:
        saved = article()
        archive.articles.save(saved, capture=None)
        revision, now, pauses = saved.revision_hash(), NOW, []
        for _ in range(6):
            archive.readings.fail(saved.id, revision, "1", "超过 60 秒", now=now)
            (failure,) = archive.readings.failures()
            assert not list(archive.readings.due("1", now=now))
            assert list(archive.readings.due("1", now=now, at_once=True))
            pauses.append(failure.retry_at - now)
            now = failure.retry_at
            assert [id for id, _, _ in archive.readings.due("1", now=now)] == [saved.id]
        assert failure.attempts == 6 and pauses == sorted(pauses) and len(set(pauses)) == 4
        assert archive.readings.count_failures() == 1
        assert not archive.readings.failures(since=now)
        assert list(archive.readings.due("2", now=NOW)), "another insight may read it"
        archive.readings.save(saved.id, revision, "1", {}, b"")
        assert not archive.readings.failures() and archive.readings.count_failures() == 0

    def test_another_text_starts_anew(self, archive: Archive) -> None:
        archive.articles.save(article(), capture=None)
        archive.readings.fail(article().id, article().revision_hash(), "1", "超时")
        other = article("乙园区的另一篇。")
        archive.articles.save(other, capture=None)
        assert not archive.readings.failures() and list(archive.readings.due("1"))
        archive.readings.fail(other.id, article().revision_hash(), "1", "说的是旧文字")
        assert not archive.readings.failures()
