"""What was told at a time when the archive could not be written to: a few bytes in a file that is there beforehand, so that a full disk can take them.

With it a fault that lasts is told once, and the night that it ended is not told again as one that was cut off.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_NAME, _BYTES, _RUNS = "night.told", 1024, 30


@dataclass(frozen=True, slots=True)
class FaultMark:
    """`runs` are the nights that ended so, as far as they had begun; `reason` what was told."""

    runs: tuple[int, ...]
    reason: str

    def is_like(self, reason: str) -> bool:
        """Whether it is the same fault, whatever numbers it tells."""
        return _kind(self.reason) == _kind(reason[:200])


def read_mark(data: Path) -> FaultMark | None:
    """The fault that was told last and did not pass yet."""
    try:
        found = json.loads((data / "locks" / _NAME).read_text(encoding="utf-8"))
        return FaultMark(tuple(found["runs"]), found["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_mark(data: Path, mark: FaultMark | None) -> None:
    """Keep a mark, or room for one. Where even that cannot be written, the fault may be told again."""
    text = json.dumps({"runs": mark.runs[-_RUNS:], "reason": mark.reason[:200]}, ensure_ascii=False) if mark else ""
    content = text.encode("utf-8").ljust(_BYTES)
    path = data / "locks" / _NAME
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size == _BYTES:
            with path.open("r+b") as file:  # in place: that takes no room
                file.write(content)
        else:
            path.write_bytes(content)


def _kind(reason: str) -> str:
    return re.sub(r"\d[\d,.]*", "0", reason)
