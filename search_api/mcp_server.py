"""The MCP server (Model Context Protocol) for AI assistants: tools whose answers carry links and quotes, so that they can be checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, Literal, ParamSpec, TypeVar

from annotated_types import Ge, Le, MaxLen
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations

from crawler.archive import ArchiveError, StoredArticle
from crawler.article import format_published
from crawler.configuration import Settings
from crawler.sources.regions import region_name, short_name
from indexer.analysis.facets import FACETS, Facet
from indexer.engines.base import EngineError
from indexer.insight.practices import calibrated, rules, sure_from, threshold
from indexer.insight.vocabularies import find_value, practice_name
from indexer.search.planner import EXCLUDED, facet_of
from indexer.search.searcher import Hit
from search_api.exports.citation import citation
from search_api.exports.record import Standard
from search_api.exports.records import STANDARDS, Recorder
from search_api.exports.registry import reference_formats
from search_api.mcp_tool import StrictTool
from search_api.parameters import DATES, DEEPEST, MOST_VALUES, READERS, Asked, Name, Value, View, Year, spread
from search_api.server import base_of, serve
from search_api.services.corrected_readings import reading_of
from search_api.services.counts import Matrix, counts, matrix, province_shares
from search_api.services.evidence import sentences
from search_api.services.reading_view import SUBJECTS, Found, shown_reading
from search_api.web.access import ASSISTANTS, Access
from search_api.web.addresses import Addresses
from search_api.web.app_state import AppState
from search_api.web.error_handlers import Problem, forgotten, unavailable, unreadable
from search_api.web.limits import Limits
from search_api.web.request_context import is_article_id, known_place, known_practice
from search_api.web.sessions import Sessions

INSTRUCTIONS = """招商文库：中国各地招商引资报道的文献库。先用 search 找文章，再用 article 读全文和原句。
回答时请引用原句，并附上网址；数字不可跨文章相加，转载的文章只算一次。检索式可写词、"原样相连"、-不要、OR、括号，
以及 title: source: origin: author: region: kind: practice: possible: industry: firm: event: genre: year: after: before: since:（收录日期），按数字找用 figure:签约额 value:>=10亿（指同一个数字；还有状态和进展：figure:投资额/未说明、figure:投资额/在谈）。"""

PAGE = 10  # hits
LONGEST_TEXT = 20_000  # characters of an article a call
SENTENCES = 10
MOST_CITED = 100

ArticleId = Annotated[str, MaxLen(64)]
Offset = Annotated[int, Ge(0), Le(2**31)]
HitsPage = Annotated[int, Ge(1), Le(DEEPEST // PAGE)]

_P = ParamSpec("_P")
_T = TypeVar("_T")
if TYPE_CHECKING:
    ReferenceName = str
else:
    ReferenceName = Literal[tuple(reference_formats())]
_READS = ToolAnnotations(readOnlyHint=True, openWorldHint=False)


def create_server(app_state: AppState, base: str) -> MCPServer[Any]:
    """The tools over an archive; `base` is the web address under which its pages are served."""
    recorders = {known: Recorder(base, app_state.source_title, standard=known) for known in STANDARDS}
    recorder = recorders[STANDARDS[0]]
    tools: list[StrictTool] = []

    def tool(function: Callable[_P, _T]) -> None:
        """What cannot be answered is said in one sentence."""

        @wraps(function)
        def told(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return function(*args, **kwargs)
            except Problem as problem:
                raise ToolError(problem.detail) from problem
            except (EngineError, ArchiveError) as error:
                raise ToolError(unavailable(error).detail) from error

        tools.append(StrictTool.of(told, _READS))

    def search(
        query: Asked,
        chosen: Mapping[str, str | int | list[str] | list[int] | None],
        after: Name = "",
        before: Name = "",
        sort: Literal["relevance", "newest", "oldest", "added"] = "relevance",
        page: HitsPage = 1,
    ) -> dict[str, Any]:
        filters = {name: _values(name, value) for name, value in chosen.items() if value}
        for name, day in zip(DATES, (after, before), strict=True):
            if day and not READERS[name](day):
                raise unreadable(name, day)
            filters |= {name: (day,)} if day else {}
        view = View(query.strip(), filters, sort)
        answer = app_state.searcher.search(
            view.q, top=PAGE, offset=PAGE * (page - 1), sort=sort, filters=view.filters, facets=("year",)
        )
        return {
            "total": answer.total,
            "read_as": answer.explain.get("reading"),
            "corrected": answer.corrected,
            "about": [topic.label for topic in answer.about],
            "widened": answer.widened,
            "by_year": {c.value: c.count for c in answer.facets.get("year", ())},
            "archive_by_year": counts(app_state.searcher, View(), "year"),
            "hits": [_hit(hit, recorder) for hit in answer.hits],
            "page": base + view.uri(),
        }

    offered = [facet for facet in FACETS.values() if facet.tool is not None]
    told = "，".join(f"{facet.name} {facet.tool}" for facet in offered if facet.tool)
    search.__doc__ = f"检索文章，每页 10 篇。{told}；几个值写成列表，有一即可；not_ 开头的是不要的；after、before 是发表日期（从那天起、在那天之前）；query 可空。"
    names = [name for facet in offered for name in (facet.name, EXCLUDED + facet.name)]
    tool(spread(search, "chosen", [_parameter(name) for name in names]))

    @tool
    def article(id: ArticleId, offset: Offset = 0, standard: Standard = "2025") -> dict[str, Any]:
        """一篇文章：字段、全文、讲到的举措、地方、数字、产业、企业、投资者来自哪里和进展，各附原句。太长的从 next_offset 接着读；citation 按 GB/T 7714—2025，standard 为 2015 则按旧版。"""
        stored = _stored(app_state, id)
        found, text = stored.article, stored.article.text
        shown = shown_reading(reading_of(app_state.archive, stored), text)
        end = offset + LONGEST_TEXT
        record = recorders[standard].of_stored(stored)
        return {
            "id": id,
            "title": found.title,
            "published": format_published(found),
            "publisher": record.publisher,
            "origin": found.origin,
            "author": found.author,
            "text": text[offset:end],
            "next_offset": end if end < len(text) else None,
            "practices": [_proved(item) for item in shown.practices] if shown else [],
            "places": [name for name, _ in shown.places] if shown else [],
            "figures": [_proved(item) for item in shown.figures] if shown else [],
            **{name: [_proved(item) for item in shown.subjects.get(name, ())] if shown else [] for name in SUBJECTS},
            "genre": shown.genre if shown else "",
            "url": found.url or None,
            "page": record.page,
            "snapshot": record.snapshot or None,
            "citation": citation(record),
        }

    @tool
    def list_practices(query: Asked = "") -> dict[str, Any]:
        """全部招商举措：编号、名称、定义，和讲到它的文章数（可限于一个检索式）。"""
        found = counts(app_state.searcher, View(query.strip()), "practice")
        listed = [
            {
                "id": r.id,
                "name": r.name,
                "group": r.group,
                "definition": r.definition,
                "count": found.get(r.id, 0),
                "page": f"{base}/practices/{r.id}",
            }
            for r in rules().values()
        ]
        return {"practices": listed, "page": f"{base}/practices"}

    @tool
    def practice_evidence(
        practice: Name, query: Asked = "", place: Name = "", possible: bool = False
    ) -> dict[str, Any]:
        """讲到一种举措的原句，最有把握的在前，各附文章、网址和读对的概率 probability；possible 为真则也算上没有十足把握的，标 possible。"""
        practice = known_practice(practice)
        asked = "possible" if possible else "practice"
        filters = {asked: (practice,)} | ({"place": (known_place(place),)} if place else {})
        view = View(query.strip(), filters, "newest")
        answer = app_state.searcher.search(
            view.q, top=100, sort="newest", filters=filters, facets=(), strict=True, snippets=False, histogram=False
        )
        best = sentences(app_state, practice, answer.hits, SENTENCES)
        proofs = [
            {
                "quote": s.text,
                "probability": s.sure,
                **({"possible": True} if s.possible else {}),
                "title": s.title,
                "published": s.date,
                "publisher": s.site,
                "article": s.article,
                "page": f"{base}/articles/{s.article}#{s.anchor}",
            }
            for s in best
        ]
        return {
            "practice": practice_name(practice),
            "total": answer.total,
            "sentences": proofs,
            "page": base + view.uri(),
        }

    @tool
    def count_places(query: Asked = "", practice: Name = "") -> dict[str, Any]:
        """各省的文章数，按文章讲的地方，不按刊发者；bases 是各省的全部文章数（没有限定时是全库的），用来算占比。"""
        practice = known_practice(practice) if practice else ""
        view = View(query.strip(), {"practice": (practice,)} if practice else {})
        found = {short_name(code): share for code, share in province_shares(app_state.searcher, view).items()}
        return {
            "counts": {name: share.count for name, share in found.items() if share.count},
            "bases": {name: share.base for name, share in found.items() if share.count},
            "page": base + view.uri("/places"),
        }

    @tool
    def count_matrix(
        query: Asked = "",
        rows: Literal["practice", "place"] = "practice",
        columns: Literal["year", "place"] = "year",
        place: Name = "",
        possible: bool = False,
    ) -> dict[str, Any]:
        """篇数表：举措或省份为行，年份或省份为列；可限于一个地方。bases 是各格的基数（base 说是什么），用来算占比。possible 为真时另给 with_possible：也算上没有十足把握的篇数；probability_from 是各举措算作有把握（sure）和可能（possible）的最低概率。"""
        if rows == columns:
            raise Problem(422, "行和列不能都是地方。")
        if possible and rows == "place":
            raise Problem(422, "行是省份时没有 possible，请在 query 里写 possible:举措名。")
        view = View(query.strip(), {"place": (known_place(place),)} if place else {})
        found = matrix(app_state.searcher, view, rows, columns)
        label = practice_name if rows == "practice" else short_name

        def named(whole: Matrix, table: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
            heads = {head: short_name(head) if columns == "place" else head for head in whole.heads}
            return {label(line): {name: table[line, head] for head, name in heads.items()} for line in whole.lines}

        told: dict[str, Any] = {
            "counts": named(found, found.table),
            "bases": named(found, found.bases),
            "base": found.base,
        }
        if possible:
            possible_from = round(calibrated(threshold()), 2)
            with_doubtful = matrix(app_state.searcher, view, rows, columns, practices="possible")
            told["with_possible"] = named(with_doubtful, with_doubtful.table)
            told["bases"] = named(with_doubtful, with_doubtful.bases)
            told["probability_from"] = {
                label(line): {"sure": sure_from(line), "possible": possible_from} for line in with_doubtful.lines
            }
        return {**told, "page": base + view.uri("/matrix", rows=rows, columns=columns)}

    @tool
    def cite(
        ids: Annotated[list[ArticleId], MaxLen(MOST_CITED)],
        format: ReferenceName = "gbt7714",
        standard: Standard = "2025",
    ) -> str:
        """文章的引文，默认 GB/T 7714—2025；standard 为 2015 则按旧版。"""
        stored = [_stored(app_state, id) for id in ids]
        records = [recorders[standard].of_stored(s, reading_of(app_state.archive, s)) for s in stored]
        return b"".join(reference_formats()[format].write(records)).decode("utf-8")

    return MCPServer("zhaoshang", title="招商文库", instructions=INSTRUCTIONS, log_level="WARNING", tools=list(tools))


def _parameter(name: str) -> Parameter:
    kind = Parameter.POSITIONAL_OR_KEYWORD
    if FACETS[facet_of(name)].number:
        return Parameter(name, kind, default=None, annotation=Year | Annotated[list[Year], MaxLen(MOST_VALUES)] | None)
    return Parameter(name, kind, default="", annotation=Value | Annotated[list[Value], MaxLen(MOST_VALUES)])


def _values(name: str, given: str | int | list[str] | list[int] | None) -> tuple[str, ...]:
    several = given if isinstance(given, list) else [given]
    return tuple(dict.fromkeys(_known(FACETS[facet_of(name)], str(value)) for value in several if value))


def _known(facet: Facet, text: str) -> str:
    """The value that is meant; a Problem where there is none."""
    match facet.vocabulary:
        case "region":
            return known_place(text)
        case "practice":
            return known_practice(text)
    value = find_value(facet, text)
    if value is None:
        raise unreadable(facet.name, text)
    return value


def _stored(app_state: AppState, id: str) -> StoredArticle:
    whole = is_article_id(id)
    stored = app_state.archive.articles.get(id) if whole else None
    if stored is None and whole and (tombstone := app_state.archive.tombstones.of(id)):
        raise forgotten(tombstone.day)
    if stored is None:
        raise Problem(404, f"文库里没有编号为 {id[:40]} 的文章，编号见 search 的 hits。")
    return stored


def _hit(hit: Hit, recorder: Recorder) -> dict[str, Any]:
    record = recorder.of_hit(hit)
    return {
        "id": hit.id,
        "title": hit.title,
        "published": hit.published_text,
        "publisher": record.publisher,
        "origin": hit.origin,
        "places": [region_name(code) for code in hit.places],
        "practices": [{"id": p, "name": practice_name(p)} for p in hit.practices],
        "quote": hit.snippet,
        "proves": [practice_name(name) for name in (hit.proves, *hit.proves_too) if name],
        "proves_possibly": hit.proves_possibly,
        "widened": hit.widened,
        "url": hit.url or None,
        "page": record.page,
        "snapshot": record.snapshot or None,
        "same_text": hit.cluster,
    }


def _proved(item: Found) -> dict[str, Any]:
    told: dict[str, Any] = {"name": item.name, "quote": item.quote}
    if item.detail:
        told["exact"] = item.detail
    if item.probability is not None:
        told |= {"possible": True, "probability": item.probability}
    return told


def run(settings: Settings, *, http: bool = False) -> None:
    """Serve until the other side hangs up (stdio), or until Ctrl-C on the settings' address (streamable HTTP, path /mcp). Raises ConfigurationError, ServerError."""
    app_state = AppState(settings)
    server = create_server(app_state, base_of(settings))
    if not http:
        server.run("stdio")
        return

    def application() -> Access:
        # Host and Origin are compared at our gate, with the names of the settings.
        unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        return Access(
            server.streamable_http_app(streamable_http_path=ASSISTANTS, transport_security=unchecked),
            app_state=app_state,
            addresses=Addresses(settings),
            limits=Limits(),
            sessions=Sessions(settings.data),
        )

    serve(settings, application)
