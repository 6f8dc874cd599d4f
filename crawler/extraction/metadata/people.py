"""Names of people in bylines: which tokens are names, and which words end or begin one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from crawler.normalisation import simplified

DATA = tomllib.loads(Path(__file__).with_name("byline.toml").read_text(encoding="utf-8"))
_SURNAMES = frozenset(DATA["surnames"] + DATA["surnames_hant"])
_COMPOUND = tuple(DATA["compound"])
_NOT_NAMES = frozenset(DATA["not_names"])
_HAN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
_DOTS = "·•・‧∙･."  # between the parts of a name: 阿卜杜拉·买买提
_FOREIGN = re.compile(
    rf"[\u3400-\u9fff]{{1,8}}(?:[{_DOTS}][\u3400-\u9fff]{{1,10}})+|[A-Z][a-z]+(?: [A-Z][a-z.]+){{1,3}}"
)
_SEPARATORS = re.compile(
    r"(?:[\s、,，;；/／|｜&＆]|(?<=\s)·|·(?=\s))+|(?<=[\u3400-\u9fff])\s*[和与及]\s*(?=[\u3400-\u9fff]{2})"
)
_ROLE = re.compile(
    r"^(?:[\u3400-\u9fff·《》]{0,14}(?:本报|本网|本台|本刊|全媒体|首席|见习|实习|特约|融媒体|驻[\u3400-\u9fff]{1,6})?(?:记者|記者|实习生|通讯员|通訊員|评论员|特派员|撰稿人|编译|专栏作者|作者|特约撰稿)|文|图|撰文|撰稿|摄影|整理|综合)\s*[:：]?\s*"
)
_ROLE_AFTER = re.compile(
    r"(?<=..)[／/](?:文|图|摄|文图)$|(?<=...)(?:文|图|摄)$|(?<=..)(?:(?:整理|编译|报道|综合|采写|摄影|摄影报道|综合报道|实习生|出自|来源))$"
)
_TITLED = re.compile(
    r"(?:记者|研究员|教授|主任|院长|学院|大学|部长|作者|博士|评论员|撰稿人|通讯员|所长|秘书长|经济学家|分析师)(?P<name>[\u3400-\u9fff]{2,3})$"
)
_ABOUT_HIM = re.compile(r"(?:系|现为|现任|就职于|供职于|单位[:：]?)[\u3400-\u9fff]{2,}")
_NOBODY = re.compile(
    rf"\W*|{'|'.join(DATA['nobody'])}|(?:{'|'.join(DATA['nobody_of'])})*(?:{'|'.join(DATA['nobody_does'])})+", re.I
)
_ORGANISATION = re.compile(
    r"(?:网|網|社|报|報|台|(?<![格布结])局|厅|委|委员会|办|办公室|中心|公司|集团|部|院|会|處|处|科|站|频道|新闻|日报|晚报|政府|管委会|研究院|大学|学院|银行|协会|平台|客户端|杂志|周刊|在线|传媒|文旅|融媒|发布|号|组|队|所|校|版)$"
)
# Three characters that end as offices and groups do; departments by their first two.
_AMBIGUOUS = re.compile(r"(?!(?:宣教|计财|文教|农经|经信|党政|商贸|安监|财会|经管|文旅|党群)).{2}[科会台号校队站组]")


def is_person(text: str) -> bool:
    """Whether the text is a Chinese name by its surname and length, or a foreign one by its dot."""
    if _FOREIGN.fullmatch(text):
        return not any(map(is_organisation, re.split(f"[{_DOTS}]", text)))
    if not _HAN_NAME.fullmatch(text) or text in _NOT_NAMES:
        return False
    if text.startswith(_COMPOUND):
        return 3 <= len(text) <= 4
    return text[0] in _SURNAMES and len(text) <= 3 and not (len(text) > 2 and _ORGANISATION.search(text))


def is_organisation(text: str) -> bool:
    """Whether the text ends like the name of a medium, an office or a company."""
    return len(text) > 2 and bool(_ORGANISATION.search(text))


def names_nobody(text: str) -> bool:
    """Whether the text is one of the words that stand for an author nobody knows: 佚名, 本网综合."""
    return bool(_NOBODY.fullmatch(simplified(text)))


def names(text: str, *, strict: bool) -> list[str]:
    """The names in a byline's value. Strict: people by surname only; else any short token that is no organisation (pen names)."""
    if both := re.fullmatch(r"\s*([\u3400-\u9fff·]{2,12})\s*[（(]([A-Z][A-Za-z. '-]{2,40})[)）]?\s*", text):
        return [f"{both[1]} ({both[2]})"]  # 张三 (San Zhang)
    text = re.sub(r"[（(\[【]\s*[^（()）\[\]【】]{0,20}$", "", text.strip().strip("[]【】()（）:：|，,。 "))
    out: list[str] = []
    of_office = False
    parts = _joined(_SEPARATORS.split(text))
    for n, part in enumerate(parts):
        raw = part.strip("[]【】()（）《》:：|，,。 ")
        token = _ROLE.sub("", raw)
        token = token if len(token) == 4 and token.startswith(_COMPOUND) else _ROLE_AFTER.sub("", token)
        if len(token) > 4 and (titled := _TITLED.search(token)) and is_person(titled["name"]):
            token = titled["name"]
        if names_nobody(raw) or names_nobody(token) or (out and token in ("等", "等人")):
            continue
        if is_person(token):
            out.append(token)
        elif (
            out and not strict and _AMBIGUOUS.fullmatch(token) and token[0] in _SURNAMES and token[:2] not in _NOT_NAMES
        ):
            out.append(token)  # 张林 管妮娜 白文科: among names one more
        elif out and is_organisation(token) and any(map(is_person, parts[n + 1 :])):
            continue  # 张三 市投资促进局 李四: each behind his office
        elif strict or of_office or _ABOUT_HIM.fullmatch(token):
            break
        elif not out and is_organisation(token):
            of_office = True  # 市投资促进局 张三: who wrote it stands behind his office
        elif len(token) <= 20 and not is_organisation(token) and not re.search(r"\d{3,}|[。！？：:]|http|www", token):
            out.append(token)
        else:
            break
    if any(map(is_person, out)):
        out = [name for name in out if len(name) <= 8 or is_person(name) or "(" in name]
    return out


def _joined(tokens: list[str]) -> list[str]:
    """Names of two characters are set wide (商 犇): two single characters in a row are one name."""
    out: list[str] = []
    i = 0
    while i < len(tokens):
        here = tokens[i]
        if len(here) == 1 and i + 1 < len(tokens) and len(tokens[i + 1]) == 1 and "\u3400" <= here <= "\u9fff":
            out.append(here + tokens[i + 1])
            i += 2
        else:
            out.append(here)
            i += 1
    return out
