"""The registry: what a source's file may say, and how its faults are told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawler.configuration import Settings
from crawler.sources import SourceError, load_registry, load_source, read_registry

GOOD = """\
name = "yangping"
title = "样坪县商务局"
kind = "government"
region = "340123"
start_urls = ["http://127.0.0.1:9/zsdt/"]
seen_in = "样例，2026-11-22"
since = 2020-01-01
budget = { pages = 40, minutes = 2 }
"""


def written(folder: Path, text: str, name: str = "yangping") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_source_is_read(tmp_path: Path) -> None:
    source = load_source(written(tmp_path, GOOD))
    assert source.since == date(2020, 1, 1)
    assert (source.budget.pages, source.budget.minutes, source.gate, source.spider_name) == (40, 2.0, True, "portal")
    assert source.sites == {"127.0.0.1:9"}


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:9/zsdt/1.html", True),
        ("http://127.0.0.1:10/zsdt/1.html", False),
        ("https://www.sibling.gov.cn/1.html", True),
        ("http://sibling.gov.cn:8080/1.html", True),
        ("http://evilsibling.gov.cn/1.html", False),
        ("http://a.b.city.gov.cn/1.html", True),
        ("http://city.gov.cn/1.html", False),
        ("http://127.0.0.1:99999999/", False),
    ],
)
def test_another_host_is_followed_only_where_it_is_allowed(tmp_path: Path, url: str, allowed: bool) -> None:
    hosts = 'allowed_hosts = ["sibling.gov.cn", "www.sibling.gov.cn", ".city.gov.cn"]\n'
    assert load_source(written(tmp_path, hosts + GOOD)).allows(url) is allowed


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('kind = "government"', 'kind = "gov"', "kind"),
        ('kind = "government"', "", "kind"),
        ('region = "340123"', "region = 340123", "region"),
        ('region = "340123"', 'region = "3401"', "region"),
        ('"http://127.0.0.1:9/zsdt/"', '"127.0.0.1/zsdt/"', "start_urls.0"),
        ('["http://127.0.0.1:9/zsdt/"]', "[]", "start_urls"),
        ("pages = 40", "page = 40", "budget.page"),
        ('title = "样坪县商务局"', 'titel = "样坪县商务局"', "title"),
        ('name = "yangping"', 'name = "yangpin"', "name"),
        ('name = "yangping"', "name = ", ""),
    ],
)
def test_a_fault_names_file_key_and_reason(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(SourceError) as caught:
        load_source(path)
    assert (caught.value.file, caught.value.key) == (path, key)
    assert caught.value.reason in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_own_sources_win_and_one_broken_file_spares_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.sources.registry.SHIPPED", tmp_path / "shipped")
    settings = Settings(data=tmp_path)
    written(tmp_path / "shipped", GOOD)
    written(tmp_path / "shipped", GOOD.replace("yangping", "other"), "other")
    written(tmp_path / "sources", GOOD.replace("样坪县商务局", "自己的"))
    assert {n: s.title for n, s in load_registry(settings).items()} == {"other": "样坪县商务局", "yangping": "自己的"}
    written(tmp_path / "sources", "name = 1", "broken")
    sources, faults = read_registry(settings)
    assert set(sources) == {"other", "yangping"} and [f.file.stem for f in faults] == ["broken"]
    with pytest.raises(SourceError, match="broken"):
        load_registry(settings)
