"""The audit log, DATA/audit.log: one JSON line for each change that somebody made over the network or by hand."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from crawler.archive import errors
from crawler.article import SHANGHAI

NAME = "audit.log"


def note(folder: Path, who: str, what: str, on: str, **more: str) -> None:
    """Add a line: the time, who (`key:NAME`, `user:NAME`, `session:…`, `cli`), what was done, and to what. Raises ArchiveError where it cannot be written."""
    line = {"at": datetime.now(SHANGHAI).isoformat(timespec="seconds"), "who": who, "what": what, "on": on, **more}
    text = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    path = folder / NAME
    try:
        # One write to a file opened for appending: lines of several processes stand one after the other.
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(file, text)
        finally:
            os.close(file)
    except OSError as error:
        raise errors.of_os(error, path) from error
