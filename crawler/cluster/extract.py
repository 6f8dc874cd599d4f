"""The extract stage by the workers of a cluster: batches of sources, each source's captures in their order and by one worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from crawler.archive import Archive
from crawler.archive.cluster.workers import Worker
from crawler.cluster.queue import NewJob, open_queue
from crawler.cluster.waiting import wait_for
from crawler.configuration import Settings
from crawler.sources import Source
from crawler.stages.drift import Read
from crawler.stages.extract import ExtractReport, extract_captures
from crawler.stages.mended import MendReport
from crawler.terminal import Refusal
from crawler.topic import TOPIC_VERSION

CAPTURES, SOURCES = 200, 50  # of a batch, at least and at most


def extract(
    archive: Archive,
    registry: Mapping[str, Source],
    settings: Settings,
    *,
    everything: bool = False,
    source: str | None = None,
    progress: Callable[[int, ExtractReport], None] | None = None,
    tell: Callable[[str], None] | None = None,
    run: int | None = None,
) -> ExtractReport:
    """As `crawler.stages.extract.extract_captures`, on the cluster's machines; here where none of them extracts. `run`: that this is a part of. Raises ArchiveError, Refusal."""
    if not any(map(_extracts, archive.workers.alive())):
        if tell:
            tell("没有提取的工作进程（cluster work --extract N），就在这台机器上提取")
        return extract_captures(
            archive, registry, settings, everything=everything, source=source, progress=progress, tell=tell
        )
    archive.capture_files.store_closed()  # what this machine took in by itself, as by `add`, is for the workers too
    again = archive.rejections.judge_again(TOPIC_VERSION)
    if again and tell and not everything:
        tell(f"判断是否与招商引资有关的词表有变：从前不切题的 {again:,} 份快照重新判断；已收的文章不动。")
    waiting = archive.captures.sources_to_extract(everything=everything)
    if source is not None:
        waiting = [(name, count) for name, count in waiting if name == source]
    report = ExtractReport(judged_again=again, waiting=sum(count for _, count in waiting))
    part_of = run
    run = archive.runs.start("extract") if part_of is None else part_of
    counts: dict[str, int] = {}
    jobs: dict[str, NewJob] = {}
    for number, batch in enumerate(_batches(waiting), 1):
        name = f"{number:06d}"
        counts[name] = sum(count for _, count in batch)
        arguments = {"run": run, "name": name, "sources": [s for s, _ in batch], "everything": everything}
        jobs[name] = NewJob("extract", arguments, unique=f"extract {run} {name}")

    shown = ExtractReport(waiting=report.waiting)  # of what is done; the whole report comes at the end
    seen: set[str] = set()

    def done(finished: set[str]) -> None:
        if not progress:
            return
        if finished - seen:
            for part in archive.parts.results(run, "extract"):
                if part.name in finished - seen:
                    shown.new += int((part.report or {}).get("new", 0))
            seen.update(finished)
        progress(sum(counts[name] for name in finished), shown)

    with open_queue(settings, archive) as queue:
        try:
            left = wait_for(queue, archive, run, jobs, able=_extracts, done=done)
        finally:
            queue.drop(run)
    for part in archive.parts.results(run, "extract"):
        answer = part.report or {}
        _add(report, from_json(answer))
        if "error" in answer:
            report.unreadable.append(f"第 {part.name} 批没有提取：{answer['error']}；快照还在，下一次再提取")
    if part_of is None:
        archive.runs.finish(run, report.to_json())
    if left:
        raise Refusal(f"提取的工作进程都没有声息了，还有 {len(left)} 批没有提取；已提取的都已存好，再次运行会接着做")
    return report


def extract_batch(
    archive: Archive,
    registry: Mapping[str, Source],
    settings: Settings,
    sources: Iterable[str],
    *,
    everything: bool,
    workers: Any = None,
) -> ExtractReport:
    """What a worker does of it: the captures of these sources ('': of none), one source after the other. Raises ArchiveError."""
    report = ExtractReport()
    for source in sources:
        found = extract_captures(archive, registry, settings, everything=everything, source=source, workers=workers)
        _add(report, replace(found, waiting=0, judged_again=0))
    return report


def to_json(report: ExtractReport) -> dict[str, Any]:
    """All of a report, its sample too."""
    sample = {source: [asdict(read) for read in reads] for source, reads in report.sample.items()}
    return report.to_json() | {"sample": sample}


def from_json(data: Mapping[str, Any]) -> ExtractReport:
    known = {f.name for f in fields(ExtractReport)}
    facts = {name: value for name, value in data.items() if name in known}
    if not facts:
        return ExtractReport()
    return ExtractReport(
        **facts
        | {
            "mended": MendReport(**facts["mended"]),
            "failures": [(url, why) for url, why in facts["failures"]],
            "sample": {source: [Read(**read) for read in reads] for source, reads in facts["sample"].items()},
        }
    )


def _extracts(worker: Worker) -> bool:
    return worker.extracts > 0


def _batches(waiting: Iterable[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    batch: list[tuple[str, int]] = []
    for entry in waiting:
        batch.append(entry)
        if sum(count for _, count in batch) >= CAPTURES or len(batch) >= SOURCES:
            yield batch
            batch = []
    if batch:
        yield batch


def _add(report: ExtractReport, more: ExtractReport) -> None:
    """Counts the second into the first."""
    for f in fields(ExtractReport):
        value = getattr(more, f.name)
        if isinstance(value, int):
            setattr(report, f.name, getattr(report, f.name) + value)
    report.failures += more.failures
    report.unreadable += more.unreadable
    report.sample |= more.sample
    for source, counts in more.by_source.items():
        row = report.by_source.setdefault(source, {})
        for outcome, count in counts.items():
            row[outcome] = row.get(outcome, 0) + count
    changed = dict(report.mended.fields)
    for name, count in more.mended.fields.items():
        changed[name] = changed.get(name, 0) + count
    articles, withdrawn = (
        report.mended.articles + more.mended.articles,
        report.mended.withdrawn + more.mended.withdrawn,
    )
    report.mended = MendReport(articles, withdrawn, changed)
