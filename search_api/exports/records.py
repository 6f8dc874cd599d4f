"""From ids of the archive, or hits of a search, to records, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, get_args

from fastapi import Request

from crawler.archive import Archive, StoredArticle
from crawler.article import SHANGHAI, Article, parse_published
from indexer.analysis.document import document_of_article
from indexer.analysis.facets import FACETS
from indexer.insight.vocabularies import value_name
from indexer.search.searcher import Hit
from search_api.exports.record import ReadValue, Record, Standard
from search_api.services.corrected_readings import readings_of
from search_api.services.reading_view import SUBJECTS
from search_api.web.error_handlers import Problem
from search_api.web.problem_document import Fault
from search_api.web.request_context import app_state, base

BATCH = 200
STANDARDS: tuple[Standard, ...] = get_args(Standard)


class Recorder:
    """Makes records: `base` is this archive's own address without a slash at the end ('' leaves addresses relative), `title_of` names a source."""

    def __init__(
        self,
        base: str,
        title_of: Callable[[str | None], str],
        cited: date | None = None,
        *,
        standard: Standard = "2025",
    ) -> None:
        self.base, self.title_of, self.standard = base, title_of, standard
        self.cited = cited or datetime.now(SHANGHAI).date()

    def of_article(
        self,
        article: Article,
        *,
        has_capture: bool,
        practices: Iterable[str] = (),
        places: Iterable[str] = (),
        reading: Mapping[str, Any] | None = None,
    ) -> Record:
        """`practices` by id, `places` by adcode; `reading` gives the values of the other facets that are read."""
        page = f"{self.base}/articles/{article.id}"
        document = document_of_article(article, practices=practices, places=places, reading=reading)
        return Record(
            article=article,
            publisher=article.publisher or self.title_of(article.source),
            values={
                name: tuple(value_name(facet, v) for v in facet.values(document)) for name, facet in FACETS.items()
            },
            page=page,
            snapshot=f"{page}/capture" if has_capture else "",
            cited=self.cited,
            standard=self.standard,
            readings=tuple(_read_values(reading or {})),
        )

    def of_stored(self, stored: StoredArticle, reading: Mapping[str, Any] | None = None) -> Record:
        """With what the reading found, where it is given."""
        found = reading or {}
        return self.of_article(
            stored.article,
            has_capture=stored.capture is not None,
            practices=_practices_of(found),
            places=map(str, found.get("regions") or ()),
            reading=found,
        )

    def of_hit(self, hit: Hit) -> Record:
        """Without the text."""
        at, precision = parse_published(hit.published)
        article = Article(
            id=hit.id,
            url=hit.url,
            canonical_url=hit.url,
            title=hit.title,
            text="",
            source=hit.source,
            kind=hit.kind,
            region=hit.region,
            external_id=hit.external_id,
            published_at=at,
            published_precision=precision,
            publisher=hit.publisher or hit.source_title,
            origin=hit.origin,
            author=hit.author,
        )
        return self.of_article(article, has_capture=hit.has_capture, practices=hit.practices, places=hit.places)

    def with_readings(self, ids: Iterable[str], archive: Archive) -> Iterator[tuple[Record, Mapping[str, Any]]]:
        """Each record with its article's reading ({} where it was not read yet), in the order of `ids`, in constant memory. An article that has left
        the archive meanwhile is passed over."""
        rest = iter(ids)
        while batch := list(islice(rest, BATCH)):
            for stored, reading in readings_of(archive, batch):
                yield self.of_stored(stored, reading), reading


def _read_values(reading: Mapping[str, Any]) -> Iterator[ReadValue]:
    """What was read, facet by facet, each value once."""
    for facet, key in (("practice", "practices"), *SUBJECTS.items()):
        seen: set[str] = set()
        for item in reading.get(key) or ():
            value = str(item.get("key") or item["id"])
            if value not in seen:
                seen.add(value)
                name = str(item.get("name") or value_name(FACETS[facet], value))
                probability = float(item.get("probability", item.get("confidence", 1.0)))
                yield ReadValue(facet, value, name, round(probability, 2), bool(item.get("sure", True)))


def _practices_of(reading: Mapping[str, Any]) -> list[str]:
    """Ids of the practices that are surely in a stored reading, each once."""
    return list(dict.fromkeys(str(p["id"]) for p in reading.get("practices") or () if p.get("sure", True)))


def recorder(request: Request) -> Recorder:
    """Makes records whose addresses are those under which this request came, cited by the edition that its `standard` asks for. Raises Problem 422 for another edition."""
    standard = request.query_params.get("standard") or STANDARDS[0]
    for known in STANDARDS:
        if standard == known:
            return Recorder(base(request), app_state(request).source_title, standard=known)
    reason = f"引文标准只有 {'、'.join(STANDARDS)}（GB/T 7714 的版本），没有 {standard[:20]}。"
    raise Problem(422, reason, kind="unknown-standard", faults=[Fault(name="standard", where="query", reason=reason)])
