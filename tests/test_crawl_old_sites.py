"""Sites of yesterday on real loopback servers: old TLS, small keys, chains cut short, HTTP/1.0; and those that only IPv6 reaches."""

from __future__ import annotations

import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.probing.check import check
from crawler.probing.discover import discover
from crawler.probing.probe import probe
from crawler.sources import load_registry
from tests.crawl_desk import NOW, visit
from tests.loopback_site import Answer, Site
from tests.news_site import News, title
from tests.sample_sources import write_source
from zhaoshang.doctor import examine

LEGACY = 'tls = "legacy"'


def server_side(folder: Path, version: ssl.TLSVersion, bits: int = 1024) -> ssl.SSLContext:
    """A server that speaks one version of TLS, with a small key whose issuer nobody knows and which it does not send."""
    issuer, own = (rsa.generate_private_key(65537, size) for size in (2048, bits))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    between = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an issuer in between")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(between).public_key(own.public_key())
    made = made.serial_number(1).not_valid_before(NOW - timedelta(9)).not_valid_after(NOW - timedelta(1))
    pem = made.sign(issuer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem += own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(file)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = version
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_tls_1_0_is_spoken_for_a_source_that_allows_it(tmp_path: Path, archive: Archive, settings: Settings) -> None:
    with Site(respond=News(5), tls=server_side(tmp_path, ssl.TLSVersion.TLSv1)) as site:
        start = f"{site.url}/index.html"
        write_source(settings, start)
        refused = visit(archive, settings)
        assert (refused.outcome, refused.new) == ("failed", 0) and LEGACY in refused.note
        assert LEGACY in check(load_registry(settings)["sample"], archive, settings).changes[0]
        found = probe(start, settings)
        assert (found.status, len(found.entries), found.draft["tls"]) == ("verified", 5, "legacy")
        assert any(LEGACY in line for line in found.lines())

        write_source(settings, start, tls='"legacy"')
        read = visit(archive, settings)
        assert (read.outcome, read.new) == ("ok", 5)
        assert check(load_registry(settings)["sample"], archive, settings).ok
        archive.frontier.set_source("sample", enabled=True)
        assert any(LEGACY in finding.text and "sample" in finding.text for finding in examine(settings))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_discover_speaks_tls_1_0_where_nothing_else_is_answered(tmp_path: Path, settings: Settings) -> None:
    pages = {
        "/": Answer('<body><a href="/zsdt/">招商动态</a></body>'),
        "/zsdt/": Answer("".join(f'<li><a href="/a_{n}.html">{title(n)}</a> 2026-02-0{n}</li>' for n in range(1, 7))),
    }
    with Site(pages, tls=server_side(tmp_path, ssl.TLSVersion.TLSv1)) as site:
        found = discover(site.url + "/", settings)
        assert [(c.entries, c.draft["tls"]) for c in found.candidates] == [(6, "legacy")], found.passed


def test_a_small_key_and_a_chain_cut_short_need_nothing(tmp_path: Path, archive: Archive, settings: Settings) -> None:
    with Site(respond=News(5), tls=server_side(tmp_path, ssl.TLSVersion.TLSv1_2)) as site:
        write_source(settings, f"{site.url}/index.html")
        assert visit(archive, settings).new == 5
        assert probe(f"{site.url}/index.html", settings).tls == ""


def test_a_server_that_speaks_no_tls_at_all_is_not_helped_by_old_tls(archive: Archive, settings: Settings) -> None:
    with Site(respond=News(5)) as site:
        write_source(settings, f"{site.url.replace('http:', 'https:')}/index.html")
        assert LEGACY not in visit(archive, settings).note


def test_answers_of_http_1_0(archive: Archive, settings: Settings) -> None:
    with Site(respond=News(5), protocol="HTTP/1.0") as site:
        write_source(settings, f"{site.url}/index.html")
        assert visit(archive, settings).new == 5
        assert len(probe(f"{site.url}/index.html", settings).entries) == 5


def test_a_host_that_only_ipv6_reaches(archive: Archive, settings: Settings) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probed:
            probed.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    with Site(respond=News(5), host="::1") as site:
        write_source(settings, f"{site.url}/index.html")
        assert visit(archive, settings).new == 5
        assert len(probe(f"{site.url}/index.html", settings).entries) == 5
