"""Articles from outside: a JSON-lines file, one article a line, into the archive without a capture and without the topic gate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from crawler.archive.forgetting.tombstones import ForgottenError
from crawler.article import Article, Block, Provenance, article_id, parse_published
from crawler.canonical import canonicalise
from crawler.normalisation import script_of
from crawler.reasons import describe_error, fault_reason
from crawler.web.site_policy import MOST_BYTES, MOST_URL

if TYPE_CHECKING:
    from crawler.archive import Archive

BATCH = 500  # articles a transaction
BATCH_CHARACTERS = 20_000_000  # of their texts
MOST_TEXT = 2_000_000  # characters: each line of it becomes a paragraph
MOST_NAME = 500  # characters of a name, an id
MOST_TITLE = 2_000

Name = Annotated[str, Field(max_length=MOST_NAME)]


class ImportedArticle(BaseModel):
    """One line of the file. `text` and one of `url`, `id` are required; `id` is external, kept, and the key where it is given."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, coerce_numbers_to_str=True)

    text: str = Field(max_length=MOST_TEXT)
    url: str | None = Field(default=None, max_length=MOST_URL)
    id: Name | None = None
    title: str | None = Field(default=None, max_length=MOST_TITLE)
    published_at: Name | None = None
    source: Name | None = None
    publisher: Name | None = None
    origin: Name | None = None
    author: Name | None = None
    kind: Literal["government", "news", "forum"] | None = None
    region: Name | None = None

    @field_validator("text")
    @classmethod
    def _has_text(cls, value: str) -> str:
        if not value:
            raise ValueError("不能为空")
        return value

    @field_validator("url")
    @classmethod
    def _is_whole(cls, value: str | None) -> str | None:
        if value:
            try:
                whole = bool(urlsplit(value).hostname) or value.startswith("file://")
            except ValueError:
                whole = False
            if not whole:
                raise ValueError(f"不是完整的网址：{value[:80]}")
        return value

    @field_validator("published_at")
    @classmethod
    def _is_date(cls, value: str | None) -> str | None:
        parse_published(value or None)
        return value

    @model_validator(mode="after")
    def _has_key(self) -> ImportedArticle:
        if not self.url and not self.id:
            raise ValueError("url 与 id 至少要有一个")
        return self

    def article(self) -> Article:
        """As an Article; its paragraphs are the lines of the text."""
        canonical = canonicalise(self.url) if self.url else ""
        at, precision = parse_published(self.published_at or None)
        lines = [line.strip() for line in self.text.splitlines()]
        blocks = tuple(Block("paragraph", line) for line in lines if line)
        imported = Provenance("import")
        known = {"title": self.title, "published_at": at, "origin": self.origin, "author": self.author}
        return Article(
            id=article_id(self.id or canonical),
            url=self.url or "",
            canonical_url=canonical,
            external_id=self.id or None,
            title=self.title or "",
            text="\n".join(b.text for b in blocks),
            blocks=blocks,
            source=self.source or None,
            kind=self.kind,
            region=self.region or None,
            published_at=at,
            published_precision=precision,
            publisher=self.publisher or None,
            origin=self.origin or None,
            author=self.author or None,
            script=script_of(self.text),
            provenance={name: imported for name, value in known.items() if value},
        )


@dataclass
class ImportReport:
    """What an import did; `faults` holds (line number, reason) of the lines that were left out."""

    lines: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def count(self, outcome: Literal["new", "changed", "same"]) -> None:
        self.new += outcome == "new"
        self.changed += outcome == "changed"
        self.same += outcome == "same"


def read_lines(path: Path) -> Iterator[tuple[int, ImportedArticle | str]]:
    """(line number, article) or (line number, what is wrong with it), blank lines left out. Raises OSError."""
    with path.open("rb") as file:
        for number, raw in enumerate(_lines(file), 1):
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if not raw.strip():
                continue
            if len(raw) > MOST_BYTES:
                yield number, f"超过 {MOST_BYTES // 1_000_000} MB"
                continue
            try:  # numbers stay as they are written: as Python's they have an end
                yield (
                    number,
                    ImportedArticle.model_validate(json.loads(raw.decode("utf-8"), parse_int=str, parse_float=str)),
                )
            except UnicodeDecodeError:
                yield number, "不是 UTF-8"
            except json.JSONDecodeError as error:
                yield number, f"不是 JSON：{describe_error(error)}"
            except RecursionError:
                yield number, "JSON 嵌套过深"
            except ValidationError as error:
                yield number, "；".join(_fault(x["loc"], fault_reason(x)) for x in error.errors())


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is longer than a line may be only its beginning, which is longer, too."""
    while line := file.readline(MOST_BYTES + 2):
        yield line
        while len(line) == MOST_BYTES + 2 and not line.endswith(b"\n"):
            line = file.readline(MOST_BYTES + 2)


def _fault(where: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, where))}：{message}" if where else message


def import_articles(path: Path, archive: Archive, *, progress: Callable[[int], None] | None = None) -> ImportReport:
    """Brings the file into the archive. The same file twice changes nothing. Raises OSError, ArchiveError."""
    report = ImportReport()
    batch: list[tuple[int, Article]] = []

    def flush() -> None:
        with archive.transaction():
            for number, article in batch:
                if _is_of_another(article, archive):
                    report.faults.append((number, f"id：是另一篇文章的网址：{article.external_id}"))
                    continue
                try:
                    saved = archive.articles.save(article, capture=None, topic=None)
                except ForgottenError as error:
                    report.faults.append((number, str(error)))
                    continue
                report.count(saved.outcome)
        batch.clear()
        if progress:
            progress(report.lines)

    characters = 0
    for number, item in read_lines(path):
        report.lines += 1
        if isinstance(item, str):
            report.faults.append((number, item))
        else:
            batch.append((number, item.article()))
            characters += len(item.text)
        if len(batch) >= BATCH or characters > BATCH_CHARACTERS:
            flush()
            characters = 0
    flush()
    report.faults.sort()
    return report


def _is_of_another(article: Article, archive: Archive) -> bool:
    """Whether the external id is the address of an article that the archive has, and that is not this one: ids share the space of addresses."""
    if article.external_id is None or "://" not in article.external_id:
        return False
    known = archive.articles.get(article.id)
    return (
        known is not None and known.article.external_id is None and known.article.canonical_url != article.canonical_url
    )
