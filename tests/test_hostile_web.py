"""A web that wants in: addresses that are not public however they are spelled or reached, answers without an end. Over loopback, by single pages and by the crawl."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from crawler.importing.single_page import add_page
from crawler.probing.discover import discover
from crawler.probing.probe import check, probe
from crawler.sources import load_registry
from crawler.stages.crawl import crawl
from crawler.terminal import Refusal
from crawler.web import fetcher as fetching
from crawler.web.address_guard import (
    AddressGuard,
    RefusedAddressError,
    address_in,
    names_of,
    parse_hosts,
    place_of,
    why_not_public,
)
from crawler.web.fetcher import BudgetSpent, Fetcher, FetchError, Unreachable
from crawler.web.site_policy import SitePolicy, site_policy
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
TEXT = "样例县举行招商引资项目集中签约仪式，签约项目二十个，总投资一百亿元。" * 6
ARTICLE = Answer(
    f"<html><head><title>样例县招商引资</title></head><body><h1>样例县招商引资</h1><p>{TEXT}</p></body></html>"
)
NETWORKS = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
    "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip


def inside() -> st.SearchStrategy[ipaddress.IPv4Address]:
    return st.sampled_from(NETWORKS).flatmap(lambda network: st.ip_addresses(v=4, network=network))


def spellings(address: ipaddress.IPv4Address) -> st.SearchStrategy[str]:
    """How resolvers let an IPv4 address be written: one to four numbers, each decimal, octal or hexadecimal."""

    def spell(count: int, bases: list[str]) -> str:
        packed = list(address.packed)
        numbers = [*packed[: count - 1], int.from_bytes(bytes(packed[count - 1 :]), "big")]
        return ".".join(base.format(number) for base, number in zip(bases, numbers, strict=False))

    base = st.sampled_from(["{}", "0{:o}", "0x{:x}", "0X{:X}", "0x000{:x}"])
    return st.builds(spell, st.integers(1, 4), st.lists(base, min_size=4, max_size=4))


def embedded(address: ipaddress.IPv4Address) -> list[str]:
    number = int(address)
    return [
        f"[{ipaddress.IPv6Address(prefix + part)}]"
        for prefix, part in (
            (0, number),
            (0xFFFF << 32, number),
            (0x64FF9B << 96, number),
            (0x2002 << 112, number << 80),
            (0x20010000 << 96, number ^ 0xFFFFFFFF),
        )
    ]


def refused(url: str, named: frozenset[str] = frozenset()) -> bool:
    try:
        AddressGuard(named).check_spelled(place_of(url))
    except RefusedAddressError:
        return True
    return False


@given(inside().flatmap(lambda address: st.tuples(st.just(address), spellings(address))))
def test_an_address_is_seen_through_its_spelling(case: tuple[ipaddress.IPv4Address, str]) -> None:
    address, spelled = case
    wide = spelled.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"} | {ord("."): "。"})
    for host in (spelled, f"{spelled}.", wide, f"user:pass@{spelled}"):
        assert place_of(f"http://{host}:81/x").host == str(address)
        assert refused(f"http://{host}:81/x") and not refused(
            f"http://{host}:81/x", names_of([f"http://{address}:81/"])
        )


@given(st.one_of(inside(), st.ip_addresses(v=4)))
def test_an_ipv4_address_within_ipv6_is_refused_whatever_it_is(address: ipaddress.IPv4Address) -> None:
    assert all(refused(f"http://{host}/") for host in embedded(address))


@given(st.ip_addresses())
def test_what_is_not_global_is_not_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert address.is_global or why_not_public(address)


@pytest.mark.parametrize("host", ["1.1.1.1", "114.114.114.114", "[2400:3200::1]", "[240e::1]"])
def test_public_addresses_are_asked(host: str) -> None:
    assert not refused(f"http://{host}/")


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost.", "a.localhost", "[::1]", "[fe80::1%25eth0]", "[fd00::1]", "[ff02::1]", "0"]
)
def test_this_machine_and_its_network_are_not(host: str) -> None:
    assert refused(f"http://{host}/")


@pytest.mark.parametrize("name", ["1.2.3.4.5", "256.1.1.1", "1.example", "0x", "08.1.1.1", "a.b", ""])
def test_names_are_no_addresses(name: str) -> None:
    assert address_in(name) is None


def test_the_setting_names_hosts() -> None:
    guard = AddressGuard(
        parse_hosts("WWW.Nei.example, 10.0.0.5:8080；".rstrip("；") + " .oa.example，[fd00::1]:81 招商.example")
    )
    named = [
        "http://www.nei.example:9/",
        "http://10.0.0.5:8080/",
        "http://a.oa.example/",
        "http://[fd00::1]:81/",
        "http://招商.example/",
    ]
    assert all(guard.is_named(place_of(url)) for url in named)
    others = [
        "http://nei.example/",
        "http://10.0.0.5/",
        "http://oa.example/",
        "http://xoa.example/",
        "http://[fd00::1]/",
    ]
    assert not any(guard.is_named(place_of(url)) for url in others)


# --- over loopback: a site that was named, and a second one that nobody named


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path, delay=0.0, contact="tests@example.org")


@pytest.fixture
def secret() -> Iterator[Site]:
    with Site(respond=lambda path: ARTICLE, host="127.0.0.2") as site:
        yield site
        assert site.log == [], "it was asked"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What each name resolves to; a name is taken from this table with each question, the last answer stays."""
    table: dict[str, list[str]] = {
        "inside.example": ["127.0.0.2"],
        "both.example": ["1.1.1.1 127.0.0.2"],
        "named.example": ["127.0.0.1"],
    }
    real = socket.getaddrinfo

    def answer(host: str, port: object, *rest: int, **named: int) -> list[tuple[object, ...]]:
        if host not in table:
            assert address_in(host) or host == "localhost", f"{host} was looked up"
            return list(real(host, None, *rest, **named))
        told = table[host].pop(0) if len(table[host]) > 1 else table[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in told.split()]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return table


def elsewhere(secret: Site) -> dict[str, str]:
    port = secret.url.rpartition(":")[2]
    return {
        "another address of this machine": secret.url,
        "another name of this machine": f"http://localhost:{port}",
        "a number": f"http://2130706434:{port}",
        "hexadecimal": f"http://0x7f.2:{port}",
        "octal": f"http://0177.0.0.2:{port}",
        "wide digits": f"http://１２７.0.0.2:{port}",
        "zero": f"http://0:{port}",
        "within ipv6": f"http://[::ffff:127.0.0.2]:{port}",
        "a name": f"http://inside.example:{port}",
        "a name of two addresses": f"http://both.example:{port}",
        "metadata": "http://169.254.169.254/latest",
        "a file": "file:///etc/hostname?",
        "ftp": f"ftp://127.0.0.1:{port}",
        "data": "data:text/html,",
    }


def links(url: str) -> str:
    rows = "".join(
        f'<li><a href="{url}/{n}.html">样例县举行第{n}场招商引资项目集中签约仪式</a> 2026-02-0{n}</li>'
        for n in range(1, 7)
    )
    return f"<html><body><ul>{rows}</ul></body></html>"


LEADS: dict[str, Callable[[str], Answer]] = {
    "a redirect": lambda url: Answer("", 302, {"Location": f"{url}/x"}),
    "a refresh": lambda url: Answer(f'<html><meta http-equiv="refresh" content="0;url={url}/x"></html>'),
    "a script": lambda url: Answer(f'<html><script>location.href="{url}/x"</script></html>'),
    "a frame": lambda url: Answer(f'<html><body><iframe src="{url}/x" width="100%"></iframe></body></html>'),
    "links": lambda url: Answer(links(url)),
    "a document": lambda url: Answer(
        f'<html><head><title>样例县招商引资</title></head><body><h1>样例县招商引资</h1><p><a href="{url}/x.docx">样例县招商引资公告.docx</a></p>'
        f'<iframe src="{url}/x.pdf"></iframe></body></html>'
    ),
    "a home page": lambda url: Answer(f'<html><body><a href="{url}/zsyz/">招商引资</a><a href="{url}/map">网站地图</a></body></html>'),
}  # fmt: skip


@pytest.mark.parametrize("way", LEADS)
def test_no_verb_is_led_into_the_network(settings: Settings, secret: Site, way: str) -> None:
    places = elsewhere(secret)
    if way != "a redirect":  # which is where the spellings are tried
        places = {name: places[name] for name in ("another address of this machine", "a name", "a file")}
    for n, url in enumerate(places.values()):
        with Site(respond=lambda path, url=url: LEADS[way](url)) as site, Archive.open(settings) as archive:
            site.pages["/robots.txt"] = Answer("", 404)
            write_source(settings, f"{site.url}/list/", name=f"s{n}")
            source = load_registry(settings)[f"s{n}"]
            assert probe(f"{site.url}/", settings).status != "verified" or way == "links"
            check(source, archive, settings, now=NOW)
            page, home = f"{site.url}/1.html", site.url
            for verb in (partial(add_page, page, archive, {}, settings), partial(discover, home, settings)):
                try:
                    verb()
                except Refusal:
                    continue
                assert way != "a redirect"
            assert site.asked


def test_a_named_host_is_asked_and_told_what_it_is_called(settings: Settings) -> None:
    with Site(respond=lambda path: ARTICLE) as site:
        url = f"http://named.example:{site.url.rpartition(':')[2]}/1.html"
        with pytest.raises(
            FetchError, match=r"named\.example，解析为 127\.0\.0\.1：本机地址，不访问.*ZHAOSHANG_PRIVATE_HOSTS"
        ):
            Fetcher(settings, 9).get(url)
        assert Fetcher(settings, 9, named=names_of([url])).get(url).status == 200
        with pytest.raises(FetchError, match="不访问"):  # a name is named for its port
            Fetcher(settings, 9, named=names_of(["http://named.example/"])).get(url)
        assert Fetcher(settings.model_copy(update={"private_hosts": "named.example"}), 9).get(url).status == 200


def test_a_name_is_resolved_once(settings: Settings, names: dict[str, list[str]]) -> None:
    with Site(respond=lambda path: ARTICLE) as site:
        names["moving.example"] = ["127.0.0.1", "127.0.0.99"]  # where nothing listens
        url = f"http://moving.example:{site.url.rpartition(':')[2]}/1.html"
        fetcher = Fetcher(settings, 9, named=names_of([url]))
        assert [fetcher.get(url).status for _ in range(2)] == [200, 200]


def test_a_proxy_of_the_setting_resolves_the_names(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what holds is told by the address alone. A proxy of the environment is not asked."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Site(respond=lambda path: ARTICLE) as site:
        fetcher = Fetcher(settings.model_copy(update={"proxy": site.url}), 20, named=names_of([f"{site.url}/"]))
        assert fetcher.get("http://news.example/1.html").status == 200
        assert ("http://news.example/1.html", 200) in site.log
        assert fetcher.get(f"{site.url}/2.html").status == 200 and ("/2.html", 200) in site.log
        for url in ("http://10.0.0.1/", "http://localhost:1/", "http://0x7f.2/"):
            with pytest.raises(FetchError, match="不访问"):
                fetcher.get(url)


# --- answers without an end


def forever(first: bytes, more: bytes, pause: float) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += connection.recv(65_536)
        if b"/robots.txt" in asked:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        connection.sendall(first)
        while True:
            connection.sendall(more)
            time.sleep(pause)

    return serve


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that talks to each connection as `serve` does, until whoever asked hangs up."""

    def talk(connection: socket.socket) -> None:
        with connection:
            try:
                serve(connection)
            except OSError:
                return  # they hung up

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return  # closed
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
ENDLESS = {
    "slow status": (forever(b"", b"H", 0.05), "超时"),
    "slow headers": (forever(OK, b"X: y\r\n", 0.1), "超时|响应头"),
    "one slow header": (forever(OK + b"X: ", b"y", 0.05), "超时"),
    "slow body": (forever(OK + b"\r\n", b"<p>", 0.05), "超时"),
    "slow chunks": (forever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.05), "超时"),
    "slow trailers": (forever(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", 0.05), "超时"),
    "interim answers": (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.02), "超时|响应头"),
    "endless headers": (forever(OK, b"X: y\r\n" * 9_000, 0.0), "响应头"),
    "an endless header": (forever(OK + b"X: ", b"y" * 60_000, 0.0), "响应头|连接中断"),
    "endless interim answers": (forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 9_000, 0.0), "响应头"),
}


def hurry(policy: SitePolicy) -> SitePolicy:
    return replace(policy, timeout=0.8)


@pytest.mark.parametrize("case", ENDLESS)
def test_no_answer_outlasts_its_deadline(settings: Settings, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    serve, told = ENDLESS[case]
    monkeypatch.setattr(fetching, "site_policy", lambda s: hurry(site_policy(s)))
    with listening(serve) as url, pytest.raises(Unreachable, match=told):
        Fetcher(settings, 9, named=names_of([url])).get(f"{url}/1.html")


def test_all_answers_of_a_verb_have_one_deadline(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "site_policy", lambda s: replace(site_policy(s), timeout=0.3, verb_timeout=0.5))
    with listening(ENDLESS["slow body"][0]) as url:
        fetcher = Fetcher(settings, 99, named=names_of([url]))
        with pytest.raises(BudgetSpent, match="等回答的时间已用完"):
            for _ in range(9):
                try:
                    fetcher.get(f"{url}/1.html")
                except Unreachable:
                    continue
        assert fetcher.requests < 9


# --- the crawl

PROGRAM = """#!{python}
import dataclasses, socket, sys
import crawler.web.site_policy as module
real, asked = module.site_policy, socket.getaddrinfo
module.site_policy = lambda s: dataclasses.replace(real(s), timeout=1.5)
def answer(host, *rest, **named):
    if host.endswith(".example"):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host.partition(".")[0].replace("-", "."), 0))]
    return asked(host, *rest, **named)
socket.getaddrinfo = answer
from crawler.stages.crawl_process import main
main()
"""


@pytest.fixture
def warm_crawls(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crawls with a short deadline and names of their own: 127-0-0-2.example is 127.0.0.2."""
    script = tmp_path_factory.mktemp("bin") / "python"
    script.write_text(PROGRAM.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))


def test_the_crawl_is_led_nowhere_and_says_what_happened(
    settings: Settings, secret: Site, warm_crawls: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = secret.url.rpartition(":")[2]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with (
        listening(ENDLESS["endless headers"][0]) as endless,
        listening(ENDLESS["slow headers"][0]) as slow,
        Site() as site,
    ):
        site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /not\n")
        bomb = brotli.compress(bytes(20_000_001), quality=1)
        entries: dict[str, tuple[str, Answer | None, str, str]] = {
            # address → what the site says there, the state of the page and what is told
            "good": (f"{site.url}/1.html", ARTICLE, "fetched", ""),
            "inside": (f"http://127-0-0-2.example:{port}/2.html", None, "failed", "127-0-0-2.example，解析为 127.0.0.2：本机地址"),
            "metadata": ("http://169-254-169-254.example/3.html", None, "failed", "链路本地地址"),
            "led inside": (f"{site.url}/4.html", Answer("", 302, {"Location": f"http://127-0-0-2.example:{port}/4.html"}), "failed", "本机地址"),
            "a file": (f"{site.url}/5.html", Answer("", 302, {"Location": "file:///etc/hostname"}), "failed", ""),
            "a loop": (f"{site.url}/6.html", Answer("", 302, {"Location": "/6.html"}), "failed", "转向次数过多"),
            "a bomb": (f"{site.url}/7.html", Answer(bomb, 200, {"Content-Encoding": "br"}), "failed", "超过大小上限"),
            "a long address": (f"{site.url}/8.html?x={'8' * 2000}", None, "gone", "网址超过 2000 个字符"),
            "endless headers": (f"{endless}/9.html", None, "failed", "响应头过长"),
            "slow headers": (f"{slow}/10.html", None, "failed", "超时"),
            "forbidden": (f"{site.url}/not.html", None, "gone", "robots.txt 不允许"),
        }  # fmt: skip
        rows = "".join(
            f'<li><a href="{url}">样例县举行{name}招商引资项目集中签约仪式</a> 2026-02-0{n % 9 + 1}</li>'
            for n, (name, (url, *_)) in enumerate(entries.items())
        )
        site.pages["/list/"] = Answer(f"<html><body><ul>{rows}</ul></body></html>")
        site.pages |= {url.removeprefix(site.url): said for url, said, *_ in entries.values() if said}
        hosts = [".example", endless.removeprefix("http://"), slow.removeprefix("http://")]
        write_source(settings, f"{site.url}/list/", name="hostile", allowed_hosts=str(hosts).replace("'", '"'))
        with Archive.open(settings) as archive:
            (report,) = crawl(["hostile"], archive, settings, now=NOW).sites
            assert report.lists == 1, report.note
            for name, (url, _, state, told) in entries.items():
                page = archive.frontier.page(url)
                assert page is not None and page.state == state, (name, page)
                assert told in (page.reason or ""), name
                assert (page.next_visit is not None) == (state != "gone"), name
        assert report.finish == "finished"


def test_the_crawl_asks_through_the_proxy_of_the_setting(settings: Settings, warm_crawls: None) -> None:
    def respond(path: str) -> Answer:
        return Answer(links("http://news.example")) if path == "http://news.example/list/" else ARTICLE

    with Site({"http://news.example/robots.txt": Answer("", 404)}, respond) as proxy:
        settings = settings.model_copy(update={"proxy": proxy.url})
        write_source(settings, "http://news.example/list/", name="news")
        with Archive.open(settings) as archive:
            (report,) = crawl(["news"], archive, settings, now=NOW).sites
    assert (report.new, report.failed) == (6, 0), report.note
    assert all(path.startswith("http://news.example/") for path, _ in proxy.log)
