"""What a source's articles of one night show that its earlier ones did not: a site that changed its layout, told the first night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from crawler.article import Article

LEAST = 4  # articles on either side; fewer say nothing
ALIKE = 0.5  # share of titles, or of a body's characters, from which articles count as alike
MORE = 0.3  # and by how much more than before
DROP = 0.2  # of the median confidence (0–1)


def drift(tonight: Sequence[Article], earlier: Sequence[Article]) -> list[str]:
    """Lines for the report: titles or bodies that are suddenly alike, extraction less sure than before. Empty where nothing is, or too little to tell.

    Both are articles of one source, `earlier` without those of tonight; a few dozen are enough.
    """
    if len(tonight) < LEAST or len(earlier) < LEAST:
        return []
    out = []
    now, before = _titles_alike(tonight), _titles_alike(earlier)
    if now >= ALIKE and now - before >= MORE:
        out.append(f"标题忽然雷同：{now:.0%} 的新文章同一个标题（从前 {before:.0%}），如 {tonight[0].url}")
    now, before = _bodies_alike(tonight), _bodies_alike(earlier)
    if now >= ALIKE and now - before >= MORE:
        out.append(f"正文忽然雷同：{now:.0%} 的文字各篇都有（从前 {before:.0%}），如 {tonight[0].url}")
    sure, was = _confidence(tonight), _confidence(earlier)
    if sure is not None and was is not None and was - sure >= DROP:
        out.append(f"提取把握下降：从 {was:.0%} 到 {sure:.0%}，如 {tonight[0].url}")
    return out


def _titles_alike(articles: Sequence[Article]) -> float:
    """The share of articles that bear the commonest title."""
    return Counter(article.title for article in articles).most_common(1)[0][1] / len(articles)


def _bodies_alike(articles: Sequence[Article]) -> float:
    """The share of all characters in lines that at least half of the articles have."""
    lines = [{line for line in article.text.splitlines() if line.strip()} for article in articles]
    common = {line for line, n in Counter(x for own in lines for x in own).items() if n * 2 >= len(articles)}
    whole = sum(len(line) for own in lines for line in own)
    return sum(len(line) for own in lines for line in own & common) / max(1, whole)


def _confidence(articles: Sequence[Article]) -> float | None:
    known = [article.confidence for article in articles if article.confidence is not None]
    return median(known) if len(known) >= LEAST else None
