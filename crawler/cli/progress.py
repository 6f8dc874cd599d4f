"""What the verbs that crawl show while they do."""

from __future__ import annotations

from collections.abc import Callable

from crawler.terminal import Step


def crawl_note(bar: Step) -> Callable[[str, int, int, int], None]:
    """A progress callback for the crawl that shows captures on the bar and the source that spoke last beside it."""
    captured: dict[str, int] = {}

    def note(source: str, requests: int, captures: int, queued: int) -> None:
        if not source:  # by the workers of a cluster: visits done, and to come
            bar.update(captures, captures + queued, f"{captures} 个来源采完，还有 {queued} 个")
            return
        captured[source] = captures
        bar.update(sum(captured.values()), note=f"{source}：请求 {requests}，快照 {captures}，排队 {queued}")

    return note
