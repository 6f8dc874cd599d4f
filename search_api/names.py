"""A place as a reader writes it, as a code."""

from __future__ import annotations

from crawler.sources import regions
from indexer.insight.vocabularies import find_region
from search_api.web.problem_document import Fault
from search_api.web.problems import Problem


def namesakes(name: str) -> list[str]:
    """Adcodes of the other places that are called so, those aside that lie in the one that is taken (长沙县 in 长沙)."""
    found = [region.adcode for region in regions.find(name.strip())]
    return [code for code in found[1:] if not regions.is_within(code, found[0])]


def known_place(name: str) -> str:
    """The same; Problem 422 for a place that is not known."""
    code = find_region(name)
    if code is None:
        detail = f"不认识“{name[:20]}”这个地方，请写行政区划的名称、拼音或代码。"
        raise Problem(422, detail, kind="no-such-place", faults=[Fault(name="place", where="query", reason=detail)])
    return code
