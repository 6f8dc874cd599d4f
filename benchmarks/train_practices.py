"""Learn how far each wording of practices.toml is to be believed: `python -m benchmarks.train_practices ANNOTATED.jsonl… [--write]`.

ANNOTATED has one text a line: title, text, topic, practices (each id, start, end), regions, and `origin_repo`, which is "composed" for a text written
for the purpose: those count less. Prints figures by cross-validation over provinces (no province on both sides); `--write` fits on everything and
replaces indexer/insight/practices_weights.json. Needs scikit-learn (a development dependency).

The model is a logistic regression over the named features of a candidate (indexer.insight.practices.candidates). A sentence that overlaps the
annotated evidence is right; another sentence of an annotated practice counts little, since it may be right too. A second one, for which it counts more,
tells which sentence is the proof.

A fixed wording that the texts of one province alone have may have been written for them. It is taken from those texts before they are
judged ("unfitted"), and each text is learnt from with and without those: so names and phrases learn what they are worth where no fixed wording helps,
and the figures tell what new texts may expect.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from crawler.topic import score
from indexer.insight.plain_text import Plain, plain
from indexer.insight.practices import (
    KINDS,
    Candidate,
    calibrated,
    candidates,
    evidence,
    is_wording,
    judged,
    log_odds,
    with_company,
)
from indexer.insight.practices import sure_from as threshold_in_use

WEIGHTS = Path(__file__).parents[1] / "indexer" / "insight" / "practices_weights.json"
RELIABILITY = Path(__file__).parents[1] / "indexer" / "insight" / "practices_reliability.csv"
STEPS = tuple(round(0.5 + 0.02 * i, 2) for i in range(25))  # probabilities from which a practice may be sure
PRECISE = (
    0.96  # of the sure ones, by the annotations: readers of articles that nobody learnt from find some fewer right
)
PRIOR_CASES = 8  # cases of all practices that are mixed with those of one
NEVER = 0.99
THRESHOLDS = (0.3, 0.32, 0.34, 0.36, 0.38, 0.4, 0.42)
FOLDS = 8
OWN_RATE = 0.3  # how freely a composed text's wordings may be righter, on the whole, than those of a real one


@dataclass(frozen=True)
class Learning:
    strength: float  # scikit-learn's C: the less, the nearer all weights stay to nought
    other_sentence: float  # what another sentence than the annotated one counts, against the practice
    rare: float  # features of one practice or wording are scaled down: fewer texts speak for them
    composed: float  # what a text counts that was written for the purpose
    but: frozenset[str] = frozenset()  # features that are not learnt


BELIEF = Learning(0.15, 0.07, 0.7, 0.4)
PROOF = Learning(0.08, 0.6, 0.6, 0.2, frozenset({"sentences", "wordings"}))


@dataclass(frozen=True)
class Weights:
    belief: Mapping[str, float]
    proof: Mapping[str, float]


@dataclass(frozen=True)
class Text:
    name: str
    group: str
    composed: bool
    practices: Mapping[str, tuple[int, int] | None]  # None: the evidence was not marked
    about: bool
    plain: Plain
    candidates: Sequence[Candidate]


def load(path: Path) -> list[Text]:
    texts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("judged") == "borderline":
            continue
        provinces = Counter(code[:2] for code in row["regions"])
        body = plain(row["text"])
        texts.append(
            Text(
                path.name,
                provinces.most_common(1)[0][0] if provinces else row["id"],
                row.get("origin_repo") == "composed",
                practices={
                    p["id"]: (p["start"], p["end"]) if p["start"] is not None else None for p in row["practices"]
                },
                about=score(row["title"] or "", row["text"]).on_topic,
                plain=body,
                candidates=candidates(body, plain(row["title"] or "")),
            )
        )
    return texts


def unfitted(texts: Sequence[Text]) -> list[Text]:
    """The texts without the fixed wordings that only their own province has."""
    provinces: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for candidate in text.candidates if text.about else ():
            for name in filter(is_wording, candidate.features):
                provinces[name].add(text.group)
    return [replace(text, candidates=with_company(_without(text, provinces))) for text in texts]


def _without(text: Text, provinces: Mapping[str, set[str]]) -> Iterator[Candidate]:
    for candidate in text.candidates:
        features = {
            name: value
            for name, value in candidate.features.items()
            if not (name.startswith("cues ") and provinces[name] <= {text.group})
        }
        left = {name.split(" ", 1)[0] for name in filter(is_wording, features)}
        for kind in KINDS:
            if kind not in left:
                features[kind] = features[f"more {kind}"] = 0.0
        if left:
            yield replace(candidate, features=features)


def fit(texts: Sequence[Text]) -> Weights:
    return Weights(_fit(texts, BELIEF), _fit(texts, PROOF))


def _fit(texts: Sequence[Text], how: Learning) -> dict[str, float]:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    def scale(feature: str) -> float:
        return how.rare if feature.startswith("practice ") or is_wording(feature) else 1.0

    rows: list[dict[str, float]] = []
    right: list[int] = []
    counts: list[float] = []
    for text in texts:
        if not text.about:
            continue
        several = Counter(candidate.practice for candidate in text.candidates)
        for candidate in text.candidates:
            if candidate.practice in text.practices and text.practices[candidate.practice] is None:
                unmarked = True
                gold = None
            else:
                unmarked = False
                gold = text.practices.get(candidate.practice)
            sentence = text.plain.sentences[candidate.sentence]
            start, end = text.plain.span(sentence.start, sentence.end)
            hit = unmarked or (gold is not None and start < gold[1] and gold[0] < end)
            row = {n: value * scale(n) for n, value in candidate.features.items() if n not in how.but}
            if text.composed:
                row |= {f"composed {kind}": OWN_RATE * row[kind] for kind in ("bias", *KINDS)}
            rows.append(row)
            right.append(int(hit))
            counts.append(
                (how.composed if text.composed else 1.0)
                * (1 / several[candidate.practice] if unmarked else 1.0 if hit or gold is None else how.other_sentence)
            )
    vectorizer: Any = DictVectorizer()
    table = vectorizer.fit_transform(rows)
    model: Any = LogisticRegression(C=how.strength, max_iter=5000, fit_intercept=False)
    model.fit(table, right, sample_weight=counts)
    named = zip(vectorizer.feature_names_, model.coef_[0], strict=True)
    return {name: float(w) * scale(name) for name, w in named if not name.startswith("composed ")}


def judge(texts: Sequence[Text], weights: Weights, threshold: float) -> Counter[str]:
    """Counts of right, right with evidence, found and annotated practices."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts["annotated"] += len(text.practices)
        counts["gaps"] += sum(gold is None for gold in text.practices.values())
        for id_, judgement in judged(text.candidates if text.about else (), weights.belief, weights.proof).items():
            if judgement.belief < threshold:
                continue
            counts["found"] += 1
            if id_ in text.practices:
                counts["right"] += 1
                gold = text.practices[id_]
                if gold is None:
                    counts["unmarked"] += 1
                else:
                    start, end = text.plain.span(*evidence(text.plain, judgement))
                    counts["evidence"] += start < gold[1] and gold[0] < end
    return counts


def f1(right: int, found: int, annotated: int) -> float:
    return 2 * right / (found + annotated) if found + annotated else 0.0


def cross_validate(
    texts: Sequence[Text], asked: Sequence[Text]
) -> tuple[dict[str, dict[float, Counter[str]]], list[tuple[str, float, bool, bool]]]:
    """For the texts `asked`, each by weights learnt from those of `texts` that are of other provinces, composed ones left out: counts by file and threshold; and of each practice met, its belief, whether it is right and whether the text is composed."""
    groups = sorted({text.group for text in texts})
    Random(0).shuffle(groups)
    size = Counter(text.group for text in texts)
    folds: list[set[str]] = [set() for _ in range(FOLDS)]
    for group in sorted(groups, key=lambda g: -size[g]):
        min(folds, key=lambda fold: sum(size[g] for g in fold)).add(group)
    totals: dict[str, dict[float, Counter[str]]] = defaultdict(
        lambda: {threshold: Counter() for threshold in THRESHOLDS}
    )
    beliefs: list[tuple[str, float, bool, bool]] = []
    for fold in folds:
        weights = fit([text for text in texts if text.group not in fold])
        for text in asked:
            if text.group not in fold:
                continue
            for threshold, total in totals[text.name].items():
                total.update(judge([text], weights, threshold))
            for id_, judgement in judged(text.candidates if text.about else (), weights.belief, weights.proof).items():
                beliefs.append((id_, judgement.belief, id_ in text.practices, text.composed))
    return totals, beliefs


def _f1s(c: Mapping[str, int]) -> tuple[float, float]:
    """Of practices, and of practices with the right evidence."""
    return f1(c["right"], c["found"], c["annotated"]), f1(
        c["evidence"], c["found"] - c["unmarked"], c["annotated"] - c["gaps"]
    )


def _line(name: str, c: Mapping[str, int]) -> str:
    return (
        f"{name}  F1 {f1(c['right'], c['found'], c['annotated']):.3f}  P {c['right'] / c['found']:.3f}  R {c['right'] / c['annotated']:.3f}"
        f"  with evidence {_f1s(c)[1]:.3f}"
    )


def calibration(beliefs: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Slope and intercept of the log-odds of being right over those of the belief (Platt)."""
    from sklearn.linear_model import LogisticRegression

    model: Any = LogisticRegression(C=1e6)
    model.fit([[log_odds(belief)] for belief, _ in beliefs], [right for _, right in beliefs])
    return round(float(model.coef_[0][0]), 3), round(float(model.intercept_[0]), 3)


def reliability(judged: Sequence[tuple[float, bool]]) -> str:
    """A table: of what was said with a probability of each tenth, how much was right."""
    lines = ["probability   right   of"]
    for low in range(10):
        bin_ = [right for p, right in judged if low / 10 <= p < (low + 1) / 10 or (low == 9 and p >= 1)]
        if bin_:
            lines.append(f"{low / 10:.1f}–{(low + 1) / 10:.1f}       {sum(bin_) / len(bin_):.2f}    {len(bin_)}")
    return "\n".join(lines)


def sure_from(judged: Sequence[tuple[str, float, bool]]) -> dict[str, float]:
    """From which probability on a practice is sure (PRECISE of them right): "" for all, and by id where it errs more; the practice's own cases are mixed with all."""

    def precise(cases: Sequence[tuple[float, bool]], general: float) -> float:
        for threshold in STEPS:
            above = [right for p, right in cases if p >= threshold]
            if (sum(above) + PRIOR_CASES * general) / (len(above) + PRIOR_CASES) >= PRECISE:
                return threshold
        return NEVER

    every = [(p, right) for _, p, right in judged]
    common = next(t for t in STEPS if _share([r for p, r in every if p >= t]) >= PRECISE)
    general = _share([r for p, r in every if p >= common])
    sure = {"": common}
    for id_ in sorted({id_ for id_, _, _ in judged}):
        own = [(p, right) for of, p, right in judged if of == id_ and p >= common]
        if (threshold := precise(own, general)) > common:
            sure[id_] = threshold
    return sure


def reliability_table(judged: Sequence[tuple[str, float, bool]], texts: int) -> str:
    """A line a practice: of what the weights in use would call sure, how many were right, each judged by weights that never saw its province."""
    sure: dict[str, list[bool]] = {}
    for id_, probability, right in judged:
        if probability >= threshold_in_use(id_):
            sure.setdefault(id_, []).append(right)
    lines = [f"# texts={texts}", "practice,sure,right"]
    lines += [f"{id_},{len(found)},{sum(found)}" for id_, found in sorted(sure.items())]
    return "\n".join(lines) + "\n"


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 1.0


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: round(weight, 3) for name, weight in sorted(weights.items()) if abs(weight) >= 0.005}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("annotated", type=Path, nargs="+")
    parser.add_argument("--all", action="store_true", help="also judge with all wordings")
    parser.add_argument("--write", action="store_true", help="fit on everything and replace the weights")
    parser.add_argument(
        "--reliability", action="store_true", help="replace the table of how many of the sure were right"
    )
    arguments = parser.parse_args()
    texts = [text for path in arguments.annotated for text in load(path)]
    without = unfitted(texts)
    learnt = [*texts, *without]
    totals, beliefs = cross_validate(learnt, without)
    for name, by_threshold in totals.items():
        for threshold, counts in by_threshold.items():
            print(_line(f"{name} {threshold:.2f} unfitted", counts))
    if arguments.all:
        for name, by_threshold in cross_validate(learnt, texts)[0].items():
            for threshold, counts in by_threshold.items():
                print(_line(f"{name} {threshold:.2f} all wordings", counts))
    line = calibration([(belief, right) for _, belief, right, composed in beliefs if not composed])
    sure = sure_from(
        [(id_, calibrated(belief, line), right) for id_, belief, right, composed in beliefs if not composed]
    )
    print(reliability([(calibrated(belief, line), right) for _, belief, right, composed in beliefs if not composed]))
    if arguments.reliability:
        told = [(id_, calibrated(belief), right) for id_, belief, right, composed in beliefs if not composed]
        real_texts = sum(text.about and not text.composed for text in texts)
        RELIABILITY.write_text(reliability_table(told, real_texts), encoding="utf-8")
    if arguments.write:
        counted: dict[float, Counter[str]] = {threshold: Counter() for threshold in THRESHOLDS}
        real = {text.name for text in texts if not text.composed}
        for name, by_threshold in totals.items():
            for threshold, counts in by_threshold.items() if name in real else ():
                counted[threshold].update(counts)
        best = max(counted, key=lambda t: sum(_f1s(counted[t])))
        weights = fit(learnt)
        data = {
            "threshold": best,
            "calibration": line,
            "sure": sure,
            "weights": _rounded(weights.belief),
            "proof": _rounded(weights.proof),
        }
        WEIGHTS.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        for name in dict.fromkeys(text.name for text in texts):
            of_file = judge([text for text in texts if text.name == name], weights, best)
            print(_line(f"written; {name}, learnt from", of_file))


if __name__ == "__main__":
    main()
