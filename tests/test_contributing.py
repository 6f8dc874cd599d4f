"""The walk of CONTRIBUTING.md, followed literally on the sample web."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from zhaoshang.demo.web import KINDS, DemoWeb

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


def test_the_walk(tmp_path: Path) -> None:
    walk = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("\n## A new publishing system")[0]
    commands = [
        c.strip() for block in re.findall(r"```sh\n(.*?)```", walk, re.S) for c in block.splitlines() if c.strip()
    ]
    assert commands[0] == "python -m zhaoshang.demo.web" and len(commands) >= 7
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ZHAOSHANG_")}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ZHAOSHANG_DELAY": "0",
        "LANG": "C.UTF-8",
    }
    said = {}
    with DemoWeb(ports=[0] * len(KINDS)) as web:
        for command in commands[1:]:
            here = command.replace("http://127.0.0.1:18702/", web.sites[1].url)
            done = subprocess.run(shlex.split(here), cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}\n{done.stdout[-800:]}\n{done.stderr[-2000:]}"
            said[command] = done.stdout
    file = tmp_path / "data/sources/walk.toml"
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 12
    assert tomllib.loads(file.read_text(encoding="utf-8"))["region"] == "340000"
    golden = json.loads((tmp_path / "data/golden/walk/article.json").read_text(encoding="utf-8"))
    assert golden["article"]["title"] and (tmp_path / "data/golden/walk/page.html").stat().st_size > 500
    assert "样例页" not in said["zhaoshang sources check walk"]
    assert "招商" in next(output for command, output in said.items() if "search" in command)
