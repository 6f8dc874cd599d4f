"""What the states of sources and the outcomes of visits are called: one name each, in the terminal and on the pages; and lists that are stale."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.article import SHANGHAI

if TYPE_CHECKING:
    from crawler.archive import ListState, SourceState

STATUS_NAMES = {
    "verified": "读到列表",
    "candidate": "没有到过",
    "unreachable": "从这里访问不到",
    "challenge": "设了验证",
    "dead": "已失效",
    "moved": "已搬走",
    "forbidden": "robots.txt 不允许",
    "no_list": "没有列表",
}
"""What was found when a source was asked last."""

OUTCOME_NAMES = {
    "ok": "正常",
    "short": "不足",
    "blocked": "被拦",
    "failed": "失败",
    "drift": "走样",
    "interrupted": "中断",
}
"""How a visit to a source went; `short`: its lists showed fewer entries than its file expects."""

OFF_TOPIC = "不切题"
"""What a page is called that was rejected because it is not about investment promotion."""

STALE = timedelta(days=180)  # without anything new


def status_of(state: SourceState) -> str:
    """A key of STATUS_NAMES; a source that was never visited is a candidate."""
    return state.status or "candidate"


def describe_status(state: SourceState) -> str:
    """The name of a source's state with the date and the answer."""
    status = status_of(state)
    when = f" {state.status_at.astimezone(SHANGHAI):%Y-%m-%d}" if state.status_at else ""
    answer = f"（{state.status_answer}）" if state.status_answer else ""
    return f"{STATUS_NAMES.get(status, status)}{when}{answer}"


def listed(entries: int, platforms: Iterable[str]) -> str:
    """The answer of lists that were read, in words: how many entries, and by which publishing systems where they are known."""
    known = "、".join(sorted(set(platforms) - {"generic"}))
    return f"列出 {entries} 条" + (f"，发布系统 {known}" if known else "")


def redirected_off_list(asked: str, answered: str) -> bool:
    """Whether a redirect led off the list: to another site, to the level above or to another column. One to its own first page does not."""
    here, there = _place(asked), _place(answered)
    return here[0] != there[0] or not f"{there[1]}/".startswith(f"{here[1]}/")


def _place(url: str) -> tuple[str, str]:
    """(site without www., path without its index page and closing slash) of a URL."""
    parts = urlsplit(url)
    path = re.sub(r"(?i)(?:/(?:index|default|main|list)(?:\.[a-z]{2,5})?)?/*$", "", unquote(parts.path))
    return parts.netloc.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443"), path.lower()


def stale(lists: Iterable[ListState], now: datetime) -> list[ListState]:
    """Those whose newest entry was older than STALE when they were seen last, `now` where that is not known. A list that dates nothing says nothing."""
    return [s for s in lists if s.newest_at is not None and (s.visited_at or now) - s.newest_at > STALE]


def stale_line(state: ListState) -> str:
    """In words, for one that is stale."""
    assert state.newest_at is not None
    return f"最新一条是 {state.newest_at.astimezone(SHANGHAI):%Y-%m-%d} 的，久未更新：{state.url}"
