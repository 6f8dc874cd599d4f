"""Which practices of investment promotion does a text report, and which sentence proves each?

Wordings of practices.toml make candidates, sentence by sentence; how far each is to be believed is a sum of weights learnt from annotated texts
(practices_weights.json, made by benchmarks/train_practices.py), and which of those of one practice is the proof a sum of other weights, learnt to tell
them apart. A candidate can be explained: its features are named.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import repeat
from operator import mul
from typing import Any, Literal

from crawler.expressions.required import Sought, sought
from indexer.insight.pattern_union import PatternSet, normal, searchable
from indexer.insight.plain_text import Plain, Sentence
from indexer.insight.reading import Practice

KINDS = ("names", "cues", "phrases", "weak")
LONGEST = 160  # characters of evidence: of a longer sentence the clauses round the cue
_WORDING = tuple(f"{kind} " for kind in KINDS)
_CLAUSE_END = re.compile("[,:]")


@dataclass(frozen=True, slots=True)
class PracticeRule:
    """One table of practices.toml, compiled."""

    id: str
    name: str
    group: str
    definition: str
    wordings: Mapping[
        str, Mapping[str, str]
    ]  # by how far they are trusted, of KINDS: as the file has them, each with its pattern
    context: re.Pattern[str]
    excluded: re.Pattern[str] | None
    deniable: bool
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence in which a practice may be reported: what speaks for and against it, and where the wording stands in the sentence."""

    practice: str
    sentence: int
    features: Mapping[str, float]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A practice of a text: how far it is to be believed (0–1), the candidate that says so, the one that proves it best, and the sentences beside that one that may prove it too, the better first."""

    belief: float
    believed: Candidate
    proof: Candidate
    beside: tuple[int, ...] = ()


@cache
def _classes() -> Mapping[str, str]:
    return {name: "(?:" + "|".join(words) + ")" for name, words in _tables()["classes"].items()}


def _spelt(pattern: str) -> str:
    """A pattern of the file with its classes and gaps written out. KeyError for a class that is not there."""
    gaps = pattern.replace("~~", ".{0,24}").replace("~", "[^，。；]{0,12}")
    return re.sub("<([\u4e00-\u9fff]+)>", lambda match: _classes()[match[1]], gaps)


def _compile(where: str, patterns: Iterable[str]) -> re.Pattern[str]:
    try:
        return searchable(map(_spelt, patterns))
    except (KeyError, re.error) as error:
        raise ValueError(f"practices.toml：{where} 的模式不合法：{error}") from error


@cache
def _wordings() -> tuple[PatternSet, tuple[tuple[str, str], ...]]:
    """The wordings of all practices, and of which practice and kind each of its sets is."""
    sets = [(rule.id, kind, patterns) for rule in rules().values() for kind, patterns in rule.wordings.items()]
    return PatternSet([patterns for _, _, patterns in sets]), tuple((id_, kind) for id_, kind, _ in sets)


def _spelt_all(where: str, patterns: Iterable[str]) -> dict[str, str]:
    try:
        return {pattern: _spelt(pattern) for pattern in patterns}
    except KeyError as error:
        raise ValueError(f"practices.toml：{where} 的模式不合法：{error}") from error


def _file(name: str) -> str:
    return files("indexer.insight").joinpath(name).read_text(encoding="utf-8")


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(_file("practices.toml"))


@cache
def rules() -> Mapping[str, PracticeRule]:
    """All practices by id, in the order of the file."""
    data = _tables()
    everywhere = _compile("general", data["general"]["with"])
    found = {}
    keys = {"name", "group", "definition", *KINDS, "with", "not", "denied", "for", "against"}
    for id_, table in data["practice"].items():
        if unknown := table.keys() - keys:
            raise ValueError(f"practices.toml：{id_} 有不认识的键 {'、'.join(sorted(unknown))}")
        wordings = {kind: table[kind] for kind in KINDS if kind in table}
        if twice := [p for patterns in wordings.values() for p, n in Counter(patterns).items() if n > 1]:
            raise ValueError(f"practices.toml：{id_} 的“{twice[0]}”出现了两次")
        found[id_] = PracticeRule(
            id_,
            table["name"],
            group=table["group"],
            definition=table["definition"],
            wordings={kind: _spelt_all(id_, patterns) for kind, patterns in wordings.items()},
            context=_compile(id_, table["with"]) if "with" in table else everywhere,
            excluded=_compile(id_, table["not"]) if "not" in table else None,
            deniable=table.get("denied", True),
            examples=tuple(table["for"]),
            counterexamples=tuple(table["against"]),
        )
    return found


@cache
def _denied() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(_tables()["general"]["denied"]) + ")[“”]?[^,。;、]{0,3}$")


@cache
def _denied_after() -> re.Pattern[str]:
    return re.compile("^[“”]?[^,。;、]{0,6}(?:" + "|".join(_tables()["general"]["denied_after"]) + ")")


@cache
def _hollow() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(normal(pattern)) for pattern in _tables()["general"]["hollow"])


@cache
def _signs() -> Mapping[str, Sought]:
    return {n: sought(_compile(n, patterns)) for n, patterns in _tables()["signs"].items() if " " not in n}


@cache
def _signs_of(side: Literal["before", "after"]) -> Mapping[str, re.Pattern[str]]:
    return {n: _compile(n, patterns) for n, patterns in _tables()["signs"].items() if n.startswith(f"{side} ")}


@cache
def _learnt() -> dict[str, Any]:
    return dict(json.loads(_file("practices_weights.json")))


def threshold() -> float:
    """From this belief on a practice is reported."""
    return float(_learnt()["threshold"])


def log_odds(belief: float) -> float:
    """Of a belief between 0 and 1, at most 12 to either side."""
    return math.log(max(6e-6, belief) / max(6e-6, 1 - belief))


def calibrated(belief: float, line: tuple[float, float] | None = None) -> float:
    """How often a practice so believed is right, by the slope and intercept learnt or given."""
    slope, intercept = line or _learnt()["calibration"]
    return 1 / (1 + math.exp(-(slope * log_odds(belief) + intercept)))


def sure_from(practice: str) -> float:
    """From this probability on a practice is told as sure, not as possible."""
    thresholds = _learnt()["sure"]
    return float(thresholds.get(practice, thresholds[""]))


def is_sure(practice: str, judgement: Judged) -> bool:
    """Whether a practice is told as sure: it is believed as far as its threshold asks, and its proof tells of it."""
    return calibrated(judgement.belief) >= sure_from(practice) and not judgement.proof.features["hollow"]


_Met = tuple[int, int, str]
"""Start and end of a wording in a text, and the wording as the file has it."""


def _met(plain: Plain) -> Mapping[str, Mapping[int, Mapping[str, list[_Met]]]]:
    """What a text has of the wordings, by practice, sentence and kind."""
    patterns, sets = _wordings()
    found: dict[str, dict[int, dict[str, list[_Met]]]] = {}
    for number, several in patterns.find(plain.text).items():
        id_, kind = sets[number]
        of_practice = found.setdefault(id_, {})
        for met in several:
            of_practice.setdefault(plain.sentence_at(met[0]), {}).setdefault(kind, []).append(met)
    return found


def _counted(rule: PracticeRule, text: str, several: Iterable[_Met], hidden: Sequence[tuple[int, int]]) -> list[_Met]:
    kept = []
    for met in several:
        start, end, _ = met
        if any(a < end and start < b for a, b in hidden):
            continue
        if rule.deniable and (
            _denied().search(text, max(0, start - 10), start) or _denied_after().search(text[end : end + 16])
        ):
            continue
        kept.append(met)
    return kept


def _features(
    rule: PracticeRule,
    plain: Plain,
    sentence: int,
    signs: Mapping[str, float],
    met: Mapping[str, Sequence[_Met]],
) -> dict[str, float]:
    found: dict[str, float] = {"bias": 1.0, f"practice {rule.id}": 1.0, **signs}
    for kind in KINDS:
        of_kind = met.get(kind, ())
        for _, _, wording in of_kind:
            found[f"{kind} {rule.id} {wording}"] = 1.0
        found[kind] = 1.0 if of_kind else 0.0
        found[f"more {kind}"] = max(0.0, min(3, len({plain.text[start:end] for start, end, _ in of_kind})) - 1.0)
    at, behind_it, _ = _first(met)
    clause = max(
        plain.sentences[sentence].start,
        *(plain.text.rfind(mark, plain.sentences[sentence].start, at) + 1 for mark in ",:、"),
    )
    for name, sign in _signs_of("before").items():
        found[name] = 1.0 if sign.search(plain.text, clause, at) else 0.0
    behind = plain.text[behind_it : min(plain.sentences[sentence].end, behind_it + 24)]
    for name, sign in _signs_of("after").items():
        found[name] = 1.0 if sign.search(behind) else 0.0
    found["hollow"] = 1.0 if _is_hollow(plain, plain.sentences[sentence], _first(met)) else 0.0
    return found


def _first(met: Mapping[str, Sequence[_Met]]) -> _Met:
    """The first match of the kind that is trusted most."""
    return next(met[kind][0] for kind in KINDS if met.get(kind))


def _sentence_signs(sentence: str, holds: Collection[str]) -> dict[str, float]:
    found = {
        name: 1.0
        for name, sign in _signs().items()
        if (sign.any_of is None or not sign.any_of.isdisjoint(holds)) and sign.pattern.search(sentence)
    }
    found["short"] = max(0.0, 1 - len(sentence) / 30)
    found["long"] = min(2.0, len(sentence) / 80)
    found["list"] = min(1.0, sentence.count("、") / 8)
    return found


def _is_hollow(plain: Plain, sentence: Sentence, met: _Met) -> bool:
    """Whether a sentence names a practice without telling of it."""
    start, end, _ = met
    marked = plain.text[sentence.start : start] + "〇" + plain.text[end : sentence.end]
    return any(pattern.search(marked) for pattern in _hollow())


def _named_by(heading: Plain | None) -> frozenset[str]:
    """The practices that a title names."""
    if not heading or not heading.text:
        return frozenset()
    patterns, sets = _wordings()
    met = {id_ for id_, kind in map(sets.__getitem__, patterns.find(heading.text)) if kind in ("names", "cues")}
    return frozenset(id_ for id_ in met if not ((excluded := rules()[id_].excluded) and excluded.search(heading.text)))


def candidates(plain: Plain, heading: Plain | None = None) -> list[Candidate]:
    """Every sentence and practice of which a wording is met, in the order of the taxonomy; `heading` is the title."""
    named = _named_by(heading)
    found: list[tuple[PracticeRule, int, dict[str, float], _Met]] = []
    text, sentences = plain.text, plain.sentences
    signs: dict[int, dict[str, float]] = {}
    met_by_practice = _met(plain)
    for rule in rules().values():
        for i, by_kind in sorted(met_by_practice.get(rule.id, {}).items()):
            start, end = sentences[i].start, sentences[i].end
            hidden = [m.span() for m in rule.excluded.finditer(text, start, end)] if rule.excluded else []
            met = {kind: _counted(rule, text, several, hidden) for kind, several in by_kind.items()}
            sure = bool(met.get("cues") or met.get("phrases"))
            doubtful = bool(met.get("names") or met.get("weak"))
            if not sure and not (doubtful and rule.context.search(text, start, end)):
                continue
            if i not in signs:
                signs[i] = _sentence_signs(text[start:end], plain.sentence_holds(i))
            found.append((rule, i, _features(rule, plain, i, signs[i], met), _first(met)))
    sure_ones = Counter(i for _, i, features, _ in found if features["cues"])
    often = Counter(rule.id for rule, _, features, _ in found if features["cues"] or features["phrases"])
    seen: set[tuple[str, bool]] = set()
    # bounded: the texts that were learnt from are short, and a long one must not be judged by what it has more of
    practices = min(1.2, math.log2(1 + len(often)) / 3)
    length = min(1.0, math.log2(1 + len(text) / 200) / 3)
    for rule, i, features, _ in found:
        features["practices"], features["text"] = practices, length
        kind = (rule.id, features["cues"] > 0)
        features["first"] = 0.0 if kind in seen else 1.0
        seen.add(kind)
        features["others"] = min(4.0, sure_ones[i] - features["cues"]) / 2
        features["often"] = math.log2(1 + min(3, often[rule.id]))
        features["early"] = 1.0 - i / max(1, len(sentences))
        features["in title"] = 1.0 if rule.id in named else 0.0
    return with_company(
        Candidate(rule.id, i, features, start - sentences[i].start, end - sentences[i].start)
        for rule, i, features, (start, end, _) in found
    )


def is_wording(feature: str) -> bool:
    """Whether a feature is one wording of practices.toml."""
    return feature.startswith(_WORDING)


def with_company(alone: Iterable[Candidate]) -> list[Candidate]:
    """The candidates of a text, each with what all of its practice say together: in how many sentences, in how many different wordings."""
    alone = list(alone)
    sentences = Counter(candidate.practice for candidate in alone)
    wordings: dict[str, set[str]] = {}
    for candidate in alone:
        wordings.setdefault(candidate.practice, set()).update(filter(is_wording, candidate.features))
    return [
        Candidate(
            candidate.practice,
            candidate.sentence,
            {
                **candidate.features,
                "sentences": math.log2(sentences[candidate.practice]) / 2,
                "wordings": math.log2(len(wordings[candidate.practice])) / 2,
            },
            candidate.start,
            candidate.end,
        )
        for candidate in alone
    ]


def weight(feature: str) -> float:
    """What a feature is worth for belief; 0 for one that no annotated text had."""
    return float(_learnt()["weights"].get(feature, 0.0))


def _sum(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return float(sum(map(mul, features.values(), map(weights.get, features, repeat(0.0)))))


def judged(
    found: Iterable[Candidate], weights: Mapping[str, float] | None = None, proof: Mapping[str, float] | None = None
) -> dict[str, Judged]:
    """The practices that the candidates of a text speak for, by id in the order met, by the weights learnt or by those given."""
    weights, proof = weights or _learnt()["weights"], proof or _learnt()["proof"]
    by_practice: dict[str, list[Candidate]] = {}
    for candidate in found:
        by_practice.setdefault(candidate.practice, []).append(candidate)
    answer = {}
    for id_, several in by_practice.items():
        total, believed = max(((_sum(c.features, weights), c) for c in several), key=lambda pair: pair[0])
        # a sentence that proves nothing is the proof only where there is no other
        ranked = (
            sorted(several, key=lambda c: (c.features["hollow"], -_sum(c.features, proof)))
            if len(several) > 1
            else [believed]
        )
        beside = tuple(
            c.sentence for c in ranked[1:] if abs(c.sentence - ranked[0].sentence) == 1 and not c.features["hollow"]
        )
        answer[id_] = Judged(1 / (1 + math.exp(-total)), believed, ranked[0], beside)
    return answer


def evidence(plain: Plain, judgement: Judged) -> tuple[int, int]:
    """Where the proof stands in the normalised text: the sentence, or the clauses round the wording in a long one.

    With it goes the sentence that follows a mere heading or naming (利益分享是另一个关键。), and one beside it that tells of the practice too.
    """
    candidate = judgement.proof
    sentence, start, end = plain.sentences[candidate.sentence], candidate.start, candidate.end
    if sentence.end - sentence.start <= LONGEST:
        following = (candidate.sentence + 1,) if _only_names(plain, sentence) else ()
        for neighbour in (*following, *judgement.beside):
            if neighbour < len(plain.sentences) and (
                joined := _joined(plain, candidate.sentence, neighbour, neighbour in following)
            ):
                return joined
        return sentence.start, sentence.end
    text = plain.text[sentence.start : sentence.end]
    cuts = [0, *(m.end() for m in _CLAUSE_END.finditer(text)), len(text)]
    first = max(i for i, cut in enumerate(cuts) if cut <= start)
    last = next(i for i, cut in enumerate(cuts) if cut >= end)
    while True:  # grow by a clause on either side while it fits
        if first > 0 and cuts[last] - cuts[first - 1] <= LONGEST:
            first -= 1
        elif last < len(cuts) - 1 and cuts[last + 1] - cuts[first] <= LONGEST:
            last += 1
        else:
            return sentence.start + cuts[first], sentence.start + cuts[last]


_NAMING = re.compile(
    r"^[^,;]{0,24}(?:是|在于|之)[^,;]{0,10}(?:关键|重点|办法|做法|法宝|另一|核心|抓手|一招|经验)[^,;]{0,4}[。!?]?$"
)


def _only_names(plain: Plain, sentence: Sentence) -> bool:
    """Whether a sentence is a heading, or only says that something matters."""
    text = plain.text[sentence.start : sentence.end]
    return bool(_signs()["heading"].pattern.search(text) or _NAMING.search(text) or (text[:2] == text[-2:] == "**"))


def _joined(plain: Plain, one: int, other: int, over_line_end: bool) -> tuple[int, int] | None:
    """Two sentences side by side as one span; None where that is too long, or a line ends between them that the reader must not cross."""
    first, last = plain.sentences[min(one, other)], plain.sentences[max(one, other)]
    if last.end - first.start > LONGEST or (not over_line_end and "\n" in plain.text[first.end : last.start]):
        return None
    return first.start, last.end


def read_practices(plain: Plain, heading: Plain | None = None) -> list[Practice]:
    """The practices of a text on the subject, in the order of the taxonomy; offsets in the original text. `heading` is the title."""
    found = []
    for id_, judgement in judged(candidates(plain, heading)).items():
        if judgement.belief >= threshold():
            start, end = plain.span(*evidence(plain, judgement))
            probability = min(0.99, calibrated(judgement.belief))
            found.append(Practice(id_, start, end, round(probability, 2), is_sure(id_, judgement)))
    return found
