"""Whether the files of an index are as tantivy wrote them: each ends with a footer that has the CRC-32 of what stands before it."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from crawler.reasons import describe_error

_MAGIC = 1337
_TAIL = struct.Struct("<II")  # the footer's length, the magic number
_PARTS = ("term", "idx", "pos", "store", "fast", "fieldnorm")  # files of a segment
_BLOCK = 1 << 20
_LONGEST_FOOTER = 10_000


def damage(folder: Path, *, quick: bool) -> Iterator[str]:
    """What is wrong with the files of one version of the index, a line each; `quick`: only their ends are read, so that a byte that changed in the midst is not seen."""
    try:
        segments = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"{folder.name}/meta.json 读不出（{describe_error(error) if isinstance(error, OSError) else error}）"
        return
    for segment in segments:
        name = segment["segment_id"].replace("-", "")
        needed = [f"{name}.{part}" for part in _PARTS]
        if deletes := segment.get("deletes"):
            needed.append(f"{name}.{deletes['opstamp']}.del")
        for file in needed:
            if fault := _fault(folder / file, quick):
                yield f"{folder.name}/{file} {fault}"


def _fault(path: Path, quick: bool) -> str | None:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size < _TAIL.size:
                return "被截短"
            file.seek(size - _TAIL.size)
            length, magic = _TAIL.unpack(file.read(_TAIL.size))
            if magic != _MAGIC or length > min(_LONGEST_FOOTER, size - _TAIL.size):
                return "的结尾不对：被截短或已损坏"
            end = size - _TAIL.size - length
            file.seek(end)
            expected = int(json.loads(file.read(length))["crc"])
            if quick:
                return None
            file.seek(0)
            found = 0
            while end > 0:
                block = file.read(min(_BLOCK, end))
                if not block:
                    return "读不完整"
                found, end = zlib.crc32(block, found), end - len(block)
            return None if found == expected else "的内容与校验和不符：已损坏"
    except FileNotFoundError:
        return "不见了"
    except OSError as error:
        return f"读不了（{describe_error(error)}）"
    except (ValueError, KeyError, TypeError):
        return "的结尾不对：已损坏"
