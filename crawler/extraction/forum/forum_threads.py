"""What each forum software's file says of its threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from crawler.article import Article

if TYPE_CHECKING:
    from crawler.sources import Source


@dataclass(frozen=True, slots=True)
class ForumThreads:
    """The threads of one forum software, as THREADS of a file in this folder."""

    # whether the bytes of an HTML page (in an encoding that has ASCII) may be a page of this forum; cheap, for it is asked of every page
    may_be: Callable[[bytes], bool]
    # the opening post of the thread at an address; None where the page is no thread of this forum.
    # Raises NotAnArticle for walls, boards and later pages of a thread
    read: Callable[[etree._Element, str, Source | None], Article | None]
    # bytes that stand in a page whose opening post goes on on another page
    split_mark: bytes
