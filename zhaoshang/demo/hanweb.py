"""A government site as Hanweb's jpage publishes it: records from dataproxy.jsp in groups of three pages, the first group inline."""

from __future__ import annotations

from zhaoshang.demo.content import Expected, Sample, expect, samples
from zhaoshang.demo.server import TEMPLATES, Page, Request, SiteKind, groups, page, robots

NAME, TITLE = "demo-hanweb", "山东投资促进网（示例）"
COLUMN, UNIT, WEB = 1229, 4567890, 77
PROXY = "/module/web/jpage/dataproxy.jsp"
ROWS, GROUP = 5, 15  # entries on a page, and fetched at once


def respond(request: Request) -> Page | None:
    """Answers /, the column, its records (GET or POST) and the articles below /art/."""
    own = samples("hanweb")
    if request.path == "/robots.txt":
        return robots()
    if request.path == "/":
        return page(
            "hanweb_home.html", modified=own[0].published, title=TITLE, column=COLUMN, samples=own[:5], address=_address
        )
    if request.path == f"/col/col{COLUMN}/index.html":
        return page(
            "hanweb_list.html",
            modified=own[0].published,
            title=TITLE,
            column=COLUMN,
            unit=UNIT,
            web=WEB,
            proxy=PROXY,
            rows=ROWS,
            total=len(own),
            store=_store(own[:GROUP]),
        )
    if request.path == PROXY:
        return _records(request)
    return next((_article(request, s) for s in own if _address(s) == request.path), None)


def _records(request: Request) -> Page:
    asked = request.query | request.form
    own = samples("hanweb")
    if asked.get("columnid") != str(COLUMN) or asked.get("unitid") != str(UNIT):
        return Page(b"<datastore></datastore>", "text/xml; charset=utf-8")
    try:
        first, last = int(asked["startrecord"]), int(asked["endrecord"])
    except (KeyError, ValueError):
        first, last = 1, GROUP
    rows = own[max(first, 1) - 1 : min(last, first + GROUP - 1)]
    return Page(_store(rows).encode(), "text/xml; charset=utf-8")


def _store(rows: tuple[Sample, ...]) -> str:
    template = TEMPLATES.get_template("hanweb_records.xml")
    return template.render(samples=rows, address=_address, total=len(samples("hanweb")), rows=ROWS)


def _address(sample: Sample) -> str:
    at = sample.published
    return f"/art/{at.year}/{at.month}/{at.day}/art_{COLUMN}_{sample.number}.html"


def _article(request: Request, sample: Sample) -> Page:
    blocks = groups(sample.parts(request.edition)[0])
    return page(
        "hanweb_article.html", modified=sample.published, title=TITLE, column=COLUMN, sample=sample, blocks=blocks
    )


def expected(base: str) -> list[Expected]:
    return [expect(s, [base + _address(s)]) for s in samples("hanweb")]


SITE = SiteKind(
    name=NAME,
    title=TITLE,
    kind="government",
    region="370000",
    starts=(f"/col/col{COLUMN}/index.html",),
    respond=respond,
    expected=expected,
)
