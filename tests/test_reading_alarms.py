"""What is odd in how a source's pages are read: told on the first night, with an example, and gone when it is mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.models import Extracted
from crawler.article import Article, Provenance
from crawler.sources.reading_alarms import is_odd_origin, reading_alarms
from tests.crawl_desk import rows
from tests.loopback_site import Answer, Site
from tests.news_site import title
from tests.test_crawl_list_witness import NAV, body
from tests.whole_way import Desk


def page(n: int, **facts: object) -> Extracted:
    """A page read right, with some facts changed."""
    url = f"http://a.cn/{n}.html"
    known = {"title": Provenance("heading"), "body": Provenance("scored"), "author": Provenance("line:作者")}
    text = "\n".join(f"第{n}场第{part}段：样例县举行招商引资签约仪式，项目总投资{n + part}亿元。" for part in range(4))
    article = Article(
        str(n), url, url, title(n), text, confidence=0.95, origin="样例日报", author=f"记者{n}", provenance=known
    )
    article = article.with_(**facts)
    named: Any = {"title": article.title, "listed": title(n), "article": article}
    return Extracted(n, url, url, datetime(2026, 3, 1, tzinfo=UTC), outcome="article", reason=None, **named)


GOOD = [page(n) for n in range(8)]


def test_what_is_read_right_is_no_alarm() -> None:
    assert reading_alarms(GOOD) == []
    listed_alike = [replace(page(n, title="招标公告"), listed="招标公告") for n in range(8)]
    assert reading_alarms(listed_alike) == []
    assert reading_alarms([page(n, author="样例县投资促进局", origin="本网") for n in range(8)]) == []


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ([*GOOD[:5], *(page(n, title="样例县人民政府") for n in range(5, 8))], "3 篇的标题都是“样例县人民政府”"),
        ([page(n, title=f"正文{n}") for n in range(8)], "标题与列表上的不符：8 页里 8 页"),
        ([page(n, author="李四") for n in range(8)], "作者都一样：8 篇里 8 篇是“李四”"),
        (
            [page(n, author="某某科技", provenance={"author": Provenance("meta:author")}) for n in range(3)],
            "作者都一样：3 篇里 3 篇是“某某科技”（取自 meta:author）",
        ),
        (
            [page(n, text=f"第{n}段。\n欢迎投资样例县，热线工作日全天接听，欢迎前来考察洽谈。") for n in range(4)],
            "正文雷同",
        ),
        ([page(n, confidence=0.3) for n in range(4)], "提取把握低：4 篇的中位数 30%"),
        ([*GOOD[:4], *(page(n, origin="发布时间") for n in (5, 6))], "来源不像出处：6 篇里 2 篇，如“发布时间”"),
        (
            [replace(page(n), outcome="not_article", reason="页面上没有找到正文", article=None) for n in range(4)],
            "提取不出文章：4 页里 4 页（多为“页面上没有找到正文”）",
        ),
    ],
)
def test_what_is_odd_is_told(pages: list[Extracted], told: str) -> None:
    alarms = reading_alarms(pages)
    assert any(alarm.told.startswith(told) for alarm in alarms), [alarm.told for alarm in alarms]
    assert all(alarm.example in pages for alarm in alarms)


@pytest.mark.parametrize("origin", ["时间：2024", "网", "浏览次数", "。", "上一篇", "2024-03-13", "样例" * 20])
def test_what_is_no_publisher(origin: str) -> None:
    assert is_odd_origin(origin)


@pytest.mark.parametrize(
    "origin", ["新华社", "中华人民共和国商务部办公厅", "时代周报", "Xinhua Net", "人民网-人民日报", "信息时报"]
)
def test_what_is_a_publisher(origin: str) -> None:
    assert not is_odd_origin(origin)


def test_the_first_night_says_so_and_an_alarm_goes_when_it_is_mended(tmp_path: Path) -> None:
    heading = "<h1>样例县投资促进服务窗口</h1><h2 class='t'>{}</h2>"

    def respond(path: str) -> Answer | None:
        if not path.startswith("/a_"):
            return None
        name = heading.format(title(int(path[3])))
        return Answer(
            f"<html><head><title>样例县投资促进服务窗口</title></head><body>{NAV}{name}{body(path[3])}</body></html>"
        )

    desk = Desk(tmp_path / "data")
    with Site({"/index.html": rows(*(f"/a_{n}.html" for n in range(1, 6)))}, respond) as site:
        file = desk.data / "sources/desk.toml"
        file.parent.mkdir(parents=True)
        facts = f'name = "desk"\ntitle = "样例"\nkind = "news"\nregion = "340000"\nseen_in = "测试"\nstart_urls = ["{site.url}/index.html"]\n'
        file.write_text(facts, encoding="utf-8")
        desk.run("sources", "enable", "desk")
        report = desk.json("nightly", "--now", "2026-03-01T02:00", code=1)
        (told,) = report["drifted"]
        assert told["reading"] and report["rows"][0]["outcome"] == "drift"
        assert (
            "5 篇的标题都是“样例县投资促进服务窗口”" in told["signs"][0] and Path(told["example"], "page.html").exists()
        )
        assert any("标题都是" in line for line in desk.json("status")["sources"]["desk"]["alarms"])
        assert "标题都是" in desk.run("doctor", code=1).stdout
        file.write_text(facts + 'selectors = { title = "h2.t" }\n', encoding="utf-8")
        desk.run("extract", "--all")
        assert desk.json("status")["sources"]["desk"]["alarms"] == []
        assert desk.json("nightly", "--force", "--now", "2026-03-02T04:00")["drifted"] == []
