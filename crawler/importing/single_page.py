"""add_page(): fetches and extracts one article that the operator names, without asking whether it is on topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from crawler.archive import Archive, Capture, Exchange, ForgottenError, Role
from crawler.article import Article, ExtractionError, NotAnArticle
from crawler.canonical import canonicalise
from crawler.configuration import Settings
from crawler.extraction.documents.linked_documents import extension_of
from crawler.extraction.worker import Page, extract_page
from crawler.sources import Source
from crawler.sources.registry import named_hosts
from crawler.terminal import Refusal
from crawler.web.address_guard import names_of
from crawler.web.fetcher import MOST_FOR_PAGES, Answer, Fetcher, address, page_at

MOST_REQUESTS = 15  # robots.txt, redirects and the further pages of the article included


@dataclass(frozen=True, slots=True)
class Added:
    """The article as kept. `outcome` is as in `Articles.save`; `on_topic`: is it about investment promotion?"""

    article: Article
    outcome: Literal["new", "changed", "same"]
    on_topic: bool


def add_page(
    url: str,
    archive: Archive,
    registry: Mapping[str, Source],
    settings: Settings,
    *,
    progress: Callable[[str], None] = lambda text: None,
) -> Added:
    """Fetches a page (and the further pages of its article) and keeps it. Raises Refusal where there is no article to be had, in one line, ForgottenError where it was taken down."""
    url = address(url)
    asked = owner_of(url, registry)
    named = names_of([url]) | named_hosts(settings)
    tls, render = (asked.tls, asked.render) if asked else (None, False)
    most = MOST_REQUESTS + (MOST_FOR_PAGES if render else 0)
    fetcher = Fetcher(settings, most, progress, named, tls=tls, render=render)
    _refuse_forgotten(archive, url, asked)
    answers = [page_at(fetcher, url, document=extension_of(url, "") is not None)]
    owner = owner_of(answers[0].url, registry)
    _refuse_forgotten(archive, answers[0].url, owner)
    answers += _further(fetcher, answers[0], owner)
    pages = [_as_page(answer) for answer in answers]
    outcome = extract_page(pages, owner)
    documents = _documents(fetcher, outcome.wanted)
    if outcome.wanted:
        outcome = extract_page(pages, owner, None, [_as_page(document) for document in documents])
    # The gate would put away on the next `extract --all` what the operator asked for: a page off the subject keeps out of its way.
    role: Role = "article" if outcome.on_topic else "other"
    run = archive.runs.start("add")
    captures = _keep(archive, run, answers, documents=documents, owner=owner, role=role)
    first = captures[0]
    if outcome.article is None:
        reason = outcome.failed or outcome.refused or ""
        archive.articles.mark_extracted(first.id, "failed" if outcome.failed else "not_article", reason)
        archive.runs.finish(run, {"url": first.url, "requests": fetcher.requests})
        raise Refusal(f"{first.url} 没有提取到文章：{reason}")
    article = outcome.article.with_(captured_at=first.fetched_at)
    with archive.transaction():
        saved = archive.articles.save(article, capture=first.id, topic=article.topic_score)
        archive.articles.mark_extracted(first.id, "article", None)
    archive.runs.finish(run, {"url": first.url, "requests": fetcher.requests})
    return Added(article, saved.outcome, outcome.on_topic)


def _refuse_forgotten(archive: Archive, url: str, owner: Source | None) -> None:
    if tombstone := archive.tombstones.of_page(canonicalise(url), owner.name if owner else None):
        raise ForgottenError(tombstone)


def _as_page(answer: Answer) -> Page:
    return Page(answer.content, answer.url, answer.headers, answer.status)


def _documents(fetcher: Fetcher, addresses: Sequence[str]) -> list[Answer]:
    """Of the documents that hold the page's text those that can be had, at their addresses as linked."""
    out = []
    for url in addresses:
        try:
            out.append(replace(page_at(fetcher, url, document=True), url=url))
        except Refusal:
            continue
    return out


def owner_of(url: str, registry: Mapping[str, Source]) -> Source | None:
    """The source that the page belongs to, where there is exactly one."""
    owners = [source for source in registry.values() if source.allows(url)]
    return owners[0] if len(owners) == 1 else None


def _further(fetcher: Fetcher, first: Answer, owner: Source | None) -> list[Answer]:
    """The further pages of the article, as far as they can be had."""
    from crawler.extraction import extract

    out: list[Answer] = []
    seen, last = {first.url}, first
    while True:
        try:
            following = extract(last.content, last.url, headers=last.headers, source=owner).next_part
            if following is None or following in seen:
                return out
            seen.add(following)
            last = page_at(fetcher, following)
        except (NotAnArticle, ExtractionError, Refusal):
            return out
        out.append(last)


def _keep(
    archive: Archive, run: int, answers: list[Answer], documents: list[Answer], owner: Source | None, role: Role
) -> list[Capture]:
    now = datetime.now(UTC)
    key = canonicalise(answers[0].url)
    kept: list[tuple[Answer, Role, str]] = [
        (answer, role if n == 0 else "part", key) for n, answer in enumerate(answers)
    ]
    kept += [(document, "attachment", canonicalise(document.url)) for document in documents]
    with archive.captures.writer(run) as writer:
        return [
            writer.write(
                Exchange(
                    url=answer.url,
                    status=answer.status,
                    headers=tuple(answer.headers.items()),
                    body=answer.content,
                    fetched_at=now,
                    source=owner.name if owner else None,
                    role=as_,
                    canonical_url=canonical,
                )
            )
            for answer, as_, canonical in kept
        ]
