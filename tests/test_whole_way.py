"""The whole way over the sample web: every article as it was published, nothing else; a quiet second night; a change that becomes a revision."""

import json
import re
from collections.abc import Iterator

import pytest

from crawler.archive import Archive
from crawler.article import article_id, format_published
from crawler.canonical import canonicalise
from crawler.configuration import load_settings
from tests.whole_way import Desk
from zhaoshang.demo.web import KINDS, DemoWeb

pytestmark = pytest.mark.slow

FIRST, SECOND = "2024-12-30T02:00", "2024-12-30T03:00"  # before the first revisit falls due
NEXT = "2025-01-02T02:00"


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(ports=[0] * len(KINDS)) as served:
        yield served


@pytest.fixture(scope="module")
def desk(web: DemoWeb, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """After the first night."""
    desk = Desk(tmp_path_factory.mktemp("whole") / "data")
    web.sources(desk.data / "sources")
    names = [site.name for site in web.sites]
    desk.run("nightly", code=1)  # nothing is enabled yet, and it says so
    desk.run("sources", "enable", *names)
    report = desk.json("nightly", "--now", FIRST)
    assert [row["source"] for row in report["rows"]] == sorted(names)
    return desk


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_article_and_nothing_else(desk: Desk, web: DemoWeb) -> None:
    expected = {article_id(canonicalise(e.url)): e for e in web.expected() if e.fate == "article"}
    wrong = []
    with Archive.open(load_settings(data=desk.data)) as archive:
        found = archive.articles.get_many(archive.articles.ids(limit=10_000))
        rejected = {r.canonical_url for r in archive.rejections.rejected()}
    assert set(found) <= set(expected)
    # the gate is measured elsewhere; here, what it does not keep must stand on its list
    off = {canonicalise(e.url) for e in web.expected() if e.fate == "rejected"}
    assert rejected == off | {canonicalise(expected[key].url) for key in set(expected) - set(found)}
    assert len(found) > 0.85 * len(expected)
    for key, stored in found.items():
        e, a = expected[key], stored.article
        read = (a.title, (format_published(a) or "")[:16], a.origin, a.author, a.replies, squeezed(a.text))
        published = (e.title, e.published[:16], e.origin, e.author, e.replies, squeezed(e.text))
        wrong += [f"{e.url}: {x!r} is {y!r}" for x, y in zip(read, published, strict=True) if x != y]
    assert not wrong, "\n".join(wrong)


def test_it_is_found(desk: Desk) -> None:
    simplified, traditional = desk.json("search", "商务局"), desk.json("search", "商務局")
    assert simplified["total"] == traditional["total"] > 0
    assert [h["id"] for h in simplified["hits"]] == [h["id"] for h in traditional["hits"]]
    whole = desk.run("export", "招商", "--format", "jsonl").stdout.splitlines()
    assert len(whole) == desk.json("search", "招商")["total"] > 50


def test_a_second_night_on_an_unchanged_web_asks_lists_and_robots_only(desk: Desk, web: DemoWeb) -> None:
    with Archive.open(load_settings(data=desk.data)) as archive:
        before = archive.articles.last_change()
    web.log.clear()
    report = desk.json("nightly", "--force", "--now", SECOND)
    pages = {canonicalise(url) for e in web.expected() if e.fate != "forbidden" for url in (e.url, *e.parts)}
    bases = {site.name: site.url.rstrip("/") for site in web.sites}
    asked = {canonicalise(bases[v.site] + v.target) for v in web.log}
    assert asked and not asked & pages
    assert all(row["new"] == row["changed"] == 0 for row in report["rows"])
    with Archive.open(load_settings(data=desk.data)) as archive:
        assert archive.articles.last_change() == before


def test_a_page_that_changed_is_a_revision(desk: Desk, web: DemoWeb) -> None:
    web.change()
    report = desk.json("nightly", "--force", "--now", NEXT)
    assert sum(row["changed"] for row in report["rows"]) == 1
    with Archive.open(load_settings(data=desk.data)) as archive:
        revised = [k for k in archive.articles.ids(limit=10_000) if len(archive.articles.revisions(k)) == 2]
        assert len(revised) == 1


def test_a_slip_in_the_corrections_stops_no_night(desk: Desk) -> None:
    (desk.data / "corrections.toml").write_text('[0123456789abcdef]\ndate = "im März"\n', "utf-8")
    report = json.loads(desk.run("nightly", "--force", "--json", "--now", NEXT, code=1).stdout)
    assert len(report["rows"]) == len(KINDS) and report["articles"] == 0
    assert [line for line in report["problems"] if "corrections.toml" in line and "date" in line]
    (desk.data / "corrections.toml").unlink()
