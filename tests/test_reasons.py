"""Reasons of failures come out in Chinese, with the place; what is not known by heart stays as it was said."""

from __future__ import annotations

import json
import re
import socket
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError

from crawler.article import parse_published
from crawler.reasons import describe_error, fault_reason

ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")


def failure(work: object, *arguments: object) -> Exception:
    with pytest.raises(Exception) as caught:
        work(*arguments)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "a = ",
        "a b",
        "[x",
        "a=1 b=2",
        "a = 'x",
        'a = "x',
        "=1",
        "a=1\na=2",
        "[a]\n[a]",
        "a = [1",
        "a={b=1",
        "a = x",
        'a = "\\x"',
    ],
)
def test_toml(text: str) -> None:
    said = describe_error(failure(tomllib.loads, text))
    assert ("字符处，" in said or "到文件末尾，" in said) and not ENGLISH.search(said), said


@pytest.mark.parametrize(
    "text", ["", "{x", "[1,]", '{"a" 1}', '{"a":1} x', '"x', '"\\q"', '"\t"', "[1 2]", '{"a":1,\n}']
)
def test_json(text: str) -> None:
    said = describe_error(failure(json.loads, text))
    assert "字符处，" in said and not ENGLISH.search(said), said


def test_the_disk_and_the_net(tmp_path: Path) -> None:
    assert describe_error(failure(open, tmp_path / "none")) == "没有这个文件或文件夹"
    assert describe_error(failure(open, tmp_path)) == "是文件夹，不是文件"
    assert "UTF-8" in describe_error(failure(b"\xb4\xb3".decode, "utf-8"))
    with socket.socket() as bound:  # bound and not listening: it refuses
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        error = failure(urllib.request.urlopen, url)
    assert isinstance(error, urllib.error.URLError) and describe_error(error) == "对方拒绝连接"
    assert "超时" in describe_error(urllib.error.URLError(TimeoutError("timed out")))
    assert "域名" in describe_error(urllib.error.URLError(socket.gaierror(-2, "Name or service not known")))


def test_what_is_not_known_stays_as_it_was_said() -> None:
    assert describe_error(ValueError("of its\n own kind")) == "of its own kind"
    assert describe_error(OSError(18, "Invalid cross-device link")).startswith("Inv")
    assert describe_error(KeyError()) == "KeyError"


class Model(BaseModel, extra="forbid"):
    number: int = Field(default=1, ge=0, le=9)
    word: str = Field(default="x", min_length=1)
    flag: bool = False


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"number": "x"}, "应为整数，而不是 'x'"),
        ({"number": 10}, "应不大于 9，而不是 10"),
        ({"word": ""}, "不能为空"),
        ({"flag": "perhaps"}, "应为 true 或 false，而不是 'perhaps'"),
        ({"other": 1}, "没有这样的项"),
    ],
)
def test_values(given: dict[str, object], says: str) -> None:
    error = failure(Model.model_validate, given)
    assert isinstance(error, ValidationError)
    assert fault_reason(error.errors()[0]) == says


def test_a_date_that_is_none() -> None:
    assert "2024-03-13" in describe_error(failure(parse_published, "long ago"))
