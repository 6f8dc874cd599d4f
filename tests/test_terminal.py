"""What a script reads from `--json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from crawler.terminal import print_json, silent, step


@dataclass(frozen=True, slots=True)
class Report:
    new: int
    faults: tuple[tuple[int, str], ...]
    began: datetime


def test_reports_are_json_objects(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(3, ((4, "缺 text"),), datetime(2024, 3, 13, 16, 24, tzinfo=UTC))
    print_json({"report": report})
    printed = capsys.readouterr().out
    assert "缺 text" in printed
    assert json.loads(printed) == {
        "report": {"new": 3, "faults": [[4, "缺 text"]], "began": "2024-03-13T16:24:00+00:00"}
    }


def test_what_has_no_shape_is_refused() -> None:
    with pytest.raises(TypeError):
        print_json({"x": object()})


def test_without_a_terminal_a_step_says_a_line_a_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("crawler.terminal.time.monotonic", lambda: clock[0])
    with step("采集") as bar, silent("采集") as nothing:
        for second in range(0, 181, 5):
            clock[0] = 1000.0 + second
            bar.update(second, 500, "清河：排队 3")
            nothing.update(second, 500, "清河：排队 3")
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "采集 …" and [line[6:] for line in lines] == [
        f"采集 {second}/500（清河：排队 3）" for second in (60, 120, 180)
    ]
