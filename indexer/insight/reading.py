"""Reading: what an article says about investment promotion, with the places in the text that prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from indexer.insight.documents.cited import Cited
from indexer.insight.documents.official import Official
from indexer.insight.subjects.found import Firm, Found, Genre

Unit = Literal["CNY", "USD", "count"]
Kind = Literal["signed", "invested", "realised", "fdi", "projects", "output", "tax", "other"]
Status = Literal["planned", "signed", "realised", "unstated"]
Stage = Literal["talks", "refused", "begun", "ended"]


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice of practices.toml; `start`, `end` bound the evidence in the article's text; `confidence` is the probability that it is right, `sure` whether that is high enough to be told without 可能."""

    id: str
    start: int
    end: int
    confidence: float
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount (whole 元 or US dollars) or a number of projects or firms, at [start, end) of the text.

    `about` is as written before the unit: "more" (余、多、超), "less" (近、约), "" ; `region` an adcode or None; `period` what the number covers
    (2023, 2023H1, 2023-07 …) or None. `high` is the upper end of a range, else None. `status` is "unstated" where no word tells it; `stage` is
    how far the project has come, where a word tells it: in talks, refused, begun (finished too), ended. `project` and `firm` are the names
    of the project that an amount is for and of the firm that brings it, where its sentence has them.
    """

    start: int
    end: int
    value: int
    unit: Unit
    kind: Kind
    status: Status
    region: str | None = None
    period: str | None = None
    high: int | None = None
    about: Literal["", "more", "less"] = ""
    stage: Stage | None = None
    project: str | None = None
    firm: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """`topic`: is the article about investment promotion; `regions`: adcodes of the places that attract, most important first; `mentioned`: other places.

    `partners`: those of `regions` that come to a park on the land of another one of them.
    `industries`, `firms`, `origins` (of investors) and `events` are doubtful where they are not `sure`; every article has a genre.
    `cited` are the documents that it cites; `document` the keys by which others cite it where it is one itself, and `official` what it
    then says of its number, issuer and days.
    """

    topic: bool
    topic_value: float
    practices: tuple[Practice, ...]
    regions: tuple[str, ...]
    mentioned: tuple[str, ...]
    figures: tuple[Figure, ...]
    version: str
    partners: tuple[str, ...] = ()
    industries: tuple[Found, ...] = ()
    firms: tuple[Firm, ...] = ()
    origins: tuple[Found, ...] = ()
    events: tuple[Found, ...] = ()
    genre: Genre = "news"
    cited: tuple[Cited, ...] = ()
    document: tuple[str, ...] = ()
    official: Official | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers; empty fields of figures left out."""
        out = asdict(self)
        out["figures"] = [{k: v for k, v in figure.items() if v not in (None, "")} for figure in out["figures"]]
        for key in (
            "practices",
            "regions",
            "mentioned",
            "partners",
            "industries",
            "firms",
            "origins",
            "events",
            "cited",
            "document",
        ):
            out[key] = list(out[key])
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reading:
        """The reading that `to_json` gave. ValueError or KeyError where it is none."""
        for figure in data["figures"]:
            if figure["unit"] not in get_args(Unit) or figure["kind"] not in get_args(Kind):
                raise ValueError(f"figure of unknown unit or kind: {figure['unit']} {figure['kind']}")
            if figure["status"] not in get_args(Status) or figure.get("stage") not in (None, *get_args(Stage)):
                raise ValueError(f"figure of unknown status or stage: {figure['status']} {figure.get('stage')}")
        return cls(
            bool(data["topic"]),
            float(data["topic_value"]),
            practices=tuple(Practice(**p) for p in data["practices"]),
            regions=tuple(data["regions"]),
            mentioned=tuple(data["mentioned"]),
            figures=tuple(Figure(**f) for f in data["figures"]),
            version=str(data["version"]),
            partners=tuple(data.get("partners", ())),
            industries=tuple(Found(**found) for found in data.get("industries", ())),
            firms=tuple(Firm(**firm) for firm in data.get("firms", ())),
            origins=tuple(Found(**found) for found in data.get("origins", ())),
            events=tuple(Found(**found) for found in data.get("events", ())),
            genre=data.get("genre", "news"),
            cited=tuple(Cited(**cited) for cited in data.get("cited", ())),
            document=tuple(data.get("document", ())),
            official=Official(**data["official"]) if data.get("official") else None,
        )
