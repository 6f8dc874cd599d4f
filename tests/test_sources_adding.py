"""`sources add` in a terminal: it asks until the answers can be used, and writes nothing where there is no list or nobody answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crawler.configuration import settings
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
