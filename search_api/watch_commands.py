"""Verbs `watch add`, `list`, `test`, `send` and `remove`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from crawler.terminal import Refusal, err, minute, out, print_json

if TYPE_CHECKING:
    from crawler.archive import Archive, Watch
    from search_api.web.app_state import AppState

app = typer.Typer(no_args_is_help=True, help="关注：存下一个检索，新收录的文章到点发出。")
SHORT = 8  # characters of a token that name a watch in the terminal
_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@contextmanager
def _opened() -> Iterator[AppState]:
    from crawler.configuration import settings
    from search_api.web.app_state import AppState

    state = AppState.of_existing(settings())
    try:
        yield state
    finally:
        state.close()


@app.command()
def add(
    query: str = typer.Argument(..., help="检索式，写法同 zhaoshang search"),
    to: str = typer.Option(..., "--to", help="邮箱，webhook 的网址，或 Apprise 的地址（机器人、ntfy 等）"),
    title: str = typer.Option("", "--title", help="名称；不写就是检索式"),
    every: str = typer.Option("每天", "--every", help="每天，或 周一 至 周日"),
    at: int = typer.Option(8, "--at", min=0, max=23, help="几点"),
    zone: str = typer.Option("Asia/Shanghai", "--zone", help="时区，如 Asia/Shanghai、Europe/Berlin"),
) -> None:
    """关注一个检索：每天或每周到点，把新收录的文章发出去；没有新的就不发。

    邮箱要先由收件人在确认信里点头（发信的设置是 ZHAOSHANG_MAIL）；网址和 Apprise 的地址立即生效，可以在内网。

    例：zhaoshang watch add '飞地 region:湖南' --to zhang@example.org --every 周一
    """
    from datetime import UTC, datetime

    from search_api.parameters import View
    from search_api.server import base_of
    from search_api.watches.hours import described, next_hour, zone_of
    from search_api.watches.news import saved_query
    from search_api.watches.sending import OPERATOR, Sent, ask

    if every not in ("每天", *_DAYS):
        raise Refusal(f"--every 应为 每天 或 {'、'.join(_DAYS)}，而不是 {every!r}")
    if zone_of(zone) is None:
        raise Refusal(f"--zone 应为 IANA 的时区名，如 Asia/Shanghai，而不是 {zone!r}")
    channel, recipient = _recipient(to.strip())
    weekday, now, q = (_DAYS.index(every) if every in _DAYS else None), datetime.now(UTC), " ".join(query.split())
    with _opened() as state:
        agreed = channel != "mail" or state.archive.watches.is_confirmed(OPERATOR, "mail", recipient)
        watch = state.archive.watches.create(
            OPERATOR,
            title.strip() or q or "全部文章",
            saved_query(View(q)),
            channel=channel,  # type: ignore[arg-type]
            recipient=recipient,
            weekday=weekday,
            hour=at,
            zone=zone,
            state="on" if agreed else "waiting",
            mark=state.engine.cursor(),
            due_at=next_hour(now, weekday, at, zone) if agreed else None,
        )
        told = f"{watch.token[:SHORT]}：{described(weekday, at, zone)}发到 {_masked(watch)}"
        if agreed:
            err.print(f"已关注 {told}", markup=False)
            return
        sent = Sent()
        ask(state, watch, base_of(state.settings), sent, now)
    if faults := [*sent.faults, *sent.problems]:
        raise Refusal(f"{faults[0]}；改好后删去重加：zhaoshang watch remove {watch.token[:SHORT]}")
    err.print(f"待确认 {told}；已请收件人确认，点了信里的链接就开始", markup=False)


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="输出 JSON")) -> None:
    """全部关注，读者在网页上存的也在内；没有送到的在前。"""
    from search_api.watches.hours import described

    with _opened() as state:
        found = sorted(state.archive.watches.all(), key=lambda w: (w.state != "off", w.failing_since is None))
        last = {w.token: next(iter(state.archive.digests.of(w.token, 1)), None) for w in found}
    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "id": watch.token[:SHORT],
                "title": watch.title,
                "query": watch.query,
                "to": _masked(watch),
                "channel": watch.channel,
                "when": described(watch.weekday, watch.hour, watch.zone),
                "state": watch.state,
                "why": watch.why,
                "failing_since": watch.failing_since,
                "due_at": watch.due_at,
                "last_digest": digest.made_at if (digest := last[watch.token]) else None,
            }
            for watch in found
        ]
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("编号", "检索", "发到", "什么时候", "状态", "最近一份"):
        table.add_column(heading)
    for watch in found:
        digest = last[watch.token]
        table.add_row(
            watch.token[:SHORT],
            Text(watch.title),
            Text(_masked(watch)),
            described(watch.weekday, watch.hour, watch.zone) if watch.channel != "none" else "",
            Text(_state(watch)),
            f"{minute(digest.made_at)}，{digest.total:,} 篇" if digest else "—",
        )
    if found:
        out.print(table)
    err.print(f"共 {len(found)} 个关注。添加：zhaoshang watch add 检索式 --to 邮箱或网址")


@app.command()
def test(id: str = typer.Argument(..., help="编号，见 zhaoshang watch list")) -> None:
    """试发：把现有最新的三篇发给收件人，不算数。"""
    from crawler.delivery.message import DeliveryError
    from search_api.server import base_of
    from search_api.watches.sending import send_sample

    with _opened() as state:
        watch = _named(state.archive, id)
        if watch.state not in ("on", "paused") or watch.channel == "none":
            raise Refusal(f"{id} {_state(watch)}，没有可以发的收件人")
        try:
            send_sample(state, watch, base_of(state.settings))
        except DeliveryError as error:
            raise Refusal(f"没有送到：{error}") from error
        err.print(f"已发到 {_masked(watch)}", markup=False)


@app.command()
def send(ids: list[str] | None = typer.Argument(None, help="只看这些，不等到点；不写则为所有到点的")) -> None:
    """发送：到点的关注有新收录的就发，没有送到的再试。nightly、schedule 和 serve 都会自己做。"""
    from datetime import UTC, datetime

    from search_api.server import base_of
    from search_api.watches.sending import send_due

    with _opened() as state:
        for id in ids or ():
            watch = _named(state.archive, id)
            if watch.state != "on" or watch.channel == "none":
                raise Refusal(f"{id} {_state(watch)}，没有可以发的")
            state.archive.watches.change(watch.token, due_at=datetime.now(UTC))
        sent = send_due(state, base_of(state.settings))
    for line in (*sent.faults, *sent.problems):
        err.print(f"✗ {line}", markup=False)
    err.print(f"看了 {sent.looked} 个关注，发出 {sent.digests} 份，请人确认 {sent.confirmations} 次")
    if sent.faults or sent.problems:
        raise typer.Exit(1)


@app.command()
def remove(id: str = typer.Argument(..., help="编号，见 zhaoshang watch list")) -> None:
    """删去一个关注；读者的也可以。"""
    from crawler.archive.access import audit

    with _opened() as state:
        watch = _named(state.archive, id)
        state.archive.watches.delete(watch.token)
        audit.note(state.settings.data, "cli", "watch delete", watch.token[:SHORT])
    err.print(f"已删去 {watch.token[:SHORT]}：{watch.title}", markup=False)


def _recipient(to: str) -> tuple[str, str]:
    """Channel and recipient of what stands behind --to. Raises Refusal."""
    from crawler.alerts import AddressError, parse_address
    from crawler.alerts.send import faulty
    from crawler.configuration import settings
    from crawler.delivery.mail import is_mail_address, mail_server
    from crawler.delivery.webhook import webhook_fault

    if is_mail_address(to):
        if mail_server(settings()) is None:
            raise Refusal(
                "发邮件先要设置 ZHAOSHANG_MAIL，如 mailtos://用户:密码@smtp.example.org?from=wenku@example.org"
            )
        return "mail", to
    try:
        address = parse_address(to)
    except AddressError as error:
        raise Refusal(f"--to {error}") from error
    if to.startswith(("http://", "https://")) and address.startswith(("json://", "jsons://")):
        if fault := webhook_fault(to):
            raise Refusal(f"--to {fault}")
        return "webhook", to
    if fault := faulty(address):
        raise Refusal(f"--to {fault}")
    return "notice", address


def _named(archive: Archive, id: str) -> Watch:
    found = [watch for watch in archive.watches.all() if id and watch.token.startswith(id)]
    if len(found) != 1:
        raise Refusal(f"{'没有' if not found else '不止一个'}编号为 {id!r} 的关注；用 zhaoshang watch list 查看")
    return found[0]


def _state(watch: Watch) -> str:
    named = {"waiting": "待确认", "on": "照常", "paused": "暂停", "off": "已停"}[watch.state]
    if watch.failing_since and watch.state == "on":
        named = f"{minute(watch.failing_since)} 起没有送到"
    return f"{named}：{watch.why}" if watch.why else named


def _masked(watch: Watch) -> str:
    """To whom, without what lets anybody send there."""
    from urllib.parse import urlsplit

    from crawler.alerts import mask

    if watch.channel == "notice":
        return mask(watch.recipient)
    if watch.channel == "webhook":
        parts = urlsplit(watch.recipient)
        return f"{parts.scheme}://{parts.netloc}/…"
    return watch.recipient or "（不发送）"
