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
from indexer.insight.practices import KINDS, Candidate, candidates, evidence, is_wording, judged, with_company

WEIGHTS = Path(__file__).parents[1] / "indexer" / "insight" / "practices_weights.json"
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
    group: str
    composed: bool
    practices: Mapping[str, tuple[int, int]]
    about: bool
    plain: Plain
    candidates: Sequence[Candidate]


def load(path: Path) -> list[Text]:
    texts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        provinces = Counter(code[:2] for code in row["regions"])
        body = plain(row["text"])
        texts.append(
            Text(
                provinces.most_common(1)[0][0] if provinces else row["id"],
                row.get("origin_repo") == "composed",
                practices={p["id"]: (p["start"], p["end"]) for p in row["practices"]},
                about=score(row["title"] or "", row["text"]).on_topic,
                plain=body,
                candidates=candidates(body),
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
        for candidate in text.candidates:
            gold = text.practices.get(candidate.practice)
            sentence = text.plain.sentences[candidate.sentence]
            start, end = text.plain.span(sentence.start, sentence.end)
            hit = gold is not None and start < gold[1] and gold[0] < end
            row = {n: value * scale(n) for n, value in candidate.features.items() if n not in how.but}
            if text.composed:
                row |= {f"composed {kind}": OWN_RATE * row[kind] for kind in ("bias", *KINDS)}
            rows.append(row)
            right.append(int(hit))
            counts.append(
                (how.composed if text.composed else 1.0) * (1.0 if hit or gold is None else how.other_sentence)
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
        for id_, judgement in judged(text.candidates if text.about else (), weights.belief, weights.proof).items():
            if judgement.belief < threshold:
                continue
            counts["found"] += 1
            if id_ in text.practices:
                counts["right"] += 1
                start, end = text.plain.span(*evidence(text.plain, judgement.proof))
                counts["evidence"] += start < text.practices[id_][1] and text.practices[id_][0] < end
    return counts


def f1(right: int, found: int, annotated: int) -> float:
    return 2 * right / (found + annotated) if found + annotated else 0.0


def cross_validate(texts: Sequence[Text], judged: Sequence[Text]) -> dict[float, Counter[str]]:
    """Counts by threshold for the texts `judged`, each by weights learnt from those of `texts` that are of other provinces; composed ones left out."""
    groups = sorted({text.group for text in texts})
    Random(0).shuffle(groups)
    size = Counter(text.group for text in texts)
    folds: list[set[str]] = [set() for _ in range(FOLDS)]
    for group in sorted(groups, key=lambda g: -size[g]):
        min(folds, key=lambda fold: sum(size[g] for g in fold)).add(group)
    totals: dict[float, Counter[str]] = {threshold: Counter() for threshold in THRESHOLDS}
    for fold in folds:
        weights = fit([text for text in texts if text.group not in fold])
        for threshold, total in totals.items():
            total.update(judge([t for t in judged if t.group in fold and not t.composed], weights, threshold))
    return totals


def _f1s(c: Mapping[str, int]) -> tuple[float, float]:
    """Of practices, and of practices with the right evidence."""
    return f1(c["right"], c["found"], c["annotated"]), f1(c["evidence"], c["found"], c["annotated"])


def _line(name: str, c: Mapping[str, int]) -> str:
    return (
        f"{name}  F1 {f1(c['right'], c['found'], c['annotated']):.3f}  P {c['right'] / c['found']:.3f}  R {c['right'] / c['annotated']:.3f}"
        f"  with evidence {f1(c['evidence'], c['found'], c['annotated']):.3f}"
    )


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: round(weight, 3) for name, weight in sorted(weights.items()) if abs(weight) >= 0.005}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("annotated", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="fit on everything and replace the weights")
    arguments = parser.parse_args()
    texts = [text for path in arguments.annotated for text in load(path)]
    without = unfitted(texts)
    learnt = [*texts, *without]
    unfitted_totals = cross_validate(learnt, without)
    for threshold, counts in unfitted_totals.items():
        print(_line(f"{threshold:.2f} unfitted", counts))
    for threshold, counts in cross_validate(learnt, texts).items():
        print(_line(f"{threshold:.2f} all wordings", counts))
    if arguments.write:
        best = max(unfitted_totals, key=lambda t: sum(_f1s(unfitted_totals[t])))
        weights = fit(learnt)
        data = {"threshold": best, "weights": _rounded(weights.belief), "proof": _rounded(weights.proof)}
        WEIGHTS.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        print(_line("written; on the texts that were learnt from", judge(texts, weights, best)))


if __name__ == "__main__":
    main()
