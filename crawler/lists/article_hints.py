"""Selectors of a publishing system's own article template: title, date, 来源 and body. Each system's file states them in its ARTICLE."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArticleHints:
    """CSS selectors, '' where the system's template says nothing; a comma parts alternatives. `origin` and `date` may name one line that has both."""

    title: str = ""
    date: str = ""
    origin: str = ""
    body: str = ""

    def __bool__(self) -> bool:
        return any((self.title, self.date, self.origin, self.body))
