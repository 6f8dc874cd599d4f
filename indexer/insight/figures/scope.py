"""Numbers that say to what a rule applies (对总投资3亿元以上的项目给予…): they tell of no act."""

from __future__ import annotations

from indexer.insight.figures.rules import figure_rules


def in_scope_of_rule(head: str, tail: str) -> bool:
    """Whether a number stands in the condition or in a definition of a rule; `head` and `tail` are its sentence before and behind it."""
    scope = figure_rules().scope
    if scope["told"].search(head):
        return False
    if scope["defined"].search(head):
        return True
    granted = scope["behind"].match(tail)
    if not granted and scope["opened"].search(head):
        granted = scope["granted"].match(tail)
    return granted is not None and not scope["paid"].search(granted[0])
