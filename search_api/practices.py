"""Practices as the taxonomy names them."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.insight.practices import PracticeRule, rules
from indexer.insight.vocabularies import find_practice
from search_api.web.problems import Problem


def practices() -> Mapping[str, PracticeRule]:
    """All practices by id, in the order of the taxonomy; each has `name`, `group` and `definition`."""
    return rules()


def known_practice(text: str, status: int = 422) -> str:
    """The same; a Problem for a practice that is not known."""
    practice = find_practice(text)
    if practice is None:
        detail = f"没有编号或名称为 {text[:40]} 的举措，全部见 /api/v1/practices（助手用 list_practices）。"
        raise Problem(status, detail, kind="no-such-practice", title="没有这种举措")
    return practice
