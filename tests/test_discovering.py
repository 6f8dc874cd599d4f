"""Discovering a portal's columns over loopback: few requests, lists that can be crawled, and plain words where there is nothing."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.probing.discover import MOST_REQUESTS, discover
from crawler.probing.probe import Probe
from crawler.sources import own_folder, parse_source
from crawler.stages.crawl import crawl
from crawler.terminal import Refusal
from tests.loopback_site import Answer, Site
from tests.sites.hanweb import JpaasSite, JpageSite
from tests.sites.ucap import UcapSite
from tests.sites.web import Site as SystemSite
from tests.whole_way import Desk
from zhaoshang.demo.web import KINDS, DemoWeb


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(ports=[0] * len(KINDS)) as served:
        yield served


def rows(n: int) -> str:
    items = (
        f'<li><a href="/a_{i}.html">样例县举行第{i}场项目集中签约仪式</a> 2026-02-{i + 1:02d}</li>' for i in range(n)
    )
    return f"<ul>{''.join(items)}</ul>"


@pytest.mark.parametrize("name", ["demo-trs", "demo-portal"])
def test_columns_of_a_home_page_become_sources(web: DemoWeb, settings: Settings, name: str) -> None:
    site = next(s for s in web.sites if s.name == name)
    before = len(web.log)
    found = discover(site.url, settings)
    assert found.requests == len(web.log) - before <= MOST_REQUESTS
    best = found.candidates[0]
    assert "招商" in best.title and best.entries > 1 and best.dated == best.entries
    # a home page may link a column's folder where the sample source names its index page
    assert best.url.removesuffix("index.html") in {u.removesuffix("index.html") for u in site.start_urls}
    text = Probe.toml(best.draft)
    assert len(text.splitlines()) <= 12
    assert parse_source(tomllib.loads(text), "discover").start_urls == [best.url]


def test_the_site_map_is_read_robots_obeyed_and_no_list_told(settings: Settings) -> None:
    links = '<a href="/map/">网站地图</a><a href="/empty/">商务动态</a><a href="/no/">投资促进</a>'
    pages = {
        "/": Answer(f"<body>{links}</body>"),
        "/map/": Answer('<body><a href="/zsdt/">招商动态</a></body>'),
        "/zsdt/": Answer(rows(9)),
        "/empty/": Answer("<body>建设中</body>"),
        "/robots.txt": Answer("User-agent: *\nDisallow: /no/"),
    }
    with Site(pages) as site:
        found = discover(site.url + "/", settings)
        assert [c.title for c in found.candidates] == ["招商动态"]
        assert {title for _, title, _ in found.passed} == {"商务动态", "投资促进"}
        assert "/no/" not in site.asked
        site.pages["/"] = Answer("<script>location.reload()</script>", 412)
        with pytest.raises(Refusal, match="验证"):
            discover(site.url + "/", settings)
    with pytest.raises(Refusal, match="CONTACT"):
        discover("http://www.example.gov.cn/", settings)


def test_the_column_that_was_chosen_is_written_and_enabled(web: DemoWeb, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    site = next(s for s in web.sites if s.name == "demo-trs")
    desk.run("sources", "discover", site.url, "--add", "1")
    (file,) = (desk.data / "sources").glob("*.toml")
    assert file.stem in [s["name"] for s in desk.json("sources", "list", "--enabled")]
    desk.run("sources", "discover", site.url, "--add", "1", code=1)  # it is there already


@pytest.mark.parametrize("make", [UcapSite, JpaasSite, JpageSite, lambda: JpaasSite(tag="")])
def test_a_department_of_a_known_system_sets_itself_up(make: Callable[[], SystemSite], settings: Settings) -> None:
    with make() as site, Archive.open(settings) as archive:
        found = discover(site.url + "/", settings)
        assert found.requests <= MOST_REQUESTS
        best = found.candidates[0]
        assert (best.title, best.platform) == ("招商动态", "ucap" if isinstance(site, UcapSite) else "hanweb")
        assert best.draft["title"].startswith("示例市投资促进局")
        own_folder(settings).mkdir(parents=True)
        (own_folder(settings) / f"{best.draft['name']}.toml").write_text(Probe.toml(best.draft), encoding="utf-8")
        site.requests.clear()
        crawl([best.draft["name"]], archive, settings)
        asked = Counter(line.removeprefix("GET ") for line in site.requests)
        assert {path: asked[path] for path in map(site.address, site.pieces)} == dict.fromkeys(
            map(site.address, site.pieces), 1
        )


def test_a_column_that_leads_to_the_level_above_is_passed_over_and_two_of_one_name_stay_two(settings: Settings) -> None:
    with Site({"/tzcj/": Answer(f"<html>{rows(9)}</html>")}) as above:
        to = Answer("", status=302, headers={"Location": above.url + "/tzcj/"})
        page = f"<html><title>工作动态 - 青溪县人民政府</title>{rows(9)}</html>"
        listed, other = Answer(page), Answer(page.replace("/a_", "/b_"))
        menu = '<a href="/tz/zsyz/">招商引资</a><a href="/bm/gzdt/">工作动态</a><a href="/xz/gzdt/">工作动态</a>'
        pages = {"/": Answer(f"<html>{menu}</html>"), "/tz/zsyz/": to, "/bm/gzdt/": listed, "/xz/gzdt/": other}
        with Site(pages) as site:
            found = discover(site.url, settings)
            assert [why for url, _, why in found.passed if url.endswith("/zsyz/") and above.url in why]
            names = [c.draft["name"] for c in found.candidates]
            assert len(names) == len(set(names)) == 2


def test_what_is_no_column_or_offered_twice_is_passed_over(settings: Settings) -> None:
    text = "".join(
        f"<p>样例县位于样例江畔，交通便利，产业配套完善，这是投资指南的第{n}段，欢迎各界客商前来考察。</p>"
        for n in range(9)
    )
    beside = "".join(f'<li><a href="/s_{n}.html">样例县投资政策问答之{n}：怎样办理</a></li>' for n in range(6))
    more = "".join(
        f'<div class="box"><h3>{name}</h3>{rows(4).replace("/a_", f"/{n}_")}<a href="/{n}/">更多</a></div>'
        for n, name in enumerate(("招商动态", "商务动态", "县区动态", "要闻"))
    )
    menu = (
        '<a href="/zsdt/">招商动态</a><a href="/zsdt/index.html">招商动态</a><a href="/list?c=zsdt">招商新闻</a><a href="/tzzn/">投资指南</a>'
        '<div class="box"><div class="tit"><b>项目建设</b><a class="more" href="/xmjs/"><img src="/more.png"></a></div></div><a href="/zs/">招商引资</a>'
    )
    guide = f"<h1>投资指南</h1><div class='content'>{text}</div><div><ul>{beside}</ul></div>"
    pages = {"/": menu, "/zsdt/": rows(9), "/list?c=zsdt": rows(9), "/tzzn/": guide, "/zs/": more}
    pages["/xmjs/"] = rows(7).replace("/a_", "/x_")
    with Site({path: Answer(f"<html><body>{page}</body></html>") for path, page in pages.items()}) as site:
        found = discover(site.url, settings)
        assert sorted(c.title for c in found.candidates) == ["招商动态", "项目建设"]
        why = {title: said for _, title, said in found.passed}
        assert "同一个列表" in why["招商新闻"] and "是一篇文章" in why["投资指南"] and "是导航页" in why["招商引资"]
