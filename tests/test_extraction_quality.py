"""Floors of extraction on the annotated pages, by kind of page and field. Skipped without the shared data."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from benchmarks.extraction import measured, ours
from benchmarks.extraction_pages import PAGES, read_pages
from crawler.extraction.body.scorer import WEIGHTS, read_weights

FLOORS = tomllib.loads(Path(__file__).with_name("extraction_floors.toml").read_text(encoding="utf-8"))["pages"]


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared annotated pages are not there")
def test_no_figure_falls_below_its_floor() -> None:
    figures = measured(read_pages(), ours)
    short = {name: (figures[name], floor) for name, floor in FLOORS.items() if (figures[name] or 0) < floor}
    assert not short


def test_weights_say_what_made_them_and_fit_the_features() -> None:
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert data["note"]["made_by"] == "python -m benchmarks.train_extraction"
    read_weights(data)
    data["weights"]["length"].append(0.0)
    with pytest.raises(ValueError, match="length"):
        read_weights(data)
