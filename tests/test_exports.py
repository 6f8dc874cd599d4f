"""What is taken away reads back in the programs it is for, and holds every hit."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import date

import bibtexparser
import feedparser
import openpyxl
import pandas
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from crawler.archive import Archive
from crawler.article import Article
from search_api.exports.citation import citation
from search_api.exports.export import export
from search_api.exports.record import Record, Standard
from search_api.exports.records import Recorder
from search_api.exports.registry import record_formats, search_formats
from search_api.exports.table import COLUMNS, defused
from search_api.web.app_state import AppState
from tests.sample_archive import COPY, HOSTILE, IMPORTED, RICH, Sample, rich

pytest_plugins = ["tests.web_fixtures"]


def taken(client: TestClient, format: str, q: str = "招商引资", **filters: str) -> bytes:
    response = client.get("/export", params={"q": q, "format": format, **filters})
    assert response.status_code == 200
    assert response.headers["content-type"] == search_formats()[format].media_type
    assert "attachment" in response.headers["content-disposition"]
    return response.content


def test_csv_reads_back_with_a_row_a_hit(client: TestClient, sample: Sample) -> None:
    content = taken(client, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    table = pandas.read_csv(io.BytesIO(content))
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == sample.many
    row = table[table["编号"] == RICH].iloc[0]
    assert row["来源"] == "临湖日报"
    assert row["日期"] == "2024-03-12T09:30+08:00"
    assert row["正文"].startswith("临湖市与云山市合办")
    assert row["快照网址"].endswith(f"/articles/{RICH}/capture")
    assert dict(zip(table["编号"], table["存疑"].fillna(""), strict=True))[COPY] == "日期" and not isinstance(
        row["存疑"], str
    )
    lines = list(map(json.loads, taken(client, "jsonl").decode().splitlines()))
    assert [line["id"] for line in lines if line.get("unsure") == ["published_at"]] == [COPY]
    (read,) = [line["readings"] for line in lines if line["id"] == RICH]
    enclave = next(one for one in read if one["value"] == "enclave")
    assert enclave["facet"] == "practice" and 0 < enclave["probability"] <= 1 and enclave["sure"]
    assert f"{enclave['name']} {enclave['probability']:.2f}" in row["读出的把握"].split("；")


def test_no_cell_begins_as_a_formula(client: TestClient) -> None:
    for row in csv.reader(io.StringIO(taken(client, "csv", q="").decode("utf-8-sig"))):
        assert not any(cell.lstrip()[:1] in tuple("=+-@＝＋－＠") for cell in row if cell), row
    for start in "=+-@\t\r\n＝＋－＠":  # with nothing that is a formula behind
        assert defused(f"{start}甲") == f"'{start}甲"
    for cell in (" =1", "\u3000＠a", "\t\r =1"):
        assert defused(cell) == f"'{cell}"
    for cell in ("a=1", "甲-1", " 甲", "1", "'=1", ""):
        assert defused(cell) == cell
    assert defused("\0=1") == "'=1"


@pytest.mark.parametrize("start", ["\t", "\r", "\n"])
def test_a_cell_that_begins_with_a_break_is_defused_whatever_follows(start: str) -> None:
    assert defused(f"{start}招商") == f"'{start}招商"


_INVISIBLE = st.text(
    st.sampled_from(
        "\u200b\ufeff\u202e\u2066\u00ad\u034f\u061c\u180e\ufe0f\u3164\u2800\u3000\xa0\0\x1b\x85\ue000\U000e0001 "
    )
    | st.characters(categories=["Cf", "Cc", "Zs", "Mn"]),
    max_size=5,
)


@given(_INVISIBLE, st.sampled_from("=+-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻−"), st.text(max_size=5))
def test_no_formula_hides_behind_what_cannot_be_seen(before: str, sign: str, after: str) -> None:
    assert defused(before + sign + after).startswith("'")


@given(
    st.characters(categories=["Lo", "Nd", "Lu", "Ll"], exclude_characters="\u115f\u1160\u3164\uffa0"),
    st.text(max_size=8),
)
def test_text_that_begins_with_a_letter_is_left_as_it_is(first: str, rest: str) -> None:
    assert defused(first + rest) == (first + rest).replace("\0", "")


def test_a_nul_before_a_formula_does_not_save_it() -> None:
    article = Article(id="2" * 16, url="http://a.example/", canonical_url="", title="\0=1+1", text="\u200b@x")
    content = b"".join(search_formats()["csv"].write([_record(article)])).decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(content)))[1]
    assert {"'=1+1", "'\u200b@x"} <= set(cells)


def test_filters_narrow_an_export(client: TestClient) -> None:
    total = client.get("/api/v1/search", params={"q": "招商引资", "year": 2012}).json()["total"]
    assert len(taken(client, "jsonl", year="2012").splitlines()) == total > 0


def test_xlsx_reads_back(client: TestClient, sample: Sample) -> None:
    book = openpyxl.load_workbook(io.BytesIO(taken(client, "xlsx")), read_only=True)
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    assert len(rows) == sample.many + 1
    assert openpyxl.load_workbook(io.BytesIO(taken(client, "xlsx", q='"决无此语"'))).active.max_row == 1


def test_jsonl_reads_back(client: TestClient) -> None:
    lines = [json.loads(line) for line in taken(client, "jsonl", q="").splitlines()]
    found = {line["id"]: line for line in lines}
    assert found[RICH]["text"] == client.get(f"/api/v1/articles/{RICH}").json()["text"]
    assert "snapshot" not in found[IMPORTED]


def test_ris_reads_back(client: TestClient, sample: Sample) -> None:
    entries = rispy.loads(taken(client, "ris").decode())
    assert len(entries) == sample.many
    entry = next(e for e in entries if e["id"] == RICH)
    assert entry["authors"] == ["周一鸣", "吴小满"]
    assert entry["title"] == rich().title
    assert entry["date"].startswith("2024/03/12")
    assert entry["urls"] == [rich().url]


def test_bibtex_reads_back(client: TestClient, sample: Sample) -> None:
    parser = bibtexparser.bparser.BibTexParser(common_strings=True)
    entries = parser.parse(taken(client, "bibtex").decode()).entries_dict
    assert len(entries) == sample.many
    entry = entries[f"z{RICH}"]
    assert entry["title"].strip("{}") == rich().title
    assert [name.strip("{}") for name in entry["author"].split(" and ")] == ["周一鸣", "吴小满"]
    assert entry["url"] == rich().url


def test_bibtex_keeps_its_braces_balanced() -> None:
    record = _record(
        Article(
            id="0" * 16, url="http://a.example/{x}?a=1&b_c", canonical_url="", title="a{b}}\\ 50% & #1_^~$", text=""
        )
    )
    (entry,) = bibtexparser.loads(b"".join(record_formats()["bibtex"].write([record])).decode()).entries
    assert entry["url"] == "http://a.example/%7Bx%7D?a=1&b_c"
    assert r"50\%" in entry["title"]


WEB = rich()
PAPER = rich().with_(kind="news", origin="《临湖日报》", author="周一鸣 吴小满 郑好 何来", title="园区一日")
BARE = Article(id="1" * 16, url="", canonical_url="", title="", text="x")


@pytest.mark.parametrize(
    ("article", "standard", "reference"),
    [
        (WEB, "2025", "周一鸣，吴小满. 临湖云山飞地园区揭牌 首批十二个项目签约[EB/OL]. （2024-03-12）[2024-06-01]. URL."),
        (WEB, "2015", "周一鸣, 吴小满. 临湖云山飞地园区揭牌 首批十二个项目签约[EB/OL]. (2024-03-12)[2024-06-01]. URL."),
        (PAPER, "2025", "周一鸣，吴小满，郑好，等. 园区一日[N/OL]. 临湖日报，2024-03-12. URL."),
        (PAPER, "2015", "周一鸣, 吴小满, 郑好, 等. 园区一日[N/OL]. 临湖日报, 2024-03-12[2024-06-01]. URL."),
        (PAPER.with_(published_at=None, author=None), "2025", "园区一日[EB/OL]. [2024-06-01]. URL."),
        (PAPER.with_(origin=None, publisher="临湖新闻网", author=None), "2025", "园区一日[EB/OL]. （2024-03-12）[2024-06-01]. URL."),
        (PAPER.with_(origin=None, publisher="云山晚报", author=None), "2025", "园区一日[N/OL]. 云山晚报，2024-03-12. URL."),
        (PAPER.with_(origin="工作简报", publisher=None, author=None), "2015", "园区一日[EB/OL]. (2024-03-12)[2024-06-01]. URL."),
        (BARE, "2025", "无题[EB/OL]. [2024-06-01]. URL."),
    ],
)  # fmt: skip
def test_a_reference_is_as_the_standard_says(article: Article, standard: Standard, reference: str) -> None:
    record = _record(article, standard=standard)
    assert citation(record) == reference.replace("URL", record.url)


def test_the_edition_is_asked_for_by_one_parameter(client: TestClient) -> None:
    new, old = (
        taken(client, "gbt7714", q="飞地", kind="government", **more).decode() for more in ({}, {"standard": "2015"})
    )
    assert "（2024-03-12）[" in new and "(2024-03-12)[" in old and "存档快照" not in new + old
    assert "(2024-03-12)[" in client.get(f"/api/v1/articles/{RICH}", params={"standard": 2015}).json()["citation"]
    page = client.get(f"/articles/{RICH}", params={"standard": "2015"}).text
    assert "GB/T 7714—2015" in page and "(2024-03-12)[" in page and "存档快照" in page
    for address in ("/export?format=csv", f"/articles/{RICH}?", f"/api/v1/articles/{RICH}?"):
        assert client.get(f"{address}&standard=2005").status_code == 422


@pytest.mark.parametrize("format", sorted(search_formats()))
def test_hostile_fields_break_no_format(client: TestClient, format: str) -> None:
    assert taken(client, format, q="不怀好意") or format == "figures-jsonl"  # it has no figure
    assert client.get(f"/articles/{HOSTILE}/cite", params={"format": "ris"}).status_code == 200


def test_figures_are_taken_away_with_their_words(client: TestClient) -> None:
    response = client.get("/export/figures", params={"q": "飞地", "kind": "government"})
    table = pandas.read_csv(io.BytesIO(response.content))
    assert list(table["数值"]) == [46 * 10**8, 10 * 10**8, 12 * 10**8, 20 * 10**8]
    text = client.get(f"/api/v1/articles/{RICH}").json()["text"]
    for _, row in table.iterrows():
        assert text[row["起"] : row["止"]] in row["原话"]
        assert (row["单位"], row["种类"], row["状态"], row["地方"]) == ("元", "投资额", "已签约", "湖南长沙")
        assert "[EB/OL]" in row["引用"]


def test_a_table_and_lines_of_figures_say_the_same(client: TestClient) -> None:
    asked = {"q": "飞地", "kind": "government"}
    table = pandas.read_csv(io.BytesIO(taken(client, "figures", **asked)), dtype=str, keep_default_na=False)
    sheet = openpyxl.load_workbook(io.BytesIO(taken(client, "figures-xlsx", **asked))).active
    rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == [list(table.columns), *table.values.tolist()]
    lines = [json.loads(line) for line in taken(client, "figures-jsonl", **asked).splitlines()]
    assert [(str(line["value"]), line["quote"]) for line in lines] == list(
        zip(table["数值"], table["原话"], strict=True)
    )
    assert {line["status"] for line in lines} <= {"planned", "signed", "realised", "unstated"}


@pytest.mark.parametrize(
    "asked",
    [{"q": "figure:投资额 value:12亿..20亿"}, {"figure": "投资额", "value": "12亿..20亿"}],
)
def test_only_the_figures_asked_for_are_taken_away(client: TestClient, asked: dict[str, str]) -> None:
    table = pandas.read_csv(io.BytesIO(client.get("/export/figures", params={**asked, "kind": "government"}).content))
    assert list(table["数值"]) == [12 * 10**8, 20 * 10**8]


def test_the_command_takes_figures_away_too(client: TestClient, sample: Sample) -> None:
    library, stream, q = AppState(sample.settings), io.BytesIO(), "figure:投资额 value:>12亿"
    count = export(q, "figures", stream, library.searcher, base="http://127.0.0.1:8000")
    library.close()
    web = client.get("/export/figures", params={"q": q}).content
    assert web == taken(client, "figures", q=q)
    assert stream.getvalue() == web
    assert count == len(pandas.read_csv(io.BytesIO(web))) == 4


def test_an_unknown_format_is_a_problem(client: TestClient) -> None:
    response = client.get("/export", params={"q": "飞地", "format": "pdf"})
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


def test_the_command_writes_what_the_web_sends(client: TestClient, sample: Sample) -> None:
    library, stream = AppState(sample.settings), io.BytesIO()
    with Archive.open(sample.settings) as archive:
        count = export("招商引资", "csv", stream, library.searcher, archive)
    library.close()
    assert count == sample.many
    web = pandas.read_csv(io.BytesIO(taken(client, "csv")))
    command = pandas.read_csv(io.BytesIO(stream.getvalue()))
    assert list(web["编号"]) == list(command["编号"])


@pytest.mark.parametrize(
    ("format", "times"),
    [
        ("csv", 10),
        ("jsonl", 10),
        ("ris", 0),
        ("gbt7714", 0),
        ("xlsx", 0),
    ],  # the last leave the text out, or compress it
)
def test_memory_does_not_grow_with_the_hits(format: str, times: int) -> None:
    article = rich().with_(blocks=(), text=rich().text * 20)
    records = (_record(article.with_(id=f"{i:016x}")) for i in range(2000))
    pieces = record_formats()[format].write(records)
    next(pieces)
    tracemalloc.start()
    size = sum(len(piece) for piece in pieces)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3_000_000
    assert size > times * most


def test_the_feed_is_one(client: TestClient) -> None:
    response = client.get("/feed", params={"q": "招商引资", "kind": "news"})
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(response.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert "招商引资" in feed.feed.title
    dates = [entry.published for entry in feed.entries]
    assert dates == sorted(dates, reverse=True)
    assert all(entry.link.startswith("http://127.0.0.1:8000/articles/") for entry in feed.entries)
    assert len({entry.id for entry in feed.entries}) == len(feed.entries) > 10


def _record(article: Article, *, has_capture: bool = True, standard: Standard = "2025") -> Record:
    names = {"linhu-swj": "临湖市商务局"}
    recorder = Recorder(
        "http://a.example", lambda name: names.get(name or "", name or ""), date(2024, 6, 1), standard=standard
    )
    return recorder.of_article(article, has_capture=has_capture)
