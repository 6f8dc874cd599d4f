"""The HTTP API, all of it under /api/v1."""

from __future__ import annotations

from typing import Any

from search_api.web.problem_document import Problem

_PROBLEM = {
    "model": Problem,
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def problems(**what: str) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: problems(s404="no such article")."""
    return {int(status[1:]): {**_PROBLEM, "description": text} for status, text in what.items()}
