"""The built wheel, alone in an empty folder with an empty home, has the command and all data files it needs."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`zhaoshang` of a wheel built from this checkout, in a virtual environment that has our dependencies but not our source."""
    place = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(place),
        str(ROOT),
    ]
    subprocess.run(build, check=True)
    (wheel,) = place.glob("*.whl")
    venv.create(place / "venv", with_pip=True)
    python = place / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", str(wheel)], check=True)
    # the dependencies as they are installed here; a .pth of that folder (our editable install) is not followed from a .pth
    (site,) = (place / "venv/lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    where = subprocess.run(
        [python, "-c", "import crawler; print(crawler.__file__)"], cwd="/", capture_output=True, text=True
    )
    assert str(site) in where.stdout
    return python.with_name("zhaoshang")


@pytest.mark.slow
def test_the_demo_runs_from_the_wheel(command: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run([command, "demo", "--no-serve"], cwd=home, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    environment["ZHAOSHANG_DATA"] = "data/demo"
    found = subprocess.run(
        [command, "search", "飞地招商", "--json"], cwd=home, env=environment, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr[-2000:]
    assert '"total": 0' not in found.stdout
    listed = subprocess.run(
        [command, "sources", "list", "--json"], cwd=home, env=environment, capture_output=True, text=True
    )
    assert listed.returncode == 0 and '"name"' in listed.stdout
