"""A Discuz! X3.4 board: dynamic or rewritten addresses, sticky threads on every page, a page number too high shows the last page, and the archiver."""

from __future__ import annotations

import re

from tests.sites.articles import Piece
from tests.sites.web import Answer, Asked, Site


class DiscuzSite(Site):
    """`rewritten`: forum-36-2.html and thread-9-1-1.html; otherwise forum.php?mod=…. The two newest threads are sticky."""

    def __init__(self, articles: int = 37, *, rewritten: bool = False) -> None:
        super().__init__(articles)
        self.rewritten = rewritten

    @property
    def start_url(self) -> str:
        return self.url + ("/forum-36-1.html" if self.rewritten else "/forum.php?mod=forumdisplay&fid=36")

    @property
    def archiver_url(self) -> str:
        return self.url + "/archiver/?fid-36.html"

    def address(self, piece: Piece) -> str:
        return f"/thread-{piece.number}-1-1.html" if self.rewritten else f"/forum.php?mod=viewthread&tid={piece.number}"

    def is_article(self, asked: Asked, piece: Piece) -> bool:
        if asked.path == "/forum.php":
            return asked.query.get("mod") == "viewthread" and asked.query.get("tid") == str(piece.number)
        return re.fullmatch(rf"/thread-{piece.number}-\d+-\d+\.html", asked.path) is not None or (
            asked.path == "/archiver/" and f"tid-{piece.number}.html" in asked.query
        )

    def article(self, piece: Piece) -> str:
        body = "<br>\n".join(piece.paragraphs)
        pid = 7000 + piece.number
        return (
            f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{piece.title} - 招商动态 - 示例论坛 - Powered by Discuz!</title><meta name='generator' content='Discuz! X3.4'></head><body>"
            f"<h1 class='ts'><span id='thread_subject'>{piece.title}</span></h1><div id='post_{pid}'><table id='pid{pid}'><tr><td class='pls'><div id='favatar{pid}'><div class='authi'>"
            f"<a href='home.php?mod=space&uid=4' class='xw1'>招商小李</a></div></div></td><td class='plc'><em id='authorposton{pid}'>发表于 {piece.day.year}-{piece.day.month}-{piece.day.day} 10:41:18</em>"
            f"<div class='pct'><div class='pcb'><div class='t_fsz'><table><tr><td class='t_f' id='postmessage_{pid}'>{body}</td></tr></table></div></div></div></td></tr></table></div></body></html>"
        )

    def page(self, asked: Asked) -> Answer | None:
        if asked.path == "/archiver/" and any(k.startswith("fid-36") for k in asked.query):
            return Answer(self._archiver(int(asked.query.get("page") or 1)))
        found = re.fullmatch(r"/forum-36-(\d+)\.html", asked.path)
        dynamic = (
            asked.path == "/forum.php" and asked.query.get("mod") == "forumdisplay" and asked.query.get("fid") == "36"
        )
        if asked.path in ("/", "/forum.php") and not dynamic:
            return Answer(self._head("示例论坛") + f"<a href='{self._board(1)}'>招商动态</a></body></html>")
        if not found and not dynamic:
            return None
        normal = self.pieces[2:]
        count = max(1, -(-len(normal) // self.per_page))
        number = min(int(found[1]) if found else int(asked.query.get("page") or 1), count)  # page=99 is the last page
        rows = "".join(self._row(p, "stick") for p in self.pieces[:2]) + "".join(
            self._row(p, "normal") for p in normal[(number - 1) * self.per_page : number * self.per_page]
        )
        numbers = "".join(
            f"<strong>{n}</strong>" if n == number else f'<a href="{self._board(n)}">{n}</a>'
            for n in range(1, count + 1)
        )
        following = f'<a href="{self._board(number + 1)}" class="nxt">下一页</a>' if number < count else ""
        pager = f"<div class='pg'>{numbers}<label><input type='text' value='{number}'><span title='共 {count} 页'> / {count} 页</span></label>{following}</div>"
        return Answer(
            self._head("招商动态 - 示例论坛")
            + f"{pager}<table summary='forum_36' id='threadlisttableid'>{rows}</table>{pager}</body></html>"
        )

    def _head(self, title: str) -> str:
        return (
            f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title} - Powered by Discuz!</title><meta name='generator' content='Discuz! X3.4'>"
            "<script>var discuz_uid = '0';</script></head><body><div id='nv'><a href='forum.php'>论坛</a><a href='member.php?mod=logging&action=login'>登录</a></div>"
        )

    def _board(self, number: int) -> str:
        return (
            f"forum-36-{number}.html" if self.rewritten else f"forum.php?mod=forumdisplay&amp;fid=36&amp;page={number}"
        )

    def _row(self, p: Piece, kind: str) -> str:
        to = self.address(p).lstrip("/").replace("&", "&amp;") + ("" if self.rewritten else "&amp;extra=page%3D1")
        last = f"forum.php?mod=redirect&amp;tid={p.number}&amp;goto=lastpost#lastpost"
        return (
            f"<tbody id='{kind}thread_{p.number}'><tr><td class='icn'><a href='{to}' title='新窗口打开'></a></td><th class='new'><em>[<a href='forum.php?mod=forumdisplay&amp;fid=36&amp;filter=typeid&amp;typeid=3'>考察</a>]</em> "
            f"<a href='{to}' onclick='atarget(this)' class='s xst'>{p.title}</a> <a href='{last}' class='xi1'>New</a></th><td class='by'><cite><a href='home.php?mod=space&amp;uid=4'>招商小李</a></cite>"
            f"<em><span>{p.day.year}-{p.day.month}-{p.day.day}</span></em></td><td class='num'><a href='{to}' class='xi2'>3</a><em>511</em></td>"
            f"<td class='by'><cite><a href='home.php?mod=space&amp;username=x'>安徽客商</a></cite><em><a href='{last}'>2026-11-20 08:58</a></em></td></tr></tbody>"
        )

    def _archiver(self, number: int) -> str:
        rows = "".join(
            f"<li><a href='?tid-{p.number}.html'>{p.title}</a> (3篇回复)" for p in self.part(min(number, self.count))
        )
        numbers = " ".join(
            f"<strong>[{n}]</strong>" if n == min(number, self.count) else f"<a href='?fid-36.html&page={n}'>{n}</a>"
            for n in range(1, self.count + 1)
        )
        return (
            f"<html><head><base href='{self.url}/archiver/' /><title>招商动态 - 示例论坛 -  Powered by Discuz! Archiver</title><meta name='generator' content='Discuz! X3.4' /></head><body>"
            f"<div id='nav'><a href='./'>论坛</a> &rsaquo; 招商动态</div><div id='content'><ul type='1' start='1'>{rows}</ul><div class='page'>页: {numbers}</div></div></body></html>"
        )
