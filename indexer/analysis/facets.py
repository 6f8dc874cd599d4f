"""Facets, one definition each: fields of the index, names in the query language, URLs, API and MCP, and where they are shown.

All else derives from this list: fields of the engines, `name:` in a query, parameters, counts, labels, columns of exports. How to add one: CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from indexer.analysis.document import Document

VocabularyName = Literal["kind", "region", "practice", "industry", "investor_origin", "event", "genre"]


@dataclass(frozen=True, slots=True)
class Condition:
    """`name:` in the query language, which may be called by the Chinese `words` too; `label` is its name where the reading of a query is told."""

    name: str
    words: tuple[str, ...]
    label: str
    text: Callable[[Document], str] | None = None  # it asks for a part of this text; None: for whole values
    also: tuple[str, ...] = ()  # other facets whose values meet it as well


@dataclass(frozen=True, slots=True)
class Facet:
    """`name` is its field in every engine, its parameter in addresses and in the API, and its key in answers; `label` its name for readers."""

    name: str
    label: str
    values: Callable[[Document], tuple[str, ...]]  # of one article
    description: str  # of its parameter in the API
    example: str = ""  # of a value, in the API's document
    vocabulary: VocabularyName | None = (
        None  # how values are read and named (indexer.insight.vocabularies); None: as they are
    )
    number: bool = False  # values are years: a numeric field, listed from the last one down
    condition: Condition | None = None
    counted: bool = False  # in answers that do not say which facets they want
    page: int | None = None  # its place on the search page; None: not there
    column: int | None = None  # its place in CSV and XLSX, from 0; None: no column, or one that is more than its values
    tool: str | None = None  # what assistants are told of its parameter, '' for nothing to tell; None: no parameter
    hint: str = ""  # how its values are written, for a reader whose value was not understood
    chosen: str = "{}"  # a value where the label does not stand above it


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


FACETS: Mapping[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet(
            name="year",
            label="年份",
            values=lambda document: _one(str(document.year or "")),
            description="发表年份；可写几个，有一即可，下同",
            number=True,
            condition=Condition("year", ("年份", "年"), "年份"),
            counted=True,
            page=1,
            tool="",
            hint="年份写作 2023",
            chosen="{} 年",
        ),
        Facet(
            name="source",
            label="网站",
            values=lambda document: _one(document.source),
            description="网站的名称（name）",
            example="example-swj",
            condition=Condition(
                "source",
                ("站点", "网站", "信源"),
                "网站",
                text=lambda d: " / ".join(filter(None, (d.source, d.source_title, d.publisher))),
            ),
            counted=True,
            page=5,
        ),
        Facet(
            name="kind",
            label="类别",
            values=lambda document: _one(document.kind),
            description="网站的类别：government、news、forum",
            example="government",
            vocabulary="kind",
            condition=Condition("kind", ("类型", "类别"), "类别"),
            counted=True,
            page=4,
            column=6,
            hint="类别写 government、news 或 forum",
        ),
        Facet(
            name="origin",
            label="来源",
            values=lambda document: _one(document.origin),
            description="来源，与分面 origin 的值相同",
            condition=Condition("origin", ("来源", "出处"), "来源", text=lambda document: document.origin or ""),
            counted=True,
            page=6,
            column=4,
        ),
        Facet(
            name="author",
            label="作者",
            values=lambda document: document.authors,
            description="作者，一人一个值，与分面 author 的值相同",
            condition=Condition("author", ("作者",), "作者", text=lambda document: document.author or ""),
        ),
        Facet(
            name="region",
            label="网站所在地",
            values=lambda document: _one(document.region),
            description="网站所在地，包括其下的：行政区划代码、名称或拼音",
            example="430000",
            vocabulary="region",
            condition=Condition("region", ("地区", "地域", "地方"), "地区", also=("place",)),
            column=7,
            hint="地方写名称、拼音或行政区划代码",
        ),
        Facet(
            name="place",
            label="地方",
            values=lambda document: document.places,
            description="文章讲的地方，包括其下的：行政区划代码、名称或拼音",
            example="430100",
            vocabulary="region",
            page=3,
            column=8,
            tool="是地名、拼音或代码",
            hint="地方写名称、拼音或行政区划代码",
        ),
        Facet(
            name="practice",
            label="举措",
            values=lambda document: document.practices,
            description="举措的编号或名称，见 /api/v1/practices",
            example="enclave",
            vocabulary="practice",
            condition=Condition("practice", ("举措", "做法"), "举措"),
            page=2,
            column=9,
            tool="是 list_practices 所列的编号或名称",
            hint="举措写名称或编号",
        ),
        Facet(
            name="possible",
            label="举措（含可能的）",
            values=lambda document: (*document.practices, *document.possible),
            description="同 practice，也算上没有十足把握、标作“可能”的",
            example="enclave",
            vocabulary="practice",
            condition=Condition("possible", ("可能举措", "可能"), "举措（含可能的）"),
            tool="同 practice，也算上可能的",
            hint="举措写名称或编号",
        ),
        Facet(
            name="industry",
            label="产业",
            values=lambda document: document.industries,
            description="文章讲的项目、投资者或产业链所属的产业：编号或名称",
            example="battery",
            vocabulary="industry",
            condition=Condition("industry", ("产业", "行业"), "产业"),
            page=7,
            column=10,
            tool="是产业的名称，如 半导体、电池、文旅",
            hint="产业写名称或编号，如 半导体、电池、文旅",
        ),
        Facet(
            name="firm",
            label="企业",
            values=lambda document: document.firms,
            description="投资、签约、落户或在谈的企业，不带“有限公司”等字样",
            example="宁德时代",
            condition=Condition("firm", ("企业", "公司"), "企业", text=lambda document: " / ".join(document.firms)),
            page=8,
            column=11,
            tool="是企业的名称，不带“有限公司”",
        ),
        Facet(
            name="investor_origin",
            label="投资者来自",
            values=lambda document: document.investor_origins,
            description="投资者或资本来自哪里：国家和地区（ISO 3166 两字母代码）或省份（行政区划代码），也可写名称",
            example="HK",
            vocabulary="investor_origin",
            condition=Condition("investor_origin", ("投资来源", "资本来源"), "投资者来自"),
            page=9,
            column=12,
            tool="是投资者来自的国家、港澳台或省份的名称",
            hint="投资者来自哪里，写国家、港澳台或省份的名称",
        ),
        Facet(
            name="event",
            label="进展",
            values=lambda document: document.events,
            description="文章说已发生的：visit 考察来访、talks 洽谈对接、signed 签约、settled 落户、started 开工建设、production 竣工投产、expansion 增资扩产、ended 终止清退",
            example="signed",
            vocabulary="event",
            condition=Condition("event", ("进展", "事件"), "进展"),
            page=10,
            column=13,
            tool="是 考察来访、洽谈对接、签约、落户、开工建设、竣工投产、增资扩产 或 终止清退",
            hint="进展写 考察来访、洽谈对接、签约、落户、开工建设、竣工投产、增资扩产 或 终止清退",
        ),
        Facet(
            name="genre",
            label="文体",
            values=lambda document: _one(document.genre),
            description="文章本身的文体，与网站的类别无关：policy、report、speech、news、notice、analysis、forum",
            example="policy",
            vocabulary="genre",
            condition=Condition("genre", ("文体", "体裁"), "文体"),
            page=11,
            column=14,
            tool="是 政策文件、工作报告、讲话、新闻报道、公告通知、评论研究 或 论坛帖子",
            hint="文体写 政策文件、工作报告、讲话、新闻报道、公告通知、评论研究 或 论坛帖子",
        ),
        Facet(
            name="cites",
            label="引用的文件",
            values=lambda document: document.cites,
            description="引用这个文件的文章：文件的标题（不带发文机关和“中华人民共和国”）或文号，见 /api/v1/documents",
            example="优化营商环境条例",
            column=15,
        ),
        Facet(
            name="document",
            label="就是这个文件",
            values=lambda document: document.document,
            description="文章本身就是这个文件：标题或文号，写法同 cites；解读、报道不算",
            example="优化营商环境条例",
        ),
    )
}

CONDITIONS: Mapping[str, Condition] = {name: facet.condition for name, facet in FACETS.items() if facet.condition}

COUNTED = tuple(name for name, facet in FACETS.items() if facet.counted)
