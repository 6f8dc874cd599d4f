"""What readers call the kinds, states, stages and units of figures: `figure_names.toml`, and of each the name that is shown."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from indexer.analysis.figure_codes import KINDS, STAGES, STATUSES, UNITS


def _read() -> Mapping[str, Mapping[str, list[str]]]:
    data: dict[str, dict[str, list[str]]] = tomllib.loads(
        files(__package__).joinpath("figure_names.toml").read_text(encoding="utf-8")
    )
    there = {"kinds": KINDS, "statuses": STATUSES, "stages": STAGES, "units": UNITS}
    if wrong := [section for section, values in there.items() if set(data[section]) != set(values)]:
        raise ValueError(f"figure_names.toml does not name the {' and '.join(wrong)} that there are")
    return data


# section of the file → what is named → its names, the one that is shown first
FIGURE_NAMES = _read()
KIND_LABELS = {kind: names[0] for kind, names in FIGURE_NAMES["kinds"].items()}
STATUS_LABELS = {status: names[0] for status, names in FIGURE_NAMES["statuses"].items()}
STAGE_LABELS = {stage: names[0] for stage, names in FIGURE_NAMES["stages"].items()}
UNIT_LABELS = {unit: names[0] for unit, names in FIGURE_NAMES["units"].items()}
