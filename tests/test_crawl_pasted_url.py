"""Addresses as people paste them, and pages that are not the list that was hoped for: each is understood, or said what to do about."""

from __future__ import annotations

import pytest

from crawler.configuration import Settings
from crawler.lists.client_redirect import client_redirect
from crawler.probing.probe import probe
from crawler.terminal import Refusal
from crawler.web.fetcher import address
from tests.loopback_site import Answer, Site
from tests.test_discovering import rows


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("网址：http://a.gov.cn/zs/。", "http://a.gov.cn/zs/"),
        ("看 www.a.gov.cn/zs/ ，挺好", "http://www.a.gov.cn/zs/"),
        ("看www.a.gov.cn/zs/，挺好", "http://www.a.gov.cn/zs/"),
        ("网址:www.a.gov.cn", "http://www.a.gov.cn"),
        ("《http://a.gov.cn/zs_(1).html》", "http://a.gov.cn/zs_(1).html"),
        ("（http://a.gov.cn/zs/)", "http://a.gov.cn/zs/"),
        ("http：//a.gov.cn/zs/", "http://a.gov.cn/zs/"),
        ("ｈｔｔｐ：／／ａ．ｇｏｖ．ｃｎ／ｚｓ／", "http://a.gov.cn/zs/"),
        ("http://a.gov.cn/zs/#top", "http://a.gov.cn/zs/"),
        ("http://a.gov.cn/gkmlpt/index#210", "http://a.gov.cn/gkmlpt/index#210"),
        ("http://a.gov.cn/go?to=http://b.cn/&x=%B5", "http://a.gov.cn/go?to=http://b.cn/&x=%B5"),
        ("招商.中国/列表/", "http://xn--czrx92a.xn--fiqs8s/%E5%88%97%E8%A1%A8/"),
    ],
)
def test_an_address_is_found_in_what_was_pasted(text: str, meant: str) -> None:
    assert address(text) == meant


@pytest.mark.parametrize("text", ["", "招商网", "ftp://a.gov.cn/", "http://a.gov.cn/x http://b.gov.cn/y"])
def test_what_names_no_address_or_two_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        address(text)


DOORS = {
    "meta": '<meta http-equiv="Refresh" content="0; URL=../list/">',
    "script": "<script>window.location.href = '/list/';</script>",
    "replace": '<body><script>location.replace("/list/")</script></body>',
    "onload": "<body onload=\"top.location='/list/'\"></body>",
    "frames": '<frameset rows="80,*"><frame src="/top.html" name="top"><frame src="/list/" name="main"></frameset>',
    "iframe": '<body><iframe src="/list/"></iframe></body>',
    "redirect": "",
}


@pytest.mark.parametrize("door", DOORS)
def test_a_page_that_only_sends_on_is_followed_and_the_list_itself_is_written(settings: Settings, door: str) -> None:
    pages = {
        f"/{door}/": Answer(f"<html><head>{DOORS[door]}</head></html>")
        if DOORS[door]
        else Answer("", status=302, headers={"Location": "/list/"}),
        "/list/": Answer(f"<html><title>招商动态 - 青溪县人民政府</title>{rows(9)}</html>"),
    }
    with Site(pages) as site:
        found = probe(f"{site.url}/{door}/", settings)
        assert found.status == "verified" and found.requests <= 4
        assert found.led_to == found.draft["start_urls"][0] == f"{site.url}/list/"


def test_a_page_that_says_something_is_no_door() -> None:
    talk = "<p>" + "本县今年签约项目逐月增加。" * 30 + "</p>"
    script = "<script>function go() { location.href = '/search'; }</script>"
    noscript = '<noscript><meta http-equiv="refresh" content="0;url=/plain"></noscript>'
    later = '<meta http-equiv="refresh" content="300;url=/list/">'
    own = '<meta http-equiv="refresh" content="0;url=/x/">'
    for page in (talk + script, noscript, later, own, ""):
        assert client_redirect(f"<html><body>{page}</body></html>".encode(), "http://a.gov.cn/x/") is None


def test_a_path_in_chinese_and_a_redirect_to_one_are_asked_for_as_browsers_do(settings: Settings) -> None:
    path = "/%E6%8B%9B%E5%95%86/"
    to = Answer("", status=302, headers={"Location": "/招商/".encode().decode("latin-1")})
    with Site({"/old/": to, path: Answer(f"<html>{rows(9)}</html>")}) as site:
        assert probe(f"{site.url}/招商/", settings).status == "verified"
        assert probe(f"{site.url}/old/", settings).draft["start_urls"] == [site.url + path]


def test_an_article_a_home_page_and_a_menu_are_told_apart_from_lists(settings: Settings) -> None:
    text = (
        "<p>"
        + "</p><p>".join(f"县招商小分队第{n}次外出洽谈，同企业谈了用地、配套和投产时间。" for n in range(12))
        + "</p>"
    )
    article = f"<html><title>青溪县外出招商</title><h1>青溪县外出招商洽谈装备制造项目</h1><div>发布时间：2026-02-03</div><div class=content>{text}</div>"
    menu = "".join(
        f'<li><a href="/{n}/">{name}</a></li>' for n, name in enumerate(("招商动态", "商务动态", "县区动态"))
    )
    pages = {
        "/art/2026/2/3/art_1_77.html": Answer(article + f"<div class=side>{rows(6)}</div></html>"),
        "/": Answer(f"<html><title>青溪县人民政府</title><ul>{menu}</ul>{rows(9)}</html>"),
        "/menu/": Answer(f"<html><ul>{menu}</ul></html>"),
    }
    with Site(pages) as site:
        found = probe(f"{site.url}/art/2026/2/3/art_1_77.html", settings)
        assert found.status == "no_list" and f"zhaoshang add {found.url}" in found.advice
        found = probe(site.url, settings)
        assert found.status == "no_list" and "首页" in found.said and "sources discover" in found.advice
        found = probe(f"{site.url}/menu/", settings)
        assert found.status == "no_list" and "sources discover" in found.advice
        found = probe(f"{site.url}/gone/", settings)
        assert found.status == "dead" and found.advice in "\n".join(found.lines())
