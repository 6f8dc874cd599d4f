"""Saved searches on their pages: plain forms, one's own only, and nothing is sent to anybody who did not agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from crawler.archive import Archive, Watch
from search_api.application import create_application
from tests.receivers import Mailbox, smtp_server
from tests.sample_archive import RICH, Sample, indexed
from tests.test_access import key, served

__all__ = ["key"]

NEW = "/watches/new?practice=enclave"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with smtp_server() as opened:
        yield opened


@pytest.fixture(scope="module")
def plain_sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return indexed(tmp_path_factory.mktemp("watches") / "data", many=5)


@pytest.fixture
def sample(plain_sample: Sample, box: Mailbox) -> Iterator[Sample]:
    mail = f"mailto://bot:secret@127.0.0.1:{box.port}?from=wenku@example.org"
    yield Sample(plain_sample.settings.model_copy(update={"mail": mail}), plain_sample.many)
    with Archive.open(plain_sample.settings) as archive, archive.database.writer() as connection:
        for table in ("digests", "watches"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def fields_of(client: TestClient, path: str, number: int = 0) -> dict[str, Any]:
    """The fields of a form of a page, as a browser would send them."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return dict(html.document_fromstring(answer.content).forms[number].form_values())


def saved(client: TestClient, path: str = NEW, **fields: str) -> str:
    made = client.post("/watches", data={**fields_of(client, path), **fields}, follow_redirects=False)
    assert made.status_code == 303, made.text
    return made.headers["location"]


def link(mail: Any, what: str) -> str:
    found = re.search(rf"https://wenku\.example(/watches/{what}/[\w-]+)", mail.get_body(("plain",)).get_content())
    assert found
    return found[1]


def watches(sample: Sample) -> list[Watch]:
    with Archive.open(sample.settings) as archive:
        return archive.watches.all()


def test_a_stranger_gets_one_question_and_nothing_before_the_answer(sample: Sample, box: Mailbox) -> None:
    with served(sample) as client, served(sample) as other:
        address = saved(client, channel="mail", recipient="reader@example.org")
        (question,) = box.mails
        assert question["To"] == "reader@example.org" and "List-Unsubscribe" not in question
        confirm = link(question, "confirm")
        assert confirm not in client.get(address).text and "待确认" in client.get(address).text
        assert other.get(address).status_code == 404 and "飞地" not in other.get("/watches").text
        assert other.post(address, data={"do": "delete"}).status_code in (403, 404)
        # a program that looks through mail opens the link: nothing is agreed to by that
        assert "确认要收" in other.get(confirm).text
        assert [watch.state for watch in watches(sample)] == ["waiting"]
        assert "已确认" in other.post(confirm).text  # whoever has the mail needs neither session nor key
        (watch,) = watches(sample)
        assert watch.state == "on" and watch.due_at is not None
        assert "照常" in client.get("/watches").text
        # agreed once: another search of the same reader to the same address asks nothing again
        saved(client, "/watches/new?q=税收", channel="mail", recipient="reader@example.org")
        assert len(box.mails) == 1
        saved(other, channel="mail", recipient="reader@example.org")  # of somebody else, it does
        assert len(box.mails) == 2


def test_nobody_is_asked_again_and_again(sample: Sample, box: Mailbox) -> None:
    with served(sample) as client:
        for _ in range(2):
            address = saved(client, channel="mail", recipient="reader@example.org")
            client.post(address, data={**fields_of(client, address), "do": "delete"})
        refused = client.post(
            "/watches", data={**fields_of(client, NEW), "channel": "mail", "recipient": "reader@example.org"}
        )
        assert refused.status_code == 409 and len(box.mails) == 2
        confirm = link(box.mails[0], "confirm")
        assert client.get(confirm).status_code == 404  # it was deleted


def test_one_click_ends_it_and_only_a_new_agreement_begins_it_again(sample: Sample, box: Mailbox) -> None:
    with served(sample, anonymous=False) as client, key(sample, "zhang", scope="write") as bearer:
        client.headers.update(bearer)
        address = saved(client, channel="mail", recipient="reader@example.org")
        del client.headers["Authorization"]
        client.cookies.clear()
        assert client.get("/watches").status_code == 401
        confirm = link(box.mails[0], "confirm")
        stop = confirm.replace("confirm", "stop")
        assert client.post(confirm).status_code == 200
        # as mail programs send it (RFC 8058)
        done = client.post(
            stop, content="List-Unsubscribe=One-Click", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert done.status_code == 200 and "已退订" in done.text
        client.headers.update(bearer)
        page = client.get(address).text
        assert "收件人退订" in page and "再开要收件人重新确认" in page
        client.post(address, data={**fields_of(client, address), "do": "resume"})
        (watch,) = watches(sample)
        assert watch.state == "waiting" and len(box.mails) == 2


def test_it_is_changed_put_off_and_deleted(sample: Sample, box: Mailbox) -> None:
    with served(sample) as client:
        address = saved(client, channel="none", title="两市的飞地")
        csrf = {"csrf": fields_of(client, address)["csrf"]}
        change = {**csrf, "do": "change", "title": "改名", "weekday": "4", "hour": "18", "zone": "Europe/London"}
        changed = client.post(address, data={**change, "channel": "mail", "recipient": "b@example.org"})
        assert "改名" in changed.text and "b@example.org" in changed.text
        (watch,) = watches(sample)
        assert (watch.weekday, watch.hour, watch.zone, watch.state) == (4, 18, "Europe/London", "waiting")
        first = link(box.mails[0], "confirm")
        client.post(first)
        client.post(address, data={**csrf, "do": "pause"})
        assert watches(sample)[0].state == "paused"
        client.post(address, data={**csrf, "do": "resume"})
        assert watches(sample)[0].state == "on"
        # another recipient must agree anew, and the links of the one before end
        client.post(address, data={**change, "channel": "mail", "recipient": "c@example.org"})
        assert watches(sample)[0].state == "waiting" and client.get(first).status_code == 404
        client.post(address, data={**csrf, "do": "delete"})
        assert watches(sample) == [] and client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"channel": "mail", "recipient": "a@example.org\r\nBcc: b@example.org"}, "不是邮箱地址"),
        ({"channel": "webhook", "recipient": "http://127.0.0.1:8000/"}, "不在公共互联网上"),
        ({"channel": "webhook", "recipient": "http://[::ffff:10.0.0.1]/"}, "不在公共互联网上"),
        ({"channel": "notice", "recipient": "ntfy://x"}, "没有这种发送方式"),
        ({"channel": "none", "zone": "../etc/passwd"}, "时间读不懂"),
        ({"channel": "none", "hour": "25"}, "时间读不懂"),
        ({"channel": "none", "query": "practice=nonsense"}, "nonsense"),
    ],
)
def test_what_cannot_be_sent_to_is_refused(sample: Sample, fields: dict[str, str], said: str) -> None:
    with served(sample) as client:
        answer = client.post("/watches", data={**fields_of(client, NEW), **fields})
        assert answer.status_code == 422 and said in answer.text
        assert watches(sample) == []


def test_a_reader_saves_so_many_and_no_more(sample: Sample) -> None:
    with served(sample, limits="search=1000/minute export=9/minute captures=9/minute write=1000/minute") as client:
        fields = {**fields_of(client, NEW), "channel": "none"}
        answers = [client.post("/watches", data=fields, follow_redirects=False).status_code for _ in range(21)]
        assert answers == [303] * 20 + [409]


def test_saving_is_one_click_from_where_one_stands(sample: Sample) -> None:
    with served(sample) as client:
        for path, wanted in (
            ("/?q=飞地&place=430100", "/watches/new?q=飞地&place=430100"),
            ("/practices/enclave", "/watches/new?practice=enclave"),
            (f"/articles/{RICH}", "/watches/new?practice=enclave"),
            (f"/articles/{RICH}", "/watches/new?place=430100"),
            (f"/articles/{RICH}", "/watches/new?firm=光学镜片"),
            (f"/articles/{RICH}", "/watches/new?industry=instruments"),
        ):
            links = html.document_fromstring(client.get(path).content).xpath("//a/@href")
            assert wanted in links, (path, [one for one in links if "watches" in one])
            form = html.document_fromstring(client.get(wanted).content)
            assert form.xpath("//h1") and "订阅（Atom）" in form.text_content()


def test_without_a_mail_server_mail_is_not_offered(plain_sample: Sample, tmp_path: Path) -> None:
    with TestClient(
        create_application(plain_sample.settings), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5)
    ) as client:
        form = html.document_fromstring(client.get(NEW).content)
        assert form.xpath("//input[@name='channel']/@value") == ["webhook", "none"]
        assert "没有设置发信的邮件服务器" in form.text_content()
