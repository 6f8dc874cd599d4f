"""A night in a few lines for somebody who has just got up: failures first, then what recovered, and where to read on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from crawler.archive.nights.night import BELOW, Night
from crawler.article import SHANGHAI
from crawler.sources.source_status import OUTCOME_NAMES
from crawler.terminal import minute
from zhaoshang.morning.changes import Change, Changes

MOST_SOURCES, MOST_RECOVERED, MOST_LINES = 12, 8, 5
LONGEST = 160  # characters of one reason


@dataclass(frozen=True, slots=True)
class Message:
    """`html` is what mail shows; it says the same as `text`."""

    title: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    href: str = ""


def of_night(night: Night, changes: Changes, base: str) -> Message:
    """`base` is the public address of the pages, '' where there is none: then the command that shows the night stands for the link."""
    lines = [_Line(_first_line(night))]
    if night.state == "interrupted":
        lines.append(_Line("… 这一夜中断了，没有跑完；再次运行会接着做"))
    lines += _problems(changes.problems)
    lines += _sources(changes.began, base)
    lines += _mended(changes, base)
    lines += [_Line(f"· {_short(line)}") for line in changes.remarks[:MOST_LINES]]
    if len(changes.remarks) > MOST_LINES:
        lines.append(_Line(f"· 另有 {len(changes.remarks) - MOST_LINES} 条留意"))
    if changes.standing:
        others = "、".join(changes.standing[:MOST_LINES]) + ("等" if len(changes.standing) > MOST_LINES else "")
        lines.append(_Line(f"另有 {len(changes.standing)} 个来源和上次一样没达到预期：{others}"))
    return _message(_title(night, changes), lines, base, night.run)


def of_cut_off(night: Night, base: str) -> Message:
    """A night that was killed."""
    lines = [
        _Line(f"… {minute(night.started_at)} 开始的一夜（第 {night.run} 次运行）中断了，没有跑完，也没有留下报告"),
        _Line("进程被终止、机器重启或内存不足时会这样；已抓取的都在，下一夜会接着做"),
    ]
    return _message("招商文库：一夜中断", lines, base, night.run)


def of_overdue(last: Night, base: str) -> Message:
    """No night has begun for long."""
    lines = [
        _Line(f"✗ 上一夜是 {minute(last.started_at)}，此后没有再运行过"),
        _Line("看定时任务还在不在：systemctl list-timers、crontab -l 或 zhaoshang schedule"),
    ]
    return _message("招商文库：该采的一夜没有运行", lines, base, last.run)


def of_fault(reason: str, when: datetime, base: str) -> Message:
    """A night that ended with an error."""
    lines = [
        _Line(f"✗ {minute(when)} 的一夜没有做完：{reason}"),
        _Line("已存下的都在；排除原因之后再运行会接着做。磁盘、文库和设置有什么不对：zhaoshang doctor"),
    ]
    if base:
        lines.append(_Line("各夜的采集", f"{base}/nights"))
    return _message("招商文库：一夜失败", lines, base, None)


def of_test(name: str) -> Message:
    """What `notify test` sends."""
    return _message("招商文库：试发", [_Line(f"这是发往“{name}”的试发，收到就说明通知能送到")], "", None)


def _message(title: str, lines: Sequence[_Line], base: str, run: int | None) -> Message:
    shown = list(lines)
    if run is not None and base:
        shown.append(_Line("这一夜的报告", f"{base}/nights/{run}"))
    elif run is not None:
        shown.append(_Line(f"这一夜的报告：zhaoshang status --night {run}"))
    # a source's own link would make a chat message long; the mail has it
    text = "\n".join(f"{line.text}：{line.href}" if "/nights" in line.href else line.text for line in shown)
    return Message(
        title, text, f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title>{''.join(_html(shown))}"
    )


def _html(lines: Sequence[_Line]) -> Iterator[str]:
    for line in lines:
        text, href = escape(line.text), escape(line.href)
        # the address is written out: a mail's text without marks is made of this, and has no other
        yield f'<p>{text}<br><a href="{href}">{href}</a></p>' if href else f"<p>{text}</p>"


def _title(night: Night, changes: Changes) -> str:
    counts = Counter(change.now for change in changes.began)
    parts = ["一夜失败"] if night.state == "failed" else ["一夜中断"] if night.state == "interrupted" else []
    if changes.problems and night.state != "failed":
        parts.append(f"{len(changes.problems)} 个问题")
    parts += [f"{counts[key]} 个来源{OUTCOME_NAMES[key]}" for key in BELOW if counts[key]]
    recovered = len(changes.recovered) + len(changes.mended)
    if recovered:
        parts.append(f"{recovered} 处恢复")
    if not parts and changes.remarks:
        parts.append("有要留意的")
    if not parts:
        below = len(night.below)
        parts.append(f"和上一夜一样，{below} 个来源没达到预期" if below else f"一夜正常，新文章 {_new(night)}")
    return f"招商文库：{'，'.join(parts)}"


def _first_line(night: Night) -> str:
    took = f"，用时 {_duration(night.seconds)}" if night.seconds else ""
    when = night.started_at.astimezone(SHANGHAI)
    return (
        f"{when.month} 月 {when.day} 日 {when:%H:%M} 的一夜：{len(night.rows)} 个来源，"
        f"{len(night.below)} 个没达到预期，新文章 {_new(night)}{took}"
    )


def _new(night: Night) -> int:
    return sum(row.new for row in night.rows)


def _problems(problems: Sequence[str]) -> Iterator[_Line]:
    for line in problems[:MOST_LINES]:
        yield _Line(f"✗ {_short(line)}")
    if len(problems) > MOST_LINES:
        yield _Line(f"✗ 另有 {len(problems) - MOST_LINES} 个问题")


def _sources(began: Sequence[Change], base: str) -> Iterator[_Line]:
    for change in began[:MOST_SOURCES]:
        before = f"，此前{OUTCOME_NAMES[change.before]}" if change.before in BELOW else ""
        why = f"：{_short(change.why)}" if change.why else ""
        yield _Line(
            f"{OUTCOME_NAMES[change.now]} {_named(change)}{before}{why}",
            f"{base}/sources/{change.source}" if base else "",
        )
    if len(began) > MOST_SOURCES:
        counts = Counter(change.now for change in began[MOST_SOURCES:])
        rest = "，".join(f"{OUTCOME_NAMES[key]} {counts[key]}" for key in BELOW if counts[key])
        yield _Line(f"另有 {len(began) - MOST_SOURCES} 个来源：{rest}")


def _mended(changes: Changes, base: str) -> Iterator[_Line]:
    for change in changes.recovered[:MOST_RECOVERED]:
        before = OUTCOME_NAMES.get(change.before, change.before)
        yield _Line(f"恢复 {_named(change)}，此前{before}", f"{base}/sources/{change.source}" if base else "")
    if len(changes.recovered) > MOST_RECOVERED:
        yield _Line(f"另有 {len(changes.recovered) - MOST_RECOVERED} 个来源恢复")
    for line in changes.mended[:MOST_LINES]:
        yield _Line(f"恢复 不再出现：{_short(line)}")


def _named(change: Change) -> str:
    return change.source if change.title == change.source else f"{change.title}（{change.source}）"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} 秒"
    return f"{minutes // 60} 小时 {minutes % 60} 分钟" if minutes >= 60 else f"{minutes} 分钟"
