"""What lies in deploy/ holds: systemd takes the units, cron's line begins at two in Beijing wherever the machine is, and alerts ask for figures that there are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

from crawler.archive import Archive
from crawler.configuration import Settings, load_settings
from indexer.engines.registry import open_engine
from search_api.services.upkeep.metrics import metrics_text
from zhaoshang.cli import app

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/srv/zhaoshang/.venv/bin/zhaoshang", sys.executable)
        text = text.replace("User=zhaoshang\n", "")  # there is no such user here
        (tmp_path / unit.name).write_text(text.replace("/srv/zhaoshang", str(tmp_path)), encoding="utf-8")
    (tmp_path / "data").mkdir()
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        check=False,
    )
    ours = [line for line in ran.stderr.splitlines() if str(tmp_path) in line or "zhaoshang" in line]
    assert not ours and ran.returncode == 0, ran.stderr


def test_each_unit_that_is_named_is_there() -> None:
    names = {unit.name for unit in UNITS}
    said = "".join(unit.read_text(encoding="utf-8") for unit in UNITS)
    assert set(re.findall(r"^OnFailure=(\S+)", said, re.MULTILINE)) == {"zhaoshang-notify.service"} <= names
    assert {name.replace(".timer", ".service") for name in names} <= names


@pytest.mark.parametrize(("hour", "begins"), [("02", True), ("03", False), ("14", False)])
def test_cron_begins_a_night_at_two_in_beijing(tmp_path: Path, hour: str, begins: bool) -> None:
    lines = (DEPLOY / "crontab.example").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert "MAILTO" in settings and "CRON_TZ" not in settings
    (line,) = [line for line in lines if "nightly" in line and not line.startswith("#")]
    schedule, user, command = line.split(" ", 5)[:5], *line.split(" ", 6)[5:]
    assert (schedule, user) == (["0", "*", "*", "*", "*"], "zhaoshang")
    assert not re.search(r"(?<!\\)%", command)  # cron makes a new line of it
    clock = tmp_path / "date"
    clock.write_text(f'#!/bin/sh\n[ "$TZ" = CST-8 ] && [ "$1" = +%H ] && echo {hour}\n')
    clock.chmod(0o755)
    program = tmp_path / ".venv/bin/zhaoshang"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    ran = subprocess.run(
        [settings["SHELL"], "-c", command.replace("\\%", "%").replace("/srv/zhaoshang", str(tmp_path))],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.split() == (["nightly", "--quiet"] if begins else []) and not ran.stderr


def test_alerts_ask_for_figures_that_there_are(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)
    with Archive.open(settings) as archive:
        run = archive.runs.start("nightly")
        archive.runs.finish(run, {"rows": []})
        open_engine(settings, write=True).close()
        engine = open_engine(settings)
        text = metrics_text(archive, lambda: engine).decode()
        engine.close()
    asked = re.findall(r"zhaoshang_[a-z_]+", (DEPLOY / "prometheus-alerts.yml").read_text(encoding="utf-8"))
    assert asked and set(asked) <= set(re.findall(r"^zhaoshang_[a-z_]+", text, re.MULTILINE))


CONTAINERS = ["compose.yaml", "compose.cluster.yaml", "kubernetes.yaml"]


def strings(value: object) -> Iterator[tuple[str, object]]:
    """Every key with its value, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key), inner
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_run_verbs_and_settings_that_there_are(name: str) -> None:
    """No container engine runs here; what they would start is looked up."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    told = [pair for document in yaml.safe_load_all(text) for pair in strings(document)]
    called = [str(v).split() for k, v in told if k == "command" and isinstance(v, str)]
    called += [list(map(str, v)) for k, v in told if k == "args" and isinstance(v, list)]
    assert called
    for verb, *rest in called:
        command = verbs[verb]
        if inner := getattr(command, "commands", None):
            command, rest = inner[rest[0]], rest[1:]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, (verb, rest)
    known = {f"ZHAOSHANG_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"ZHAOSHANG_[A-Z_]+", text)) <= known
