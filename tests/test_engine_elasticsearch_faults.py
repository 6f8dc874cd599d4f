"""What goes wrong between the program and its server is said in one Chinese sentence that names what to do.

Refused, read-only, an older mapping, foreign indices and a wrong version are a real node's own answers (the last one recorded: it needs client 9 against
server 8.19). 401, 403, TLS, keys and fingerprints are the client's side alone, through a proxy: a server with security on was not run.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import re
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from indexer.analysis.fields import prepare
from indexer.engines.base import EngineError, EngineUnavailable, IndexOutdated, MatchAll, Request
from indexer.engines.elasticsearch import client
from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from indexer.engines.registry import open_engine
from tests.elasticsearch.node import free_port
from tests.elasticsearch.proxy import Answer, proxy, refusal
from tests.elasticsearch.server import engine_at, server
from tests.engine_contract import sample

pytestmark = pytest.mark.elasticsearch


def said(engine: ElasticsearchEngine) -> str:
    """What a search, `doctor` and a write all say."""
    with pytest.raises(EngineError) as read:
        engine.execute(Request(MatchAll()))
    with pytest.raises(EngineError) as written:
        engine.write((prepare(d) for d in sample(1)), (), 1)
    assert engine.health().problem == read.value.reason == written.value.reason
    assert re.search("[一-龥]", read.value.reason) and "\n" not in read.value.reason
    engine.close()
    return read.value.reason


def test_refused(tmp_path: Path) -> None:
    assert "拒绝连接" in said(engine_at(f"http://someone:secret@127.0.0.1:{free_port()}", tmp_path))


def test_a_host_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "没有按时回答" in said(engine_at(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(401, "security_exception", "unable to authenticate user"), "401"),
        (refusal(403, "security_exception", "action is unauthorized for user"), "没有权限（403）"),
        (refusal(413, "content_too_long_exception", "entity too large"), "413"),
        (refusal(503, "cluster_block_exception", "blocked by: state not recovered / initialized"), "太忙或正在恢复"),
        # recorded: client 9.5.1 asks server 8.19.21
        (
            refusal(400, "media_type_header_exception", "Invalid media-type value on headers [Accept]"),
            "pip install 'elasticsearch<9'",
        ),
    ],
)
def test_refusals(tmp_path: Path, answer: Answer, words: str) -> None:
    with proxy("http://127.0.0.1:9", lambda *_: answer) as url:
        reason = said(engine_at(url.replace("//", "//someone:secret@"), tmp_path))
    assert words in reason and "secret" not in reason


def test_name_password_and_key_arrive(tmp_path: Path) -> None:
    seen: list[str] = []

    def look(_: str, __: str, headers: dict[str, str], ___: bytes) -> None:
        seen.append(headers["authorization"])

    with proxy(server("9.5.3"), look) as url:
        engine_at(url.replace("//", "//someone:p%40ss@"), tmp_path).health()
        engine_at(url, tmp_path, engine_api_key="a2V5OnNlY3JldA==").health()
    assert {"Basic c29tZW9uZTpwQHNz", "ApiKey a2V5OnNlY3JldA=="} == set(seen)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_tls(tmp_path: Path) -> None:
    own, other = certificate(tmp_path, "own"), certificate(tmp_path, "other")
    plain = server("9.5.3")
    with proxy(plain, lambda *_: None, own) as url:
        print_of_own = hashlib.sha256(ssl.PEM_cert_to_DER_cert(own[0].read_text())).hexdigest()
        assert engine_at(url, tmp_path, engine_ca=str(own[0])).health().ok
        assert engine_at(url, tmp_path, engine_fingerprint=print_of_own).health().ok
        assert "ZHAOSHANG_ENGINE_CA" in said(engine_at(url, tmp_path))
        assert "ZHAOSHANG_ENGINE_CA" in said(engine_at(url, tmp_path, engine_ca=str(other[0])))
        assert "ZHAOSHANG_ENGINE_FINGERPRINT" in said(engine_at(url, tmp_path, engine_fingerprint="00" * 32))
        assert "https://" in said(engine_at(url.replace("https:", "http:"), tmp_path))
    assert "http://" in said(engine_at(plain.replace("http:", "https:"), tmp_path, engine_ca=str(own[0])))
    for useless in (tmp_path / "missing.crt", Path(__file__)):
        with pytest.raises(EngineUnavailable, match="ZHAOSHANG_ENGINE_CA"):
            engine_at(plain.replace("http:", "https:"), tmp_path, engine_ca=str(useless))


def test_read_only_as_by_the_disks_watermark(tmp_path: Path) -> None:
    engine = engine_at(server("9.5.3"), tmp_path, write=True)
    engine.write((prepare(d) for d in sample(5)), (), 5)
    for block in ("read_only_allow_delete", "write"):
        engine.client.indices.put_settings(index=engine.alias, settings={f"index.blocks.{block}": True})
        with pytest.raises(EngineUnavailable, match=r"只读.*磁盘"):
            engine.write((prepare(d) for d in sample(9)), (), 9)
        assert engine.execute(Request(MatchAll())).total == 5  # it can still be searched
        health = engine.health()
        assert not health.ok and "只读" in (health.problem or "")
        engine.client.indices.put_settings(index=engine.alias, settings={f"index.blocks.{block}": None})
    assert engine.cursor() == 5 and engine.write((prepare(d) for d in sample(9)), (), 9).failed == ()
    assert engine.health().ok and engine.cursor() == 9


def test_a_new_index_that_finds_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As above the disk's high watermark: no node takes its shards."""
    monkeypatch.setattr("indexer.engines.elasticsearch.indices.SERVER_WAITS", "1s")
    engine = engine_at(server("9.5.3"), tmp_path, write=True)
    engine.write((prepare(d) for d in sample(5)), (), 5)
    template = {"settings": {"routing.allocation.require._name": "a node that is not there"}}
    engine.client.indices.put_index_template(
        name=engine.alias, index_patterns=[f"{engine.alias}-0*"], template=template
    )
    with pytest.raises(EngineUnavailable, match=r"没有地方放新索引.*水位"):
        engine.rebuild((prepare(d) for d in sample(7)), 7)
    engine.client.indices.delete_index_template(name=engine.alias)
    assert len(engine.client.indices.get(index=f"{engine.alias}-0*")) == 1
    assert engine.execute(Request(MatchAll())).total == 5 and engine.health().ok


@pytest.mark.parametrize("old", ["shape", "analysis"])
def test_an_index_of_an_older_mapping_or_analysis_says_so_and_can_be_rebuilt(tmp_path: Path, old: str) -> None:
    engine = engine_at(server("9.5.3"), tmp_path, write=True)
    engine.write((prepare(d) for d in sample(5)), (), 5)
    ((name, body),) = engine.client.indices.get_mapping(index=engine.alias).items()
    engine.client.indices.put_mapping(index=name, meta={**body["mappings"]["_meta"], old: "0"})
    with pytest.raises(IndexOutdated, match="index --rebuild"):
        engine.write((), (), 6)
    with pytest.raises(IndexOutdated, match="index --rebuild"):
        engine_at(server("9.5.3"), tmp_path).execute(Request(MatchAll()))
    assert "index --rebuild" in (engine.health().problem or "")
    engine.rebuild((prepare(d) for d in sample(7)), 7)
    assert engine.execute(Request(MatchAll())).total == 7 and engine.health().ok


def test_indices_of_others_are_left_alone(tmp_path: Path) -> None:
    engine = engine_at(server("9.5.3"), tmp_path, write=True)
    engine.client.indices.create(index=engine.alias)
    for use in (
        lambda: engine.write((), (), 1),
        lambda: engine.rebuild((), 1),
        lambda: engine.execute(Request(MatchAll())),
    ):
        with pytest.raises(EngineError, match="ZHAOSHANG_ENGINE_INDEX"):
            use()
    assert engine.client.indices.exists(index=engine.alias)
    engine.client.indices.delete(index=engine.alias)


def test_what_is_no_address(tmp_path: Path) -> None:
    for url in ("https://", "http://127.0.0.1:notaport", "http://a:1,https:"):
        with pytest.raises(EngineUnavailable, match="ZHAOSHANG_ENGINE"):
            engine_at(url, tmp_path)
    with pytest.raises(EngineUnavailable, match="无法识别"):
        from crawler.configuration import load_settings

        open_engine(load_settings(engine="solr", data=tmp_path))
