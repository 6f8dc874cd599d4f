"""Detects a change of a site's layout on the first night: what the pages of one night show that earlier ones did not."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import median

LEAST_BEFORE = 4  # pages to compare with; fewer say nothing
LEAST = 2  # pages of tonight
LEAST_ALIKE = 3  # of which the same may be said; two that are alike may be one article, published twice
CHANCE = 5e-4  # what tonight shows would come about by chance in fewer nights than this, were all as before
CHANCE_UNLIKE = 2e-3  # the same of titles that are not the list's: these hardly happen at all
CHANCE_OFF = 1e-5  # the same of pages off the subject: those come in spells
ALIKE = 0.5  # share of titles, or of a body's characters, from which articles count as alike
MORE = 0.3  # and by how much more than before
DROP = 0.2  # of the median confidence (0–1)
LEAST_ENTRIES, FEWER = 6, 3  # a list that showed so many and now shows less than a third

_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Read:
    """What extraction made of one page. `title` and `text` are empty where there was no article, `listed` is its title on the list, if any."""

    capture: int
    url: str
    canonical_url: str
    outcome: str  # article, rejected, not_article, failed
    reason: str = ""
    title: str = ""
    text: str = ""
    confidence: float | None = None
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that is not as it was: in words with its numbers, and a page of tonight that shows it."""

    told: str
    example: Read


def drift(tonight: Sequence[Read], earlier: Sequence[Read]) -> list[Sign]:
    """The signs of a changed layout. Empty where nothing is, or too little to tell.

    Both are pages of one source, `earlier` without those of tonight; a few dozen are enough.
    """
    if len(tonight) < LEAST or len(earlier) < LEAST_BEFORE:
        return []
    signs = [_refused(tonight, earlier), _off(tonight, earlier), _unlike_the_list(tonight, earlier)]
    signs.append(_titles(tonight, earlier))
    # What is rejected is read otherwise than what is kept: it is compared only where it is the exception.
    most_kept = sum(p.outcome == "rejected" for p in earlier) * 2 < len(earlier)
    now = [p for p in tonight if p.text and (most_kept or p.outcome == "article")]
    before = [p for p in earlier if p.text and p.outcome == "article"]
    if len(before) >= LEAST_BEFORE:
        signs += [_bodies(now, before), _confidence(now, before)]
    return [sign for sign in signs if sign]


def fewer_entries(tonight: int | None, earlier: Sequence[int]) -> str | None:
    """In words, that the lists show far fewer entries than on earlier nights."""
    if tonight is None or not earlier:
        return None
    usual = median(earlier)
    if usual < LEAST_ENTRIES or tonight * FEWER >= usual:
        return None
    return f"列表上的条目忽然变少：{tonight} 条，从前 {usual:.0f} 条"


def _refused(tonight: Sequence[Read], earlier: Sequence[Read]) -> Sign | None:
    bad = [p for p in tonight if p.outcome in ("not_article", "failed")]
    before = sum(p.outcome in ("not_article", "failed") for p in earlier)
    if not _is_sudden(len(bad), len(tonight), before, len(earlier)):
        return None
    share = f"{len(tonight)} 页里 {len(bad)} 页（从前 {len(earlier)} 页里 {before} 页）"
    return Sign(f"忽然提取不出文章：{share}", bad[0])


def _off(tonight: Sequence[Read], earlier: Sequence[Read]) -> Sign | None:
    bad = [p for p in tonight if p.outcome == "rejected"]
    before = sum(p.outcome == "rejected" for p in earlier)
    if not _is_sudden(len(bad), len(tonight), before, len(earlier), CHANCE_OFF):
        return None
    return Sign(f"忽然大多不切题：{len(tonight)} 页里有 {len(bad)} 页（从前 {len(earlier)} 页里 {before} 页）", bad[0])


def _unlike_the_list(tonight: Sequence[Read], earlier: Sequence[Read]) -> Sign | None:
    now, before = ([p for p in pages if p.title and p.listed] for pages in (tonight, earlier))
    unlike = [p for p in now if not _same_title(p)]
    was = sum(not _same_title(p) for p in before)
    if len(before) < LEAST_BEFORE or not _is_sudden(len(unlike), len(now), was, len(before), CHANCE_UNLIKE):
        return None
    return Sign(
        f"标题忽然与列表上的不符：{len(now)} 页里 {len(unlike)} 页（从前 {len(before)} 页里 {was} 页）", unlike[0]
    )


def _titles(tonight: Sequence[Read], earlier: Sequence[Read]) -> Sign | None:
    now, before = ([p for p in pages if p.title] for pages in (tonight, earlier))
    if len(now) < LEAST_ALIKE or len(before) < LEAST_BEFORE:
        return None
    (title, count), (_, was) = (Counter(p.title for p in pages).most_common(1)[0] for pages in (now, before))
    if count < LEAST_ALIKE or count / len(now) < ALIKE or count / len(now) - was / len(before) < MORE:
        return None
    example = next(p for p in now if p.title == title)
    return Sign(f"标题忽然雷同：{len(now)} 页里 {count} 页同一个标题（从前 {len(before)} 页里至多 {was} 页）", example)


def _bodies(tonight: Sequence[Read], earlier: Sequence[Read]) -> Sign | None:
    if len(tonight) < LEAST_ALIKE:
        return None
    now, before = _alike(tonight), _alike(earlier)
    if now < ALIKE or now - before < MORE:
        return None
    return Sign(f"正文忽然雷同：{now:.0%} 的文字各篇都有（从前 {before:.0%}）", tonight[0])


def _confidence(tonight: Sequence[Read], earlier: Sequence[Read]) -> Sign | None:
    now, before = ([p for p in pages if p.confidence is not None] for pages in (tonight, earlier))
    if len(now) < LEAST_ALIKE or len(before) < LEAST_BEFORE:
        return None
    sure, was = (median(p.confidence or 0.0 for p in pages) for pages in (now, before))
    if was - sure < DROP:
        return None
    return Sign(f"提取把握下降：从 {was:.0%} 到 {sure:.0%}", min(now, key=lambda p: p.confidence or 0.0))


def _is_sudden(count: int, of: int, before: int, of_before: int, chance: float = CHANCE) -> bool:
    """Whether at least half are so, and chance alone would hardly bring about so many, were the rate that of before."""
    if not of or count * 2 < of:
        return False
    rate = (before + 0.5) / (of_before + 1)
    tail = sum(math.comb(of, k) * rate**k * (1 - rate) ** (of - k) for k in range(count, of + 1))
    return tail < chance


def _same_title(page: Read) -> bool:
    """Whether the title is the list's, which may be cut short or worded a little otherwise."""
    listed, title = _NO_LETTERS.sub("", page.listed), _NO_LETTERS.sub("", page.title)
    return not listed or listed in title or SequenceMatcher(None, listed, title, autojunk=False).ratio() >= ALIKE


def _alike(pages: Sequence[Read]) -> float:
    """The share of all characters in lines that at least half of the pages have."""
    lines = [{line for line in page.text.splitlines() if line.strip()} for page in pages]
    many = max(2, math.ceil(len(pages) / 2))
    common = {line for line, n in Counter(x for own in lines for x in own).items() if n >= many}
    whole = sum(len(line) for own in lines for line in own)
    return sum(len(line) for own in lines for line in own & common) / max(1, whole)
