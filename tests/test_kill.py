"""kill -9 at random moments of crawl, extract and index, then the same command again: the archive and the answers are those of an undisturbed run."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.configuration import load_settings
from tests.whole_way import Desk, kill
from zhaoshang.demo.web import KINDS, DemoWeb

pytestmark = pytest.mark.slow

NOW = "2024-12-30T02:00"
ROUNDS, KILLS = 3, {"crawl": 4, "extract": 3, "index": 3}  # thirty in all
QUERIES = [
    "招商引资",
    "飞地招商",
    "基金招商",
    "一企一策",
    "以商招商",
    "产业链招商",
    "驻点招商",
    "拿地即开工",
    "标准地",
    "链长制",
    "签约仪式",
    "专班",
    "乡贤",
    "营商环境",
    "商务局",
    "新能源",
    "总投资",
    "利益共享",
    "税收",
    "龙头企业",
    "央企",
    "产业基金",
    "招商大使",
    "商会",
    "开发区",
    "高新区",
    "代办",
    "容缺",
    "厂房",
    "用工",
    "港澳",
    "外资",
    "揭榜挂帅",
    "考核",
    "亩均",
    "准入",
    "集中签约",
    "小分队",
    "推介会",
    '"一企一策"',
    '"全程代办"',
    "飞地OR共建园区",
    "招商-银行",
    "title:招商",
    "kind:forum",
    "kind:news招商",
    "after:2020",
    "before:2019招商引资",
    "江苏",
    "安徽",
    "合肥",
    "苏州",
]


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(ports=[0] * len(KINDS)) as served:
        yield served


def stages(web: DemoWeb) -> dict[str, list[str]]:
    names = [site.name for site in web.sites]
    return {"crawl": ["crawl", *names, "--now", NOW], "extract": ["extract"], "index": ["index"]}


def outcome(desk: Desk) -> dict[str, Any]:
    """All that must be equal."""
    batch = desk.data.parent / "queries.jsonl"
    batch.write_text("".join(json.dumps({"id": str(n), "query": q}) + "\n" for n, q in enumerate(QUERIES)))
    answers: dict[str, set[str]] = {str(n): set() for n in range(len(QUERIES))}
    for line in desk.run(*("search", "--batch", str(batch)), *("--top", "500", "--strict")).stdout.splitlines():
        query, _, document, *_ = line.split()
        answers[query].add(document)
    with Archive.open(load_settings(data=desk.data)) as archive:
        articles = archive.articles.get_many(archive.articles.ids(limit=10_000))
        kept = {
            k: (a.article.canonical_url, [r.revision_hash for r in archive.articles.revisions(k)])
            for k, a in articles.items()
        }
        rejected = sorted((r.canonical_url, r.score) for r in archive.rejections.rejected())
    return {"articles": kept, "rejected": rejected, "answers": answers}


@pytest.fixture(scope="module")
def undisturbed(web: DemoWeb, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    desk = Desk(tmp_path_factory.mktemp("undisturbed") / "data")
    web.sources(desk.data / "sources")
    for arguments in stages(web).values():
        desk.run(*arguments)
    result = outcome(desk)
    assert len(result["articles"]) > 100 and len(QUERIES) >= 50
    assert sum(bool(found) for found in result["answers"].values()) > 40
    return result


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_and_started_again(seed: int, web: DemoWeb, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    chance = random.Random(seed)
    desk = Desk(tmp_path / "data")
    web.sources(desk.data / "sources")
    killed = 0
    for stage, arguments in stages(web).items():
        for _ in range(KILLS[stage]):
            process = desk.start(*arguments)
            end = time.monotonic() + chance.uniform(0.7, 3.0)
            while time.monotonic() < end and process.poll() is None:
                time.sleep(0.01)
            killed += process.poll() is None
            kill(process)
        desk.run(*arguments)
    assert killed >= 5  # the others were done before their moment came
    assert outcome(desk) == undisturbed
