"""The extract stage: what becomes of captures, and a worker that hangs or dies costs its page alone."""

import contextlib
import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import Archive, Exchange, Page, revisits
from crawler.article import article_id
from crawler.configuration import Settings, load_settings
from crawler.sources import Source
from crawler.stages.extract import ExtractReport, extract_captures
from crawler.stages.mended import MendReport

NOW = datetime(2024, 6, 1, tzinfo=UTC)
HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
TEXT = "".join(
    f"<p>{x}</p>"
    for x in (
        "清河县召开招商引资工作推进会，部署产业链招商和驻点招商，全年新签约项目二十三个，总投资四十六亿元。",
        "会议提出，对重大项目实行一企一策，由专班跟踪，从签约到开工全程代办，确保早落地、早开工、早投产。",
        "县投资促进局说，下半年还将组织招商小分队赴长三角拜访企业，用好产业引导基金，推动以商招商。",
    )
)
PAGE = """<html><head><title>{title}</title></head><body><h1>{title}</h1><p>2024-05-20 来源：清河日报</p>
<div class="content">{text}</div></body></html>"""
OFF_TOPIC = (
    "<p>昨晚的足球比赛中，主队以三比一取胜，现场观众三万余人，气氛热烈。</p><p>主教练赛后表示，球员们执行了赛前的部署，下一轮将客场作战。</p>"
    * 2
)


def source(**changes: object) -> Source:
    facts = {"name": "qinghe", "title": "清河", "kind": "government", "region": "130534", "seen_in": "composed"}
    return Source.model_validate(facts | {"start_urls": ["http://qinghe.example/"]} | changes)


def page(n: int, text: str = TEXT, title: str = "清河县召开招商引资推进会") -> Exchange:
    body = PAGE.format(title=f"{title}之{n}", text=text)
    return Exchange(f"http://qinghe.example/{n}.html", 200, HEADERS, body.encode(), NOW, source="qinghe")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path, workers=1, page_timeout=20)


def put(archive: Archive, *exchanges: Exchange) -> list[int]:
    with archive.captures.writer(archive.runs.start("crawl", NOW)) as writer:
        return [writer.write(e).id for e in exchanges]


def outcomes(archive: Archive, captures: list[int]) -> list[str | None]:
    found = [archive.captures.get(c) for c in captures]
    return [c.outcome if c else None for c in found]


def test_articles_are_kept_and_the_rest_is_told(archive: Archive, settings: Settings) -> None:
    wall = Exchange("http://qinghe.example/w", 200, HEADERS, b"<html><body></body></html>", NOW, source="qinghe")
    noise = Exchange("http://qinghe.example/n", 200, HEADERS, bytes(range(256)) * 40, NOW, source="qinghe")
    ids = put(archive, page(1), page(2, OFF_TOPIC, "主队三比一取胜"), wall, noise)
    report = extract_captures(archive, {"qinghe": source()}, settings)
    assert outcomes(archive, ids) == ["article", "rejected", "not_article", "failed"]
    assert (report.waiting, report.captures, report.new, report.rejected) == (4, 4, 1, 1)
    assert "sample" not in report.to_json() and len(report.sample["qinghe"]) == 4
    (rejected,) = archive.rejections.rejected()
    assert rejected.score is not None and rejected.score < 0.5
    assert extract_captures(archive, {"qinghe": source()}, settings).captures == 0
    again = extract_captures(archive, {"qinghe": source()}, settings, everything=True)
    assert (again.captures, again.new, again.same) == (4, 0, 1)


def test_all_anew_mends_what_was_read_wrongly_and_makes_no_revisions(archive: Archive, settings: Settings) -> None:
    put(archive, page(1), page(2), page(3))
    extract_captures(archive, {"qinghe": source()}, settings)
    ids = archive.articles.ids()
    for stored in archive.articles.get_many(ids).values():  # as an older program may have read them
        wrong = stored.article.with_(title="清河县人民政府", author="管理员")
        archive.articles.save(wrong, capture=stored.capture)
    report = extract_captures(archive, {"qinghe": source()}, settings, everything=True)
    assert (report.mended.articles, report.mended.fields) == (3, {"title": 3, "author": 3})
    assert "改正了已收的 3 篇（标题 3，作者 3）" in report.mended.line() and report.to_json()["mended"]["articles"] == 3
    assert archive.articles.ids() == ids and all(len(archive.articles.revisions(id)) == 1 for id in ids)
    assert extract_captures(archive, {"qinghe": source()}, settings, everything=True).mended == MendReport()


def test_articles_kept_under_made_up_numbers_become_one(archive: Archive, settings: Settings) -> None:
    urls = [f"http://qinghe.example/1.html?t=17900{night}0000000" for night in range(2)]
    captures = put(archive, *(replace(page(1), url=url, canonical_url=url) for url in urls))
    extract_captures(archive, {"qinghe": source()}, settings)
    (id,) = archive.articles.ids()
    kept = archive.articles.get_many([id])[id].article
    for url, capture in zip(urls, captures, strict=True):  # as they were kept before
        archive.articles.save(kept.with_(id=article_id(url), canonical_url=url), capture=capture)
    assert len(archive.articles.ids()) == 2
    report = extract_captures(archive, {"qinghe": source()}, settings, everything=True)
    assert archive.articles.ids() == [id] and report.mended.withdrawn == 2
    assert len(archive.articles.revisions(id)) == 1


def test_an_article_on_many_pages_is_joined_whole(archive: Archive, settings: Settings) -> None:
    parts = [page(n, f"<p>第{n}项举措：{TEXT[3:]}") for n in range(1, 9)]
    key = parts[0].url
    put(archive, parts[0], *(replace(part, role="part", canonical_url=key) for part in parts[1:]))
    extract_captures(archive, {"qinghe": source()}, settings)
    (joined,) = archive.articles.get_many(archive.articles.ids()).values()
    assert [n for n in range(1, 9) if f"第{n}项举措" in joined.article.text] == list(range(1, 9))


def test_a_source_wholly_on_the_subject_has_no_gate(archive: Archive, settings: Settings) -> None:
    put(archive, page(1, OFF_TOPIC, "主队三比一取胜"))
    report = extract_captures(archive, {"qinghe": source(gate=False)}, settings)
    assert (report.new, report.rejected) == (1, 0)


def test_what_another_version_of_the_gate_rejected_is_judged_again(archive: Archive, settings: Settings) -> None:
    archive.rejections.judge_again("an older one")  # which knew none of the words of page 1
    ids = put(archive, page(1), page(2, OFF_TOPIC, "主队三比一取胜"), page(3, OFF_TOPIC, "主队客场作战"))
    archive.frontier.save_page(
        revisits.fetched(Page(page(1).url, page(1).url, "qinghe", date=NOW), NOW, capture=ids[0])
    )
    visited = archive.frontier.page(page(1).url)
    for n, id in enumerate(ids[:2], 1):
        archive.rejections.reject(
            page(n).url, source="qinghe", capture=id, title="题", score=0.1, reason="与招商引资无关"
        )
        archive.articles.mark_extracted(id, "rejected")
    told: list[str] = []
    report = extract_captures(archive, {"qinghe": source()}, settings, tell=told.append)
    assert outcomes(archive, ids) == ["article", "rejected", "rejected"]
    assert len(told) == 1 and "不切题的 2 份快照重新判断" in told[0]
    assert (report.judged_again, report.waiting, report.new, report.rejected) == (2, 3, 1, 2)
    assert report.by_source["qinghe"] == {"new": 1, "rejected": 1}  # what is still rejected is no news of the night
    assert [read.capture for read in report.sample["qinghe"]] == [ids[2]]
    assert (
        visited and visited.next_visit and archive.frontier.page(page(1).url) == visited
    )  # asked again as an article is
    assert sorted(r.capture or 0 for r in archive.rejections.rejected()) == ids[1:]
    assert extract_captures(archive, {"qinghe": source()}, settings, tell=told.append).captures == 0 and len(told) == 1


def worker() -> int:
    """Process id of the extract stage's worker: the last process that our forkserver started."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"forkserver" in (entry / "cmdline").read_bytes():
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    servers = {p for p, parent in parents.items() if parent == os.getpid()}
    return max(p for p, parent in parents.items() if parent in servers)


@pytest.mark.parametrize(("number", "told"), [(signal.SIGSTOP, "秒仍未提取完"), (signal.SIGKILL, "中途退出")])
def test_a_worker_that_hangs_or_dies_costs_its_page_alone(
    archive: Archive, settings: Settings, number: signal.Signals, told: str
) -> None:
    quick = settings.model_copy(update={"page_timeout": 4.0})
    long = page(2, TEXT * 6000)  # more than a second of work, to be met at it
    ids = put(archive, page(1), long, *(page(n) for n in range(3, 6)))

    def strike(done: int, _report: ExtractReport) -> None:
        if done == 1:  # the worker is at the second page
            time.sleep(0.2)
            os.kill(worker(), number)

    report = extract_captures(archive, {"qinghe": source()}, quick, progress=strike)
    assert report.captures == len(ids)
    assert report.failed == 1 and told in report.failures[0][1]
    assert outcomes(archive, ids) == ["article", "failed", "article", "article", "article"]
