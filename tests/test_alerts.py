"""Notices reach real receivers, what fails is told without secrets, kept, and tried again; nothing goes out twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

import pytest
import requests

from crawler.alerts import Address, AddressError, deliver, mask, parse_address, reader_mail, send
from crawler.alerts.address import redact, resolve
from crawler.archive import Archive
from crawler.archive.notices.outbox import PATIENCE, TAKEN
from crawler.configuration import Settings
from tests.archive_fixtures import postgresql_server, settings
from tests.receivers import http_receiver, smtp_server

__all__ = ["postgresql_server", "settings"]

NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    with Archive.open(settings) as opened:
        yield opened


def test_mail_webhook_and_ntfy_reach_real_receivers() -> None:
    with smtp_server() as box, http_receiver() as web:
        mail = f"mailto://bot:geheim@127.0.0.1:{box.port}?from=bot@example.org&mode=insecure"
        left = send(
            [
                Address("值班", reader_mail(mail, "ops@example.org")),
                Address("钩子", parse_address(f"http://127.0.0.1:{web.port}/hook/T0P?key=abc")),
                Address("手机", f"ntfy://127.0.0.1:{web.port}/zhaoshang"),
            ],
            "招商文库：两个来源不足",
            "临湖 不足\n见 http://127.0.0.1:8000/nights/3",
            "<p>临湖 <b>不足</b></p>",
        )
        assert left == []
        (sent,) = box.mails
        assert (sent["To"], sent["Subject"]) == ("ops@example.org", "招商文库：两个来源不足")
        shapes = {part.get_content_type(): part.get_content() for part in sent.walk() if not part.is_multipart()}
        assert "<b>不足</b>" in shapes["text/html"] and "不足" in shapes["text/plain"]
        (hook, hooked), (_, pushed) = web.posts
        assert hook == "/hook/T0P?key=abc" and "临湖 不足" in hooked["message"]
        assert pushed["topic"] == "zhaoshang" and "nights/3" in pushed["message"]


def test_each_failure_is_told_by_address_and_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    with smtp_server() as box, http_receiver() as web, caplog.at_level(logging.DEBUG):
        web.status = 403
        box.open = False
        urls = [
            f"json://127.0.0.1:{web.port}/hook/S3CRET-T0KEN?-key=S3CRET-KEY",
            f"mailto://bot:S3CRET-WORD@127.0.0.1:{box.port}?from=bot@example.org&to=a@example.org&mode=insecure",
            "json://S3CRET-USER:S3CRET-WORD@127.0.0.1:9/S3CRET-PATH",
            "nosuchway://S3CRET-T0KEN",
            "exec://S3CRET-PROGRAM",
            "${ZHAOSHANG_TEST_NO_SUCH}",
        ]
        left = dict(send([Address(str(n), url) for n, url in enumerate(urls)], "题", "文"))
        assert list(left) == ["0", "1", "2", "3", "4", "5"]
        assert "HTTP 403" in left["0"] and "连不上" in left["2"] and "ZHAOSHANG_TEST_NO_SUCH" in left["5"]
        assert "S3CRET" not in str(left) + caplog.text + "".join(map(mask, urls)) + repr(Address("x", urls[0]))


# What apprise would send to services that no test can reach: its request is intercepted where `requests` would send it.
ROBOTS = {
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa": (
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa"
    ),
    "https://open.feishu.cn/open-apis/bot/v2/hook/b5d8f2f0-1111-2222-3333-444455556666": (
        "https://open.feishu.cn/open-apis/bot/v2/hook/b5d8f2f0-1111-2222-3333-444455556666/"
    ),
    "https://oapi.dingtalk.com/robot/send?access_token=abcdef0123456789": (
        "https://oapi.dingtalk.com/robot/send?access_token=abcdef0123456789"
    ),
    "bark://api.example.org/devicekey": "http://api.example.org/push",
    "schan://SCTabcdefgh": "https://sctapi.ftqq.com/SCTabcdefgh.send",
}


@pytest.mark.parametrize("given", ROBOTS)
def test_what_apprise_would_send_to_chat_services(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def intercept(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        asked.append((str(request.url), body))
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b'{"errcode": 0, "code": 0}'
        return answer

    monkeypatch.setattr(requests.Session, "send", intercept)
    assert send([Address("群", parse_address(given))], "一个来源不足", "临湖 不足") == []
    ((url, body),) = asked
    assert url == ROBOTS[given]
    said = unquote_plus(body).encode().decode("unicode_escape" if "\\u" in body else "utf-8")
    assert "一个来源不足" in said and "临湖 不足" in said
    assert url not in mask(parse_address(given)) and mask(parse_address(given)).endswith("…")


@pytest.mark.parametrize("wrong", ["", "邮箱", "ops@", "//host/x", "ntfys://"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(AddressError):
        parse_address(wrong)


def test_secrets_may_stay_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    assert resolve("json://host/${HOOK_TOKEN}") == "json://host/t0ken"
    stored = parse_address("ops@example.org", "mailto://u:p@smtp.example.org")
    assert "p@smtp" not in stored and mask(stored).endswith("→ ops@example.org")
    assert resolve(stored, "mailto://u:p@smtp.example.org") == "mailto://u:p@smtp.example.org?to=ops%40example.org"
    assert redact("login bot/x refused", "mailto://bot:x@h") == "login bot/… refused"


def _find(url: str) -> Callable[[str], Address | None]:
    return lambda name: Address(name, url) if name == "值班" else None


def test_the_outbox_tries_again_with_growing_pauses_and_never_sends_twice(archive: Archive) -> None:
    outbox = archive.outbox
    with http_receiver() as web:
        find, web.status = _find(f"json://127.0.0.1:{web.port}/"), 500
        assert outbox.keep("night", "7", ["值班", "走了的"], title="题", text="文", now=NOW) == 2
        assert outbox.keep("night", "7", ["值班"], title="题", text="文", now=NOW) == 0
        moment, tries = NOW, []
        while notices := [n for n in outbox.unsent("night") if n.state == "waiting"]:
            moment = min(n.next_try for n in notices)
            before = len(web.posts)
            assert deliver(archive, "night", find, now=moment - timedelta(seconds=1)) == []
            assert len(web.posts) == before
            (left,) = deliver(archive, "night", find, now=moment)
            assert "HTTP 500" in left.reason
            tries.append(moment)
        pauses = [later - earlier for earlier, later in pairwise(tries)]
        assert pauses == sorted(pauses) and pauses[0] < pauses[-1] and moment - NOW <= PATIENCE
        (given_up,) = outbox.unsent("night")
        assert given_up.state == "given_up" and outbox.again(given_up.id, moment)
        web.status = 200
        posts = len(web.posts)
        assert deliver(archive, "night", find, now=moment) == []
        assert len(web.posts) == posts + 1 and outbox.counts()["sent"] == 1
        assert deliver(archive, "night", find, now=moment + PATIENCE) == [] and not outbox.again(given_up.id, moment)
        assert len(web.posts) == posts + 1


def test_a_notice_whose_answer_was_lost_comes_again_under_the_same_key(archive: Archive) -> None:
    with http_receiver() as web, smtp_server() as box:
        mail = f"mailto://bot:geheim@127.0.0.1:{box.port}?from=bot@example.org&mode=insecure"
        find = {"钩": f"json://127.0.0.1:{web.port}/", "信": reader_mail(mail, "ops@example.org")}
        web.status = 0
        for key in ("7", "8"):
            archive.outbox.keep("night", key, list(find), title="题", text="文", now=NOW)
        for status, moment in ((0, NOW), (200, NOW + timedelta(hours=1)), (200, NOW + timedelta(hours=2))):
            web.status = status
            deliver(archive, "night", lambda name: Address(name, find[name]), now=moment)
    assert len(web.keys) == 4 and len(set(web.keys)) == 2 and web.keys[:2] == web.keys[2:]
    assert None not in web.keys and len({mail["Idempotency-Key"] for mail in box.mails}) == 2


def test_a_notice_whose_sender_died_is_not_sent_again_by_itself(archive: Archive) -> None:
    outbox = archive.outbox
    outbox.keep("night", "8", ["值班"], title="题", text="文", now=NOW)
    (notice,) = outbox.due("night", NOW)
    assert outbox.take(notice.id, NOW) and not outbox.take(notice.id, NOW)
    with http_receiver() as web:
        find = _find(f"json://127.0.0.1:{web.port}/")
        assert deliver(archive, "night", find, now=NOW + TAKEN * 2) == [] and web.posts == []
        (left,) = outbox.unsent()
        assert left.state == "unsure" and outbox.again(left.id, NOW)
        assert deliver(archive, "night", find, now=NOW) == [] and len(web.posts) == 1
