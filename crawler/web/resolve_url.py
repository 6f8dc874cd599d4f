"""urljoin with a short way: a page has hundreds of addresses, of which most are whole, or stand in one of a few folders."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin

# Addresses that urljoin gives back as they are: nothing in them is parsed and left out, as an empty query would be.
_WHOLE = re.compile(r"https?://[a-zA-Z0-9.-]+(?::\d+)?(?:/[^\s?#;]*)?(?:\?[^\s#]+)?(?:#\S+)?")
# A name in a folder, which alone decides what stands before it.
_IN_FOLDER = re.compile(r"(?P<folder>(?!//)(?:[\w.%~-]*/)*)(?P<name>[\w%~-][\w.%~-]*(?:\?[^\s#]+)?)", re.ASCII)


def resolve(base: str, reference: str) -> str:
    """The address that `reference` means on a page at `base`, as urljoin says. Raises ValueError where either is no address."""
    if _WHOLE.fullmatch(reference):
        return reference
    if reference.startswith("//") and base.startswith(("http://", "https://")):
        whole = base[: base.index(":") + 1] + reference
        return whole if _WHOLE.fullmatch(whole) else urljoin(base, reference)
    if match := _IN_FOLDER.fullmatch(reference):
        return _folder(base, match["folder"]) + match["name"]
    return urljoin(base, reference)


@lru_cache(maxsize=512)
def _folder(base: str, folder: str) -> str:
    """What stands before a name in a folder. Raises ValueError where the base is no address."""
    return urljoin(base, f"{folder}x")[:-1]
