"""The embedded engine: tantivy, in a folder of its own; one process writes, any number read.

DATA/index/current      the name of the folder that is searched; replaced in one step when a rebuild is done
DATA/index/v000003/     tantivy's files, and beside them
    made.json             the analysis and the lexicon it was made with
    cursor.json           how far it is complete (see `_Cursor`)
    frequencies.json      the table that ranking uses
DATA/index/writer.lock  held (flock) by the process that writes; a killed process lets go of it
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import tantivy

from indexer.analysis import ANALYSIS_VERSION
from indexer.analysis.fields import COUNTED, KEYWORDS, NUMBERS, POSITIONED, Prepared
from indexer.analysis.lexicon import lexicon
from indexer.document import Document
from indexer.engines.base import (
    Among,
    And,
    Between,
    Clause,
    EngineAnswer,
    EngineHit,
    EngineUnavailable,
    Every,
    Health,
    IndexOutdated,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefix,
    Request,
    Scored,
    Term,
    WriteReport,
)
from indexer.frequencies import Frequencies

_HEAP = 256_000_000  # bytes the writer may hold before it puts a segment on disk
_PAGE = 10_000  # ids a step of `scan`
_TIES = 50  # hits among which equals stand in the order of their ids
_FACET = 65_000  # values that a segment may return, so that counts are exact
REBUILD = "请运行 zhaoshang index --rebuild 重建索引。"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in POSITIONED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in COUNTED:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in KEYWORDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_unsigned_field("number", fast=True)  # the id as a number: the order of `scan`
    builder.add_bytes_field("card", stored=True)
    return builder.build()


class _Folder:
    """One version of the index on disk."""

    def __init__(self, path: Path, schema: tantivy.Schema) -> None:
        self.path = path
        made = json.loads((path / "made.json").read_text(encoding="utf-8"))
        self.analysis: str = made["analysis"]
        self.lexicon: str = made["lexicon"]
        self.frequent = frozenset(made["frequent"])
        self.index = tantivy.Index(schema, path=str(path), reuse=True)
        self.index.config_reader("manual")
        self._meta, self._frequencies = path / "meta.json", path / "frequencies.json"
        self.seen: tuple[int, int] | None = None
        self.table: tuple[int, Frequencies] = (-1, Frequencies())

    @classmethod
    def create(cls, path: Path, schema: tantivy.Schema) -> _Folder:
        path.mkdir(parents=True)
        made = {"analysis": ANALYSIS_VERSION, "lexicon": lexicon().version, "frequent": sorted(lexicon().frequent)}
        _replace(path / "made.json", json.dumps(made, ensure_ascii=False))
        return cls(path, schema)

    def refresh(self) -> tantivy.Searcher:
        """A searcher over the last commit."""
        stat = self._meta.stat()  # asked at every search, so without building a Path
        state = (stat.st_mtime_ns, stat.st_ino)
        if state != self.seen:
            self.index.reload()
            self.seen = state
        return self.index.searcher()

    def opstamp(self) -> int:
        return int(json.loads((self.path / "meta.json").read_text(encoding="utf-8"))["opstamp"])

    def cursor(self) -> int:
        try:
            note = json.loads((self.path / "cursor.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 0
        return int(note["after"] if self.opstamp() > note["opstamp"] else note["before"])

    def announce_cursor(self, cursor: int) -> None:
        """Say, before a commit, what the cursor will be. tantivy's own number rises with each commit, so it tells afterwards whether the commit came to be."""
        _replace(
            self.path / "cursor.json", json.dumps({"opstamp": self.opstamp(), "before": self.cursor(), "after": cursor})
        )

    def frequencies(self) -> Frequencies:
        try:
            stamp = self._frequencies.stat().st_mtime_ns
        except FileNotFoundError:
            return Frequencies()
        if self.table[0] != stamp:
            self.table = (stamp, Frequencies.from_json(json.loads(self._frequencies.read_text(encoding="utf-8"))))
        return self.table[1]


class TantivyEngine:
    """`Engine` over a folder. Threads may share one; `open(write=True)` takes the writer's lock until `close`."""

    def __init__(self, root: Path, lock: IO[str] | None) -> None:
        self.root = root
        self._named = root / "current"
        self._lock = lock
        self._schema = _schema()
        self._folder: _Folder | None = None
        self._pointer: tuple[int, int] | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._guard = threading.Lock()

    @classmethod
    def open(cls, root: Path, *, write: bool = False) -> TantivyEngine:
        """The engine of a folder; for reading, a folder that is not there is an empty index. Raises EngineUnavailable where another process writes."""
        lock = None
        if write:
            try:
                root.mkdir(parents=True, exist_ok=True)
                lock = (root / "writer.lock").open("a+")
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise EngineUnavailable("另一个进程正在写索引，请等它结束后再试。") from error
            except OSError as error:
                raise EngineUnavailable(
                    f"索引目录 {root} 无法写入：{error.strerror}。请检查权限与磁盘空间。"
                ) from error
        return cls(root, lock)

    # --- reading

    def execute(self, request: Request) -> EngineAnswer:
        folder = self._current()
        if folder is None:
            return EngineAnswer(0, (), dict.fromkeys(request.facets, ()), ())
        with _clear(folder.path):
            searcher = folder.refresh()
            return self._execute(searcher, request)

    def _execute(self, searcher: tantivy.Searcher, request: Request) -> EngineAnswer:
        match = self._compile(request.match)
        asked: dict[str, Any] = {
            name: {"terms": {"field": name, "size": _FACET, "segment_size": _FACET}} for name in request.facets
        }
        if request.histogram:
            asked["months"] = {"terms": {"field": "month", "size": _FACET, "segment_size": _FACET}}
        if asked and request.counted and not request.must_score:  # one walk counts all
            asked["total"] = {"value_count": {"field": "number"}}
            request = replace(request, counted=False)
        total, found = self._top(searcher, match, request)
        hits = tuple(EngineHit(Document.from_card(_card(searcher, address)), float(score)) for score, address in found)
        if not asked:
            return EngineAnswer(total, hits)
        counted = searcher.aggregate(match, asked)
        if "total" in asked:
            total = int(counted["total"]["value"])
        facets = {}
        for name in request.facets:
            pairs = [
                (str(int(b["key"])) if name == "year" else str(b["key"]), int(b["doc_count"]))
                for b in counted[name]["buckets"]
            ]
            pairs = sorted(((v, n) for v, n in pairs if v not in ("0", "")), key=lambda pair: (-pair[1], pair[0]))
            facets[name] = tuple(pairs[: request.facet_size])
        months = counted["months"]["buckets"] if request.histogram else ()
        histogram = tuple(sorted((int(b["key"]), int(b["doc_count"])) for b in months if b["key"]))
        return EngineAnswer(total, hits, facets, histogram)

    def _top(
        self, searcher: tantivy.Searcher, match: tantivy.Query, request: Request
    ) -> tuple[int, list[tuple[float, Any]]]:
        result: Any  # the stubs do not know of its count
        if request.top == 0 and not request.counted:
            return 0, []
        if request.sort != "relevance":
            result = searcher.search(
                match, max(1, request.top), count=request.counted, order_by_field=request.sort, offset=request.offset
            )
            hits = [(0.0, address) for _, address in result.hits[: request.top]]
            return (result.count if request.counted else len(hits)), hits
        end = request.offset + request.top
        window = max(end, 1, _TIES) if request.offset < _TIES else end
        best = None
        if _single(request.match) and request.scored and not any(s.constant for s in request.scored):
            # one word: whatever scores also matches as a rule, and without a count the engine need not look at each document
            best = searcher.search(self._scored(None, request), window, count=False).hits
            if len(best) < window or not self._all_match(searcher, match, best):
                best = None
        if best is not None:
            result = searcher.search(match, 1) if request.counted else None
            total = result.count if result else end
        else:
            query = self._scored(match, request) if request.scored else match
            result = searcher.search(query, window, count=request.counted)
            best, total = result.hits, (result.count if request.counted else min(end, len(result.hits)))
        return total, self._untied(searcher, best)[request.offset : end]

    def _untied(self, searcher: tantivy.Searcher, hits: list[tuple[float, Any]]) -> list[tuple[float, Any]]:
        """The first hits in the order of score and id: tantivy leaves equals in the order in which merges have put them."""
        first, rest = hits[:_TIES], hits[_TIES:]
        numbers = searcher.fast_field_values("number", [address for _, address in first])
        order = sorted(range(len(first)), key=lambda n: (-first[n][0], int(numbers[n] or 0)))
        return [*(first[n] for n in order), *rest]

    def _scored(self, match: tantivy.Query | None, request: Request) -> tantivy.Query:
        """Scores, and, but for `match` None, nothing outside the match. What is scored and must match anyway is looked at once."""
        must, should = tantivy.Occur.Must, tantivy.Occur.Should
        parts = [(should, self._score(s)) for s in request.scored]
        if match is not None and not (request.must_score and isinstance(request.match, Every)):
            needed = request.match.clauses if isinstance(request.match, And) else (request.match,)
            both = set() if request.must_score else {s.clause for s in request.scored if not s.constant} & set(needed)
            parts = [(must if s.clause in both and not s.constant else should, self._score(s)) for s in request.scored]
            rest = tuple(clause for clause in needed if clause not in both)
            if rest:
                parts.append((must, self._compile(And(rest))))
        return tantivy.Query.boolean_query(parts, 1 if request.must_score else None)

    def _all_match(self, searcher: tantivy.Searcher, match: tantivy.Query, hits: list[tuple[float, Any]]) -> bool:
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        make, schema = tantivy.Query, self._schema
        ids = [make.term_query(schema, "id", f"{int(number or 0):016x}", "basic") for number in numbers]
        known = make.boolean_query(
            [(tantivy.Occur.Should, query) for query in ids]
        )  # a set of terms would walk the dictionary
        result: Any = searcher.search(make.boolean_query([(tantivy.Occur.Must, match), (tantivy.Occur.Must, known)]), 1)
        return bool(result.count == len(hits))

    def scan(self, match: Clause) -> Iterator[str]:
        folder = self._current()
        if folder is None:
            return
        with _clear(folder.path):
            searcher = folder.refresh()
            query = self._compile(match)
            least = 0
            while True:
                after = tantivy.Query.range_query(self._schema, "number", tantivy.FieldType.Unsigned, least, None)
                both = tantivy.Query.boolean_query(
                    [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(after, 0.0))]
                )
                page = searcher.search(both, _PAGE, count=False, order_by_field="number", order=tantivy.Order.Asc).hits
                for number, _ in page:
                    yield f"{int(number):016x}"
                if len(page) < _PAGE:
                    return
                least = int(page[-1][0]) + 1

    def get(self, ids: Iterable[str]) -> dict[str, Document]:
        folder = self._current()
        wanted = list(dict.fromkeys(ids))
        if folder is None or not wanted:
            return {}
        with _clear(folder.path):
            searcher = folder.refresh()
            found = searcher.search(
                tantivy.Query.term_set_query(self._schema, "id", wanted), len(wanted), count=False
            ).hits
            documents = [Document.from_card(_card(searcher, address)) for _, address in found]
        return {document.id: document for document in documents}

    def cursor(self) -> int:
        folder = self._current()
        return folder.cursor() if folder else 0

    def frequencies(self) -> Frequencies:
        folder = self._current()
        return folder.frequencies() if folder else Frequencies()

    def frequent(self) -> frozenset[str]:
        folder = self._current()
        return folder.frequent if folder else frozenset()

    def health(self) -> Health:
        try:
            folder = self._current()
            if folder is None:
                return Health(True, "tantivy", notes=("还没有索引：运行 zhaoshang index 建立。",))
            with _clear(folder.path):
                documents = folder.refresh().num_docs
        except (IndexOutdated, EngineUnavailable) as error:
            return Health(False, "tantivy", problem=error.reason)
        size = sum(f.stat().st_size for f in folder.path.iterdir() if f.is_file())
        notes: tuple[str, ...] = ()
        if folder.lexicon != lexicon().version:
            notes = ("词典在建索引之后改过：新词已可查到，重建索引（zhaoshang index --rebuild）后排序更好。",)
        return Health(True, "tantivy", documents, folder.cursor(), folder.analysis, folder.lexicon, size, None, notes)

    # --- writing

    def write(self, documents: Iterable[Prepared], deleted: Iterable[str], cursor: int) -> WriteReport:
        self._must_write()
        folder = self._current() or self._create()
        with _clear(folder.path):
            if self._writer is None:
                self._writer = folder.index.writer(
                    _HEAP, 1
                )  # one thread: the same documents always make the same segments
            return self._fill(folder, self._writer, documents, deleted, cursor, fresh=False)

    def rebuild(self, documents: Iterable[Prepared], cursor: int | Callable[[], int]) -> WriteReport:
        self._must_write()
        self._release()
        current = _read_pointer(self.root)
        for stale in self.root.glob("v*"):
            if stale.name != current:
                shutil.rmtree(stale, ignore_errors=True)  # left by a rebuild that was killed
        folder = self._next()
        with _clear(folder.path):
            writer = folder.index.writer(_HEAP, 1)
            report = self._fill(folder, writer, documents, (), cursor, fresh=True)
            writer.wait_merging_threads()
            del writer
        if current:  # the old table ranks until a new one is saved
            with contextlib.suppress(OSError):
                shutil.copyfile(self.root / current / "frequencies.json", folder.path / "frequencies.json")
        self._switch(folder)
        if current and current != folder.path.name:
            shutil.rmtree(
                self.root / current, ignore_errors=True
            )  # readers that still have it open keep its files until they let go
        return report

    def _fill(
        self,
        folder: _Folder,
        writer: tantivy.IndexWriter,
        documents: Iterable[Prepared],
        deleted: Iterable[str],
        cursor: int | Callable[[], int],
        *,
        fresh: bool,
    ) -> WriteReport:
        written = gone = 0
        failed: list[tuple[str, str]] = []
        try:
            for id_ in deleted:
                writer.delete_documents_by_term("id", id_)
                gone += 1
            for prepared in documents:
                try:
                    document = _document(prepared)
                except (ValueError, TypeError) as error:
                    failed.append((prepared.document.id, str(error)))
                    continue
                if not fresh:
                    writer.delete_documents_by_term("id", prepared.document.id)
                writer.add_document(document)
                written += 1
        except BaseException:
            writer.rollback()
            raise
        folder.announce_cursor(cursor() if callable(cursor) else cursor)
        writer.commit()
        return WriteReport(written, gone, tuple(failed))

    def save_frequencies(self, table: Frequencies) -> None:
        self._must_write()
        folder = self._current() or self._create()
        _replace(folder.path / "frequencies.json", json.dumps(table.to_json(), ensure_ascii=False, sort_keys=True))

    def close(self) -> None:
        self._release()
        self._folder = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _release(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _must_write(self) -> None:
        if self._lock is None:
            raise EngineUnavailable("索引是只读打开的，不能写入。")

    # --- versions

    def _current(self) -> _Folder | None:
        """The folder that the pointer names; None where there is no index. Raises IndexOutdated."""
        with self._guard:
            for _ in range(5):  # a rebuild in another process may take the old folder away between two steps
                try:
                    stat = self._named.stat()
                except FileNotFoundError:
                    return None
                state = (stat.st_mtime_ns, stat.st_ino)
                if self._folder is not None and state == self._pointer:
                    break
                name = _read_pointer(self.root)
                try:
                    self._folder = _Folder(self.root / (name or ""), self._schema)
                except FileNotFoundError:
                    continue
                except (ValueError, KeyError, OSError) as error:
                    raise IndexOutdated(f"索引损坏或由别的版本建立，读不出（{error}）。{REBUILD}") from error
                self._pointer = state
                break
            else:
                raise IndexOutdated(f"索引目录不完整：{self.root}。{REBUILD}")
            if self._folder.analysis != ANALYSIS_VERSION:
                raise IndexOutdated(
                    f"索引由另一版本的分析建立（{self._folder.analysis}，现为 {ANALYSIS_VERSION}）。{REBUILD}"
                )
            return self._folder

    def _next(self) -> _Folder:
        numbers = [int(p.name[1:]) for p in self.root.glob("v*") if p.name[1:].isdigit()]
        return _Folder.create(self.root / f"v{max(numbers, default=0) + 1:06d}", self._schema)

    def _create(self) -> _Folder:
        folder = self._next()
        self._switch(folder)
        return folder

    def _switch(self, folder: _Folder) -> None:
        _replace(self.root / "current", folder.path.name)
        with self._guard:
            self._folder, self._pointer = None, None

    # --- queries

    def _compile(self, clause: Clause) -> tantivy.Query:
        """The clause as a query that scores nothing."""
        return tantivy.Query.const_score_query(self._plain(clause), 0.0)

    def _plain(self, clause: Clause) -> tantivy.Query:
        make, schema = tantivy.Query, self._schema
        match clause:
            case Term(field, token):
                return make.term_query(schema, field, token, "basic")
            case Phrase(field, tokens):
                return make.phrase_query(schema, field, _sparse(tokens))
            case Prefix(field, start):
                return make.regex_query(schema, field, _escape(start) + ".*")
            case Among(field, values):
                return make.term_set_query(schema, field, list(values)) if values else make.empty_query()
            case Between(field, least, most):
                if least is None and most is None:
                    return make.all_query()
                return make.range_query(schema, field, tantivy.FieldType.Integer, least, most)
            case Every():
                return make.all_query()
            case Nothing():
                return make.empty_query()
            case Or(clauses):
                return (
                    make.boolean_query([(tantivy.Occur.Should, self._plain(c)) for c in clauses])
                    if clauses
                    else make.empty_query()
                )
            case And(clauses):
                positive = [(tantivy.Occur.Must, self._plain(c)) for c in clauses if not isinstance(c, Not)]
                negative = [(tantivy.Occur.MustNot, self._plain(c.clause)) for c in clauses if isinstance(c, Not)]
                return make.boolean_query([*(positive or [(tantivy.Occur.Must, make.all_query())]), *negative])
            case Not(inner):
                return make.boolean_query(
                    [(tantivy.Occur.Must, make.all_query()), (tantivy.Occur.MustNot, self._plain(inner))]
                )
        raise TypeError(f"no clause: {clause!r}")

    def _score(self, scored: Scored) -> tantivy.Query:
        if scored.constant:
            return tantivy.Query.const_score_query(self._plain(scored.clause), scored.weight)
        match scored.clause:
            case Term(field, token):
                query = tantivy.Query.term_query(self._schema, field, token, "freq")
            case Phrase(field, tokens):
                query = tantivy.Query.phrase_query(self._schema, field, list(tokens))
            case _:
                raise TypeError(f"not to be scored: {scored.clause!r}")
        return tantivy.Query.boost_query(query, scored.weight)


def _sparse(tokens: tuple[str, ...]) -> list[str | tuple[int, str]]:
    """The same phrase with every other pair left out, where the pairs overlap: what is between two pairs that stand two apart can only be the third."""
    chained = all(len(a) == len(b) == 2 and a[1] == b[0] for a, b in pairwise(tokens))
    if not chained or len(tokens) < 3:
        return list(tokens)
    return [(at, token) for at, token in enumerate(tokens) if at % 2 == 0 or at == len(tokens) - 1]


def _single(clause: Clause) -> bool:
    """One word, or words of which any will do."""
    return isinstance(clause, Term | Phrase) or (
        isinstance(clause, Or) and all(isinstance(c, Term | Phrase) for c in clause.clauses)
    )


def _document(prepared: Prepared) -> tantivy.Document:
    out = tantivy.Document()
    for name, value in prepared.streams.items():
        out.add_text(name, value)
    for name, values in prepared.keywords.items():
        for value in values:
            out.add_text(name, value)
    for name, number in prepared.numbers.items():
        out.add_integer(name, number)
    out.add_unsigned("number", int(prepared.document.id, 16))
    out.add_bytes("card", json.dumps(prepared.document.to_card(), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return out


def _card(searcher: tantivy.Searcher, address: Any) -> dict[str, Any]:
    return json.loads(searcher.doc(address)["card"][0].decode("utf-8", "surrogatepass"))  # type: ignore[no-any-return]


def _escape(text: str) -> str:
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() else c for c in text)


def _read_pointer(root: Path) -> str | None:
    try:
        return (root / "current").read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _replace(path: Path, content: str) -> None:
    """Write a file so that readers see the old one or the whole new one, also after a crash."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextlib.contextmanager
def _clear(path: Path) -> Iterator[None]:
    """tantivy's own errors, said so that an operator knows what to do."""
    try:
        yield
    except (ValueError, FileNotFoundError) as error:
        text = str(error)
        if "LockBusy" in text:
            raise EngineUnavailable("另一个进程正在写索引，请等它结束后再试。") from error
        if "No space left" in text:
            raise EngineUnavailable("磁盘已满，索引写不下去；腾出空间后再运行一次即可。") from error
        raise IndexOutdated(f"索引 {path.name} 损坏，读不出（{text[:200]}）。{REBUILD}") from error
    except OSError as error:
        raise EngineUnavailable(
            f"索引目录 {path} 读写失败：{error.strerror or error}。请检查权限与磁盘空间。"
        ) from error
