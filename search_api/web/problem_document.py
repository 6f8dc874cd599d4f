"""The body of an error response (RFC 9457)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Fault(BaseModel):
    """One parameter that cannot be read: its name, where it stands (query, path), and why."""

    model_config = ConfigDict(validate_by_name=True)

    name: str = Field(examples=["since"])
    where: str = Field(alias="in", examples=["query"])
    reason: str = Field(examples=["since 的值“昨天”读不懂，写法见 /help。"])


class Problem(BaseModel):
    """RFC 9457. `type` is a URN that stays; `detail` says what happened and what to do; `errors` is left out where no parameter is to blame."""

    type: str = Field(examples=["urn:zhaoshang:problem:no-such-article"])
    title: str = Field(examples=["没有这篇文章"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["文库里没有编号为 0123456789abcdef 的文章。"])
    instance: str = Field(examples=["/api/v1/articles/0123456789abcdef"])
    errors: list[Fault] = []


_PROBLEM = {
    "model": Problem,
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def problems(**what: str) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: problems(s404="no such article")."""
    return {int(status[1:]): {**_PROBLEM, "description": text} for status, text in what.items()}
