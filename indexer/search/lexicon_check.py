"""`lexicon check`: words of the lexicon that have no effect, and words that do harm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from indexer.analysis.lexicon import Lexicon
from indexer.analysis.segmentation import PythonSegmenter, RustSegmenter, Segmenter
from indexer.engines.base import Engine, Request
from indexer.search.planner import together

RARE = 0.1  # share of articles below which a token of its own is not worth its room
OFTEN = 0.3  # share above which a word of three characters or more deserves one


@dataclass(frozen=True, slots=True)
class Remark:
    """`harm`: the word makes something worse; `idle`: it changes nothing. `reason` is one Chinese sentence."""

    word: str
    level: Literal["harm", "idle", "hint"]
    reason: str


def check(lexicon: Lexicon, engine: Engine | None = None) -> list[Remark]:
    """Remarks on the user words, equivalents and frequent words; with an engine also by what the archive holds. Raises EngineError."""
    return [*_words(lexicon), *_equivalents(lexicon), *(_archive(lexicon, engine) if engine else ())]


def _words(lexicon: Lexicon) -> Iterator[Remark]:
    plain, ours = _segmenter({}), _segmenter(dict(lexicon.words))
    for word in lexicon.words:
        if ours.cut(word) != [word]:
            yield Remark(word, "idle", f"写了也切不出来，仍切成“{'／'.join(ours.cut(word))}”，频次要更高。")
        elif plain.cut(word) == [word]:
            yield Remark(word, "idle", "不写也已是一个词。")
        for longer in lexicon.words:
            if word != longer and word in longer and ours.cut(longer) != [longer]:
                yield Remark(word, "harm", f"把更长的词“{longer}”切开了。")


def _broken(lexicon: Lexicon, engine: Engine) -> Iterator[Remark]:
    """Words that, where they overlap another in texts of the archive, cut that one up."""
    plain, ours = _segmenter({}), _segmenter(dict(lexicon.words))
    for word in (*lexicon.words, *lexicon.known):
        for other in lexicon.words:
            overlap = next((n for n in range(min(len(word), len(other)) - 1, 0, -1) if word.endswith(other[:n])), 0)
            joined = word + other[overlap:]
            if (
                overlap < 1
                or word in other
                or other in word
                or plain.cut(joined)[0] != word
                or ours.cut(joined)[0] in (word, joined)
            ):
                continue
            if found := engine.execute(Request(together(joined), top=0)).total:
                yield Remark(other, "harm", f"在“{joined}”（{found} 篇）里切坏了“{word}”。")


def _equivalents(lexicon: Lexicon) -> Iterator[Remark]:
    for word, others in lexicon.equivalents.items():
        for other in others:
            if word in other:
                yield Remark(other, "idle", f"本来就含有“{word}”，查“{word}”时已能找到。")


def _archive(lexicon: Lexicon, engine: Engine) -> Iterator[Remark]:
    table = engine.frequencies()
    total = engine.health().documents
    if not total:
        return
    yield from _broken(lexicon, engine)
    known = engine.frequent()
    for word in lexicon.words:
        found = engine.execute(Request(together(word, frequent=known), top=0)).total
        if not found:
            yield Remark(word, "idle", "文库里还没有文章写到它。")
        elif len(word) > 2 and word not in lexicon.frequent and found / total > OFTEN:
            yield Remark(word, "hint", f"{found / total:.0%} 的文章都有，可写进 frequent，检索更快。")
    for word in sorted(lexicon.frequent):
        found = engine.execute(Request(together(word, frequent=known), top=0)).total
        if found / total < RARE:
            yield Remark(word, "hint", f"只有 {found / total:.0%} 的文章有，不必写在 frequent 里。")
    for word, count in table.counts.get("words", {}).items():
        if word in lexicon.function or not table.documents:
            continue
        if len(word) > 2 and word not in lexicon.frequent and count / table.documents > OFTEN and not word.isascii():
            yield Remark(word, "hint", f"{count / table.documents:.0%} 的文章都有，可写进 frequent，检索更快。")


def _segmenter(words: dict[str, int]) -> Segmenter:
    try:
        return RustSegmenter(words)
    except ImportError:
        return PythonSegmenter(words)
