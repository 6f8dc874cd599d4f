"""Where a redirect leads, by the same rules as Scrapy's RedirectMiddleware."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

STATUSES = frozenset({301, 302, 303, 307, 308})


def target_of(url: str, status: int, location: str | None) -> str | None:
    """The address that an answer sends its asker to; None where it is no redirect. `location` as HTTP reads it, bytes as Latin-1. Raises ValueError where it is no address."""
    if status not in STATUSES or not location:
        return None
    target = urljoin(url, _as_meant(location))
    mark = urlsplit(url).fragment
    return f"{target}#{mark}" if mark and not urlsplit(target).fragment else target


def becomes_get(status: int, method: str) -> bool:
    """Whether the redirected request is made with GET and without its body."""
    return (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD"))


def _as_meant(location: str) -> str:
    """A Location whose characters stand in it as bytes: UTF-8 is text, bytes of another encoding are sent back as they came."""
    raw = location.encode("latin-1", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return quote(raw, safe="".join(map(chr, range(0x21, 0x7F))))
