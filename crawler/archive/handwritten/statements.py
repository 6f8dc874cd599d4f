"""The text of a TOML file cut into its statements, so that one can be changed and all else stays as it is written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

_HEADING = re.compile(r"[ \t]*\[")
_COMMENT = re.compile(r"[ \t]*(?:#.*)?")


def statements(text: str) -> Iterator[str]:
    """Each heading, assignment, comment line and blank line with its line ends: together they are the text. An assignment may take several lines.

    What is no TOML comes as single lines.
    """
    lines = text.splitlines(keepends=True)
    at = 0
    while at < len(lines):
        end = at + 1
        if not _COMMENT.fullmatch(lines[at].rstrip("\r\n")) and not _HEADING.match(lines[at]):
            end = next((e for e in range(at + 1, len(lines) + 1) if _is_whole("".join(lines[at:e]))), at + 1)
        yield "".join(lines[at:end])
        at = end


def is_heading(statement: str) -> bool:
    return bool(_HEADING.match(statement))


def is_comment(statement: str) -> bool:
    """Whether it is a line of comment, or a blank one."""
    return bool(_COMMENT.fullmatch(statement.rstrip("\r\n")))


def with_values(section: str, values: Mapping[str, Any], *, whole: bool = False) -> str:
    """The statements of one table (without its heading) where these keys have these values; `whole`: it has no others.

    A statement whose value stays is left as it is written; comment lines stay; new keys stand behind the last assignment.
    """
    left, out, last = dict(values), [], 0
    for statement in statements(section):
        parsed = {} if is_comment(statement) else _parsed(statement)
        key = next(iter(parsed), None)
        if key is None:
            out.append(statement)
            continue
        if key in left:
            value = left.pop(key)
            out.append(statement if _plain(parsed[key]) == _plain(value) else f"{key} = {written(value)}\n")
        elif not whole:
            out.append(statement)
        else:
            continue
        last = len(out)
    last = last or len(out)
    if left and last and not out[last - 1].endswith("\n"):
        out[last - 1] += "\n"
    out[last:last] = [f"{key} = {written(value)}\n" for key, value in left.items()]
    return "".join(out)


def written(value: Any) -> str:
    """A value as TOML writes it, in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _plain(value: Any) -> Any:
    """Values are the same where they are written the same; a day that JSON kept as text is that day."""
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
