"""Fetches one URL and reads its list; shared by probe, check and discover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crawler.lists.client_redirect import client_redirect
from crawler.platforms import ListError, ListPage, ListRequest, read_list
from crawler.web.challenge import challenge
from crawler.web.fetcher import Answer, Challenged, Fetcher, FetchError, Forbidden

MOST_FRAMES = 2  # empty answers before the list, as the crawl allows
MOST_DOORS = 2  # pages before it that only send their reader on
Status = Literal["verified", "challenge", "forbidden", "dead", "unreachable", "no_list"]


@dataclass(frozen=True, slots=True)
class FetchedList:
    """What was found. `answer` is the last one; `page` the list, filled by its script's request where the page alone was empty."""

    url: str
    status: Status
    said: str  # the answer in words
    answer: Answer | None = None
    page: ListPage | None = None


def fetch_list(fetcher: Fetcher, url: str) -> FetchedList:
    """Asks for a list, through a page that only sends its reader on, and for what fills it where the page itself is an empty frame."""
    try:
        answer = follow_client_redirects(fetcher, fetcher.get(url))
    except Forbidden as error:
        return FetchedList(url, "challenge" if isinstance(error, Challenged) else "forbidden", error.reason)
    except FetchError as error:
        return FetchedList(url, "unreachable", error.reason)
    said = f"HTTP {answer.status}"
    barred = challenge(answer.status, answer.content, answer.headers)
    if barred:
        return FetchedList(url, "challenge", barred, answer)
    if answer.status in (404, 410):
        return FetchedList(url, "dead", said, answer)
    if answer.status != 200:
        return FetchedList(url, "unreachable", said, answer)
    try:
        page = read_list(answer.content, answer.url, headers=answer.headers)
        if not page.entries:
            page = _filled(fetcher, page) or page
    except ListError as error:
        return FetchedList(url, "no_list", error.reason, answer)
    if not page.entries and not page.lists:
        return FetchedList(url, "no_list", f"{said}，没有条目", answer, page)
    return FetchedList(url, "verified", said, answer, page)


def follow_client_redirects(fetcher: Fetcher, answer: Answer) -> Answer:
    """The page behind one that only sends its reader on: by meta refresh, by script, in a frame. Raises FetchError."""
    for _ in range(MOST_DOORS):
        place = client_redirect(answer.content, answer.url, answer.headers) if answer.status == 200 else None
        if place is None or challenge(answer.status, answer.content, answer.headers):
            break
        answer = fetcher.get(place)
    return answer


def _filled(fetcher: Fetcher, page: ListPage) -> ListPage | None:
    """The list that the script of an empty frame asks for, or the first list of an index."""
    for _ in range(MOST_FRAMES):
        request = page.next_request
        if request is None and (page.next_page or page.lists):
            request = ListRequest("GET", page.next_page or page.lists[0])
        if request is None:
            return None
        try:
            answer = fetcher.get(request.url, method=request.method, body=request.body, headers=request.headers)
        except FetchError:
            return None
        if answer.status != 200 or challenge(answer.status, answer.content, answer.headers):
            return None
        page = read_list(answer.content, answer.url, headers=answer.headers)
        if page.entries:
            return page
    return None
