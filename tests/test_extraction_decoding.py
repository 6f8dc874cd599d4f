"""Charsets: declared, not declared, declared wrong."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.web.decoding import decode

SIMPLIFIED = "全市招商引资工作推进会今天上午召开，会议部署下一步重点任务：“一把手”带头招商。"
TRADITIONAL = "全縣招商引資工作推進會今天上午召開，會議部署下一步重點任務，強調優化營商環境。"
DECLARED = (
    "",
    '<meta charset="utf-8">',
    "<meta charset=gb2312>",
    '<meta http-equiv="Content-Type" content="text/html; charset=big5">',
    "<meta charset=iso-8859-1>",
    "<meta charset=nonsense>",
)


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("header", [None, "text/html", "text/html; charset=utf-8", "text/html; charset=GBK"])
@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "gb18030"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
    ],
    ids=["utf-8", "gb18030", "big5", "traditional gb18030", "utf-16-le", "utf-16-be"],
)
def test_a_declaration_counts_only_where_the_bytes_bear_it_out(
    text: str, charset: str, header: str | None, declared: str
) -> None:
    html = f"<html><head>{declared}</head><p>{text}</p>"
    assert decode(html.encode(charset), {"CONTENT-TYPE": header} if header else None) == html


@pytest.mark.parametrize(
    ("bom", "charset"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_decides_and_goes(bom: bytes, charset: str) -> None:
    assert decode(bom + SIMPLIFIED.encode(charset), {"content-type": "text/html; charset=gbk"}) == SIMPLIFIED


def test_a_cut_character_spoils_nothing_else() -> None:
    assert decode(SIMPLIFIED.encode()[:-1]).startswith(SIMPLIFIED[:-1])
    assert decode(b"<meta charset=gbk>" + SIMPLIFIED.encode("gb18030")[:-1]).endswith(SIMPLIFIED[-4:-1] + "\ufffd")


def test_nul_bytes_go() -> None:
    assert decode(b"<p>\x00a</p>") == "<p>a</p>"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_as_some_text(content: bytes) -> None:
    assert "\x00" not in decode(content, {})
