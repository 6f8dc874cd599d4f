"""The sample web serves what it promises, and lists and articles are read from it as its data says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from crawler.canonical import canonicalise
from crawler.platforms import read_list
from crawler.sources import load_source
from crawler.terminal import Refusal
from zhaoshang.demo import mirror
from zhaoshang.demo.content import Expected
from zhaoshang.demo.run import served
from zhaoshang.demo.web import KINDS, DemoWeb


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(ports=[0] * len(KINDS)) as served:
        yield served


def fetch(
    url: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urlopen(Request(url, data=body, headers=headers or {})) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def of(web: DemoWeb, *fates: str) -> list[Expected]:
    return [e for e in web.expected() if e.fate in fates]


def test_about_150_pages_an_eighth_off_topic_no_two_alike(web: DemoWeb) -> None:
    expected = web.expected()
    count = Counter(e.fate for e in expected)
    assert 140 <= len(expected) <= 160
    assert 0.1 <= count["rejected"] / (count["rejected"] + count["article"]) <= 0.15
    assert len({canonicalise(e.url) for e in expected}) == len(expected)
    assert len({e.site for e in expected}) == len(web.sites) == 6
    years = {e.published[:4] for e in of(web, "article")}
    assert years >= {str(year) for year in range(2015, 2025)}


def test_sources_are_valid_and_name_no_platform(web: DemoWeb, tmp_path: Path) -> None:
    sources = [load_source(path) for path in web.sources(tmp_path / "new")]
    assert [s.name for s in sources] == [s.name for s in web.sites]
    assert all(s.platform is None and s.selectors is None and s.gate for s in sources)
    assert {s.kind for s in sources} == {"government", "news", "forum"}


def test_every_list_leads_to_every_page(web: DemoWeb) -> None:
    found = {}
    for site in web.sites:
        for url in site.start_urls:
            for entry in entries(url):
                found.setdefault(canonicalise(entry[0]), entry)
    untitled = Counter[str]()
    for expected in web.expected():
        _, title, day = found.pop(canonicalise(expected.url))
        if title:
            assert mirror.unnoted(title) == expected.title
        else:
            untitled[expected.site] += 1
        assert day == expected.published[:10]
    assert not found
    assert list(untitled) == ["demo-feed"]  # a sitemap has no titles


def entries(url: str) -> Iterator[tuple[str, str, str]]:
    asked: tuple[str, bytes | None, dict[str, str]] | None = (url, None, {})
    for _ in range(20):
        assert asked is not None
        status, content, headers = fetch(asked[0], body=asked[1], headers=asked[2])
        if status == 404:
            return  # the list that is gone
        page = read_list(content, asked[0], headers=headers)
        assert page.entries
        for entry in page.entries:
            yield entry.url, entry.title, str(entry.date)[:10]
        if page.next_request:
            asked = page.next_request.url, page.next_request.body, dict(page.next_request.headers)
        elif page.next_page:
            asked = page.next_page, None, {}
        else:
            return
    raise AssertionError(f"{url} has no end")


def test_pages_carry_their_text_in_their_encoding(web: DemoWeb) -> None:
    for expected in of(web, "article", "rejected"):
        whole = ""
        for url in (expected.url, *expected.parts):
            status, content, headers = fetch(url)
            assert status == 200
            whole += content.decode(headers["Content-Type"].partition("charset=")[2])
        whole = re.sub(r'<font class="jammer">.*?</font>|<span style="display:none">.*?</span>', "", whole)
        bare = mirror.unnoted(re.sub(r"<[^>]+>", "", whole.replace("</td><td>", "\t"))).replace("&#34;", '"')
        assert all(line in bare for line in expected.text.splitlines())
        assert expected.title in bare
        assert all(value in bare for value in (expected.origin, expected.author, expected.editor) if value)
    forms = {fetch(site.start_urls[0])[2]["Content-Type"].partition("charset=")[2] for site in web.sites[:5]}
    assert forms == {"gbk", "utf-8"}
    assert b'encoding="GB18030"' in fetch(web.sites[5].start_urls[0])[1]


def test_walls_challenges_and_robots(web: DemoWeb) -> None:
    challenge, refresh = sorted(of(web, "blocked"), key=lambda e: e.site, reverse=True)
    status, content, headers = fetch(challenge.url)
    assert status == 412 and b"document.cookie" in content and "Set-Cookie" in headers
    status, content, _ = fetch(refresh.url)
    assert status == 200 and len(content) < 3000 and "频繁刷新限制" in content.decode("gbk")
    assert len(of(web, "wall")) == 3
    kinds = Counter[tuple[bool, bool]]()
    for wall in of(web, "wall"):
        content = fetch(wall.url)[1]
        kinds[(b'id="messagetext"' in content, b'class="locked"' in content)] += 1
    assert kinds == {(True, False): 2, (False, True): 1}
    (forbidden,) = of(web, "forbidden")
    folder = re.sub(r"https?://[^/]+(/[^/]+/).*", r"\1", forbidden.url)
    assert f"Disallow: {folder}" in fetch(re.sub(r"(//[^/]+)/.*", r"\1/robots.txt", forbidden.url))[1].decode()


def test_lists_are_answered_304_and_by_head(web: DemoWeb) -> None:
    for site in web.sites:
        if site.kind == "forum":
            continue  # a board's pages are made anew for everybody
        _, content, headers = fetch(site.start_urls[0])
        assert fetch(site.start_urls[0], headers={"If-None-Match": headers["ETag"]})[:2] == (304, b"")
        assert fetch(site.start_urls[0], headers={"If-Modified-Since": headers["Last-Modified"]})[0] == 304
        assert fetch(site.start_urls[0], headers={"If-None-Match": '"other"'})[:2] == (200, content)
    assert web.log[-1].status == 200


def test_one_page_changes_between_two_crawls() -> None:
    with DemoWeb(ports=[0] * len(KINDS)) as web:
        pages = [url for e in web.expected() for url in (e.url, *e.parts)]
        before = {url: fetch(url)[1] for url in pages}
        web.change()
        assert sum(fetch(url)[1] != before[url] for url in pages) == 1


def test_a_port_in_use_is_said_and_avoided() -> None:
    with DemoWeb(ports=[0] * len(KINDS)) as first:
        taken = int(first.sites[0].url.rstrip("/").rpartition(":")[2])
        with pytest.raises(OSError), DemoWeb(ports=[taken] * len(KINDS)):
            pass
    with pytest.raises(ValueError), DemoWeb(ports=[0]):
        pass
    with DemoWeb() as usual, DemoWeb() as other:
        assert other.note and not {s.url for s in usual.sites} & {s.url for s in other.sites}


def test_a_demo_comes_back_to_its_addresses(tmp_path: Path) -> None:
    with DemoWeb(ports=[0] * len(KINDS)) as web:
        web.sources(tmp_path)
        addresses = [site.url for site in web.sites]
        with pytest.raises(Refusal, match="被占用"), served(tmp_path):
            pass
    with served(tmp_path) as again:
        assert [site.url for site in again.sites] == addresses and not again.note
    (tmp_path / "demo-trs.toml").write_text("broken")
    with served(tmp_path) as afresh:
        assert len(afresh.sites) == len(KINDS)
