"""Resolves a place that the operator names; refuses an unknown or ambiguous one with a message."""

from __future__ import annotations

from crawler.terminal import Refusal


def one_place(word: str) -> str:
    """The code of the one place that is meant. Raises Refusal for an unknown one, and for a name that several places of one level have."""
    from crawler.sources import regions

    places = regions.find(word)
    if not places:
        raise Refusal(f"没有名为 {word!r} 的地区；可写名称、简称、拼音或六位代码，如 湖南、changsha、430100")
    alike = [p.adcode for p in places if p.level == places[0].level]
    if len(alike) > 1:
        raise Refusal(unsure_of(tuple(alike)))
    return alike[0]


def unsure_of(alike: tuple[str, ...]) -> str:
    """In words, which places have one name."""
    from crawler.sources.regions import region_name

    shown = "、".join(f"{region_name(code)} {code}" for code in alike[:6]) + ("……" if len(alike) > 6 else "")
    return f"同名的有 {len(alike)} 处，不知是哪一处：{shown}；请写六位代码"
