"""What the words around a number say of its state: planned, signed, realised or not said, and how far the project has come."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.insight.figures.rules import Rules, figure_rules
from indexer.insight.reading import Kind, Stage, Status

# what makes of 开工 a thing to come
_NOT_YET = re.compile(
    "(?:尚未|还未|仍未|未|没有?|将|即将|拟|待|计划|预计|力争|争取|确保|推动|力促|促进|准备|望|可|至)[^,。;]{0,6}$"
)
_GOAL_BEFORE = re.compile(
    "(?:力争|目标(?:任务)?(?:是|为|:)?|争取|确保|(?:今年|全年|明年|年内|年度)[^,。;]{0,6}(?:计划|拟|要))"
)
_DONE = re.compile("已|累计|实际(?!到位|使用|利用|引|外|内)|截至")
_GOES_ON = re.compile(
    "^(?:其中|共|合计|共计|涉及|约|预计|计划|总)*(?:协议|合同|意向)?(?:总)?(?:投资|引资|金额|资金)[^,。;]{0,8}$"
)
_OTHER_SUBJECT = re.compile("项目|企业|公司|签约")


@dataclass(frozen=True, slots=True)
class Around:
    """The words around a number: `head` and `tail` in its sentence (`tail` up to 60 characters), `before` all of the sentence in front of it."""

    head: str
    tail: str
    before: str

    @property
    def clause(self) -> str:
        """Before the number, from the last stop or semicolon."""
        return re.split("[。;]", self.head)[-1]

    @property
    def near(self) -> str:
        """Before the number, from the last comma."""
        return re.split("[,:]", self.clause)[-1]

    @property
    def after(self) -> str:
        """Behind the number, up to the next comma."""
        return re.split("[,。;、:]", self.tail)[0]


def read_status(kind: Kind, around: Around) -> tuple[Status, Stage | None]:
    """State and stage as the words tell them; ("unstated", None) where they do not."""
    stage = _stage(kind, around)
    if stage in ("talks", "refused"):
        return "planned", stage
    return _status(kind, around, stage), stage


# --- stage


def _stage(kind: Kind, around: Around) -> Stage | None:
    after = re.split("[,。;:]", around.tail)[0]
    clauses = re.split("[,:]", around.clause)
    own = _stage_in(around.near, after)
    if own or kind in ("output", "tax", "fdi", "realised"):
        return own
    if (
        len(clauses) > 1
        and (_GOES_ON.match(around.near) or not around.near.strip())
        and (told := _stage_in(clauses[-2], ""))
    ):
        return told  # 在谈项目36个,计划总投资210亿元
    if kind in ("invested", "signed"):
        for clause in re.split("[。;]", around.tail)[0].split(",")[1:]:
            if _OTHER_SUBJECT.search(clause):
                break
            if told := _stage_in("", clause):
                return told
    return None


def _stage_in(before: str, after: str) -> Stage | None:
    """The stage that the words before and behind a number tell; of two the one that rules out the other."""
    rules: Rules = figure_rules()
    for stage in ("refused", "ended", "talks", "begun"):
        pattern = rules.stage[stage]
        for words in (before, after):
            for match in pattern.finditer(words):
                if stage == "begun" and _NOT_YET.search(words[: match.start()]):
                    continue
                if (
                    stage == "talks"
                    and rules.status["signed"].search(before[-24:] + after)
                    and "意向" not in match[0]
                    and "在谈" not in match[0]
                ):
                    continue
                return stage
    return None


# --- state


def _status(kind: Kind, around: Around, stage: Stage | None) -> Status:
    rules = figure_rules()
    near, after = around.near, around.after
    planned = _planned(around)
    if kind in ("realised", "fdi"):
        if planned:
            return "planned"
        whole = around.clause if near.startswith("其中") else near  # 到位资金52亿元,其中省外资金33亿元
        return "realised" if rules.status["realised"].search(whole + after) else "unstated"
    if kind == "signed":
        return "planned" if re.search("拟|力争|意向|准备|目标|确保", near) else "signed"
    if kind == "invested":
        return _of_investment(around, stage)
    if kind == "projects":
        return _of_projects(around, stage, planned)
    if kind in ("output", "tax"):
        return _of_yield(around, planned)
    if re.search("签约|签署|签下|入园协议", near[-16:] + around.tail[:24]):
        return "signed"
    if planned:
        return "planned"
    return "realised" if rules.status["realised"].search(near + after) else "unstated"


def _planned(around: Around) -> bool:
    rules = figure_rules()
    near = around.near
    if re.search("(?:目标任务|目标|任务|计划)(?:为|是|数)?$", around.head):
        return True
    if rules.status["planned"].search(near[-22:]) or re.match(
        "[^,。;]{0,12}(?:拟入驻|准备签约|正在洽谈|储备)", around.tail
    ):
        return True
    goal = list(_GOAL_BEFORE.finditer(around.clause))
    return bool(goal) and not _DONE.search(around.clause[goal[-1].end() :])  # 力争签约项目60个,到位资金100亿元


def _of_investment(around: Around, stage: Stage | None) -> Status:
    rules, near = figure_rules(), around.near
    if rules.status["wished"].search(near):
        return "planned"
    built = re.search("累计|已(?:经)?|完成|实际|落户|投产|投[了下]", near) or re.match(
        "(?:元)?,[^。;]{0,12}(?:已|月)[^,。;]{0,4}投产", around.tail
    )
    if built:
        return "realised"
    if stage == "begun" or rules.status["signed"].search(near + around.after):
        return "signed"  # the total of a project begun but not finished
    return "unstated"


def _of_projects(around: Around, stage: Stage | None, planned: bool) -> Status:
    rules, near, tail = figure_rules(), around.near, around.tail
    started = "开工|投产|落地"
    if planned and not re.search(started, near[-12:] + re.split("[,。;]", tail)[0][:12]):
        return "planned"
    if planned and _GOAL_BEFORE.search(around.clause):
        return "planned"
    if re.match("以上(?:[,。;、]|$)", tail) or re.match("[^,。;]{0,6}(?:可投|招商|储备|在谈|意向)项目", tail):
        return "planned"  # what is to be reached, what is on offer
    if re.search("(?:招商(?:资源)?|推介|可投|招募)项目(?:达|有|共|约)?$", near):
        return "planned"
    after = around.after
    listed = (
        re.search("^[^;]*签约", around.before)
        and around.before.count(";") > 0
        and not re.search("落地|开工|投产", around.before)
    )
    if (listed or rules.status["signed"].search(near[-30:] + after)) and not re.search(
        "落地|开工|投产", near[-6:] + after
    ):
        return "signed"
    if stage in ("begun", "ended") or rules.status["realised"].search(near + after):
        return "realised"
    return "unstated"


def _of_yield(around: Around, planned: bool) -> Status:
    hoped = planned or re.search(
        "预计|将|可|力争|目标|有望|规划|计划|到20|(?:建成|投产|达产|投用|运营|满产|实施)[^。]{0,12}后",
        around.before[-60:],
    )
    if hoped:
        return "planned"
    told = re.search("完成|实现|达到|入库|做到|多出|贡献|缴纳|累计|已|上半年|季度|去年|月|从", around.before[-40:])
    return "realised" if told else "unstated"


__all__ = ["Around", "read_status"]
