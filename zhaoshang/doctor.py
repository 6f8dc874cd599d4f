"""`zhaoshang doctor`: checks of the installation, one line each, with what to do where one fails."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.configuration import Settings, origin_of, unknown_variables
from crawler.reasons import describe_error
from crawler.terminal import minute

if TYPE_CHECKING:
    from crawler.archive import Archive

PACKAGES = (
    "scrapy",
    "trafilatura",
    "lxml",
    "beautifulsoup4",
    "jieba",
    "rjieba",
    "sqlalchemy",
)
LEAST_FREE = 1 << 30  # bytes: a night of a few hundred sites writes some hundred MB
MOST_UNREADABLE = 5  # captures named one by one
MOST_PROBLEMS = 5  # of the last night
SECRET = {"engine_api_key", "mail", "ping"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: `ok` None is a remark."""

    name: str
    ok: bool | None
    text: str


def setting_lines(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """(name, value as shown, where it came from) of every setting."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        shown = str(value)
        if name in SECRET and value:
            shown = "（已设置，不显示）"
        elif "@" in shown and "://" in shown:
            scheme, rest = shown.split("://", 1)
            shown = f"{scheme}://…@{rest.rsplit('@', 1)[1]}"
        yield name, shown, origin_of(name)


def examine(settings: Settings, now: datetime | None = None) -> Iterator[Finding]:
    """All checks, in the order in which one would mend them."""
    for variable, near in unknown_variables().items():
        hint = f"：是不是 {near}" if near else ""
        yield Finding("设置", False, f"环境变量 {variable} 不是一项设置，不起作用{hint}")
    yield _python()
    yield from _packages()
    data = _data(settings)
    yield data
    yield _disk(settings)
    if data.ok:
        yield from _archive(settings, now or datetime.now(UTC))
    yield from _cluster(settings)
    yield from _engine(settings)
    yield _contact(settings)


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    return Finding("Python", ok, platform.python_version() + ("" if ok else "：需要 3.11 或更新的版本"))


def _packages() -> Iterator[Finding]:
    from indexer.engines.registry import engines

    found, missing = [], []
    for name in (*PACKAGES, *(kind.package for kind in engines())):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    yield Finding("依赖", None, "，".join([*found, f"SQLite {sqlite3.sqlite_version}"]))
    needed = [name for name in missing if name != "rjieba"]
    if needed:
        yield Finding("依赖", False, f"缺少 {'、'.join(needed)}：重新运行 make demo 或 pip install .")
    if "rjieba" in missing:
        yield Finding("分词", None, "没有 rjieba，改用 jieba：结果相同，慢十倍；安装：pip install rjieba")


def _data(settings: Settings) -> Finding:
    folder = settings.data
    existing = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
    if not existing.is_dir():
        return Finding("数据目录", False, f"{existing} 不是目录：用 ZHAOSHANG_DATA 另指一处")
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        return Finding(
            "数据目录", False, f"{folder} 不能写（{describe_error(error)}）：改权限，或用 ZHAOSHANG_DATA 另指一处"
        )
    return Finding("数据目录", True, f"{folder.absolute()}" + ("" if folder.exists() else "（还没有，首次运行时建立）"))


def _disk(settings: Settings) -> Finding:
    existing = next(p for p in (settings.data.absolute(), *settings.data.absolute().parents) if p.exists())
    free = shutil.disk_usage(existing).free
    text = f"剩余 {free / (1 << 30):.1f} GB"
    return Finding(
        "磁盘", free >= LEAST_FREE, text if free >= LEAST_FREE else f"{text}：不足 1 GB，清理磁盘或换一处数据目录"
    )


def _archive(settings: Settings, now: datetime) -> Iterator[Finding]:
    from crawler.archive import Archive, ArchiveError, missing_archive
    from crawler.archive.keeping.check import check
    from crawler.sources import read_registry
    from crawler.web import rendering
    from indexer.indexing.refresh import unread_lines
    from search_api.services.upkeep.reviewing import review_counts, waiting_line

    registry, faults = read_registry(settings)
    for fault in faults:
        yield Finding("来源", False, str(fault))
    try:
        if said := missing_archive(settings):
            yield Finding("文库", None, said)
            yield _enabled(len(registry), 0)
            return
        with Archive.open(settings) as archive:
            counts = archive.counts()
            enabled = [n for n in registry if archive.frontier.source_state(n).enabled]
            night = [*_night(archive, now), *_notices(archive)]
            corrections = _corrections(archive)
            waiting = waiting_line(review_counts(archive, registry))
            unreadable = list(_unreadable(archive))
            odd = list(_reading_alarms(archive, enabled))
            unread = [Finding("研读", False, line) for line in unread_lines(archive)]
            broken = [Finding(r.part, False if r.wrong else None, r.text) for r in check(archive, quick=True)]
    except ArchiveError as error:
        yield Finding("文库", False, str(error))
        return
    yield Finding("文库", True, f"捕获 {counts.captures:,}，文章 {counts.articles:,}，退回 {counts.rejected:,}")
    yield from (*broken, *unreadable, *unread)
    yield from odd
    yield _enabled(len(registry), len(enabled))
    if shown := [n for n in enabled if registry[n].render]:
        lacking = rendering.missing()
        text = f"用浏览器读（render = true）：{'、'.join(shown)}"
        yield Finding("来源", False if lacking else None, f"{text}：{lacking}" if lacking else text)
    if old := [n for n in enabled if registry[n].tls]:
        yield Finding("来源", None, f'允许旧的 TLS（tls = "legacy"）：{"、".join(old)}')
    yield from corrections
    if waiting:
        yield Finding("待看", None, f"{waiting}：zhaoshang review list")
    yield from _everyday(settings)
    yield from night
    yield from _channels(settings)


def _night(archive: Archive, now: datetime) -> list[Finding]:
    """How the last night went, and whether the next one is overdue. An archive that never had one is well."""
    from crawler.archive.nights.night import latest_nights, overdue
    from crawler.sources.source_status import OUTCOME_NAMES

    nights = latest_nights(archive, 1)
    if not nights:
        return []
    night, found = nights[0], []
    when = f"上一夜 {minute(night.started_at)}"
    report = f"zhaoshang status --night {night.run}"
    if overdue(nights, now):
        found.append(Finding("每夜", False, f"{when}：已超过 36 小时，检查 schedule 或定时任务"))
    if night.state == "running":
        return [Finding("每夜", None, f"正在运行，{minute(night.started_at)} 开始：zhaoshang status")]
    if night.state == "interrupted":
        return [*found, Finding("每夜", False, f"{when} 中断了，没有跑完：再运行 zhaoshang nightly 会接着做")]
    for problem in night.problems[:MOST_PROBLEMS]:
        found.append(Finding("每夜", False, f"{when}：{problem}"))
    if len(night.problems) > MOST_PROBLEMS:
        found.append(Finding("每夜", False, f"{when}：另有 {len(night.problems) - MOST_PROBLEMS} 个问题，见 {report}"))
    if below := night.below:
        named = "、".join(f"{row.source}（{OUTCOME_NAMES[row.outcome]}）" for row in below[:MOST_PROBLEMS])
        more = f" 等 {len(below)} 个" if len(below) > MOST_PROBLEMS else ""
        found.append(Finding("每夜", False, f"{when}，来源没达到预期：{named}{more}；见 {report}"))
    elif not night.problems and night.state != "ok":
        found.append(Finding("每夜", False, f"{when}，有来源可能改版或提取可疑，见 {report}"))
    return found or [Finding("每夜", True, f"{when} 正常")]


def _channels(settings: Settings) -> Iterator[Finding]:
    """The addresses of notices, without sending any."""
    from crawler.alerts.channels import read_channels
    from crawler.alerts.send import faulty
    from crawler.configuration import ConfigurationError
    from crawler.terminal import Refusal

    try:
        found = read_channels(settings.data)
        wrong = {name: faulty(channel.address.url, settings.mail) for name, channel in found.items()}
    except (ConfigurationError, Refusal) as error:
        yield Finding("通知", False, str(error))
        return
    yield from (Finding("通知", False, f"{name}：{reason}") for name, reason in wrong.items() if reason)
    if found:
        yield Finding("通知", None, f"{len(found)} 个去处：zhaoshang notify list")


def _notices(archive: Archive) -> list[Finding]:
    """Notices that did not reach anybody."""
    counts = archive.outbox.counts()
    stuck = counts["unsure"] + counts["given_up"]
    found = []
    if stuck:
        found.append(Finding("通知", False, f"{stuck} 条没有送到，不会自己再发：zhaoshang notify list"))
    if counts["waiting"]:
        found.append(Finding("通知", None, f"{counts['waiting']} 条等着再发：zhaoshang notify list"))
    return found


def _enabled(known: int, enabled: int) -> Finding:
    if enabled:
        return Finding("来源", True, f"{known} 个，已启用 {enabled} 个")
    return Finding("来源", None, f"{known} 个，都没有启用：zhaoshang sources enable 名称，或 --region 湖南")


def _cluster(settings: Settings) -> Iterator[Finding]:
    """Where the database could serve several machines: who works, and whether locks hold on the connection."""
    if not settings.database.startswith("postgres") or not importlib.util.find_spec("procrastinate"):
        return
    import psycopg

    from crawler.archive import Archive, ArchiveError
    from crawler.cluster.membership import is_shared
    from crawler.cluster.pooling import ADVICE, pooled
    from crawler.terminal import Refusal

    try:
        with Archive.open(settings) as archive:
            workers = archive.workers.all()
            is_shared(archive, settings)
        wrong = pooled(settings.database)
    except (ArchiveError, psycopg.Error):
        return  # told of the archive already
    except Refusal as error:
        yield Finding("多机", False, str(error))
        return
    if wrong:
        yield Finding("多机", False if workers else None, f"{wrong}：{ADVICE}")
    silent = [w for w in workers if not w.alive]
    if alive := [w.name for w in workers if w.alive]:
        yield Finding("多机", True, f"{len(alive)} 个工作进程活着：{'、'.join(alive)}")
    for worker in silent:
        text = f"工作进程 {worker.name}（{worker.host}）自 {minute(worker.seen_at)} 没有声息：再开它；不再回来就 zhaoshang cluster forget {worker.name}"
        yield Finding("多机", None, text)


def _reading_alarms(archive: Archive, enabled: list[str]) -> Iterator[Finding]:
    """What the last nights told of how pages are read, and still holds."""
    from crawler.sources.reading_alarms import lines_of, standing_alarms

    for name, alarms in standing_alarms(archive, enabled).items():
        yield from (Finding("提取", False, line) for line in lines_of(name, alarms))


def _unreadable(archive: Archive) -> Iterator[Finding]:
    """WARC files that their sizes show to be damaged, and captures that could not be read when they were needed."""
    put_back = f"从备份放回 {archive.database.captures_folder}，再运行 zhaoshang extract --all"
    for file in archive.unreadable.damaged_files():
        what = "不见了" if file.missing else "被截短"
        text = f"{file.file} {what}，{file.captures} 份快照读不出：{put_back}；没有备份也运行它，这些页会重新抓取"
        yield Finding("存档", False, text)
    lost = archive.unreadable.captures(limit=MOST_UNREADABLE + 1)
    for capture in lost[:MOST_UNREADABLE]:
        if capture.asked_again:
            do = "已排队，下一夜重新抓取（zhaoshang nightly）"
        elif capture.gone:
            do = f"网站上已没有这一页；若有备份，{put_back}"
        else:
            do = f"不会重新抓取：{put_back}，或重新导入、zhaoshang add 这一页"
        yield Finding("存档", None if capture.gone else False, f"{capture.url}：{capture.reason}。{do}")
    if len(lost) > MOST_UNREADABLE:
        yield Finding("存档", False, "还有更多快照读不出，这里不一一列出")


def _everyday(settings: Settings) -> Iterator[Finding]:
    """The operator's own table of everyday words, where it is wrong."""
    from indexer.search.query_reading import EverydayError, everyday

    try:
        everyday(settings.data)
    except EverydayError as error:
        yield Finding("检索", False, f"数据目录里的 {error}；没有用上")


def _corrections(archive: Archive) -> list[Finding]:
    from crawler.archive import ArchiveError
    from indexer.indexing.refresh import correction_faults, idle_corrections

    try:
        lines = [*correction_faults(archive), *idle_corrections(archive)]
        return [Finding("订正", False, line) for line in lines]
    except ArchiveError as error:
        return [Finding("订正", False, str(error))]


def _engine(settings: Settings) -> Iterator[Finding]:
    from indexer.engines.base import EngineError
    from indexer.engines.registry import open_engine

    try:
        engine = open_engine(settings)
        try:
            health, damage = engine.health(), engine.damage(quick=True)
        finally:
            engine.close()
    except EngineError as error:
        yield Finding("检索引擎", False, error.reason)
        return
    for line in damage:
        yield Finding("检索引擎", False, f"索引文件 {line}：重建索引：zhaoshang index --rebuild")
    text = health.problem or f"{health.engine}：{health.documents:,} 篇，{health.size_bytes / (1 << 20):.1f} MB"
    yield Finding("检索引擎", health.ok, text)
    for note in health.notes:
        yield Finding("检索引擎", None, note)


def _contact(settings: Settings) -> Finding:
    if settings.contact:
        return Finding("联系方式", True, settings.contact)
    return Finding(
        "联系方式",
        None,
        "未设置：采集本机以外的网站之前，用 ZHAOSHANG_CONTACT 写明邮箱或网址，它会出现在 User-Agent 里",
    )


def show(settings: Settings, write: Callable[[str], None]) -> bool:
    """Writes settings and findings as lines; True where nothing is wrong."""
    write("设置（环境变量 ZHAOSHANG_* 优先于 zhaoshang.toml）")
    for name, value, origin in setting_lines(settings):
        write(f"  {name} = {value or '（空）'}    ← {origin}")
    write("检查")
    well = True
    for finding in examine(settings):
        mark = {True: "✓", False: "✗", None: "·"}[finding.ok]
        write(f"  {mark} {finding.name}：{finding.text}")
        well &= finding.ok is not False
    return well
