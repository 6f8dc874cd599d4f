"""Floors of extraction on the annotated pages and the saved sites, by kind of page and field. Skipped without the shared data."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from benchmarks import real
from benchmarks.extraction import measured, ours
from benchmarks.extraction_pages import PAGES, read_pages
from crawler.extraction.body.scorer import WEIGHTS, read_weights

FLOORS = tomllib.loads(Path(__file__).with_name("extraction_floors.toml").read_text(encoding="utf-8"))["pages"]


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared annotated pages are not there")
def test_no_figure_falls_below_its_floor() -> None:
    figures = measured(read_pages(), ours)
    short = {name: (figures[name], floor) for name, floor in FLOORS.items() if (figures[name] or 0) < floor}
    assert not short


@pytest.mark.skipif(not real.FOLDER.is_dir(), reason="the shared saved sites are not there")
def test_no_figure_of_the_saved_sites_falls_below_its_floor() -> None:
    assert not real.below(real.measured(real.FOLDER))


def test_without_the_saved_sites_the_benchmark_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["real", "--folder", str(tmp_path / "none")])
    real.main()
    assert "nothing was measured" in capsys.readouterr().out
    assert real.below(dict.fromkeys(list(real.FLOORS)[1:], (1.0, 1))) == ["text"]


def test_weights_say_what_made_them_and_fit_the_features() -> None:
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert data["note"]["made_by"] == "python -m benchmarks.train_extraction"
    read_weights(data)
    data["weights"]["length"].append(0.0)
    with pytest.raises(ValueError, match="length"):
        read_weights(data)
