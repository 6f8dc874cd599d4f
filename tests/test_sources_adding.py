"""`sources add` in a terminal: it asks until the answers can be used, and writes nothing where there is no list or nobody answers."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crawler.configuration import settings
from crawler.probing.fetch_list import FetchedList
from crawler.probing.infer_kind import infer_kind
from crawler.probing.infer_metadata import guess_region
from crawler.probing.source_template import draft_of, free_name
from crawler.sources import load_registry, regions
from crawler.sources.candidates import candidate_of, candidates
from crawler.terminal import Refusal
from tests.sites.trs import TrsSite
from zhaoshang.cli import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHAOSHANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZHAOSHANG_DELAY", "0")
    settings.cache_clear()
    yield tmp_path / "data" / "sources"
    settings.cache_clear()


def add(*arguments: str, answers: str = "") -> None:
    result = CliRunner().invoke(
        app, ["sources", "add", *arguments], input=answers, catch_exceptions=False, standalone_mode=False
    )
    assert result.exit_code == 0, result.output


def test_answers_are_asked_for_until_they_can_be_used(folder: Path) -> None:
    with TrsSite() as site:
        add(site.start_url, answers="walk\n示例县 招商动态\nnovel\nnews\n火星\n长沙\n")
        written = tomllib.loads((folder / "walk.toml").read_text(encoding="utf-8"))
        assert (written["title"], written["kind"], written["region"]) == ("示例县 招商动态", "news", "430100")
        assert written["start_urls"] == [site.start_url]
        with pytest.raises(Refusal, match="已在来源 'walk' 里"):
            add(site.start_url.removesuffix("index.html"), "--name", "again", "--yes")
        (folder / "walk.toml").unlink()
        add(site.start_url, "--name", "again", "--yes")
        assert (folder / "again.toml").exists()


def test_nothing_is_written_where_there_is_no_list_or_nobody_answers(folder: Path) -> None:
    with TrsSite() as site:
        for arguments, said in (
            ((site.url + "/none/", "--yes"), "没有写入：已失效"),
            (("http://127.0.0.1:1/x",), "没有写入：从这里访问不到"),
            ((site.start_url,), "没有人回答"),
            ((site.start_url, "--region", "火星", "--yes"), "火星"),
            ((site.start_url, "--kind", "novel", "--yes"), "novel"),
        ):
            with pytest.raises(Refusal, match=said):
                add(*arguments)
    assert not folder.exists()


def test_what_documents_say_of_a_site_goes_before_guesses() -> None:
    home = next(c for c in candidates() if c.what == "home" and c.region != "100000" and candidate_of(c.url) is c)
    draft, _ = draft_of(FetchedList(home.url.rstrip("/") + "/list/", "unreachable", ""), date(2024, 3, 13))
    assert (draft["region"], draft["kind"]) == (home.region, home.kind)
    assert draft["seen_in"].startswith("sources add，2024-03-13；") and home.seen_in in draft["seen_in"]
    assert candidate_of("http://127.0.0.1/") is None


def test_candidates_of_a_place_are_listed(folder: Path) -> None:
    result = CliRunner().invoke(app, ["sources", "discover", "--region", "湖南", "--json"])
    listed = json.loads(result.stdout)
    assert listed and all(c["region"].startswith("43") for c in listed)
    assert len(listed) == sum(c.region.startswith("43") for c in candidates())


def test_a_probe_that_reads_no_list_fails_and_offers_no_file(folder: Path) -> None:
    result = CliRunner().invoke(app, ["sources", "probe", "http://127.0.0.1:1/x"])
    assert result.exit_code == 1
    assert "从这里访问不到" in result.output and "start_urls" not in result.output


@pytest.mark.parametrize(
    ("title", "url", "page", "region", "alike"),
    [
        ("鼓楼区人民政府 招商动态", "http://a.example.cn/", "", "100000", 4),
        ("鼓楼区人民政府", "http://a.example.cn/", "网站标识码：3203020001", "320302", 0),
        ("鼓楼区人民政府", "http://a.example.cn/", "主办：福州市鼓楼区人民政府", "350102", 0),
        ("鼓楼区人民政府", "http://a.example.cn/", "豫ICP备11002233号", "410204", 0),
        ("鼓楼区人民政府", "http://gulou.nanjing.gov.cn/", "", "320106", 0),
        ("南京市鼓楼区人民政府", "http://a.example.cn/", "豫ICP备11002233号", "320106", 0),
        ("市中区人民政府", "http://a.example.cn/", "鲁ICP备05001122号", "370000", 2),
        ("新城区人民政府", "http://a.example.cn/", "陕公网安备 61010202000123号", "610102", 0),
        ("高新区管委会", "http://a.example.cn/", "网站标识码3201990001", "320100", 0),
        ("鼓楼 招商", "http://a.example.cn/", "", "100000", 0),
        ("全国人力资源网", "http://a.example.cn/", "", "100000", 0),
        ("紫金山文化网", "http://a.example.cn/", "", "100000", 0),
        ("湖南醴陵 要闻", "http://a.example.cn/", "", "430281", 0),
        ("醴陵招商", "http://a.example.cn/", "", "430281", 0),
        ("道真县招商网", "http://a.example.cn/", "", "520325", 0),
    ],
)
def test_a_place_is_told_from_others_of_its_name_or_not_guessed(
    title: str, url: str, page: str, region: str, alike: int
) -> None:
    guess, others = guess_region(title, url, page)
    assert (guess, len(others)) == (region, alike)


def test_what_was_given_is_checked_before_anything_is_asked(folder: Path) -> None:
    with TrsSite() as site:
        add(site.start_url, *("--name", "walk"), *("--region", "福州鼓楼区"), "--yes")
        assert tomllib.loads((folder / "walk.toml").read_text(encoding="utf-8"))["region"] == "350102"
        asked = len(site.requests)
        for arguments, said in (
            ((site.start_url, "--yes"), "已在来源 'walk' 里；已启用"),
            ((site.url + "/x/", "--name", "walk", "--yes"), "已有名为 'walk' 的来源"),
            ((site.url + "/x/", "--name", "A B", "--yes"), "A B"),
            ((site.url + "/x/", "--region", "鼓楼区", "--yes"), "福建福州鼓楼 350102"),
        ):
            with pytest.raises(Refusal, match=said):
                add(*arguments)
        assert len(site.requests) == asked


def test_lists_of_one_name_become_sources_of_two() -> None:
    url = "http://a.gov.cn/xw/bm/gzdt/"
    assert free_name("a-gzdt", url, ()) == "a-gzdt"
    assert free_name("a-gzdt", url, {"a-gzdt"}) == "a-xw-bm-gzdt"
    assert free_name("a-gzdt", url, {"a-gzdt", "a-xw-bm-gzdt"}) == "a-gzdt-2"


def test_probing_keeps_nothing_and_says_which_source_has_the_list(folder: Path) -> None:
    with TrsSite() as site:

        def probed() -> str:
            return CliRunner().invoke(app, ["sources", "probe", site.start_url], catch_exceptions=False).output

        assert "已在来源" not in probed()
        assert not folder.parent.exists()
        add(site.start_url, "--name", "walk", "--yes")
        assert "已在来源 'walk' 里" in probed()


def test_the_guess_for_a_known_source_is_its_place_or_what_holds_it(folder: Path) -> None:
    known = load_registry(settings()).values()
    guesses = [(source, guess_region(source.title, source.start_urls[0])[0]) for source in known]
    assert not [source.name for source, guess in guesses if not regions.is_within(source.region, guess)]
    assert sum(source.region == guess for source, guess in guesses) > 0.9 * len(guesses)


@pytest.mark.parametrize(
    ("title", "page", "kind"),
    [
        ("清河市招商服务网 招商动态", "皖ICP备12345号", "government"),
        ("云山市投资促进网 新闻中心", "", "government"),
        ("走进样例 新闻", "主办单位：样例县投资促进局 技术支持：某某科技有限公司", "government"),
        ("投资样例 动态", "主办单位：中共样例市委 样例市人民政府 承办：样例日报社", "government"),
        ("样例高新区 园区动态", "", "government"),
        ("样例在线 招商", "主办单位：样例市广播电视台", "news"),
        ("样例网 投资动态", "互联网新闻信息服务许可证34120180001", "news"),
        ("中国招商网 加盟信息", "版权所有：某某网络科技有限公司", "news"),
        ("样例日报 政府要闻", "", "news"),
    ],
)
def test_whose_a_site_is(title: str, page: str, kind: str) -> None:
    assert infer_kind("http://www.example.com/zs/", title, page) == kind
    assert infer_kind("http://zs.example.gov.cn/", title, page) == "government"
