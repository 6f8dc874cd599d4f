"""Golden pages: one saved page of each source with its extracted article, in DATA/golden; later versions are compared with it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from crawler.archive import Archive, ElsewhereError, StoreError, UnreadableRecordError
from crawler.article import Article, ExtractionError, format_published
from crawler.configuration import Settings
from crawler.reasons import describe_error
from crawler.sources import Source
from crawler.stages.drift import Read
from crawler.web.fetcher import Answer

logger = logging.getLogger(__name__)

LEAST_ALIKE = 0.98  # share of the lines of the two texts that are the same


def golden_folder(settings: Settings, source: Source) -> Path:
    """Where a source's golden page lies: `page.html`, `article.json`."""
    return settings.data / "golden" / source.name


def keep_golden(settings: Settings, source: Source, answer: Answer) -> bool:
    """Saves a page and its article unless the source has one; whether it was saved: a page without an article is not."""
    folder = golden_folder(settings, source)
    if (folder / "article.json").exists():
        return False
    article = _extract(answer.content, answer.url, answer.headers, source)
    if isinstance(article, str):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(answer.content)
    facts = {"url": answer.url, "headers": dict(answer.headers), "article": article.to_json()}
    (folder / "article.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return True


def keep_goldens(
    archive: Archive, registry: Mapping[str, Source], settings: Settings, sample: Mapping[str, Sequence[Read]]
) -> int:
    """Of the sources that were reached and have no golden page yet each gets one, from what was extracted just now; how many did. Raises OSError, ArchiveError."""
    kept = 0
    for name, pages in sample.items():
        if name not in registry or (golden_folder(settings, registry[name]) / "article.json").exists():
            continue
        answer = next(filter(None, (_answer(archive, page) for page in pages if page.outcome == "article")), None)
        if answer is not None:
            kept += keep_golden(settings, registry[name], answer)
    return kept


def _answer(archive: Archive, page: Read) -> Answer | None:
    """The page as it was captured; None where its record was damaged since it was extracted, or cannot be reached now: then the next serves as well."""
    capture = archive.captures.get(page.capture)
    if capture is None:
        return None
    try:
        payload = archive.captures.payload(capture)
    except (UnreadableRecordError, ElsewhereError, StoreError) as error:
        logger.warning("%s 不能作样例：%s", page.url, error)
        return None
    return Answer(payload.url, payload.status, payload.headers, payload.content)


def compare_golden(settings: Settings, source: Source) -> list[str]:
    """In words, what extraction makes of the saved page now that it did not make of it before; empty where nothing, or no page is saved."""
    folder = golden_folder(settings, source)
    try:
        facts = json.loads((folder / "article.json").read_text(encoding="utf-8"))
        content = (folder / "page.html").read_bytes()
        before = Article.from_json(facts["article"])
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"样例读不出来（{folder}）：{describe_error(error)}"]
    now = _extract(content, facts["url"], facts["headers"], source)
    if isinstance(now, str):
        return [f"样例页不再提取出文章：{now}"]
    out = []
    for name, old, new in (
        ("标题", before.title, now.title),
        ("日期", format_published(before), format_published(now)),
        ("来源", before.origin, now.origin),
        ("作者", before.author, now.author),
    ):
        if old != new:
            out.append(f"样例页的{name}从 {old or '—'} 变为 {new or '—'}")
    if _alike(before.text, now.text) < LEAST_ALIKE:
        out.append(f"样例页的正文从 {len(before.text)} 字变为 {len(now.text)} 字")
    return out


def _extract(content: bytes, url: str, headers: Mapping[str, str], source: Source) -> Article | str:
    from crawler.extraction import extract

    try:
        return extract(content, url, headers=headers, source=source)
    except ExtractionError as error:
        return error.reason


def _alike(before: str, now: str) -> float:
    old, new = set(before.splitlines()), set(now.splitlines())
    return len(old & new) / max(1, len(old | new))
