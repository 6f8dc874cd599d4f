"""Marks on the original text, and the passage that shows best why a document was found; the same for every engine."""

from __future__ import annotations


def mark(text: str, query: str) -> list[tuple[int, int]]:
    """[start, end) spans of the original text that the query's words cover, in order, without overlap."""
    raise NotImplementedError
