"""A Discuz! X3.4 board in GBK: rewritten and dynamic addresses, page turns, a sticky, walls, an anti-refresh page, what its editor leaves in posts."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from zhaoshang.demo.content import Expected, Fate, Reply, Thread, plain, threads, written
from zhaoshang.demo.server import Page, Request, SiteKind, page, robots

NAME, TITLE = "demo-forum", "楚天招商论坛（示例）"
BOARDS = {2: "招商动态", 3: "投资交流"}
THREADS, POSTS = 10, 5  # a page
_FORUM = re.compile(r"/forum-(\d+)-(\d+)\.html")
_THREAD = re.compile(r"/thread-(\d+)-(\d+)-\d+\.html")
_BARRED = (
    "/forum.php?mod=redirect*",
    "/forum.php?mod=post*",
    "/member.php",
    "/search.php",
    "/misc.php",
    "/*?mod=misc*",
    "/*?mod=attachment*",
)


def respond(request: Request) -> Page | None:
    """Answers the index, boards and threads, each at its rewritten and its dynamic address."""
    if request.path == "/robots.txt":
        return robots(*_BARRED)
    query = request.query
    if request.path in ("/", "/index.php") or (request.path == "/forum.php" and "mod" not in query):
        return _html(request, "discuz_index.html")
    found = _FORUM.fullmatch(request.path)
    if found:
        return _board(request, int(found[1]), int(found[2]))
    found = _THREAD.fullmatch(request.path)
    if found:
        return _thread(request, int(found[1]), int(found[2]))
    if request.path == "/forum.php" and query.get("mod") == "forumdisplay":
        return _board(request, _number(query, "fid"), _number(query, "page"))
    if request.path == "/forum.php" and query.get("mod") == "viewthread":
        return _thread(request, _number(query, "tid"), _number(query, "page"))
    return None


def _number(query: dict[str, str], name: str) -> int:
    value = query.get(name, "1")
    return int(value) if value.isdigit() else 0


def _html(request: Request, template: str, *, status: int = 200, **values: Any) -> Page:
    return page(
        template, encoding="gbk", status=status, site=TITLE, base=request.base, boards=BOARDS, clock=_clock, **values
    )


def _clock(at: datetime) -> str:
    """As the board writes times: 2024-3-5 09:04:07, months and days unpadded. The seconds derive from the minute."""
    return f"{at.year}-{at.month}-{at.day} {at:%H:%M}:{at.minute * 7 % 60:02d}"


def _message(request: Request, kind: str, text: str, status: int = 200) -> Page:
    return _html(request, "discuz_message.html", status=status, alert=kind, message=text)


def _board(request: Request, fid: int, at: int) -> Page:
    if fid not in BOARDS:
        return _message(request, "alert_error", "抱歉，指定的版块不存在", 404)
    own = [t for t in threads() if t.board == fid]
    stuck, normal = [t for t in own if t.sticky], [t for t in own if not t.sticky]
    pages = -(-len(normal) // THREADS)
    at = min(max(at, 1), pages)  # a page too far is the last one
    rows = normal[(at - 1) * THREADS : at * THREADS]
    return _html(
        request,
        "discuz_board.html",
        fid=fid,
        name=BOARDS[fid],
        stuck=stuck if at == 1 else [],
        rows=rows,
        at=at,
        pages=pages,
        posts=POSTS,
    )


def _thread(request: Request, tid: int, at: int) -> Page:
    thread = next((t for t in threads() if t.tid == tid), None)
    if thread is None:
        return _message(request, "alert_error", "抱歉，指定的主题不存在或已被删除或正在被审核", 404)
    if thread.wall == "login":
        return _message(request, "alert_info", "抱歉，您尚未登录，无法浏览此主题，请登录后再试")
    if thread.wall == "permission":
        return _message(request, "alert_info", "抱歉，本帖要求阅读权限高于 50 才能浏览")
    if thread.wall == "refresh":
        return page("discuz_refresh.html", encoding="gbk")
    posts = _posts(thread)
    pages = -(-len(posts) // POSTS)
    at = min(max(at, 1), pages)
    rows = posts[(at - 1) * POSTS : at * POSTS]
    return _html(
        request,
        "discuz_thread.html",
        thread=thread,
        name=BOARDS[thread.board],
        rows=rows,
        first=(at - 1) * POSTS,
        at=at,
        pages=pages,
    )


def _posts(thread: Thread) -> list[Reply]:
    opening = Reply(thread.author, thread.at, "")
    return [opening, *thread.replies]


def _address(thread: Thread) -> str:
    return f"/thread-{thread.tid}-1-1.html"


def expected(base: str) -> list[Expected]:
    return [_expect(t, base) for t in threads()]


def _expect(thread: Thread, base: str) -> Expected:
    fate: Fate = "article" if thread.about else "rejected"
    if thread.wall:
        fate = "blocked" if thread.wall == "refresh" else "wall"
    return Expected(
        site=NAME,
        url=base + _address(thread),
        title=thread.title,
        published=written(thread.at),
        text=plain(thread.pieces),
        fate=fate,
        author=thread.author,
        replies=len(thread.replies),
    )


SITE = SiteKind(
    name=NAME,
    title=TITLE,
    kind="forum",
    region="420000",
    starts=tuple(f"/forum-{fid}-1.html" for fid in BOARDS),
    respond=respond,
    expected=expected,
    spider="forum",
)
