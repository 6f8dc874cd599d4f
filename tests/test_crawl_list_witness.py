"""What the list calls a page is a witness of its title and day; what several pages share is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.article import SHARED
from tests.crawl_desk import Desk, desks, rows
from tests.loopback_site import Answer, Site
from tests.news_site import title

__all__ = ["desks"]  # the fixture

NAV = "".join(f'<a href="/c{n}/">栏目{n}</a>' for n in range(8))


def body(n: str) -> str:
    text = f"样例县举行第{n}场招商引资项目集中签约仪式，签约项目总投资{n}十亿元，分两期建设，投产后年产值可达百亿元。"
    return f"<div class='content'><p>{text}</p><p>第{n}场签约的企业负责人说，项目将在年内开工建设，带动就业三百人以上。</p></div>"


def headed_by_the_site(path: str) -> Answer | None:
    """Each page is headed by the name of the office; the day of the first is that of the law which it cites."""
    if not path.startswith("/a_"):
        return None
    heading = "<h1>样例县投资促进服务窗口</h1>"
    return Answer(
        f"<html><head><title>样例县投资促进服务窗口</title></head><body>{NAV}{heading}{body(path[3])}</body></html>"
    )


@pytest.mark.parametrize("first", [2, 4])
def test_a_title_that_pages_share_is_none(tmp_path: Path, desks: list[Desk], first: int) -> None:
    entries = [f"/a_{n}.html" for n in range(1, 6)]
    with Site({"/index.html": rows(*entries[:first])}, headed_by_the_site) as site:
        desks.append(desk := Desk(tmp_path, site))
        desk.night(1)
        site.pages["/index.html"] = rows(*entries)
        desk.night(2)
        found = [s.article for s in desk.archive.articles.get_many(desk.archive.articles.ids()).values()]
    assert sorted(article.title for article in found) == [title(n) for n in range(1, 6)]
    known = {article.provenance["title"].rule for article in found}
    assert known == {SHARED} and all("服务窗口" in a.provenance["title"].against for a in found)
    assert all(len(desk.archive.articles.revisions(article.id)) == 1 for article in found)
    assert all(str(article.published_at)[:7] == "2026-02" and "published_at" not in article.unsure for article in found)


def test_one_text_under_many_titles_is_an_error(tmp_path: Path, desks: list[Desk]) -> None:
    hotline = "<p>招商引资服务热线工作日全天接听，项目申报、政策兑现请到政务服务大厅二楼综合窗口办理，欢迎各界客商前来考察洽谈投资。</p>"
    shell = Answer(
        f"<html><head><title>样例县招商引资服务</title></head><body>{NAV}<h1>样例县招商引资服务</h1>{hotline}</body></html>"
    )
    there = {"/a_5.html": Answer(f"<html><body><h1>{title(5)}</h1>{body('5')}</body></html>")}
    entries = [f"/a_{n}.html" for n in range(1, 6)]
    with Site({"/index.html": rows(*entries), **there}, lambda p: shell if p.startswith("/a_") else None) as site:
        desks.append(desk := Desk(tmp_path, site))
        desk.night(1)
        assert len(desk.texts) == 1 and "第5场" in desk.texts[0]
        site.pages |= {
            f"/a_{n}.html": Answer(f"<html><body><h1>{title(n)}</h1>{body(str(n))}</body></html>") for n in (1, 2)
        }
        desk.night(2)
        assert len(desk.texts) == 3
        page = desk.archive.frontier.page(f"{site.url}/a_3.html")
        assert page and page.next_visit and (page.reason or "").startswith("与本站别的页面内容相同")
