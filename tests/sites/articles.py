"""Articles on investment promotion for the sites to publish, each different from the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_PLACES = ("青禾县", "临川新区", "望江镇", "北岭市", "双溪区", "南屏县", "云台高新区")
_TRADES = (
    "新能源电池",
    "精密模具",
    "食品加工",
    "冷链物流",
    "光电材料",
    "智能农机",
    "医疗器械",
    "跨境电商",
    "绿色建材",
    "工业软件",
    "特种纸",
)
_PARTNERS = ("外地商会", "产业基金", "龙头企业", "科研院所", "行业协会")
_DEEDS = ("集中签约", "开工建设", "考察洽谈", "投产达效", "推介座谈")


@dataclass(frozen=True)
class Piece:
    """One article: `number` rises with time and never changes."""

    number: int
    title: str
    day: date
    paragraphs: tuple[str, ...]


def compose(number: int, day: date) -> Piece:
    """The article of that number."""
    place, trade = _PLACES[number % 7], _TRADES[number % 11]
    partner, deed = _PARTNERS[number % 5], _DEEDS[number * 3 % 5]
    money = 3 + number * 7 % 40
    return Piece(
        number,
        f"{place}{trade}招商项目{deed}（第{number}号）",
        day,
        (
            f"本站讯 {day.month}月{day.day}日，{place}举行第{number}号{trade}招商引资活动，由当地投资促进部门会同{partner}共同组织，现场{deed}。",
            f"据介绍，该项目计划总投资{money}亿元，分两期建设，其中一期投入{money // 2}亿元，主要建设{trade}生产线和配套仓库，建成后每年可实现产值{money * 2}亿元。",
            f"{place}招商部门负责人表示，下一步将紧盯{trade}产业链上下游，落实专班服务和代办制度，推动第{number}号项目早落地、早开工、早见效。",
        ),
    )
