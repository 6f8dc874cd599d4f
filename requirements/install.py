"""python requirements/install.py LOCK: pip installs a lock, hashes checked; one line says how far it is, and what pip says is shown only where it fails."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import deque
from pathlib import Path

COUNTED = re.compile(r"\s*(?:Collecting|Ignoring|Requirement already satisfied:?)\s+([\w.-]+)")
WORDY = 40  # packages between two lines where nobody watches


def main(lock: str) -> int:
    """pip's exit code."""
    packages = len(re.findall(r"^[A-Za-z0-9][\w.\[\]-]*==", Path(lock).read_text(encoding="utf-8"), re.M))
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    last: deque[str] = deque(maxlen=30)
    done, watched = 0, sys.stdout.isatty()
    with subprocess.Popen(
        [*command, "--require-hashes", "-r", lock],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        for line in pip.stdout or ():
            last.append(line)
            if counted := COUNTED.match(line):
                done += 1
                told = f"  收取 {min(done, packages)}/{packages} {counted[1]}"
            elif line.startswith("Installing collected packages"):
                told = "  写入 .venv，还要十几秒"
            else:
                continue
            if watched:
                print(f"\r{told:<60}", end="", flush=True)
            elif not counted or done % WORDY == 0:
                print(told, flush=True)
    if watched:
        print()
    if pip.returncode:
        sys.stderr.write("".join(last))
        print(
            f"安装没有成功（{lock}）：pip 的话见上面。连不上软件源时先设置代理或镜像，再运行同一命令。", file=sys.stderr
        )
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
