"""check(): fetches a source's start URLs and says what has changed since they were last read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.archive import Archive, ElsewhereError, ListState, StoreError, UnreadableRecordError
from crawler.article import parse_published
from crawler.configuration import Settings
from crawler.platforms import ListError, ListPage, read_list
from crawler.probing.diagnosis import diagnosis
from crawler.probing.fetch_list import FetchedList, fetch_list
from crawler.probing.golden import compare_golden, golden_folder, keep_golden
from crawler.sources import Source, site_of
from crawler.sources.registry import named_hosts
from crawler.sources.source_status import STATUS_NAMES, listed, redirected_off_list, stale, stale_line
from crawler.web.challenge import challenge
from crawler.web.fetcher import MOST_FOR_PAGES, Fetcher, FetchError

MOST_REQUESTS = 8  # for one source


@dataclass(frozen=True, slots=True)
class Checked:
    """How a source's lists answer now. `changes` says in words what is not as it was, or not as its file says."""

    source: str
    ok: bool
    status: str  # as in the archive's state of the source
    said: str
    platform: str
    entries: int
    expected: int
    changes: tuple[str, ...]
    requests: int

    def line(self) -> str:
        """One line for a terminal."""
        mark = "正常" if self.ok else "不正常"
        what = f"{self.entries} 条（预期至少 {self.expected} 条），{self.platform}" if self.entries else ""
        if not what and not self.changes:
            what = self.said
        return f"{self.source}：{mark}，{'；'.join(filter(None, (what, *self.changes)))}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def check(source: Source, archive: Archive, settings: Settings, *, now: datetime | None = None) -> Checked:
    """Visits the start URLs of a source and writes down how it was reached; `now` is the time by which a list is stale.

    Raises Refusal where no contact is set.
    """
    now = now or datetime.now(UTC)
    most = MOST_REQUESTS + (MOST_FOR_PAGES if source.render else 0)
    fetcher = Fetcher(settings, most, named=named_hosts(settings, source), tls=source.tls, render=source.render)
    looks = [fetch_list(fetcher, url) for url in source.start_urls[: MOST_REQUESTS // 2]]
    changes = [change for found in looks for change in _changes(found, source, archive, now)]
    good = [found for found in looks if found.status == "verified"]
    changes += compare_golden(settings, source)
    _fetch_golden(fetcher, good, source)
    entries = sum(len(found.page.entries) for found in good if found.page)
    lists = any(found.page and found.page.lists for found in good)
    moved = next((c for c in changes if c.startswith("搬到")), None)
    if good and entries < source.expected and not lists and not moved:
        changes.append(f"列表只有 {entries} 条，预期至少 {source.expected} 条")
    status = "moved" if moved else "verified" if good else looks[0].status
    said = moved or (f"列出 {entries} 条" if good else f"{STATUS_NAMES[looks[0].status]}（{looks[0].said}）")
    # The register says the status in words of its own, and not what to do.
    answer = moved.partition("；")[0] if moved else listed(entries, _platforms(good)) if good else looks[0].said
    archive.frontier.set_source(source.name, status=status, status_answer=answer, status_at=now)
    return Checked(
        source=source.name,
        ok=bool(good) and not moved and (entries >= source.expected or lists),
        status=status,
        said=said,
        platform="、".join(sorted(_platforms(good))),
        entries=entries,
        expected=source.expected,
        changes=tuple(changes),
        requests=fetcher.requests,
    )


def _platforms(looks: Sequence[FetchedList]) -> set[str]:
    return {found.page.platform for found in looks if found.page}


def _fetch_golden(fetcher: Fetcher, good: Sequence[FetchedList], source: Source) -> None:
    """The first time that a source is reached, its newest article is saved to compare against."""
    if not good or golden_folder(fetcher.settings, source).exists():
        return
    entries = [e for found in good if found.page for e in found.page.entries if source.allows(e.url) and not e.sticky]
    for entry in entries[:1]:
        try:
            answer = fetcher.get(entry.url)
        except FetchError:
            return
        if answer.status == 200 and not challenge(answer.status, answer.content, answer.headers):
            keep_golden(fetcher.settings, source, answer)


def _changes(found: FetchedList, source: Source, archive: Archive, now: datetime) -> list[str]:
    """What is new about one list: where it lies, whether it answers, its platform, its yield."""
    out = []
    if found.status != "verified":
        out.append(f"{found.url}：{STATUS_NAMES[found.status]}（{found.said}）。{diagnosis(found)}")
    if found.answer is not None and not source.allows(found.answer.url):
        moved = f"搬到 {site_of(found.answer.url)}：{found.url} 转向 {found.answer.url}"
        # what is listed there is another list, and says nothing about this one
        return [*out, f"{moved}；要采那里：zhaoshang sources add {found.answer.url}"]
    if found.answer is not None and redirected_off_list(found.url, found.answer.url):
        out.append(f"搬到别的栏目：{found.url} 转向 {found.answer.url}")
    if found.page is not None:
        led = Counter(site_of(entry.url) for entry in found.page.entries if not source.allows(entry.url))
        if led.total() * 2 > len(found.page.entries):
            hosts = "、".join(host for host, _ in led.most_common(3))
            out.append(f"{led.total()} 条指向 {hosts}，来源文件的 allowed_hosts 没有写")
    if found.page is not None:
        out += [stale_line(state) for state in stale([_state(found, source)], now)]
    try:
        before = _before(found.url, archive)
    except (UnreadableRecordError, ElsewhereError, StoreError) as error:
        return [*out, f"上次存下的列表读不出，没有比较（{error}）"]
    if found.page is None or before is None:
        return out
    if before.platform != found.page.platform:
        out.append(f"发布系统从 {before.platform} 变为 {found.page.platform}")
    elif source.platform and source.platform != found.page.platform:
        out.append(f"发布系统是 {found.page.platform}，来源文件写的是 {source.platform}")
    if len(found.page.entries) * 2 < len(before.entries):
        out.append(f"条目从 {len(before.entries)} 条减到 {len(found.page.entries)} 条")
    return out


def _state(found: FetchedList, source: Source) -> ListState:
    """The list as it is seen now."""
    entries = found.page.entries if found.page else ()
    moments = [at for entry in entries if (at := parse_published(entry.date)[0])]
    return ListState(source.name, found.url, newest_at=max(moments, default=None))


def _before(url: str, archive: Archive) -> ListPage | None:
    """The list as it was captured last. Raises UnreadableRecordError, ElsewhereError, StoreError."""
    from crawler.canonical import canonicalise

    for role in ("list", "feed"):
        capture = archive.captures.latest(canonicalise(url), role=role)
        if capture is not None:
            payload = archive.captures.payload(capture)
            try:
                return read_list(payload.content, payload.url, headers=payload.headers)
            except ListError:
                return None
    return None
