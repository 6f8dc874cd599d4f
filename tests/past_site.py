"""A site with a long past for the tests of backfills: one list over years, newest first, and an article for each entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.loopback_site import Answer
from tests.news_site import title

PAGE = 5
FIRST = date(2018, 1, 1)
EVERY = timedelta(days=9)  # between two articles


def day_of(number: int) -> date:
    return FIRST + number * EVERY


class Past:
    """`dated`: its list shows days. `listed` is told each list page that is asked for, before it is answered."""

    def __init__(self, count: int, *, dated: bool = True, listed: Callable[[int], None] = lambda page: None) -> None:
        self.articles, self.dated, self.listed = list(range(count)), dated, listed

    def __call__(self, path: str) -> Answer | None:
        name, _, number = path.removeprefix("/").removesuffix(".html").partition("_")
        if name == "index":
            self.listed(int(number or 1))
            return self._list(int(number or 1))
        if name == "a" and number.isdecimal() and int(number) in self.articles:
            n = int(number)
            text = f"本报讯 样例县在这一天举行招商引资项目集中签约仪式，这是第{n}场，招商引资的项目涉及新材料和装备制造，县里的招商干部到会介绍情况。"
            return Answer(
                f"<html><head><title>{title(n)}</title></head><body><h1>{title(n)}</h1><p>发布时间：{day_of(n)} 来源：样例县</p>"
                f"<div><p>{text}</p><p>{text}</p></div></body></html>"
            )
        return None

    def _list(self, page: int) -> Answer | None:
        order = sorted(self.articles, reverse=True)
        shown = order[(page - 1) * PAGE : page * PAGE]
        rows = "".join(
            f'<li><a href="/a_{n}.html">{title(n)}</a>{f"<span>{day_of(n)}</span>" if self.dated else ""}</li>'
            for n in shown
        )
        more = f'<a href="/index_{page + 1}.html">下一页</a>' if page * PAGE < len(order) else ""
        body = f'<html><head><title>招商动态</title></head><body><ul class="list">{rows}</ul><div class="page">{more}</div></body></html>'
        return Answer(body) if shown else None
