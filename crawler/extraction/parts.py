"""Articles on several pages become one."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.article import Article, text_of


def join(articles: Sequence[Article]) -> Article:
    """One article of its parts in reading order: metadata of the first, blocks and attachments of all. Raises ValueError without parts."""
    if not articles:
        raise ValueError("没有可合并的页面")
    first = articles[0]
    blocks = tuple(b for a in articles for b in a.blocks)
    attachments = tuple({a.url: a for part in articles for a in part.attachments}.values())
    return first.with_(blocks=blocks, text=text_of(blocks), attachments=attachments, next_part=articles[-1].next_part)
