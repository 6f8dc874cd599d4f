"""The reachability register, as the commands show it: what was reached, when, and the answer that said so; lists led astray, and stale ones."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import Archive, ListState
from crawler.configuration import load_settings
from crawler.sources.source_status import redirected_off_list, stale
from tests.loopback_site import Answer, Site
from tests.news_site import News
from tests.whole_way import Desk

FILE = 'name = "yangli"\ntitle = "样例"\nkind = "news"\nregion = "340000"\nseen_in = "测试"\nstart_urls = ["http://127.0.0.1:1/"]\n'


def test_a_source_is_a_candidate_until_it_answers(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    (desk.data / "sources").mkdir(parents=True)
    (desk.data / "sources" / "yangli.toml").write_text(FILE, encoding="utf-8")
    assert desk.json("sources", "show", "yangli")["status"] == "candidate"
    with Archive.open(load_settings(data=desk.data)) as archive:
        at = datetime(2026, 3, 1, 20, tzinfo=UTC)  # the next day in Shanghai
        archive.frontier.set_source("yangli", status="challenge", status_answer="HTTP 412", status_at=at)
    shown = desk.json("sources", "show", "yangli")
    assert (shown["status"], shown["status_answer"]) == ("challenge", "HTTP 412")
    assert "设了验证 2026-03-02（HTTP 412）" in desk.run("sources", "show", "yangli").stderr


def test_each_state_after_a_night_and_after_a_check(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    (desk.data / "sources").mkdir(parents=True)
    news = News(6)
    wall = Answer("<html><script>document.cookie='k=1';location.reload()</script></html>", 412)
    with ExitStack() as stack:
        sites = (Site(respond=news), Site({"/": wall}), Site(), Site())
        good, walled, gone, empty = (stack.enter_context(site) for site in sites)
        gone.pages["/"] = Answer("", 302, {"Location": f"{good.url}/"})
        good.pages["/county/news/"] = Answer("", 302, {"Location": f"{good.url}/"})
        addresses = {
            "verified": f"{good.url}/",
            "challenge": f"{walled.url}/",
            "dead": f"{empty.url}/",
            "moved": f"{gone.url}/",
            "upwards": f"{good.url}/county/news/",
            "unreachable": "http://127.0.0.1:1/",
            "candidate": "http://127.0.0.1:1/later/",
        }
        for name, url in addresses.items():
            text = FILE.replace("http://127.0.0.1:1/", url).replace("yangli", name)
            (desk.data / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
        desk.run("sources", "enable", *(name for name in addresses if name != "candidate"))
        done = desk.run("nightly", "--now", "2026-03-02T02:00", code=1)
        checked = desk.run("sources", "check", *(name for name in addresses if name != "candidate"), code=1).stdout
    assert f"列表转向了 {good.url}/（{good.url}/county/news/）" in done.stdout
    expected = {name: "moved" if name == "upwards" else name for name in addresses}
    status = desk.json("status")
    assert {n: s["status"] for n, s in status["sources"].items()} == {
        n: s for n, s in expected.items() if n != "candidate"
    }
    assert status["reach"]["candidate"] >= 1 and status["reach"]["moved"] == 2
    assert all(s["status_at"] and s["status_answer"] for s in status["sources"].values())
    shown = desk.run("status").stdout
    for words in (
        "读到列表",
        "设了验证",
        "已失效",
        "已搬走",
        "从这里访问不到",
        "HTTP 412",
        "HTTP 404",
        "拒绝连接",
        f"转向 {good.url}",
    ):
        assert words in shown, words
    assert "搬到别的栏目" in checked and f"搬到 {good.url.removeprefix('http://')}" in checked


@pytest.mark.parametrize(
    ("asked", "answered", "astray"),
    [
        ("http://a.example/zs/dt/", "http://a.example/zs/dt/index.html", False),
        ("http://a.example/zs/", "https://www.a.example/zs/list.shtml", False),
        ("http://a.example/zs/index.html", "http://a.example/zs/2026/", False),
        ("http://a.example/zs/dt/", "http://a.example/", True),
        ("http://a.example/zs/dt/", "http://a.example/zwgk/dt/", True),
        ("http://a.example/zs/", "http://city.example/zs/", True),
        ("http://a.example/zs/", "http://a.example/zsdt/", True),
    ],
)
def test_a_redirect_off_the_list(asked: str, answered: str, astray: bool) -> None:
    assert redirected_off_list(asked, answered) is astray


def test_a_list_in_which_nothing_was_new_for_long_is_stale() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    lists = [
        ListState("s", "old", newest_at=datetime(2025, 6, 1, tzinfo=UTC)),
        ListState("s", "new", newest_at=datetime(2026, 2, 1, tzinfo=UTC)),
        ListState("s", "undated"),
    ]
    assert [state.url for state in stale(lists, now)] == ["old"]


@pytest.mark.slow
def test_a_stale_list_is_told_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    (desk.data / "sources").mkdir(parents=True)
    with Site(respond=News(6)) as site:
        text = FILE.replace("http://127.0.0.1:1/", f"{site.url}/")
        (desk.data / "sources" / "yangli.toml").write_text(text, encoding="utf-8")
        desk.run("sources", "enable", "yangli")
        told = {}
        for now in ("2026-03-01T02:00", "2026-03-20T02:00", "2026-09-01T02:00", "2026-09-03T02:00"):
            report = desk.json("nightly", "--now", now, code=None)
            told[now] = [remark for remark in report["remarks"] if "久未更新" in remark]
    assert [bool(remarks) for remarks in told.values()] == [False, False, True, False]
    assert told["2026-09-01T02:00"][0].startswith("yangli：最新一条是 2026-02-06 的")
