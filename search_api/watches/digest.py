"""A digest as its reader gets it: as text, as HTML, and as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from crawler.archive import Digest, Watch
from crawler.article import SHANGHAI
from crawler.delivery.message import Message
from indexer.search.searcher import Hit
from search_api.exports.records import Recorder
from search_api.parameters import View
from search_api.services.reading_view import Found, figures_of, practices_of
from search_api.services.republications import copies_of
from search_api.watches.hours import described
from search_api.watches.news import MOST_LISTED, view_of
from search_api.web.app_state import AppState
from search_api.web.rendering import environment
from search_api.wording import web_address

MOST_BRIEF = 5
LONGEST_PASSAGE = 160  # characters


@dataclass(frozen=True, slots=True)
class Entry:
    """A new article. `proof`: the practice or figure that was asked for, which the passage shows; '' where it is what the words found."""

    id: str
    title: str
    href: str
    original: str
    date: str
    site: str
    place: str
    proof: str
    passage: str
    copies: int

    @property
    def facts(self) -> str:
        """Day, site and place, in one line."""
        return " · ".join(filter(None, (self.date, self.site, self.place)))


def digest_message(app_state: AppState, watch: Watch, digest: Digest, base: str) -> Message | None:
    """What is sent for a digest; `base` is our web address without a stroke at its end. None where all its articles were taken down. Raises EngineError, ArchiveError."""
    view = view_of(watch.query)
    entries = entries_of(app_state, view, digest.articles, base)
    if not entries:
        return None
    everything = base + _since(view, digest.since).uri("/")
    return _message(digest.id, watch, entries, base=base, total=digest.total, again=digest.again, everything=everything)


def sample_message(app_state: AppState, watch: Watch, base: str, now: datetime) -> Message:
    """The same of the latest that the search finds, for a trial: it counts as nothing. Raises EngineError, ArchiveError."""
    view = view_of(watch.query)
    latest = app_state.searcher.search(
        view.q,
        top=3,
        sort="newest",
        facets=(),
        filters=view.filters,
        strict=True,
        snippets=False,
        histogram=False,
        expand=view.expand,
    )
    entries = entries_of(app_state, view, [hit.id for hit in latest.hits], base)
    id = f"test-{watch.token}-{int(now.timestamp())}"
    everything = base + view.with_(sort="newest").uri("/")
    return _message(id, watch, entries, base=base, total=latest.total, again=0, everything=everything, trial=True)


def confirmation_message(watch: Watch, base: str) -> Message:
    """Asks a recipient whether they want it; nothing else is sent before they say so."""
    link = f"{base}/watches/confirm/{watch.secret}"
    context = {
        "watch": watch,
        "hours": described(watch.weekday, watch.hour, watch.zone),
        "link": link,
        "search": base + view_of(watch.query).uri("/"),
    }
    text = [
        f"有人在招商文库关注了“{watch.title}”，请求{context['hours']}把新收录的文章发到这里。",
        "",
        f"要收，请打开：{link}",
        "",
        "不是您要的，不用理会：不确认就不会再发任何东西，七天后作废。",
    ]
    data = {"type": "confirm", "id": f"confirm-{watch.token}", "watch": watch.title, "confirm": link}
    html = environment().get_template("mail_confirm.html").render(context)
    return Message(
        data["id"],
        f"请确认：关注“{watch.title}”",
        text="\n".join(text) + "\n",
        html=html,
        brief="\n".join(text),
        data=data,
    )


def entries_of(app_state: AppState, view: View, ids: tuple[str, ...] | list[str], base: str) -> list[Entry]:
    """The articles as entries, in this order; those that are no longer there are left out."""
    archive = app_state.archive
    hits = _hits(app_state, view, ids)
    shown = [hits[id] for id in ids if id in hits and archive.articles.get(id) is not None]
    copies, here = copies_of(archive, shown), [hit.id for hit in shown]
    proofs: dict[str, list[Found]] = practices_of(archive, here, practices) if (practices := view.practices()) else {}
    figures = figures_of(archive, here, asked) if (asked := view.figures()) else {}
    recorder = Recorder(base, app_state.source_title)
    found = []
    for hit in shown:
        record = recorder.of_hit(hit)
        proof = next((p for p in (*figures.get(hit.id, ()), *proofs.get(hit.id, ())) if p.quote), None)
        where = f"?{urlencode({'q': view.q})}" if view.q else ""
        href = f"{base}/articles/{hit.id}{where}" + (f"#{proof.anchor}" if proof and proof.anchor else "")
        passage = " ".join((proof.quote if proof else hit.snippet).split())
        found.append(
            Entry(
                id=hit.id,
                title=record.title,
                href=href,
                original=web_address(hit.url) or "",
                date=record.date[:10],
                site=record.publisher,
                place=record.place,
                proof=proof.name if proof else "",
                passage=passage if len(passage) <= LONGEST_PASSAGE else passage[:LONGEST_PASSAGE] + "……",
                copies=len(copies.get(hit.id, ())),
            )
        )
    return found


def _hits(app_state: AppState, view: View, ids: tuple[str, ...] | list[str]) -> dict[str, Hit]:
    """With the passage that the query finds; an article that it no longer finds, as it is."""
    found: dict[str, Hit] = {}
    for query, filters in ((view.q, view.filters), ("", {})):
        if missing := [id for id in ids if id not in found]:
            answer = app_state.searcher.search(
                query,
                top=len(missing),
                sort="newest",
                facets=(),
                filters={**filters, "id": missing},
                strict=True,
                histogram=False,
                expand=view.expand,
            )
            found |= {hit.id: hit for hit in answer.hits}
    return found


def _since(view: View, moment: datetime) -> View:
    """The same search for what came then and later, the last first."""
    said = moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")
    return view.with_(filters={**view.filters, "since": (said,)}, sort="added")


def _message(
    id: str,
    watch: Watch,
    entries: list[Entry],
    *,
    base: str,
    total: int,
    again: int,
    everything: str,
    trial: bool = False,
) -> Message:
    stop = f"{base}/watches/stop/{watch.secret}"
    context: dict[str, Any] = {
        "watch": watch,
        "entries": entries,
        "total": total,
        "again": again,
        "everything": everything,
        "search": base + view_of(watch.query).uri("/"),
        "stop": stop,
        "hours": described(watch.weekday, watch.hour, watch.zone),
        "trial": trial,
        "shown": _shown(len(entries), total),
    }
    subject = f"{watch.title}：试发" if trial else f"{watch.title}：新收录 {total:,} 篇"
    data = {
        "type": "test" if trial else "digest",
        "id": id,
        "watch": watch.title,
        "search": context["search"],
        "total": total,
        "republications": again,
        "hits": [asdict(entry) for entry in entries],
        "all": everything,
        "stop": stop,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    html = environment().get_template("mail_digest.html").render(context)
    return Message(id, subject, text=_text(context), html=html, brief=_brief(context), data=data, stop=stop)


def _shown(entries: int, total: int) -> str:
    if entries == total:
        return ""
    return f"，先列 {entries} 篇" if entries >= MOST_LISTED else f"，合并转载后 {entries} 篇"


def _brief(context: dict[str, Any]) -> str:
    lines = [f"{number}. {entry.title} {entry.href}" for number, entry in enumerate(context["entries"][:MOST_BRIEF], 1)]
    return "\n".join([*lines, f"全部：{context['everything']}", f"退订：{context['stop']}"])


def _text(context: dict[str, Any]) -> str:
    watch, entries, total = context["watch"], context["entries"], context["total"]
    lines = [f"关注：{watch.title}", context["search"], ""]
    if context["trial"]:
        lines.append(f"这是试发，下面是现有 {total:,} 篇中最新的 {len(entries)} 篇。")
    else:
        lines.append(f"新收录 {total:,} 篇{context['shown']}。")
    for number, entry in enumerate(entries, 1):
        lines += ["", f"{number}. {entry.title}", f"   {entry.facts}" if entry.facts else ""]
        if entry.passage:
            lines.append(f"   {entry.proof}：{entry.passage}" if entry.proof else f"   {entry.passage}")
        if entry.copies:
            lines.append(f"   另有 {entry.copies} 家转载")
        lines.append(f"   {entry.href}")
    lines += ["", f"全部：{context['everything']}"]
    if context["again"]:
        lines.append(f"另有 {context['again']:,} 篇只是转载文库里已有的文章，没有列出。")
    lines += ["", "-- ", f"招商文库{context['hours']}发送。引用请核对原文。", f"退订：{context['stop']}"]
    return "\n".join(lines) + "\n"
