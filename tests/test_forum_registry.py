"""A forum software whose threads are read is one file: what lies in the folder is asked for the thread on a page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.extraction import extract, forum
from crawler.extraction.forum.registry import forums
from crawler.spiders.links import thread_links
from crawler.web.page import WebPage
from tests.extraction_samples import page

TOY = '''
"""Huati, a forum of this test: what <huati> holds is the opening post."""

from crawler.article import Article, Block, article_id
from crawler.extraction.forum.forum_threads import ForumThreads


def read(root, url, source):
    post = root.xpath("//huati")[0].text
    return Article(
        id=article_id(url), url=url, canonical_url=url, title="某市签约", text=post, blocks=(Block("paragraph", post),), next_part=url + "&2"
    )


THREADS = ForumThreads(lambda content: b"<huati>" in content, read, b"huati-goes-on")
'''
URL = "http://bbs.example.cn/show?id=9"


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A further file in the folder of the forums."""
    (tmp_path / "huati.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(forum, "__path__", [*forum.__path__, str(tmp_path)])
    forums.cache_clear()
    yield
    forums.cache_clear()
    sys.modules.pop("crawler.extraction.forum.huati", None)


@pytest.mark.usefixtures("toy")
def test_a_new_forum_is_one_file() -> None:
    thread = "<html><body><huati>某市与三家企业签约。</huati>{}</body></html>"
    assert extract(thread.format("").encode(), URL).text == "某市与三家企业签约。"
    assert thread_links(WebPage(thread.format("").encode(), URL)).next_part is None
    assert thread_links(WebPage(thread.format("huati-goes-on").encode(), URL)).next_part == URL + "&2"
    assert extract(page(), URL).title == "某市召开招商引资工作推进会"
