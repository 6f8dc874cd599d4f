"""Thirty nights with planted faults: each is told once, by the right way, and none is left unsaid; and what a night tells the watchdog."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from crawler.alerts import Address
from crawler.alerts.channels import Channel, write_channels
from crawler.archive import Archive, ArchiveError, SourceReport
from crawler.archive.nights.fault_mark import read_mark
from crawler.configuration import Settings, load_settings
from crawler.stages.crawl import CrawlError
from crawler.stages.drift_report import Drifted
from crawler.terminal import silent
from tests.receivers import http_receiver, smtp_server
from zhaoshang.morning import told_night as told
from zhaoshang.morning.teller import send_what_waits
from zhaoshang.nightly import NightReport, Row

FIRST = datetime(2026, 3, 1, 18, tzinfo=UTC)
SOURCES = ("anhe", "bailu", "caoyun", "donghu", "erlong")
FULL = "文库写不进去：磁盘已满"


class Killed(BaseException):
    """As kill -9: nothing of the night's own runs after it."""


@dataclass
class Plan:
    """What happens in one night. `wrong` are outcomes by source with a note; `ends` is raised at the end, before anything of the night is kept where `lost`,
    and where `full` the disk does not take the report with what is to be told of it."""

    wrong: dict[str, tuple[str, str]] = field(default_factory=dict)
    drifted: tuple[Drifted, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    ends: Callable[[], BaseException] | None = None
    lost: bool = False
    full: bool = False


DEAD = {"anhe": ("failed", "网站没有回答")}
BLOCKED = {"bailu": ("blocked", "网站拦住了访问")}
LAYOUT = (Drifted("caoyun", ("标题忽然雷同",), "http://caoyun.example/1.html"),)
READING = (Drifted("caoyun", ("作者都叫 管理员",), "http://caoyun.example/2.html", reading=True),)
ENGINE = "检索引擎：连不上 http://127.0.0.1:9200。文章已在文库里，下一次会补上索引。"
NIGHTS = {
    3: Plan(DEAD),
    4: Plan(DEAD),
    5: Plan(DEAD | BLOCKED),
    6: Plan(BLOCKED),
    8: Plan(drifted=LAYOUT),
    9: Plan(
        ends=lambda: CrawlError("提取进程意外结束（退出码 -9）")
    ),  # before it compared pages with those of earlier nights
    10: Plan(drifted=(*LAYOUT, *READING)),
    12: Plan(remarks=("donghu：最新一条是 2025-08-30 的，久未更新：http://donghu.example/",)),
    14: Plan(ends=lambda: ArchiveError(FULL), full=True),
    15: Plan(ends=lambda: ArchiveError(FULL), lost=True),
    17: Plan(problems=(ENGINE,)),
    18: Plan(problems=(ENGINE, "夜间时间用完，3 个来源没有轮到，下次优先")),
    19: Plan(problems=("夜间时间用完，12 个来源没有轮到，下次优先",)),
    21: Plan({"erlong": ("failed", "网站暂停服务")}, ends=Killed),
    22: Plan(),  # erlong is not due yet: only the night that was killed knows of it
    24: Plan({"donghu": ("short", "列表只有 3 条，预期至少 20 条")}),
    25: Plan({"donghu": ("failed", "一个列表也没有读到")}),
    27: Plan(ends=lambda: CrawlError("采集进程意外结束（退出码 -9）")),
    28: Plan(ends=lambda: CrawlError("采集进程意外结束（退出码 -11）")),
}
TOLD = {  # what the mail of each night says, and nothing else is sent to those who only want changes
    3: ["失败", "anhe", "网站没有回答"],
    5: ["被拦", "bailu"],
    6: ["恢复", "anhe"],
    7: ["恢复", "bailu"],
    8: ["走样", "caoyun", "标题忽然雷同"],
    9: ["失败", "提取进程意外结束"],
    10: ["caoyun", "此前走样", "管理员", "恢复", "提取进程意外结束"],
    11: ["恢复", "caoyun"],
    12: ["donghu", "久未更新"],
    14: ["没有做完", FULL],
    16: ["恢复", FULL],
    17: ["检索引擎"],
    18: ["3 个来源没有轮到"],
    19: ["恢复", "检索引擎"],
    20: ["恢复", "没有轮到"],
    22: ["erlong", "网站暂停服务"],
    23: ["恢复", "erlong"],
    24: ["不足", "donghu", "列表只有 3 条"],
    25: ["失败", "donghu", "此前不足"],
    26: ["恢复", "donghu"],
    27: ["失败", "采集进程意外结束"],
    29: ["恢复", "采集进程意外结束"],
}
KILLED = {
    21: ["中断", "2026-03-22 02:00"]
}  # told by whatever runs next: the timer's `notify send`, else the next night


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data=tmp_path / "data", address="https://wenku.example.org")


def _play(plans: dict[int, Plan], number: int) -> Callable[..., NightReport]:
    plan = plans.get(number, Plan())

    def night(
        settings: Settings,
        archive: Archive,
        bars: object,
        *,
        now: datetime,
        began: Callable[[int], None],
        tell: Callable[[Archive, int, NightReport], None],
        **more: object,
    ) -> NightReport:
        run = archive.runs.start("nightly", now)
        began(run)
        outcomes = {name: plan.wrong.get(name, ("ok", "")) for name in SOURCES}
        if number == 22:
            del outcomes["erlong"]
        for name, (outcome, note) in outcomes.items():
            archive.runs.record_source(run, name, SourceReport(outcome=outcome, note=note))
        rows = tuple(
            Row(
                name,
                name,
                outcome,
                requests=9,
                entries=20,
                expected=20,
                new=1,
                changed=0,
                rejected=0,
                blocked=0,
                failed=0,
                note=note,
            )
            for name, (outcome, note) in outcomes.items()
        )
        ended = plan.ends() if plan.ends else None
        if isinstance(ended, Killed) or (ended and plan.lost):
            raise ended
        report = NightReport(
            now,
            60.0,
            rows,
            captures=9,
            articles=5,
            indexed=5,
            problems=plan.problems,
            drifted=plan.drifted,
            remarks=plan.remarks,
        )
        if ended:
            report = replace(report, problems=(str(ended),), broken=True)
        with archive.transaction():
            archive.runs.finish(run, report.to_json())
            tell(archive, run, report)
            if plan.full:
                raise ArchiveError(FULL)
        if ended:
            raise ended
        return report

    return night


def test_thirty_nights_with_planted_faults(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with smtp_server() as box, http_receiver() as web, http_receiver() as watchdog:
        settings = settings.model_copy(update={"ping": f"http://127.0.0.1:{watchdog.port}/uuid"})
        mail = f"mailto://127.0.0.1:{box.port}?from=bot@example.org&to=ops@example.org&mode=insecure"
        hook = f"json://127.0.0.1:{web.port}/"
        write_channels(
            settings.data, {"值班": Channel(Address("值班", mail)), "群": Channel(Address("群", hook), always=True)}
        )
        mails: dict[int, list[str]] = {}
        for number in range(1, 31):
            monkeypatch.setattr(told, "run_night", _play(NIGHTS, number))
            box.open = number != 24  # the mail of this night waits
            before = len(box.mails)
            with suppress(Killed, ArchiveError, CrawlError):
                told.told_night(settings, silent, said.append, now=FIRST + timedelta(days=number - 1))
            if number == 24:
                box.open = True
                assert send_what_waits(settings, said.append, datetime.now(UTC)) == []  # its pause is not over
                assert len(box.mails) == before and "没有送到 值班" in said[-1]
                send_what_waits(settings, said.append, datetime.now(UTC) + timedelta(minutes=6))
            morning = FIRST + timedelta(days=number - 1, hours=9)
            assert send_what_waits(settings, said.append, morning) == []
            mails[number] = [_text(mail) for mail in box.mails[before:]]
            assert send_what_waits(settings, said.append, morning) == []
            assert len(box.mails) == before + len(mails[number])  # nothing twice
        for number, sent in mails.items():
            expected = [words for told_at in (KILLED, TOLD) if (words := told_at.get(number))]
            assert len(sent) == len(expected), (number, sent)
            for words, text in zip(expected, sent, strict=True):
                assert ("恢复" in words) == ("恢复" in text), (number, text)
                assert all(word in text for word in words), (number, words, text)
        ended = [
            n
            for n in range(1, 31)
            if not (n in NIGHTS and NIGHTS[n].ends and (NIGHTS[n].lost or NIGHTS[n].full or n == 21))
        ]
        direct = [14]
        assert len(web.posts) == len(ended) + len(direct) + len(KILLED)
        signs = [path.removeprefix("/uuid") for path, _ in watchdog.posts]
        failures = {9, 14, 15, 17, 18, 19, 27, 28}
        assert signs.count("/start") == 30 and signs.count("/fail") == len(failures)
        assert (
            signs.count("") == 30 - len(failures) - 1
        )  # the killed one says nothing: that is what the watchdog waits for
        assert read_mark(settings.data) is None


def test_a_night_that_did_not_happen_is_told_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_receiver() as web:
        write_channels(settings.data, {"群": Channel(Address("群", f"json://127.0.0.1:{web.port}/"))})
        monkeypatch.setattr(told, "run_night", _play({}, 1))
        told.told_night(settings, silent, print, now=FIRST)
        with Archive.open(settings) as archive:
            archive.frontier.set_source("anhe", enabled=True)
        for hours in (10, 30, 40, 41, 90):
            send_what_waits(settings, print, FIRST + timedelta(hours=hours))
        (post,) = web.posts
        assert "没有运行" in post[1]["title"] and "2026-03-02 02:00" in post[1]["message"]


def test_a_slip_in_the_list_of_addresses_or_a_dead_watchdog_ends_no_night(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings.model_copy(update={"ping": "http://127.0.0.1:9/S3CRET"})
    settings.data.mkdir(parents=True)
    (settings.data / "notify.toml").write_text('[值班]\nurl = 7\n"S3CRET"', encoding="utf-8")
    said: list[str] = []
    monkeypatch.setattr(told, "run_night", _play({}, 1))
    assert told.told_night(settings, silent, said.append, now=FIRST).ok
    assert any("notify.toml" in line for line in said) and any("PING" in line for line in said)
    assert "S3CRET" not in str(said)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("html", "plain"))
    return f"{mail['Subject']}\n{body.get_content() if body else ''}"
