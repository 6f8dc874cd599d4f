"""Learn what surrounds the subject: `python -m benchmarks.train_topic ANNOTATED.jsonl… [--write]`.

ANNOTATED has one text a line: title, text, topic; a line whose `judged` is "borderline" is left out, one whose `origin_repo` is "composed" counts less.
A file named off.jsonl holds pages that have none of the subject's words: nobody annotated them, all are off it. The examples of practices.toml are learnt from too.
Prints precision and recall by cross-validation (copies of one text on one side); `--write` fits on everything and replaces
crawler/topic_weights.json. Needs scikit-learn (a development dependency).

A logistic regression over the log-odds of the word lists, the length of a short text, whether any word was met at all, and the pairs of Han characters
(each once, divided by the root of how many are known). Pairs that few texts have are left out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from crawler.topic import TopicFeatures, features
from indexer.insight.practices import rules

WEIGHTS = Path(__file__).parents[1] / "crawler" / "topic_weights.json"
FOLDS = 8
STRENGTH = 10.0  # scikit-learn's C: the pairs are many and each is small
LEXICON_SCALE, OTHER_SCALE = 1.0, 0.5  # the smaller, the more the model pays for leaning on it
LEAST = 0.05  # a pair that weighs less is not written
TEXTS = 3  # a pair that fewer texts have is left out
COMPOSED, OFF, EXAMPLE = 0.7, 0.5, 0.3  # what a text counts that is not of the annotated pages


@dataclass(frozen=True)
class Text:
    name: str
    about: bool
    counts: float
    shows: TopicFeatures
    copy: str  # texts with the same one are copies


def load(path: Path) -> list[Text]:
    texts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("judged") == "borderline":
            continue
        counts = OFF if path.name == "off.jsonl" else COMPOSED if row.get("origin_repo") == "composed" else 1.0
        shows = features(row.get("title") or "", row["text"])
        texts.append(Text(path.name, bool(row["topic"]), counts, shows, row["text"][-40:]))
    return texts


def examples() -> list[Text]:
    """The invented sentences of practices.toml."""
    return [
        Text("practices.toml", about, EXAMPLE, features("", text), text)
        for rule in rules().values()
        for about, several in ((True, rule.examples), (False, rule.counterexamples))
        for text in several
    ]


def rows(texts: Sequence[Text], pairs: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix, hstack

    at = {pair: i for i, pair in enumerate(pairs)}
    data, columns, ends = [], [], [0]
    for text in texts:
        known = [at[pair] for pair in text.shows.pairs if pair in at]
        columns += known
        data += [len(known) ** -0.5] * len(known) if known else []
        ends.append(len(columns))
    table = csr_matrix((data, columns, ends), shape=(len(texts), len(pairs)))
    other = [
        (LEXICON_SCALE * t.shows.lexicon, OTHER_SCALE * t.shows.length, OTHER_SCALE * (not t.shows.matched))
        for t in texts
    ]
    return hstack([table, csr_matrix(np.array(other))]).tocsr()


def common_pairs(texts: Sequence[Text]) -> list[str]:
    often = Counter(pair for text in texts for pair in text.shows.pairs)
    return sorted(pair for pair, n in often.items() if n >= TEXTS)


def fit(texts: Sequence[Text], pairs: Sequence[str]) -> Any:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, solver="liblinear", dual=True, max_iter=3000, random_state=0)
    return model.fit(rows(texts, pairs), [t.about for t in texts], sample_weight=[t.counts for t in texts])


def cross_validate(texts: Sequence[Text]) -> npt.NDArray[np.float64]:
    """Log-odds of each text by weights learnt without it."""
    folds: dict[str, int] = {}
    random = Random(0)
    fold = np.array([folds.setdefault(text.copy, random.randrange(FOLDS)) for text in texts])
    odds = np.zeros(len(texts))
    for k in range(FOLDS):
        learnt = [t for t, f in zip(texts, fold, strict=True) if f != k]
        pairs = common_pairs(learnt)
        odds[fold == k] = fit(learnt, pairs).decision_function(
            rows([t for t, f in zip(texts, fold, strict=True) if f == k], pairs)
        )
    return odds


def report(texts: Sequence[Text], odds: npt.NDArray[np.float64], how: str) -> None:
    for name in sorted({text.name for text in texts}):
        found = [(o >= 0, t.about) for t, o in zip(texts, odds, strict=True) if t.name == name]
        right = sum(f and g for f, g in found)
        said, gold = sum(f for f, _ in found), sum(g for _, g in found)
        print(
            f"{how} {name:16} P {right / max(1, said):.3f} R {right / max(1, gold):.3f} ({right}/{said}/{gold} of {len(found)})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("annotated", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="fit on everything and replace the weights")
    arguments = parser.parse_args()
    texts = [*(text for path in arguments.annotated for text in load(path)), *examples()]
    report(texts, cross_validate(texts), "without it")
    if arguments.write:
        pairs = common_pairs(texts)
        model = fit(texts, pairs)
        report(texts, model.decision_function(rows(texts, pairs)), "learnt from")
        *weights, lexicon, length, silent = (float(w) for w in model.coef_[0])
        data = {
            "bias": round(float(model.intercept_[0]), 3),
            "lexicon": round(lexicon * LEXICON_SCALE, 4),
            "length": round(length * OTHER_SCALE, 3),
            "silent": round(silent * OTHER_SCALE, 3),
            "pairs": {pair: round(w, 2) for pair, w in zip(pairs, weights, strict=True) if abs(w) >= LEAST},
        }
        WEIGHTS.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
