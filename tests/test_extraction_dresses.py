"""The same article in the dresses of other systems: its text whole and nothing else, title, day, 来源 and author, whatever elements hold them."""

from __future__ import annotations

from itertools import product

import pytest

from crawler.extraction import extract
from tests.dressed_pages import BYLINES, DRESSES, LAYOUTS, TEXTS, dressed

URL = "http://www.qinghe.example.gov.cn/xw/content_1001.html"
# Every dress meets every layout with every byline once or twice, and each text.
COMBINED = [
    (dress, list(TEXTS)[(n + m + k) % len(TEXTS)], layout, byline)
    for (n, dress), (m, layout), (k, byline) in product(enumerate(DRESSES), enumerate(LAYOUTS), enumerate(BYLINES))
    if (n + 2 * m + 3 * k) % 5 == 0
]


@pytest.mark.parametrize("dress", DRESSES)
def test_an_article_is_the_same_in_every_dress(dress: str) -> None:
    wrong = {}
    for _, text, layout, byline in (row for row in COMBINED if row[0] == dress):
        title, paragraphs = TEXTS[text]
        said = BYLINES[byline]
        article = extract(dressed(dress, text, layout, byline), URL, headers={})
        found = (
            "".join(article.text.split()), article.title, str(article.published_at)[:10], article.origin, article.author
        )  # fmt: skip
        expected = ("".join("".join(paragraphs).split()), title, "2024-03-12", said.origin, said.author)
        if found != expected:
            wrong[text, layout, byline] = [f for f, e in zip(found, expected, strict=True) if f != e]
    assert not wrong
