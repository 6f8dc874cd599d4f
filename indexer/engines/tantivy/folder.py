"""What the embedded engine keeps on disk: a folder for each version of the index, each with a cursor that is valid only together with its commit, and
a pointer to the folder that is searched."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tantivy

from crawler.archive.handwritten.replace_file import replace_file
from crawler.reasons import describe_error
from indexer.analysis import ANALYSIS_VERSION
from indexer.analysis.fields import COUNTED, KEYWORDS, MANY, NUMBERS, POSITIONED, Prepared
from indexer.analysis.frequencies import Frequencies
from indexer.analysis.lexicon import lexicon
from indexer.engines.base import EngineUnavailable, IndexOutdated

REBUILD = "请运行 zhaoshang index --rebuild 重建索引。"


def schema() -> tantivy.Schema:
    """The fields of an index."""
    builder = tantivy.SchemaBuilder()
    for name in POSITIONED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in COUNTED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in KEYWORDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in MANY:
        builder.add_integer_field(
            name, fast=True
        )  # ranges are all that is asked, and a column is walked sooner than a thousand terms
    builder.add_unsigned_field("number", fast=True)  # the id as a number: the order of `scan`
    builder.add_bytes_field("card", stored=True)
    return builder.build()


FIELDS = [*POSITIONED, *COUNTED, *KEYWORDS, *NUMBERS, *MANY]


def document_for(prepared: Prepared) -> tantivy.Document:
    """An article as the index takes it. Raises ValueError, TypeError or OverflowError for values that no field holds."""
    out = tantivy.Document()
    for name, value in prepared.streams.items():
        out.add_text(name, value)
    for name, values in prepared.keywords.items():
        for value in values:
            out.add_text(name, value)
    for name, number in prepared.numbers.items():
        out.add_integer(name, number)
    for name, several in prepared.many.items():
        for number in several:
            out.add_integer(name, number)
    out.add_unsigned("number", int(prepared.document.id, 16))
    out.add_bytes("card", json.dumps(prepared.document.to_card(), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return out


class Folder:
    """One version of the index on disk."""

    def __init__(self, path: Path) -> None:
        """Open what is there. Raises FileNotFoundError, ValueError, KeyError or OSError."""
        self.path = path
        made = self._made()
        self.analysis: str = made["analysis"]
        self.lexicon: str = made["lexicon"]
        self.fields: list[str] = made["fields"]
        self.frequent = frozenset(made["frequent"])
        self._meta, self._frequencies = path / "meta.json", path / "frequencies.json"
        self._meta.stat()
        self._links = None if os.access(path, os.W_OK) else tempfile.TemporaryDirectory(prefix="zhaoshang-index-")
        self._link()
        # never makes one: a folder that is being taken away must not come back empty
        self.index = tantivy.Index.open(self._links.name if self._links else str(path))
        self.index.config_reader("manual")
        self.seen: tuple[int, int] | None = None
        self.table: tuple[int, Frequencies] = (-1, Frequencies())

    @classmethod
    def create(cls, path: Path) -> Folder:
        """A new and empty one."""
        path.mkdir(parents=True)
        known = lexicon()
        made = {
            "analysis": ANALYSIS_VERSION,
            "lexicon": known.version,
            "fields": FIELDS,
            "frequent": sorted(known.frequent),
        }
        replace_file(path / "made.json", json.dumps(made, ensure_ascii=False))
        tantivy.Index(schema(), path=str(path), reuse=False)
        return cls(path)

    def _link(self) -> None:
        """Where the folder cannot be written to, tantivy reads it through links: it wants to put a lock beside the files also to read."""
        if self._links is None:
            return
        for file in self.path.iterdir():
            link = Path(self._links.name) / file.name
            if not file.name.startswith(".tantivy-") and not link.is_symlink():
                link.symlink_to(file.absolute())

    def of_now(self) -> bool:
        """Whether it was made by this version's analysis, with the same fields; their order does not matter."""
        return self.analysis == ANALYSIS_VERSION and set(self.fields) == set(FIELDS)

    def _made(self) -> dict[str, Any]:
        return json.loads((self.path / "made.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def narrow(self) -> None:
        """Forget frequent words that the lexicon no longer has: what is written from now on has no token for them."""
        kept = self.frequent & lexicon().frequent
        if kept == self.frequent:
            return
        replace_file(
            self.path / "made.json", json.dumps({**self._made(), "frequent": sorted(kept)}, ensure_ascii=False)
        )
        self.frequent = kept

    def refresh(self) -> tantivy.Searcher:
        """A searcher over the last commit."""
        stat = self._meta.stat()  # asked at every search, so without building a Path
        state = (stat.st_mtime_ns, stat.st_ino)
        if state != self.seen:
            self._link()
            self.index.reload()
            self.frequent = frozenset(self._made()["frequent"])
            self.seen = state
        return self.index.searcher()

    def opstamp(self) -> int:
        return int(json.loads((self.path / "meta.json").read_text(encoding="utf-8"))["opstamp"])

    def drop_uncommitted(self) -> None:
        """Take away the lists of deletions that a killed writer wrote and never committed; for whoever holds the writer's lock.

        The next commit gives its own the same names, and tantivy writes over no file.
        """
        committed = self.opstamp()
        for path in self.path.glob("*.del"):
            stamp = path.name.split(".")[1]
            if stamp.isdecimal() and int(stamp) > committed:
                path.unlink(missing_ok=True)

    def cursor(self) -> int:
        return self._reached()[0]

    def failed_ids(self) -> tuple[str, ...]:
        return self._reached()[1]

    def _reached(self) -> tuple[int, tuple[str, ...]]:
        try:
            note = json.loads((self.path / "cursor.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 0, ()
        when = "after" if self.opstamp() > note["opstamp"] else "before"
        return int(note[when]), tuple(note.get(f"owed_{when}", ()))

    def announce(self, cursor: int, failed_ids: Iterable[str]) -> None:
        """Write down, before a commit, the cursor and the failed ids that hold after it. tantivy numbers its commits, so its number tells afterwards
        whether the commit was made."""
        before, owed_before = self._reached()
        note: dict[str, Any] = {"opstamp": self.opstamp(), "before": before, "after": cursor}
        note |= {"owed_before": owed_before, "owed_after": sorted(failed_ids)}
        replace_file(self.path / "cursor.json", json.dumps(note))

    def frequencies(self) -> Frequencies:
        try:
            stamp = self._frequencies.stat().st_mtime_ns
        except FileNotFoundError:
            return Frequencies()
        if self.table[0] != stamp:
            self.table = (stamp, Frequencies.from_json(json.loads(self._frequencies.read_text(encoding="utf-8"))))
        return self.table[1]


def read_pointer(root: Path) -> str | None:
    """The name of the folder that is searched; None where there is no index."""
    try:
        return (root / "current").read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def blame_elsewhere(text: str) -> str | None:
    """What the disk or another process is to blame for; tantivy says it in a ValueError, as it says that files are damaged."""
    if "LockBusy" in text:
        return "另一个进程正在写索引，请等它结束后再试。"
    if "No space left" in text:
        return "磁盘已满，索引写不下去；腾出空间后再运行一次即可。"
    if "Read-only file system" in text:
        return "索引所在的磁盘是只读的，写不进去；索引完好，照样可以检索。"
    if "Permission denied" in text:
        return "没有权限读写索引目录；索引完好，请检查目录的属主与权限。"
    return None


@contextlib.contextmanager
def clear(path: Path) -> Iterator[None]:
    """tantivy's own errors, said so that an operator knows what to do."""
    try:
        yield
    except (ValueError, FileNotFoundError) as error:
        text = str(error)
        if known := blame_elsewhere(text):
            raise EngineUnavailable(known) from error
        raise IndexOutdated(f"索引 {path.name} 损坏，读不出（{text[:200]}）。{REBUILD}") from error
    except OSError as error:
        raise EngineUnavailable(f"索引目录 {path} 读写失败：{describe_error(error)}。请检查权限与磁盘空间。") from error
    except BaseException as error:
        # A panic of Rust is no Exception: nothing between here and the end of the process would take it.
        if type(error).__module__ == "pyo3_runtime":
            raise EngineUnavailable(f"检索引擎出了内部错误（{str(error)[:200]}），这次没有答案。") from error
        raise
