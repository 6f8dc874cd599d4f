"""Learn how far industries, firms, origins and events are to be believed: `python -m benchmarks.train_subjects TEXTS.jsonl… --gold SUBJECTS.jsonl [--write]`.

TEXTS have id, title, text, topic, regions a line; GOLD has by the same id industries, origins (ids), firms (name, role), events (id, quote), genre. Prints F1
by cross-validation over provinces (no province on both sides) and what is right of the sure ones; `--write` fits on everything and replaces
indexer/insight/subjects/weights.json. Needs scikit-learn (a development dependency).

A logistic regression over named features of candidates. A wording that the texts of one province alone have gets no weight of its own. The
probabilities are Platt's: a slope and a shift fitted to the sums of texts that were left out.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from indexer.insight.places import find_places
from indexer.insight.plain_text import Plain, plain
from indexer.insight.subject_place import find_subject
from indexer.insight.subjects.events import event_candidates
from indexer.insight.subjects.firms import firm_candidates
from indexer.insight.subjects.genre import genre_of
from indexer.insight.subjects.industries import industry_candidates
from indexer.insight.subjects.learnt import Candidate, Kind
from indexer.insight.subjects.origins import origin_candidates
from indexer.insight.subjects.signs import Signs

WEIGHTS = Path(__file__).parents[1] / "indexer" / "insight" / "subjects" / "weights.json"
FOLDS = 8
# so many of the sure ones must be right when left out; of origins, which readers agree on least, fewer are to be had
SURE: Mapping[Kind, float] = {"industries": 0.92, "firms": 0.92, "origins": 0.85, "events": 0.92}
STRENGTH: Mapping[Kind, float] = {"industries": 0.1, "firms": 0.5, "origins": 0.7, "events": 0.4}
LEAST: Mapping[Kind, int] = {
    "industries": 3,
    "firms": 3,
    "origins": 7,
    "events": 5,
}  # provinces whose texts have a feature that is learnt
FALLBACK = 0.8  # probability of sure ones where too few are so often right
OWN = ("words ", "weak ", "ends ", "body ")  # features of one wording


@dataclass(frozen=True)
class Text:
    id: str
    province: str
    wanted: Mapping[Kind, frozenset[str]]
    quotes: Mapping[str, tuple[int, int]]  # of events
    found: Mapping[Kind, Sequence[Candidate]]
    body: Plain
    genre: tuple[str, str]  # read, wanted


def flat(name: str) -> str:
    return re.sub(r"[\s()（）·]", "", name).lower()


def same_firm(a: str, b: str) -> bool:
    a, b = flat(a), flat(b)
    return min(len(a), len(b)) >= 2 and (a in b or b in a)


def load(paths: Iterable[Path], gold: Path) -> list[Text]:
    """Texts on the subject with their candidates."""
    rows = {row["id"]: row for path in paths for row in map(json.loads, path.open(encoding="utf-8"))}
    texts = []
    for wanted in map(json.loads, gold.open(encoding="utf-8")):
        row = rows[wanted["id"]]
        heading, body = plain(row["title"] or ""), plain(row["text"])
        genre = (genre_of(heading, body), wanted["genre"])
        if not row["topic"]:
            texts.append(Text(row["id"], "", wanted={}, quotes={}, found={}, body=body, genre=genre))
            continue
        titled, mentions = find_places(body.text, heading.text)
        regions = find_subject(body.text, titled, mentions, heading.text).regions
        signs = Signs(body)
        named = firm_candidates(heading, body, signs, mentions, regions)
        origins = origin_candidates(body, signs, named, mentions=mentions, titled=titled, subject=regions)
        quotes = {}
        for event in wanted["events"]:
            quote = plain(event["quote"]).text
            at = body.text.find(quote)
            if at >= 0:
                quotes[event["id"]] = (at, at + len(quote))
        provinces = Counter(code[:2] for code in row["regions"])
        texts.append(
            Text(
                row["id"],
                provinces.most_common(1)[0][0] if provinces else row["id"],
                wanted={
                    "industries": frozenset(wanted["industries"]),
                    "origins": frozenset(wanted["origins"]),
                    "events": frozenset(event["id"] for event in wanted["events"]),
                    "firms": frozenset(plain(firm["name"]).text for firm in wanted["firms"]),
                },
                quotes=quotes,
                found={
                    "industries": industry_candidates(heading, body, signs),
                    "origins": origins,
                    "events": event_candidates(heading, body, signs, genre[0]),
                    "firms": named,
                },
                body=body,
                genre=genre,
            )
        )
    return texts


def rows_of(texts: Iterable[Text], kind: Kind) -> list[tuple[Candidate, bool, float]]:
    """Candidates to learn from: whether each is right, and what it counts."""
    found = []
    for text in texts:
        wanted = text.wanted[kind]
        for one in text.found[kind]:
            right = any(same_firm(one.id, name) for name in wanted) if kind == "firms" else one.id in wanted
            worth = 1.0
            if kind == "events" and right and one.id in text.quotes:
                start, end = text.quotes[one.id]
                if not (one.start < end and start < one.end):
                    worth = 0.12 if text.body.sentence_at(one.start) == text.body.sentence_at(start) else 0.05
            found.append((one, right, worth))
    return found


def common(texts: Sequence[Text], kind: Kind) -> set[str]:
    """Features that the texts of several provinces have; of one wording, of two."""
    provinces = defaultdict(set)
    for text in texts:
        for one in text.found[kind]:
            for name, value in one.features.items():
                if value:
                    provinces[name].add(text.province)
    return {name for name, several in provinces.items() if len(several) >= (2 if name.startswith(OWN) else LEAST[kind])}


def learn(texts: Sequence[Text], kind: Kind) -> dict[str, float]:
    """Weights by feature."""
    data = rows_of(texts, kind)
    known = common(texts, kind)
    kept = [{name: value for name, value in one.features.items() if value and name in known} for one, _, _ in data]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(kept)
    model = LogisticRegression(C=STRENGTH[kind], fit_intercept=False, max_iter=3000)
    model.fit(matrix, [right for _, right, _ in data], sample_weight=[worth for _, _, worth in data])
    return {
        str(name): round(float(weight), 3)
        for name, weight in zip(vectorizer.feature_names_, model.coef_[0], strict=True)
        if abs(weight) >= 0.005
    }


def totals(text: Text, kind: Kind, weights: Mapping[str, float]) -> dict[str, float]:
    """The best sum of each id."""
    best: dict[str, float] = {}
    for one in text.found[kind]:
        total = sum(value * weights.get(name, 0.0) for name, value in one.features.items())
        best[one.id] = max(total, best.get(one.id, -99.0))
    return best


def hits(kind: Kind, told: Iterable[str], wanted: Iterable[str]) -> list[bool]:
    """Of each id told, in order, whether it is right; a wanted one counts once."""
    if kind != "firms":
        return [one in set(wanted) for one in told]
    left, found = list(wanted), []
    for one in told:
        hit = next((name for name in left if same_firm(one, name)), None)
        found.append(hit is not None)
        if hit is not None:
            left.remove(hit)
    return found


def f1(right: int, told: int, wanted: int) -> float:
    return 2 * right / (told + wanted) if told + wanted else 0.0


def crossed(texts: Sequence[Text], kind: Kind) -> list[tuple[Text, dict[str, float]]]:
    """Each text with the sums that weights learnt without its province give."""
    by_province = defaultdict(list)
    for text in texts:
        by_province[text.province].append(text)
    folds: list[list[Text]] = [[] for _ in range(FOLDS)]
    for several in sorted(by_province.values(), key=lambda several: (-len(several), several[0].province)):
        min(folds, key=len).extend(several)
    answer = []
    for fold in folds:
        left_out = {text.id for text in fold}
        weights = learn([text for text in texts if text.id not in left_out], kind)
        answer += [(text, totals(text, kind, weights)) for text in fold]
    return answer


def fitted(texts: Sequence[Text], kind: Kind, verbose: bool) -> dict[str, Any]:
    """What weights.json keeps for one kind."""
    left_out = crossed(texts, kind)
    sums, rights = [], []
    for text, best in left_out:
        ids = sorted(best, key=lambda one: -best[one])
        sums += [best[one] for one in ids]
        rights += hits(kind, ids, text.wanted[kind])
    platt = LogisticRegression(C=100.0).fit(np.array(sums).reshape(-1, 1), rights)
    slope, shift = float(platt.coef_[0][0]), float(platt.intercept_[0])
    chance = [1 / (1 + math.exp(-(slope * total + shift))) for total in sums]
    pairs = sorted(zip(chance, rights, strict=True), reverse=True)
    wanted = sum(len(text.wanted[kind]) for text in texts)
    best_f1, told, right = 0.0, 0.5, 0
    sure, sure_right = FALLBACK, (0, 0)
    for number, (probability, hit) in enumerate(pairs, 1):
        right += hit
        if f1(right, number, wanted) > best_f1:
            best_f1, told = f1(right, number, wanted), probability
        if right / number >= SURE[kind] and number >= 10:
            sure, sure_right = probability, (right, number)
    reached = sum(
        any(same_firm(one.id, name) if kind == "firms" else one.id == name for one in text.found[kind])
        for text in texts
        for name in text.wanted[kind]
    )
    given = sum(p >= told for p, _ in pairs)
    good = sum(hit for p, hit in pairs if p >= told)
    print(
        f"{kind:11} left out F1 {best_f1:.3f} (P {good / given:.3f} R {good / wanted:.3f}; candidates hold {reached} of {wanted}) told from {told:.2f}; sure from {sure:.2f}: {sure_right[0]} of {sure_right[1]}"
    )
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        within = [hit for p, hit in pairs if low <= p < low + 0.2]
        if within:
            print(f"    {low:.1f}–{low + 0.2:.1f}: {sum(within) / len(within):.2f} of {len(within)}")
    if verbose:
        for text, best in left_out:
            ids = [one for one in best if 1 / (1 + math.exp(-(slope * best[one] + shift))) >= told]
            wrong = [
                one
                for one in ids
                if not any(same_firm(one, n) if kind == "firms" else one == n for n in text.wanted[kind])
            ]
            lacks = [
                n
                for n in text.wanted[kind]
                if not any(same_firm(one, n) if kind == "firms" else one == n for one in ids)
            ]
            never = [
                n
                for n in lacks
                if not any(same_firm(one.id, n) if kind == "firms" else one.id == n for one in text.found[kind])
            ]
            if wrong or lacks:
                print(f"  {text.id} {kind}: lacks {sorted(lacks)} (no candidate {never}), has {sorted(wrong)}")
    return {
        "weights": dict(sorted(learn(texts, kind).items())),
        "told": round(told, 3),
        "sure": round(sure, 3),
        "slope": round(slope, 3),
        "shift": round(shift, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", choices=get_args(Kind))
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    texts = load(arguments.texts, arguments.gold)
    print(f"genre {sum(read == wanted for read, wanted in (t.genre for t in texts)) / len(texts):.3f}")
    if arguments.verbose:
        print([(t.id, *t.genre) for t in texts if t.genre[0] != t.genre[1]])
    on_topic = [text for text in texts if text.wanted]
    learnt = {
        kind: fitted(on_topic, kind, arguments.verbose)
        for kind in ([arguments.only] if arguments.only else get_args(Kind))
    }
    if arguments.write:
        WEIGHTS.write_text(json.dumps(learnt, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
