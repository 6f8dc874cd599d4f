"""Lists without an end: 下一页 for ever, a calendar, a new session id in every address, an ASP.NET form."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site, shell


class EndlessSite(Site):
    """Every page has a 下一页; past the last one the list shows the last page's articles again."""

    start = "/news/list.jsp?page=1"

    def address(self, piece: Piece) -> str:
        return f"/news/show.jsp?id={100 + piece.number}"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path != "/news/list.jsp":
            return None
        number = int(asked.query.get("page") or 1)
        return Answer(
            shell(
                self.rows(min(number, self.count))
                + f"<div class='pages'><a href='list.jsp?page={number - 1}'>上一页</a> <a href='list.jsp?page={number + 1}'>下一页</a></div>"
            )
        )

    def rows(self, number: int) -> str:
        return (
            "<ul class='news'>"
            + "".join(f"<li><a href='{self.address(p)}'>{p.title}</a> {p.day}</li>" for p in self.part(number))
            + "</ul>"
        )


class CalendarSite(EndlessSite):
    """Below the list a calendar whose 下一页 is the next day, for ever, with no article on it."""

    start = "/news/list.jsp?page=1"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path == "/calendar":
            day = date.fromisoformat(asked.query.get("day", "2024-03-01"))
            nights = "".join(
                f"<td><a href='/calendar?day={day + timedelta(days=n)}'>{(day + timedelta(days=n)).day}</a></td>"
                for n in range(-15, 15)
            )
            return Answer(
                shell(
                    f"<table class='calendar'><tr>{nights}</tr></table><p>{day} 没有活动</p><div class='pages'><a href='/calendar?day={day + timedelta(days=1)}'>下一页</a></div>"
                )
            )
        if asked.path != "/news/list.jsp":
            return None
        number = int(asked.query.get("page") or 1)
        following = f"list.jsp?page={number + 1}" if number < self.count else "/calendar?day=2024-03-01"
        return Answer(shell(self.rows(number) + f"<div class='pages'><a href='{following}'>下一页</a></div>"))


class SessionSite(EndlessSite):
    """Each answer writes another session id into every address."""

    start = "/news/list.jsp?page=1"

    def address(self, piece: Piece) -> str:
        return f"/news/show.jsp?id={100 + piece.number}"

    def page(self, asked: Asked) -> Answer | None:
        path, _, _ = asked.path.partition(";")
        if path != "/news/list.jsp":
            return None
        number, session = int(asked.query.get("page") or 1), f"{Random(asked.number).getrandbits(128):032X}"
        rows = "".join(
            f"<li><a href='/news/show.jsp;jsessionid={session}?id={100 + p.number}'>{p.title}</a> {p.day}</li>"
            for p in self.part(min(number, self.count))
        )
        following = f"<a href='list.jsp;jsessionid={session}?page={min(number + 1, self.count)}'>下一页</a>"
        return Answer(shell(f"<ul class='news'>{rows}</ul><div class='pages'>{following}</div>"))

    def is_article(self, asked: Asked, piece: Piece) -> bool:
        return asked.path.partition(";")[0] == "/news/show.jsp" and asked.query.get("id") == str(100 + piece.number)


class AspNetSite(Site):
    """AspNetPager: page n is a POST of the page's own form with __EVENTTARGET and __EVENTARGUMENT."""

    start = "/News/Default.aspx"

    def address(self, piece: Piece) -> str:
        return f"/News/Detail.aspx?id={piece.number}"

    def page(self, asked: Asked) -> Answer | None:
        if asked.path != self.start:
            return None
        number = 1
        if asked.method == "POST":
            if asked.form.get("__VIEWSTATE") != "dDwtMTA4" or asked.form.get("__EVENTTARGET") != "ctl00$pager":
                return Answer("<h1>验证视图状态失败</h1>", 500)
            number = int(asked.form["__EVENTARGUMENT"])
        rows = "".join(
            f"<li><a href='Detail.aspx?id={p.number}'>·{p.title}</a><span>{p.day:%Y-%m-%d}</span></li>"
            for p in self.part(number)
        )
        following = (
            f"<a href=\"javascript:__doPostBack('ctl00$pager','{number + 1}')\">下一页</a>"
            if number < self.count
            else "<a disabled='disabled'>下一页</a>"
        )
        form = f"<form method='post' action='Default.aspx' id='form1'><input type='hidden' name='__VIEWSTATE' value='dDwtMTA4'><ul class='list'>{rows}</ul><div class='page'>{following}</div></form>"
        return Answer(shell(form))
