"""read: title and text of an article → its reading. A pure function of its arguments and of the rule files."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from importlib.resources import files

from crawler.topic import TOPIC_VERSION, score
from indexer.insight.documents.citations import find_citations
from indexer.insight.documents.official import official_of
from indexer.insight.documents.titles import own_keys
from indexer.insight.figures import read_figures
from indexer.insight.places import find_places
from indexer.insight.plain_text import plain
from indexer.insight.practices import read_practices
from indexer.insight.reading import Reading
from indexer.insight.shared_parks import find_shared_parks, with_shared_park
from indexer.insight.subject_place import find_subject
from indexer.insight.subjects.genre import genre_of
from indexer.insight.subjects.read_subjects import read_subjects

# raised by hand with the code of this package; the rule files bring their own: their bytes are part of the version
CODE_VERSION = "5"
_RULES = {
    "indexer.insight": ("practices.toml", "practices_weights.json", "zones.toml"),
    "indexer.insight.figures": ("figures.toml",),
    "indexer.insight.subjects": (
        "industries.toml",
        "firms.toml",
        "origins.toml",
        "events.toml",
        "genre.toml",
        "signs.toml",
        "weights.json",
    ),
    "indexer.insight.documents": ("documents.toml",),
    "crawler.sources": ("regions.csv", "regions_former.csv", "townships.csv"),
}


def _version() -> str:
    digest = hashlib.sha256(
        TOPIC_VERSION.encode()
    )  # a gate that changed judges kept articles again, by reading them again
    for package, names in _RULES.items():
        for name in names:
            digest.update(files(package).joinpath(name).read_bytes())
    return f"{CODE_VERSION}.{digest.hexdigest()[:8]}"


INSIGHT_VERSION = _version()


def read(title: str, text: str, *, published: str | date | None = None) -> Reading:
    """What an article says about investment promotion; a text that is not about it has nothing but its genre and the documents that it cites.

    `published` is a date or an ISO prefix (2024, 2024-03, 2024-03-13); offsets count characters of `text`. Any two strings are read: no errors.
    """
    topic = score(title, text)
    body, heading = plain(text), plain(title)
    genre = genre_of(heading, body)
    document = tuple(own_keys(title, body.text, genre))
    of_any = Reading(
        topic.on_topic,
        topic.value,
        practices=(),
        regions=(),
        mentioned=(),
        figures=(),
        version=INSIGHT_VERSION,
        genre=genre,
        cited=find_citations(body),
        document=document,
        official=official_of(body) if document or genre in ("policy", "notice") else None,
    )
    if not topic.on_topic:
        return of_any
    in_title, in_text = find_places(body.text, heading.text)
    subject = with_shared_park(
        find_subject(body.text, in_title, in_text, heading.text),
        find_shared_parks(heading.text, in_title),
        find_shared_parks(body.text, in_text),
    )
    day = published.isoformat() if isinstance(published, date) else published
    first = subject.regions[0] if subject.regions else None
    subjects = read_subjects(heading, body, text, genre, mentions=in_text, titled=in_title, regions=subject.regions)
    return replace(
        of_any,
        practices=tuple(read_practices(body, heading)),
        regions=subject.regions,
        mentioned=subject.mentioned,
        partners=subject.partners,
        figures=tuple(read_figures(body, in_text, first, day)),
        industries=subjects.industries,
        firms=subjects.firms,
        origins=subjects.origins,
        events=subjects.events,
    )
