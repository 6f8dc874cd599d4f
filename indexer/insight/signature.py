"""Near-duplicate signatures: MinHash over runs of five characters of the normalised text, as bytes that can be stored and compared."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt

from crawler.normalisation import HAN, normalise

HASHES = 126
BAND = 3  # hashes a band: 42 bands; texts that share 45 % of their runs meet in one with a chance of .98
GRAM = 5
_SEED = 20240313
_KEPT = re.compile(rf"[^{HAN}a-z0-9]+")  # punctuation and spaces differ from paper to paper
_HEAD = 4  # bytes of the number of runs before the hashes

Rows = npt.NDArray[np.uint32]


@cache
def _coefficients() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    random = np.random.Generator(np.random.PCG64(_SEED))
    odd = random.integers(1, 2**63, size=HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    return odd, random.integers(0, 2**63, size=HASHES, dtype=np.uint64)


def _runs(text: str) -> npt.NDArray[np.uint64]:
    """Hashes of the different runs of GRAM characters; a shorter text is one run."""
    letters = _KEPT.sub("", normalise(text))
    if not letters:
        return np.zeros(0, dtype=np.uint64)
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    width = min(GRAM, len(codes))
    mixed = np.zeros(len(codes) - width + 1, dtype=np.uint64)
    for i in range(width):
        mixed = (mixed ^ codes[i : len(codes) - width + 1 + i]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def signature(text: str) -> bytes:
    """The signature of an article's text, 508 bytes; b"" for a text without a letter, which resembles nothing."""
    runs = _runs(text)
    if not len(runs):
        return b""
    multiply, add = _coefficients()
    least = np.full(HASHES, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(runs), 4096):  # in pieces, so that a book does not need a gigabyte
        least = np.minimum(least, (runs[start : start + 4096, None] * multiply + add).min(axis=0))
    return len(runs).to_bytes(_HEAD, "little") + (least >> np.uint64(32)).astype("<u4").tobytes()


def rows_of(signatures: list[bytes]) -> tuple[npt.NDArray[np.int64], Rows]:
    """Numbers of runs, and the hashes as a matrix of one row a signature. ValueError for bytes that are no signature."""
    if any(len(s) != _HEAD + 4 * HASHES for s in signatures):
        raise ValueError("not a signature of this kind")
    if not signatures:
        return np.zeros(0, dtype=np.int64), np.zeros((0, HASHES), dtype=np.uint32)
    table = np.frombuffer(b"".join(signatures), dtype="<u4").reshape(len(signatures), 1 + HASHES)
    return table[:, 0].astype(np.int64), table[:, 1:]


def band_keys(rows: Rows, band: int) -> npt.NDArray[np.uint64]:
    """One key a row for a band: rows with the same key are candidates."""
    keys = np.full(len(rows), band, dtype=np.uint64)
    for column in range(band * BAND, (band + 1) * BAND):
        keys = (keys ^ rows[:, column].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(31)
    return keys


def overlap(one: bytes, other: bytes) -> tuple[float, float]:
    """Estimates of what two texts share: of all their runs (Jaccard), and of the runs of the shorter one."""
    if not one or not other:
        return 0.0, 0.0
    sizes, rows = rows_of([one, other])
    return shared(int(sizes[0]), rows[0], int(sizes[1]), rows[1])


def shared(
    size: int, row: npt.NDArray[np.uint32], other_size: int, other: npt.NDArray[np.uint32]
) -> tuple[float, float]:
    """`overlap` of two rows of `rows_of`."""
    jaccard = float(np.count_nonzero(row == other)) / HASHES
    common = jaccard * (size + other_size) / (1 + jaccard)
    return jaccard, min(1.0, common / min(size, other_size))
