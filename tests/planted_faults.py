"""Small faults planted into the modules of `planted_faults.toml`, and which of them the tests of the same subject do not see.

`python -m tests.planted_faults [MODULE …] [--only PATTERN]`; a pattern of mutmut's names, as `'*[147]'` for three in ten. Needs mutmut. A run starts anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from hypothesis import Phase, settings

ROOT = Path(__file__).parents[1]
PACKAGES = ["crawler", "indexer", "search_api", "zhaoshang"]
PROFILE = "planted-faults"

# As a plugin of pytest: a fault need not be made small, and the same examples are tried on each.
settings.register_profile(
    PROFILE, phases=[Phase.explicit, Phase.generate], derandomize=True, database=None, deadline=None
)


def plant(module: str, tests: list[str], only: list[str]) -> dict[str, str]:
    """The faults that were tried, by their names: `killed`, `survived`, `timeout`, `no tests` …"""
    folder = folder_of(module)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in [*PACKAGES, "tests"]:
        (folder / name).symlink_to(ROOT / name)
    options = {
        "source_paths": PACKAGES,
        "only_mutate": [module],
        "pytest_add_cli_args": [
            "-p",
            "tests.planted_faults",
            f"--hypothesis-profile={PROFILE}",
            "-p",
            "no:cacheprovider",
        ],
        "pytest_add_cli_args_test_selection": [f"tests/{name}.py" for name in tests],
        "timeout_constant": 5.0,
        "timeout_multiplier": 3.0,  # a fault that never ends fills the memory meanwhile
        "use_git_change_detection": False,
    }
    table = "\n".join(f"{key} = {json.dumps(value)}" for key, value in options.items())
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{table}\n", "utf-8")
    mutmut(folder, "run", "--max-children", "1", *only)
    lines = mutmut(folder, "results", "--all", "true").splitlines()
    tried = dict(line.strip().rsplit(": ", 1) for line in lines if ": " in line)
    return {name: state for name, state in tried.items() if state != "not checked"}


def changed(module: str, name: str) -> str:
    """The lines that a fault changed, as they became; those that are gone where none became of them."""
    lines = mutmut(folder_of(module), "show", name).splitlines()
    for sign in "+-":
        if found := [line[1:].strip() for line in lines if line.startswith(sign) and not line.startswith(sign * 3)]:
            return " ".join(found)
    return name


def folder_of(module: str) -> Path:
    return ROOT / ".cache/planted_faults" / module.removesuffix(".py").replace("/", ".")


def mutmut(folder: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", "mutmut", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout[-5000:] + done.stderr[-5000:])
    return done.stdout


def main() -> None:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("modules", nargs="*", default=list(table), metavar="MODULE")
    asked.add_argument("--only", action="append", default=[], metavar="PATTERN")
    given = asked.parse_args()
    for module in given.modules:
        tried = plant(module, table[module]["tests"], given.only)
        alive = {name: changed(module, name) for name, state in tried.items() if state not in ("killed", "timeout")}
        reasons = {line: kept["why"] for kept in table[module].get("kept", ()) for line in kept["lines"]}
        share = 1 - len(alive) / len(tried)
        kept = sum(line in reasons for line in alive.values())
        print(
            f"{module}: {len(tried)} tried, {share:.0%} killed, {kept} kept, {len(alive) - kept} unexplained",
            flush=True,
        )
        for name, line in alive.items():
            if line not in reasons:
                print(f"  {name.rpartition('.')[2]}: {line}")


if __name__ == "__main__":
    main()
