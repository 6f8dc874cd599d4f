"""Which practices of investment promotion does a text report, and which sentence proves each? Read with the rules of practices.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from indexer.insight.plain import Plain, Sentence
from indexer.insight.reading import Practice

ACCEPTED = 0.79  # of a sentence's strength: one cue, or a weak wording in its context with something more
CUE, WEAK, MORE = 1.0, 0.7, 0.15
LONGEST = 160  # characters of evidence: of a longer sentence the clauses round the cue
_CLAUSE_END = re.compile("[,，:、]")


@dataclass(frozen=True, slots=True)
class PracticeRule:
    """One table of practices.toml, compiled."""

    id: str
    name: str
    group: str
    definition: str
    cues: re.Pattern[str]
    weak: re.Pattern[str] | None
    context: re.Pattern[str]
    excluded: re.Pattern[str] | None
    deniable: bool
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


def _compile(where: str, patterns: list[str]) -> re.Pattern[str]:
    # texts are read normalised: half-width and lower case
    plain = "|".join(p.replace("，", ",").replace("；", ";").lower() for p in patterns)
    try:
        return re.compile(plain)
    except re.error as error:
        raise ValueError(f"practices.toml：{where} 的模式不合法：{error}") from error


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("indexer.insight").joinpath("practices.toml").read_text(encoding="utf-8"))


def practices_version() -> str:
    return str(_tables()["version"])


@cache
def rules() -> Mapping[str, PracticeRule]:
    """All practices by id, in the order of the file."""
    data = _tables()
    general = data["general"]["with"]
    found = {}
    for id_, table in data["practice"].items():
        unknown = table.keys() - {
            "name",
            "group",
            "definition",
            "cues",
            "weak",
            "with",
            "not",
            "denied",
            "for",
            "against",
        }
        if unknown:
            raise ValueError(f"practices.toml：{id_} 有不认识的键 {'、'.join(sorted(unknown))}")
        found[id_] = PracticeRule(
            id_,
            table["name"],
            table["group"],
            table["definition"],
            _compile(id_, table["cues"]),
            _compile(id_, table["weak"]) if "weak" in table else None,
            _compile(id_, table.get("with", general)),
            _compile(id_, table["not"]) if "not" in table else None,
            table.get("denied", True),
            tuple(table["for"]),
            tuple(table["against"]),
        )
    return found


@cache
def _denied() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(_tables()["general"]["denied"]) + ")[“”]?[^,。;、]{0,3}$")


def _counted(
    rule: PracticeRule, pattern: re.Pattern[str], sentence: str, hidden: list[tuple[int, int]]
) -> list[re.Match[str]]:
    matches = []
    for match in pattern.finditer(sentence):
        if any(a < match.end() and match.start() < b for a, b in hidden):
            continue
        if rule.deniable and _denied().search(sentence, max(0, match.start() - 10), match.start()):
            continue
        matches.append(match)
    return matches


def _strength(rule: PracticeRule, sentence: str) -> tuple[float, list[re.Match[str]]]:
    hidden = [m.span() for m in rule.excluded.finditer(sentence)] if rule.excluded else []
    cues = _counted(rule, rule.cues, sentence, hidden)
    weak = _counted(rule, rule.weak, sentence, hidden) if rule.weak and (cues or rule.context.search(sentence)) else []
    if not cues and not weak:
        return 0.0, []
    best = CUE if cues else WEAK
    different = len({m[0] for m in cues}) + len({m[0] for m in weak})
    context = 0.1 if "招商" in sentence or "引资" in sentence or "招引" in sentence else 0.0
    return best + MORE * (different - 1) + context, cues or weak


def _evidence(plain: Plain, sentence: Sentence, matches: list[re.Match[str]]) -> tuple[int, int]:
    if sentence.end - sentence.start <= LONGEST:
        return sentence.start, sentence.end
    text = plain.text[sentence.start : sentence.end]
    cuts = [0, *(m.end() for m in _CLAUSE_END.finditer(text) if m[0] != "、"), len(text)]
    first = max(i for i, cut in enumerate(cuts) if cut <= matches[0].start())
    last = next(i for i, cut in enumerate(cuts) if cut >= matches[0].end())
    while True:  # grow by a clause on either side while it fits
        if first > 0 and cuts[last] - cuts[first - 1] <= LONGEST:
            first -= 1
        elif last < len(cuts) - 1 and cuts[last + 1] - cuts[first] <= LONGEST:
            last += 1
        else:
            return sentence.start + cuts[first], sentence.start + cuts[last]


def read_practices(plain: Plain) -> list[Practice]:
    """The practices of a text on the subject, in the order of the taxonomy; offsets in the original text."""
    found = []
    sentences = [plain.text[s.start : s.end] for s in plain.sentences]
    for rule in rules().values():
        best: tuple[float, int, list[re.Match[str]]] = (0.0, 0, [])
        if not (rule.cues.search(plain.text) or (rule.weak and rule.weak.search(plain.text))):
            continue
        for i, sentence in enumerate(sentences):
            strength, matches = _strength(rule, sentence)
            if strength > best[0]:
                best = (strength, i, matches)
        if best[0] >= ACCEPTED:
            start, end = plain.span(*_evidence(plain, plain.sentences[best[1]], best[2]))
            found.append(Practice(rule.id, start, end, round(min(0.98, 0.5 + 0.3 * best[0]), 2)))
    return found
