"""Who may ask what from elsewhere: keys, sessions, users of a proxy, limits, and Host names. Clients come through a proxy that is named, as they would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from starlette.testclient import TestClient

from crawler.archive import Archive
from crawler.configuration import ConfigurationError, Settings
from search_api.application import create_application
from search_api.pages import dossiers
from search_api.web.addresses import Addresses
from search_api.web.error_handlers import Problem
from search_api.web.limits import Limits, read_rates
from search_api.web.sessions import Sessions
from tests.sample_archive import RICH, Sample, indexed
from tests.web_fixtures import reader_here
from tests.whole_way import Desk

HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """An archive of this file's own: it writes into it."""
    return indexed(tmp_path_factory.mktemp("access") / "data")


@contextmanager
def served(sample: Sample, **settings: Any) -> Iterator[TestClient]:
    """The application behind a proxy at 127.0.0.1."""
    changed = sample.settings.model_copy(
        update={"proxies": "127.0.0.1", "address": "https://wenku.example", **settings}
    )
    client = TestClient(create_application(changed), base_url="https://wenku.example", client=("127.0.0.1", 50_000))
    client.headers.update({"X-Forwarded-For": "198.51.100.7"})
    with client:
        yield client


@contextmanager
def key(sample: Sample, name: str, **more: Any) -> Iterator[dict[str, str]]:
    """The header of a key that is valid within."""
    with Archive.open(sample.settings) as archive:
        secret = archive.keys.add(name, **more)
        try:
            yield {"Authorization": f"Bearer {secret}"} | HTTPS
        finally:
            archive.keys.revoke(name)


def begun(client: TestClient, title: str = "一") -> tuple[str, str]:
    """Address and form token of a new dossier of this browser."""
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/dossiers").text)
    assert token
    made = client.post("/dossiers", data={"csrf": token[1], "title": title}, follow_redirects=False)
    assert made.status_code == 303, made.text
    return made.headers["location"], token[1]


# --- names


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "10.1.2.3", "[::ffff:10.0.0.1]"),
        *("127.0.0.1:8000.evil.example", "localhost:99999"),
    ],
)
def test_a_name_that_was_made_to_lead_here_reads_and_writes_nothing(sample: Sample, host: str) -> None:
    with reader_here(create_application(sample.settings)) as client:
        for method in ("GET", "POST"):
            answer = client.request(method, "/dossiers", headers={"Host": host})
            assert answer.status_code == 421
            assert host not in answer.text or not host
        for own in ("127.0.0.1:8000", "localhost", "[::1]:8000"):
            assert client.get("/", headers={"Host": own}).status_code == 200


def test_configured_names_are_answered_and_nothing_tells_the_host_back(sample: Sample) -> None:
    settings = sample.settings.model_copy(update={"address": "https://wenku.example"})
    with reader_here(create_application(settings)) as client:
        assert client.get("/", headers={"Host": "wenku.example"}).status_code == 200
    with reader_here(create_application(sample.settings)) as client:
        for path in ("/opensearch.xml", "/feed?q=飞地", "/export?q=飞地&format=jsonl", "/help/api", "/practices/"):
            answer = client.get(path, headers={"Host": "localhost:9999"}, follow_redirects=False)
            assert "localhost" not in answer.text + str(answer.headers), path
        assert "http://127.0.0.1:8000/" in client.get("/opensearch.xml").text


def test_a_page_of_another_site_changes_nothing(sample: Sample) -> None:
    with reader_here(create_application(sample.settings)) as client:
        token = re.search(r'name="csrf" value="(\w+)"', client.get("/dossiers").text)
        assert token
        fields = {"csrf": token[1], "title": "x"}
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.post("/dossiers", data=fields, headers=headers).status_code == 403
        assert client.post("/dossiers", data=fields, headers={"Origin": "http://127.0.0.1:8000"}).status_code == 200


# --- keys


def test_without_a_key_pages_and_search_alone(sample: Sample) -> None:
    with served(sample) as client:
        for path in ("/", "/?q=飞地", f"/articles/{RICH}", "/api/v1/search?q=飞地", f"/api/v1/articles/{RICH}/capture"):
            assert client.get(path).status_code == 200, path
        for path in ("/export?q=飞地&format=csv", "/export/figures", "/feed?q=飞地"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    with served(sample, anonymous=False) as client:
        assert {client.get(path).status_code for path in ("/", "/api/v1/search?q=x", f"/articles/{RICH}")} == {401}
        assert client.get("/session").status_code == client.get("/robots.txt").status_code == 200
        with key(sample, "reader") as headers:
            assert client.get("/", headers=headers).status_code == 200


def test_a_key_opens_exports_and_ends_at_once_everywhere(sample: Sample) -> None:
    with ExitStack() as stack:
        one, other = (stack.enter_context(served(sample)) for _ in range(2))  # as two processes have it
        with key(sample, "zhang") as headers:
            for client in (one, other):
                assert client.get("/export?q=飞地&format=csv", headers=headers).status_code == 200
            with Archive.open(sample.settings) as archive:
                (known,) = [k for k in archive.keys.all() if k.name == "zhang"]
                assert known.last_used and headers["Authorization"][7:] not in repr(known)
                archive.keys.revoke("zhang")
            for client in (one, other):
                answer = client.get("/api/v1/search?q=飞地", headers=headers)
                assert answer.status_code == 401
                assert "invalid_token" in answer.headers["www-authenticate"]


def test_a_key_over_plain_http_is_refused_unless_a_named_proxy_says_tls(sample: Sample) -> None:
    with served(sample) as client, key(sample, "plain") as headers:
        assert client.get("/", headers={**headers, "X-Forwarded-Proto": "http"}).status_code == 403
        del headers["X-Forwarded-Proto"]
        assert client.get("/", headers=headers).status_code == 403
    with served(sample, proxies="10.9.9.9") as client, key(sample, "unnamed") as headers:
        client.base_url = "http://wenku.example"  # type: ignore[assignment]
        assert client.get("/", headers=headers).status_code == 403  # the proxy that says so is not named


def test_a_browser_shows_its_key_once_and_a_session_carries_it(sample: Sample) -> None:
    with served(sample) as client, key(sample, "browser") as headers:
        client.headers.update(HTTPS)
        token = re.search(r'name="csrf" value="(\w+)"', client.get("/session").text)
        assert token
        secret = headers["Authorization"].removeprefix("Bearer ")
        assert client.post("/session", data={"csrf": token[1], "key": secret + "x"}).status_code == 403
        answer = client.post("/session", data={"csrf": token[1], "key": secret}, follow_redirects=False)
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite")) and secret not in cookie
        assert "browser" in client.get("/session").text
        assert client.get("/export?q=飞地&format=csv").status_code == 200
        assert client.get("/export?q=飞地&format=csv", headers={"X-Forwarded-Proto": "http"}).status_code == 401
        with Archive.open(sample.settings) as archive:
            archive.keys.revoke("browser")
        assert client.get("/export?q=飞地&format=csv").status_code == 401


def test_a_user_of_the_proxy_is_known_and_nobody_else_can_say_so(sample: Sample) -> None:
    with served(sample, user_header="X-User") as client:
        assert client.get("/feed?q=飞地", headers={"X-User": "li"}).status_code == 200
        assert client.get("/feed?q=飞地").status_code == 401
    with served(sample, user_header="X-User", proxies="10.9.9.9") as client:
        assert client.get("/feed?q=飞地", headers={"X-User": "li"}).status_code == 401
    with pytest.raises(ConfigurationError, match="PROXIES"):
        Addresses(Settings(user_header="X-User"))
    with pytest.raises(ConfigurationError, match="冒充"):
        Addresses(Settings(proxies="0.0.0.0/0"))


# --- dossiers


def test_a_dossier_is_read_by_its_address_and_changed_by_whom_it_belongs_to(sample: Sample) -> None:
    with served(sample) as owner, served(sample) as other, key(sample, "editor", scope="write") as writes:
        address, token = begun(owner)
        rename = {"csrf": token, "do": "rename", "title": "新"}
        assert owner.post(address, data=rename, follow_redirects=False).status_code == 303
        assert other.get(address).status_code == 200
        assert "改名称" in owner.get(address).text and "改名称" not in other.get(address).text
        assert other.post(address, data=rename).status_code == 403  # the token is of another session
        _, own_token = begun(other)
        assert (
            other.post(address, data={**rename, "csrf": own_token}).status_code == 403
        )  # the dossier is of another browser
        with key(sample, "reads") as reads:
            assert other.post(address, data=rename, headers=reads).status_code == 403
        assert (
            other.post(address, data={**rename, "title": "编"}, headers=writes, follow_redirects=False).status_code
            == 303
        )
        assert "<h1>编</h1>" in owner.get(address).text
        lines = [json.loads(line) for line in (sample.settings.data / "audit.log").read_text().splitlines()]
        said = [line for line in lines if line["on"] == address.rpartition("/")[2][:8]]
        assert [line["what"] for line in said] == ["dossier create", "dossier rename", "dossier rename"]
        assert said[0]["who"].startswith("session:") and said[2]["who"] == "key:editor"
        assert address.rpartition("/")[2] not in json.dumps(lines)


def test_a_dossier_older_than_its_owners_is_changed_with_a_key_alone(sample: Sample) -> None:
    with Archive.open(sample.settings) as archive:
        old = archive.dossiers.create("旧")
    with served(sample) as client, key(sample, "old", scope="write") as headers:
        _, token = begun(client)
        client.cookies.set("dossier", old.token)
        change = {"csrf": token, "do": "rename", "title": "改"}
        assert client.get(f"/dossiers/{old.token}").status_code == 200
        assert client.post(f"/dossiers/{old.token}", data=change).status_code == 403
        assert client.post(f"/dossiers/{old.token}", data=change, headers=headers).status_code == 200


def test_dossiers_and_notes_have_caps(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossiers, "MOST_DOSSIERS", 2)
    monkeypatch.setattr(dossiers, "MOST_WRITTEN", 60)
    with served(sample) as client:
        begun(client)
        address, token = begun(client, "二")
        assert client.post("/dossiers", data={"csrf": token, "title": "三"}).status_code == 409
        note = {"csrf": token, "do": "rename", "title": "二", "note": "字" * 70}
        assert client.post(address, data=note).status_code == 409
        assert client.post(address, data={**note, "note": "字" * 40}).status_code == 200


@given(st.text(max_size=200))
def test_no_session_is_taken_that_was_not_made_here(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    assert Sessions(tmp_path_factory.getbasetemp()).read(value) is None


# --- limits


def test_one_client_too_many_is_told_when_to_come_again(sample: Sample) -> None:
    rates = "search=5/minute export=1/hour captures=2/minute write=1/minute"
    with served(sample, limits=rates) as client:
        told = client.get("/api/v1/limits").json()
        assert {b["name"]: (b["rates"][0]["requests"], b["rates"][0]["seconds"]) for b in told["buckets"]} == {
            "search": (5, 60),
            "export": (1, 3600),
            "captures": (2, 60),
            "write": (1, 60),
        }
        answers = [
            client.get("/api/v1/search?q=飞地", headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.7"})
            for n in range(6)
        ]
        assert [a.status_code for a in answers] == [200] * 5 + [
            429
        ]  # what a client writes before the proxy's hop counts for nothing
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].json()["type"].endswith("too-many-requests")
        assert client.get("/", headers={"X-Forwarded-For": "198.51.100.8"}).status_code == 200
        captures = [client.get(f"/articles/{RICH}/{page}").status_code for page in ("capture", "revisions", "why")]
        assert captures == [200, 200, 429]
        six = [client.get("/", headers={"X-Forwarded-For": f"2001:db8::{n}"}).status_code for n in range(6)]
        assert six == [200] * 5 + [429]  # one /64 is one client
        with key(sample, "fast", limits="search=50/minute") as headers:
            assert {client.get("/", headers=headers).status_code for _ in range(10)} == {200}
    with reader_here(create_application(sample.settings.model_copy(update={"limits": rates}))) as client:
        assert {client.get("/").status_code for _ in range(10)} == {200}  # at this machine there are none


def test_so_much_at_once_and_no_more() -> None:
    limits = Limits()
    with limits.running("export", "a"), limits.running("export", "a"), limits.running("export", "b"):
        with pytest.raises(Problem) as refused, limits.running("export", "a"):
            pass
        assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    with limits.running("export", "a"):
        pass


def test_processes_divide_the_limits() -> None:
    assert Limits(4).share(parse("120/minute")).amount == 30
    assert Limits(4).share(parse("2/minute")).amount == 1


@pytest.mark.parametrize("text", ["search=often", "search=0/minute", "pages=3/minute", "search", "search=1/minute"])
def test_limits_that_cannot_be_read_are_said_before_anything_starts(sample: Sample, text: str) -> None:
    with pytest.raises(ConfigurationError, match="频率"):
        create_application(sample.settings.model_copy(update={"limits": text}))
    with pytest.raises(ConfigurationError):
        read_rates(text)


# --- crawlers, errors


def test_crawlers_are_kept_off_what_is_costly(sample: Sample) -> None:
    with served(sample) as client:
        robots = client.get("/robots.txt").text.splitlines()
        for path in (
            "/articles/*/capture",
            "/articles/*/why",
            "/articles/*/revisions",
            "/export",
            "/?practice=",
            "/api/",
            "/compare",
        ):
            assert f"Disallow: {path}" in robots
        for path in (
            f"/articles/{RICH}/capture",
            f"/articles/{RICH}/why?q=飞地",
            f"/articles/{RICH}/revisions",
            "/?kind=news&year=2023",
            "/matrix?columns=place",
        ):
            answer = client.get(path)
            assert answer.headers["x-robots-tag"].startswith("noindex"), path
            assert '<meta name="robots" content="noindex' in answer.text
        for path in ("/", f"/articles/{RICH}", "/practices", "/sources"):
            answer = client.get(path)
            assert "x-robots-tag" not in answer.headers and 'name="robots"' not in answer.text


def test_errors_tell_no_folder_and_no_database(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("secret-folder") / "data"
    folder.parent.joinpath("data").write_text("a file where the folder should be")
    away = Settings(data=folder, engine="http://user:secret-password@127.0.0.1:9")
    with reader_here(create_application(away)) as client:
        for path in (
            "/",
            "/?q=飞地",
            f"/articles/{RICH}",
            "/api/v1/search?q=x",
            "/api/v1/status",
            "/healthz",
            "/sources",
            "/dossiers",
        ):
            told = client.get(path).text
            assert "secret" not in told and "127.0.0.1:9" not in told and "/tmp" not in told, path


# --- the verbs


def test_a_key_is_given_listed_and_revoked_by_the_command(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    secret = desk.run("keys", "add", "研究组", "--scope", "write").stdout.strip()
    assert re.fullmatch(r"zs_[\w-]{43}", secret)
    assert "已有名为 研究组" in desk.run("keys", "add", "研究组", code=1).stderr
    assert "频率" in desk.run("keys", "add", "b", "--limits", "often", code=1).stderr
    (listed,) = json.loads(desk.run("keys", "list", "--json").stdout)
    assert (listed["name"], listed["scope"], listed["revoked_at"]) == ("研究组", "write", None)
    assert (
        secret not in json.dumps(listed) and secret.encode() not in (tmp_path / "data" / "archive.sqlite").read_bytes()
    )
    desk.run("keys", "revoke", "研究组")
    assert "没有名为" in desk.run("keys", "revoke", "研究组", code=1).stderr
    said = [json.loads(line) for line in (tmp_path / "data" / "audit.log").read_text(encoding="utf-8").splitlines()]
    assert [(line["who"], line["what"], line["on"]) for line in said] == [
        ("cli", "key add", "研究组"),
        ("cli", "key revoke", "研究组"),
    ]
