"""How often one client may ask, by bucket, and how much at once; counted in this process."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Literal

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from crawler.configuration import ConfigurationError
from search_api.web.error_handlers import Problem

Bucket = Literal["search", "export", "captures", "write"]
AT_ONCE: Mapping[Bucket, int] = {"search": 8, "export": 2, "captures": 2, "write": 2}
"""Requests of one client that are answered at the same time, in one process."""
TITLES: Mapping[Bucket, str] = {
    "search": "检索与页面",
    "export": "导出与订阅",
    "captures": "快照与版本",
    "write": "写入",
}
OF_A_KEY = "search=600/minute export=60/minute captures=300/minute write=120/minute;5000/day"
"""What holds for a key that has no limits of its own."""

Rates = Mapping[Bucket, tuple[RateLimitItem, ...]]
_PART = re.compile(r"(search|export|captures|write)=(\S+)")


def read_rates(text: str, usual: Rates | None = None) -> Rates:
    """`search=120/minute export=6/minute;100/day …`; what is not named keeps its default. Raises ConfigurationError."""
    rates = dict(usual or {})
    for part in text.split():
        match = _PART.fullmatch(part)
        try:
            items = tuple(parse_many(match[2])) if match else ()
        except ValueError:
            items = ()
        if not match or not items or any(item.amount < 1 for item in items):
            raise ConfigurationError(f"频率应写作 search=120/minute export=6/minute;100/day，而不是 {part!r}")
        rates[match[1]] = items  # type: ignore[index]
    if missing := [bucket for bucket in AT_ONCE if bucket not in rates]:
        raise ConfigurationError(
            f"频率缺少 {missing[0]}：写作 search=120/minute export=6/minute captures=60/minute write=20/minute"
        )
    return rates


class Limits:
    """Rates and concurrency by client. With several processes each counts by itself and allows its share, so that together they allow the whole."""

    def __init__(self, processes: int = 1) -> None:
        self._processes = max(1, processes)
        self._storage = MemoryStorage()
        self._counting = MovingWindowRateLimiter(self._storage)
        self._running: Counter[tuple[str, str]] = Counter()

    def share(self, item: RateLimitItem) -> RateLimitItem:
        """The part of a rate that this process allows, at least one."""
        return type(item)(max(1, item.amount // self._processes), item.multiples, item.namespace)

    def take(self, bucket: Bucket, client: str, rates: Rates) -> None:
        """Count one request. Raises Problem 429, with the seconds after which to come again, where it is one too many."""
        shares = [self.share(item) for item in rates[bucket]]
        for item in shares:
            if not self._counting.test(item, bucket, client):
                self._refuse(bucket, item, client)
        for item in shares:
            self._counting.hit(item, bucket, client)

    @contextmanager
    def running(self, bucket: Bucket, client: str) -> Iterator[None]:
        """One request that is being answered. Raises Problem 429 where there are too many already."""
        at = (bucket, client)
        if self._running[at] >= AT_ONCE[bucket]:
            detail = f"同时最多 {AT_ONCE[bucket]} 个“{TITLES[bucket]}”的请求，请等前面的完成。"
            raise Problem(429, detail, kind="too-many-at-once", title="请求太多", headers={"Retry-After": "1"})
        self._running[at] += 1
        try:
            yield
        finally:
            self._running[at] -= 1
            if not self._running[at]:
                del self._running[at]

    def left(self, bucket: Bucket, item: RateLimitItem, client: str) -> int:
        """How many more are allowed now, in this process."""
        return self._counting.get_window_stats(self.share(item), bucket, client).remaining

    def _refuse(self, bucket: Bucket, item: RateLimitItem, client: str) -> None:
        reset = self._counting.get_window_stats(item, bucket, client).reset_time
        wait = max(1, ceil(reset - time.time()))
        detail = f"“{TITLES[bucket]}”的请求太多，请在 {wait} 秒后再试；限额见 /api/v1/limits。"
        raise Problem(429, detail, kind="too-many-requests", title="请求太多", headers={"Retry-After": str(wait)})
