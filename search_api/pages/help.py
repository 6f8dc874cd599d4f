"""The query language in one screen, each example a live link; and the API in another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crawler.sources.kinds import KIND_NAMES
from search_api.web.rendering import render
from search_api.web.request_context import base

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A query that can be clicked, and what it finds."""

    query: str
    meaning: str


WORDS = (
    Example("飞地 税收", "空格隔开的词都要有，先后不论"),
    Example('"以商招商"', "引号里的字原样相连，不用同义词"),
    Example("招商引资 -证券", "减号后面的词不能有"),
    Example("基金招商 OR 以投带引", "两者有一就行；也可写作“或”或竖线 |，两边留空格"),
    Example("税收 飞地|共建园区", "竖线两边不留空格：要有“税收”，后两个有一就行；region:湖南|湖北 也行"),
    Example("（飞地 OR 共建园区） 税收", "括号分组；运算符和字段名全角半角都行"),
    Example("招商*", "以“招商”开头的词，汉字和字母都行"),
)
FIELDS = (
    Example("title:签约", "标题里有"),
    Example("source:招商", "网站的名称里有"),
    Example("origin:日报", "来源里有"),
    Example("author:林", "作者里有；姓、名、姓名都行"),
    Example("region:湖南", "讲到湖南，或刊在湖南的网站上，包括其下的市县；名称、简称、拼音、行政区划代码都行"),
    Example("region:changsha", "用拼音写地方"),
    Example("region:湖南、湖北、江西", "几个地方有一个就行；practice、kind、year 也可以这样写"),
    Example("kind:government", "网站的类别：" + "，".join(f"{kind} {name}" for kind, name in KIND_NAMES.items())),
    Example("practice:飞地", "讲到这种举措的文章"),
    Example("possible:飞地", "也算上没有十足把握的：文章页上标作“可能”"),
    Example("industry:电池", "讲到这个产业的项目或投资者"),
    Example("firm:宁德", "投资、签约、落户或在谈的企业，名称里有"),
    Example("investor_origin:香港", "投资者来自那里；国家、港澳台、省份的名称都行"),
    Example("event:签约", "说已有的进展：考察来访、洽谈对接、签约、落户、开工建设、竣工投产、增资扩产、终止清退"),
    Example("genre:政策文件", "文章本身的文体；另有工作报告、讲话、新闻报道、公告通知、评论研究、论坛帖子"),
    Example("figure:签约额 value:>=10亿", "有一笔不少于 10 亿元的签约额；两个条件说的是同一个数字"),
    Example(
        "figure:计划投资额 value:1亿..5亿",
        "1 亿元到 5 亿元的计划投资；另有到位资金、实际使用外资、项目数、产值、税收，状态有计划、已签约、完成、未说明",
    ),
    Example("figure:投资额/在谈", "还在谈的项目的投资额；进展有在谈、婉拒、开工、终止"),
    Example("value:>=1000万美元", "美元与人民币分开；不写单位的是元"),
    Example("year:2023", "那一年发表的"),
    Example("招商引资 after:2022-06 before:2024", "2022 年 6 月起，2024 年之前"),
    Example("飞地 since:2026-11-24", "那一天起收录进文库的，不论何时发表"),
)


@router.get("/help", response_class=HTMLResponse)
def help_page(request: Request) -> HTMLResponse:
    return render(request, "help.html", {"words": WORDS, "fields": FIELDS})


@router.get("/help/api", response_class=HTMLResponse)
def api_page(request: Request) -> HTMLResponse:
    """Made from the OpenAPI document, so that it never tells of another API than there is."""
    paths = request.app.openapi()["paths"]
    routes = [_route(path, get["get"]) for path, get in paths.items() if "get" in get]
    context = {"routes": routes, "base": base(request)}
    return render(request, "api.html", context)


def _route(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        (p["name"], p.get("description") or p.get("schema", {}).get("description") or "")
        for p in operation.get("parameters", ())
    ]
    return {
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": parameters,
    }
