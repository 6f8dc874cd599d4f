"""What every engine must do, as one abstract suite: an engine passes it with a subclass of three lines.

class TestMine(EngineContract):
    def open(self, where: Path, *, write: bool = False) -> Engine:
        return …
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.article import Article, Block, article_id
from crawler.configuration import load_settings
from crawler.normalisation import normalise
from indexer.analysis.document import Document
from indexer.analysis.facets import FACETS
from indexer.analysis.fields import Prepared, prepare
from indexer.analysis.figure_codes import KINDS, STAGES, STATUSES, UNITS, codes
from indexer.analysis.frequencies import Frequencies, count
from indexer.engines import base as engine_clauses
from indexer.engines.base import Among, Between, Engine, Phrase, Request, Scored, Term
from indexer.indexing.stage import index
from indexer.query.figure_conditions import meets as figure_meets
from indexer.query.parser import parse
from indexer.query.tree import (
    AllOf,
    AnyOf,
    Begins,
    Chosen,
    Dated,
    Figure,
    MatchAll,
    MatchNone,
    Named,
    Node,
    Without,
    Word,
)
from indexer.search.planner import EXCLUDED, clause, filtered

OTHER = "[a-z0-9à-öø-ɏḁ-ỿ]"
VOCABULARY = [
    "飞地",
    "园区",
    "飞地招商",
    "招商引资",
    "招商",
    "引资",
    "共建",
    "开发区",
    "经济技术开发区",
    "利益共享",
    "項目",
    "資金",
    "到位",
    "簽約",
    "的",
    "与",
    "产业链",
    "高质量发展",
    "江苏",
    "省",
    "市",
    "5G",
    "GDP",
    "3.5%",
    "2024",
    "ai",
    "app",
    "apple",
    "第3届",
    "営業",
    "カード",
    "é",
]
MARKS = ["", "", "", "，", "。", " ", "\n", "、", "（", "）", "：", "-", "·"]


def figures(dice: random.Random) -> list[dict[str, Any]]:
    """Some figures as a reading has them, with values about those that are asked for."""
    return [
        {
            "kind": kind,
            "status": dice.choice(list(STATUSES)),
            "stage": dice.choice([None, None, *STAGES]),
            "unit": "count" if kind == "projects" else dice.choice(["CNY", "CNY", "USD"]),
            "value": dice.choice([0, 1, 12, 100, 10**8, 10**9 - 1, 10**9, 10**9 + 1, 5 * 10**9, 10**13]),
        }
        for kind in dice.choices(list(KINDS), k=dice.choice([0, 0, 1, 2, 3]))
    ]


def sample(size: int, seed: int = 7) -> list[Document]:
    """Documents of a few words in all orders, so that words meet, touch and cross."""
    dice, numbers = random.Random(seed), random.Random(seed + 1)
    out = []
    for number in range(size):
        text = "".join(dice.choice(VOCABULARY) + dice.choice(MARKS) for _ in range(dice.randint(1, 25)))
        title = "".join(dice.choice(VOCABULARY) for _ in range(dice.randint(0, 3)))
        read = random.Random(seed * 1000 + number)
        published = date(2019, 1, 1) + timedelta(days=dice.randint(0, 1800)) if dice.random() > 0.1 else None
        out.append(
            Document(
                id=article_id(f"{seed}-{number}"),
                change=number + 1,
                url=f"http://a.example/{number}",
                canonical_url=f"http://a.example/{number}",
                title=title,
                text=text,
                external_id=f"e{number}",
                source=dice.choice(["gov-a", "news-b", "bbs"]),
                source_title=dice.choice(["甲市商务局", "乙省日报"]),
                kind=dice.choice(["government", "news", "forum"]),
                region=dice.choice(["320500", "330100", "110000", None]),
                origin=dice.choice(["新华社", "人民网", "本站", None]),
                author=dice.choice(["张三", "张三 李四", None]),
                published=published,
                minute=(published - date(1970, 1, 1)).days * 1440 + dice.randint(0, 1439) if published else 0,
                practices=tuple(dice.sample(["enclave", "fund", "online"], dice.randint(0, 2))),
                places=tuple(dice.sample(["320505", "330000"], dice.randint(0, 1))),
                figures=codes(figures(numbers)),
                possible=tuple(read.sample(["online", "chain"], read.randint(0, 1))),
                industries=tuple(read.sample(["battery", "chips", "tourism"], read.randint(0, 2))),
                firms=tuple(read.sample(["宁德时代", "比亚迪"], read.randint(0, 2))),
                investor_origins=tuple(read.sample(["HK", "440000"], read.randint(0, 1))),
                events=tuple(read.sample(["signed", "started"], read.randint(0, 2))),
                genre=read.choice(["news", "policy", None]),
                cites=tuple(read.sample(["优化营商环境条例", "国办发〔2023〕1号"], read.randint(0, 2))),
                document=tuple(read.sample(["外商投资法", "国发〔2024〕2号"], read.randint(0, 1))),
                added=1_700_000_000 + number // 2,
            )
        )
    return out


QUERIES = """飞地 | 招商 | 飞地招商 | 招商引资 | 开发区 | 的 | 市 | 業 | カード | gdp | 5g | 3.5 | 第3届 | é | "第3届" | "飞地 园区" | "园区，共建" | "省 市" | "的与" | "5G产业链" | 地招 | 引资开 | "发区"
飞地 园区 | 飞地 -园区 | -飞地 | 飞地 OR 园区 | (飞地 OR 园区) -招商 | 飞地 非 (园区 或 共建) | app* | ap* -app | 招商* | 招商引* | title:飞地 | title:市 | title:"飞地园区" | 经开区 | 经济技术开发区 | 招引
kind:news | kind:新闻 飞地 | region:江苏 | region:320505 飞地 | origin:新华 | origin:网 | author:李四 | author:张 | source:gov-a | source:商务局 | practice:enclave | practice:飞地 | year:2020 | year:2020-2021 飞地
figure:signed | figure:签约额 value:>=10亿 | value:>=10亿 | value:>10亿 | value:<1亿 | value:1亿..10亿 飞地 | value:1亿美元以上 | figure:planned value:>=10亿 | figure:项目数 value:>=100 | figure:项目数 value:>12
figure:invested/signed value:<=50亿 | -figure:signed value:>=10亿 | (figure:signed) (figure:fdi) | figure:(签约额 外资) value:>=10亿 | figure:完成 飞地 | value:>=0 | value:>=99999万亿 | figure:签约额 figure:到位资金 value:>=10亿 | NOT (figure:计划投资额 value:≥１０亿元)
after:2021-06 | before:2020 | after:2020-03 before:2020-05 飞地 | * | ？ | 不存在的词语 | 飞地 飞地 | NOT NOT 飞地 | 高质量发展 -高质量 | 高质量 -高质量发展 | 招商引資 產業鏈""".replace(
    "\n", " | "
).split(" | ")


@cache  # the same texts are scanned for every query and engine
def canonical(text: str) -> str:
    """Units with \x01 between what does not stand directly together: any marks are alike, and letters are apart from characters.

    Characters of the supplementary planes by their range: Python's own tables are older than the newest of them.
    """
    units = re.findall(rf"{OTHER}+|[^\W\d_a-zé]|[々〇\U00020000-\U000323af]", text)
    out, at = "\x01", 0
    for unit in units:
        start = text.index(unit, at)
        if start > at or re.fullmatch(f"{OTHER}+", unit) or re.fullmatch(OTHER, out[-1]):
            out += "\x01"
        out += unit
        at = start + len(unit)
    return out + "\x01"


def stands_in(words: str, text: str) -> bool:
    """The plain scan that a phrase is measured by."""
    needle = canonical(words).strip("\x01")
    needle = ("\x01" if re.match(OTHER, needle) else "") + needle + ("\x01" if re.match(OTHER, needle[-1]) else "")
    return re.sub("\x01+", "\x01", needle) in re.sub("\x01+", "\x01", canonical(text))


def decoded(numbers: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """The inverse of `codes`, by trying."""
    for number in numbers:
        yield by_code()[number >> 49] | {"value": number & ((1 << 49) - 1)}


@cache
def by_code() -> dict[int, dict[str, Any]]:
    return {
        codes([figure])[0] >> 49: figure
        for u, k, s, stage in product(UNITS, KINDS, STATUSES, (None, *STAGES))
        for figure in [{"unit": u, "kind": k, "status": s, "stage": stage, "value": 0}]
    }


normalised = cache(normalise)


def meets(node: Node, document: Document) -> bool:
    """Whether the document is in the strict set of the tree, by reading its texts."""
    title = normalised(document.title)
    whole = f"{title}\n{normalised(document.text)}"
    match node:
        case Word(text, equivalents, in_title):
            return any(stands_in(word, title if in_title else whole) for word in (text, *equivalents))
        case Begins(text, in_title):
            return any(unit.startswith(text) for unit in re.findall(f"{OTHER}+", title if in_title else whole))
        case Named(field, text):
            value = {
                "source": f"{document.source} {document.source_title}",
                "origin": document.origin,
                "author": document.author,
            }[field]
            return text in normalise(value or "")
        case Chosen("region", codes):
            wanted = [
                code.rstrip("0") if code.endswith("0000") else code[:4] if code.endswith("00") else code
                for code in codes
            ]
            return any((place or "x").startswith(tuple(wanted)) for place in (document.region, *document.places))
        case Chosen("kind", values):
            return document.kind in values
        case Chosen("practice", values):
            return bool(set(values) & set(document.practices))
        case Figure():
            return any(figure_meets(node, figure) for figure in decoded(document.figures))
        case Dated(first, last):
            at = document.published
            return at is not None and (first is None or at >= first) and (last is None or at <= last)
        case MatchAll():
            return True
        case MatchNone():
            return False
        case AllOf(parts):
            return all(meets(part, document) for part in parts)
        case AnyOf(parts):
            return any(meets(part, document) for part in parts)
        case Without(part):
            return not meets(part, document)
    raise TypeError(node)


class EngineContract:
    """Subclasses say how an engine is opened; `where` is an empty place of its own for each test, or for each class."""

    def open(self, where: Path, *, write: bool = False) -> Engine:
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def filled(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, list[Document]]]:
        documents = sample(400)
        engine = cls().open(tmp_path_factory.mktemp("filled"), write=True)
        engine.write((prepare(d) for d in documents[:250]), (), 250)
        engine.write((prepare(d) for d in documents[250:]), (), 400)
        yield engine, documents
        engine.close()

    # --- what matches

    @pytest.mark.parametrize("typed", QUERIES)
    def test_the_strict_set_is_what_a_plain_scan_finds(self, filled: tuple[Engine, list[Document]], typed: str) -> None:
        engine, documents = filled
        root = parse(typed).root
        expected = {document.id for document in documents if meets(root, document)}
        answer = engine.execute(Request(clause(root, engine.frequent()), top=500, facets=("kind",), histogram=True))
        assert {hit.document.id for hit in answer.hits} == expected
        assert answer.total == len(expected)
        assert sum(n for _, n in answer.facets["kind"]) == len(expected)
        assert sum(n for _, n in answer.histogram) == sum(1 for d in documents if d.id in expected and d.published)
        assert list(engine.scan(clause(root, engine.frequent()))) == sorted(expected)

    def test_every_part_of_a_text_finds_it(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, documents = filled
        dice, tried = random.Random(3), 0
        for document in dice.sample(documents, 60):
            start = dice.randrange(len(document.text))
            part = document.text[start : start + dice.randint(1, 12)].replace('"', "")
            root = parse(f'"{part}"').root
            if not isinstance(root, Word) or not meets(root, document):
                continue  # no unit in it, or half of a word of letters
            found = {hit.document.id for hit in engine.execute(Request(clause(root), top=500)).hits}
            assert found == {d.id for d in documents if meets(root, d)}, part
            tried += 1
        assert tried > 40

    # --- order, pages, counts

    def test_pages_never_overlap_and_follow_the_order(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, _ = filled
        match, scored = (
            clause(parse("飞地 OR 招商").root),
            (Scored(Term("words", "飞地"), 1.0), Scored(Phrase("grams", ("招商", "商引")), 0.5)),
        )
        for sort in ("relevance", "newest", "oldest", "added"):
            whole = engine.execute(Request(match, scored, sort, top=400)).hits
            paged = [
                hit
                for at in range(0, 400, 70)
                for hit in engine.execute(Request(match, scored, sort, top=70, offset=at)).hits
            ]
            assert [hit.document.id for hit in paged] == [hit.document.id for hit in whole]
            assert len({hit.document.id for hit in whole}) == len(whole)
            if sort == "relevance":
                assert all(a.score >= b.score for a, b in pairwise(whole)) and whole[0].score > 0
                continue
            if sort == "added":
                added = [hit.document.added for hit in whole]
                assert added == sorted(added, reverse=True)
                continue
            minutes = [hit.document.minute for hit in whole]
            dated = [minute for minute in minutes if minute]
            assert dated == sorted(dated, reverse=sort == "newest") and not any(minutes[len(dated) :])

    @pytest.mark.parametrize("scored", [(Scored(Term("words", "共建"), 1.0),), ()])
    def test_what_scores_nothing_follows_in_the_order_of_ids(
        self, filled: tuple[Engine, list[Document]], scored: tuple[Scored, ...]
    ) -> None:
        engine, _ = filled
        for match in (engine_clauses.MatchAll(), Among("kind", ("news", "forum"))):
            whole = engine.execute(Request(match, scored, top=400)).hits
            rest = [hit.document.id for hit in whole if hit.score == 0]
            assert rest == sorted(rest) and len(rest) > 150 and (not scored or len(rest) < len(whole))
            paged = [
                hit.document.id
                for at in range(0, 400, 30)
                for hit in engine.execute(Request(match, scored, top=30, offset=at)).hits
            ]
            assert paged == [hit.document.id for hit in whole]

    def test_scores_are_sums_of_what_scores(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, _ = filled
        one, two = Scored(Term("words", "飞地"), 1.0), Scored(Term("chars", "地"), 0.5)
        flat = Scored(Term("grams", "园区"), 3.25, constant=True)
        parts = [
            {h.document.id: h.score for h in engine.execute(Request(engine_clauses.MatchAll(), (s,), top=500)).hits}
            for s in (one, two, flat)
        ]
        for hit in engine.execute(Request(engine_clauses.MatchAll(), (one, two, flat), top=500)).hits:
            assert hit.score == pytest.approx(sum(part[hit.document.id] for part in parts), rel=1e-4)
        assert set(parts[2].values()) == {0.0, 3.25}

    def test_only_what_scores_where_it_must(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, documents = filled
        scored = (Scored(Term("grams", "gdp"), 1.0), Scored(Term("chars", "市"), 1.0, constant=True))
        expected = {d.id for d in documents if meets(parse("gdp OR 市").root, d)}
        answer = engine.execute(Request(engine_clauses.MatchAll(), scored, top=500, must_score=True))
        assert {hit.document.id for hit in answer.hits} == expected and answer.total == len(expected)
        news = engine.execute(Request(Among("kind", ("news",)), scored, top=500, must_score=True))
        assert {hit.document.id for hit in news.hits} == {
            d.id for d in documents if d.id in expected and d.kind == "news"
        }

    def test_facets_count_the_matching_documents(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, documents = filled
        root = parse("飞地").root
        inside = [d for d in documents if meets(root, d)]
        answer = engine.execute(
            Request(
                clause(root), top=0, facets=("year", "source", "origin", "practice", "place", "region"), histogram=True
            )
        )
        assert answer.hits == () and answer.total == len(inside)
        assert dict(answer.facets["practice"])["fund"] == sum("fund" in d.practices for d in inside)
        assert dict(answer.facets["origin"])["新华社"] == sum(d.origin == "新华社" for d in inside)
        assert dict(answer.facets["year"])["2020"] == sum(d.year == 2020 for d in inside)
        assert dict(answer.facets["region"])["320000"] == sum(d.region == "320500" for d in inside)
        assert "0" not in dict(answer.facets["year"])
        assert [n for _, n in answer.facets["source"]] == sorted((n for _, n in answer.facets["source"]), reverse=True)
        assert list(answer.histogram) == sorted(answer.histogram) and dict(answer.histogram).get(0) is None

    def test_filters_narrow_and_values_of_one_facet_add_up(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, documents = filled
        filters = {"kind": ["news", "forum"], "year": ["2020", "2021"], "region": ["320000"]}
        expected = {
            d.id for d in documents if d.kind in ("news", "forum") and d.year in (2020, 2021) and d.region == "320500"
        }
        assert set(engine.scan(filtered(engine_clauses.MatchAll(), filters))) == expected
        assert engine.execute(Request(filtered(engine_clauses.MatchNone(), filters))).total == 0
        late = {"since": ["2023-11-15T06:14:50"]}  # 1,700,000,090
        assert set(engine.scan(filtered(engine_clauses.MatchAll(), late))) == {
            d.id for d in documents if d.added >= 1_700_000_090
        }
        both = {"figure": ["签约额", "外资"], "value": [">=10亿", "<1亿"], "kind": ["news"]}
        root = parse("figure:(签约额 外资) value:(>=10亿 <1亿) kind:news").root
        assert (
            set(engine.scan(filtered(engine_clauses.MatchAll(), both)))
            == {d.id for d in documents if meets(root, d)}
            != set()
        )
        assert engine.execute(Request(filtered(engine_clauses.MatchAll(), {"kind": ["nothing like it"]}))).total == 0

    @pytest.mark.parametrize("name", FACETS)
    def test_values_of_a_facet_are_asked_for_and_kept_out(
        self, filled: tuple[Engine, list[Document]], name: str
    ) -> None:
        engine, documents = filled
        prepared = [prepare(document) for document in documents]
        having = {
            p.document.id: {str(p.numbers[name])} if FACETS[name].number else set(p.keywords[name]) for p in prepared
        }
        values = sorted(set().union(*having.values()) - {"0"})
        assert len(values) > 1
        for some in (values[:1], values[:2]):
            within = {id_ for id_, own in having.items() if own & set(some)}
            asked, without = {name: some}, {EXCLUDED + name: some}
            assert within and set(engine.scan(filtered(engine_clauses.MatchAll(), asked))) == within
            assert set(engine.scan(filtered(engine_clauses.MatchAll(), without))) == set(having) - within
        both = {name: values[:2], EXCLUDED + name: values[:1]}
        assert set(engine.scan(filtered(engine_clauses.MatchAll(), both))) == {
            id_ for id_, own in having.items() if own & set(values[:2]) and values[0] not in own
        }

    def test_days_of_publication_bound_a_search(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, documents = filled
        bounds = {"after": ["2020-03"], "before": ["2021"], "not_kind": ["forum"]}
        found = set(engine.scan(filtered(engine_clauses.MatchAll(), bounds)))
        assert (
            found
            == {
                d.id
                for d in documents
                if d.published and date(2020, 3, 1) <= d.published < date(2021, 1, 1) and d.kind != "forum"
            }
            != set()
        )

    # --- what changes

    def test_an_empty_index_answers(self, tmp_path: Path) -> None:
        engine = self.open(tmp_path)
        answer = engine.execute(Request(engine_clauses.MatchAll(), facets=("year",), histogram=True))
        assert (answer.total, answer.hits, engine.cursor(), engine.get(["0" * 16])) == (0, (), 0, {})
        assert (
            list(engine.scan(engine_clauses.MatchAll())) == []
            and engine.frequencies().documents == 0
            and engine.health().ok
        )
        engine.close()

    def test_a_newer_state_takes_the_place_of_the_older(self, tmp_path: Path) -> None:
        old = sample(20)
        new = [Document.from_card({**d.to_card(), "text": "改过的正文", "change": d.change + 100}) for d in old[:5]]
        engine = self.open(tmp_path, write=True)
        assert engine.write((prepare(d) for d in old), (), 20).written == 20
        report = engine.write((prepare(d) for d in new), [d.id for d in old[5:8]] + ["f" * 16], 105)
        assert report.failed == () and engine.cursor() == 105
        engine.close()
        reader = self.open(tmp_path)
        assert reader.cursor() == 105
        assert reader.execute(Request(engine_clauses.MatchAll(), top=50)).total == 17
        assert set(reader.scan(clause(parse('"改过的正文"').root))) == {d.id for d in new}
        assert reader.get([old[0].id, old[6].id, old[9].id]) == {old[0].id: new[0], old[9].id: old[9]}
        reader.close()

    def test_readers_see_each_commit_and_a_rebuild_without_a_gap(self, tmp_path: Path) -> None:
        documents = sample(150)
        engine = self.open(tmp_path, write=True)
        engine.write((prepare(d) for d in documents), (), 150)
        reader = self.open(tmp_path)
        totals, over, faults = set(), threading.Event(), []

        def watch() -> None:
            while not over.wait(0.002):
                try:
                    totals.add(reader.execute(Request(engine_clauses.MatchAll(), top=3)).total)
                except Exception as error:
                    faults.append(error)
                    return

        watcher = threading.Thread(target=watch)
        watcher.start()
        for _ in range(3):
            engine.rebuild((prepare(d) for d in documents[:149]), lambda: 151)
            engine.write((prepare(d) for d in documents[149:]), (), 152)
        over.set()
        watcher.join()
        assert faults == [] and totals <= {149, 150}
        assert (
            reader.execute(Request(engine_clauses.MatchAll())).total == 150
            and reader.cursor() == engine.cursor() == 152
        )
        engine.close()
        reader.close()

    def test_a_write_that_breaks_off_leaves_all_as_it_was(self, tmp_path: Path) -> None:
        documents = sample(10)
        engine = self.open(tmp_path, write=True)
        engine.write((prepare(d) for d in documents[:4]), (), 4)

        def breaking() -> Iterator[Document]:
            yield documents[5]
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            engine.write((prepare(d) for d in breaking()), [documents[0].id], 9)
        assert engine.cursor() == 4
        engine.write((prepare(d) for d in documents[4:]), (), 10)
        assert engine.execute(Request(engine_clauses.MatchAll())).total == 10 and engine.cursor() == 10
        engine.close()

    @pytest.mark.parametrize("rebuild", [False, True])
    def test_what_fails_is_told_the_rest_goes_in_and_the_next_run_tries_it_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rebuild: bool
    ) -> None:
        monkeypatch.setattr("indexer.indexing.stage.BATCH", 5)
        broken: dict[str, str] = {}

        def breaking(document: Document) -> Prepared:
            made = prepare(document)
            if broken.get(document.external_id or "") == "analysis":
                raise RecursionError("no end")
            if broken.get(document.external_id or "") == "number":
                return replace(made, numbers={**made.numbers, "year": "in the spring"})  # type: ignore[dict-item]
            return made

        monkeypatch.setattr("indexer.indexing.analysis_pool.prepare", breaking)
        names = [f"e{n}" for n in range(14)]
        made = {
            name: Article(
                id=article_id(name), url=f"http://a.example/{name}", canonical_url=f"http://a.example/{name}",
                title=f"{name} 飞地", text="飞地园区。", blocks=(Block("paragraph", "飞地园区。"),), external_id=name, source="sample",
            )
            for name in names
        }  # fmt: skip
        ids = {name: article.id for name, article in made.items()}
        with Archive.open(load_settings(data=tmp_path / "archive", database="", engine="tantivy")) as archive:
            for article in made.values():
                archive.articles.save(article, capture=None)
            engine = self.open(tmp_path, write=True)
            index(archive, engine, {})
            broken |= {"e3": "number", "e4": "analysis"}
            for name in ("e3", "e4", "e5"):
                archive.articles.save(made[name].with_(text="改过的正文。"), capture=None)
            later = made["e0"].with_(id=article_id("e99"), external_id="e99", canonical_url="http://a.example/e99")
            archive.articles.save(later, capture=None)
            report = index(archive, engine, {}, rebuild=rebuild)
            assert report.written == (13 if rebuild else 2)
            reasons = dict(report.failed)
            assert set(reasons) == {ids["e3"], ids["e4"]} == set(engine.failed_ids())
            assert "no end" in reasons[ids["e4"]] and reasons[ids["e3"]]
            assert report.cursor == engine.cursor() == archive.articles.last_change()
            assert any("2 篇没有写进索引" in note for note in engine.health().notes)
            changed = clause(parse('"改过的正文"').root)
            assert list(engine.scan(changed)) == [ids["e5"]]
            assert engine.execute(Request(engine_clauses.MatchAll())).total == (13 if rebuild else 15)
            del broken["e3"]
            engine.close()
            engine = self.open(tmp_path, write=True)  # another run
            report = index(archive, engine, {})
            assert report.written == 1 and [id_ for id_, _ in report.failed] == [ids["e4"]] == list(engine.failed_ids())
            assert set(engine.scan(changed)) == {ids["e3"], ids["e5"]}
            broken.clear()
            assert index(archive, engine, {}).failed == () and engine.failed_ids() == ()
            assert (
                len(list(engine.scan(changed))) == 3 and engine.execute(Request(engine_clauses.MatchAll())).total == 15
            )
            assert index(archive, engine, {}).written == 0
            engine.close()

    def test_the_table_of_frequencies_is_kept_with_the_index(self, tmp_path: Path) -> None:
        prepared = [prepare(d) for d in sample(30)]
        table = count((p.streams for p in prepared), ("words", "chars"), 30)
        engine = self.open(tmp_path, write=True)
        engine.write(prepared, (), 30)
        engine.save_frequencies(table)
        assert engine.frequencies() == table
        engine.close()
        reader = self.open(tmp_path)
        assert reader.frequencies() == table and reader.frequencies() != Frequencies()
        assert table.share("chars", "地") == sum("地" in p.streams["chars"].split() for p in prepared) / 30
        reader.close()

    def test_numbers_have_open_ends(self, filled: tuple[Engine, list[Document]]) -> None:
        engine, documents = filled
        assert engine.execute(Request(Between("year", None, None))).total == len(documents)
        assert engine.execute(Request(Between("day", 20210101, None))).total == sum(
            d.day >= 20210101 for d in documents
        )
        assert engine.execute(Request(Between("day", 1, 20210101))).total == sum(
            0 < d.day <= 20210101 for d in documents
        )
