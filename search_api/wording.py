"""Filters, dates and numbers formatted for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from urllib.parse import urlsplit

from crawler.article import SHANGHAI, Article
from indexer.analysis.facets import FACETS
from indexer.analysis.figure_names import KIND_LABELS, UNIT_LABELS

FILTER_NAMES = {
    **{name: facet.label for name, facet in FACETS.items()},
    "figure": "数字",
    "value": "数额",
    "after": "发表日期",
    "before": "发表日期",
    "since": "收录",
}
_UNSURE = {"title": "标题", "published_at": "日期"}
SMALL_BASE = 30  # articles: a share of fewer is marked
SORTS = {"relevance": "相关", "newest": "最新", "oldest": "最早", "added": "新收录"}


def figure_kind(kind: str, unit: str) -> str:
    """What a figure counts: 签约额; a number that is of no kind is one of firms."""
    return "企业数" if (kind, unit) == ("other", "count") else KIND_LABELS.get(kind, kind)


def thousands(value: int | float) -> str:
    """12,345."""
    return f"{value:,}"


def day(value: date | datetime | None) -> str:
    """2024-03-13, of Shanghai's day; '' for none."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date() if value.tzinfo else value.date()
    return value.isoformat()


def moment(value: datetime | None) -> str:
    """2024-03-13 16:24, of Shanghai's clock; '' for none."""
    if value is None:
        return ""
    value = value.astimezone(SHANGHAI) if value.tzinfo else value
    return value.strftime("%Y-%m-%d %H:%M")


_PERIOD = re.compile(r"(\d{4})(?:(H[12]|Q[1-4](?:-Q[2-4])?)|-(\d\d))?")
_PARTS = {
    "H1": "上半年",
    "H2": "下半年",
    "Q1": "一季度",
    "Q2": "二季度",
    "Q3": "三季度",
    "Q4": "四季度",
    "Q1-Q3": "前三季度",
}


def period_name(period: str) -> str:
    """2017 年上半年 for 2017H1, 2017 年三季度 for 2017Q3, 2017 年 7 月 for 2017-07, 2017 年; anything else (十三五期间) as it is."""
    match = _PERIOD.fullmatch(period)
    if match is None or (match[2] and match[2] not in _PARTS):
        return period
    year, part, month = match.groups()
    return f"{year} 年" + (_PARTS[part] if part else f" {int(month)} 月" if month else "")


def seconds(value: float) -> str:
    """0.012 秒: three places below a second, one above."""
    if value < 0.001:
        return "不到 0.001 秒"
    return f"{value:.3f} 秒" if value < 1 else f"{value:.1f} 秒"


def money(value: int, unit: str = "CNY") -> str:
    """Whole 元 or dollars as one reads them: 12.5 亿元, 3,600 万美元, 800 元."""
    name = UNIT_LABELS.get(unit, "")
    for size, word in ((100_000_000, "亿"), (10_000, "万")):
        if abs(value) >= size:
            return f"{value / size:,.4f}".rstrip("0").rstrip(".") + f" {word}{name}"
    return f"{value:,} {name}".rstrip()


def size(value: int) -> str:
    """Bytes: 820 B, 12 KB, 3.4 MB, 1.2 GB."""
    amount = float(value)
    for word in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {word}" if word != "MB" else f"{amount:.1f} {word}"
        amount /= 1024
    return f"{amount:.1f} GB"


def web_address(url: str | None) -> str | None:
    """The URL if a reader may be sent there (http, https), else None: an imported article may say javascript:."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def unsure_fields(article: Article) -> tuple[str, ...]:
    """The names of those fields of an article that are to be checked before they are cited."""
    return named_fields(article.unsure)


def named_fields(unsure: Iterable[str]) -> tuple[str, ...]:
    """The same, for what `Article.unsure` says."""
    return tuple(_UNSURE[name] for name in unsure)
