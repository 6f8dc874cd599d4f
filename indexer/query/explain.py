"""Explains how a query was read: in words for a researcher, and as a tree of plain values."""

from __future__ import annotations

from typing import Any

from indexer.analysis.facets import CONDITIONS, FACETS
from indexer.insight.vocabularies import VOCABULARIES
from indexer.query.figure_conditions import describe as describe_figure
from indexer.query.figure_conditions import units
from indexer.query.parser import Query
from indexer.query.tree import (
    Added,
    AllOf,
    AnyOf,
    Begins,
    Chosen,
    Dated,
    Figure,
    MatchAll,
    MatchNone,
    Named,
    Node,
    Without,
    Word,
)


def explain(query: Query) -> dict[str, Any]:
    """`reading`: one Chinese sentence; `tree`: nested values; `ignored`: function words; `equivalents`: word → words that do as well; `notes`: what could not be read as syntax."""
    equivalents: dict[str, list[str]] = {}
    _collect(query.root, equivalents)
    return {
        "query": query.typed,
        "reading": describe(query.root),
        "tree": tree(query.root),
        "ignored": list(query.dropped),
        "equivalents": equivalents,
        "notes": list(query.notes),
    }


def describe(node: Node) -> str:
    """The node as a phrase: “飞地”和“利益共享”；不含“房地产”；2023-01-01 起."""
    match node:
        case AllOf(parts):
            words = [
                describe(p) if isinstance(p, Word | Begins) else f"（{describe(p)}）"
                for p in parts
                if isinstance(p, Word | Begins | AnyOf)
            ]
            others = [describe(p) for p in parts if not isinstance(p, Word | Begins | AnyOf)]
            return "；".join([*(["、".join(words) + (" 都要有" if len(words) > 1 else "")] if words else []), *others])
        case AnyOf(parts):
            return " 或 ".join(f"（{describe(p)}）" if isinstance(p, AllOf) else describe(p) for p in parts)
        case Without(part):
            return f"不含（{describe(part)}）" if isinstance(part, AllOf | AnyOf) else f"不含{describe(part)}"
        case Word(text, equivalents, title, exact):
            also = f"（或{'、'.join(f'“{word}”' for word in equivalents)}）" if equivalents else ""
            return f"{'标题含' if title else ''}“{text}”{'（原样）' if exact else ''}{also}"
        case Begins(text, title):
            return f"{'标题含' if title else ''}以“{text}”开头的词"
        case Named(field, text):
            return f"{CONDITIONS[field].label}含“{text}”"
        case Chosen(field, values, text):
            return f"{CONDITIONS[field].label}：{_named(field, values) or text}"
        case Figure():
            return f"数字：{describe_figure(node)}"
        case Dated(first, last):
            if first and last:
                return f"{first.isoformat()} 至 {last.isoformat()}"
            return f"{first.isoformat()} 起（含当日）" if first else f"{last.isoformat() if last else ''} 止（含当日）"
        case Added(since):
            return f"{since:%Y-%m-%d %H:%M} 起收录".replace(" 00:00 ", " ")
        case MatchAll():
            return "全部文章"
        case MatchNone():
            return "没有可以查找的词语"
    raise TypeError(f"no node: {node!r}")


def tree(node: Node) -> dict[str, Any]:
    """The node as plain values: {"all": […]}, {"any": […]}, {"not": …}, {"word": …} and so on."""
    match node:
        case AllOf(parts):
            return {"all": [tree(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [tree(part) for part in parts]}
        case Without(part):
            return {"not": tree(part)}
        case Word(text, equivalents, title, exact):
            out: dict[str, Any] = {"word": text}
            return (
                out
                | ({"equivalents": list(equivalents)} if equivalents else {})
                | ({"in": "title"} if title else {})
                | ({"exact": True} if exact else {})
            )
        case Begins(text, title):
            return {"begins": text} | ({"in": "title"} if title else {})
        case Named(field, text):
            return {field: text}
        case Chosen(field, values, text):
            return {field: list(values), "typed": text} if text else {field: values[0]}
        case Figure(kinds, statuses, _, least, most, bound, stages):
            figure: dict[str, Any] = {"kinds": list(kinds), "statuses": list(statuses), "stages": list(stages)}
            return {"figure": figure | ({"unit": units(node)[0], "least": least, "most": most} if bound else {})}
        case Dated(first, last):
            return {"from": first.isoformat() if first else None, "to": last.isoformat() if last else None}
        case Added(since):
            return {"since": since.isoformat()}
        case MatchAll():
            return {"everything": True}
        case MatchNone():
            return {"nothing": True}
    raise TypeError(f"no node: {node!r}")


def _named(field: str, values: tuple[str, ...]) -> str:
    """Names of the values that have one: what was typed stands among them, and may be none."""
    vocabulary = FACETS[field].vocabulary
    return "、".join(name for value in values if vocabulary and (name := VOCABULARIES[vocabulary].name(value)))


def _collect(node: Node, found: dict[str, list[str]]) -> None:
    match node:
        case Word(text, equivalents) if equivalents:
            found[text] = list(equivalents)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                _collect(part, found)
        case Without(part):
            _collect(part, found)
