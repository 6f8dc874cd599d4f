"""What the API answers, as models: the OpenAPI document is made from these, with an example of each."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Span = tuple[int, int]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class Problem(_Answer):
    """RFC 9457. `type` is a URN that stays; `detail` says what happened and what to do."""

    type: str = Field(examples=["urn:zhaoshang:problem:no-such-article"])
    title: str = Field(examples=["没有这篇文章"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["文库里没有编号为 0123456789abcdef 的文章。"])
    instance: str = Field(examples=["/api/v1/articles/0123456789abcdef"])


class WhyPart(BaseModel):
    """`text` adds `score` through `field`; `coverage`: for being there at all, however often."""

    field: str = Field(examples=["标题"])
    text: str = Field(examples=["飞地"])
    score: float = Field(examples=[3.2])
    coverage: bool = Field(examples=[False])


class Why(BaseModel):
    """What makes the score of an article for a query."""

    strict: bool = Field(description="it has all that was asked", examples=[True])
    parts: list[WhyPart]
    passage: float = Field(description="what the best passage adds", examples=[1.5])
    total: float = Field(examples=[12.34])


class Suggestion(BaseModel):
    """`query` is what to search for; `article` is set where the suggestion is a title."""

    kind: Literal["region", "practice", "word", "title"] = Field(examples=["practice"])
    text: str = Field(examples=["飞地"])
    query: str = Field(examples=["practice:飞地"])
    article: str | None = Field(examples=[None])


class Suggestions(BaseModel):
    query: str = Field(examples=["feidi"])
    suggestions: list[Suggestion]


class HitFigure(BaseModel):
    """A figure of the article that was asked for: `figure`, `value` or the query's."""

    name: str = Field(examples=["签约额 12 亿元（签约，湖南长沙）"])
    exact: str = Field(examples=["1,200,000,000 元"])
    quote: str = Field(examples=["首批十二个项目签约，签约额12亿元。"])


class HitLinks(BaseModel):
    """Addresses in this archive; `capture` is null for an imported article."""

    article: str = Field(examples=["/api/v1/articles/8f14e45fceea167a"])
    page: str = Field(examples=["/articles/8f14e45fceea167a"])
    capture: str | None = Field(examples=["/api/v1/articles/8f14e45fceea167a/capture"])


class Copy(BaseModel):
    """A republication of the same text."""

    id: str = Field(examples=["8f14e45fceea167b"])
    publisher: str | None = Field(examples=["某县融媒体中心"])
    source: str | None = Field(examples=["example-media"])
    published: str | None = Field(examples=["2024-03-14"])
    link: str = Field(examples=["/articles/8f14e45fceea167b"])


class Hit(BaseModel):
    """Marks are [start, end) in characters (code points) of `title` and `snippet`."""

    id: str = Field(examples=["8f14e45fceea167a"])
    external_id: str | None = None
    url: str = Field(examples=["http://swj.example.gov.cn/art/2024/3/13/art_1_2.html"])
    title: str = Field(examples=["某县飞地园区签约十二个项目"])
    title_marks: list[Span] = Field(examples=[[[2, 4]]])
    snippet: str = Field(examples=["飞地园区的税收由两地按四六分成。"])
    snippet_marks: list[Span] = Field(examples=[[[0, 2], [5, 7]]])
    score: float = Field(examples=[12.34])
    widened: bool = Field(description="true: not of the strict set", examples=[False])
    source: str | None = Field(examples=["example-swj"])
    source_title: str | None = Field(examples=["某市商务局"])
    kind: str | None = Field(examples=["government"])
    region: str | None = Field(description="GB/T 2260 code of the source's place", examples=["430100"])
    publisher: str | None = Field(examples=["某市商务局"])
    origin: str | None = Field(description="来源", examples=["某县融媒体中心"])
    author: str | None = None
    published: str | None = Field(examples=["2024-03-13"])
    practices: list[str] = Field(examples=[["enclave", "benefit_sharing"]])
    places: list[str] = Field(examples=[["430121"]])
    cluster: str | None = Field(description="shared by republications of one text", examples=[None])
    copies: list[Copy] = Field(description="the other articles of the same text, first published first")
    figures: list[HitFigure] | None = Field(
        description="where figures were asked for: those that were meant", examples=[None]
    )
    why: Why | None = Field(description="with explain=1")
    links: HitLinks


class FacetValue(BaseModel):
    value: str = Field(examples=["2024"])
    count: int = Field(examples=[17])
    label: str = Field(examples=["2024"])


class MonthCount(BaseModel):
    month: str = Field(examples=["2024-03"])
    count: int = Field(examples=[5])


class SearchLinks(BaseModel):
    """Addresses of the same search: other pages (null at either end), the page for people, the feed, the exports."""

    self: str
    previous: str | None
    next: str | None
    page: str
    feed: str
    exports: dict[str, str]


class SearchAnswer(BaseModel):
    """`total`, `facets` and `histogram` count the strict set. Hits of the strict set come first; widened ones follow where it has few."""

    query: str = Field(examples=["飞地 税收分成"])
    total: int = Field(examples=[1])
    relation: Literal["eq", "gte"] = Field(examples=["eq"])
    widened: str | None = Field(description="how the query was then read", examples=[None])
    did_you_mean: str | None = Field(
        description="a query like it that finds, where what was typed occurs nowhere", examples=[None]
    )
    page: int = Field(examples=[1])
    size: int = Field(examples=[10])
    sort: str = Field(examples=["relevance"])
    seconds: float = Field(examples=[0.004])
    hits: list[Hit]
    facets: dict[str, list[FacetValue]]
    histogram: list[MonthCount]
    explain: dict[str, Any] | None = Field(description="how the query was read; with explain=1")
    links: SearchLinks


class ArticleLinks(BaseModel):
    page: str
    capture: str | None
    revisions: str


class StoredArticle(_Answer):
    """The article with all its fields (empty ones left out), and what the archive knows of it beside."""

    id: str = Field(examples=["8f14e45fceea167a"])
    url: str = Field(examples=["http://swj.example.gov.cn/art/2024/3/13/art_1_2.html"])
    canonical_url: str
    title: str = Field(examples=["某县飞地园区签约十二个项目"])
    text: str = Field(examples=["3月12日，某县在省城举行推介会。"])
    published_at: str | None = Field(None, examples=["2024-03-13"])
    citation: str = Field(description="GB/T 7714—2015, cited today")
    reading: dict[str, Any] | None = Field(description="practices, places, figures; null where not read yet")
    first_seen: str
    last_changed: str
    revision: str
    revisions: int
    cluster: list[str] = Field(description="ids of this article and its republications; empty where it stands alone")
    links: ArticleLinks


class Revision(_Answer):
    """One text of an article, with the fields of that time; `revision` tells texts apart."""

    id: str
    title: str
    text: str
    revision: str = Field(examples=["1f0e3dad99908345"])
    saved_at: str


class NightReport(BaseModel):
    run: int
    started_at: str
    outcome: str
    requests: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    blocked: int
    failed: int
    note: str


class Source(BaseModel):
    name: str = Field(examples=["example-swj"])
    title: str = Field(examples=["某市商务局"])
    kind: str = Field(examples=["government"])
    region: str = Field(examples=["430100"])
    region_name: str = Field(examples=["湖南长沙"])
    start_urls: list[str]
    enabled: bool
    status: str | None
    last_visit: str | None
    due_at: str | None
    nights: list[NightReport] = Field(description="newest first")


class Sources(BaseModel):
    total: int
    sources: list[Source]


class Status(BaseModel):
    """`engine.ok` false says in `engine.problem` what to do."""

    version: str
    counts: dict[str, int]
    engine: dict[str, Any]
    last_change: int
    runs: list[dict[str, Any]]


class Health(BaseModel):
    status: Literal["ok"]


class Practice(BaseModel):
    id: str = Field(examples=["enclave"])
    name: str = Field(examples=["飞地"])
    group: str = Field(examples=["招商方式"])
    definition: str
    count: int = Field(examples=[14])


class FirstReport(BaseModel):
    article: str
    title: str
    published: str | None


class Sentence(BaseModel):
    """`anchor` is where it stands on the article's page; `sure` 0–1."""

    text: str
    article: str
    anchor: str
    title: str
    date: str
    site: str
    sure: float


class PracticePage(Practice):
    first: FirstReport | None
    histogram: list[MonthCount]
    places: list[FacetValue]
    sentences: list[Sentence]


class Labelled(BaseModel):
    value: str
    label: str


class Matrix(BaseModel):
    """`counts[i][j]`: articles of row i and column j."""

    rows: list[Labelled]
    columns: list[Labelled]
    counts: list[list[int]]


class Province(BaseModel):
    adcode: str = Field(examples=["430000"])
    name: str = Field(examples=["湖南"])
    count: int
