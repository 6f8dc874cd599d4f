"""Credits: who signs an article without a label, （记者 …） in the first lines and at the end, names on a line of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crawler.article import Provenance
from crawler.extraction.metadata.date_parsing import moments
from crawler.extraction.metadata.labels import ORIGIN_ANYWHERE, WRAPPING
from crawler.extraction.metadata.people import is_person, names
from crawler.extraction.page.lines import Frame, is_prose

_LEAD_CREDIT = re.compile(
    r"[（(〔]\s*(?:[\u3400-\u9fff《》·]{0,12})?(?:记者|記者|通讯员|作者|文|评论员)\s*[:：／/]?\s*(?P<names>[^（）()。，；:：]{2,40}?)\s*[）)]"
)
_STAFF = re.compile(
    r"^[\s□■●◎◆▲*〔【\[]*(?P<paper>[\u3400-\u9fff《》·\s－—-]{0,24}?)(?:(?:记者|記者|通讯员|通訊員|评论员|特约撰稿人?|撰稿|撰文|执笔人?)\s*[:：／/]?\s*|作者[:：／/\s]\s*|文\s*[:：／/]\s*)(?P<names>[\u3400-\u9fff\s·、，,]{2,40})(?:[／/]?(?:文|图|摄|报道|報導|[\u3400-\u9fff]{2,8}(?:报道|報導)).{0,8})?\W*$"
)
_BY = re.compile(r"\bby[:：\s]\s*(?P<name>[\w\u3400-\u9fff.-]{2,20})", re.I)
_SIGNED = re.compile(
    r"^[\s—\-]*(?P<names>[\u3400-\u9fff·]{2,4}(?:[\s、]+[\u3400-\u9fff·]{1,4}){0,5})\s*[／/]\s*(?:文|文图|摄|图文)\W*$"
)
BRACKETED = re.compile(r"[（(]\s*(?P<inside>[^（）()]{2,40}?)\s*[）)]\s*$")
_BOX_CREDIT = re.compile(r"^[【\[]\s*文\s*[／/]\s*(?P<names>[^】\]]{2,40})[】\]]")
REPORTER = re.compile(r"(?:记者|作者|通讯员|撰文|撰稿)(?:\s*[:：／/]\s*|\s+)(?P<names>[\u3400-\u9fff·\s、]{2,40})")
_ROLE_FIRST = re.compile(
    r"(?:[\u3400-\u9fff《》·－—-]{0,20}?(?:记者|記者|通讯员)|作者|撰文)\s*[:：]?\s*(?=[\u3400-\u9fff])"
)


@dataclass(slots=True)
class Byline:
    """What was found; `provenance` has origin, author, editor."""

    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    provenance: dict[str, Provenance] = field(default_factory=dict)

    def set(self, name: str, value: str, rule: str, read_from: str) -> None:
        """Keep the first value that is found."""
        if value and getattr(self, name) is None:
            setattr(self, name, value)
            self.provenance[name] = Provenance(rule, read_from[:200])


def credits(frame: Frame, zone: list[int], body: list[int], found: Byline) -> None:
    """(记者 …) in the first lines and at the end, signatures on a line of their own, in the byline zone too."""
    lines = frame.lines
    head, tail = body[:4], body[-6:][::-1]
    around = [*range(body[-1] + 1, min(len(lines), body[-1] + 5))] if body else []
    for i in dict.fromkeys([*zone, *head, *tail, *around]):
        text = lines[i].text
        if len(text) <= 100 and (match := _BY.search(text)) and any(moments(text)):
            found.set("author", match["name"], "line:by", text)
        if match := _BOX_CREDIT.match(text):
            _author(found, match["names"], "credit", text)
        if len(text) <= 60 and (match := _STAFF.match(text)):
            _author(found, match["names"], "credit", text)
        if len(text) <= 40 and (match := _SIGNED.match(text)):
            _author(found, match["names"], "credit", text)
    for i in head:
        if match := _LEAD_CREDIT.search(lines[i].text[:160]):
            _author(found, match["names"], "credit", match[0], pen_names=True)
    for i in [*tail, *around[:1]]:
        text = lines[i].text
        match = BRACKETED.search(text)
        if not match:
            continue
        inside = match["inside"]
        if ORIGIN_ANYWHERE.search(inside):
            if reporter := REPORTER.search(inside):
                _author(found, reporter["names"], "credit", match[0])
            continue
        if re.search(r"编辑|责编|校对|编輯", inside):
            continue
        if re.search(r"完|图|摄|资料|版", inside) and len(inside) < 5:
            continue
        if role := _ROLE_FIRST.match(inside):
            _author(found, inside[role.end() :], "credit", match[0], pen_names=True)
        else:
            _author(found, inside, "credit", match[0])


def signed_off(frame: Frame, body: list[int], found: Byline) -> None:
    """Who put a name and nothing else under the last paragraph."""
    for i in body[-1:] and (body[-1], body[-1] + 1):
        if 1 <= i < len(frame.lines) and len(body) > 2 and is_prose(frame.lines[i - 1]) and not frame.lines[i].linked:
            text = frame.lines[i].text.strip(WRAPPING)
            if is_person(text):
                found.set("author", text, "credit:sign-off", text)


def _author(found: Byline, value: str, rule: str, text: str, *, pen_names: bool = False) -> None:
    """Set the author; names without a surname are taken only where a role stands before them in brackets."""
    people = names(value, strict=True)
    if not people and pen_names:
        people = [name for name in names(value, strict=False) if re.fullmatch(r"[\u3400-\u9fff]{2,4}", name)]
    if people:
        found.set("author", " ".join(people), rule, text)
