"""A site that changes its layout between two nights: the second says so, with the page that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback_site import Answer, Site
from tests.whole_way import Desk
from zhaoshang.demo.web import KINDS, DemoWeb

FIRST, SECOND = "2026-03-01T02:00", "2026-03-01T23:00"
PLACES = [
    "清河",
    "双溪",
    "白石",
    "南浦",
    "青岚",
    "东渡",
    "柳湾",
    "石桥",
    "云岭",
    "沙洲",
    "金沙",
    "新桥",
    "平川",
    "梅岭",
]
NAV = "<div class='menu'><a href='/'>首页</a><a href='/x'>走进样例</a><a href='/y'>招商引资</a><a href='/z'>政务公开</a></div>"


def title(n: int) -> str:
    return f"{PLACES[n % len(PLACES)]}镇第{n}场招商引资推介会签约{n * 3 + 2}个项目"


def text(n: int) -> list[str]:
    place = PLACES[n % len(PLACES)]
    return [
        f"3月{n % 28 + 1}日，{place}镇举行招商引资推介会，{n + 40}家企业到会，现场签约项目{n * 3 + 2}个，总投资{n + 7}亿元。",
        f"{place}镇负责人介绍了当地的产业链招商政策，对落户项目按固定资产投资额的百分之{n % 9 + 1}给予奖励。",
        f"据介绍，今年以来{place}镇招商引资到位资金{n * 2 + 11}亿元，驻点招商小分队走访企业{n * 5 + 30}家次。",
    ]


def as_it_was(n: int) -> str:
    body = "".join(f"<p>{line}</p>" for line in text(n))
    return (
        f"<html><head><title>{title(n)}-样例县投资促进局</title></head><body>{NAV}<h1>{title(n)}</h1>"
        f"<div class='info'>2026-02-{n % 28 + 1:02d} 来源：样例日报</div><div class='content'>{body}</div></body></html>"
    )


def shell(n: int) -> str:
    """The text is brought by a script; what is left is the frame."""
    frame = "".join(
        f"<p>{line}</p>"
        for line in (
            "样例县投资促进局主管全县招商引资工作，负责拟订招商引资政策并组织实施，欢迎各界客商前来考察洽谈。",
            "投资热线工作日全天接听，招商引资咨询、项目申报、政策兑现请到政务服务大厅二楼综合窗口办理。",
        )
    )
    return (
        f"<html><head><title>样例县投资促进局</title></head><body>{NAV}<h1>样例县投资促进局</h1><div id='app' data-id='{n}'></div>"
        f"<div class='about'>{frame}</div><script src='/app.js'></script></body></html>"
    )


def bare(n: int) -> str:
    return f"<html><head><title>样例县投资促进局</title></head><body><div id='app' data-id='{n}'></div><script src='/app.js'></script></body></html>"


def off(n: int) -> str:
    """The article's place is taken by what is of no concern."""
    weather = "".join(
        f"<p>今天白天晴转多云，最高气温{n + d}度，偏南风三级，适宜晾晒和户外运动，注意防晒。</p>" for d in range(4)
    )
    return f"<html><head><title>样例县天气预报</title></head><body>{NAV}<h1>样例县天气预报第{n}期</h1><div class='content'>{weather}</div></body></html>"


class County:
    """A list, newest first, and its articles in a layout that may change."""

    def __init__(self) -> None:
        self.count, self.layout = 14, as_it_was
        self.few: int | None = None

    def __call__(self, path: str) -> Answer | None:
        if path == "/":
            shown = range(self.count - 1, -1, -1)[: self.few]
            rows = "".join(
                f'<li><a href="/a/{n}.html">{title(n)}</a><span>2026-02-{n % 28 + 1:02d}</span></li>' for n in shown
            )
            return Answer(f"<html><head><title>招商动态</title></head><body>{NAV}<ul>{rows}</ul></body></html>")
        if path.startswith("/a/"):
            return Answer(self.layout(int(path[3:-5])))
        return None


@pytest.fixture
def county() -> Iterator[tuple[County, Site]]:
    made = County()
    with Site(respond=made) as site:
        yield made, site


def first_night(tmp_path: Path, site: Site, more: str = "") -> Desk:
    desk = Desk(tmp_path / "data")
    (desk.data / "sources").mkdir(parents=True)
    (desk.data / "sources/county.toml").write_text(
        'name = "county"\ntitle = "样例县投资促进局"\nkind = "government"\nregion = "340000"\nseen_in = "测试"\n'
        f'start_urls = ["{site.url}/"]\n{more}',
        encoding="utf-8",
    )
    desk.run("sources", "enable", "county")
    report = desk.json("nightly", "--now", FIRST)
    assert report["rows"][0]["new"] >= 10 and report["drifted"] == []
    golden = json.loads((desk.data / "golden/county/article.json").read_text(encoding="utf-8"))
    assert golden["article"]["title"].endswith("个项目")
    return desk


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layout", "new", "told"),
    [
        (shell, 3, ("忽然提取不出文章",)),  # three pages that are all the frame hold no article
        (shell, 2, ("标题忽然与列表上的不符",)),
        (bare, 3, ("忽然提取不出文章",)),
        (off, 6, ("忽然大多不切题",)),
    ],
)
def test_the_first_night_after_says_so(
    tmp_path: Path, county: tuple[County, Site], layout: object, new: int, told: tuple[str, ...]
) -> None:
    made, site = county
    desk = first_night(tmp_path, site)
    made.layout, made.count = layout, made.count + new  # type: ignore[assignment]
    done = desk.run("nightly", "--now", SECOND, code=1)
    said = done.stderr.replace("\n", "")
    assert "网站可能改版" in said and all(sign in said for sign in told) and "1 个来源没达到预期" in said
    assert "走样" in done.stdout
    (folder,) = (desk.data / "examples").iterdir()
    read = json.loads((folder / "read.json").read_text(encoding="utf-8"))
    assert read["read"]["url"].startswith(f"{site.url}/a/") and read["before"]["title"].endswith("个项目")
    number = int(read["read"]["url"].rpartition("/")[2][:-5])
    assert (folder / "page.html").read_text(encoding="utf-8") == made.layout(number)
    night = desk.json("status")["sources"]["county"]["nights"][0]
    assert night["outcome"] == "drift" and told[0] in night["note"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("few", "told"),
    [
        (1, "列表上的条目忽然变少：1 条，从前 14 条"),
        (0, "列表上的条目忽然变少：0 条，从前 14 条"),
        (6, "列表只有 6 条，预期至少 8 条"),
    ],
)
def test_a_list_that_shows_little_of_what_it_did(
    tmp_path: Path, county: tuple[County, Site], few: int, told: str
) -> None:
    made, site = county
    desk = first_night(tmp_path, site, "expected = 8\n" if few == 6 else "")
    made.few = few
    done = desk.run("nightly", "--force", "--now", SECOND, code=1)
    assert "网站可能改版" in done.stderr and told in done.stderr
    (folder,) = (desk.data / "examples").iterdir()
    assert "招商动态" in (folder / "page.html").read_text(encoding="utf-8")
    again = desk.json("nightly", "--force", "--now", "2026-03-02T23:00", code=None)
    assert bool(again["drifted"]) is (few != 6)  # it never showed what is expected: once is enough


@pytest.mark.slow
def test_the_sample_web_raises_no_alarm(tmp_path: Path) -> None:
    with DemoWeb(ports=[0] * len(KINDS)) as web:
        desk = Desk(tmp_path / "data")
        web.sources(desk.data / "sources")
        desk.run("sources", "enable", *(site.name for site in web.sites))
        for now in ("2024-12-30T02:00", "2025-01-02T02:00"):
            web.change()
            report = desk.json("nightly", "--force", "--now", now)
            assert report["drifted"] == [] and not (desk.data / "examples").exists()
