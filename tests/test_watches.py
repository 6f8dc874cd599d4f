"""Saved searches: what is new is told once, at the reader's hour, to whoever agreed, whatever dies or fails meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from typer.testing import CliRunner

from crawler.archive.watching.digests import GIVEN_UP, PAUSES
from crawler.configuration import load_settings
from crawler.delivery.mail import is_mail_address, mail_server
from crawler.delivery.webhook import refused_for_readers
from indexer.insight.vocabularies import practice_name
from search_api.application import create_application
from search_api.watches.hours import ZONES, next_hour
from search_api.watches.news import news
from tests.receivers import Mailbox, http_receiver, smtp_server
from tests.watch_desk import BASE, DAY, NOW, Desk, article, desk
from zhaoshang.nightly import tell_readers


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with smtp_server() as opened:
        yield opened


def mail_of(box: Mailbox) -> str:
    return f"mailto://bot:secret@127.0.0.1:{box.port}?from=wenku@example.org"


@pytest.fixture
def mailing(tmp_path: Path, box: Mailbox) -> Iterator[Desk]:
    with desk(tmp_path / "data", mail=mail_of(box)) as opened:
        yield opened


def reader(opened: Desk, query: str = "practice=enclave", **more: Any) -> str:
    watch = opened.watch(query, channel="mail", recipient="reader@example.org", **more)
    return watch.token


def parts(mail: EmailMessage) -> dict[str, str]:
    return {
        part.get_content_type(): part.get_content().replace("\r\n", "\n")
        for part in mail.walk()
        if not part.is_multipart()
    }


def test_a_digest_says_what_is_new_with_its_evidence_and_how_to_stop(mailing: Desk, box: Mailbox) -> None:
    token = reader(mailing)
    mailing.night(
        [article("甲", "两市合办飞地，税收分成。"), article("乙", "与飞地无关的一句，土地流转。", "2026-03-02")]
    )
    assert mailing.send(NOW + timedelta(hours=1)).digests == 0  # not the hour yet
    sent = mailing.send(NOW + DAY)
    assert (sent.digests, sent.faults) == (1, [])
    (mail,) = box.mails
    watch = mailing.archive.watches.get(token)
    assert watch is not None
    stop = f"{BASE}/watches/stop/{watch.secret}"
    assert (mail["To"], mail["Subject"]) == ("reader@example.org", "飞地：新收录 2 篇")
    assert mail["List-Unsubscribe"] == f"<{stop}>" and mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = parts(mail)["text/plain"], parts(mail)["text/html"]
    for said in (text, html):
        assert (
            "两市合办飞地，税收分成。" in said
            and "记事乙" in said
            and stop in said
            and practice_name("enclave") in said
        )
    assert text.index("记事乙") < text.index("记事甲")  # the latest publication first
    assert "记事开头" not in text
    assert mailing.send(NOW + 2 * DAY).digests == 0  # nothing new, nothing sent


def test_what_is_read_indexed_or_extracted_again_is_not_new(mailing: Desk, box: Mailbox) -> None:
    reader(mailing)
    first = [article("甲"), article("乙")]
    mailing.night(first)
    mailing.send(NOW + DAY)
    # as `extract --all` after a change of the rules: the same pages give other texts
    mailing.night([replace(one, text=one.text + "\n补记飞地一句。") for one in first])
    mailing.archive.articles.save(replace(first[0], title="改了题目"), capture=None)
    mailing.night([])
    assert mailing.send(NOW + 2 * DAY).digests == 0
    assert len(box.mails) == 1


def test_a_republication_of_what_was_there_is_counted_and_not_listed(mailing: Desk, box: Mailbox) -> None:
    reader(mailing)
    old, copy, fresh, twin = (article(name) for name in ("开头", "转载", "新文", "新文转载"))
    mailing.night([copy, fresh, twin], indexed=False)
    mailing.archive.readings.save_clusters({old.id: "c1", copy.id: "c1", fresh.id: "c2", twin.id: "c2"})
    mailing.index()
    mailing.send(NOW + DAY)
    text = parts(box.mails[0])["text/plain"]
    assert "新收录 2 篇" in text and "另有 1 家转载" in text and "另有 1 篇只是转载文库里已有的文章" in text
    assert text.count("/articles/") == 1 and "记事转载" not in text


def test_what_could_not_be_read_or_indexed_yet_comes_when_it_can(mailing: Desk, box: Mailbox) -> None:
    reader(mailing)
    late = article("晚", "两市的飞地。")
    mailing.night([late], read=False)  # its reading failed: the index does not know its practice
    assert mailing.send(NOW + DAY).digests == 0
    mailing.night([article("早")])  # now both are read
    mailing.send(NOW + 2 * DAY)
    text = parts(box.mails[0])["text/plain"]
    assert "记事晚" in text and "记事早" in text
    mailing.night([article("未索引")], indexed=False)
    assert mailing.send(NOW + 3 * DAY).digests == 0
    mailing.index()
    assert mailing.send(NOW + 4 * DAY).digests == 1


def test_many_are_listed_up_to_twenty_and_the_rest_by_a_link(mailing: Desk, box: Mailbox) -> None:
    reader(mailing)
    mailing.night([article(f"第{n}") for n in range(27)])
    mailing.send(NOW + DAY)
    text = parts(box.mails[0])["text/plain"]
    assert "新收录 27 篇，先列 20 篇。" in text and text.count("/articles/") == 20
    assert f"{BASE}/?" in text and "since=" in text


def test_a_process_that_dies_between_mark_and_sending_loses_and_repeats_nothing(mailing: Desk, box: Mailbox) -> None:
    """The sender is killed with -9 where it has kept the digest, then where it has counted the try, then where the server has taken the mail."""
    token = reader(mailing)
    died = []
    for number, where in enumerate(("look", "take", "sent"), 1):
        mailing.night([article(f"夜{number}")])
        now = NOW + number * DAY
        program = KILLED.format(where=where)
        environment = {**os.environ, "ZHAOSHANG_DATA": str(mailing.settings.data), "ZHAOSHANG_MAIL": mail_of(box)}
        done = subprocess.run([sys.executable, "-c", program, now.isoformat()], env=environment, timeout=120)
        died.append(done.returncode)
        mailing.send(now + timedelta(minutes=1))  # at once: what nobody has taken goes out
        mailing.send(now + PAUSES[0] + timedelta(minutes=1))  # what somebody took waits for the pause
        mailing.send(now + PAUSES[0] + timedelta(minutes=2))
    assert died == [-signal.SIGKILL] * 3
    told = [(mail["Message-ID"], parts(mail)["text/plain"]) for mail in box.mails]
    ids = [id for id, _ in told]
    assert len(set(ids)) == 3  # the third mail went out twice, as the same message
    assert len(ids) == 4 and ids[2] == ids[3]
    for number, id in enumerate(dict.fromkeys(ids), 1):
        (text,) = {text for known, text in told if known == id}
        assert f"记事夜{number}" in text and text.count("/articles/") == 1
    assert all(digest.sent_at for digest in mailing.archive.digests.of(token))


KILLED = """
import os, signal, sys
from datetime import datetime
from crawler.archive.watching.digests import Digests
from crawler.configuration import settings
from search_api.watches.sending import send_due
from search_api.web.app_state import AppState
done = Digests.{where}
def dying(self, *arguments, **more):
    if "{where}" != "sent":
        done(self, *arguments, **more)
    os.kill(os.getpid(), signal.SIGKILL)
Digests.{where} = dying
send_due(AppState(settings()), "https://wenku.example.org", datetime.fromisoformat(sys.argv[1]))
"""


def test_two_processes_at_once_send_one(mailing: Desk, box: Mailbox) -> None:
    token = reader(mailing)
    mailing.night([article("甲")])
    watch = mailing.archive.watches.get(token)
    assert watch is not None
    found = news(mailing.state.searcher, mailing.archive, watch, NOW)
    assert found.since is not None
    kept = [
        mailing.archive.digests.look(
            watch, mark=found.mark, pending=(), due_at=NOW + 2 * DAY, found=(found.listed, 1, 0, found.since), now=NOW
        )
        for _ in range(2)
    ]
    assert kept[0] is not None and kept[1] is None
    assert [mailing.archive.digests.take(kept[0], NOW) for _ in range(2)] == [True, False]


def test_a_recipient_that_fails_for_a_week_is_switched_off_and_that_is_told(mailing: Desk, box: Mailbox) -> None:
    token = reader(mailing)
    box.open = False
    now, off, faults = NOW, [], 0
    for hour in range(24 * 10):
        now = NOW + timedelta(hours=hour)
        if hour % 24 == 12:
            mailing.night([article(f"时{hour}")])
        sent = mailing.send(now)
        off += sent.problems
        faults += len(sent.faults)
    watch = mailing.archive.watches.get(token)
    assert watch is not None and watch.state == "off" and "一周没有送到" in watch.why and "550" in watch.why
    assert len(off) == 1 and 10 < faults < 30  # with growing pauses
    box.open = True
    mailing.send(now + DAY)
    assert box.mails == []


def test_a_recipient_that_comes_back_gets_all_that_was_new_once(mailing: Desk, box: Mailbox) -> None:
    reader(mailing)
    box.open = False
    for day in range(1, 6):
        mailing.night([article(f"日{day}")])
        mailing.send(NOW + day * DAY)
    box.open = True
    for hours in range(0, 60, 6):
        mailing.send(NOW + 5 * DAY + timedelta(hours=hours + 1))
    text = "".join(parts(mail)["text/plain"] for mail in box.mails)
    assert [text.count(f"记事日{day}\n") for day in range(1, 6)] == [1] * 5
    assert len(box.mails) == 2


def test_a_server_of_ours_that_is_down_switches_nobody_off(mailing: Desk, box: Mailbox) -> None:
    token = reader(mailing)
    mailing.night([article("甲")])
    port, mailing.state.settings = (
        box.port,
        load_settings(data=mailing.settings.data, mail="mailto://a:b@127.0.0.1:9?from=w@example.org"),
    )
    told = [mailing.send(NOW + DAY + timedelta(hours=12 * n)).problems for n in range(20)]
    assert any("127.0.0.1:9" in line for faults in told for line in faults)
    mailing.state.settings = mailing.settings
    mailing.send(NOW + 20 * DAY)
    watch = mailing.archive.watches.get(token)
    assert port and watch is not None and watch.state == "on" and len(box.mails) == 1


def test_a_webhook_gets_data_with_an_id_and_a_redirect_is_no_receipt(tmp_path: Path) -> None:
    with desk(tmp_path / "data") as opened, http_receiver() as web:
        token = opened.watch("q=飞地", channel="webhook", recipient=f"http://127.0.0.1:{web.port}/in?k=1").token
        opened.night([article("甲")])
        web.status = 302
        assert opened.send(NOW + DAY).faults
        web.status = 0  # it takes the message, and its answer is lost
        assert opened.send(NOW + DAY + PAUSES[0]).faults
        web.status = 200
        opened.send(NOW + DAY + PAUSES[0] + PAUSES[1])
        (path, first), (_, again), (_, last) = web.posts
        assert path == "/in?k=1" and first["id"] == again["id"] == last["id"] and first["type"] == "digest"
        assert web.keys == [first["id"]] * 3
        assert [hit["title"] for hit in first["hits"]] == ["记事甲"] and first["total"] == 1
        assert first["stop"].startswith(f"{BASE}/watches/stop/")
        assert [digest.attempts for digest in opened.archive.digests.of(token)] == [3]


def test_a_reader_may_not_send_us_into_our_own_network(tmp_path: Path) -> None:
    assert refused_for_readers("http://127.0.0.1:9200/_bulk") and refused_for_readers("http://169.254.169.254/")
    assert refused_for_readers("http://localhost/") and refused_for_readers("ftp://example.org/")
    assert refused_for_readers("http://a..example/") and refused_for_readers("http://[v1.x]/")
    assert refused_for_readers("http://[fe80::1%25none]/").count("找不到这台主机") == 1
    assert refused_for_readers("http://user:pw@example.org/") and refused_for_readers("http://[::ffff:10.0.0.1]/")
    with desk(tmp_path / "data") as opened, http_receiver() as web:
        # saved before, or the name led elsewhere then: it is asked again when it is sent
        opened.watch("q=飞地", owner="session:x", channel="webhook", recipient=f"http://127.0.0.1:{web.port}/")
        opened.night([article("甲")])
        assert "不在公共互联网上" in opened.send(NOW + DAY).faults[0]
        assert web.posts == []


def test_where_nobody_may_read_without_a_key_nobody_is_told_without(tmp_path: Path, box: Mailbox) -> None:
    public = {"mail": mail_of(box), "anonymous": False, "address": "https://wenku.example.org"}
    with desk(tmp_path / "data", **public) as opened:
        opened.archive.keys.add("zhang", "write")
        (key,) = opened.archive.keys.all()
        for owner, to in (("session:x", "a@example.org"), (f"key:{key.id}", "b@example.org")):
            opened.watch("q=飞地", owner=owner, channel="mail", recipient=to)
        opened.night([article("甲")])
        opened.send(NOW + DAY)
        assert [mail["To"] for mail in box.mails] == ["b@example.org"]
        opened.archive.keys.revoke("zhang")
        opened.night([article("乙")])
        opened.send(NOW + 2 * DAY)
        assert len(box.mails) == 1
        assert {w.why for w in opened.archive.watches.all()} == {"", "保存它的访问密钥已撤销"}


def test_a_clock_that_was_wrong_delays_nothing_for_long(mailing: Desk, box: Mailbox) -> None:
    reader(mailing)
    mailing.night([article("甲")])
    mailing.send(NOW + 400 * DAY)  # a clock that was far ahead
    mailing.night([article("乙")])
    mailing.send(NOW + DAY)
    assert ["记事甲" in parts(m)["text/plain"] for m in box.mails] == [True, False]
    mailing.night([article("丙")])
    mailing.send(NOW + 2 * DAY)
    assert len(box.mails) == 3


def test_an_index_that_is_ahead_of_a_restored_archive_hides_nothing(
    mailing: Desk, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = reader(mailing)
    with monkeypatch.context() as ahead:
        ahead.setattr(mailing.state.engine, "cursor", lambda: 10**6)
        mailing.send(NOW + DAY)
    mailing.night([article("甲")])
    assert mailing.send(NOW + 2 * DAY).digests == 1 and mailing.archive.watches.get(token)


@given(
    after=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    weekday=st.none() | st.integers(0, 6),
    hour=st.integers(0, 23),
    zone=st.sampled_from(sorted(ZONES)),
)
def test_the_next_hour_is_the_readers_own_and_the_first(
    after: datetime, weekday: int | None, hour: int, zone: str
) -> None:
    from zoneinfo import ZoneInfo

    moment = after.replace(tzinfo=UTC)
    due = next_hour(moment, weekday, hour, zone)
    there = due.astimezone(ZoneInfo(zone))
    assert moment < due <= moment + timedelta(days=7 if weekday is not None else 1, hours=1)
    assert there.hour == hour or abs(there.hour - hour) == 1  # an hour that the clock leaves out
    assert weekday is None or there.weekday() == weekday


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("new"), st.integers(0, 3)),
        st.tuples(st.just("again"), st.just(0)),  # extract --all: every text changes a little
        st.tuples(st.just("unread"), st.just(0)),
        st.tuples(st.just("index"), st.just(0)),
        st.tuples(st.just("copy"), st.just(0)),
        st.tuples(st.just("send"), st.integers(-30, 60)),  # hours by which the clock moves
        st.tuples(st.just("die"), st.just(0)),  # the mark is kept and the process ends
    ),
    max_size=8,
)


@given_settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_every_article_that_came_is_told_once_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    told: list[str] = []
    with desk(tmp_path_factory.mktemp("new") / "data") as opened, http_receiver() as web:
        opened.watch("practice=enclave", channel="webhook", recipient=f"http://127.0.0.1:{web.port}/")
        now, made, copies = NOW, [], set[str]()
        for number, (what, count) in enumerate([*steps, ("index", 0), ("send", 48), ("send", 48), ("send", 48)]):
            if what in ("new", "unread"):
                fresh = [article(f"{number}之{n}", f"飞地第{number}.{n}件。") for n in range(count or 1)]
                made += fresh
                opened.night(fresh, read=what == "new", indexed=False)
            elif what == "again":
                opened.night([replace(one, text=f"{one.text}\n又记{number}。") for one in made], indexed=False)
            elif what == "index":
                opened.night([])
            elif what == "copy" and made:
                copy = article(f"{number}转", made[0].text)
                opened.night([copy], indexed=False)
                copies.add(copy.id)
                cluster = opened.archive.articles.get_many([made[0].id])[made[0].id].cluster or f"c{number}"
                opened.archive.readings.save_clusters({made[0].id: cluster, copy.id: cluster})
            elif what == "send":
                now = max(NOW, now + timedelta(hours=count))
                opened.send(now)
            elif what == "die":
                for watch in opened.archive.watches.due(now):
                    found = news(opened.state.searcher, opened.archive, watch, now)
                    assert found == news(opened.state.searcher, opened.archive, watch, now)
                    kept = (found.listed, found.total, found.again, found.since) if found.since else None
                    opened.archive.digests.look(
                        watch,
                        mark=found.mark,
                        pending=found.pending,
                        due_at=now + DAY,
                        found=kept,
                        now=now,  # type: ignore[arg-type]
                    )
        told = [hit["id"] for _, digest in web.posts for hit in digest["hits"]]
    texts = ["the first" if made and id in {made[0].id, *copies} else id for id in told]
    assert sorted(texts) == sorted(["the first", *(one.id for one in made[1:])] if made else [])


def test_mail_settings_and_addresses_are_read_strictly() -> None:
    def server(mail: str) -> Any:
        return mail_server(load_settings(mail=mail))

    assert (server("mailtos://u:p@smtp.example.org?from=w@example.org").port, server("").__class__) == (587, type(None))
    assert server("mailtos://u:p%40@smtp.example.org:465?from=w@example.org").security == "tls"
    assert server("mailto://127.0.0.1:2525?from=w@example.org").user == ""
    with pytest.raises(Exception, match="MAIL"):
        server("mailtos://u:p@smtp.example.org?from=nobody")
    good = ("a@example.org", "zhang.san+x@mail.gov.cn")
    bad = (
        "",
        "a",
        "a@b",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org,b@example.org",
        "<a@example.org>",
        "a b@example.org",
    )
    assert all(map(is_mail_address, good)) and not any(map(is_mail_address, bad))
    assert timedelta(days=7) == GIVEN_UP


def test_a_server_that_runs_sends_at_the_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_api.watches.clock.EVERY", 0.05)
    with desk(tmp_path / "data") as opened, http_receiver() as web:
        opened.watch("q=飞地", channel="webhook", recipient=f"http://127.0.0.1:{web.port}/")  # its hour has long come
        opened.night([article("甲")])
        with TestClient(create_application(opened.settings)):
            until = time.monotonic() + 60
            while not web.posts and time.monotonic() < until:
                time.sleep(0.02)
        assert [digest["total"] for _, digest in web.posts] == [1]


def test_the_night_sends_and_says_what_the_operator_must_know(mailing: Desk, box: Mailbox) -> None:
    reader(mailing)
    mailing.night([article("甲")])
    told = tell_readers(mailing.settings, NOW + DAY)
    assert (told.digests, told.problems) == (1, []) and len(box.mails) == 1
    mailing.night([article("乙")])
    box.open = False
    told = tell_readers(mailing.settings, NOW + 2 * DAY)
    assert told.problems == [] and "550" in told.faults[0]  # a reader's own mailbox is no fault of the night


def test_the_terminal_adds_lists_tries_sends_and_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhaoshang.cli import app

    with desk(tmp_path / "data") as opened, http_receiver() as web:
        monkeypatch.setattr("crawler.configuration.settings", lambda: opened.settings)

        def run(*arguments: str) -> tuple[int, str]:
            done = CliRunner().invoke(app, ["watch", *arguments])
            return done.exit_code, done.output + str(done.exception or "")

        to = f"http://127.0.0.1:{web.port}/in"
        assert run("add", "飞地", *("--to", to, "--every", "周一", "--zone", "Europe/Berlin"))[0] == 0
        for wrong, said in (
            (("--to", "zhang@example.org"), "ZHAOSHANG_MAIL"),
            (("--to", "nonsense"), "--to"),
            (("--to", to, "--every", "月底"), "--every"),
            (("--to", to, "--zone", "Mars/Olympus"), "--zone"),
        ):
            code, told = run("add", "飞地", *wrong)
            assert code != 0 and said in told
        (watch,) = opened.archive.watches.all()
        assert (watch.weekday, watch.zone, watch.state) == (0, "Europe/Berlin", "on")
        code, told = run("list", "--json")
        assert code == 0 and watch.token[:8] in told and f"{web.port}/…" in told
        assert run("test", watch.token[:8])[0] == 0
        opened.night([article("甲")])
        assert run("send")[0] == 0 and len(web.posts) == 1  # not its hour
        assert run("send", watch.token[:8])[0] == 0
        assert [digest["type"] for _, digest in web.posts] == ["test", "digest"]
        assert run("remove", "nothing")[0] != 0 and run("remove", watch.token[:8])[0] == 0
        assert opened.archive.watches.all() == []
