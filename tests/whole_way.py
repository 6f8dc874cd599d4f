"""The product as an operator runs it: the command `zhaoshang` in processes of its own, over a web served on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import warm_start

ROOT = Path(__file__).parents[1]


@dataclass
class Desk:
    """A data folder and the settings around it."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, python: Sequence[str] = (sys.executable,)) -> subprocess.Popen[str]:
        """The command, running; kill it with `kill`."""
        variables = {k: v for k, v in os.environ.items() if not k.startswith("ZHAOSHANG_")}
        own = {"ZHAOSHANG_DATA": str(self.data), "ZHAOSHANG_DELAY": "0", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        return subprocess.Popen(
            [*python, "-m", "zhaoshang", *arguments],
            cwd=self.data.parent,
            env=variables | own | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """The command, done; asserts its exit code."""
        own_program = "PYTHONPATH" in self.environment  # another one than has been imported already
        with self.start(*arguments, python=[sys.executable] if own_program else warm_start.command()) as process:
            try:
                output, errors = process.communicate(timeout=300)
            except subprocess.TimeoutExpired:
                kill(process)
                raise
        if code is not None:
            assert process.returncode == code, f"{arguments}: {process.returncode}\n{output[-1500:]}\n{errors[-3000:]}"
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def json(self, *arguments: str, code: int | None = 0) -> Any:
        """What the command prints as JSON."""
        return json.loads(self.run(*arguments, "--json", code=code).stdout)


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9 to the command and all that it started, as when a machine goes down."""
    for child in _descendants(process.pid):
        _kill(child)
    _kill(process.pid)
    process.wait()


def _descendants(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found, todo = [], [pid]
    while todo:
        parent = todo.pop()
        children = [p for p, of in parents.items() if of == parent]
        found += children
        todo += children
    return found


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
