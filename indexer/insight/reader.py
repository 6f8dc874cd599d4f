"""read: title and text of an article → its reading. A pure function of its arguments and of the rule files."""

from __future__ import annotations

import hashlib
from datetime import date
from importlib.resources import files

from crawler.topic import TOPIC_VERSION, score
from indexer.insight.figures import read_figures
from indexer.insight.places import find_places
from indexer.insight.plain_text import plain
from indexer.insight.practices import read_practices
from indexer.insight.reading import Reading
from indexer.insight.subject_place import find_subject

# raised by hand with the code of this package; the rule files bring their own: their bytes are part of the version
CODE_VERSION = "4"
_RULES = {
    "indexer.insight": ("practices.toml", "practices_weights.json", "figures.toml", "zones.toml"),
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
    """What an article says about investment promotion; a text that is not about it has no practices, regions or figures.

    `published` is a date or an ISO prefix (2024, 2024-03, 2024-03-13); offsets count characters of `text`. Any two strings are read: no errors.
    """
    topic = score(title, text)
    if not topic.on_topic:
        return Reading(False, topic.value, practices=(), regions=(), mentioned=(), figures=(), version=INSIGHT_VERSION)
    body, heading = plain(text), plain(title)
    in_title, in_text = find_places(body.text, heading.text)
    subject = find_subject(body.text, in_title, in_text, heading.text)
    day = published.isoformat() if isinstance(published, date) else published
    first = subject.regions[0] if subject.regions else None
    return Reading(
        True,
        topic.value,
        practices=tuple(read_practices(body, heading)),
        regions=subject.regions,
        mentioned=subject.mentioned,
        figures=tuple(read_figures(body, in_text, first, day)),
        version=INSIGHT_VERSION,
    )
