"""What Zotero takes from pages, by the rules of its translators, written down here from their sources (zotero/translators, zotero/utilities)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from lxml import html
from starlette.testclient import TestClient

from tests.sample_archive import IMPORTED, RICH, RICH_URL

pytest_plugins = ["tests.web_fixtures"]

ITEM_TYPES = {"webpage", "newspaperArticle", "forumPost", "journalArticle"}
HIGHWIRE = {  # Embedded Metadata, HIGHWIRE_MAPPINGS
    "citation_title": "title",
    "citation_publication_date": "date",
    "citation_publisher": "publisher",
    "citation_public_url": "url",
    "citation_language": "language",
}


def embedded_metadata(page: html.HtmlElement) -> dict[str, Any]:
    """An item by the rules of Embedded Metadata.js and RDF.js: a tag with a known prefix before `.`, `:` or `_` is a statement of RDF, from which `z:itemType` gives the type
    and `og:site_name` the publicationTitle; citation_title without a type is a guess at journalArticle; citation_* fill the fields, each author in a tag of its own."""
    item: dict[str, Any] = {"creators": [], "itemType": ""}
    guess = ""
    for meta in page.xpath("/html/head/meta"):
        name, value = meta.get("name") or meta.get("property") or "", meta.get("content") or ""
        if not (name and value):
            continue
        if name == "citation_title":
            guess = "journalArticle"
        if name == "z:itemType" and value in ITEM_TYPES:
            item["itemType"] = value
        elif name == "og:site_name":
            item["publicationTitle"] = value
        elif name in HIGHWIRE:
            item[HIGHWIRE[name]] = value
        elif name == "citation_author":
            item["creators"] += re.split(r"\s*;\s*", value)
    item["itemType"] = item["itemType"] or guess
    return item


def context_object(text: str) -> dict[str, Any] | None:
    """parseContextObject of openurl.js: split at & and =, + and %2B are spaces, the format dc is a webpage, rft.type sets an item type that exists."""
    parts = [part.split("=") for part in text.split("&")]
    if ["rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"] not in [[p[0], unquote(p[1])] for p in parts]:
        return None
    item: dict[str, Any] = {"itemType": "webpage", "creators": []}
    for key, value, *more in parts:
        assert not more, text  # what stands behind a second = is lost
        value = unquote(re.sub(r"\+|%2[bB]", " ", value), errors="strict")
        match key:
            case "rft.title" | "rft.date" | "rft.publisher" | "rft.language":
                item[key[4:]] = value
            case "rft.source":
                item["publicationTitle"] = value
            case "rft.au":
                item["creators"].append(value)
            case "rft.type" if value in ITEM_TYPES:
                item["itemType"] = value
            case "rft.identifier" if value.startswith(("http://", "https://")) and len(value) > 8:
                item["url"] = value
    return item


def entries(page: html.HtmlElement) -> list[dict[str, Any]]:
    """Of the spans that COinS.js takes, whatever else their class says."""
    spans = page.xpath('//span[contains(concat(" ", @class, " "), " Z3988 ")][@title]')
    return [item for span in spans if (item := context_object(span.get("title")))]


def read(client: TestClient, path: str) -> html.HtmlElement:
    return html.document_fromstring(client.get(path).text)


def test_an_article_is_an_item_with_all_its_fields(client: TestClient) -> None:
    item = embedded_metadata(read(client, f"/articles/{RICH}"))
    assert item["itemType"] == "webpage"
    assert item["title"] == "临湖云山飞地园区揭牌 首批十二个项目签约"
    assert item["url"] == RICH_URL
    assert item["date"] == "2024/03/12"
    assert item["publicationTitle"] == item["publisher"] == "临湖日报"
    assert item["creators"] and item["language"] == "zh-Hans"
    assert not entries(read(client, f"/articles/{RICH}"))  # they would be taken before the meta tags
    imported = embedded_metadata(read(client, f"/articles/{IMPORTED}"))
    assert imported["title"] and imported["url"].endswith(f"/articles/{IMPORTED}")


@pytest.mark.parametrize("path", ["/?q=飞地", "/?q=招商引资"])
def test_every_hit_of_a_list_is_an_item(client: TestClient, path: str) -> None:
    page = read(client, path)
    found, shown = entries(page), page.xpath('//ol[@class="hits"]/li//h3//a')
    assert len(found) == len(shown) >= 1
    assert [item["title"] for item in found] == [
        " ".join(link.text_content().replace("+", "＋").split()) for link in shown
    ]
    assert all(item["url"].startswith("http") for item in found)


def test_a_dossier_is_a_list_of_items(client: TestClient) -> None:
    page = read(client, f"/articles/{RICH}")
    form = {"csrf": page.xpath('//form[@action="/dossiers/add"]/input[@name="csrf"]/@value')[0], "article": RICH}
    dossier = html.document_fromstring(client.post("/dossiers/add", data=form).text)
    assert [item["url"] for item in entries(dossier)] == [RICH_URL]


def test_signs_that_take_an_item_apart_are_escaped(client: TestClient) -> None:
    from datetime import date

    from crawler.article import Article
    from search_api.exports.records import Recorder
    from search_api.exports.zotero import coins

    url = "http://a.example/?id=1&x=100%25&y=a+b#c"
    article = Article(
        id="0" * 16, url=url, canonical_url=url, title="C++ = 100% & “飞地”？", text="", source="x", kind="forum"
    )
    record = Recorder("http://h", lambda name: "论坛", date(2024, 1, 1)).of_article(article, has_capture=False)
    item = context_object(coins(record))
    assert item is not None and item["itemType"] == "forumPost"
    assert item["title"] == "C＋＋ = 100% & “飞地”？"  # Zotero makes a space of every +, escaped or not
    assert item["url"] == "http://a.example/?id=1&x=100%25&y=a%20b#c"
