"""Document: what an index holds of an article, its source and its reading; the engines see nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from crawler.article import SHANGHAI, Article, format_published
from indexer.analysis.corrected_reading import corrected_reading
from indexer.analysis.figure_codes import codes

if TYPE_CHECKING:
    from crawler.archive import StoredArticle
    from crawler.sources import Source


@dataclass(frozen=True, slots=True)
class Document:
    """One article as the index knows it.

    `change` is the archive's rising number of the state shown here; `year` and `month` (yyyymm) are Shanghai's, 0 where no date is known;
    `region` is the adcode of the source's place, `places` are adcodes of the article's own places; `practices` are ids of practices that are surely read
    in it, `possible` those of doubtful ones;
    `industries`, `investor_origins`, `events` are ids and `firms` names, of what its reading is sure of; `genre` is of what kind its text is;
    `figures` are its figures as `indexer.analysis.figure_codes` writes them; `added` is when it came into the archive, in seconds since 1970.
    """

    id: str
    change: int
    url: str
    canonical_url: str
    title: str
    text: str
    external_id: str | None = None
    source: str | None = None
    source_title: str | None = None
    kind: str | None = None
    region: str | None = None
    publisher: str | None = None
    origin: str | None = None
    author: str | None = None
    published: date | None = None
    published_text: str | None = None  # as it is shown: 2024-03-13 or 2024-03-13T16:24+08:00
    minute: int = 0  # minutes since 1970 of the time of publication, for sorting; 0 where unknown
    practices: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    figures: tuple[int, ...] = ()
    industries: tuple[str, ...] = ()
    firms: tuple[str, ...] = ()
    investor_origins: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    genre: str | None = None
    cites: tuple[str, ...] = ()  # keys of the documents that it cites
    document: tuple[str, ...] = ()  # keys by which it is cited, where it is a document itself
    added: int = 0
    cluster: str | None = None
    has_capture: bool = False

    @property
    def year(self) -> int:
        return self.published.year if self.published else 0

    @property
    def month(self) -> int:
        return self.published.year * 100 + self.published.month if self.published else 0

    @property
    def day(self) -> int:
        """yyyymmdd, 0 where no date is known."""
        return self.month * 100 + self.published.day if self.published else 0

    @property
    def authors(self) -> tuple[str, ...]:
        """The parts of `author`."""
        return tuple(self.author.split()) if self.author else ()

    def to_card(self) -> dict[str, Any]:
        """What an engine stores to show a hit: a JSON object without the empty fields."""
        out = {name: value for name in _NAMES if (value := getattr(self, name)) not in _EMPTY or name in _REQUIRED}
        if self.published:
            out["published"] = self.published.isoformat()
        return out

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> Document:
        """The inverse of `to_card`."""
        values = dict(card)
        if "published" in values:
            values["published"] = date.fromisoformat(values["published"])
        for name in _TUPLES:
            if name in values:
                values[name] = tuple(values[name])
        return cls(**values)


_TUPLES = (
    "practices",
    "possible",
    "places",
    "figures",
    "industries",
    "firms",
    "investor_origins",
    "events",
    "cites",
    "document",
)
_NAMES = tuple(f.name for f in fields(Document))
_REQUIRED = frozenset(f.name for f in fields(Document) if f.default is MISSING)
_EMPTY: tuple[object, ...] = (None, (), "", 0, False)


def document_of_article(
    article: Article,
    *,
    change: int = 0,
    source: Source | None = None,
    practices: Iterable[str] = (),
    possible: Iterable[str] = (),
    places: Iterable[str] = (),
    figures: Iterable[int] = (),
    reading: Mapping[str, Any] | None = None,
    added: int = 0,
    cluster: str | None = None,
    has_capture: bool = False,
) -> Document:
    """The document of an article and of what is known about it; `reading` gives industries, firms, origins, events and genre."""
    reading = reading or {}
    at = article.published_at.astimezone(SHANGHAI) if article.published_at else None
    return Document(
        id=article.id,
        change=change,
        url=article.url,
        canonical_url=article.canonical_url,
        title=article.title,
        text=article.text,
        external_id=article.external_id,
        source=article.source,
        source_title=source.title if source else None,
        kind=article.kind or (source.kind if source else None),
        region=article.region or (source.region if source else None) or None,
        publisher=article.publisher or (source.title if source else None),
        origin=article.origin,
        author=article.author,
        published=at.date() if at else None,
        published_text=format_published(article),
        minute=int(at.timestamp()) // 60 if at else 0,
        practices=tuple(dict.fromkeys(practices)),
        possible=tuple(dict.fromkeys(possible)),
        places=tuple(dict.fromkeys(places)),
        figures=tuple(figures),
        industries=_sure(reading, "industries"),
        firms=_sure(reading, "firms", "key"),
        investor_origins=_sure(reading, "origins"),
        events=_sure(reading, "events"),
        genre=reading.get("genre"),
        cites=tuple(dict.fromkeys(str(cited["key"]) for cited in reading.get("cited") or ())),
        document=tuple(map(str, reading.get("document") or ())),
        added=added,
        cluster=cluster,
        has_capture=has_capture,
    )


def _sure(reading: Mapping[str, Any], key: str, value: str = "id") -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(found[value]) for found in reading.get(key) or () if found["sure"]))


def document_of(stored: StoredArticle, source: Source | None, reading: Mapping[str, Any] | None) -> Document:
    """The document of a stored article, its source (None: not in the registry) and its reading (`Reading.to_json()`; None: not read yet)."""
    reading = corrected_reading(reading, stored.correction, stored.article.text)
    read: Sequence[Mapping[str, Any]] = reading.get("practices", ())
    return document_of_article(
        stored.article,
        change=stored.change,
        source=source,
        practices=[practice["id"] for practice in read if practice.get("sure", True)],
        possible=[practice["id"] for practice in read if not practice.get("sure", True)],
        places=reading.get("regions", ()),
        figures=codes(reading.get("figures", ())),
        reading=reading,
        added=int(stored.first_seen.timestamp()),
        cluster=stored.cluster,
        has_capture=stored.capture is not None,
    )
