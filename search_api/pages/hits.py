"""A hit as the result list shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from markupsafe import Markup

from crawler.archive import StoredArticle
from crawler.normalisation import script_of
from indexer.insight.vocabularies import practice_name
from indexer.query.parser import parse
from indexer.query.tree import asks_for_new
from indexer.search.searcher import Hit
from search_api.exports.citation import citation
from search_api.exports.records import Recorder, recorder
from search_api.exports.zotero import coins
from search_api.parameters import View, readable
from search_api.services.reading_view import Found, figures_of, practices_of
from search_api.services.republications import came_before, copies_of, folded
from search_api.text import marked
from search_api.web.request_context import app_state
from search_api.wording import day, moment, named_fields, web_address

MOST_TAGS = 4


@dataclass(frozen=True, slots=True)
class Copy:
    """A republication of a hit."""

    href: str
    site: str
    date: str


@dataclass(frozen=True, slots=True)
class ShownHit:
    """What the template needs, and nothing to decide."""

    id: str
    href: str
    title: Markup
    hant: bool
    date: str
    unsure: Sequence[str]  # names of fields to be checked before they are cited
    added: str  # the day on which it came in, where that is asked about, else ''
    site: str
    origin: str
    place: str
    passage: Markup
    practices: Sequence[tuple[str, str]]  # name, address
    url: str | None
    snapshot: str
    citation: str
    coins: str  # the same for Zotero
    copies: Sequence[Copy]
    first: bool  # the first of the copies was published before it
    proves: str  # the practices that the passage proves
    proof_anchor: str  # where it stands in the article, '' where that is not known
    practice_proofs: Sequence[Found]  # of the practices that were asked for
    figures: Sequence[Found]  # those that were asked for
    why: str
    widened: bool


def shown(request: Request, hits: Sequence[Hit], view: View) -> list[ShownHit]:
    """The hits of a page, republications folded under the first publisher among them."""
    recording, archive = recorder(request), app_state(request).archive
    heads = folded(hits)
    copies = copies_of(archive, heads)
    ids = [hit.id for hit in heads]
    asked, practices = view.figures(), view.practices()
    figures = figures_of(archive, ids, asked) if asked else {}
    proofs = practices_of(archive, ids, practices) if practices else {}
    stored = archive.articles.get_many(ids)
    new = view.sort == "added" or "since" in view.filters or asks_for_new(parse(view.q).root)
    added = {id: moment(one.first_seen)[:10] for id, one in stored.items()} if new else {}
    return [
        _shown(
            hit,
            copies.get(hit.id, ()),
            proofs.get(hit.id, ()),
            figures=figures.get(hit.id, ()),
            unsure=stored[hit.id].article.unsure if hit.id in stored else (),
            added=added.get(hit.id, ""),
            view=view,
            recording=recording,
        )
        for hit in heads
    ]


def _shown(
    hit: Hit,
    copies: Sequence[StoredArticle],
    proofs: Sequence[Found],
    figures: Sequence[Found],
    unsure: Sequence[str],
    added: str,
    view: View,
    recording: Recorder,
) -> ShownHit:
    record = recording.of_hit(hit)
    proved = [hit.proves, *hit.proves_too] if hit.proves else []
    where = readable([("q", view.q)]) if view.q else ""
    return ShownHit(
        id=hit.id,
        href=f"/articles/{hit.id}" + (f"?{where}" if where else ""),
        title=marked(hit.title, hit.title_marks) if hit.title else Markup("无题"),
        hant=script_of(hit.title + hit.snippet) == "hant",
        date=day(hit.published),
        unsure=named_fields(unsure),
        added=added,
        site=record.publisher,
        origin=hit.origin if hit.origin and hit.origin != record.publisher else "",
        place=record.place,
        passage=marked(hit.snippet, hit.snippet_marks),
        practices=[(practice_name(p), f"/practices/{p}") for p in hit.practices[:MOST_TAGS]],
        url=web_address(hit.url),
        snapshot=f"/articles/{hit.id}/capture" if hit.has_capture else "",
        citation=citation(record),
        coins=coins(record),
        copies=[copy_of(copy, recording) for copy in copies],
        first=bool(copies) and came_before(copies[0], hit),
        proves=("可能 " if hit.proves_possibly else "") + "、".join(map(practice_name, proved)),
        proof_anchor=next((found.anchor for found in proofs if found.href == f"/practices/{hit.proves}"), ""),
        practice_proofs=[found for found in proofs if found.href not in {f"/practices/{name}" for name in proved}],
        figures=figures,
        widened=hit.widened,
        why="" if view.empty else view.with_(sort="relevance", strict=False).address(f"/articles/{hit.id}/why"),
    )


def copy_of(stored: StoredArticle, recording: Recorder) -> Copy:
    record = recording.of_stored(stored)
    return Copy(f"/articles/{stored.id}", record.publisher or record.issuer or record.title, record.date[:10])
