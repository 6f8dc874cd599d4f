"""What a new extraction of old captures changes in the articles that the archive has already."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from crawler.archive import Archive
from crawler.article import Article, format_published

FIELD_NAMES = {
    "title": "标题",
    "text": "正文",
    "published_at": "日期",
    "origin": "来源",
    "author": "作者",
    "attachments": "附件",
}
"""What makes a revision, as `Article.revision_hash` has it."""


@dataclass(frozen=True, slots=True)
class MendReport:
    """`articles` that now read otherwise, by how many each of `fields` changed (keys of FIELD_NAMES), `withdrawn` those that turned out to be none."""

    articles: int = 0
    withdrawn: int = 0
    fields: dict[str, int] = field(default_factory=dict)

    def line(self) -> str:
        """One line for a terminal; '' where nothing changed."""
        counts = "，".join(f"{FIELD_NAMES[name]} {count}" for name, count in self.fields.items())
        told = [f"改正了已收的 {self.articles:,} 篇（{counts}）" if self.articles else ""]
        told.append(f"{self.withdrawn:,} 篇撤下（不再算文章，或并入别的网址）" if self.withdrawn else "")
        return "；".join(filter(None, told))


class Mended:
    """Remembers how articles read before they are saved anew; only those of which something changed."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._before: dict[str, dict[str, str]] = {}

    def about_to_save(self, ids: set[str]) -> None:
        """Notes how these articles read, unless that is known."""
        wanted = [id for id in ids if id not in self._before]
        for id, stored in self._archive.articles.get_many(wanted).items():
            self._before[id] = _facts(stored.article)

    def saved(self, ids: set[str]) -> None:
        """Forgets those that read as before."""
        now = self._archive.articles.get_many(ids)
        for id in ids & self._before.keys():
            if id in now and _facts(now[id].article) == self._before[id]:
                del self._before[id]

    def report(self) -> MendReport:
        """What differs in the end."""
        fields: Counter[str] = Counter()
        articles = withdrawn = 0
        ids = list(self._before)
        now = {id: _facts(stored.article) for id, stored in self._archive.articles.get_many(ids).items()}
        for id in ids:
            if id not in now:
                withdrawn += 1
                continue
            differing = [name for name, value in now[id].items() if value != self._before[id][name]]
            fields.update(differing)
            articles += bool(differing)
        return MendReport(articles, withdrawn, {name: fields[name] for name in FIELD_NAMES if fields[name]})


def _facts(article: Article) -> dict[str, str]:
    return {
        "title": article.title,
        "text": hashlib.sha1(article.text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(),
        "published_at": format_published(article) or "",
        "origin": article.origin or "",
        "author": article.author or "",
        "attachments": "\n".join(attachment.url for attachment in article.attachments),
    }
