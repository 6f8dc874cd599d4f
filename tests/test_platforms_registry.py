"""A publishing system is one file: what lies in the folder is recognised, read, and may stand in a source; nothing else names the systems."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler import platforms
from crawler.lists.parsed_document import Document
from crawler.platforms import article_hints, read_list, recognise
from crawler.platforms.registry import categories, is_feed, systems
from crawler.sources.source import SourceError, parse_source
from crawler.web.page import WebPage

TOY = '''
"""Wenxuan, a system of this test: entries are <item-of-wenxuan>."""

from crawler.lists.parsed_document import Document
from crawler.lists.list_page import ArticleHints, Entry, ListPage, Recognition
from crawler.platforms.system import Category, System


def recognise(document: Document) -> Recognition:
    return Recognition("wenxuan", 0.99 if "wenxuan" in document.lowered else 0.0, "wenxuan")


def read(document: Document) -> ListPage:
    return ListPage((Entry("http://www.example.gov.cn/1.html", "某市签约"),), "http://www.example.gov.cn/2")


def categories(document: Document) -> list[Category]:
    return [Category("招商动态", "http://www.example.gov.cn/7", "7")]


SYSTEM = System("wenxuan", recognise, read, ArticleHints(body="#wenxuan"), is_feed=True, categories=categories)
'''
PAGE = b"<html><body><p class=wenxuan>x</p></body></html>"
URL = "http://www.example.gov.cn/zsdt/"
SOURCE: dict[str, Any] = {
    "name": "walk",
    "title": "示例",
    "kind": "government",
    "region": "340000",
    "start_urls": [URL],
    "seen_in": "2024",
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A further file in the folder of the systems."""
    (tmp_path / "wenxuan.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, str(tmp_path)])
    systems.cache_clear()
    yield
    systems.cache_clear()
    sys.modules.pop("crawler.platforms.wenxuan", None)


@pytest.mark.usefixtures("toy")
def test_a_new_system_is_one_file() -> None:
    page = read_list(PAGE, URL)
    assert page.platform == recognise(PAGE, URL).platform == "wenxuan"
    assert [entry.title for entry in page.entries] == ["某市签约"]
    assert article_hints(WebPage(PAGE, URL)).body == "#wenxuan"
    assert is_feed(page)
    assert [category.name for category in categories(Document.open(PAGE, URL))] == ["招商动态"]
    assert parse_source(SOURCE | {"platform": "wenxuan"}, "walk.toml").platform == "wenxuan"


def test_a_source_may_name_every_system_that_there_is_and_no_other() -> None:
    assert {"trs", "rss", "generic"} <= set(systems())
    for name in systems():
        assert parse_source(SOURCE | {"platform": name}, "walk.toml").platform == name
    with pytest.raises(SourceError, match=r"walk\.toml：platform：应为发布系统的名称：boda、.*而不是 'wenxuan'"):
        parse_source(SOURCE | {"platform": "wenxuan"}, "walk.toml")


def test_two_systems_may_not_have_one_name(toy: None, tmp_path: Path) -> None:
    (tmp_path / "wenxuan_two.py").write_text(TOY, encoding="utf-8")
    with pytest.raises(ValueError, match="same name"):
        systems()
    sys.modules.pop("crawler.platforms.wenxuan_two", None)
