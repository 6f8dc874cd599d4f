"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was found, in a line for the operator. `wrong` False: worth knowing, and nothing is lost."""

    part: str
    text: str
    wrong: bool = True
