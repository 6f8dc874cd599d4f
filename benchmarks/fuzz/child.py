"""One target in a process of its own, with limits that hold inside C code too.

    python -m benchmarks.fuzz.child TARGET SEEDS FAULTS SECONDS SEED

Before each input its bytes are written to FAULTS/.TARGET: where the process is ended by a limit, the parent finds the input there. At the end a line of JSON
says how many inputs there were and how long the slowest took.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import logging
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import nullcontext
from pathlib import Path

from benchmarks.fuzz.mutation import LONGEST, mutate
from benchmarks.fuzz.targets import TARGETS

try:
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]
except ImportError:  # not in requirements/dev.lock: no other command needs it
    atheris = None

PACKAGES = ["crawler", "indexer", "search_api"]  # whose lines guide atheris
MEMORY = 1_500_000_000  # bytes of address space beyond what the target has once it is warm
PROCESSOR = 15.0  # seconds of processor time for one input; a night gives a page 20
KEPT, KEPT_BYTES = 400, 40_000  # changed inputs that are changed further, and how long they may be
SLOW = 2.0  # seconds; the slowest input that took longer is kept


def limit_memory() -> None:
    """Now and MEMORY more."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def fault_name(target: str, error: BaseException) -> str:
    """The same for faults of the same kind at the same place."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    told = hashlib.sha1(f"{type(error).__name__}{place}".encode()).hexdigest()[:8]
    return f"{target}-{type(error).__name__}-{told}"


def main() -> None:
    target, seeds, faults, seconds, seed = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    known = [path.read_bytes() for path in sorted((Path(seeds) / target).iterdir())]
    with atheris.instrument_imports(include=PACKAGES) if atheris else nullcontext():
        run = TARGETS[target]()
        for content in known:
            run(content)
    limit_memory()
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)  # then the signal ends the process, wherever it is
    chance = random.Random(f"{target}{seed}")
    current = os.open(Path(faults) / f".{target}", os.O_RDWR | os.O_CREAT)
    so_far = os.open(Path(faults) / f".count-{target}", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    found: set[str] = set()  # one input of each kind is kept
    counted = {"inputs": 0, "slowest": 0.0, "guided": atheris is not None}
    ends = time.monotonic() + float(seconds)

    def one(content: bytes) -> bool:
        """Whether the input ran without a fault."""
        os.ftruncate(current, 0)
        os.pwrite(current, content, 0)
        signal.setitimer(signal.ITIMER_PROF, PROCESSOR)
        began = time.process_time()
        try:
            run(content)
        except Exception as error:
            name = fault_name(target, error)
            path = Path(faults) / name
            if name not in found:
                found.add(name)
                path.write_bytes(content)
                path.with_name(name + ".txt").write_text(traceback.format_exc(), encoding="utf-8", errors="replace")
            return False
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            counted["inputs"] += 1
            took = round(time.process_time() - began, 2)
            if took > max(SLOW, counted["slowest"]):
                (Path(faults) / f".slowest-{target}").write_bytes(content)
            counted["slowest"] = max(counted["slowest"], took)
            os.pwrite(so_far, json.dumps(counted).ljust(100).encode(), 0)
        return True

    if atheris is None:
        pool = list(known)
        while time.monotonic() < ends:
            content = mutate(chance.choice(pool), pool, chance)
            if one(content) and len(content) < KEPT_BYTES and chance.random() < 0.1:
                pool.append(content)
                if len(pool) > KEPT:
                    pool.pop(chance.randrange(len(known), len(pool)))
        print(json.dumps(counted))
        return

    def test(content: bytes) -> None:
        one(content)
        if time.monotonic() > ends:
            print(json.dumps(counted), flush=True)
            os._exit(0)  # libFuzzer's own end takes no word of ours along

    def changed(content: bytes, longest: int, number: int) -> bytes:
        return mutate(content, known, random.Random(number))[:longest]

    grown = tempfile.mkdtemp(prefix="fuzz-grown-")  # libFuzzer adds to the first folder that it is given
    limits = [f"-max_len={LONGEST}", "-timeout=100000", "-rss_limit_mb=0"]  # ours hold
    arguments = ["fuzz", f"-seed={int(seed) + 1}", *limits, "-verbosity=0", f"-artifact_prefix={grown}/"]
    atheris.Setup([*arguments, grown, str(Path(seeds) / target)], test, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
