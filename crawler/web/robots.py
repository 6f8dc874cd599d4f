"""robots.txt as RFC 9309 has it, for every verb alike: what an answer in its place means, and what it allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from protego import Protego

from crawler.web.challenge import challenge
from crawler.web.decoding import decode
from crawler.web.site_policy import SitePolicy

# read: there are rules · absent: there are none · unknown: an error in their place · challenge: a challenge in their place · unreachable: no answer
State = Literal["read", "absent", "unknown", "challenge", "unreachable"]

_AGENT = re.compile(r"user[- ]?agent\s*[:\s]\s*(.*)", re.I)
_SITE_WIDE = re.compile(r"(?:site-?maps?|host)\b", re.I)
_RULE = re.compile(r"(?:dis|allow)", re.I)
_TOKEN = re.compile(r"[a-z_-]*", re.I)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a robots.txt that apply to us. `said`: how its request ended, in words; `crawl_delay`: seconds, as the policy caps them, 0.0 where
    none is asked for."""

    state: State
    said: str
    agent: str = ""
    crawl_delay: float = 0.0
    _parsed: Protego | None = field(default=None, repr=False)

    @property
    def known(self) -> bool:
        """Whether it is known what is allowed; where it is not, nothing is (RFC 9309, 2.3.1.4)."""
        return self.state in ("read", "absent")

    def allows(self, url: str) -> bool:
        return self.known and (self._parsed is None or bool(self._parsed.can_fetch(url, self.agent)))

    def refusal(self, url: str) -> str | None:
        """Why the address is not asked, in words; None where it is allowed."""
        if not self.known:
            return f"robots.txt {self.said}，规则不明，暂不访问"
        return None if self.allows(url) else "robots.txt 不允许"


def read(status: int, content: bytes, headers: Mapping[str, str], policy: SitePolicy) -> Rules:
    """The rules in the answer that came for robots.txt, redirects followed."""
    if barred := challenge(status, content, headers):
        return Rules("challenge", f"读不到（网站设了验证：{barred}）")
    if 400 <= status < 500:
        return Rules("absent", f"没有（HTTP {status}）")
    if not 200 <= status < 300 or status == 202:
        return Rules("unknown", f"读不到（HTTP {status}）")
    lines = decode(content[: policy.most_robots_bytes], headers).splitlines()
    told = [line.partition("#")[0].strip() for line in lines]
    if not any(map(_AGENT.match, told)) and _is_page(content, headers):
        return Rules("absent", "没有（给的是网页）")
    ours = _addressed(told, policy.agent)
    if sum(_RULE.match(line) is not None for line in ours) > policy.most_robots_rules:
        return Rules("unknown", f"读不懂（超过 {policy.most_robots_rules} 条规则）")
    parsed = Protego.parse("\n".join(ours))
    return Rules("read", "有", policy.agent, policy.crawl_delay(parsed.crawl_delay(policy.agent)), parsed)


def unreachable(reason: str) -> Rules:
    """The rules where no answer came: nothing is allowed."""
    return Rules("unreachable", f"读不到（{reason}）")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def robots_url(url: str) -> str:
    """Where the rules for an address stand."""
    return f"{origin_of(url)}/robots.txt"


def _addressed(lines: list[str], agent: str) -> list[str]:
    """The lines that speak to us or to everybody, one group under the name of each: what speaks to others costs no time."""
    groups: dict[str, list[str]] = {}
    named: set[str] = set()
    naming = False
    for line in lines:
        if found := _AGENT.match(line):
            if not naming:
                named.clear()
            naming = True
            # `zhaoshang/0.1` means us as well: the version is no part of the name
            name = "*" if found[1].startswith("*") else _TOKEN.match(found[1])[0].lower()  # type: ignore[index]
            if name in ("*", agent):
                named.add(name)
                groups.setdefault(name, [])
        elif line and not _SITE_WIDE.match(line):
            naming = False
            for name in named:
                groups[name].append(line)
    return [line for name, rules in groups.items() for line in (f"User-agent: {name}", *rules)]


def _is_page(content: bytes, headers: Mapping[str, str]) -> bool:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return "html" in kind.lower() or re.match(rb"(?:\xef\xbb\xbf)?\s*<", content) is not None
