"""The annotated pages that extraction is trained on and measured with: reading them, their sites, 4-gram F1."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PAGES = Path(__file__).resolve().parents[2] / "shared" / "pages"
TYPES = ("news", "gov", "forum", "article")


@dataclass(frozen=True)
class Page:
    """One annotated page. `texts`: readings that are right, the one to learn from first; none where the gold text is not to be scored."""

    name: str
    content: bytes
    url: str
    gold: dict[str, Any]
    texts: tuple[str, ...]

    @property
    def kind(self) -> str:
        return str(self.gold["page_type"])


def read_pages(folder: Path = PAGES) -> list[Page]:
    """The pages in order of their names. Raises FileNotFoundError where the folder is not there."""
    replies: dict[str, str] = {}
    for row in (folder / "replies.txt").read_text(encoding="utf-8").splitlines():
        if not row.startswith("#"):
            name, words = row.split("\t")
            replies[name] = words
    pages = []
    for path in sorted(folder.glob("*/gold.json")):
        name = path.parent.name
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = gold.get("text")
        texts: tuple[str, ...] = ()
        if text and not gold.get("suspect") and replies.get(name) != "-":
            texts = (text.split(replies[name])[0], text) if name in replies else (text,)
        url = gold.get("url") or f"http://{name}.example.com/a/1.html"
        pages.append(Page(name, (path.parent / "page.html").read_bytes(), url, gold, texts))
    return pages


def site(page: Page) -> str:
    """The site of a page, so that no site is on both sides of a fold: its host without subdomains, else what its name says."""
    host = urlsplit(page.gold.get("url") or "").hostname
    if host:
        parts = host.split(".")
        return ".".join(
            parts[-3:] if len(parts) > 2 and parts[-2] in ("com", "gov", "org", "net", "edu") else parts[-2:]
        )
    family, _, rest = page.name.partition("-")
    label = rest.partition("-")[0]
    known = {
        "people": "people.com.cn",
        "sina": "sina.com.cn",
        "qq": "qq.com",
        "sohu": "sohu.com",
        "hexun": "hexun.com",
        "weixin": "wechat",
    }
    return known.get(label, label if family in ("gne", "xmu", "cx", "hd", "lw", "om", "rb", "fundus") else page.name)


def normal(text: str) -> str:
    """Compatibility forms without any white space."""
    return re.sub(r"[\s\u200b\ufeff\xad]+", "", unicodedata.normalize("NFKC", text))


def grams(text: str) -> Counter[str]:
    """Character 4-grams."""
    text = normal(text)
    return Counter(text[i : i + 4] for i in range(max(1, len(text) - 3))) if text else Counter()


def f1(answer: str, texts: tuple[str, ...]) -> float:
    """4-gram F1 against the best of several right readings."""
    best = 0.0
    a = grams(answer)
    for text in texts:
        b = grams(text)
        common = sum((a & b).values())
        if common:
            precision, recall = common / sum(a.values()), common / sum(b.values())
            best = max(best, 2 * precision * recall / (precision + recall))
    return best
