"""The whole archive as JSON lines in a folder: parts, each with its checksum, and a manifest. It may be stopped and goes on behind the last whole part."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.archive import Archive
from crawler.configuration import own_version
from crawler.terminal import Refusal
from search_api.exports.formats.jsonl import FORMAT
from search_api.exports.records import Recorder

PART = 5000  # articles of a file
LAYOUT = "zhaoshang-archive-jsonl-1"
MANIFEST, UNFINISHED, SUMS = "manifest.json", "manifest.unfinished.json", "SHA256SUMS"
_BATCH = 500


def write_archive(
    archive: Archive,
    recorder: Recorder,
    folder: Path,
    *,
    part: int = PART,
    done: Callable[[int], None] = lambda n: None,
) -> dict[str, Any]:
    """Every article, in the order of ids; the manifest. `done` is told how many are written. Raises Refusal where the folder holds a finished or another export, ArchiveError."""
    manifest = _begun(archive, folder)
    count = sum(one["articles"] for one in manifest["parts"])
    done(count)
    after = manifest["parts"][-1]["last"] if manifest["parts"] else None
    while ids := _next(archive, after, part):
        name = f"articles-{len(manifest['parts']) + 1:05d}.jsonl.gz"
        written = _write_part(archive, recorder, folder / name, ids)
        after, count = ids[-1], count + written["articles"]
        manifest["parts"].append({"name": name, "first": ids[0], "last": ids[-1], **written})
        _save(folder / UNFINISHED, manifest)
        done(count)
    manifest |= {"articles": count, "change_at_end": archive.articles.last_change(), "finished": _now()}
    sums = "".join(f"{one['sha256']}  {one['name']}\n" for one in manifest["parts"])
    (folder / SUMS).write_text(sums, encoding="ascii")
    _save(folder / MANIFEST, manifest)
    (folder / UNFINISHED).unlink()
    return manifest


def lines(archive: Archive, recorder: Recorder, ids: list[str]) -> Iterator[bytes]:
    """The articles of these ids, a line each; those that have gone meanwhile are passed over."""
    return FORMAT.write(record for record, _ in recorder.with_readings(ids, archive))


def _begun(archive: Archive, folder: Path) -> dict[str, Any]:
    """The manifest to go on with: a new one, or that of an export that was stopped, with the parts that are whole."""
    if (folder / MANIFEST).exists():
        raise Refusal(f"{folder} 里已有导出好的全库（{MANIFEST}）：请换一个文件夹")
    if not (folder / UNFINISHED).exists():
        if folder.exists() and any(folder.iterdir()):
            raise Refusal(f"{folder} 不是空的，也不是没有导完的全库：请换一个文件夹")
        folder.mkdir(parents=True, exist_ok=True)
        about = {"layout": LAYOUT, "software": f"zhaoshang {own_version()}", "begun": _now(), "order": "id"}
        manifest: dict[str, Any] = {**about, "change": archive.articles.last_change(), "parts": []}
        _save(folder / UNFINISHED, manifest)
        return manifest
    try:
        found = json.loads((folder / UNFINISHED).read_text(encoding="utf-8"))
        whole = []
        for one in found["parts"]:
            path = folder / str(one["name"])
            if not path.is_file() or _digest(path) != one["sha256"]:
                break  # this part and those behind it are written again
            whole.append(one)
        if found["layout"] != LAYOUT:
            raise KeyError("layout")
    except (ValueError, KeyError, TypeError):
        raise Refusal(f"{folder / UNFINISHED} 读不懂：请换一个文件夹重新导出") from None
    return {**found, "parts": whole}


def _next(archive: Archive, after: str | None, part: int) -> list[str]:
    return archive.articles.ids(after, part)


def _write_part(archive: Archive, recorder: Recorder, path: Path, ids: list[str]) -> dict[str, Any]:
    count, beside = 0, path.with_name(path.name + ".part")
    with beside.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        for start in range(0, len(ids), _BATCH):
            for line in lines(archive, recorder, ids[start : start + _BATCH]):
                packed.write(line)
                count += 1
    size, digest = beside.stat().st_size, _digest(beside)
    beside.replace(path)
    return {"articles": count, "bytes": size, "sha256": digest}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _save(path: Path, manifest: dict[str, Any]) -> None:
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
