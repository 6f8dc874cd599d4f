"""The register on the pages: how each source was reached, what its lists named elsewhere, what gave no article, documents with what was stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from lxml import html
from starlette.testclient import TestClient

from crawler.archive import Archive, Exchange, ListState, Page, SourceReport
from crawler.archive.revisits import ELSEWHERE
from crawler.article import Attachment, article_id
from crawler.configuration import load_settings
from crawler.importing.articles import ImportedArticle
from crawler.stages.extract import extract_captures
from search_api.application import create_application
from tests.sample_sources import write_source
from tests.test_documents import MEASURES, ofd
from tests.test_platforms_attachments import pdf
from tests.web_fixtures import reader_here

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
BASE = "http://swj.yangli.example"
STATES = {"walled": "challenge", "gone": "dead", "far": "unreachable", "away": "moved", "good": "verified"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = load_settings(data=tmp_path_factory.mktemp("register") / "data", workers=1)
    write_source(settings, f"{BASE}/", name="yangli")
    for name in (*STATES, "waiting"):
        write_source(settings, f"http://{name}.example/", name=name)
    with Archive.open(settings) as archive:
        for name, status in STATES.items():
            archive.frontier.set_source(
                name, enabled=True, status=status, status_answer=f"回答 {status}", status_at=NOW
            )
        run = archive.runs.start("nightly", NOW)
        with archive.captures.writer(run) as writer:
            headers = (("Content-Type", "application/octet-stream"),)
            writer.write(Exchange(f"{BASE}/f/form.ofd", 200, headers, ofd(), NOW, source="yangli"))
            writer.write(Exchange(f"{BASE}/f/own.pdf", 200, headers, pdf(*MEASURES), NOW, source="good"))
            document = Exchange(
                f"{BASE}/f/plan.pdf", 200, headers, pdf(*MEASURES), NOW, source="yangli", role="attachment"
            )
            capture = writer.write(document)
        extract_captures(archive, {}, settings)
        article = ImportedArticle(text="样例县招商引资。", url=f"{BASE}/a.html", title="样例").article()
        archive.articles.save(
            article.with_(attachments=(Attachment(f"{BASE}/f/plan.pdf", "方案", "pdf"),)), capture=None
        )
        wechat = "http://mp.weixin.qq.com/s/abc"
        archive.frontier.save_page(
            Page(wechat, wechat, "yangli", state="gone", title="样例县招商推介", reason=ELSEWHERE)
        )
        archive.frontier.save_list(ListState("yangli", f"{BASE}/", newest_at=datetime(2020, 3, 1, tzinfo=UTC)))
        archive.frontier.set_source("yangli", enabled=True)
        archive.runs.record_source(run, "yangli", SourceReport(outcome="drift", note="标题忽然雷同"))
        drifted = {"source": "yangli", "signs": ["标题忽然雷同"], "url": f"{BASE}/b.html", "capture": capture.id}
        archive.runs.finish(run, {"drifted": [drifted]})
    with reader_here(create_application(settings)) as opened:
        opened.article = article.id  # type: ignore[attr-defined]
        yield opened


def page(client: TestClient, path: str) -> html.HtmlElement:
    response = client.get(path)
    assert response.status_code == 200, path
    return html.document_fromstring(response.text)


def test_each_state_is_shown_with_its_day_and_answer(client: TestClient) -> None:
    rows = page(client, "/sources?all=1").cssselect("tbody tr")
    shown = {row.cssselect("a")[0].get("href"): row.cssselect("td")[-1].text_content() for row in rows}
    words = {"walled": "设了验证", "gone": "已失效", "far": "从这里访问不到", "away": "已搬走", "good": "读到列表"}
    for name, word in words.items():
        found = page(client, f"/sources?reach={STATES[name]}").cssselect("tbody tr")
        assert [row.cssselect("a")[0].get("href") for row in found] == [f"/sources/{name}"]
        assert found[0].cssselect("td")[-1].text_content() == f"{word} 2026-03-01 回答 {STATES[name]}"
    assert any("没有到过" in text for text in shown.values())
    assert "设了验证 2026-03-01（回答 challenge）" in page(client, "/sources/walled").text_content()


def test_a_source_shows_what_it_led_to_and_what_it_gave_no_article_for(client: TestClient) -> None:
    shown = page(client, "/sources/yangli")
    text = " ".join(shown.text_content().split())
    assert "mp.weixin.qq.com，1 条样例县招商推介" in text
    assert "不支持的附件格式：OFD 快照" in text
    assert "2020-03-01" in text and "久未更新" in text
    assert "可能改版" in text and "标题忽然雷同" in text
    links = [a.get("href") for a in shown.xpath("//a[.='快照']")]
    assert len(links) == 2 and all(client.get(link).status_code == 200 for link in links)


def test_a_document_is_listed_with_what_was_stored_of_it(client: TestClient) -> None:
    shown = page(client, f"/articles/{client.article}")  # type: ignore[attr-defined]
    (link,) = shown.xpath("//section[h2='附件']//a[.='快照']/@href")
    answer = client.get(link)
    assert answer.content == pdf(*MEASURES)
    assert (
        answer.headers["content-disposition"].endswith('.pdf"')
        and "sandbox" in answer.headers["content-security-policy"]
    )
    assert client.get("/api/v1/captures/999").status_code == 404


def test_an_article_that_is_a_document_is_offered_to_save(client: TestClient) -> None:
    id = article_id(f"{BASE}/f/own.pdf")
    shown = page(client, f"/articles/{id}/capture")
    assert not shown.cssselect("iframe")
    (link,) = shown.xpath("//a[.='下载']/@href")
    assert client.get(link).content == pdf(*MEASURES)
