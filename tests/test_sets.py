"""Work on sets: a file of queries, the words typical of what a query finds, the whole archive in parts."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import math
import subprocess
from base64 import b64decode
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crawler.archive import Archive
from crawler.article import Article, article_id
from crawler.configuration import Settings, settings
from crawler.terminal import Refusal
from indexer.engines.registry import open_engine
from indexer.indexing.stage import index
from search_api.commands import open_searcher
from search_api.exports.batch import COLUMNS, batch_lines, read_queries
from search_api.exports.records import Recorder
from search_api.exports.whole_archive import write_archive
from search_api.services.typical_words import LEAST, log_likelihood, typical_words
from search_api.web.app_state import AppState
from tests.sample_archive import Sample

pytest_plugins = ["tests.web_fixtures"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_of_queries_gives_a_table_of_hits(
    sample: Sample, tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "queries.csv"
    file.write_text('编号,检索式,备注\n甲,飞地,"x,y"\n乙,"""以商招商"" -证券",\n,\n丙,决无此语,\n', encoding=encoding)
    queries = read_queries(file)
    assert queries == [("甲", "飞地"), ("乙", '"以商招商" -证券'), ("丙", "决无此语")]
    monkeypatch.setenv("ZHAOSHANG_DATA", str(sample.settings.data))
    finished: list[int] = []
    settings.cache_clear()  # another test of this process may have read its own
    with open_searcher() as searcher:
        settings.cache_clear()
        written = b"".join(batch_lines(searcher, queries, base="http://h", top=2, strict=True, done=finished.append))
        total = searcher.count("飞地")
    heading, *rows = csv.reader(io.StringIO(written.decode("utf-8-sig")))
    assert tuple(heading) == COLUMNS and finished == [1, 2, 3]
    hits = [dict(zip(heading, row, strict=True)) for row in rows]
    first = [hit for hit in hits if hit["检索编号"] == "甲"]
    assert [hit["名次"] for hit in first] == ["1", "2"][: len(first)] and first[0]["命中总数"] == str(total)
    assert first[0]["文库网址"].startswith("http://h/articles/") and "飞地" in first[0]["摘句"]
    (none,) = [hit for hit in hits if hit["检索编号"] == "丙"]
    assert (none["命中总数"], none["名次"], none["标题"]) == ("0", "", "")


def test_a_batch_is_asked_over_http_too(client: TestClient) -> None:
    answer = client.get("/export/batch", params={"q": ["飞地", "决无此语"], "top": 1, "strict": "1"})
    heading, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert tuple(heading) == COLUMNS and [(row[0], row[3]) for row in rows] == [("1", "1"), ("2", "")]
    assert client.get("/export/batch").status_code == 422
    assert client.get("/export/batch", params={"q": ["飞地"] * 11}).status_code == 422


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "词,备注\n飞地,\n", "列名 query 或 检索式"),
        ("b.csv", "id,query\n1\n", "第 2 行只有 1 列"),
        ("c.jsonl", '{"query": "飞地"}\n', "第 1 行应为"),
    ],
)
def test_a_wrong_table_of_queries_is_named(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match=told):
        read_queries(tmp_path / name)


def test_log_likelihood_is_that_of_the_worked_example() -> None:
    """By hand: 20 of 1,000 against 10 of 2,000: expected 10 and 20."""
    assert math.isclose(log_likelihood(20, 10, 1000, 2000), 2 * (20 * math.log(2) + 10 * math.log(0.5)))
    assert log_likelihood(10, 20, 1000, 2000) == 0
    assert log_likelihood(10, 0, 1000, 1000) == pytest.approx(2 * 10 * math.log(2))


def test_words_typical_of_a_set_are_those_that_it_has_more_of(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with Archive.open(settings) as archive:
        for n in range(40):
            subject = ("储能电池扩产，电池储能。" if n % 4 == 0 else "古镇旅游节开幕，游客很多。") * 4
            burst = "独一无二词语" * 30 if n == 0 else ""
            text = f"第{n}次招商引资推进会召开，会议要求优化营商环境。{subject}{burst}"
            key = f"http://a.example/{n}.html"
            archive.articles.save(Article(article_id(key), key, key, f"会议{n}", text), capture=None)
        archive.readings.save_clusters({archive.articles.ids()[0]: "c"})
        with closing(open_engine(settings, write=True)) as engine:
            index(archive, engine, {})
    with closing(AppState(settings)) as state:
        found = typical_words(state, "储能", {})
        assert (found.total, found.sampled, found.reference) == (10, 10, 40)
        assert {"储能", "电池"} <= {one.word for one in found.words}
        assert not {"会议", "旅游", "独一无二"} & {
            one.word for one in found.words
        }  # everywhere, elsewhere, in one article alone
        for one in found.words:
            assert one.here > one.there and one.log_likelihood >= LEAST and one.ratio > 0
        assert typical_words(state, "", {}).words == []  # the archive against itself


def test_the_words_of_a_set_are_on_a_page_and_in_the_api(client: TestClient) -> None:
    told = client.get("/api/v1/words", params={"q": "飞地", "year": "2024"}).json()
    assert told["total"] >= told["sampled"] >= 1 and told["reference"] > told["sampled"]
    assert "全库作对照的有" in client.get("/words?q=飞地").text
    assert "写一个检索式" in client.get("/words").text
    assert client.get("/api/v1/words?q=飞地&yaer=2024").status_code == 422


def test_the_whole_archive_goes_on_where_it_was_stopped(sample: Sample, tmp_path: Path) -> None:
    folder, recorder = tmp_path / "all", Recorder("http://h", lambda name: name or "")
    with Archive.open(sample.settings) as archive:
        everything = archive.articles.ids(limit=100_000)

        def stop(count: int) -> None:
            if count >= 20:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_archive(archive, recorder, folder, part=10, done=stop)
        assert not (folder / "manifest.json").exists()
        first, second = sorted(folder.glob("articles-*.jsonl.gz"))
        before = first.stat().st_mtime_ns
        second.write_bytes(second.read_bytes()[:-5])  # as a full disk would leave it
        manifest = write_archive(archive, recorder, folder, part=10)
        assert first.stat().st_mtime_ns == before  # a whole part is not written again
        with pytest.raises(Refusal, match="已有导出好的全库"):
            write_archive(archive, recorder, folder, part=10)
    lines = [
        json.loads(line)
        for part in manifest["parts"]
        for line in gzip.decompress((folder / part["name"]).read_bytes()).splitlines()
    ]
    assert [line["id"] for line in lines] == everything and manifest["articles"] == len(everything)
    assert {"title", "text", "practices", "page"} <= lines[0].keys()
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == manifest


def test_a_folder_of_somebody_else_is_left_alone(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with Archive.open(sample.settings) as archive, pytest.raises(Refusal, match="不是空的"):
        write_archive(archive, Recorder("", str), tmp_path)


def test_the_whole_archive_is_fetched_in_batches(client: TestClient, sample: Sample) -> None:
    address: str | None = "/export/all?size=20"
    ids: list[str] = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        ids += [json.loads(line)["id"] for line in answer.content.splitlines()]
        digest = answer.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":")
        assert b64decode(digest) == hashlib.sha256(answer.content).digest()
        address = answer.links["next"]["url"] if "next" in answer.links else None
    with Archive.open(sample.settings) as archive:
        assert ids == archive.articles.ids(limit=100_000)
    assert client.get("/export/all?after=x").status_code == 422


def test_batches_count_against_the_limits_of_a_key(sample: Sample) -> None:
    from search_api.application import create_application
    from search_api.web.access import bucket_of

    assert bucket_of("GET", "/export/all") == bucket_of("GET", "/export/selection") == "export"
    assert bucket_of("GET", "/api/v1/words") == "search"
    far = sample.settings.model_copy(update={"host": "0.0.0.0", "address": "http://far.example"})
    with TestClient(create_application(far), base_url="http://far.example", client=("203.0.113.9", 1)) as client:
        assert client.get("/export/all").status_code == 401
