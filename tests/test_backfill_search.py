"""Backfills where a list ends too early: the site's own search between two days, and the list behind the list."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.lists.day_search import search_between
from crawler.lists.parsed_document import Document
from crawler.sources.backfill_status import backfill_status
from crawler.stages.backfill import backfill
from tests.loopback_site import Answer, Site
from tests.news_site import title
from tests.past_site import PAGE, Past, day_of
from tests.sample_sources import write_source

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
SPAN = (date(2018, 6, 1), date(2019, 6, 30))
COUNT, SHOWN = 120, 8  # of 24 pages the list shows eight
WANTED = {f"/a_{n}.html" for n in range(COUNT) if SPAN[0] <= day_of(n) <= SPAN[1]}
TWIN = f"/common/search/{'ab12' * 8}"


def _rows(numbers: list[int]) -> str:
    return "".join(f'<li><a href="/a_{n}.html">{title(n)}</a><span>{day_of(n)}</span></li>' for n in numbers)


class Capped(Past):
    """A list that ends after SHOWN pages; `more` stands on each of them; `broken`: it names one page more, which is not there."""

    def __init__(self, more: str, *, broken: bool = False) -> None:
        super().__init__(COUNT)
        self.more, self.last = more, SHOWN + broken

    def _list(self, page: int) -> Answer | None:
        answer = super()._list(page) if page <= SHOWN else None
        if answer is None:
            return None
        body = str(answer.body).replace("</body>", f"{self.more}</body>")
        return Answer(body.replace("下一页", "") if page == self.last else body)


class Was(Capped):
    """WAS5's search: hits between timestart and timeend, twenty a page, newest first."""

    def __call__(self, path: str) -> Answer | None:
        parts = urlsplit(path)
        if parts.path != "/was5/web/search":
            return super().__call__(path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if asked["channelid"] != "2093" or not asked.get("searchword"):
            return Answer("<html><body>没有检索词</body></html>")
        first, last = (date.fromisoformat(asked[key]) for key in ("timestart", "timeend"))
        hits = [n for n in reversed(self.articles) if first <= day_of(n) <= last]
        page, perpage = int(asked.get("page", 1)), 20
        shown = hits[(page - 1) * perpage : page * perpage]
        return Answer(f"<html><body><p>共有 {len(hits)} 条</p><ul>{_rows(shown)}</ul></body></html>")


class Government(Capped):
    """A search in GBK with startdate and enddate, days with dots, whose hits have a 下一页."""

    def __call__(self, path: str) -> Answer | None:
        answer = self._hits(path) if path.startswith("/search.do") else super().__call__(path)
        headers = {"Content-Type": "text/html; charset=gb2312"}
        return answer and Answer(str(answer.body).encode("gb18030"), answer.status, headers)

    def _hits(self, path: str) -> Answer:
        parts = urlsplit(path)
        asked = parse_qs(parts.query, encoding="gb18030")
        if asked["q"] != ["招商"] or asked["site"] != ["7"]:
            return Answer("<html><body>没有检索词</body></html>")
        first, last = (date.fromisoformat(asked[key][0].replace(".", "-")) for key in ("startdate", "enddate"))
        page = int(asked.get("p", ["1"])[0])
        hits = [n for n in reversed(self.articles) if first <= day_of(n) <= last]
        after = f"/search.do?{parts.query.partition('&p=')[0]}&p={page + 1}"
        more = f'<a href="{after}">下一页</a>' if page * PAGE < len(hits) else ""
        return Answer(f"<html><body><ul>{_rows(hits[(page - 1) * PAGE : page * PAGE])}</ul>{more}</body></html>")


class Twin(Capped):
    """The JSON list behind a list of TRS, which is not capped."""

    def __call__(self, path: str) -> Answer | None:
        parts = urlsplit(path)
        if parts.path != TWIN:
            return super().__call__(path)
        page = int(parse_qs(parts.query)["page"][0])
        shown = self.articles[::-1][(page - 1) * 20 : page * 20]
        results = [
            {"title": title(n), "url": f"/a_{n}.html", "publishedTimeStr": f"{day_of(n)} 09:00:00"} for n in shown
        ]
        data = {"data": {"total": COUNT, "page": page, "rows": 20, "results": results}}
        return Answer(json.dumps(data, ensure_ascii=False), headers={"Content-Type": "application/json"})


WAS_FORM = (
    '<form action="/was5/web/search"><input type="hidden" name="channelid" value="2093"><input name="searchword"><input name="exclude">'
    '<input name="timestart"><input name="timeend"><input type="submit" name="go" value="检索"></form>'
)
DATE_FORM = (
    '<form action="/search.do" method="GET"><input type="hidden" name="site" value="7"><input type="text" name="q">'
    '<input name="startdate" placeholder="2020.01.01"><input name="enddate" placeholder="2020.01.01"></form>'
)
TWIN_SCRIPT = f'<script>var channel = "{TWIN}?_isAgg=true";</script>'


@pytest.mark.parametrize(
    "site",
    [Was(WAS_FORM), Government(DATE_FORM), Twin(TWIN_SCRIPT), Was(WAS_FORM, broken=True)],
    ids=["was5", "startdate and enddate", "trs twin", "the list ends with 404"],
)
def test_what_a_list_no_longer_shows_is_found_by_the_sites_own_search(tmp_path: Path, site: Capped) -> None:
    settings = load_settings(data=tmp_path / "data", delay=0.0, workers=1)
    with Archive.open(settings) as archive, Site(respond=site) as web:
        write_source(settings, f"{web.url}/index.html", since="2022-01-01", budget="{ pages = 40 }")
        archive.backfills.start("sample", *SPAN)
        for number in range(2):
            backfill(["sample"], archive, settings, now=NOW + timedelta(days=number))
        fetched = {urlsplit(page.url).path for page in archive.frontier.pages("sample", state="fetched")}
        status = backfill_status(archive, "sample", 40)
        assert fetched == WANTED
        assert status is not None and status.done and len(status.lists) == 2
        assert len({path for path in web.asked if "/a_" in path}) == len(WANTED)


def test_without_a_search_the_report_says_where_the_list_ended(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path / "data", delay=0.0, workers=1)
    with Archive.open(settings) as archive, Site(respond=Capped("")) as web:
        write_source(settings, f"{web.url}/index.html", since="2022-01-01")
        archive.backfills.start("sample", *SPAN)
        backfill(["sample"], archive, settings, now=NOW)
        status = backfill_status(archive, "sample", 40)
        assert status is not None and status.done and "更早的没有列出" in status.lacking[0]


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ('<form action="/s"><input name="beginDate" value="2020/01/01"><input name="endDate"></form>', "2019/01/02"),
        (
            '<form action="/s"><input name="date_from" type="date"><input name="date_to" type="date"></form>',
            "2019-01-02",
        ),
        (
            '<form action="/s"><input name="sTime1" onclick="W({dateFmt:\'yyyyMMdd\'})"><input name="sTime2"></form>',
            "20190102",
        ),
        ('<form action="/s"><input name="kssj"><input name="jssj"></form>', "2019-01-02"),
        ('<form action="/s" method="post"><input name="startdate"><input name="enddate"></form>', None),
        ('<form action="/s"><input name="keyword"><input name="page1"><input name="page2"></form>', None),
        ('<form action="/s"><input name="startdate"></form>', None),
        ('<form action="javascript:go()"><input name="startdate"><input name="enddate"></form>', None),
    ],
)
def test_the_form_that_takes_two_days(form: str, found: str | None) -> None:
    page = f"<html><body><form action='/x'><input name='q'></form>{form}</body></html>".encode()
    url = search_between(Document.open(page, "http://site.example/zs/"), date(2019, 1, 2), date(2019, 12, 30))
    assert (url is None) == (found is None)
    assert found is None or (
        url is not None and f"={quote(found, safe='')}" in url and url.startswith("http://site.example/s?")
    )
