"""Work on many articles: marked in the list, gathered, cited and taken away; quotations with their place; the dossier as a file that others read."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from starlette.testclient import TestClient
from warcio.archiveiterator import ArchiveIterator

from crawler.archive import Archive, Exchange
from search_api.application import create_application
from search_api.services.quoting import joined, locate, paragraphs, place_of
from tests.sample_archive import BARE, COPY, IMPORTED, LATER, NOW, RICH, RICH_URL, Sample, indexed
from tests.web_fixtures import reader_here


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return indexed(tmp_path / "data", many=3)


@pytest.fixture
def reader(sample: Sample) -> Iterator[TestClient]:
    with reader_here(create_application(sample.settings)) as client:
        yield client


def form_token(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    return found[1]


def gather(reader: TestClient, *ids: str, **fields: str) -> str:
    page = reader.get("/selection", params={"article": list(ids)}).text
    data = {"csrf": form_token(page), "articles": " ".join(ids), **fields}
    return reader.post("/dossiers/gather", data=data).text


def test_marked_hits_are_cited_taken_away_and_gathered_once(reader: TestClient) -> None:
    listed = reader.get("/?q=飞地&strict=1").text
    assert f'form="marked" name="article" value="{RICH}"' in listed and 'id="marked" action="/selection"' in listed
    page = reader.get("/selection", params={"article": [COPY, IMPORTED, RICH, "f" * 16, "nonsense"]}).text
    assert "选中的 3 篇" in page and "另有 2 篇不在文库里" in page
    assert page.count("转载：与") == 1 and "[3] " in page
    links = re.findall(r'href="(/export/selection\?[^"]+)" download', page)
    taken = [reader.get(link.replace("&amp;", "&")) for link in links]
    assert len(taken) >= 5 and all(answer.status_code == 200 for answer in taken)
    references = next(answer.text for link, answer in zip(links, taken, strict=True) if "gbt7714" in link)
    assert [line for line in references.splitlines() if line] == re.findall(r"^\[\d\] .*$", references, re.M)

    made = gather(reader, COPY, IMPORTED, RICH, into="new", title="共建园区")
    assert "收入 2 篇。1 篇是转载，同文的已收，没有再收。" in made and "<h1>共建园区</h1>" in made
    again = gather(reader, IMPORTED, BARE, COPY, into="current")
    assert "收入 1 篇。1 篇原来就在这个卷宗里，没有再收。1 篇是转载" in again
    assert "收入 1 篇。" in gather(reader, COPY, into="current", copies="1")
    known = reader.get("/selection", params={"article": RICH}).text
    assert "已在卷宗“共建园区”里" in known
    assert "已在卷宗“" in reader.get(f"/articles/{RICH}").text
    alone = reader.post("/dossiers/add", data={"csrf": form_token(known), "article": RICH}).text
    assert "1 篇原来就在这个卷宗里" in alone
    assert reader.post("/dossiers/gather", data={"csrf": form_token(known), "articles": ""}).status_code == 422
    assert reader.get("/export/selection?format=csv&article=x").status_code == 422


def test_sentences_are_chosen_without_scripts_and_words_with_them(reader: TestClient) -> None:
    page = reader.get(f"/articles/{RICH}/quote").text
    boxes = re.findall(r'name="(s\d+-\d+)"> ([^<]+)', page)
    chosen = {name: "on" for name, text in boxes if "税收" in text}
    assert len(chosen) == 2 and "第 2 段" in page
    token = {"csrf": form_token(page)}
    dossier = reader.post(f"/articles/{RICH}/quote", data=token | chosen)
    assert dossier.url.path.startswith("/dossiers/") and "摘录 2 段" in dossier.text
    assert "两市商定，飞地园区的税收前五年按四六分成，以后对半。" in dossier.text and ">第 3 段</a>" in dossier.text
    words = {"text": "派驻专班，\n代办全部手续", "before": "设一支产业基金，规模10亿元"}
    dossier = reader.post(f"/articles/{RICH}/quote", data=token | words)
    assert "派驻专班，代办全部手续" in dossier.text and ">第 5 段</a>" in dossier.text
    assert reader.post(f"/articles/{RICH}/quote", data=token | {"text": "文里没有的话"}).status_code == 422
    assert reader.post(f"/articles/{RICH}/quote", data=token | {"s0-99999": "on"}).status_code == 422
    assert reader.post(f"/articles/{RICH}/quote", data=token).status_code == 422

    address = dossier.url.path
    told = reader.get(f"{address}/export?format=markdown").text
    assert (
        "> 派驻专班，代办全部手续（第 5 段）" in told and "（利益" not in told
    )  # what was chosen stands for what was found
    number = re.search(r'name="quotation" value="(\d+)"', dossier.text)
    assert number
    less = reader.post(address, data=token | {"do": "unquote", "quotation": number[1]}).text
    assert less.count('class="chosen-words"') == 2


def test_a_document_has_its_own_author_and_title(reader: TestClient) -> None:
    page = gather(reader, RICH, into="new", title="飞地与分成")
    address = re.search(r'action="(/dossiers/[\w-]+)"', page)
    assert address
    data = {"csrf": form_token(page), "do": "rename", "title": "飞地与分成", "author": "王五", "note": "第一稿"}
    reader.post(address[1], data=data)
    written = docx.Document(io.BytesIO(reader.get(f"{address[1]}/export?format=docx").content))
    assert (written.core_properties.author, written.core_properties.title) == ("王五", "飞地与分成")
    assert [p.text for p in written.paragraphs[:3]] == ["飞地与分成", "王五", "第一稿"]


TEXT = "甲地说，税收分成。\n乙地说，税收分成！都好。\n\n末一句没有句号"


def test_words_are_found_where_they_were_marked() -> None:
    assert [[one.text for one in line] for line in paragraphs(TEXT)] == [
        ["甲地说，税收分成。"],
        ["乙地说，税收分成！", "都好。"],
        ["末一句没有句号"],
    ]
    for line in paragraphs(TEXT):
        for one in line:
            assert TEXT[one.start : one.end] == one.text
    second = locate(TEXT, "税收 分成", "税收分成。\n乙地说，")
    assert second is not None and second.start == TEXT.rindex("税收分成")
    assert locate(TEXT, "丙地") is None and locate(TEXT, " \n") is None
    both = paragraphs(TEXT)[1]
    assert [one.text for one in joined(TEXT, [(one.start, one.end) for one in reversed(both)])] == [
        "乙地说，税收分成！都好。"
    ]
    assert len(joined(TEXT, [(0, 9), (10, 19)])) == 2  # a line ends between them
    assert place_of(TEXT, TEXT.index("末")) == "第 3 段"


def test_a_dossier_as_wacz_holds_its_pages_and_is_read_by_its_own_index(sample: Sample, tmp_path: Path) -> None:
    with Archive.open(
        sample.settings
    ) as archive:  # the same bytes came again: the archive holds a revisit without them
        stored = archive.articles.get(RICH)
        assert stored is not None and stored.capture is not None
        earlier = archive.captures.get(stored.capture)
        assert earlier is not None
        content = archive.captures.payload(earlier).content
        with archive.captures.writer(archive.runs.start("crawl", LATER)) as writer:
            again = writer.write(
                Exchange(
                    RICH_URL, 200, (("Content-Type", "text/html; charset=utf-8"),), content, LATER, source="linhu-swj"
                )
            )
        assert again.refers_to is not None
        archive.articles.save(stored.article, capture=again.id, topic=0.9)
    with reader_here(create_application(sample.settings)) as reader:
        page = gather(reader, RICH, IMPORTED, into="new", title="飞地：快照")
        address = re.search(r'action="(/dossiers/[\w-]+)"', page)
        assert address
        answer = reader.get(f"{address[1]}/export?format=wacz")
    assert answer.headers["content-type"] == "application/wacz"
    assert answer.headers["cache-control"] == "private, no-store" and "etag" not in answer.headers
    file = tmp_path / "dossier.wacz"
    file.write_bytes(answer.content)
    checked = subprocess.run([sys.executable, "-m", "wacz", "validate", "-f", file], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    with zipfile.ZipFile(file) as archive_file:
        about = json.loads(archive_file.read("datapackage.json"))
        assert about["title"] == "飞地：快照" and "没有快照（导入的文章）" in about["description"]
        header, entry = map(json.loads, archive_file.read("pages/pages.jsonl").splitlines())
        assert header["format"] == "json-pages-1.0"
        assert (entry["url"], entry["title"]) == (RICH_URL, "临湖云山飞地园区揭牌 首批十二个项目签约")
        assert (
            entry["ts"] == f"{LATER:%Y-%m-%dT%H:%M:%SZ}" and "[EB/OL]" in entry["citation"] and "税收" in entry["text"]
        )
        index = gzip.decompress(archive_file.read("indexes/index.cdx.gz")).decode().splitlines()
        found = [json.loads(line.split(" ", 2)[2]) for line in index if not line.startswith("!")]
        (place,) = [one for one in found if one["url"] == RICH_URL and one.get("mime") == "text/html"]
        stored_in = archive_file.read(f"archive/{place['filename']}")
        record = next(iter(ArchiveIterator(io.BytesIO(stored_in[int(place["offset"]) :][: int(place["length"])]))))
        assert record.rec_type == "response" and record.content_stream().read() == content
        kinds = [(r.rec_type, r.content_stream().read()) for r in ArchiveIterator(io.BytesIO(stored_in))]
        assert [kind for kind, _ in kinds] == ["warcinfo", "response", "metadata"]
        assert "citation: " in kinds[2][1].decode()


def test_without_the_package_one_is_told_what_to_install(reader: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from search_api.exports.formats import wacz

    monkeypatch.setattr(wacz, "find_spec", lambda name: None)
    page = gather(reader, RICH, into="new", title="无")
    address = re.search(r'action="(/dossiers/[\w-]+)"', page)
    assert address
    answer = reader.get(f"{address[1]}/export?format=wacz")
    assert answer.status_code == 501 and "pip install" in answer.text


def test_what_is_taken_down_is_not_quoted_any_more(sample: Sample) -> None:
    from crawler.archive.keeping.forget import find, forget

    with Archive.open(sample.settings) as archive:
        dossier = archive.dossiers.create("一")
        archive.dossiers.quote(dossier.token, RICH, 0, 3, "临湖市")
        doomed = find(archive, RICH_URL)
        assert doomed is not None
        forget(archive, doomed, "撤下", NOW)
        kept = archive.dossiers.get(dossier.token)
        assert kept is not None and [item.quotations for item in kept.items] == [()]


def test_a_program_reads_what_stands_in_a_dossier(reader: TestClient) -> None:
    gather(reader, RICH, IMPORTED, title="读数", into="new")
    (line,) = reader.get("/api/v1/dossiers").json()
    assert (line["title"], line["articles"]) == ("读数", 2)
    answer = reader.get(f"/api/v1/dossiers/{line['token']}")
    assert "no-store" in answer.headers["cache-control"]
    found = answer.json()
    assert [item["article"] for item in found["items"]] == [RICH, IMPORTED]
    assert all(item["title"] and item["reference"].endswith(".") for item in found["items"])
    assert reader.get(found["exports"]["markdown"]).status_code == 200
    assert reader.get("/api/v1/dossiers/" + "x" * 22).status_code == 404


def test_dossiers_are_listed_only_to_who_made_them(sample: Sample) -> None:
    with Archive.open(sample.settings) as archive:
        mine, theirs = (archive.dossiers.create(name, owner=f"key:{name}").token for name in ("1", "2"))
        assert archive.dossiers.tokens({"key:1"}) == [mine] and archive.dossiers.tokens(set()) == []
        assert set(archive.dossiers.tokens(None)) == {mine, theirs}


def test_who_writes_notes_stays_at_the_article(reader: TestClient) -> None:
    page = gather(reader, RICH, IMPORTED, title="按语", into="new")
    address = re.search(r'action="(/dossiers/[\w-]+)"', page)
    assert address
    data = {"csrf": form_token(page), "do": "note", "article": IMPORTED, "note": "看第三段"}
    answer = reader.post(address[1], data=data, follow_redirects=False)
    assert answer.headers["location"] == f"{address[1]}#{IMPORTED}"
