"""What the shape of a URL suggests: an article, a list, or neither."""

from __future__ import annotations

import re
from functools import lru_cache

# shapes that publishing systems give to articles, and to nothing else
_ARTICLE = re.compile(
    r"""/t(?:19|20)\d{6}_\d+\.s?html?                                    # TRS
      | /art/(?:19|20)\d\d/ | /art_\d+_\d+ | /art_[0-9a-f]{20,}          # Hanweb
      | /info/\d+/\d+\.s?html? | wbnewsid=\d+                            # Boda
      | /m?post_\d+ | /content/post                                      # ucap
      | /content_\d+ | /c_\d+\.s?html? | /content-\d+
      | /(?:19|20)\d\d[-/]?\d{2}[-/]?\d{2}/[\w-]+ | /(?:19|20)\d\d-\d\d/\d\d/
      | /(?:19|20)\d\d/\d{1,4}/[\w/-]*\d | /(?:19|20)\d{4}/[\w-]*\d
      | [0-9a-f]{32}\.s?html? | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-
      | (?:^|[/?&=-])(?:thread-\d+-|tid[-=]\d+)
      | [?&](?:aid|articleid|article_id|newsid|news_id|infoid|info_id|contentid|content_id|docid|doc_id|nid|id)=[\w-]*\d
      | (?:show|view|detail|article|news|doc|info|read|page|item|content)[-_/]?\d{2,}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|ofd|pptx?|zip|rar)(?:$|[?#])", re.IGNORECASE)
_NUMBERED = re.compile(r"/[A-Za-z_-]{0,12}\d{2,}\.(?:s?html?|jsp|aspx?|php)(?:$|[?#])|/\d{4,}/?$", re.IGNORECASE)
_LONGEST = 2000  # characters of an address that is looked at
_SLUG = re.compile(
    r"/[a-z0-9]+(?:-[a-z0-9]+){3,}(?:\.html?)?/?$|(?:%[0-9a-f]{2}|[\w.-]){0,40}(?:%[0-9a-f]{2}){24}[^/]*/?$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"/$|/index\d?(?:_\d+)?\.\w+$|/(?:list|channel|channels|node|col|column|category|cat|lists?|tag|tags|topic|special)[-_/]?\d*(?:[-_]\d+)*(?:/|\.\w+)?(?:index\.\w+)?$"
    r"|/forum-\d+|mod=forumdisplay|[?&](?:catid|classid|typeid|fid|lmid|channelid)=\d+(?:$|&page)|/(?:more|default|main|home)\w{0,8}\.\w+$",
    re.IGNORECASE,
)
_NOT_ARTICLES = re.compile(
    r"javascript:|/(?:login|register|search|tags?\.php|sitemap\w*|wzdt|home\.php|member\.php|search\.php)(?:[?.]\w*|/?)$"
    r"|^https?://[^/]+/(?:login|register|search|member|space|user|uc|passport)[/.?]|/(?:home|member|search|misc|connect|plugin)\.php\?"
    r"|beian\.(?:miit\.)?gov\.cn|bszs\.conac\.cn|miibeian|mod=(?:space|redirect|post|misc|attachment|register|logging|collection|ranklist|guide)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)  # the links of one page are weighed several times; those of the pages before are not
def likeness(url: str) -> float:
    """From 0 (a list, a menu) to 1 (an article): how much the address looks like one article's."""
    if len(url) > _LONGEST:
        return 0.2
    path = re.sub(r"^https?://[^/?#]+", "", url)
    if _NOT_ARTICLES.search(url):
        return 0.0
    if _ARTICLE.search(path):
        return 1.0
    if _FILE.search(path):
        return 0.8
    if _SLUG.search(path):
        return 0.6
    if path in ("", "/") or _LIST.search(path):
        return 0.05
    if _NUMBERED.search(path):
        return 0.8
    return 0.4 if re.search(r"\d{2,}|#.", path) else 0.2


def is_service(url: str) -> bool:
    """Whether the address is a login, a search, a licence notice: never an article."""
    return _NOT_ARTICLES.search(url) is not None


def is_file(url: str) -> bool:
    """Whether the address leads to a document or an archive instead of a page."""
    return _FILE.search(url) is not None
