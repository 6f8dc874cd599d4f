"""What a government document says of itself: its number, who brought it out, when it was written and until when it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from crawler.normalisation import HAN
from indexer.insight.documents.titles import numbers
from indexer.insight.plain_text import Plain

_HEAD = 1200  # characters at the beginning, where a page's table of fields stands
_TAIL = 400  # at the end, where a document is signed and dated
_DAY = r"(?P<year>(?:19|20)\d\d) ?[年/.-] ?(?P<month>\d{1,2}) ?[月/.-] ?(?P<day>\d{1,2}) ?日?"
_NUMBER = re.compile(r"(?:发文字号|文号|发文文号|公文文号|文件编号)\s*[:|]?\s*(?=\S)")
_ISSUER = re.compile(
    rf"(?:发文机关|发布机构|发文单位|制发机关|发布机关|成文机关|制定机关)\s*[:|]?\s*(?P<issuer>[{HAN}、 ]{{3,40}}?)(?=\s|[|,。;]|主题|发文|文号|成文|发布|索引|$)"
)
_WRITTEN = re.compile(rf"(?:成文日期|成文时间|制发日期|生成日期|印发日期)\s*[:|]?\s*{_DAY}")
_SIGNED = re.compile(
    rf"(?P<issuer>[{HAN}]{{2,24}}(?:人民政府|人民政府办公厅|人民政府办公室|委员会|商务局|商务厅|局|厅|部|办公室|办公厅))\s*{_DAY}\s*(?:\(此件|抄送|附件|$|\n)"
)
_UNTIL = re.compile(rf"有效期?(?:限)?(?:延长)?[^。;\n]{{0,6}}?(?:至|到)\s*{_DAY}")
_YEARS = re.compile(r"有效期(?:限)?(?:为)?\s*(?P<years>\d{1,2}|[一二两三四五六七八十])\s*年")
_FROM = re.compile(rf"自\s*{_DAY}\s*起(?:施行|实施|执行|生效)")
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "十": 10}


@dataclass(frozen=True, slots=True)
class Official:
    """Days are ISO; '' for what the document does not say."""

    number: str = ""
    issuer: str = ""
    written: str = ""
    valid_until: str = ""


def official_of(body: Plain) -> Official:
    """By the fields at the head of a text, else by its signature."""
    head, tail = body.text[:_HEAD], body.text[-_TAIL:]
    labelled = _NUMBER.search(head)
    found = numbers(head)
    number = ""
    if labelled:
        number = next((form for start, _, form in found if 0 <= start - labelled.end() <= 4), "")
    elif found and found[0][0] < 80 and head.rfind("《", 0, found[0][0]) <= head.rfind("》", 0, found[0][0]):
        line = head[head.rfind("\n", 0, found[0][0]) + 1 : found[0][0]].strip()
        number = found[0][2] if not line else ""  # a number on a line of its own; not one that is cited
    issuer = _ISSUER.search(head)
    signed = _SIGNED.search(tail)
    written = _WRITTEN.search(head) or signed
    return Official(
        number,
        (issuer or signed)["issuer"].strip() if (issuer or signed) else "",  # type: ignore[index]
        written=_day(written),
        valid_until=_until(body.text),
    )


def _until(text: str) -> str:
    if said := _UNTIL.search(text):
        return _day(said)
    begins, years = _FROM.search(text), _YEARS.search(text)
    if not begins or not years or not (first := _day(begins)):
        return ""
    number = int(years["years"]) if years["years"].isdigit() else _DIGITS[years["years"]]
    day = date.fromisoformat(first)
    last = date(day.year + number, day.month, min(day.day, 28)) if day.day > 28 else day.replace(year=day.year + number)
    return date.fromordinal(last.toordinal() - 1).isoformat()


def _day(match: re.Match[str] | None) -> str:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat() if match else ""
    except ValueError:
        return ""
