"""The wordings of figures.toml as patterns."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """A pattern each; what they are for is said in figures.toml."""

    before: Mapping[str, re.Pattern[str]]
    after: Mapping[str, re.Pattern[str]]
    reject_before: re.Pattern[str]
    reject_after: re.Pattern[str]
    norm_before: re.Pattern[str]
    norm_after: re.Pattern[str]
    scope: Mapping[str, re.Pattern[str]]
    outside: re.Pattern[str]
    projects_after: re.Pattern[str]
    projects_acting: re.Pattern[str]
    bare: Mapping[str, re.Pattern[str]]
    firms_before: re.Pattern[str]
    firms_after: re.Pattern[str]
    firms_reject: re.Pattern[str]
    count_reject: re.Pattern[str]
    count_of_places: re.Pattern[str]
    status: Mapping[str, re.Pattern[str]]
    stage: Mapping[str, re.Pattern[str]]


def any_of_patterns(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all; the longer ones first."""
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)))


def _data() -> dict[str, Any]:
    return tomllib.loads(files("indexer.insight.figures").joinpath("figures.toml").read_text(encoding="utf-8"))


@cache
def figure_rules() -> Rules:
    """Read once. KeyError or re.error where the file is not whole."""
    data = _data()
    money, count = data["money"], data["count"]
    return Rules(
        {kind: any_of_patterns(words) for kind, words in money["before"].items()},
        {kind: any_of_patterns(words) for kind, words in money["after"].items()},
        reject_before=any_of_patterns(money["reject"]["before"]),
        reject_after=any_of_patterns(money["reject"]["after"]),
        norm_before=re.compile("(?:" + "|".join(money["norm"]["before"]) + ")$"),
        norm_after=any_of_patterns(money["norm"]["after"]),
        scope={part: any_of_patterns(words) for part, words in data["scope"].items()},
        outside=any_of_patterns(money["outside"]["words"]),
        projects_after=any_of_patterns(count["after"]["projects"]),
        projects_acting=any_of_patterns(count["acting"]["words"]),
        bare={
            kind: re.compile("(?:" + "|".join(words) + ")(?:了|的|有|达|共|约|近|超)?$")
            for kind, words in count["bare"].items()
        },
        firms_before=any_of_patterns(count["firms"]["before"]),
        firms_after=any_of_patterns(count["firms"]["after"]),
        firms_reject=any_of_patterns(count["firms"]["reject"]),
        count_reject=any_of_patterns(count["reject"]["words"]),
        count_of_places=any_of_patterns(count["reject"]["places"]),
        status={status: any_of_patterns(words) for status, words in data["status"].items()},
        stage={stage: any_of_patterns(words) for stage, words in data["stage"].items()},
    )
