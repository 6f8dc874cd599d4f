"""The body of an answer that is an error."""

from __future__ import annotations

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
