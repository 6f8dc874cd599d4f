"""Every page of the sample web through `extract`, against the data it was rendered from. The floors only rise: where more comes out right, write it here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from crawler.article import Article, NotAnArticle, format_published
from crawler.extraction import extract, join
from crawler.topic import score
from zhaoshang.demo.content import Expected
from zhaoshang.demo.web import KINDS, DemoWeb

Pair = tuple[Expected, Article]

# share of the sample articles of which the field comes out exactly as the data says
FLOORS = {
    "title": 1.0,
    "published": 1.0,
    "origin": 1.0,
    "author": 1.0,
    "editor": 1.0,
    "replies": 1.0,
    "whole": 1.0,
    "clean": 1.0,
}
TOPIC_FLOOR = 0.96  # of the articles on the subject; of the others none may pass


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(ports=[0] * len(KINDS)) as served:
        yield served


@pytest.fixture(scope="module")
def pairs(web: DemoWeb) -> list[Pair]:
    return [
        (e, join([read(url) for url in (e.url, *e.parts)])) for e in web.expected() if e.fate in ("article", "rejected")
    ]


def read(url: str) -> Article:
    try:
        with urlopen(url) as answer:
            return extract(answer.read(), url, headers=dict(answer.headers))
    except HTTPError as error:
        return extract(error.read(), url, headers=dict(error.headers))


def right(field: str, expected: Expected, article: Article) -> bool:
    if field == "published":
        return (format_published(article) or "")[:16] == expected.published
    if field == "whole":  # no line of the article is lost
        return all(bare(line) in bare(article.text) for line in expected.text.splitlines())
    if field == "clean":  # and nothing of the page around it is kept
        return all(bare(line) in bare(expected.text) for line in article.text.splitlines())
    return bool(getattr(article, field) == getattr(expected, field))


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("field", FLOORS)
def test_articles_come_out_as_the_data_says(field: str, pairs: list[Pair]) -> None:
    wrong = [(e, a) for e, a in pairs if not right(field, e, a)]
    shown = [f"{a.url} {getattr(a, field, '')!r} ≠ {getattr(e, field, '')!r}" for e, a in wrong[:10]]
    assert 1 - len(wrong) / len(pairs) >= FLOORS[field], "\n".join(shown)


def test_an_article_on_several_pages_says_where_it_goes_on(web: DemoWeb) -> None:
    (long,) = [e for e in web.expected() if e.parts]
    assert [read(url).next_part for url in (long.url, *long.parts)] == [*long.parts, None]


def test_challenges_and_login_walls_are_no_articles(web: DemoWeb) -> None:
    for expected in web.expected():
        if expected.fate in ("blocked", "wall"):
            with pytest.raises(NotAnArticle):
                read(expected.url)


def test_the_gate_keeps_what_is_about_the_subject(pairs: list[Pair]) -> None:
    about = [e for e, a in pairs if score(e.title, e.text).on_topic]
    assert not [e.title for e in about if e.fate == "rejected"]
    assert len(about) / sum(e.fate == "article" for e, _ in pairs) >= TOPIC_FLOOR
