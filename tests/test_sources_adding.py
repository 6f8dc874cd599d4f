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
from crawler.looking import Look
from crawler.sources.candidates import candidate_of, candidates
from crawler.sources.drafting import draft_of
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
            ((site.url + "/none/", "--yes"), "没有写入：网址已失效"),
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
    draft, _ = draft_of(Look(home.url.rstrip("/") + "/list/", "unreachable", ""), date(2024, 3, 13))
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
