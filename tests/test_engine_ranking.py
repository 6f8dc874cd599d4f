"""Ranking holds its floors, through import, index and search."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.retrieval import FOLDER, floors, ndcg, score_set


def test_the_measure() -> None:
    assert ndcg(["a", "b"], {"a": 1.0}) == 1.0
    assert ndcg(["b", "a"], {"a": 1.0}) == pytest.approx(0.63, abs=0.01)
    assert ndcg([], {"a": 1.0}) == 0.0


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the retrieval sets are not here")
@pytest.mark.parametrize("name", ["cmrc2018", "drcd_cross"])
def test_floors_hold(tmp_path: Path, name: str) -> None:
    assert score_set(FOLDER / name, tmp_path, every=25).ndcg10 >= floors(part=True)[name]
