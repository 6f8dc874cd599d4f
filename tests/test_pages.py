"""The pages as a reader without scripts has them, over a real archive and a real index."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from crawler.archive import Archive
from indexer.insight.practices import rules
from search_api.application import create_application
from search_api.pages.differences import Work, differences
from search_api.pages.help import FIELDS, WORDS
from search_api.parameters import FILTERS, View
from search_api.services.timeline import timeline, timelines
from search_api.text import Evidence, annotated
from tests.sample_archive import COPY, HOSTILE, IMPORTED, RICH, Sample, indexed, rich
from tests.web_fixtures import reader_here

pytest_plugins = ["tests.web_fixtures"]

PATHS = [
    "/",
    "/?q=招商引资",
    "/?q=招商引资&year=2012&sort=newest",
    "/?q=招商引资&by=share",
    "/?q=决无此语",
    "/?q=飞地+驻点招商",
    f"/articles/{RICH}",
    f"/articles/{RICH}?q=飞地",
    f"/articles/{HOSTILE}",
    f"/articles/{IMPORTED}",
    f"/articles/{RICH}/revisions",
    f"/articles/{RICH}/why?q=飞地+税收",
    f"/articles/{RICH}/correct",
    f"/articles/{RICH}/capture",
    "/practices",
    "/documents",
    "/practices/enclave",
    "/matrix",
    "/matrix?columns=place",
    "/matrix?rows=place",
    "/matrix?rows=place&q=飞地&by=share",
    "/matrix?place=zhejiang",
    "/places",
    "/places?practice=enclave&by=share",
    "/practices/enclave?by=share",
    "/compare?place=湖南&place=浙江&q=飞地&by=share",
    "/compare?place=湖南&place=浙江",
    "/dossiers",
    "/watches",
    "/watches/new?practice=enclave",
    "/sources",
    "/sources?all=1&kind=news&page=2",
    "/sources/linhu-swj",
    "/nights",
    "/gaps",
    "/advanced?q=飞地&practice=enclave&not_kind=forum&after=2020",
    "/figures",
    "/figures?figure=签约额&place=湖南&q=招商",
    "/help",
    "/help/api",
    "/review",
    "/none",
]


def page(client: TestClient, path: str, status: int = 200) -> html.HtmlElement:
    response = client.get(path)
    assert response.status_code == status, path
    return html.document_fromstring(response.content)


def texts(tree: html.HtmlElement, path: str) -> list[str]:
    return [" ".join(element.text_content().split()) for element in tree.cssselect(path)]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_small_whole_and_safe(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == (404 if path == "/none" else 200)
    assert len(response.content) <= 60 * 1024
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    tree = html.document_fromstring(response.content)
    assert tree.get("lang") == "zh-Hans"
    assert not tree.xpath("//@style | //@onclick | //@onload | //@onerror")
    assert [s.get("src") for s in tree.xpath("//script")] == [tree.xpath("//script/@src")[0]]
    loaded = tree.xpath("//script/@src | //link[@rel='stylesheet']/@href | //iframe/@src | //img/@src")
    assert all(url.startswith("/") for url in loaded)
    links = tree.xpath("//a/@href | //form/@action")
    assert all(urlsplit(url).scheme in ("", "http", "https") for url in links)
    assert "！" not in tree.text_content()
    assert len(tree.xpath("//h1")) == 1
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_every_own_link_leads_somewhere(client: TestClient) -> None:
    seen: set[str] = set()
    for path in PATHS[:-1]:
        for url in page(client, path).xpath("//a/@href"):
            if url.startswith("/") and len(seen) < 400:
                seen.add(url.partition("#")[0])
    assert len(seen) > 100
    for url in sorted(seen):
        assert client.get(url).status_code == 200, url


def test_the_search_page_keeps_the_query_and_marks_it(client: TestClient, sample: Sample) -> None:
    tree = page(client, "/?q=招商引资")
    assert set(tree.xpath("//input[@name='q']/@value")) == {"招商引资"}
    assert "招商引资" in texts(tree, "title")[0]
    assert texts(tree, ".above strong") == [str(sample.many)]
    assert "招商引资" in texts(tree, ".hits mark")
    bars = tree.cssselect(".timeline svg a")
    assert {re.search(r"year=(\d+)", bar.get("href"))[1] for bar in bars} == {str(year) for year in range(2010, 2025)}
    assert sum(int(count) for count in texts(tree, ".timeline tbody td:nth-child(2)")) == sample.many


def test_a_long_question_makes_no_long_page(client: TestClient) -> None:
    question = " OR ".join(
        ["招商引资", "产业链招商", "基金招商", "以商招商", "驻点招商", "委托招商", "标准地", "税收分成"]
    )
    response = client.get("/", params={"q": question})
    assert response.status_code == 200
    assert len(response.content) <= 60 * 1024
    assert 'href="/?q=招商引资+OR+' in response.text


def test_a_question_in_gb18030_is_understood(client: TestClient) -> None:
    asked = quote("飞地 税收".encode("gb18030"))
    answer = client.get(f"/?q={asked}&year=2024", follow_redirects=False)
    assert answer.status_code == 303
    assert parse_qsl(urlsplit(answer.headers["location"]).query) == [("q", "飞地 税收"), ("year", "2024")]
    assert texts(page(client, f"/?q={asked}"), "title")[0] == "飞地 税收 · 招商文库"
    assert page(client, "/?q=%FF%FE") is not None


def test_robots_may_read_articles_and_ask_nothing(client: TestClient) -> None:
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())
    assert rules.can_fetch("any", f"/articles/{RICH}") and rules.can_fetch("any", "/")
    assert not rules.can_fetch("any", "/?q=飞地") and not rules.can_fetch("any", "/export?format=csv")


def test_a_facet_is_chosen_and_taken_away(client: TestClient) -> None:
    tree = page(client, "/?q=招商引资")
    (link,) = [a for a in tree.cssselect(".facets a") if a.text_content().startswith("2012")]
    count = int(link.text_content().removeprefix("2012"))
    chosen = page(client, link.get("href"))
    assert texts(chosen, ".above strong") == [str(count)]
    (away,) = chosen.cssselect(".chosen a.drop")
    assert dict(parse_qsl(urlsplit(away.get("href")).query)) == {"q": "招商引资"}


def test_what_is_chosen_is_turned_into_its_opposite(client: TestClient) -> None:
    def total(tree: html.HtmlElement) -> int:
        return int(texts(tree, ".above strong")[0])

    every, news = page(client, "/?q=招商引资"), page(client, "/?q=招商引资&kind=news")
    (turn,) = news.cssselect(".chosen a.turn")
    assert turn.get("aria-label") == "改为不要新闻媒体"
    others = page(client, turn.get("href"))
    assert total(others) == total(every) - total(news) > 0
    (back,) = others.cssselect(".chosen a.turn")
    assert texts(others, ".chosen em") == ["不要"] and back.get("href") == "/?q=招商引资&kind=news"
    feed = client.get(turn.get("href").replace("/?", "/feed?")).text
    assert (
        feed.count("<entry>")
        == total(others)
        == len(client.get(turn.get("href").replace("/?", "/export?format=jsonl&")).text.splitlines())
    )


def test_the_advanced_form_writes_the_query_and_the_filters(client: TestClient) -> None:
    form = page(client, "/advanced?q=飞地&practice=enclave&not_kind=forum&after=2020")
    fields = {i.get("name"): i.get("value") for i in form.cssselect("form.advanced input") if i.get("value")}
    assert fields == {"q": "飞地", "practice": "飞地", "not_kind": "论坛", "after": "2020"}
    asked = {
        **fields,
        "any": "税收 分成",
        "together": "“利益共享”",
        "none": "证券",
        "title": "园区",
        "place": "湖南、浙江",
    }
    found = client.get("/advanced/search", params=asked, follow_redirects=False).headers["location"]
    assert parse_qsl(urlsplit(found).query) == [
        ("q", '飞地 (税收|分成) "利益共享" title:园区 -证券'),
        ("not_kind", "forum"),
        ("place", "430000"),
        ("place", "330000"),
        ("practice", "enclave"),
        ("after", "2020"),
    ]
    wrong = page(client, client.get("/advanced/search?practice=决无", follow_redirects=False).headers["location"])
    assert "读不懂" in " ".join(texts(wrong, ".reading"))


def test_pages_are_turned_by_links(client: TestClient, sample: Sample) -> None:
    hits: list[str] = []
    tree = page(client, "/?q=招商引资&kind=news")
    while True:
        hits += [a.get("href") for a in tree.cssselect(".hits h3 a")]
        following = tree.cssselect("a[rel=next]")
        if not following:
            break
        tree = page(client, following[0].get("href"))
    assert len(hits) == len(set(hits)) == 46


def test_a_page_that_does_not_exist_says_so(client: TestClient) -> None:
    assert "没有第 400 页" in texts(page(client, "/?q=招商引资&page=400"), ".empty")[0]


def test_copies_are_folded_and_still_counted(client: TestClient) -> None:
    tree = page(client, "/?q=飞地&strict=1")
    assert texts(tree, ".above strong") == ["2"]
    assert len(tree.cssselect(".hits > li")) == 1
    assert "另有 1 家转载" in tree.cssselect(".hits")[0].text_content()


def test_a_line_says_that_hits_were_widened(client: TestClient) -> None:
    tree = page(client, "/?q=飞地+驻点招商")
    assert texts(tree, ".above strong") == ["0"]
    assert "没有全部词语都有的文章" in texts(tree, ".kept")[0]
    assert tree.cssselect(".hits > li") and not tree.cssselect(".hits .whole")
    assert not page(client, "/?q=飞地+驻点招商&strict=1").cssselect(".hits > li")


def test_what_the_query_was_read_as_can_be_taken_away(client: TestClient) -> None:
    assert {"飞地", "驻点招商"} <= set(texts(page(client, "/?q=飞地+驻点招商"), ".topic"))
    without = page(client, "/?q=飞地+驻点招商&left_out=practice:enclave")
    assert "飞地" not in texts(without, ".topic")


def test_without_a_question_the_holdings_are_told(client: TestClient) -> None:
    tree = page(client, "/")
    assert len(tree.cssselect(".examples a")) == 3
    sums = dict(zip(texts(tree, ".sums dt"), texts(tree, ".sums dd"), strict=True))
    assert sums == {"文章": "51", "网站": "3", "网页快照": "2"}


def test_the_article_page_shows_all_there_is(client: TestClient) -> None:
    tree = page(client, f"/articles/{RICH}?q=飞地")
    facts = texts(tree, ".heading .facts")[0]
    for part in (
        "2024-03-12 09:30",
        "临湖市商务局",
        "来源：临湖日报",
        "作者：周一鸣、吴小满",
        "编辑：郑方",
        "湖南长沙",
    ):
        assert part in facts
    assert texts(tree, ".text h2") == ["税收怎样分"]
    assert len(tree.cssselect(".text li")) == 3
    assert texts(tree, ".text td")[3:6] == ["光学镜片", "12亿元", "210亩"]
    (figure,) = tree.cssselect(".text figure")
    assert figure.xpath(".//a/@href") == ["http://swj.linhu.example/img/1.jpg"]
    assert "<b>不是标签</b>" in texts(tree, ".text p")[-1]
    assert texts(tree, ".text mark") == ["飞地", "飞地"]
    basis = " ".join(texts(tree, "details table tr"))
    assert "meta:PubDate" in basis
    assert "标题附近的信息行 line:来源" in basis
    aside = texts(tree, ".aside")[0]
    assert "2 个版本" in aside
    assert f"/articles/{COPY}" in tree.xpath("//aside//a/@href")
    assert "签约项目清单" in tree.text_content()


def test_what_is_unsure_is_marked_and_both_witnesses_are_shown(client: TestClient) -> None:
    tree = page(client, f"/articles/{COPY}")
    assert (
        "日期存疑" in texts(tree, ".facts")[0]
        and "另有说法：line:label：发布时间：2024-03-15" in texts(tree, "#basis")[0]
    )
    assert "存疑" not in texts(page(client, f"/articles/{RICH}"), ".facts")[0]
    hits = {hit["id"]: hit["unsure"] for hit in client.get("/api/v1/search?size=100").json()["hits"]}
    assert hits[COPY] == ["published_at"] and hits[RICH] == []
    marks = page(client, "/?kind=news").cssselect(f".facts a[href^='/articles/{COPY}'][href$='#basis']")
    assert [mark.text for mark in marks] == ["日期存疑"]
    answer = client.get(f"/api/v1/articles/{COPY}").json()
    assert answer["unsure"] == ["published_at"] and "2024-03-15" in answer["provenance"]["published_at"]["against"]


def test_the_way_back_leads_to_the_list_from_which_one_came(client: TestClient) -> None:
    came, alone = "/?q=飞地&kind=government&sort=newest", "/?q=飞地"
    sites = {str(client.base_url): came, "http://elsewhere.example": alone, "http://[::1": alone, "": alone}
    for site, back in sites.items():
        answer = client.get(f"/articles/{RICH}?q=飞地", headers={"referer": site + quote(came, safe="/?=&")})
        assert [a.get("href") for a in html.fromstring(answer.text).cssselect(".back a")] == [back]


def test_evidence_is_marked_where_the_link_leads(client: TestClient) -> None:
    tree = page(client, f"/articles/{RICH}")
    anchors = [url[1:] for url in tree.xpath("//aside//a/@href") if url.startswith("#")]
    assert anchors
    for anchor in anchors:
        (target,) = tree.xpath(f"//*[@id='{anchor}']")
        following = target.getnext()
        while following.tag == "a":
            following = following.getnext()
        assert following.get("class") == "evidence"
    assert "飞地" in texts(tree, ".aside dt")


def test_what_was_corrected_by_hand_wins_and_says_so(tmp_path: Path) -> None:
    sample = indexed(tmp_path / "data", many=1)
    (sample.settings.data / "corrections.toml").write_text(
        f'[{RICH}]\norigin = "临湖晚报"\nplaces = ["430200"]\npractices = ["enclave", "agent"]\nnote = "据纸质版"\n',
        "utf-8",
    )
    with Archive.open(sample.settings) as archive:
        archive.corrections.apply()
    with reader_here(create_application(sample.settings)) as client:
        tree = page(client, f"/articles/{RICH}")
        assert "来源：临湖晚报" in texts(tree, ".heading .facts")[0]
        assert texts(tree, ".aside .tags a") == ["湖南株洲"]
        assert texts(tree, ".aside dt a")[:2] == ["飞地", "委托招商"]
        rows = [row for row in texts(tree, "details table tr") if "人工订正" in row]
        assert len(rows) == 3
        assert all("据纸质版" in row for row in rows)
        assert client.get(f"/api/v1/articles/{RICH}").json()["reading"]["regions"] == ["430200"]


def test_the_correction_that_the_page_shows_can_be_used(tmp_path: Path) -> None:
    sample = indexed(tmp_path / "data", many=1)
    with reader_here(create_application(sample.settings)) as client:
        before = texts(page(client, f"/articles/{RICH}"), ".heading .facts, .aside dt a, .aside .tags a")
        pages = [page(client, f"/articles/{id}") for id in (RICH, HOSTILE, IMPORTED)]
        shown = [tree.cssselect("details pre")[0].text_content() for tree in pages]
    (sample.settings.data / "corrections.toml").write_text("\n".join(shown), "utf-8")
    with Archive.open(sample.settings) as archive:
        assert archive.corrections.apply({"practices": rules()}) == 3 and not archive.corrections.idle()
    with reader_here(create_application(sample.settings)) as client:
        tree = page(client, f"/articles/{RICH}")
        assert texts(tree, ".heading .facts, .aside dt a, .aside .tags a") == before
        assert "人工订正" in texts(tree, "details table")[0]


def test_a_place_that_is_only_the_sites_is_called_so(client: TestClient) -> None:
    assert "湖南长沙" in texts(page(client, f"/articles/{RICH}"), ".heading .facts span")
    read, unread = (texts(page(client, f"/?q={q}"), ".hits .facts") for q in ("飞地园区揭牌", "几点体会"))
    assert "湖南长沙" in read[0] and "网站在" not in read[0]
    assert "网站在上海" in unread[0]


def test_what_is_hostile_stays_text(client: TestClient) -> None:
    for path in (f"/articles/{HOSTILE}", "/?q=不怀好意", "/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"):
        tree = page(client, path)
        assert not tree.xpath("//img | //*[@onerror] | //a[starts-with(@href, 'javascript')] | //*[@class='facts']//i")
        assert len(tree.xpath("//script")) == 1
    assert "<img src=x" in texts(page(client, f"/articles/{HOSTILE}"), "h1")[0]


def test_a_revision_is_shown_letter_by_letter(client: TestClient) -> None:
    tree = page(client, f"/articles/{RICH}/revisions")
    assert texts(tree, "section del") == ["昨天"]
    assert texts(tree, "section ins") == ["十二日"]


def test_the_capture_stands_in_a_frame_that_runs_nothing(client: TestClient) -> None:
    (frame,) = page(client, f"/articles/{RICH}/capture").cssselect("iframe")
    assert frame.get("sandbox") == ""
    assert frame.get("src") == f"/api/v1/articles/{RICH}/capture"
    assert page(client, f"/articles/{IMPORTED}/capture", 404).cssselect("h1")[0].text == "没有快照"


def test_sources_show_their_nights(client: TestClient) -> None:
    tree = page(client, "/sources")
    rows = {row.xpath("string(td[1])").strip(): row for row in tree.cssselect("tbody tr")}
    assert set(rows) == {"临湖市商务局", "招商论坛"}
    assert rows["临湖市商务局"].xpath(".//*[local-name()='use']/@href")[-1] == "#n-ok"
    assert "新 12" in rows["临湖市商务局"].text_content()
    assert rows["招商论坛"].xpath(".//*[local-name()='use']/@href")[-1] == "#n-blocked"
    one = page(client, "/sources/linhu-swj")
    assert 'name = "linhu-swj"' in texts(one, "pre")[0]
    assert "食堂采购结果公示" in one.text_content()
    assert page(client, "/sources/none", 404).cssselect("h1")


def test_sources_are_chosen_by_place(client: TestClient) -> None:
    def titles(path: str) -> list[str]:
        return texts(page(client, path), "tbody tr td:first-child")

    assert (
        titles("/sources?place=湖南") == ["临湖市商务局"]
        and titles("/sources?place=hunan&kind=forum")[0][:4] == "没有这样"
    )
    everywhere, hunan = page(client, "/sources?all=1"), page(client, "/sources?all=1&place=湖南")
    assert len(hunan.cssselect("nav.pages a")) < len(everywhere.cssselect("nav.pages a"))
    assert all(place.startswith("湖南") for place in texts(hunan, "tbody tr td:nth-child(3)"))
    assert "place=湖南" in hunan.xpath("string(//a[text()='政府网站']/@href)")
    assert "火星" in texts(page(client, "/sources?place=火星"), ".reading")[0]


def test_each_example_of_the_help_page_runs(client: TestClient) -> None:
    tree = page(client, "/help")
    links = [a.get("href") for a in tree.cssselect("table a")]
    assert len(links) == len(WORDS) + len(FIELDS)
    for link in links:
        result = page(client, link)
        assert result.cssselect(".results")
        assert "不能当作条件" not in result.text_content(), link


def test_a_typing_error_is_asked_about(client: TestClient) -> None:
    (link,) = page(client, "/?q=非地+揭牌").cssselect(".reading a")
    assert link.text_content() == "飞地 揭牌"
    assert texts(page(client, link.get("href")), ".above strong") == ["2"]


def test_similar_articles_stand_beside_without_copies(client: TestClient) -> None:
    hit = page(client, "/?q=云山市基金招商").cssselect(".hits h3 a")[0].get("href")
    beside = page(client, hit).xpath("//section[h2='相似文章']//a/@href")
    assert beside
    assert hit.partition("?")[0] not in beside
    assert f"/articles/{COPY}" not in page(client, f"/articles/{RICH}").xpath("//section[h2='相似文章']//a/@href")


def test_a_hit_says_why_it_is_there(client: TestClient) -> None:
    link = page(client, "/?q=飞地+税收").xpath("//a[.='为什么是这条']")[0]
    tree = page(client, link.get("href"))
    assert "相邻两字" in texts(tree, "tbody")[0]
    numbers = [float(n) for n in texts(tree, "td.number")]
    total = float(tree.xpath("string(//dt[.='得分']/following-sibling::dd[1])"))
    assert sum(numbers) == pytest.approx(total, abs=0.01 * len(numbers))


def test_the_conditions_of_a_hit_have_their_grounds(client: TestClient) -> None:
    def grounds(path: str) -> str:
        return " ".join(texts(page(client, path), "section:nth-of-type(2) .pairs"))

    [link] = page(client, "/?practice=enclave&place=430000&kind=government").xpath("//a[.='为什么是这条']/@href")
    told = grounds(link)
    assert "举措：飞地" in told and "合办的飞地园区" in told and "讲到湖南长沙" in told
    tree = page(client, link)
    assert not tree.cssselect("table")
    anchor = tree.cssselect(".pairs a")[0].attrib["href"]
    assert page(client, anchor).xpath(f"//*[@id='{anchor.rpartition('#')[2]}']")
    asked = "region:湖南 figure:投资额 value:>=40亿 after:2024 source:商务局 kind:政府"
    told = grounds(f"/articles/{RICH}/why?q={quote(asked)}")
    assert all(part in told for part in ("讲到湖南长沙", "46 亿元", "2024-03-12", "临湖市商务局", "政府网站"))
    [forum] = page(client, "/?q=region:上海 幾點體會").xpath("//a[.='为什么是这条']/@href")
    assert "网站“招商论坛”在上海" in grounds(forum)


def test_every_practice_has_a_page(client: TestClient) -> None:
    assert client.get("/practices/飞地", follow_redirects=False).headers["location"] == "/practices/enclave"
    for practice in list(rules())[:5]:
        assert texts(page(client, f"/practices/{practice}"), "h1") == [rules()[practice].name]
    tree = page(client, "/practices/enclave")
    assert "飞地" in texts(tree, "blockquote")[0]
    assert page(client, "/practices/none", 404).cssselect("h1")


def test_a_number_of_the_matrix_is_what_its_link_finds(client: TestClient) -> None:
    for path in ("/matrix", "/matrix?columns=place", "/matrix?rows=place", "/matrix?q=招商引资&place=浙江"):
        cells = page(client, path).cssselect(".matrix td a")
        assert cells, path
        for cell in cells[:5]:
            assert texts(page(client, cell.get("href")), ".above strong") == [cell.text_content()], path


def test_the_map_counts_what_its_tiles_find(client: TestClient) -> None:
    tree = page(client, "/places")
    assert len(tree.cssselect(".tile")) == 34
    (row, *_) = tree.cssselect("tbody tr")
    assert texts(page(client, row.xpath(".//a/@href")[0]), ".above strong") == [
        row.cssselect(".number")[0].text_content()
    ]


def test_places_are_compared_and_unknown_ones_named(client: TestClient) -> None:
    tree = page(client, "/compare?place=hunan&place=浙江&place=无此地")
    assert texts(tree, ".sides h2") == ["湖南", "浙江"]
    assert "不认识“无此地”" in tree.text_content()


def test_a_name_that_several_places_have_is_told(client: TestClient) -> None:
    tree = page(client, "/compare?place=朝阳&place=湖南&q=飞地")
    [line] = [line for line in tree.cssselect(".reading") if "同名" in line.text_content()]
    assert line.text_content().startswith("“朝阳”取了辽宁朝阳")
    [beijing] = [a.get("href") for a in line.cssselect("a") if a.text_content() == "北京朝阳"]
    assert "北京朝阳" in texts(page(client, beijing), "h2")
    assert not page(client, "/compare?place=长沙&place=湖南").cssselect(".reading")


def test_a_dossier_is_made_by_forms_from_here_only(sample: Sample, client: TestClient) -> None:
    client.cookies.clear()
    fields = dict(page(client, f"/articles/{RICH}").forms[-1].form_values())
    assert client.post("/dossiers/add", data={**fields, "csrf": "x" * 22}).status_code == 403
    assert client.post("/dossiers/add", data=fields, headers={"Origin": "http://a.example"}).status_code == 403
    assert client.post("/dossiers/add", data=fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    made = client.post("/dossiers/add", data=fields, follow_redirects=False)
    assert made.status_code == 303
    address = made.headers["location"]
    assert re.fullmatch(r"/dossiers/[\w-]{22}", address)
    client.post("/dossiers/add", data={**fields, "article": IMPORTED})
    csrf = {"csrf": fields["csrf"]}
    client.post(address, data={**csrf, "do": "rename", "title": "飞地的税", "note": "备查"})
    client.post(address, data={**csrf, "do": "note", "article": RICH, "note": "看第二段"})
    client.post(address, data={**csrf, "do": "down", "article": RICH})
    tree = page(client, address)
    assert texts(tree, "h1") == ["飞地的税"]
    assert [a.get("href")[-16:] for a in tree.cssselect(".hits h2 a")] == [IMPORTED, RICH]
    assert texts(tree, ".hits .note") == ["看第二段"]
    for format in ("docx", "markdown", "csv", "ris"):
        assert client.get(f"{address}/export?format={format}").status_code == 200
    assert "看第二段" in client.get(f"{address}/export?format=markdown").text
    client.post(address, data={**csrf, "do": "remove", "article": RICH})
    assert len(page(client, address).cssselect(".hits h2")) == 1
    assert client.post(address, data={**csrf, "do": "x"}).status_code == 422
    assert (
        client.post(
            address, content=b"x" * 70_000, headers={"Content-Type": "application/x-www-form-urlencoded"}
        ).status_code
        == 413
    )
    assert client.get("/dossiers/" + "A" * 22).status_code == 404
    assert (
        client.post(address, data={"csrf": fields["csrf"], "do": "delete"}, follow_redirects=False).status_code == 303
    )
    assert client.get(address).status_code == 404
    client.cookies.clear()


spans = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=5)


@given(st.text(max_size=30), spans, spans, st.integers(0, 5))
def test_annotations_never_change_the_text(
    text: str, marks: list[tuple[int, int]], proofs: list[tuple[int, int]], offset: int
) -> None:
    text = text.replace("\0", "").replace("\r", "\n")
    evidence = [Evidence(s, e, f"e{i}", "<b>") for i, (s, e) in enumerate(proofs)]
    markup = str(annotated(text, marks, evidence, offset))
    assert (
        re.sub(r"<[^>]*>", "", markup)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", '"')
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        == text
    )
    covered = {i - offset for s, e in marks for i in range(s, e)} & set(range(len(text)))
    inside = re.findall(r"<mark>(.*?)</mark>", markup, re.S)
    assert bool(covered) == bool(inside)


texts_ = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=8)


@settings(deadline=None)  # the first example reads the tables of places and practices
@given(
    texts_,
    st.dictionaries(st.sampled_from(FILTERS), st.lists(texts_, min_size=1, max_size=3, unique=True), max_size=3),
    st.sampled_from(["relevance", "newest", "oldest", "added"]),
    st.integers(1, 500),
    st.booleans(),
)
def test_an_address_reads_back_as_the_view_it_was_made_from(
    q: str, filters: dict[str, list[str]], sort: str, number: int, flag: bool
) -> None:
    readable = {"year": ["2020"], "kind": ["forum"], "place": ["430000"], "region": ["330100"], "practice": ["fund"]}
    readable |= {"possible": ["fund"]}
    readable |= {"industry": ["battery"], "investor_origin": ["HK"], "event": ["signed"], "genre": ["news"]}
    readable |= {"figure": ["签约额", "计划"], "value": [">=10亿"], "since": ["2024-03-13T08:00"]}
    readable |= {f"not_{name}": values for name, values in readable.items()} | {
        "after": ["2020"],
        "before": ["2024-03"],
    }
    filters |= {name: values for name, values in readable.items() if name in filters}
    view = View(q, {k: tuple(v) for k, v in filters.items()}, sort=sort, page=number, strict=flag, expand=not flag)  # type: ignore[arg-type]
    assert View.read(QueryParams(view.address().partition("?")[2])) == view


def test_timelines_side_by_side_share_years_and_scale() -> None:
    one, none, two = timelines([[(201803, 2)], [], [(202001, 8)]])
    assert none is None and one and two
    assert [bar.label for bar in one.bars] == [bar.label for bar in two.bars] == ["2018", "2019", "2020"]
    assert one.bars[0].height == two.bars[2].height / 4


def test_a_hit_shows_the_figures_that_were_asked_for(client: TestClient) -> None:
    tree = html.document_fromstring(client.get("/?figure=投资额&value=>=40亿").content)
    (name, *_) = tree.xpath("//ul[@class='figures']//a")
    assert name.text_content() == "投资额 46 亿元（已签约，湖南长沙）"
    article = html.document_fromstring(client.get(name.get("href")).content)
    assert "总投资46亿元" in article.get_element_by_id(name.get("href").partition("#")[2]).getparent().text_content()
    assert "读不懂，没有用上" in client.get("/?q=飞地&value=很多").text


@given(
    st.lists(
        st.tuples(st.integers(1900, 2100).map(lambda y: y * 100 + 5), st.integers(1, 10**6)), min_size=1, max_size=30
    )
)
def test_a_timeline_holds_what_it_was_given(histogram: list[tuple[int, int]]) -> None:
    months = dict(histogram)
    line = timeline(months.items())
    assert line
    if max(months) // 100 - min(months) // 100 < 60:
        assert line.total == sum(months.values())
    assert all(bar.y >= 0 and bar.y + bar.height <= line.height + 0.1 for bar in line.bars)
    assert max(bar.height for bar in line.bars) == line.height


@pytest.mark.parametrize("many", ["letters", "lines"])
def test_texts_made_to_be_compared_for_hours_are_compared_in_bounds(many: str) -> None:
    """1,400 letters of two kinds took a minute; the bound is of comparisons, not of seconds."""
    between = "" if many == "letters" else "\n"
    before, after = (replace(rich(), text=between.join(text), blocks=()) for text in ("a" * 1500, "ab" * 1500))
    work = Work()
    found = differences(before, after, work)
    assert work.left == 0
    assert sum(str(difference.html).count("b") for difference in found) >= 1500  # nothing is left out
    assert "<ins>二</ins>" in str(
        differences(replace(rich(), title="甲一"), replace(rich(), title="甲二"), Work())[0].html
    )
