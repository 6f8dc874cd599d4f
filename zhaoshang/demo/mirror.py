"""A mirror in traditional characters with pinyin inserted after some of them: 務(wù). Its data is stored converted, so that it does not depend on a converter."""

from __future__ import annotations

import re
from dataclasses import replace

from zhaoshang.demo.content import Expected, Piece, Sample, expect, samples
from zhaoshang.demo.server import Page, Request, SiteKind, page

NAME, TITLE = "demo-mirror", "兩岸招商文摘（示例）"
ROWS = 10
_NOTE = re.compile(r"(?<=[\u4e00-\u9fff])\([a-zàáèéìíòóùúāēěīōūǎǐǒǔǖǘǚǜüńňḿ]+\)")


def respond(request: Request) -> Page | None:
    """Answers /, /news/ with ?page=n and the articles below /news/."""
    own = samples("mirror")
    if request.path == "/":
        return page("mirror_home.html", modified=own[0].published, title=TITLE, samples=own[:5], address=_address)
    if request.path == "/news/":
        pages = -(-len(own) // ROWS)
        at = int(request.query["page"]) if request.query.get("page", "").isdigit() else 1
        if not 1 <= at <= pages:
            return None
        rows = own[(at - 1) * ROWS : at * ROWS]
        return page(
            "mirror_list.html",
            modified=own[0].published,
            title=TITLE,
            samples=rows,
            pages=pages,
            at=at,
            address=_address,
        )
    return next((_article(s) for s in own if _address(s) == request.path), None)


def _address(sample: Sample) -> str:
    return f"/news/{sample.published:%Y%m%d}/{sample.number}.html"


def _article(sample: Sample) -> Page:
    others = [s for s in samples("mirror") if s is not sample]
    related = others[sample.number % 7 :][:4]
    return page(
        "mirror_article.html", modified=sample.published, title=TITLE, sample=sample, related=related, address=_address
    )


def unnoted(text: str) -> str:
    """The text without the pinyin that the mirror put behind its characters."""
    return _NOTE.sub("", text)


def expected(base: str) -> list[Expected]:
    return [expect(_clean(s), [base + _address(s)]) for s in samples("mirror")]


def _clean(sample: Sample) -> Sample:
    pieces = tuple(Piece(p.kind, unnoted(p.text), p.file, tuple(map(unnoted, p.cells))) for p in sample.pieces)
    return replace(sample, title=unnoted(sample.title), origin=sample.origin and unnoted(sample.origin), pieces=pieces)


SITE = SiteKind(
    name=NAME,
    title=TITLE,
    kind="news",
    region="350000",
    starts=("/news/",),
    respond=respond,
    expected=expected,
)
