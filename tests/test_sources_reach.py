"""The reachability register, as the command shows it: what was reached, when, and the answer that said so."""

from datetime import UTC, datetime
from pathlib import Path

from crawler.archive import Archive
from crawler.configuration import load_settings
from tests.whole_way import Desk

FILE = 'name = "yangli"\ntitle = "样例"\nkind = "news"\nregion = "340000"\nseen_in = "测试"\nstart_urls = ["http://127.0.0.1:1/"]\n'


def test_a_source_is_a_candidate_until_it_answers(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data")
    (desk.data / "sources").mkdir(parents=True)
    (desk.data / "sources" / "yangli.toml").write_text(FILE, encoding="utf-8")
    assert desk.json("sources", "show", "yangli")["status"] == "candidate"
    with Archive.open(load_settings(data=desk.data)) as archive:
        at = datetime(2026, 3, 1, 20, tzinfo=UTC)  # the next day in Shanghai
        archive.set_source("yangli", status="challenge", status_answer="HTTP 412", status_at=at)
    shown = desk.json("sources", "show", "yangli")
    assert (shown["status"], shown["status_answer"]) == ("challenge", "HTTP 412")
    assert "设了验证 2026-03-02（HTTP 412）" in desk.run("sources", "show", "yangli").stderr
