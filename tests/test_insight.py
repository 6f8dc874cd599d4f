"""read: one reading of an article; stored and loaded; the stage that keeps readings and clusters up to date."""

import json
import re
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from itertools import combinations
from pathlib import Path
from random import Random

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Archive
from crawler.article import Article, Block, article_id
from crawler.configuration import Settings
from crawler.expressions.required import held, sought
from indexer.indexing.refresh import _duration, refresh, unread_lines
from indexer.insight import INSIGHT_VERSION, Reading, explain, read, read_stage
from indexer.insight.clusters import cluster_changes, republications
from indexer.insight.explanation_text import explanation_lines
from indexer.insight.pattern_union import PatternSet, normal, searchable, told_apart, written_out
from indexer.insight.read_stage import FEW, read_due
from indexer.insight.signature import overlap, signature

TRADITIONAL = opencc.OpenCC("s2t")
PAGES = Path(__file__).parents[1].parent / "shared" / "pages"
TEXT = (
    "临湖报讯 15日，益阳市举行招商引资项目集中签约仪式，现场签约项目12个，总投资46亿元。市长率队赴深圳、上海登门拜访企业，"
    "商会牵线，在外乡贤回乡投资。全市上半年实际使用外资1.2亿美元。\n对重大项目实行“一事一议”，专班包联，全程代办。"
)


def test_a_reading_holds_topic_practices_places_and_figures() -> None:
    reading = read("益阳招商引资再添动能", TEXT, published="2024-07-16")
    assert reading.topic and reading.topic_value > 0.9 and reading.version == INSIGHT_VERSION
    assert {"promotion_meeting", "leader_led", "door_knocking", "hometown", "one_policy", "agency_service"} <= {
        p.id for p in reading.practices
    }
    assert reading.regions == ("430900",) and {"440300", "310000"} <= set(reading.mentioned)
    assert [(TEXT[f.start : f.end], f.kind) for f in reading.figures] == [
        ("12个", "projects"),
        ("46亿元", "signed"),
        ("1.2亿美元", "fdi"),
    ]


def test_a_text_off_the_subject_has_none() -> None:
    reading = read("天气预报", "明天长沙市多云转晴，投资者教育活动照常举行。")
    assert (reading.topic, reading.practices, reading.regions, reading.figures) == (False, (), (), ())


def test_a_reading_survives_json() -> None:
    reading = read("益阳", TEXT, published="2024")
    assert Reading.from_json(json.loads(json.dumps(reading.to_json(), ensure_ascii=False))) == reading
    broken = reading.to_json()
    broken["figures"][0]["kind"] = "weather"
    with pytest.raises(ValueError, match="weather"):
        Reading.from_json(broken)


PIECES = [
    TEXT,
    TEXT[:60],
    "招商引資大會簽約5個項目，總投資３億元。",
    "🏭",
    "\u200b",
    "\n\n",
    "商務(wù)局",
    " ",
    "（",
    "1,000",
    "亿元",
    "赴",
    "招商",
    "e\u0301",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(PIECES))
def test_offsets_count_characters_of_the_text_as_given(parts: list[str], title: str) -> None:
    text = "".join(parts)
    reading = read(title, text)
    spans = [(p.start, p.end) for p in reading.practices] + [(f.start, f.end) for f in reading.figures]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    for figure in reading.figures:
        assert any(c.isdigit() or c in "一二三四五六七八九十百千两" for c in text[figure.start : figure.end])


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert read(text, text).version == INSIGHT_VERSION


def test_an_explanation_names_what_spoke_for_each_line() -> None:
    told = explain("益阳招商引资再添动能", TEXT, published="2024-07-16")
    reading = read("益阳招商引资再添动能", TEXT, published="2024-07-16")
    assert {p["id"] for p in told["practices"]} == {p.id for p in reading.practices}
    assert all(p["quote"] in TEXT and p["features"] and p["wordings"] for p in told["practices"])
    assert (
        told["regions"] == ["430900 益阳市"]
        and {"words": "深圳", "place": "440300 深圳市", "role": "aim"} in told["places"]
    )
    assert dict(map(tuple, told["topic"]["words"]))["招商引资"] > 0
    json.dumps(told)
    lines = list(explanation_lines(told))
    assert lines[0].startswith("切题：是") and "  430900 益阳市" in lines
    assert all(any(p["name"] in line and p["quote"][:20] in line for line in lines) for p in told["practices"])
    assert not any("(?:" in line for line in lines)  # patterns are for the JSON


# --- wordings


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("(?:走访|深入).{0,3}企业", ["走访企业", "深入重点企业", "走访。企业", "走访了好多家企业"]),
        ("“?云(?:招商|签约)”?", ["云招商", "“云签约”", "云"]),
        ("[湘赣]商(?:回归|大会)", ["湘商回归", "赣商大会", "徽商大会"]),
        ("(?:全)?程(?:代办)?", ["全程代办", "程"]),
        ("标准地(?!图)", ["标准地", "标准地图"]),
    ],
)
def test_a_wording_written_out_matches_what_it_matched(pattern: str, texts: list[str]) -> None:
    plain_pattern = re.compile(normal(pattern))
    for text in texts:
        first, again = plain_pattern.search(text), searchable([pattern]).search(text)
        assert (first and first.span()) == (again and again.span())
    assert all(part[0] not in "([" for part in written_out(normal(pattern)))


@given(st.text("招商引资走访企业12个三湘“”云签约标准地图。,", max_size=40))
def test_a_walk_over_a_text_finds_what_the_expression_of_each_set_finds(text: str) -> None:
    sets = [
        {"招商": "招商", "招(?:商|引).{0,3}企业": "招(?:商|引).{0,3}企业", "走访企": "走访企"},
        {"\\d+个": "\\d+个", "[一二三]+个企": "[一二三]+个企", "商+引": "商+引", "招商引": "招商引"},
        {"“?云(?:招商|签约)”?": "“?云(?:招商|签约)”?", "标准地(?!图)": "标准地(?!图)"},
        {"[\u4e00-\u9fff]商": "[\u4e00-\u9fff]商", "湘": "湘"},
    ]
    found = PatternSet(sets).find(text)
    for number, wordings in enumerate(sets):
        pattern, written = told_apart(wordings)
        expected = [(*m.span(), written[(m.lastindex or 1) - 1]) for m in pattern.finditer(text)]
        assert found.get(number, []) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "招商[^。;]{0,3}返投|税",
        "(?:招|引)(?:来|进)?[\\d一二]+(?:多)?家",
        "区(?:长|领导)包{2}",
        "(?:项目|企业)?(?!地图)落[地户]",
        "\\(招\\)|a?投资+",
        "^(?:了)?.{0,2}\\d",
    ],
)
@given(text=st.text("招商返投税引来进一二家多区长领导包项目企业落地户(a)资1了。", max_size=16))
def test_what_a_pattern_requires_is_held_by_every_text_it_matches(pattern: str, text: str) -> None:
    of = sought(re.compile(pattern))
    if of.pattern.search(text):
        holds = held(text)
        assert of.may(holds)
        assert of.any_of is None or not of.any_of.isdisjoint(holds)


def test_a_text_without_a_part_is_not_searched() -> None:
    assert not sought(re.compile("基金[^。;]{0,24}返投")).may(held("产业基金出资两亿元"))


# --- signatures and clusters


def longer(seed: int, sentences: int = 14) -> str:
    """A composed text of its own: the words are drawn anew for each seed."""
    random = Random(seed)
    who = ["云山", "临湖", "松溪", "白石", "青川", "南浦", "东岭", "长桥", "双塔", "石门", "沙河", "北关"]
    what = [
        "光学镜片",
        "储能电池",
        "生物制药",
        "精密模具",
        "冷链物流",
        "工业软件",
        "新型建材",
        "智能家电",
        "海上风电",
        "低空装备",
    ]
    how = ["签约落户", "开工建设", "投产达效", "洽谈推进", "增资扩产", "选址完毕", "注册公司", "竣工验收"]
    why = ["看中这里的港口", "因为老客商介绍", "图的是电价低", "冲着产业工人来", "离主机厂近", "厂房现成", "手续办得快"]

    def sentence() -> str:
        parts = [random.choice(who), random.choice(what), random.choice(how), random.choice(why), random.choice(who)]
        random.shuffle(parts)
        return "，".join(parts) + f"，编号{random.randrange(10**6)}。"

    return "\n".join(sentence() for _ in range(sentences))


def edited(text: str) -> list[str]:
    """Republications as they are met: an ending cut, the beginning lost, frame lines, the other script, a paragraph lost, several at once."""
    lines = text.split("\n")
    return [
        text[: int(len(text) * 0.65)],
        text[: len(text) // 2],
        text[int(len(text) * 0.2) :],
        f"来源：某网\n{TRADITIONAL.convert(text[: int(len(text) * 0.75)])}\n（原标题：某某）",
        f"来源：某某日报　作者：张三\n{text}\n责任编辑：李四",
        TRADITIONAL.convert(text),
        "\n".join(["（记者 王五）", *lines[:2], *lines[3:]]) + "\n转载请注明出处",
    ]


def scores(texts: list[str]) -> tuple[float, float]:
    marks = {
        f"{i}.{j}": signature(version)
        for i, text in enumerate(texts)
        for j, version in enumerate([text, *edited(text)])
    }
    pairs = [pair for group in republications(marks.items()) for pair in combinations(group, 2)]
    right = sum(a.split(".")[0] == b.split(".")[0] for a, b in pairs)
    versions = len(marks) // len(texts)
    return right / len(pairs), right / (len(texts) * versions * (versions - 1) // 2)


def test_republications_are_found_and_different_articles_are_kept_apart() -> None:
    precision, recall = scores([longer(seed) for seed in range(40)])
    assert precision >= 0.99 and recall >= 0.95


@pytest.mark.skipif(not PAGES.is_dir(), reason="the real pages are not here")
def test_republications_of_real_articles_are_found() -> None:
    texts = [json.loads(p.read_text(encoding="utf-8")).get("text") or "" for p in sorted(PAGES.glob("*/gold.json"))]
    assert len(texts) > 100
    precision, recall = scores([text for text in texts if len(text) > 150])
    assert precision >= 0.99 and recall >= 0.95


def test_a_sentence_quoted_in_a_long_report_is_no_republication() -> None:
    short, long = longer(1, 2), longer(2, 60)
    assert republications([("a", signature(short)), ("b", signature(short + "\n" + long))]) == []


def test_texts_without_letters_resemble_nothing() -> None:
    assert signature("") == signature("——！？") == b""
    assert republications([("a", b""), ("b", b"")]) == [] and overlap(b"", signature("招商")) == (0.0, 0.0)


def test_clusters_keep_their_names() -> None:
    assert cluster_changes([["a", "b"]], {}) == {"a": "a", "b": "a"}
    assert cluster_changes([["a", "b", "c"]], {"b": "x", "c": "x"}) == {"a": "x"}
    assert cluster_changes([["a", "b"]], {"a": "x", "b": "x"}) == {}
    assert cluster_changes([], {"a": "x", "b": "x"}) == {"a": None, "b": None}
    split = cluster_changes([["a", "b", "c"], ["d", "e"]], {"a": "x", "b": "x", "c": "x", "d": "x", "e": "x"})
    assert split == {"d": "d", "e": "d"}


# --- the stage


def composed(number: int, text: str) -> Article:
    url = f"http://news.example/{number}.html"
    return Article(
        article_id(url),
        url,
        canonical_url=url,
        title=f"招商消息{number}",
        text=text,
        blocks=(Block("paragraph", text),),
        source="sample",
    )


@pytest.fixture
def archive(tmp_path: Path):  # type: ignore[no-untyped-def]
    with Archive.open(Settings(data=tmp_path, contact="")) as opened:
        yield opened


def test_what_is_due_is_read_once_and_copies_are_clustered(archive: Archive) -> None:
    first, copy, other = composed(1, TEXT + longer(3)), composed(2, TEXT + longer(3)[:-30]), composed(3, longer(9))
    for article in (first, copy, other):
        archive.articles.save(article, capture=None, topic=None)
    told: list[int] = []
    report = read_due(archive, workers=1, progress=told.append)
    assert (report.read, report.failed, report.clustered, told) == (3, 0, 2, [1, 2, 3])
    assert Reading.from_json(archive.readings.get(first.id) or {}).topic
    clusters = [stored.cluster for stored in archive.articles.get_many([first.id, copy.id, other.id]).values()]
    assert clusters[0] == clusters[1] is not None and clusters[2] is None
    before = archive.articles.last_change()
    assert read_due(archive, workers=1).read == 0 and archive.articles.last_change() == before
    archive.articles.save(copy.with_(text=longer(5), blocks=(Block("paragraph", longer(5)),)), capture=None, topic=None)
    assert read_due(archive, workers=1).clustered == 2
    assert [stored.cluster for stored in archive.articles.get_many([first.id]).values()] == [None]


def test_many_articles_are_read_in_worker_processes(archive: Archive) -> None:
    with archive.transaction():
        for number in range(FEW + 6):
            archive.articles.save(composed(number, f"第{number}期。{TEXT}"), capture=None, topic=None)
    report = read_due(archive, workers=2)
    assert report.read == FEW + 6 and archive.counts().readings == FEW + 6


def test_a_run_that_is_stopped_goes_on_where_it_was(archive: Archive) -> None:
    for number in range(5):
        archive.articles.save(composed(number, longer(number)), capture=None, topic=None)

    def stop(done: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_due(archive, workers=1, progress=stop)
    assert read_due(archive, workers=1).read + archive.counts().readings >= 5
    assert archive.counts().readings == 5


def test_a_reading_that_fails_is_told_kept_and_costs_no_other(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(title: str, text: str, *, published: str | None) -> Reading:
        if title == "甲":
            raise ZeroDivisionError("甲")
        return read(title, text, published=published)

    monkeypatch.setattr(read_stage, "read", stumble)
    good, bad = composed(1, longer(1)), composed(2, longer(2)).with_(title="甲")
    for article in (bad, good):
        archive.articles.save(article, capture=None, topic=None)
    report = read_due(archive, workers=1)
    assert (report.read, report.failed) == (1, 1) and report.failures[0][0] == bad.id
    assert "ZeroDivisionError" in unread_lines(archive)[0] and bad.id in unread_lines(archive)[0]
    assert read_due(archive, workers=1).failed == 0, "its pause is not over"
    monkeypatch.undo()
    assert read_due(archive, workers=1, at_once=True).read == 1 and not unread_lines(archive)


def test_a_long_text_is_read_where_it_can_be_stopped(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_stage, "TIMEOUT", 0.2)
    monkeypatch.setattr(read_stage, "SHORT", 10)
    monkeypatch.setattr(read_stage, "read_article", hang)
    archive.articles.save(composed(1, longer(1)), capture=None, topic=None)
    assert read_due(archive, workers=1).failures[0][1] == "超过 0.2 秒仍未研读完"


def hang(*_: object) -> None:
    time.sleep(600)


KILLED = """
import os, signal, sys
from pathlib import Path
from crawler.archive import Archive
from crawler.configuration import Settings
from indexer.insight.read_stage import read_due
with Archive.open(Settings(data=Path(sys.argv[1]), contact="")) as archive:
    read_due(archive, workers=1, progress=lambda done: os.kill(os.getpid(), signal.SIGKILL) if done == 75 else None)
"""


def test_a_killed_run_leaves_nothing_half_done(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, contact="")
    with Archive.open(settings) as archive, archive.transaction():
        for number in range(FEW + 40):
            archive.articles.save(composed(number, f"{TEXT}第{number}期。"), capture=None, topic=None)
    here = Path(__file__).parents[1]
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=here, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    with Archive.open(settings) as archive:
        kept = archive.counts().readings
        assert 0 < kept < FEW + 40
        assert read_due(archive, workers=1).read == FEW + 40 - kept
        assert archive.counts().readings == FEW + 40
        assert len({name for _, name in archive.readings.clusters()}) == 1


class Bar:
    """What the operator is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int | None, str | None]] = []

    def update(self, done: int, total: int | None = None, note: str | None = None) -> None:
        self.told.append((done, total, note))

    def note(self, text: str) -> None:
        self.told.append((0, None, text))


def test_an_archive_read_before_is_read_again_and_the_time_it_takes_is_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.indexing.refresh.MANY", 3)
    monkeypatch.setattr("indexer.indexing.refresh.PACED_BY", 1)
    for number in range(4):
        archive.articles.save(composed(number, f"第{number}镇招商引资，签约项目{number + 2}个。"), capture=None)
    read_due(archive, workers=1)
    assert archive.readings.count_due(INSIGHT_VERSION) == (0, 0)
    assert archive.readings.count_due("another") == (4, 4)
    monkeypatch.setattr("indexer.insight.read_stage.INSIGHT_VERSION", "another")
    monkeypatch.setattr("indexer.indexing.refresh.INSIGHT_VERSION", "another")
    bar = Bar()
    refresh(Settings(data=archive.database.folder), archive, {}, lambda title: nullcontext(bar))  # type: ignore[arg-type, return-value]
    assert "4 篇重新研读" in (bar.told[0][2] or "")
    assert [told[:2] for told in bar.told[1:5]] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert "还要约 1 分钟" in (bar.told[1][2] or "")
    assert (_duration(200), _duration(3 * 3600)) == ("3 分钟", "3.0 小时")
