"""What HTTP promises: answers kept and asked for again, compressed, refused by name; addresses as curl and people write them."""

from __future__ import annotations

import socket

import pytest
from starlette.testclient import TestClient

from tests.sample_archive import RICH

pytest_plugins = ["tests.web_fixtures"]

SAME = (
    "/api/v1/search?q=飞地",
    f"/api/v1/articles/{RICH}",
    "/?q=飞地",
    "/practices",
    "/api/v1/documents",
    "/feed?q=飞地",
)


@pytest.mark.parametrize("path", SAME)
def test_who_holds_an_answer_is_told_that_it_is_the_same(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", [f"/articles/{RICH}", "/dossiers", "/session", f"/articles/{RICH}/correct"])
def test_a_page_of_one_browser_is_neither_tagged_nor_compressed(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code == 200
    assert "etag" not in answer.headers and "content-encoding" not in answer.headers
    assert answer.headers["cache-control"].startswith("private, no-")


def test_answers_are_compressed_for_those_who_take_it(client: TestClient) -> None:
    for path in ("/?q=招商引资", "/export?format=jsonl&q=招商引资", "/api/v1/search?q=招商引资"):
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        plain = client.get(path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip", path
        assert "content-encoding" not in plain.headers
        assert "accept-encoding" in packed.headers["vary"].lower()
    assert "content-encoding" not in client.get("/export?format=xlsx&q=招商引资").headers


@pytest.mark.parametrize(
    ("path", "name", "near"),
    [
        ("/api/v1/search?q=飞地&regoin=湖南", "regoin", "region"),
        ("/api/v1/search?query=飞地", "query", "q"),
        ("/api/v1/documents?helt=true", "helt", "held"),
        (f"/api/v1/articles/{RICH}?standart=2015", "standart", "standard"),
        ("/export?format=csv&q=飞地&practise=飞地", "practise", "practice"),
        ("/feed?q=飞地&sinse=2024-01-01", "sinse", "since"),
        ("/api/v1/suggest?q=飞地&Size=3", "Size", "size"),
    ],
)
def test_the_api_refuses_a_parameter_that_it_does_not_know(client: TestClient, path: str, name: str, near: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    told = answer.json()
    assert told["type"] == "urn:zhaoshang:problem:unknown-parameters"
    assert told["errors"][0]["name"] == name
    assert f"是不是 {near}？" in told["detail"]


def test_pages_stay_lenient_and_the_links_of_the_api_lead_somewhere(client: TestClient) -> None:
    assert client.get("/?q=飞地&utm_source=weixin").status_code == 200
    links = client.get("/api/v1/search?q=招商引资&sort=oldest&strict=1&size=2&page=2").json()["links"]
    for link in (links["self"], links["next"], links["previous"], links["feed"], *links["exports"].values()):
        assert client.get(link).status_code == 200, link


def _raw(address: str, request: bytes) -> bytes:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        for piece in request.split(b"|"):
            connection.sendall(piece)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("cut", ["", "|"])
def test_a_query_that_nobody_escaped_is_answered(address: str, encoding: str, cut: str) -> None:
    asked = f"GET /?q=飞{cut}地 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(encoding)
    answer = _raw(address, asked.replace(b"Host: x", f"Host: {address.removeprefix('http://')}".encode()))
    told = answer.decode("utf-8")
    if encoding == "utf-8":
        assert told.startswith("HTTP/1.1 200") and "飞地" in told
    else:
        assert told.startswith("HTTP/1.1 303") and "q=%E9%A3%9E%E5%9C%B0" in told


def test_the_second_request_of_a_connection_too(address: str) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        for query in ("飞地", "招商"):
            connection.sendall(f"\r\nGET /api/v1/suggest?q={query} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            answer = b""
            while not answer.endswith(b"]}"):
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200") and query in answer.decode("utf-8")
    wrong = _raw(address, b"GET / nonsense\r\n\r\n")
    assert wrong.startswith(b"HTTP/1.1 400") and "不合 HTTP" in wrong.decode("utf-8")


@pytest.mark.parametrize("path", ["/none", "/article/1", f"/articles/{'0' * 16}", "/sources/none", "/practices/none"])
def test_what_is_not_there_is_said_with_the_way_on(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert 'action="/"' in answer.text and 'href="/help"' in answer.text and 'href="/"' in answer.text
    program = client.get("/api/v1/none")
    assert program.status_code == 404 and program.json()["title"] == "没有这个地址"
