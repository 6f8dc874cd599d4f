"""The body of an article for its template: each block with highlights and evidence, whose offsets count in the article's text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from crawler.article import Article, Block, text_of
from search_api.text import Evidence, Span, annotated
from search_api.wording import web_address

_EMPTY = Markup("")


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """As a Block, with text that is ready; `level` is that of the HTML heading (2–4), `src` only where a reader may be sent there."""

    kind: str
    text: Markup = _EMPTY
    level: int = 2
    items: Sequence[Markup] = ()
    ordered: bool = False
    rows: Sequence[Sequence[Markup]] = ()
    src: str | None = None


def shown_blocks(article: Article, marks: Sequence[Span], evidence: Sequence[Evidence]) -> list[ShownBlock]:
    """The blocks; the text's lines where the blocks are not those of the text."""
    blocks: Sequence[Block] = article.blocks
    if text_of(blocks) != article.text:
        blocks = [Block("paragraph", line) for line in article.text.split("\n") if line]
    least = min((b.level for b in blocks if b.kind == "heading"), default=1)
    return list(_shown(blocks, article.text, marks, evidence, least))


def _shown(
    blocks: Sequence[Block], text: str, marks: Sequence[Span], evidence: Sequence[Evidence], least: int
) -> Iterator[ShownBlock]:
    at = 0
    for block in blocks:
        plain = block.plain()
        at = text.find(plain, at) if plain else at
        start, end = at, at + len(plain)
        here = [m for m in marks if m[0] < end and m[1] > start]
        proofs = [e for e in evidence if e.start < end and e.end > start]
        cursor = start

        def take(piece: str, marks: Sequence[Span] = here, proofs: Sequence[Evidence] = proofs) -> Markup:
            """The next piece of the block; pieces are one character apart."""
            nonlocal cursor
            html = annotated(piece, marks, proofs, cursor)
            cursor += len(piece) + 1
            return html

        match block.kind:
            case "heading":
                yield ShownBlock("heading", take(block.text), level=min(4, 2 + max(0, block.level - least)))
            case "list":
                yield ShownBlock("list", items=[take(item) for item in block.items], ordered=block.ordered)
            case "table":
                yield ShownBlock("table", rows=[[take(cell) for cell in row] for row in block.rows])
            case "image":
                yield ShownBlock("image", take(block.text), src=web_address(block.src))
            case _:
                yield ShownBlock("paragraph", take(block.text))
        at = end
