"""An address as people paste it: out of a chat, from a Chinese keyboard, with a host or path in Chinese."""

from __future__ import annotations

import re
from urllib.parse import quote, urldefrag, urlsplit, urlunsplit

_WIDE = str.maketrans({chr(0xFF01 + n): chr(0x21 + n) for n in range(94)} | {"\u3000": " ", "。": "."})
_SCHEME = re.compile(r"(?i)\bhttps?\s*[:：]\s*[/／]{1,2}(?=[^\s/／])|[ｈＨ][ｔＴ]{2}[ｐＰ][ｓＳ]?\s*[:：]\s*[/／]{1,2}")
_ENDS = r"\s<>\"“”‘’《》「」『』【】（），；！？、。…"
_WHOLE = re.compile(rf"https?://[^{_ENDS}]+", re.I)
_BARE = re.compile(rf"(?<![A-Za-z0-9_.@/-])(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{{2,}}(?::\d+)?(?:[/?][^{_ENDS}]*)?", re.I)
_CLOSING = ".,;:!?'\"”’》>〉」』】）]。，；：！？、…"


def parse_pasted_urls(text: str) -> list[str]:
    """The addresses in what was pasted, each once; the text itself where it names none."""
    text = _SCHEME.sub(
        lambda found: found[0].translate(_WIDE).replace(" ", "").lower().rstrip("/") + "//", text.strip()
    )
    if re.search("[ａ-ｚＡ-Ｚ０-９]", text):
        text = text.translate(_WIDE)
    found = _WHOLE.findall(text)
    if not found and re.search(rf"[{_ENDS}：]|:(?!\d)", text):
        found = _BARE.findall(text)
    return list(dict.fromkeys(_closed(url) for url in found)) or [text]


def sendable(url: str) -> str:
    """The address as it can be sent: a host in Chinese as IDNA, other characters escaped as UTF-8. Raises ValueError for a host that has no such form."""
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    path, query = (quote(part, safe="%/:;=@&?~+!$,'()*[]|{}\\^`.-_") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host, path, query, parts.fragment))


def without_mark(url: str) -> str:
    """The address without its fragment, which no server sees. The category of a directory (#210) stays, since it selects the list."""
    bare, mark = urldefrag(url)
    return url if mark.isdigit() else bare


def _closed(url: str) -> str:
    """Without what closes the sentence that it stood in."""
    while url and (url[-1] in _CLOSING or (url[-1] == ")" and "(" not in url)):
        url = url[:-1]
    return url
