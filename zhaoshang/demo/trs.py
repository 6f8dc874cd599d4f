"""A government site as TRS WCM publishes it: createPageHTML lists, t20240112_123456.html in month folders, meta tags, the 索引号 table."""

from __future__ import annotations

from zhaoshang.demo.content import Expected, Sample, expect, samples
from zhaoshang.demo.server import Page, Request, SiteKind, groups, page, robots

NAME, TITLE = "demo-trs", "安徽招商服务网（示例）"
COLUMNS = {"zsdt": "招商动态", "zcwj": "政策文件"}
ROWS = 8  # entries on a list page


def respond(request: Request) -> Page | None:
    """Answers /, /COLUMN/[index[_n].html] and the articles below /COLUMN/YYYYMM/."""
    if request.path == "/robots.txt":
        return robots()
    if request.path == "/":
        newest = samples("trs")[0].published
        return page(
            "trs_home.html", modified=newest, title=TITLE, columns=COLUMNS, samples=samples("trs")[:6], address=_address
        )
    column, _, rest = request.path.removeprefix("/").partition("/")
    if column not in COLUMNS:
        return None
    own = [s for s in samples("trs") if s.column == column]
    pages = -(-len(own) // ROWS)
    names = ["index.html", *(f"index_{n}.html" for n in range(1, pages))]
    if (rest or "index.html") in names:
        at = names.index(rest or "index.html")
        rows = own[at * ROWS : (at + 1) * ROWS]
        return page(
            "trs_list.html",
            modified=own[0].published,
            title=TITLE,
            name=COLUMNS[column],
            columns=COLUMNS,
            samples=rows,
            pages=pages,
            at=at,
            address=lambda s: "." + _address(s).removeprefix(f"/{column}"),
        )
    return next((_article(request, s) for s in own if _address(s) == request.path), None)


def _address(sample: Sample) -> str:
    return f"/{sample.column}/{sample.published:%Y%m}/t{sample.published:%Y%m%d}_{sample.number}.html"


def _article(request: Request, sample: Sample) -> Page:
    if sample.fate == "blocked":  # what a site behind a script challenge answers to whoever runs no scripts
        challenge = page("challenge.html", status=412, token=f"{sample.number:x}")
        challenge.headers["Set-Cookie"] = f"__demo_challenge={sample.number:x}; Path=/"
        return challenge
    return page(
        "trs_article.html",
        modified=sample.published,
        title=TITLE,
        columns=COLUMNS,
        name=COLUMNS[sample.column],
        sample=sample,
        blocks=groups(sample.parts(request.edition)[0]),
    )


def expected(base: str) -> list[Expected]:
    return [expect(s, [base + _address(s)]) for s in samples("trs")]


SITE = SiteKind(
    name=NAME,
    title=TITLE,
    kind="government",
    region="340000",
    starts=tuple(f"/{column}/index.html" for column in COLUMNS),
    respond=respond,
    expected=expected,
)
