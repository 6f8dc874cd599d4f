"""What the API answers: the models that its routes build and return, from which the OpenAPI document is made, with an example of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from indexer.search.searcher import FacetCount
from search_api.api.night_models import NightSummary

Span = tuple[int, int]


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
    proves: str | None = Field(description="the practice that the snippet proves", examples=["enclave"])
    proves_possibly: bool = Field(False, description="that practice is only possible")
    proves_too: list[str] = Field([], description="other practices asked for that the snippet proves")
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
    unsure: list[Literal["title", "published_at"]] = Field(
        [],
        description="to be checked before they are cited, as in the article's own answer",
        examples=[["published_at"]],
    )
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
    """`base`: articles of the whole archive in that month, of which `count` is a part; null where it was not asked for."""

    month: str = Field(examples=["2024-03"])
    count: int = Field(examples=[5])
    base: int | None = Field(None, examples=[120])


def values(counts: Sequence[FacetCount]) -> list[FacetValue]:
    return [FacetValue(value=c.value, count=c.count, label=c.label) for c in counts]


def months(histogram: Sequence[tuple[int, int]], bases: Mapping[int, int] | None = None) -> list[MonthCount]:
    """From (yyyymm, count), and yyyymm → articles of the archive."""
    return [
        MonthCount(
            month=f"{month // 100:04}-{month % 100:02}",
            count=count,
            base=None if bases is None else bases.get(month, 0),
        )
        for month, count in histogram
    ]


class SearchLinks(BaseModel):
    """Addresses of the same search: other pages (null at either end), the page for people, the feed, the exports."""

    self: str
    previous: str | None
    next: str | None
    page: str
    feed: str
    exports: dict[str, str]


class Explained(BaseModel):
    """How a query was read: `reading` in words, `tree` as nested values, `ignored` function words, `equivalents` of words, `notes` on what is no syntax."""

    query: str = Field(examples=["飞地 kind:news"])
    reading: str = Field(examples=["“飞地”；类别：新闻媒体"])
    tree: dict[str, Any] = Field(examples=[{"all": [{"word": "飞地"}, {"kind": "news"}]}])
    ignored: list[str]
    equivalents: dict[str, list[str]]
    notes: list[str]


class Topic(BaseModel):
    key: str = Field(description="leave it out with left_out=", examples=["practice:enclave"])
    facet: str = Field(examples=["practice"])
    value: str = Field(examples=["enclave"])
    label: str = Field(examples=["飞地"])
    belief: float = Field(description="0 to 1", examples=[0.88])


class SearchAnswer(BaseModel):
    """`total`, `facets` and `histogram` count the strict set. Where it has few hits, widened ones are among them, the most relevant first."""

    query: str = Field(examples=["飞地 税收分成"])
    total: int = Field(examples=[1])
    relation: Literal["eq", "gte"] = Field(examples=["eq"])
    widened: str | None = Field(description="how the query was then read", examples=[None])
    did_you_mean: str | None = Field(
        description="a query like it that finds, where what was typed occurs nowhere", examples=[None]
    )
    corrected: str | None = Field(
        description="the query that was answered instead, as what was typed finds nothing and is surely a slip, or pinyin; expand=0 takes it as typed",
        examples=[None],
    )
    about: list[Topic] = Field(
        description="what the query was read as: it raises what is tagged so and filters nothing"
    )
    page: int = Field(examples=[1])
    size: int = Field(examples=[10])
    sort: str = Field(examples=["relevance"])
    seconds: float = Field(examples=[0.004])
    hits: list[Hit]
    facets: dict[str, list[FacetValue]]
    histogram: list[MonthCount]
    explain: Explained | None = Field(description="how the query was read; with explain=1")
    links: SearchLinks


class ArticleLinks(BaseModel):
    page: str
    capture: str | None
    revisions: str


class Block(BaseModel):
    """One piece of the body, in reading order; only the fields of its kind are there."""

    kind: Literal["paragraph", "heading", "list", "table", "image"]
    text: str = ""
    level: int = Field(0, description="of a heading, 1–6")
    items: list[str] = []
    ordered: bool = False
    rows: list[list[str]] = []
    src: str = ""


class Attachment(BaseModel):
    url: str
    title: str
    extension: str = Field(examples=["pdf"])


class Provenance(BaseModel):
    """Where a field came from: the rule, and the text it was read from; `against` is what a witness says that was not followed."""

    rule: str = Field(examples=["line:来源"])
    read_from: str
    against: str = Field("", examples=["list：2024-03-14"])


class Article(BaseModel):
    """The fields of an article; empty ones are left out."""

    id: str = Field(examples=["8f14e45fceea167a"])
    url: str = Field(examples=["http://swj.example.gov.cn/art/2024/3/13/art_1_2.html"])
    canonical_url: str
    title: str = Field(examples=["某县飞地园区签约十二个项目"])
    text: str = Field(examples=["3月12日，某县在省城举行推介会。"])
    blocks: list[Block] = []
    source: str | None = Field(None, examples=["example-swj"])
    kind: str | None = Field(None, examples=["government"])
    region: str | None = Field(None, description="GB/T 2260 code of the source's place", examples=["430100"])
    external_id: str | None = None
    attachments: list[Attachment] = []
    next_part: str | None = None
    published_at: str | None = Field(None, examples=["2024-03-13"])
    published_precision: Literal["day", "minute"] | None = None
    publisher: str | None = None
    origin: str | None = Field(None, description="来源")
    author: str | None = Field(None, description="several are joined by one space")
    editor: str | None = None
    script: Literal["hans", "hant"] | None = None
    replies: int | None = None
    platform: str | None = None
    topic_score: float | None = None
    confidence: float | None = Field(None, description="0–1, of the body")
    captured_at: str | None = None
    provenance: dict[str, Provenance] = {}


class ReadPractice(BaseModel):
    """`start` and `end` are characters of the text; a practice that was put in by hand has none."""

    id: str = Field(examples=["enclave"])
    start: int | None = None
    end: int | None = None
    confidence: float = Field(description="the probability that it is right")
    sure: bool = Field(True, description="false: only possible (可能); not in facets, counts and pages of practices")


class ReadFigure(BaseModel):
    """An amount in whole 元 or US dollars, or a number of projects or firms, at [start, end) of the text; empty fields are left out."""

    start: int
    end: int
    value: int = Field(examples=[1_200_000_000])
    unit: str = Field(examples=["CNY"])
    kind: str = Field(examples=["signed"])
    status: str = Field(description="planned, signed, realised; unstated where no word tells it", examples=["signed"])
    stage: str | None = Field(
        None, description="talks, refused, begun, ended, where a word tells it; null else", examples=["begun"]
    )
    project: str | None = Field(None, description="the project that the amount is for, where its sentence names it")
    firm: str | None = Field(None, description="the firm that brings it, where the sentence names it")
    region: str | None = None
    period: str | None = Field(None, examples=["2023H1"])
    high: int | None = Field(None, description="the upper end of a range")
    about: str = Field("", description="more or less, as written")


class ReadSubject(BaseModel):
    """An industry, an event or where investors come from (`id` is the facet's value); [start, end) of the text says so. Where `sure` is false it may be."""

    id: str = Field(examples=["battery"])
    start: int
    end: int
    probability: float = Field(examples=[0.93])
    sure: bool


class ReadFirm(BaseModel):
    """A firm by the longest form of its name in the text; `key`, the value of the facet firm, is what all its forms share."""

    name: str = Field(examples=["岚川新能源科技有限公司"])
    key: str = Field(examples=["岚川新能源科技"])
    role: Literal["investor", "prospect"]
    start: int
    end: int
    probability: float
    sure: bool


class CitedDocument(BaseModel):
    """A document that the article cites, by title, number or both; `key`, the value of the facet cites, is what all citations of it share.

    [start, end) of the text is the first citation, [from_, to) the sentence around it; `times` counts short names (《办法》) too.
    """

    title: str = Field(examples=["优化营商环境条例"])
    number: str = Field(examples=["国务院令第722号"])
    issuer: str = ""
    key: str
    start: int
    end: int
    from_: int
    to: int
    times: int


class OfficialFields(BaseModel):
    """What a government document says of itself; days are ISO, '' for what it does not say."""

    number: str = Field("", examples=["青政发〔2023〕5号"])
    issuer: str = ""
    written: str = ""
    valid_until: str = ""


class Reading(BaseModel):
    """What was read in the article; where nothing was read, and practices or places were put in by hand, these alone."""

    topic: bool = False
    topic_value: float = 0.0
    practices: list[ReadPractice] = []
    regions: list[str] = Field([], description="codes of the places that it tells of", examples=[["430100"]])
    mentioned: list[str] = []
    partners: list[str] = Field([], description="those of `regions` that come to a park on the land of another of them")
    figures: list[ReadFigure] = []
    industries: list[ReadSubject] = []
    firms: list[ReadFirm] = []
    origins: list[ReadSubject] = Field([], description="countries by ISO 3166 code, provinces by GB/T 2260 code")
    events: list[ReadSubject] = []
    genre: str | None = Field(None, examples=["policy"])
    cited: list[CitedDocument] = []
    document: list[str] = Field([], description="keys by which others cite this article, where it is a document itself")
    official: OfficialFields | None = None
    version: str = ""


class StoredArticle(Article):
    """The article with all its fields (empty ones left out), and what the archive knows of it beside."""

    citation: str = Field(description="GB/T 7714—2025, cited today; 2015 where `standard` asks for it")
    unsure: list[Literal["title", "published_at"]] = Field(
        [], description="fields to be checked: no good witness names them, or two differ", examples=[["title"]]
    )
    reading: Reading | None = Field(
        description="practices, places, figures, industries, firms, origins, events, genre; null where not read yet"
    )
    first_seen: str
    last_changed: str
    revision: str
    revisions: int
    cluster: list[str] = Field(description="ids of this article and its republications; empty where it stands alone")
    links: ArticleLinks


class DocumentCitations(BaseModel):
    """A document that articles of the archive cite: in how many texts (republications are one), one sentence that does, and the articles that are this document."""

    key: str = Field(examples=["优化营商环境条例"])
    title: str
    number: str
    articles: int
    sentence: str
    cited_in: str = Field(description="id of the article with the sentence")
    held: list[str] = Field(description="ids of the articles that are this document, the latest edition first")


class Revision(Article):
    """One text of an article, with the fields of that time; `revision` tells texts apart."""

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


class Counts(BaseModel):
    """How much there is; `warc_bytes` is the size of the capture files."""

    sources: int
    captures: int
    articles: int
    revisions: int
    rejected: int
    readings: int
    warc_bytes: int


class EngineHealth(BaseModel):
    """Where the engine cannot be reached: `ok` false, `engine` and `problem` alone."""

    ok: bool
    engine: str = Field(examples=["tantivy"])
    documents: int = 0
    cursor: int = 0
    analysis: str = ""
    lexicon: str = ""
    size_bytes: int = 0
    problem: str | None = None
    notes: list[str] = []


class Run(BaseModel):
    """One run of a verb; `finished_at` is null while it goes on, or where it was cut off."""

    id: int
    verb: str = Field(examples=["nightly"])
    started_at: str
    finished_at: str | None


class Status(BaseModel):
    """`engine.ok` false says in `engine.problem` what to do."""

    version: str
    counts: Counts
    engine: EngineHealth
    last_change: int
    runs: list[Run]
    last_night: NightSummary | None


class Health(BaseModel):
    status: Literal["ok"]


class Practice(BaseModel):
    id: str = Field(examples=["enclave"])
    name: str = Field(examples=["飞地"])
    group: str = Field(examples=["招商方式"])
    definition: str
    count: int = Field(examples=[14])
    base: int = Field(examples=[1200], description="articles that the query finds, of which `count` is a part")


class FirstReport(BaseModel):
    article: str
    title: str
    published: str | None


class Sentence(BaseModel):
    """`anchor` is where it stands on the article's page; `sure` 0–1; `possible`: that is too little to be told as sure."""

    text: str
    article: str
    anchor: str
    title: str
    date: str
    site: str
    sure: float
    possible: bool


class PracticePage(Practice):
    first: FirstReport | None
    histogram: list[MonthCount]
    places: list[FacetValue]
    sentences: list[Sentence]


class Labelled(BaseModel):
    value: str
    label: str


class Matrix(BaseModel):
    """`counts[i][j]`: articles of row i and column j; `bases[i][j]`: what it is a share of, which `base` names. A share of fewer than 30 articles says little."""

    rows: list[Labelled]
    columns: list[Labelled]
    counts: list[list[int]]
    bases: list[list[int]]
    base: str = Field(examples=["全库同年的文章"])


class Province(BaseModel):
    adcode: str = Field(examples=["430000"])
    name: str = Field(examples=["湖南"])
    count: int
    base: int = Field(
        description="of how many articles `count` is a part: all about the province, or, where nothing is asked, the whole archive"
    )


class ShownFigure(BaseModel):
    """`name` as a reader sees it; `exact`: the whole number; `page`: where it stands."""

    name: str = Field(examples=["签约额 12.5 亿元（已签约，2023 年上半年，湖南长沙）"])
    exact: str = Field(examples=["1,250,000,000 元"])
    quote: str
    page: str


class ArticleFigures(BaseModel):
    """`copies`: other articles of the same text that meet the conditions; `more`: figures that are not listed here."""

    article: str
    title: str
    published: str | None
    site: str | None
    copies: int
    figures: list[ShownFigure]
    more: int


class FigurePage(BaseModel):
    """`total`, `kinds` and `states` count articles, republications too."""

    total: int
    page: int
    size: int
    kinds: dict[str, int] = Field(examples=[{"签约额": 12}])
    states: dict[str, int] = Field(examples=[{"在谈": 3}])
    articles: list[ArticleFigures]


class AllowedRate(BaseModel):
    """`left_here`: how many more the process that answers allows; where several answer, each allows its share."""

    requests: int = Field(examples=[120])
    seconds: int = Field(examples=[60])
    left_here: int = Field(examples=[118])


class Allowance(BaseModel):
    name: str = Field(examples=["search"])
    title: str = Field(examples=["检索与页面"])
    at_once: int = Field(examples=[8])
    rates: list[AllowedRate]


class AllowedRates(BaseModel):
    """Without buckets there are no limits."""

    known_as: Literal["local", "anonymous", "key", "user"]
    scope: Literal["read", "write"]
    buckets: list[Allowance]
