"""The last page of a list: the place of the list is learnt on the first, and what stands beside it is never taken for it."""

from __future__ import annotations

import pytest

from crawler.lists.learnt_container import container_of, read_within
from crawler.lists.parsed_document import Document
from crawler.platforms.registry import list_in
from tests.news_site import title

SIDE = "".join(f'<li><a href="/hot/t202601{n + 10}_{n}.html">{title(n + 50)}</a></li>' for n in range(8))


def page(rows: str, *, side: str = SIDE, list_class: str = "list odd", days: bool = True) -> Document:
    body = (
        f'<div class="main"><h2>招商动态</h2><ul class="{list_class}">{rows}</ul><div class="page"><a href="index_1.html">上一页</a></div></div>'
        f'<div class="side"><h3>热点排行</h3><ul class="hot">{side}</ul></div>'
    )
    return Document.open(f"<html><body>{body}</body></html>".encode(), "http://a.cn/zs/index_2.html")


def row(n: int, *, day: bool = True) -> str:
    return f'<li class="l{n}"><a href="/zs/t202602{n + 10}_{n}.html">{title(n)}</a>{f"<span>2026-02-{n + 10}</span>" if day else ""}</li>'


LEARNT = container_of(first := page("".join(map(row, range(10)))), list_in(first).entries)


@pytest.mark.parametrize(
    ("document", "urls"),
    [
        (page(row(3), list_class="list"), ["t20260213_3"]),
        (page(""), []),
        (page("".join(map(row, range(4)))), [f"t202602{n + 10}_{n}" for n in range(4)]),
        (page("".join(map(row, range(4))), list_class="news"), [f"t202602{n + 10}_{n}" for n in range(4)]),  # laid out anew
    ],
)  # fmt: skip
def test_rows_are_those_of_the_list(document: Document, urls: list[str]) -> None:
    found = read_within(document, list_in(document), LEARNT).entries
    assert [entry.url.rpartition("/")[2].removesuffix(".html") for entry in found] == urls
    assert all(entry.date for entry in found)


def test_where_nothing_was_learnt_a_page_is_read_as_ever() -> None:
    alone = page(row(3))
    assert read_within(alone, list_in(alone), "") == list_in(alone)
    assert container_of(alone, list_in(alone).entries[:2]) == ""
