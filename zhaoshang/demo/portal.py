"""A news portal: 来源/作者/编辑 lines, captions, reading tips, an article on several pages, a robots.txt that forbids a part, a list that is gone."""

from __future__ import annotations

from zhaoshang.demo.content import Expected, Sample, expect, samples
from zhaoshang.demo.server import Page, Request, SiteKind, groups, page, robots

NAME, TITLE = "demo-portal", "湘岸新闻网（示例）"
COLUMNS = {"zhaoshang": "招商观察", "yaowen": "综合新闻"}
FORBIDDEN = "/neican/"  # what robots.txt asks to leave alone
GONE = "/zhuanti/2016/index.html"  # still linked, answers 404
ROWS = 10


def respond(request: Request) -> Page | None:
    """Answers /, /COLUMN/index[n].html and the articles below /content/ and the forbidden folder."""
    if request.path == "/robots.txt":
        return robots(FORBIDDEN)
    if request.path == "/":
        newest = samples("portal")[0].published
        return page(
            "portal_home.html",
            modified=newest,
            title=TITLE,
            columns=COLUMNS,
            samples=samples("portal")[:8],
            address=_address,
        )
    for column in COLUMNS:
        own = [s for s in samples("portal") if s.column == column]
        pages = -(-len(own) // ROWS)
        for at in range(pages):
            if request.path in ([f"/{column}/", _list(column, at)] if at == 0 else [_list(column, at)]):
                return page(
                    "portal_list.html",
                    modified=own[0].published,
                    title=TITLE,
                    columns=COLUMNS,
                    name=COLUMNS[column],
                    samples=own[at * ROWS : (at + 1) * ROWS],
                    hot=samples("portal")[3:8],
                    pages=[_list(column, n) for n in range(pages)],
                    at=at,
                    address=_address,
                    gone=GONE,
                )
    for sample in samples("portal"):
        for at in range(len(sample.parts())):
            if request.path == _address(sample, at):
                return _article(request, sample, at)
    return None


def _list(column: str, at: int) -> str:
    return f"/{column}/index{at + 1 if at else ''}.html"


def _address(sample: Sample, part: int = 0) -> str:
    folder = FORBIDDEN if sample.fate == "forbidden" else "/content/"
    tail = f"_{part + 1}" if part else ""
    return f"{folder}{sample.published:%Y-%m/%d}/content_{sample.number}{tail}.html"


def _article(request: Request, sample: Sample, at: int) -> Page:
    parts = sample.parts(request.edition)
    others = [s for s in samples("portal") if s.key != sample.key and s.column == sample.column]
    return page(
        "portal_article.html",
        modified=sample.published,
        title=TITLE,
        columns=COLUMNS,
        name=COLUMNS[sample.column],
        sample=sample,
        blocks=groups(parts[at]),
        parts=[_address(sample, n) for n in range(len(parts))],
        at=at,
        related=others[sample.number % 5 :][:4],
        hot=others[-5:],
        address=_address,
    )


def expected(base: str) -> list[Expected]:
    return [expect(s, [base + _address(s, n) for n in range(len(s.parts()))]) for s in samples("portal")]


SITE = SiteKind(
    name=NAME,
    title=TITLE,
    kind="news",
    region="430000",
    starts=("/zhaoshang/index.html", "/yaowen/index.html", GONE),
    respond=respond,
    expected=expected,
)
