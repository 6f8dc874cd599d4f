"""Importing articles as JSON lines: each fault with its file, line and key; the other lines come in all the same."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.importing.articles import ImportedArticle, import_articles, read_lines
from crawler.web.site_policy import MOST_BYTES
from tests.whole_way import Desk

GOOD = {"text": "样例县招商引资。", "url": "http://yangli.example/1.html", "published_at": "2024-03-13"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"published_at": "去年三月"}, "published_at：日期应写作 2024-03-13"),
        ({"text": ""}, "text：不能为空"),
        ({"text": None}, "text：应为字符串"),
        ({"url": "yangli.example/1.html"}, "url：不是完整的网址"),
        ({"url": "http://[x/1"}, "url：不是完整的网址"),
        ({"url": None}, "url 与 id 至少要有一个"),
        ({"kind": "blog"}, "kind：应为"),
        ({"title": ["样例"]}, "title：应为字符串"),
        ({"title": "样例\ud800"}, "title：有不成对的代理字符"),
        ({"title": "样" * 2_001}, "title：过长"),
        ({"url": "http://yangli.example/" + "1" * 2_000}, "url：过长"),
        ({"id": int("9" * 501)}, "id：过长"),
        ({"text": "样" * 2_000_001}, "text：过长"),
        ({"published_at": "9999-12-31T23:59-12:00"}, "published_at：日期应在"),
        ({"published_at": "0001-01-01T00:00+14:00"}, "published_at：日期应在"),
        ({"published_at": "0001-01-01"}, "published_at：日期应在"),
    ],
)
def test_a_fault_names_its_key(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text("\n" + json.dumps(GOOD | changes) + "\n", encoding="utf-8")
    ((number, said),) = read_lines(file)
    assert number == 2 and isinstance(said, str) and said.startswith(told)


def test_the_command_names_file_and_line_and_takes_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\n[1]\n\xd6\xd0\n{\n")
    desk = Desk(tmp_path / "data")
    said = desk.run("import", str(file), code=1).stderr.replace("\n", "")
    for told in ("新文章 1", f"{file} 第 2 行：应为对象", "第 3 行：不是 UTF-8", "第 4 行：不是 JSON"):
        assert told in said


LINES = {
    "an id of 5,000 digits": b'{"text": "t", "id": ' + b"9" * 5_000 + b"}",
    "a number of 5,000 digits that nobody asked for": b'{"text": "t", "id": "n", "n": ' + b"9" * 5_000 + b"}",
    "a number without an end": b'{"text": "t", "id": 1e999}',
    "no number": b'{"text": "t", "id": NaN}',
    "deep": b'{"text": "t", "id": ' + b"[" * 100_000,
    "too long": b'{"text": "' + b"t" * (MOST_BYTES + 70_000) + b'", "id": "x"}',
}


@pytest.mark.parametrize("case", LINES)
def test_no_line_ends_the_import(tmp_path: Path, case: str) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(LINES[case] + b"\n" + json.dumps(GOOD).encode())
    (first, _), (second, last) = read_lines(file)
    assert (first, second) == (1, 2) and isinstance(last, ImportedArticle)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str), st.lists
    ),
    st.sampled_from(sorted(ImportedArticle.model_fields)),
)
def test_whatever_a_field_holds_it_is_an_article_or_a_fault(value: object, name: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(json.dumps(GOOD | {name: value}).encode())
        file.flush()
        ((_, item),) = read_lines(Path(file.name))
    said = item if isinstance(item, str) else item.article().text
    assert said


def test_an_id_is_not_another_articles_address(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data")
    file = tmp_path / "articles.jsonl"
    taken = {"text": "另一篇", "id": GOOD["url"]}
    lines = [
        GOOD,
        taken,
        taken | {"url": "http://yangli.example/2.html"},
        taken | {"url": GOOD["url"], "text": "同一篇"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with Archive.open(settings) as archive:
        report = import_articles(file, archive)
        (kept,) = archive.articles.get_many(archive.articles.ids(limit=9)).values()
    assert (report.new, report.changed) == (1, 1) and kept.article.text == "同一篇"
    assert [(number, told.partition("：")[0]) for number, told in report.faults] == [(2, "id"), (3, "id")]
