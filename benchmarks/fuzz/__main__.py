"""Fuzzes what takes in foreign bytes, each target in a process of its own, and prints inputs a second and the faults.

    python -m benchmarks.fuzz --minutes 30 [--faults FOLDER] [--only TARGET …] [--seed N]
    python -m benchmarks.fuzz --case TARGET FILE         runs one kept input again

The minutes are shared among the targets. Where atheris is installed (`pip install atheris`), it chooses what is changed further by the lines that were reached; else
chance does. A fault is an exception that is not the product's own answer, more than 1.5 GB of new memory, or more than 15 seconds of processor time for one input. Its input is
written to FOLDER, one for each kind, with what was raised beside it. Exit code 1 where there was a fault.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fuzz import seeds
from benchmarks.fuzz.targets import TARGETS

LEAST = 3.0  # seconds worth starting a process for
WAITING = (
    300.0  # seconds beyond its share, after which a process that has not ended waits for something that never comes
)


@dataclass
class Tally:
    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    guided: bool = False


def fuzz(target: str, share: float, known: Path, faults: Path, seed: int) -> Tally:
    """One target for `share` seconds; a process that a limit ends is followed by another."""
    tally = Tally()
    while share - tally.seconds > LEAST:
        began = time.monotonic()
        left = share - tally.seconds
        command = [sys.executable, "-m", "benchmarks.fuzz.child", target, str(known), str(faults), str(left), str(seed)]
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            done = _run(command, left + WAITING, _environment(folder))
        tally.seconds += time.monotonic() - began
        seed += 1
        if done.returncode:
            _keep(target, done, faults)
        counted = faults / f".count-{target}"  # also where a limit ended the process
        if counted.exists() and (line := counted.read_text()):
            told = json.loads(line)
            tally.inputs += told["inputs"]
            tally.slowest = max(tally.slowest, told["slowest"])
            tally.guided = told["guided"]
            counted.unlink()
    return tally


def _run(command: list[str], seconds: float, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A process that waits and does nothing is no use of the processor: it ends by the clock."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", env=environment
    )
    try:
        out, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, said = process.communicate()
        said += f"no end after {seconds:.0f} seconds"
    return subprocess.CompletedProcess(command, process.returncode, out, said)


def _environment(folder: str) -> dict[str, str]:
    return {**os.environ, "TMPDIR": folder, "PYTHONHASHSEED": "0"}


def _keep(target: str, done: subprocess.CompletedProcess[str], faults: Path) -> None:
    """The input that ended a process."""
    current = faults / f".{target}"
    content = current.read_bytes() if current.exists() else b""
    how = signal.Signals(-done.returncode).name if done.returncode < 0 else f"exit{done.returncode}"
    name = f"{target}-{how}-{hashlib.sha1(content).hexdigest()[:8]}"
    (faults / name).write_bytes(content)
    (faults / f"{name}.txt").write_text(done.stderr[-4_000:], encoding="utf-8", errors="replace")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--faults", type=Path, default=Path("fuzz-faults"))
    parser.add_argument("--only", nargs="+", choices=[*TARGETS], default=[*TARGETS])
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("--case", nargs=2, metavar=("TARGET", "FILE"))
    options = parser.parse_args()
    if options.case:
        target, file = options.case
        TARGETS[target]()(Path(file).read_bytes())
        print("no fault")
        return 0
    faults: Path = options.faults
    faults.mkdir(parents=True, exist_ok=True)
    since = time.time() - 1
    known = Path(tempfile.mkdtemp(prefix="fuzz-seeds-"))
    try:
        seeds.write(known)
        print(
            f"seed {options.seed}\n\n| target | inputs | inputs/s | slowest, s | guided | faults |\n|---|---|---|---|---|---|"
        )
        for target in options.only:
            tally = fuzz(target, options.minutes * 60 / len(options.only), known, faults, options.seed)
            found = _found(faults, since, target)
            print(
                f"| {target} | {tally.inputs:,} | {tally.inputs / max(tally.seconds, 1):.0f} | {tally.slowest:.2f} | {'yes' if tally.guided else 'no'} | {len(found)} |",
                flush=True,
            )
    finally:
        shutil.rmtree(known)
    found = _found(faults, since)
    for name in found:
        print(f"{faults / name}: {(faults / (name + '.txt')).read_text('utf-8').strip().splitlines()[-1][:200]}")
    return 1 if found else 0


def _found(faults: Path, since: float, target: str = "") -> list[str]:
    """What was kept in this run, also where an earlier run kept the same."""
    kept = (path for path in faults.iterdir() if not path.name.startswith(".") and path.suffix != ".txt")
    return sorted(path.name for path in kept if path.name.startswith(target) and path.stat().st_mtime >= since)


if __name__ == "__main__":
    sys.exit(main())
