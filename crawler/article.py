"""Article: the noun that every later stage reads, and the two errors by which extraction refuses a page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import MAXYEAR, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

SHARED = "list:shared"
"""The rule of a title that is the list's, because the page's own is that of other pages too."""
CORRECTED = "人工订正"
"""The rule of a field that was corrected by hand."""
_SURE = ("selector", "platform", CORRECTED, SHARED)  # whatever else is said

# rules by which a title or a day is no more than likely
_WEAK_RULES: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "none", "line:above", "list"),
    "published_at": (
        "url",
        "line:update",
        "line:sign-off",
        "attachment:sign-off",
        "time:modified",
        "script",
        "script:written",
    ),
}

BlockKind = Literal["paragraph", "heading", "list", "table", "image"]


class ExtractionError(Exception):
    """A page could not be turned into an article; `reason` is one line for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAnArticle(ExtractionError):
    """The page is a wall, an error, a challenge, a list or a thread to pay for: there is no article to keep."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the body, in reading order. Only the fields of its kind are set.

    paragraph: `text` · heading: `text`, `level` 1–6 · list: `items`, `ordered` · table: `rows` of cells · image: `src` (absolute), `caption` in `text`.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    items: tuple[str, ...] = ()
    ordered: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    src: str = ""

    def plain(self) -> str:
        """The block as lines of plain text; '' for an image without a caption."""
        if self.kind == "list":
            return "\n".join(self.items)
        if self.kind == "table":
            return "\n".join("\t".join(row) for row in self.rows)
        return self.text


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that the article links: `url` absolute, `title` as the link says, `extension` lower case without the dot."""

    url: str
    title: str
    extension: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a field came from: `rule` such as meta:PubDate, jsonld, line:来源, platform:discuz, url, heuristic; `read_from` is the text it was read from.

    `against` is what the witness says that was not followed, by its rule, a colon, and its words: `list：2024-03-14`; '' where none differs.
    """

    rule: str
    read_from: str = ""
    against: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A clean article. `id` is made by `article_id`; `published_at` is aware, Asia/Shanghai; `text` is derived from `blocks` by `text_of`."""

    id: str
    url: str
    canonical_url: str
    title: str
    text: str
    blocks: tuple[Block, ...] = ()
    source: str | None = None  # name of the source (registry)
    kind: str | None = None  # government, news, forum
    region: str | None = None  # adcode of the source's place
    external_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    next_part: str | None = None  # absolute URL of the next page of the same article
    published_at: datetime | None = None
    published_precision: Literal["day", "minute"] | None = None
    publisher: str | None = None  # the site
    origin: str | None = None  # 来源
    author: str | None = None  # 作者; several are joined by one space
    editor: str | None = None  # 责任编辑
    script: Literal["hans", "hant"] | None = None
    replies: int | None = None
    platform: str | None = None
    topic_score: float | None = None
    confidence: float | None = None  # 0–1, of the body
    captured_at: datetime | None = None
    provenance: Mapping[str, Provenance] = field(
        default_factory=dict
    )  # keys: title, published_at, origin, author, body …

    @property
    def images(self) -> tuple[Block, ...]:
        """Image blocks in reading order."""
        return tuple(b for b in self.blocks if b.kind == "image")

    @property
    def unsure(self) -> tuple[str, ...]:
        """Of `title` and `published_at` those to be checked: no good witness names them, or two that are good differ."""
        known = ((name, self.provenance.get(name)) for name in _WEAK_RULES)
        return tuple(
            name
            for name, p in known
            if p and (p.rule in _WEAK_RULES[name] or p.against) and not p.rule.startswith(_SURE)
        )

    def with_(self, **changes: Any) -> Article:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def revision_hash(self) -> str:
        """16 hex digits over what makes a revision: title, text, date, 来源, author, attachments. Capture times do not count."""
        parts = [self.title, self.text, format_published(self) or "", self.origin or "", self.author or ""]
        parts += [a.url for a in self.attachments]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """A JSON object; fields that are empty are left out, `published_at` is written at its precision."""
        out: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if value is None or value == () or value == {}:
                continue
            if f.name == "blocks":
                value = [_lean(b) for b in value]
            elif f.name == "attachments":
                value = [asdict(a) for a in value]
            elif f.name == "provenance":
                value = {k: {n: v for n, v in asdict(p).items() if v or n != "against"} for k, p in value.items()}
            elif f.name == "published_at":
                value = format_published(self)
            elif isinstance(value, datetime):
                value = value.isoformat()
            out[f.name] = value
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Article:
        """The inverse of `to_json`. Raises KeyError, TypeError or ValueError where `data` is not an article."""
        values = dict(data)
        values["blocks"] = tuple(
            Block(**{**b, "items": tuple(b.get("items", ())), "rows": tuple(tuple(r) for r in b.get("rows", ()))})
            for b in values.get("blocks", ())
        )
        values["attachments"] = tuple(Attachment(**a) for a in values.get("attachments", ()))
        values["provenance"] = {k: Provenance(**p) for k, p in values.get("provenance", {}).items()}
        if "published_at" in values:
            values["published_at"] = datetime.fromisoformat(values["published_at"])
            if values["published_at"].tzinfo is None:
                values["published_at"] = values["published_at"].replace(tzinfo=SHANGHAI)
        if "captured_at" in values:
            values["captured_at"] = datetime.fromisoformat(values["captured_at"])
        return cls(**values)

    def dumps(self) -> str:
        """One JSON line."""
        return json.dumps(self.to_json(), ensure_ascii=False)


def _lean(block: Block) -> dict[str, Any]:
    return {k: v for k, v in asdict(block).items() if v not in ("", 0, (), False)}


def article_id(key: str) -> str:
    """First 16 hex digits of the SHA-256 of the key: the canonical URL, or the external id where there is one."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def text_of(blocks: Iterable[Block]) -> str:
    """Plain text of the blocks, a line each; empty blocks leave no line."""
    return "\n".join(t for t in (b.plain() for b in blocks) if t)


def format_published(article: Article) -> str | None:
    """2024-03-13 or 2024-03-13T16:24+08:00, by the article's precision."""
    at = article.published_at
    if at is None:
        return None
    at = at.astimezone(SHANGHAI)
    return at.isoformat(timespec="minutes") if article.published_precision == "minute" else at.date().isoformat()


def parse_published(value: str | date | datetime | None) -> tuple[datetime | None, Literal["day", "minute"] | None]:
    """An ISO date or time (naive times are Shanghai's) as (aware datetime, precision). Raises ValueError where it is neither."""
    if value is None or value == "":
        return None, None
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
        return _in_shanghai(at), "minute"
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI), "day"
    text = value.strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"日期应写作 2024-03-13 或 2024-03-13T16:24+08:00，而不是 {text[:40]!r}") from None
    at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    return _in_shanghai(at), "day" if len(text) <= 10 else "minute"


def _in_shanghai(at: datetime) -> datetime:
    if not 1 < at.year < MAXYEAR:  # in another zone, or a day later, it would be no time at all
        raise ValueError(f"日期应在 2 年与 {MAXYEAR - 1} 年之间，而不是 {at.year} 年")
    return at.astimezone(SHANGHAI)
