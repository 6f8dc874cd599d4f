"""Changes a source's TOML file in place: comments and layout stay, and a file that would be wrong is not written.

A source that comes with the program is copied into DATA/sources first; the operator's own file wins from then on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.archive.corrections_file import alone
from crawler.archive.handwritten.replace_file import replace_file
from crawler.archive.handwritten.statements import is_heading, statements, with_values
from crawler.configuration import Settings
from crawler.reasons import describe_error
from crawler.sources.registry import file_of, own_folder
from crawler.sources.source import SourceError, parse_source

SELECTABLE = ("title", "date", "body")
"""Fields of an article for which a source's file may name a selector."""


def put_away_alarm(settings: Settings, name: str, mark: str) -> Path:
    """Adds an alarm's mark to `reviewed`; the file. Raises SourceError."""

    def changed(table: Mapping[str, Any]) -> dict[str, Any]:
        return {"reviewed": list(dict.fromkeys((*table.get("reviewed", ()), mark)))}

    return _edit(settings, name, changed, "")


def set_selector(settings: Settings, name: str, field: str, selector: str) -> Path:
    """Writes a selector of an article's field (`SELECTABLE`); the file. Raises SourceError."""
    return _edit(settings, name, lambda table: {field: selector}, "selectors")


def _edit(settings: Settings, name: str, values: Any, section: str) -> Path:
    own = own_folder(settings) / f"{name}.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    try:
        with alone(own):
            old = file_of(settings, name).read_text(encoding="utf-8-sig")
            table = tomllib.loads(old)
            text = _with_values(old, section, values(table))
            parse_source(tomllib.loads(text), own)
            replace_file(own, text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(own, "", f"不是有效的 TOML，没有改动：{describe_error(error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(own, "", f"写不了（{describe_error(error)}）") from error
    return own


def _with_values(text: str, section: str, values: Mapping[str, Any]) -> str:
    """The text with these values at its top, or in one of its tables, which is added where there is none. Raises TOMLDecodeError."""
    parts: list[list[str]] = [[]]
    for statement in statements(text):
        if is_heading(statement):
            parts.append([])
        parts[-1].append(statement)
    if not section:
        parts[0] = [with_values("".join(parts[0]), values)]
        return "".join("".join(part) for part in parts)
    inline = tomllib.loads("".join(parts[0])).get(section)
    if isinstance(inline, Mapping):
        parts[0] = [with_values("".join(parts[0]), {section: {**inline, **values}})]
        return "".join("".join(part) for part in parts)
    place = next((part for part in parts[1:] if section in tomllib.loads(part[0])), None)
    if place is None:
        whole = text + ("" if text[-1:] in ("", "\n") else "\n")
        return f"{whole}\n[{section}]\n{with_values('', values)}"
    place[1:] = [with_values("".join(place[1:]), values)]
    return "".join("".join(part) for part in parts)
