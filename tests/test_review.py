"""The review queue: what it holds, what each decision writes, and that a decision holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from crawler.archive import Archive, Exchange, Page
from crawler.article import SHANGHAI
from crawler.configuration import Settings, load_settings
from crawler.sources import load_registry
from crawler.sources.reading_alarms import alarms_of
from crawler.stages.extract import extract_captures
from search_api.application import create_application
from search_api.services.upkeep.reviewing import NotDecided, decide, find_item, review_counts, review_page
from tests.crawl_desk import NOW
from tests.sample_sources import write_source

HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
SITE = "http://qinghe.example"
NEAR = (
    "清河县本周召开工作例会，听取各乡镇和各部门的情况汇报。会议要求优化营商环境，服务重点项目。"
    "会议还通报了春耕生产、森林防火和道路安全的情况，要求各单位加强值班，确保群众出行平安，做好学校食堂和养老院的检查，防止发生意外。"
)
OFF = "清河县图书馆新增图书三千册，周末照常开放，读者可以凭身份证办理借书证。少儿阅览室每周六下午举办故事会，欢迎家长带孩子参加。"
ON = "清河县赴深圳开展招商引资推介会，现场签约项目十二个，总投资三十六亿元，涉及新材料、装备制造两个产业，县招商局负责人介绍了园区的招商政策。"


def page(title: str, text: str, *, day: str = "", author: str = "") -> str:
    said = f"<p>发布时间：{day}</p>" if day else ""
    named = f'<meta name="author" content="{author}">' if author else ""
    return f"<html><head><title>{title}</title>{named}</head><body><h1>{title}</h1>{said}<div><p>{text}</p><p>{text}</p></div></body></html>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", workers=1)


@pytest.fixture
def archive(settings: Settings) -> Iterator[Archive]:
    with Archive.open(settings) as opened:
        yield opened


def capture(archive: Archive, *bodies: tuple[str, str]) -> None:
    with archive.captures.writer(archive.runs.start("crawl", NOW)) as writer:
        for path, body in bodies:
            writer.write(Exchange(f"{SITE}/{path}", 200, HEADERS, body.encode(), NOW, source="qinghe"))


def extract(archive: Archive, settings: Settings, *, everything: bool = False) -> None:
    extract_captures(archive, load_registry(settings), settings, everything=everything)
    archive.reviews.refresh()


def handles(archive: Archive, settings: Settings, kind: str = "") -> list[str]:
    return [item.handle for item in review_page(archive, load_registry(settings), kind=kind).items]


@pytest.fixture
def filled(archive: Archive, settings: Settings) -> Archive:
    write_source(settings, f"{SITE}/list.html", name="qinghe")
    capture(
        archive,
        ("a.html", page("清河县召开工作例会", NEAR, day="2024-03-13")),
        ("off.html", page("清河县图书馆新增图书", OFF, day="2024-03-13")),
        ("202403/t20240318_1.html", page("清河县赴深圳招商", ON)),
    )
    extract(archive, settings)
    return archive


def corrections(settings: Settings) -> Path:
    return settings.data / "corrections.toml"


def test_a_rejected_page_that_is_accepted_is_an_article_for_good(filled: Archive, settings: Settings) -> None:
    (handle,) = handles(filled, settings, "rejected")
    requests = len(list(filled.captures.to_extract(everything=True)))
    told = decide(filled, settings, handle, "accept")
    assert "不用重新抓取" in told and "keep = true" in corrections(settings).read_text(encoding="utf-8")
    assert filled.articles.by_url(f"{SITE}/a.html") is None
    extract(filled, settings)
    assert (kept := filled.articles.by_url(f"{SITE}/a.html")) and kept.article.title == "清河县召开工作例会"
    extract(filled, settings, everything=True)
    assert filled.articles.by_url(f"{SITE}/a.html") is not None
    assert len(list(filled.captures.to_extract(everything=True))) == requests
    assert not handles(filled, settings, "rejected")
    corrections(settings).write_text("", encoding="utf-8")  # taken back by hand
    filled.corrections.apply()
    extract(filled, settings)
    assert filled.articles.by_url(f"{SITE}/a.html") is None and handles(filled, settings, "rejected") == [handle]


def test_what_was_put_away_comes_back_when_the_page_changes(filled: Archive, settings: Settings) -> None:
    for handle in handles(filled, settings):
        decide(filled, settings, handle, "away")
    assert not handles(filled, settings)
    extract(filled, settings, everything=True)
    assert not handles(filled, settings)
    capture(filled, ("a.html", page("清河县召开工作例会", NEAR.replace("本周", "上周"), day="2024-03-13")))
    extract(filled, settings)
    assert [h.partition(":")[0] for h in handles(filled, settings)] == ["rejected"]
    with pytest.raises(NotDecided, match="没有"):
        find_item(filled, "date:0000000000000000")


def test_a_day_in_doubt_is_confirmed_or_corrected_and_comments_stay(filled: Archive, settings: Settings) -> None:
    (handle,) = handles(filled, settings, "date")
    item = find_item(filled, handle)
    assert item.doubt == "日期只在网址里：2024-03-18" and item.is_now == "2024-03-18"
    corrections(settings).write_text(
        f'# 由张三维护\n["{item.article}"]\n# 查过纸质版\norigin = "清河日报"  # 头版\n\n# 余下的待查\n',
        encoding="utf-8",
    )
    with pytest.raises(NotDecided, match="日期写作"):
        decide(filled, settings, handle, "correct", value="三月")
    decide(filled, settings, handle, "correct", value="2024-03-17")
    text = corrections(settings).read_text(encoding="utf-8")
    for kept in ("# 由张三维护", "# 查过纸质版", 'origin = "清河日报"  # 头版', "# 余下的待查", "date = 2024-03-17"):
        assert kept in text
    stored = filled.articles.get(item.article)
    assert stored and stored.article.published_at and stored.article.published_at.day == 17
    assert not handles(filled, settings, "date") and stored.article.origin == "清河日报"
    (line,) = [json.loads(one) for one in (settings.data / "audit.log").read_text(encoding="utf-8").splitlines()]
    assert (line["what"], line["on"], line["value"]) == ("review correct", handle, "2024-03-17")


def test_a_title_that_the_list_has_otherwise_stands_first_with_both(archive: Archive, settings: Settings) -> None:
    write_source(settings, f"{SITE}/list.html", name="qinghe")
    capture(archive, ("t.html", page("清河县赴深圳招商", ON, day="2024-03-13")))
    found = archive.captures.latest(f"{SITE}/t.html")
    title, day = "清河县代表团走进东莞举办产业对接活动", datetime(2024, 3, 9, tzinfo=SHANGHAI)
    facts = {"title": title, "date": day, "state": "fetched", "first_fetched": NOW, "capture": found and found.id}
    archive.frontier.save_page(Page(f"{SITE}/t.html", f"{SITE}/t.html", "qinghe", **facts))  # type: ignore[arg-type]
    extract(archive, settings)
    items = review_page(archive, load_registry(settings)).items
    told = {item.kind: item for item in items}
    assert sorted(told) == ["date", "title"] and all(item.differs for item in items)
    assert told["title"].doubt == f"网页上是“清河县赴深圳招商”，列表上是“{title}”"
    for item in items:
        assert item.said and item.said in item.doubt and item.is_now in item.doubt
        decide(archive, settings, item.handle, "accept")
    stored = archive.articles.by_url(f"{SITE}/t.html")
    assert stored and not stored.article.unsure and not handles(archive, settings)


def test_a_file_that_cannot_be_read_is_named_and_nothing_is_lost(filled: Archive, settings: Settings) -> None:
    (handle,) = handles(filled, settings, "date")
    id = handle.partition(":")[2]
    broken = f'["{id}"]\ndate = 2024-03-\n'
    corrections(settings).write_text(broken, encoding="utf-8")
    with pytest.raises(Exception, match="读不懂"):
        decide(filled, settings, handle, "accept")
    assert corrections(settings).read_text(encoding="utf-8") == broken


def test_an_alarm_is_put_away_in_the_sources_file_until_it_is_another(archive: Archive, settings: Settings) -> None:
    write_source(settings, f"{SITE}/list.html", name="qinghe")
    file = settings.data / "sources" / "qinghe.toml"
    file.write_text(
        "# 县里的\n" + file.read_text(encoding="utf-8") + "\n[budget]\npages = 9  # 少问\n", encoding="utf-8"
    )
    pages = [
        (f"p{n}.html", page(f"清河县第{n}次招商推介会", f"第{n}次。{ON}{n}", day=f"2024-03-1{n}", author="赵小明"))
        for n in range(5)
    ]
    capture(archive, *pages)
    extract(archive, settings)
    run = archive.runs.start("nightly", NOW)
    archive.runs.finish(run, {"drifted": [{"source": "qinghe", "reading": True}]})
    alarms = alarms_of(archive, "qinghe")
    shown = [h for h in handles(archive, settings) if h.startswith("alarm:")]
    assert len(shown) == len(alarms) and alarms and handles(archive, settings)[0] == shown[0]
    decide(archive, settings, shown[0], "away")
    text = file.read_text(encoding="utf-8")
    assert "# 县里的" in text and "pages = 9  # 少问" in text and "reviewed = [" in text
    assert len(alarms_of(archive, "qinghe")) == len(alarms) - 1
    if len(shown) > 1:
        decide(archive, settings, shown[1], "correct", value="title=h1")
        assert load_registry(settings)["qinghe"].selectors.title == "h1"  # type: ignore[union-attr]


def test_the_page_shows_and_decides_for_those_who_may_write(filled: Archive, settings: Settings) -> None:
    with TestClient(create_application(settings), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5)) as client:
        shown = client.get("/review").text
        assert "清河县召开工作例会" in shown and "日期只在网址里" in shown and "待看" in client.get("/sources").text
        csrf = shown.split('name="csrf" value="')[1].split('"')[0]
        (handle,) = handles(filled, settings, "rejected")
        sent = {"csrf": csrf, "handle": handle, "verdict": "accept", "here": "/review?kind=rejected"}
        answer = client.post("/review", data=sent, follow_redirects=False)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/review?kind=rejected&done=")
        assert client.post("/review", data={**sent, "csrf": "x"}).status_code == 403
        assert client.post("/review", data=sent).status_code == 422  # it was decided
    with TestClient(create_application(settings), base_url="http://127.0.0.1:8000", client=("192.0.2.7", 5)) as client:
        assert client.get("/review").status_code in (401, 403)
    assert review_counts(filled, load_registry(settings))["qinghe", "rejected"] == 0
