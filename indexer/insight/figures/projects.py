"""The project that an amount is for, and the firm that brings it, as the sentence of the amount names them."""

from __future__ import annotations

import re

_NAME = "[一-鿿a-z0-9()·+\\-]"
_ENDS = "(?:股份有限公司|有限责任公司|有限公司|集团公司|总公司|公司|集团|股份)"
_FIRM = re.compile(f"{_NAME}{{2,24}}?{_ENDS}(?:\\([一-鿿]{{2,6}}\\))?")
_PROJECT = re.compile(f"{_NAME}{{2,28}}?(?:项目|工程)(?!数|个|总|集中|清单|负责人)")
_QUOTED = re.compile("[“《]([^“”《》,。;]{2,30})[”》](?:项目|工程)?")
# words that stand before a name, and are no part of it
_LEAD = re.compile(
    "^.*(?:由|与|和|及|同|在|对|向|从|为|是|的|了|着|将|把|被|获|如|即|等|其中|签约|签订|签署|引进|引入|引来|招引|落户|落地|开工|动工|建设|投资|总投资|计划|新建|"
    "促成|推动|推进|成功|洽谈|接洽|拜访|走访|考察|通过|依托|围绕|来自|介绍|昨日|今日|日前|近日|记者|获悉|新增|组建|共有|已|不久前|其他|加快|全面|据悉|目前|今年|去年|一批|一个|这个|该|此|\\d月|\\d日|亿元|万元)"
)
_COMMON = re.compile(
    "(?:该|此|这|那|本|新|大|小|好|重大|重点|产业|工业|投资|招商|招商引资|签约|在建|在谈|储备|开工|亿元|农业|制造业|外资|内资|优质|意向|合作|补链|强链|高质量|"
    "科技|文旅|民生|企业|商贸|服务业|基础设施|首批|同类|所有|全部|多个|几个|各类|各|每个|两个|三个|上述|相关|单个|总|子|二期|一期|三期|和|落地|续建|新签|新建|技改|扩建|拟建)*(?:项目|工程|集团|公司)"
)


_SEVERAL = re.compile("[\\d一二三四五六七八九十百]+(?:余|多)?[个项家]|类(?:重大|重点)?项目|500强")


def read_project(head: str, tail: str) -> tuple[str | None, str | None]:
    """Names of project and firm; None where the sentence has none, or names several firms. `head`, `tail`: what stands before and behind the amount in its sentence."""
    before = re.split("[。;]", head)[-1]
    behind = re.split("[。;]", tail)[0]
    return _project(before, behind), _firm(before, behind)


def _project(before: str, behind: str) -> str | None:
    # 总投资8亿元的轴承项目; else the project that the sentence spoke of last
    if behind.startswith("的") and (match := _PROJECT.match(behind[1:])):
        return _named(match[0])
    if behind.startswith("的") and (match := _QUOTED.match(behind[1:])):
        return match[1]
    clauses = re.split("[,:、]", before)
    for clause in reversed(clauses[-3:]):
        quoted = [m for m in _QUOTED.finditer(clause) if m[0].endswith(("项目", "工程"))]
        if quoted:
            return _named(quoted[-1][1])
        if found := list(_PROJECT.finditer(clause)):
            return _named(found[-1][0])
    return None


def _firm(before: str, behind: str) -> str | None:
    named = [name for m in _FIRM.finditer(f"{before}|{behind}") if (name := _named(m[0]))]
    distinct = list(dict.fromkeys(named))
    return distinct[0] if len(distinct) == 1 else None


def _named(words: str) -> str | None:
    """The name without what leads to it; None where nothing of a name is left."""
    name = _LEAD.sub("", words).lstrip("()·-+")
    return None if len(name) < 4 or _COMMON.fullmatch(name) or _SEVERAL.search(name) else name
