"""Practices as the taxonomy names them."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.insight.practices import PracticeRule, rules
from search_api.problems import Problem


def practices() -> Mapping[str, PracticeRule]:
    """All practices by id, in the order of the taxonomy; each has `name`, `group` and `definition`."""
    return rules()


def find_practice(text: str) -> str | None:
    """The id of a practice by its id or its name."""
    text = text.strip()
    return text if text in rules() else next((id for id, rule in rules().items() if rule.name == text), None)


def known_practice(text: str, status: int = 422) -> str:
    """The same; a Problem for a practice that is not known."""
    practice = find_practice(text)
    if practice is None:
        detail = f"没有编号或名称为 {text[:40]} 的举措，全部见 /api/v1/practices（助手用 list_practices）。"
        raise Problem(status, detail, kind="no-such-practice", title="没有这种举措")
    return practice


def practice_name(practice: str) -> str:
    """飞地 for enclave; the id where the taxonomy does not know it."""
    rule = rules().get(practice)
    return rule.name if rule else practice
