"""您是不是要找: words that sound like those typed, or differ in one character, and do occur, where what was typed does not."""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from crawler.normalisation import normalise
from crawler.sources import regions
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.lexicon import lexicon
from indexer.analysis.pinyin import key, reading
from indexer.engines.base import Engine, Request
from indexer.insight.practices import rules
from indexer.query.parser import parse
from indexer.search.planner import clause

_RUN = re.compile("[\u4e00-\u9fd5]{2,}")
_LETTERS = re.compile(r"(?<![a-z:])[a-z]{4,40}(?![a-z:])")
_PINYIN = re.compile(r"[a-z]{2,}(?:[ '][a-z]+)*")
_SYNTAX = re.compile('["“”„「」『』():：（）*]')
_SPACES = re.compile(r"[ ']+")
_LONGEST = 8
_SURE = 4  # characters of a stretch that is not met by chance
_TRIED = 12  # corrected queries that are put to the engine
_FEW = 4  # of those, where the query itself finds something
_COMMON = 20_000  # words of the archive that are known, the most frequent


def did_you_mean(engine: Engine, query: str, total: int = 0) -> str | None:
    """A query like this one that finds something, or None. `total`: what the query itself finds. Raises EngineError.

    A typing error may find something, as its characters stand apart in some articles (基金招上). Then a name of the subject or a place that sounds like a
    stretch of three characters or more is offered, if that stretch stands together nowhere.
    """
    if total:
        return next(_misspelt(engine, normalise(query)), None)
    known = _known(engine.frequencies())
    best: tuple[int, str] | None = None
    for n, corrected in enumerate(_corrected(normalise(query), known)):
        if n >= _TRIED:
            break
        total = _count(engine, corrected)
        if total and (
            best is None or total > best[0] * 4
        ):  # the first are the likelier; a later one must find much more
            best = (total, corrected)
    return best[1] if best else None


def sure_correction(engine: Engine, query: str) -> str | None:
    """The query that was meant, where what was typed finds nothing and is surely a slip, or pinyin; else None. Raises EngineError.

    A slip is a stretch of three characters or more that stands nowhere, sounds like a name of the subject that does occur, and is as long. One of four or more
    is a slip too where the query finds something: its characters, strewn over a text (以商招伤).
    """
    text = normalise(query)
    if _SYNTAX.search(query):
        return None  # whoever writes conditions or quotes means what is written
    if _PINYIN.fullmatch(text):
        spelt = _spelt(text, engine)
        if not spelt or _count(engine, query):
            return None
        return next((found for found in spelt if _count(engine, found)), None)
    slips = [(at, part, word) for at, part in _stretches(text, 3) if (word := _meant(part))]
    if not slips:
        return None
    if _count(engine, query):
        slips = [slip for slip in slips if len(slip[1]) >= _SURE]
    done: set[int] = set()
    for at, part, word in slips:
        around = set(range(at, at + len(part)))
        if around & done or _count(engine, f'"{part}"') or not _count(engine, f'"{word}"'):
            continue
        done |= around
        text = text[:at] + word + text[at + len(part) :]
    return text if done else None


def _count(engine: Engine, query: str) -> int:
    return engine.execute(Request(clause(parse(query).root, engine.frequent()), top=0)).total


def _meant(part: str) -> str | None:
    """The one name of the subject that sounds like this stretch, is as long, and shares at least half of its characters; None for none, and for a name itself."""
    if part in _subject():
        return None
    like = _sounding_alike(part, _by_place(_subject()))
    return like[0] if len(like) == 1 else None


def _sounding_alike(part: str, by_place: Mapping[tuple[int, int, str], Sequence[str]]) -> list[str]:
    """Names as long as a stretch that sound like it and share at least half of its characters. What shares too few is told by its characters, before pinyin is loaded."""
    shared = Counter(word for at, character in enumerate(part) for word in by_place.get((len(part), at, character), ()))
    return [word for word, n in shared.items() if n * 2 >= len(part) and word != part and key(word) == key(part)]


@cache
def _by_place(names: frozenset[str]) -> Mapping[tuple[int, int, str], Sequence[str]]:
    """Names by their length and each of their characters at its place."""
    found: dict[tuple[int, int, str], list[str]] = defaultdict(list)
    for word in sorted(names):
        for at, character in enumerate(word):
            found[len(word), at, character].append(word)
    return dict(found)


def _spelt(text: str, engine: Engine) -> list[str]:
    """What syllables between spaces spell: as few and long names of the subject as can be, and one for each stretch between spaces; where that is no name, the word that the archive has most."""
    parts = text.replace("'", " ").split()
    names = _by_letters()
    out, at = [], 0
    while at < len(parts):
        for end in range(len(parts), at, -1):
            if word := names.get("".join(parts[at:end])):
                out.append(word)
                at = end
                break
        else:
            if not (others := _known(engine.frequencies()).by_letters.get(parts[at])):
                return []
            out.append(others[0])
            at += 1
    each = [names[part] for part in parts if part in names]
    return list(dict.fromkeys([" ".join(out), *([" ".join(each)] if len(each) == len(parts) else [])]))


def _misspelt(engine: Engine, query: str) -> Iterator[str]:
    counted = engine.frequencies().counts.get("words", {})
    tried = 0
    for at, part in _stretches(query, 3):
        if part in counted or part in _names():
            continue
        for word in _sounding_alike(part, _by_place(_names())):
            if tried >= _FEW:
                return
            tried += 1
            corrected = query[:at] + word + query[at + len(part) :]
            if not _count(engine, f'"{part}"') and _count(engine, f'"{word}"') and _count(engine, corrected):
                yield corrected


class _Known:
    """Words that a reader may have meant: word → weight, and ways to them."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self.by_sound: dict[str, list[str]] = defaultdict(list)
        self.by_letters: dict[str, list[str]] = defaultdict(list)
        self.by_gap: dict[str, list[str]] = defaultdict(list)
        for word in sorted(weights, key=lambda w: (-weights[w], w)):
            self.by_sound[key(word)].append(word)
            self.by_letters["".join(map(reading, word))].append(word)
            if len(word) > 2:
                for at in range(len(word)):
                    self.by_gap[f"{word[:at]}?{word[at + 1 :]}"].append(word)


_tables: list[tuple[Frequencies, _Known]] = []
_making = threading.Lock()


def _known(table: Frequencies) -> _Known:
    """The words of an index, made when they are first asked for."""
    with _making:
        if not _tables or _tables[0][0] is not table:
            weights = dict.fromkeys(_names(), 1.0)
            counted = table.counts.get("words", {})
            words = sorted((w for w in counted if len(w) > 1 and _RUN.fullmatch(w)), key=lambda w: (-counted[w], w))
            weights.update((word, 2.0 + counted[word]) for word in words[:_COMMON])
            _tables[:] = [(table, _Known(weights))]
        return _tables[0][1]


@cache
def _by_letters() -> dict[str, str]:
    """Names of the subject, and words that everybody types with them, by their pinyin; of equals the shortest first."""
    words = sorted(_subject() | {"招商", "引资", "园区", "项目", "企业", "政策"}, key=lambda word: (len(word), word))
    found: dict[str, str] = {}
    for word in words:
        found.setdefault("".join(map(reading, word)), word)
    return found


@cache
def _subject() -> frozenset[str]:
    named = {normalise(rule.name) for rule in rules().values()} | set(lexicon().words) | set(lexicon().known)
    return frozenset(name for name in named if _RUN.fullmatch(name))


@cache
def _names() -> frozenset[str]:
    named = set(_subject())
    named |= {name for region in regions.regions() for name in (region.name, region.short)}
    return frozenset(name for name in named if _RUN.fullmatch(name))


def _corrected(query: str, known: _Known) -> Iterator[str]:
    """Queries with one stretch put right: by sound before by sight, the longest first, then what keeps most of its characters, then the commonest."""
    found: list[tuple[int, int, int, float, str]] = []
    typed = list(_LETTERS.finditer(query))
    if len(typed) > 1:
        together = _SPACES.sub("", query)  # feidi zhaoshang: one word typed in two
        found += [(0, -len(word), 0, -known.weights[word], word) for word in known.by_letters.get(together, ())[:2]]
        every = _LETTERS.sub(lambda m: known.by_letters.get(m.group(), [m.group()])[0], query)
        found.append((0, 0, 0, 0.0, every))
    for match in typed:
        for word in known.by_letters.get(match.group(), ())[:2]:
            found.append((0, -len(word), 0, -known.weights[word], query[: match.start()] + word + query[match.end() :]))
    for start, part in _stretches(query, 2):
        for step, word in _alike(part, known):
            shared = sum(a == b for a, b in zip(part, word, strict=True))
            put = query[:start] + word + query[start + len(part) :]
            found.append((step, -len(part), -shared, -known.weights[word], put))
    yield from dict.fromkeys(text for *_, text in sorted(found) if text != query)


def _stretches(query: str, least: int) -> Iterator[tuple[int, str]]:
    """(offset, characters) of every stretch of at least so many Han characters, the longest of a run first."""
    for match in _RUN.finditer(query):
        run = match.group()
        for length in range(min(_LONGEST, len(run)), least - 1, -1):
            for at in range(len(run) - length + 1):
                yield match.start() + at, run[at : at + length]


def _alike(part: str, known: _Known) -> Iterator[tuple[int, str]]:
    """(0, word) for words that sound so, (1, word) for longer ones that differ in one character."""
    for word in known.by_sound.get(key(part), ()):
        if word != part and len(word) == len(part):
            yield 0, word
    for gap in range(len(part) if len(part) > 2 else 0):
        near = (word for word in known.by_gap.get(f"{part[:gap]}?{part[gap + 1 :]}", ()) if word != part)
        yield from ((1, word) for word in islice(near, 2))
