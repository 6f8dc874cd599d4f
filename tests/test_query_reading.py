"""What a query is read as, and what that does to the order of hits: topics, everyday words, slips, pinyin, the sentence that proves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.configuration import load_settings
from crawler.importing.articles import import_articles
from indexer.analysis.document import Document
from indexer.engines.registry import open_engine
from indexer.indexing.stage import index
from indexer.insight.read_stage import read_due
from indexer.query.parser import parse
from indexer.search.highlight import excerpt, highlighter
from indexer.search.proofs import best_proof
from indexer.search.query_reading import EverydayError, read_query
from indexer.search.searcher import Searcher

TEXTS = {
    "rent": "青禾县招商局出台惠企措施：新来投资的企业头三年免租，第四年起减半收取，已有九家企业落户园区。",
    "lease": "青禾县招商引资工作会议讨论企业用房。会议认为租约要规范，给企业签订统一文本，按时收取租金，减少纠纷。",
    "enclave": "青禾县与江南市共建飞地园区。双方谈了三次。两地签了利益分享协议，飞地园区的税收按六四分成，招商引资项目已落户十个。",
    "factory": "青禾县招商引资，建好标准厂房3.5万㎡，引进20家企业，总投资5亿元，拎包入驻，当年投产。",
    "far": "临川市集举行庙会，游人往来，瓜果满筐。",
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("data")
    (folder / "in.jsonl").write_text(
        "".join(f'{{"id": "{id_}", "title": "{text[:8]}", "text": "{text}"}}\n' for id_, text in TEXTS.items()),
        encoding="utf-8",
    )
    config = load_settings(data=folder, database="", engine="tantivy")
    with Archive.open(config) as archive:
        import_articles(folder / "in.jsonl", archive)
        read_due(archive, workers=1)
        engine = open_engine(config, write=True)
        index(archive, engine, {})
        yield Searcher(engine, archive)
        engine.close()


def topics(query: str, **changes: object) -> set[str]:
    return {topic.key for topic in read_query(parse(query), **changes).topics}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "among"),
    [
        ("飞地园区税收怎么分成", "practice:enclave"),
        ("飞地园区税收怎么分成", "practice:benefit_sharing"),
        ("给企业减租金", "practice:incentives"),
        ("老板介绍老板", "practice:by_business"),
        ("坐下来谈", "practice:gov_business"),
        ("项目签了不落地怎么办", "practice:closed_loop"),
        ("工业上楼", "practice:factory"),
        ("山东飞地", "place:370000"),
        ("2023年基金招商", "year:2023"),
    ],
)
def test_what_a_query_is_about(query: str, among: str) -> None:
    assert among in topics(query)


def test_what_is_asked_as_a_condition_or_taken_away_is_not_told_again() -> None:
    assert "practice:enclave" not in topics("practice:飞地 园区")
    assert topics("region:山东 山东 飞地") == {"practice:enclave"}
    assert topics("飞地", left_out=["practice:enclave"]) == set()
    assert topics("") == topics("瓜果") == set()


def test_its_users_extend_the_table_of_everyday_words(tmp_path: Path) -> None:
    assert topics("找人搭桥", folder=tmp_path) == set()
    own = tmp_path / "everyday.toml"
    own.write_text('[practice]\nagent = ["搭桥"]\n[words]\n"搭桥" = ["中介"]\n', encoding="utf-8")
    read = read_query(parse("找人搭桥"), folder=tmp_path)
    assert [topic.key for topic in read.topics] == ["practice:agent"] and read.words == ("中介",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[practice]\nnothing = ['甲']\n", "没有 nothing 这个举措"),
        ("[practice]\nagent = ['(']\n", "agent"),
        ("[words]\n'甲' = '乙'\n", "一列词语"),
        ("[other]\n", "other"),
        ("practice", "everyday.toml"),
    ],
)
def test_a_wrong_table_is_told_with_its_place(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "everyday.toml").write_text(content, encoding="utf-8")
    with pytest.raises(EverydayError, match=told):
        read_query(parse("飞地"), folder=tmp_path)


def test_a_wrong_table_does_not_stop_the_search(searcher: Searcher) -> None:
    assert searcher.archive is not None
    own = searcher.archive.database.folder / "everyday.toml"
    own.write_text("[practice]\nnothing = ['甲']\n", encoding="utf-8")
    try:
        answer = searcher.search("飞地税收怎么分")
        assert answer.hits[0].external_id == "enclave" and answer.about
        (note,) = answer.explain["notes"]
        assert "everyday.toml" in note and "nothing" in note and str(own.parent) not in note
    finally:
        own.unlink()


def test_other_words_than_the_texts_find_what_was_meant(searcher: Searcher) -> None:
    def found(*, expand: bool) -> list[str | None]:
        return [hit.external_id for hit in searcher.search("厂商房租减免", expand=expand).hits]

    assert found(expand=True)[0] == "rent"
    assert found(expand=False)[:1] != ["rent"]
    assert searcher.run("厂商房租减免", strict=True) == []


def test_a_practice_raises_and_its_sentence_is_shown(searcher: Searcher) -> None:
    answer = searcher.search("飞地税收怎么分")
    assert answer.hits[0].external_id == "enclave" and answer.hits[0].proves
    stored = searcher.archive.articles.get(answer.hits[0].id) if searcher.archive else None
    assert stored is not None and searcher.archive is not None
    read = searcher.archive.readings.get(answer.hits[0].id)
    assert read is not None
    proved = {str(answer.hits[0].proves), *answer.hits[0].proves_too}
    assert len(proved) == 2  # the park, and how its tax is shared
    spans = [(p["start"], p["end"]) for p in read["practices"] if p["id"] in proved]
    start, end = min(a for a, _ in spans), max(b for _, b in spans)
    assert answer.hits[0].snippet.strip("…") == stored.article.text[start:end]
    as_typed = searcher.search("飞地税收怎么分", expand=False)
    assert not as_typed.about and all(hit.proves is None for hit in as_typed.hits)


@pytest.mark.parametrize(
    ("typed", "answered", "first"),
    [
        ("标准场房", "标准厂房", "factory"),
        ("feidi yuanqu", "飞地园区", "enclave"),
        ("biaozhun changfang", "标准厂房", "factory"),
        ("feidi luohu", "飞地落户", "enclave"),  # the second is no name of the subject, but a word of the archive
    ],
)
def test_a_sure_slip_and_pinyin_are_answered_as_meant(
    typed: str, answered: str, first: str, searcher: Searcher
) -> None:
    answer = searcher.search(typed)
    assert (answer.corrected or "").replace(" ", "") == answered
    assert answer.hits[0].external_id == first
    assert searcher.search(typed, expand=False).corrected is None
    assert searcher.search(f'"{typed}"').corrected is None


def test_what_finds_something_is_not_corrected(searcher: Searcher) -> None:
    for typed in ("瓜果满筐", "标准厂房", "游人", "庙会举行", "gdp"):
        assert searcher.search(typed).corrected is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("3.5万平方米", ["factory"]),
        ("3.5万m²", ["factory"]),
        ("5亿元", ["factory"]),
        ("20亿元", []),
        ("20家企业", ["factory"]),
    ],
)
def test_a_number_and_its_unit_are_one_phrase(typed: str, found: list[str], searcher: Searcher) -> None:
    assert [hit.external_id for hit in searcher.search(typed, strict=True).hits] == found


def test_the_passage_that_proves_most_is_shown() -> None:
    text = "甲。" * 10 + "设立产业基金。" + "乙。" * 5 + "共建飞地园区。" + "丙。" * 200 + "以商招商。"
    document = Document("1" * 16, 1, "http://a.example/", "http://a.example/", title="题", text=text)

    def span(words: str) -> tuple[int, int]:
        return text.index(words), text.index(words) + len(words)

    spans = {"by-firms": span("以商招商。"), "enclave": span("共建飞地园区。"), "fund": span("设立产业基金。")}
    found = best_proof(spans, document, len)
    assert found and set(found.practices) == {"enclave", "fund"}
    assert text[found.start : found.end].startswith("设立产业基金。") and text[: found.end].endswith("共建飞地园区。")
    alone = best_proof({"by-firms": spans["by-firms"]}, document, len)
    assert alone and text[alone.start : alone.end] == "以商招商。"
    assert best_proof({"fund": (0, len(text) + 1)}, document, len) is None
    apart = {
        name: spans[name] for name in ("enclave", "by-firms")
    }  # each proves one: what has more of the query is shown
    better = best_proof(apart, document, lambda passage: float("以商招商" in passage))
    assert better and better.practices == ("by-firms",) and better.beside == spans["enclave"]


def test_what_a_proof_lacks_of_the_query_stands_beside_it() -> None:
    text = "甲市与乙市共建飞地园区。" + "丙。" * 60 + "新增税收由两地按六四比例分成，五年不变。" + "丁。" * 60
    known, weights = highlighter(parse("飞地园区 分成")), {"飞地": 3.0, "园区": 2.0, "税收": 3.0, "分成": 3.0}
    end = text.index("。") + 1
    shown, marks = excerpt(text, 0, end, known, weights)
    assert shown == "甲市与乙市共建飞地园区。…新增税收由两地按六四比例分成，五年不变。…"
    assert [shown[a:b] for a, b in marks] == ["飞地园区", "分成"]
    assert excerpt(text, 0, end, known, {"飞地": 3.0, "园区": 2.0, "税收": 1.0})[0] == "甲市与乙市共建飞地园区。…"
