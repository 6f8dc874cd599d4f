"""TLS, IPv6 and a proxy for both, on this machine, through what asks for single pages and through the crawl's guarded handler."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from crawler.importing.single_page import add_page
from crawler.stages.crawl import crawl
from tests import news_site
from tests.loopback_site import Answer, Site
from tests.sample_sources import write_source
from tests.test_hostile_web import ARTICLE

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", database="", delay=0.0, contact="tests@example.org")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's context with a certificate of its own making: none is verified (0043)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(made).not_valid_after(made + timedelta(days=2))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def respond(path: str) -> Answer | None:
    if path.endswith("/list/"):
        return news_site.rows_of("/a_1.html", "/a_2.html", "/a_3.html")
    return ARTICLE if path.endswith(".html") else None


class Secure(Site):
    """A site over TLS."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(respond=respond)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http://", "https://")


@contextmanager
def tunnels(target: str) -> Iterator[tuple[str, list[str]]]:
    """A proxy that connects whatever host is asked for to `target`, and what it was asked for."""
    asked: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65_536):
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)

    def serve(connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65_536)
        asked.append(head.partition(b"\r\n")[0].decode())
        host, _, port = target.rpartition("//")[2].rpartition(":")
        there = socket.create_connection((host, int(port)))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=pump, args=(there, connection), daemon=True).start()
        pump(connection, there)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        listener.close()


def both_ways(settings: Settings, base: str) -> None:
    """A page added and a source crawled."""
    write_source(settings, f"{base}/list/", name="news")
    with Archive.open(settings) as archive:
        assert add_page(f"{base}/added.html", archive, {}, settings).outcome == "new"
        (report,) = crawl(["news"], archive, settings, now=NOW).sites
    assert (report.new, report.failed) == (3, 0), report.note


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_over_tls(settings: Settings, warm_crawls: None, tls: ssl.SSLContext, host: str) -> None:
    with Secure(tls) as site:
        both_ways(settings, site.url.replace("127.0.0.1", host))


def test_over_ipv6(settings: Settings, warm_crawls: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.loopback_site.ThreadingHTTPServer.address_family", socket.AF_INET6)
    try:
        site = Site(respond=respond, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with site:
        both_ways(settings, site.url)


def test_over_tls_through_the_proxy(settings: Settings, warm_crawls: None, tls: ssl.SSLContext) -> None:
    with Secure(tls) as site, tunnels(site.url) as (proxy, asked):
        both_ways(settings.model_copy(update={"proxy": proxy}), "https://news.example")
    assert set(asked) == {"CONNECT news.example:443 HTTP/1.1"}
