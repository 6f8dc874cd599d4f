"""Saved searches: saved from the search one stands at, listed, changed, put off and deleted with plain forms; and the links by which a recipient
agrees or wants no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crawler.archive import Channel, Digest, Watch
from crawler.archive.access import audit
from crawler.article import SHANGHAI
from crawler.configuration import ConfigurationError
from crawler.delivery.mail import is_mail_address, mail_server
from crawler.delivery.webhook import refused_for_readers
from search_api.pages.search import new_of_a_week
from search_api.parameters import View, name_of, unread
from search_api.watches.hours import WEEKDAYS, ZONES, described, next_hour
from search_api.watches.news import MOST_LISTED, saved_query, view_of
from search_api.watches.sending import Sent, ask
from search_api.web import forms
from search_api.web.access import visitor
from search_api.web.error_handlers import Problem, unreadable
from search_api.web.rendering import render
from search_api.web.request_context import app_state, base

router = APIRouter(include_in_schema=False)

MOST_WATCHES = 20  # of one owner
LONGEST_TITLE = 100
ASKED_A_DAY = 2  # confirmations to one recipient
ALL_ASKED_A_DAY = 200
STATES = {"waiting": "待确认", "on": "照常", "paused": "暂停", "off": "已停"}
CHANNELS: Mapping[str, str] = {"mail": "邮件", "webhook": "网址（webhook）", "notice": "通知", "none": "不发送"}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}")

Form = Annotated[Mapping[str, str], Depends(forms.form)]


@dataclass(frozen=True, slots=True)
class ShownWatch:
    """What the templates need. `fresh` is the address of what came in since the last digest."""

    watch: Watch
    state: str
    hours: str
    channel: str
    search: str
    feed: str
    fresh: str
    digests: list[Digest]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a form asks for, in bounds."""

    title: str
    channel: Channel
    recipient: str
    weekday: int | None
    hour: int
    zone: str


@router.get("/watches", response_class=HTMLResponse)
def watches_page(request: Request) -> Response:
    """All of one's own; a reader at this machine sees those of the terminal too."""
    known, archive = visitor(request), app_state(request).archive
    own = archive.watches.all() if known.local else archive.watches.of(known.owners)
    items = [_shown(request, watch) for watch in own]
    return _page(request, "watches.html", {"items": items, "fresh": new_of_a_week(View()).address()})


@router.get("/watches/new", response_class=HTMLResponse)
def new_page(request: Request) -> Response:
    """The form to save the search of this address."""
    for name, text in unread(request.query_params):
        raise unreadable(name, text)
    view = view_of(saved_query(View.read(request.query_params)))
    context = {
        "view": view,
        "query": saved_query(view),
        "title": name_of(view, app_state(request).source_title)[:LONGEST_TITLE],
        "total": app_state(request).searcher.count(view.q, view.filters, expand=view.expand),
        "watch": None,
    }
    return _page(request, "watch_new.html", context)


@router.post("/watches")
def create(request: Request, form: Form) -> Response:
    """Save it. Raises Problem 409 where there are enough, 422 for what cannot be sent to."""
    parameters = QueryParams(form.get("query", "")[:4000])
    for name, text in unread(parameters):
        raise unreadable(name, text)
    view, archive = View.read(parameters), app_state(request).archive
    owner, now = visitor(request).owner, datetime.now(UTC)
    if owner is None:
        raise Problem(403, "请先打开“关注”的页面，再从那里存下。", kind="no-session")
    if not visitor(request).local and archive.watches.count(owner) >= MOST_WATCHES:
        detail = f"一人最多关注 {MOST_WATCHES} 个检索，请先删去不用的。"
        raise Problem(409, detail, kind="too-many-watches", title="关注太多")
    wanted = _wanted(request, form, name_of(view, app_state(request).source_title))
    agreed = _agreed(request, owner, wanted)
    watch = archive.watches.create(
        owner,
        wanted.title,
        saved_query(view),
        channel=wanted.channel,
        recipient=wanted.recipient,
        weekday=wanted.weekday,
        hour=wanted.hour,
        zone=wanted.zone,
        state="on" if agreed else "waiting",
        mark=app_state(request).engine.cursor(),
        due_at=_due(wanted, now) if agreed else None,
        now=now,
    )
    _note(request, "watch add", watch)
    return _asked(request, watch)


@router.get("/watches/{token}", response_class=HTMLResponse)
def watch_page(request: Request, token: str) -> Response:
    """One's own only: it shows where the digests go."""
    watch = _own(request, token)
    return _page(request, "watch.html", {"item": _shown(request, watch), "watch": watch, "title": watch.title})


@router.post("/watches/{token}")
def change(request: Request, token: str, form: Form) -> Response:
    """One change, named by `do`."""
    watch = _own(request, token)
    act = _ACTS.get(form.get("do", ""))
    if act is None:
        raise Problem(422, "不知道要改什么：请用关注页面上的按钮。", kind="unknown-change")
    _note(request, f"watch {form['do']}", watch)
    return act(request, watch, form)


@router.get("/watches/confirm/{secret}", response_class=HTMLResponse)
def confirm_page(request: Request, secret: str) -> Response:
    """Asks once more: programs that look through mail open every link in it."""
    return _answer_page(request, _of_secret(request, secret), "confirm")


@router.post("/watches/confirm/{secret}", response_class=HTMLResponse)
def confirm(request: Request, secret: str) -> Response:
    watch = _of_secret(request, secret)
    due = next_hour(datetime.now(UTC), watch.weekday, watch.hour, watch.zone)
    confirmed = app_state(request).archive.watches.confirm(secret, due) or watch
    return _answer_page(request, confirmed, "confirm")


@router.get("/watches/stop/{secret}", response_class=HTMLResponse)
def stop_page(request: Request, secret: str) -> Response:
    return _answer_page(request, _of_secret(request, secret), "stop")


@router.post("/watches/stop/{secret}", response_class=HTMLResponse)
def stop(request: Request, secret: str) -> Response:
    """No more, also where a mail program asks for it (RFC 8058): it sends no field of ours, the secret is what entitles it."""
    watch = _of_secret(request, secret)
    if watch.state != "off":
        watch = app_state(request).archive.watches.stop(secret, "收件人退订") or watch
    return _answer_page(request, watch, "stop")


# --- what the forms ask for


def _wanted(request: Request, form: Mapping[str, str], title: str) -> _Wanted:
    channel = form.get("channel", "none")
    recipient = form.get("recipient", "").strip() if channel in ("mail", "webhook") else ""
    weekday, hour, zone = form.get("weekday", ""), form.get("hour", "8"), form.get("zone", "Asia/Shanghai")
    if channel not in ("mail", "webhook", "none"):
        raise _unfit("没有这种发送方式。")
    if channel == "mail" and not is_mail_address(recipient):
        raise _unfit(f"“{recipient[:60]}”不是邮箱地址。" if recipient else "请写邮箱地址。")
    if channel == "mail" and not _mail_ready(request):
        raise _unfit("这个文库没有设置发信的邮件服务器，请改用别的方式。")
    if channel == "webhook" and (fault := refused_for_readers(recipient)):
        raise _unfit(f"{fault}。")
    if weekday not in ("", *map(str, range(7))) or hour not in map(str, range(24)) or zone not in ZONES:
        raise _unfit("发送的时间读不懂。")
    return _Wanted(
        title=(" ".join(form.get("title", "").split()) or title)[:LONGEST_TITLE],
        channel=channel,  # type: ignore[arg-type]
        recipient=recipient,
        weekday=int(weekday) if weekday else None,
        hour=int(hour),
        zone=zone,
    )


def _unfit(detail: str) -> Problem:
    return Problem(422, detail, kind="unfit-watch", title="没有存下")


def _agreed(request: Request, owner: str, wanted: _Wanted) -> bool:
    """Whether nobody needs to be asked. Raises Problem 409 where this recipient, or all of them, were asked often enough today."""
    watches = app_state(request).archive.watches
    if wanted.channel == "none" or watches.is_confirmed(owner, wanted.channel, wanted.recipient):
        return True
    yesterday = datetime.now(UTC) - timedelta(days=1)
    if watches.asked_since(yesterday, wanted.recipient) >= ASKED_A_DAY:
        detail = "一天之内已请这个收件人确认过，请先在收到的信里确认，或明天再试。"
        raise Problem(409, detail, kind="asked-already", title="没有存下")
    if watches.asked_since(yesterday) >= ALL_ASKED_A_DAY:
        raise Problem(409, "今天请人确认的信太多了，请明天再试。", kind="asked-too-many", title="没有存下")
    return False


def _due(wanted: _Wanted, now: datetime) -> datetime | None:
    return next_hour(now, wanted.weekday, wanted.hour, wanted.zone) if wanted.channel != "none" else None


def _mail_ready(request: Request) -> bool:
    try:
        return mail_server(app_state(request).settings) is not None
    except ConfigurationError:
        return False


# --- changes


def _change(request: Request, watch: Watch, form: Mapping[str, str]) -> Response:
    if watch.channel == "notice":
        raise _unfit("这是在终端里加的，请在那里改：zhaoshang watch")
    wanted, now = _wanted(request, form, watch.title), datetime.now(UTC)
    values: dict[str, Any] = {"title": wanted.title, "weekday": wanted.weekday}
    values |= {"hour": wanted.hour, "zone": wanted.zone}
    if (wanted.channel, wanted.recipient) != (watch.channel, watch.recipient):
        agreed = _agreed(request, watch.owner, wanted)
        values |= {"channel": wanted.channel, "recipient": wanted.recipient, "asked_at": None, "failing_since": None}
        values |= {"state": "on" if agreed else "waiting", "why": "", "confirmed_at": now if agreed else None}
        values["due_at"] = _due(wanted, now) if agreed else None
    elif watch.state in ("on", "paused"):
        values["due_at"] = _due(wanted, now)
    changed = app_state(request).archive.watches.change(watch.token, **values)
    return _asked(request, changed or watch)


def _pause(request: Request, watch: Watch, form: Mapping[str, str]) -> Response:
    if watch.state == "on":
        app_state(request).archive.watches.change(watch.token, state="paused")
    return _at(watch)


def _resume(request: Request, watch: Watch, form: Mapping[str, str]) -> Response:
    """From a pause at once; where the recipient stopped it, or it was switched off, only when they agree anew."""
    now, watches = datetime.now(UTC), app_state(request).archive.watches
    wanted = _Wanted(
        watch.title, watch.channel, watch.recipient, weekday=watch.weekday, hour=watch.hour, zone=watch.zone
    )
    if watch.state == "paused":
        watches.change(watch.token, state="on", due_at=_due(wanted, now))
        return _at(watch)
    if watch.state == "off" or (watch.state == "waiting" and watch.asked_at):
        agreed = watch.channel == "notice" or _agreed(request, watch.owner, wanted)
        values = {"state": "on" if agreed else "waiting", "asked_at": None, "why": "", "failing_since": None}
        watch = watches.change(watch.token, **values, due_at=_due(wanted, now) if agreed else None) or watch
    return _asked(request, watch)


def _delete(request: Request, watch: Watch, form: Mapping[str, str]) -> Response:
    app_state(request).archive.watches.delete(watch.token)
    return RedirectResponse("/watches", status_code=303)


_ACTS: Mapping[str, Callable[[Request, Watch, Mapping[str, str]], Response]] = {
    "change": _change,
    "pause": _pause,
    "resume": _resume,
    "delete": _delete,
}


def _asked(request: Request, watch: Watch) -> Response:
    """To the page of the watch; whoever must agree is asked once the answer is out."""
    answer = _at(watch)
    if watch.state == "waiting" and watch.asked_at is None:
        answer.background = BackgroundTask(ask, app_state(request), watch, base(request), Sent(), now=datetime.now(UTC))
    return answer


def _at(watch: Watch) -> Response:
    return RedirectResponse(f"/watches/{watch.token}", status_code=303)


# --- whose it is, and how it is shown


def _own(request: Request, token: str) -> Watch:
    """Raises Problem 404 for one of somebody else too: that it exists is nobody's business."""
    known = visitor(request)
    found = app_state(request).archive.watches.get(token) if _TOKEN.fullmatch(token) else None
    if found is None or not (known.local or found.owner in known.owners):
        detail = "没有这个关注，或不是在这个浏览器里、用这个密钥存下的。"
        raise Problem(404, detail, kind="no-such-watch", title="没有这个关注")
    return found


def _of_secret(request: Request, secret: str) -> Watch:
    found = app_state(request).archive.watches.of_secret(secret) if _TOKEN.fullmatch(secret) else None
    if found is None:
        detail = "这个链接不再有效：关注已删去，或换了收件人。不会再往这里发送。"
        raise Problem(404, detail, kind="no-such-watch", title="链接已失效")
    return found


def _shown(request: Request, watch: Watch) -> ShownWatch:
    view, digests = view_of(watch.query), app_state(request).archive.digests.of(watch.token)
    last = digests[0].made_at if digests else watch.created_at
    moment = last.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")
    return ShownWatch(
        watch=watch,
        state=STATES[watch.state],
        hours=described(watch.weekday, watch.hour, watch.zone) if watch.channel != "none" else "",
        channel=CHANNELS[watch.channel],
        search=view.address(),
        feed=view.address("/feed"),
        fresh=view.with_(filters={**view.filters, "since": (moment,)}, sort="added").address(),
        digests=digests,
    )


def _page(request: Request, template: str, context: dict[str, Any]) -> Response:
    choices = {
        "csrf": forms.token(request),
        "mail_ready": _mail_ready(request),
        "zones": ZONES,
        "weekdays": WEEKDAYS,
        "most": MOST_LISTED,
    }
    page = render(request, template, {**choices, **context})
    page.headers["Cache-Control"] = "private, no-store"
    forms.set_session(request, page)
    return page


def _answer_page(request: Request, watch: Watch, asked: str) -> Response:
    hours = described(watch.weekday, watch.hour, watch.zone)
    page = render(request, "watch_answer.html", {"watch": watch, "asked": asked, "hours": hours})
    page.headers["Cache-Control"] = "private, no-store"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _note(request: Request, what: str, watch: Watch) -> None:
    audit.note(app_state(request).settings.data, visitor(request).known_as, what, watch.token[:8])
