"""A small news site for the crawl's tests: lists of ten, newest first, and an article for each entry."""

from __future__ import annotations

from tests.loopback_site import Answer

PAGE = 10


class News:
    """A news site: one list, newest first, `PAGE` entries a page, and an article for each."""

    def __init__(self, count: int, *, prefix: str = "") -> None:
        self.articles = list(range(count))
        self.prefix = prefix
        self.changed: set[int] = set()

    def __call__(self, path: str) -> Answer | None:
        name, _, number = path.removeprefix(f"{self.prefix}/").removesuffix(".html").partition("_")
        if name in ("index", ""):
            return self.list_page(int(number or 1))
        if name == "a" and number.isdecimal() and int(number) in self.articles:
            text = "补充了新的数字。" if int(number) in self.changed else ""
            return Answer(f"<html><body><h1>{title(int(number))}</h1><p>样例正文第{number}篇。{text}</p></body></html>")
        return None

    def list_page(self, page: int) -> Answer | None:
        order = sorted(self.articles, reverse=True)
        shown = order[(page - 1) * PAGE : page * PAGE]
        rows = "".join(
            f'<li><a href="{self.prefix}/a_{n}.html">{title(n)}</a><span>2026-02-{n % 28 + 1:02d}</span></li>'
            for n in shown
        )
        more = f'<a href="{self.prefix}/index_{page + 1}.html">下一页</a>' if page * PAGE < len(order) else ""
        body = f'<html><head><title>招商动态</title></head><body><ul class="list">{rows}</ul><div class="page">{more}</div></body></html>'
        return Answer(body, validated=True) if shown else None


def title(number: int) -> str:
    return f"样例县举行第{number}场招商引资项目集中签约仪式"


def rows_of(*paths: str) -> Answer:
    rows = "".join(
        f'<li><a href="{path}">{title(n)}</a><span>2026-02-0{n}</span></li>' for n, path in enumerate(paths, 1)
    )
    return Answer(f"<html><body><ul>{rows}</ul></body></html>")
