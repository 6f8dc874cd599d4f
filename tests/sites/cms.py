"""The three small PHP systems, and WAS5: DedeCMS, EmpireCMS (static from 1, dynamic from 0), PHPCMS, search lists."""

from __future__ import annotations

import json
import re

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site, shell


class DedeSite(Site):
    """list_<type>_<n>.html; index.html is page 1 again."""

    start = "/zsyz/"

    def address(self, piece: Piece) -> str:
        return f"/zsyz/{piece.day.year}/{piece.day:%m%d}/{300 + piece.number}.html"

    def page(self, asked: Asked) -> Answer | None:
        found = re.fullmatch(r"/zsyz/(?:index\.html|list_12_(\d+)\.html)?", asked.path)
        number = int(found[1]) if found and found[1] else 1
        if not found or number > self.count:
            return None
        rows = "".join(
            f'<li><a href="{self.address(p)}" class="title">{p.title}</a><p class="intro">{p.paragraphs[0]}</p><span class="info"><small>日期：</small>{p.day} <small>点击：</small><script src="/plus/count.php?view=yes&aid={p.number}"></script></span></li>'
            for p in self.part(number)
        )
        numbers = "".join(
            f"<li class='thisclass'>{n}</li>" if n == number else f"<li><a href='list_12_{n}.html'>{n}</a></li>"
            for n in range(1, self.count + 1)
        )
        following = f"<li><a href='list_12_{number + 1}.html'>下一页</a></li>" if number < self.count else ""
        pager = f"<ul class='pagelist'>{numbers}{following}<li><span class='pageinfo'>共 <strong>{self.count}</strong>页<strong>{len(self.pieces)}</strong>条</span></li></ul>"
        return Answer(
            shell(f"<div class='listbox'><ul class='e2'>{rows}</ul></div><div class='dede_pages'>{pager}</div>")
        )


class EmpireSite(Site):
    """`dynamic`: /e/action/ListInfo/?classid=&page= counted from 0; otherwise index_2.html counted from 1."""

    def __init__(self, articles: int = 37, *, dynamic: bool = False) -> None:
        super().__init__(articles)
        self.dynamic = dynamic

    @property
    def start_url(self) -> str:
        return self.url + ("/e/action/ListInfo/?classid=9" if self.dynamic else "/zsyz/index.html")

    def address(self, piece: Piece) -> str:
        return f"/zsyz/{piece.day}/{600 + piece.number}.html"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path.startswith("/e/action/ListInfo"):
            number = int(asked.query.get("page") or 0) + 1
        elif found := re.fullmatch(r"/zsyz/index(?:_(\d+))?\.html", asked.path):
            number = int(found[1] or 1)
        else:
            return None
        if number > self.count:
            return None
        rows = "".join(
            f'<li><span>{p.day}</span><a href="{self.address(p)}" title="{p.title}">{p.title}</a></li>'
            for p in self.part(number)
        )
        head = f'<a title="Total record">&nbsp;<b>{len(self.pieces)}</b> </a>&nbsp;&nbsp;<b>{number}</b>'
        if self.dynamic:
            to = f"/e/action/ListInfo/index.php?page={{}}&amp;classid=9&amp;line={self.per_page}&amp;totalnum={len(self.pieces)}"
            following = (
                f'<a href="{to.format(number)}">下一页</a>&nbsp;<a href="{to.format(self.count - 1)}">尾页</a>'
                if number < self.count
                else ""
            )
        else:
            following = (
                f'<a href="/zsyz/index_{number + 1}.html">下一页</a>&nbsp;<a href="/zsyz/index_{self.count}.html">尾页</a>'
                if number < self.count
                else ""
            )
        return Answer(
            shell(f'<div class="newslist"><ul>{rows}</ul><div class="epages">{head}&nbsp;{following}</div></div>')
        )


class PhpcmsSite(Site):
    """index.php?m=content&c=index&a=lists&catid=&page=n; on the last page 下一页 leads to that page again, and a number too high shows the last page."""

    start = "/index.php?m=content&c=index&a=lists&catid=7"

    def address(self, piece: Piece) -> str:
        return f"/index.php?m=content&c=index&a=show&catid=7&id={40 + piece.number}"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path != "/index.php" or asked.query.get("a") != "lists":
            return None
        number = min(int(asked.query.get("page") or 1), self.count)
        rows = "".join(
            f'<li><span class="rt">{p.day} 08:30:00</span>·<a href="{self.url}{self.address(p).replace("&", "&amp;")}" target="_blank">{p.title}</a></li>'
            for p in self.part(number)
        )
        to = "/index.php?m=content&amp;c=index&amp;a=lists&amp;catid=7&amp;page={}"
        numbers = " ".join(
            f"<span>{n}</span>" if n == number else f'<a href="{to.format(n)}">{n}</a>'
            for n in range(1, self.count + 1)
        )
        pager = f'<div id="pages" class="text-c"><a class="a1">{len(self.pieces)}条</a> <a href="{to.format(max(number - 1, 1))}" class="a1">上一页</a> {numbers} <a href="{to.format(min(number + 1, self.count))}" class="a1">下一页</a></div>'
        return Answer(
            shell(
                f'<div class="col-left"><div class="crumbs">招商动态</div><ul class="list lh24 f14">{rows}</ul>{pager}</div>'
            )
        )


class Was5Site(Site):
    """/was5/web/search?channelid=&page=n, HTML or JSON; `data`: JSON."""

    start = "/was5/web/search?channelid=210831&page=1"

    def __init__(self, articles: int = 37, *, data: bool = False) -> None:
        super().__init__(articles)
        self.data = data

    def address(self, piece: Piece) -> str:
        return f"/zwgk/{piece.day:%Y%m}/t{piece.day:%Y%m%d}_{70000 + piece.number}.htm"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path != "/was5/web/search" or asked.query.get("channelid") != "210831":
            return None
        number = int(asked.query.get("page") or 1)
        if self.data:
            rows = [
                {"title": p.title, "url": self.url + self.address(p), "time": f"{p.day:%Y.%m.%d}"}
                for p in self.part(number)
            ]
            return Answer(
                json.dumps({"count": str(len(self.pieces)), "docs": [*rows, ""]}), type="text/html; charset=utf-8"
            )
        items = "".join(
            f'<li><a href="{self.url}{self.address(p)}" target="_blank">{p.title}</a><em>{p.day:%Y.%m.%d}</em></li>'
            for p in self.part(number)
        )
        following = (
            f'<a href="search?page={number + 1}&amp;channelid=210831&amp;searchword=&amp;perpage=10&amp;outlinepage=10">下一页</a>'
            if number < self.count
            else ""
        )
        first = (
            '<a href="search?page=1&amp;channelid=210831&amp;searchword=&amp;perpage=10&amp;outlinepage=10">首页</a>'
        )
        return Answer(
            shell(
                f'<div class="result"><ul>{items}</ul><div class="turn">共{len(self.pieces)}条 {first} <span class="current">{number}</span> {following}</div></div>'
            )
        )
