"""A few real nights, from the command to the mail: what breaks is told once, what is well again too, and a quiet night prints nothing."""

from __future__ import annotations

import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.loopback_site import Answer, Site
from tests.receivers import http_receiver, smtp_server
from tests.test_drift_night import County
from tests.whole_way import Desk, kill


class Silent(County):
    """A county whose server may hang up, or take its time."""

    down = False
    slow = 0.0

    def __call__(self, path: str) -> Answer | None:
        time.sleep(self.slow)
        return Answer("", status=0) if self.down else super().__call__(path)


def _said(mails: list[EmailMessage]) -> list[str]:
    bodies = [mail.get_body(("html", "plain")) for mail in mails]
    return [f"{m['Subject']} {b.get_content() if b else ''}" for m, b in zip(mails, bodies, strict=True)]


@pytest.mark.slow
def test_real_nights_tell_what_broke_and_what_is_well_again(tmp_path: Path) -> None:
    few, silent = County(), Silent()
    with Site(respond=few) as one, Site(respond=silent) as two, smtp_server() as box, http_receiver() as watchdog:
        desk = Desk(
            tmp_path / "data",
            {
                "ZHAOSHANG_MAIL": f"mailto://bot:geheim@127.0.0.1:{box.port}?from=bot@example.org&mode=insecure",
                "ZHAOSHANG_PING": f"http://127.0.0.1:{watchdog.port}/uuid",
                "ZHAOSHANG_ADDRESS": "https://wenku.example.org",
                "ZHAOSHANG_METRICS": str(tmp_path / "zhaoshang.prom"),
            },
        )
        for name, site in (("few", one), ("silent", two)):
            (desk.data / "sources").mkdir(parents=True, exist_ok=True)
            (desk.data / f"sources/{name}.toml").write_text(
                f'name = "{name}"\ntitle = "{name} 县"\nkind = "government"\nregion = "340000"\nseen_in = "测试"\n'
                f'start_urls = ["{site.url}/"]\nexpected = 8\n',
                encoding="utf-8",
            )
            desk.run("sources", "enable", name)
        said = desk.run("notify", "add", "值班", "ops@example.org").stderr
        assert "geheim" not in said + desk.run("notify", "list").stdout + desk.run("doctor").stdout
        assert (desk.data / "notify.toml").stat().st_mode & 0o777 == 0o600
        desk.run("notify", "test", "值班")
        assert "试发" in _said(box.mails)[0]
        box.mails.clear()

        def night(day: int, code: int, **environment: str) -> tuple[str, list[str]]:
            box.mails.clear()
            tonight = Desk(desk.data, desk.environment | environment)
            done = tonight.run("nightly", "--quiet", "--now", f"2026-03-{day:02}T02:00", code=code)
            return done.stdout + done.stderr, _said(box.mails)

        assert night(1, 0) == ("", [])
        few.few, silent.down = 2, True
        printed, (told,) = night(2, 1)
        assert printed.index("silent") < printed.index("few")
        assert "1 个来源失败" in told and "1 个来源不足" in told and "https://wenku.example.org/nights/" in told
        assert night(5, 1)[1] == []
        few.few, silent.down = None, False
        assert ["2 处恢复" in mail for mail in night(9, 0)[1]] == [True]
        printed, (told,) = night(11, 1, ZHAOSHANG_ENGINE="http://127.0.0.1:9")
        assert "检索引擎" in told and "geheim" not in told + printed
        assert ["恢复" in mail for mail in night(13, 0)[1]] == [True]
        silent.slow, box.mails[:] = 0.5, []
        running = desk.start("nightly", "--now", "2026-03-15T02:00")
        while "running" not in str(desk.json("nights")):
            time.sleep(0.1)
        kill(running)
        assert desk.json("nights")[0]["outcome"] == "interrupted" and desk.json("doctor", code=1)
        silent.slow = 0
        desk.run("notify", "send")
        desk.run("notify", "send")
        cut_off, overdue = _said(box.mails)  # these nights were in March; since then none began
        assert "中断" in cut_off and "没有运行" in overdue
        assert night(17, 0) == ("", [])
        signs = [path.removeprefix("/uuid") for path, _ in watchdog.posts]
        assert signs == [
            "/start",
            "",
            "/start",
            "",
            "/start",
            "",
            "/start",
            "",
            "/start",
            "/fail",
            *["/start", ""],
            "/start",
            "/start",
            "",
        ]
        assert "zhaoshang_night_last_success_timestamp_seconds" in (tmp_path / "zhaoshang.prom").read_text()
        assert len(list((desk.data / "logs").glob("*.log"))) == 8
