"""The lexicon of the gate learns a word: what was rejected before is kept at the next extraction, by the command as an operator runs it.

The commands run over a copy of the package `crawler` that has a lexicon of its own. To patch the words in this process would not do: pages
are judged in processes that the command starts, and the version follows the bytes of the file.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.test_extract_stage import OFF_TOPIC, PAGE, TEXT
from tests.whole_way import ROOT, Desk

COINED = "<p>今年以来，全县开展“百凤还巢”行动，各乡镇逐户登门。</p><p>百凤还巢行动由县领导带队，已登门三十户，百凤还巢的故事在乡里传开。</p>"
PAGES = {
    "kept": ("清河县召开招商引资推进会", TEXT),
    "coined": ("清河县百凤还巢行动见闻", COINED),
    "match": ("主队三比一取胜", OFF_TOPIC),
}


def with_word(folder: Path, word: str) -> str:
    """PYTHONPATH of the program with one strong word more."""
    package = folder / "crawler"
    package.mkdir(parents=True)
    for entry in (ROOT / "crawler").iterdir():
        if entry.name not in ("topic.toml", "__pycache__"):
            (package / entry.name).symlink_to(entry)
    lexicon = (ROOT / "crawler" / "topic.toml").read_text(encoding="utf-8")
    (package / "topic.toml").write_text(lexicon.replace("[strong]\n", f'[strong]\n"{word}" = 5.0\n'), encoding="utf-8")
    return os.pathsep.join((str(folder), str(ROOT)))


@pytest.mark.slow
def test_a_word_learnt_keeps_what_was_rejected(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    for name, (title, text) in PAGES.items():
        (saved / f"{name}.html").write_text(PAGE.format(title=title, text=text), encoding="utf-8")
    desk = Desk(tmp_path / "data")
    first = desk.json("import", str(saved))
    assert (first["kept"], first["rejected"]) == (1, 2)
    assert "重新判断" not in desk.run("extract").stderr

    desk.environment["PYTHONPATH"] = with_word(tmp_path / "program", "百凤还巢")
    ran = desk.run("extract", "--json")
    assert '"judged_again": 2' in ran.stdout and '"new": 1' in ran.stdout and '"rejected": 1' in ran.stdout
    assert "从前不切题的 2 份快照重新判断" in ran.stderr
    counts = desk.json("status")["counts"]
    assert (counts["captures"], counts["articles"], counts["revisions"], counts["rejected"]) == (3, 2, 2, 1)
    assert desk.json("extract")["captures"] == 0

    del desk.environment["PYTHONPATH"]  # the word is forgotten: what was kept can be cited, and stays
    again = desk.json("extract")
    assert (again["judged_again"], again["captures"], again["rejected"]) == (1, 1, 1)
    after = desk.json("status")["counts"]
    assert {**after, "warc_bytes": 0} == {**counts, "warc_bytes": 0}
