"""Importing articles as JSON lines: each fault with its file, line and key; the other lines come in all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.importing.articles import read_lines
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
