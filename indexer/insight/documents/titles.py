"""Titles and numbers of documents in one form, so that two citations of one document meet."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from crawler.normalisation import HAN, normalise

_CLASSES = {"open": r"[〔\[【(<〈]", "close": r"[〕\]】)>〉]"}
# what stands before the code of an office and is no part of it
_NOT_IN_CODE = re.compile(
    "根据|按照|依据|依照|参照|遵照|详见|印发|以及|转发|贯彻|落实|执行|废止|下发|文件|通知|精神|由|按|及|为|在|是|的|了|见"
)
# 国发〔2018〕44号, 湘政办发 [2020] 第 7 号; 国务院令第723号: what is found is the part behind the office, which is rare, and the office before it
_NUMBERED = re.compile(
    rf"{_CLASSES['open']} ?(?P<year>(?:19|20)\d\d) ?年? ?{_CLASSES['close']} ?第? ?(?P<number>\d{{1,5}}) ?号"
)
_CODE = re.compile(rf"(?P<code>[{HAN}]{{1,14}}) ?$")
_ORDER = re.compile(
    r"(?P<kind>令|公告) ?(?:(?P<year>(?:19|20)\d\d) ?年? ?)?(?:第 ?)?(?P<number>\d{1,4}|[一二三四五六七八九十百]{1,6}) ?号"
)
_BODY = re.compile(rf"(?P<code>[{HAN}]{{0,12}}(?:国务院|主席|部|委|局|署|政府|委员会|行|院|会)) ?$")
_EDITION = re.compile(
    r"[(\[](?:试行|暂行|草案|修订草案|征求意见稿|修订|修正|(?:19|20)\d\d年?(?:版|修订|修正|修正本|修订本|本)?|节选|全文)[)\]]$"
)
_PRINTED = re.compile(
    rf"^(?P<issuer>[{HAN}、 ]{{0,60}}?)关于(?:印发|发布|公布|转发|批转|修订印发|修改印发|下发)(?:国务院|省政府|市政府)?[《<〈]?(?P<title>.+?)[》>〉]?的?(?:通知|公告|函|决定)?$"
)
_ORGAN = re.compile(
    rf"^(?P<place>[{HAN}]{{2,12}}?(?:省|市|县|区|州|盟|旗|镇|乡|特别行政区|自治区|国务院|中央)?)(?:人民政府|政府|委员会)?(?:办公厅|办公室)?关于"
)


@cache
def _words() -> dict[str, re.Pattern[str]]:
    data = tomllib.loads(files("indexer.insight.documents").joinpath("documents.toml").read_text(encoding="utf-8"))
    return {
        "documents": re.compile(f"(?:{'|'.join(data['documents'])})$"),
        "none": re.compile(f"(?:{'|'.join(data['none'])})$"),
        "short": re.compile(f"(?:{'|'.join(data['short'])})$"),
        "interpretations": re.compile("|".join(data["interpretations"])),
    }


def bare(title: str) -> str:
    """A title on one line, normalised, without marks of its edition behind it."""
    title = re.sub(r"\s+", "", normalise(title)).replace("〈", "<").replace("〉", ">").strip("《》")
    while edition := _EDITION.search(title):
        title = title[: edition.start()]
    return title


def is_document(title: str) -> bool:
    """Whether a title in 《》 is a law's, a policy's or a notice's."""
    plain = bare(title)
    words = _words()
    return len(plain) >= 3 and bool(words["documents"].search(plain)) and not words["none"].search(plain)


def is_short(title: str) -> bool:
    """办法, 若干措施: a name that stands for a longer title of the same text."""
    return bool(_words()["short"].fullmatch(bare(title)))


def key_of_title(title: str, issuer: str = "") -> str:
    """What citations of one document share: the core of its title, with its place where one is known; '' for an empty title."""
    core = bare(title)
    if printed := _PRINTED.match(core):
        issuer = issuer or printed["issuer"]
        core = bare(printed["title"])
    place = place_of(issuer)
    if organ := _ORGAN.match(core):
        place = place or place_of(organ["place"])
        core = core[organ.end() :]
    core = core.removeprefix("关于").removeprefix("中华人民共和国")
    core = re.sub(r"[\s\"“”‘’'《》<>、,，·:：(（)）-]", "", core)
    if not core:
        return ""
    return core if not place or place in core else f"{place}{core}"


def place_of(issuer: str) -> str:
    """湖南省 of 湖南省人民政府办公厅; '' for the state's own offices and where no place is named."""
    match = re.search(rf"(?P<place>[{HAN}]{{2,8}}?(?:省|自治区|市|自治州|盟|县|旗|区))", issuer)
    return match["place"] if match and not issuer.startswith(("国务院", "中共中央", "中央")) else ""


def numbers(text: str) -> list[tuple[int, int, str]]:
    """Numbers of documents in a normalised text: start, end, and the one form."""
    found = []
    for match in _NUMBERED.finditer(text):
        start, code = _office(text, match.start(), _CODE)
        if code:
            found.append((start, match.end(), f"{code}〔{match['year']}〕{int(match['number'])}号"))
    for match in _ORDER.finditer(text):
        start, body = _office(text, match.start(), _BODY)
        if body:
            year = f"{match['year']}年" if match["year"] else ""
            found.append((start, match.end(), f"{body}{match['kind']}{year}第{match['number']}号"))
    return sorted(found)


def _office(text: str, end: int, pattern: re.Pattern[str]) -> tuple[int, str]:
    """Where the code of an office that ends at `end` begins, and the code: behind the last word that is no part of one. '' for none."""
    first = max(0, end - 16)
    match = pattern.search(text[first:end])
    if match is None:
        return end, ""
    code = match["code"]
    cut = max((junk.end() for junk in _NOT_IN_CODE.finditer(code)), default=0)
    return first + match.start() + cut, code[cut:]


def own_keys(title: str, head: str, genre: str) -> Sequence[str]:
    """Keys by which an article that is itself a document is cited; () for news of one, an interpretation and all else. `head`: the beginning of its text, where its number stands."""
    plain = bare(title)
    if genre not in ("policy", "notice", "report") or not is_document(plain):
        return ()
    if _words()["interpretations"].search(re.sub(r"关于(?:印发|发布|公布|转发).*", "", plain)):
        return ()
    number = next((form for start, _, form in numbers(head[:300]) if start < 200), "")
    return tuple(dict.fromkeys(filter(None, (key_of_title(title), number))))
