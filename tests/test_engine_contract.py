"""The embedded engine keeps the contract, and says what is wrong with its folder."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.analysis.fields import Prepared, prepare
from indexer.engines.base import Engine, EngineUnavailable, IndexOutdated, MatchAll, Request, Scored, Term
from indexer.engines.tantivy.engine import TantivyEngine
from indexer.engines.tantivy.folder import clear
from tests.engine_contract import EngineContract, sample


class TestTantivy(EngineContract):
    def open(self, where: Path, *, write: bool = False) -> Engine:
        return TantivyEngine.open(where / "index", write=write)


def built(where: Path) -> Path:
    engine = TantivyEngine.open(where / "index", write=True)
    engine.write((prepare(d) for d in sample(5)), (), 5)
    engine.close()
    return where / "index" / (where / "index" / "current").read_text()


def test_one_process_writes(tmp_path: Path) -> None:
    engine = TantivyEngine.open(tmp_path / "index", write=True)
    with pytest.raises(EngineUnavailable, match="另一个进程正在写索引"):
        TantivyEngine.open(tmp_path / "index", write=True)
    engine.close()
    TantivyEngine.open(tmp_path / "index", write=True).close()


def test_a_rebuild_that_fails_leaves_nothing_behind_and_one_that_was_killed_is_cleared_away(tmp_path: Path) -> None:
    """On a full disk what is half made would take the room that the next run needs."""
    kept = built(tmp_path)
    engine = TantivyEngine.open(kept.parent, write=True)

    def breaking_off() -> Iterator[Prepared]:
        yield from (prepare(d) for d in sample(3))
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(EngineUnavailable):
        engine.rebuild(breaking_off(), 9)
    assert [path.name for path in kept.parent.glob("v*")] == [kept.name]
    (kept.parent / "v000009").mkdir()
    engine.write((prepare(d) for d in sample(6)), (), 6)
    assert [path.name for path in kept.parent.glob("v*")] == [kept.name]
    assert engine.execute(Request(MatchAll())).total == 6 and engine.cursor() == 6
    engine.close()


def test_an_index_of_another_analysis_says_so_and_can_be_rebuilt(tmp_path: Path) -> None:
    made = built(tmp_path) / "made.json"
    made.write_text(json.dumps({**json.loads(made.read_text()), "analysis": "0"}))
    engine = TantivyEngine.open(tmp_path / "index", write=True)
    with pytest.raises(IndexOutdated, match="index --rebuild"):
        engine.execute(Request(MatchAll()))
    assert "index --rebuild" in (engine.health().problem or "")
    engine.rebuild((prepare(d) for d in sample(7)), 7)
    assert engine.execute(Request(MatchAll())).total == 7
    engine.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('Failed to acquire Lockfile: IoError(Os { code: 30, message: "Read-only file system" }). None', "只读"),
        ("An IO error occurred: 'Permission denied (os error 13)'", "权限"),
        ("An IO error occurred: 'No space left on device (os error 28)'", "磁盘已满"),
    ],
)
def test_a_disk_that_refuses_is_not_called_a_damaged_index(tmp_path: Path, said: str, told: str) -> None:
    """tantivy says it in a ValueError, as it says that files are damaged; who is told to rebuild would do so for nothing."""
    with pytest.raises(EngineUnavailable, match=told), clear(tmp_path):
        raise ValueError(said)


def test_an_index_without_the_fields_of_today_says_so(tmp_path: Path) -> None:
    made = built(tmp_path) / "made.json"
    before = json.loads(made.read_text())
    made.write_text(json.dumps({**before, "fields": [name for name in before["fields"] if name != "figures"]}))
    with pytest.raises(IndexOutdated, match=r"没有现在的全部字段。.*index --rebuild"):
        TantivyEngine.open(tmp_path / "index").execute(Request(MatchAll()))


def test_frequent_words_stay_exact_when_the_lexicon_changes(tmp_path: Path) -> None:
    """A word that was frequent when the index was made, and is not when more is written, is asked as a phrase again."""
    made = built(tmp_path) / "made.json"
    made.write_text(json.dumps({**json.loads(made.read_text()), "frequent": ["招商引资", "从前常见"]}))
    engine = TantivyEngine.open(tmp_path / "index", write=True)
    assert engine.frequent() == {"招商引资"}  # what the lexicon of today lacks is asked as a phrase from now on
    engine.write((prepare(d) for d in sample(3, seed=8)), (), 9)
    assert engine.frequent() == {"招商引资"} and TantivyEngine.open(tmp_path / "index").frequent() == {"招商引资"}
    engine.close()


@pytest.mark.parametrize("harm", ["meta.json", "made.json", "store", "folder", "pointer"])
def test_a_damaged_index_says_so_and_can_be_rebuilt(tmp_path: Path, harm: str) -> None:
    folder = built(tmp_path)
    match harm:
        case "folder":
            folder.rename(tmp_path / "gone")
        case "pointer":
            (folder.parent / "current").write_text("")
        case "store":
            for file in folder.glob("*.store"):
                file.write_bytes(b"")
        case name:
            (folder / name).write_text("{")
    engine = TantivyEngine.open(tmp_path / "index", write=True)
    with pytest.raises(IndexOutdated, match="index --rebuild"):
        engine.execute(Request(MatchAll()))
    engine.rebuild((prepare(d) for d in sample(7)), 7)
    assert engine.execute(Request(MatchAll())).total == 7
    engine.close()


def test_killed_at_any_moment_it_goes_on_and_ends_alike(tmp_path: Path) -> None:
    """A writer that is killed again and again comes to the same documents and the same scores as one that is not."""
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from indexer.analysis.fields import Prepared, prepare
        from indexer.engines.tantivy.engine import TantivyEngine
        from tests.engine_contract import sample
        documents = sample(600)
        engine = TantivyEngine.open(Path(sys.argv[1]), write=True)
        print("ready", flush=True)
        while (done := engine.cursor()) < len(documents):
            engine.write((prepare(d) for d in documents[done : done + 60]), (), done + 60)
        engine.close()
        print("done", flush=True)
    """)
    root = Path(__file__).parents[1]

    def run(where: Path, kill_after: float | None) -> bool:
        with subprocess.Popen(
            [sys.executable, "-c", script, str(where)],
            cwd=root,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(root)},
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            if kill_after is not None:
                try:
                    process.wait(kill_after)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
            return process.stdout.read() == b"done\n"

    killed, smooth = tmp_path / "killed", tmp_path / "smooth"
    for moment in (0.02, 0.05, 0.09):
        run(killed, moment)
    assert run(killed, None) and run(smooth, None)
    one, two = TantivyEngine.open(killed), TantivyEngine.open(smooth)
    latest = Request(MatchAll(), sort="newest", top=700)
    assert [h.document for h in one.execute(latest).hits] == [h.document for h in two.execute(latest).hits]
    ranked = Request(MatchAll(), (Scored(Term("words", "招商"), 1.0),), top=700)
    scores = [{h.document.id: h.score for h in engine.execute(ranked).hits} for engine in (one, two)]
    assert scores[0] == scores[1]
    assert one.cursor() == two.cursor() == 600
