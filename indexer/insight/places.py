"""Places named in a text: found by the table of regions and of zones, told apart by what stands beside them and elsewhere in the text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from crawler.sources.regions import by_adcode, lineage
from indexer.insight.gazetteer import Hit, scan

# what a name stands for where it is written:
#   plain      the place itself            dateline   where a report was filed
#   aim        where somebody travels      origin     where somebody or something comes from
#   body       part of the name of a company, school or association
#   paper      part of the name of a paper or broadcaster
#   short      one character for a province (湘商, 来赣)
Role = Literal["plain", "dateline", "aim", "origin", "body", "paper", "short"]

_DATELINE_BEFORE = re.compile(
    r"(?:新华社|中新社|中新网|央广网|中国网|人民网|央视网|日报|晚报|晨报|时报|商报|新闻网|网|讯|社)(?:记者)?[\s·-]{0,2}$"
)
_DATELINE_AFTER = re.compile(r"(?:市|省|县)?\d{1,2}月\d{1,2}日(?:电|讯|消息|\()|电\s?\(|(?:报道|专电|消息)")
_AIM_BEFORE = re.compile(
    r"(?:赴|前往|奔赴|分赴|远赴|亮相|抵达|到访|出访|走访|拜访|走进|参观|观摩|考察|调研|辗转|转战|奔波|飞往|北上|南下|学习|对标|对接|毗邻|相邻|邻近|距离|直达|通往|接轨|融入|至)[了“]{0,2}$"
)
_VENUE_BEFORE = re.compile(r"(?:在|于)[了“]{0,2}$")
_SITE_BEFORE = re.compile("开工|奠基|开园|投产|竣工")  # what begins there stands there
_VENUE_AFTER = re.compile(
    r"(?:市|省|县|区)?[^,。;]{0,14}(?:举行|召开|举办|开幕|落幕|闭幕|启动仪式|发布(?!会)|成功举|圆满举|拉开|揭牌)"
)
_ORIGIN_BEFORE = re.compile(r"(?:来自|出生于|生于|祖籍|老家在?|籍贯|毕业于|原籍|由|从|携手|引进)[了“]{0,2}$")
_ORIGIN_AFTER = re.compile(
    r"(?:省|市|县|区)?(?:籍|人[,、]|的?(?:老板|商人|企业家|客商|投资者|同行)|援(?:藏|疆|青|建|派|助)|(?:一|两|三|几|多)家(?:企业|公司|[一-鿿]{1,6}企)|客商|商人|[^,。;、在与和府]{0,10}等[\d一二三四五六七八九十两多余]{1,4}家)"
)
_BODY_AFTER = re.compile(
    r"(?:市|省|县|区)?[^,。;、!?:《》“”\s]{0,16}?(?:有限公司|有限责任公司|股份公司|集团|公司|企业商会|商会|大学|学院|中学|银行|证券|研究院|研究所|律师事务所|联合会|科学岛|软件园|检测园|大学城|大学科技[城园])"
)
_PAPER_AFTER = re.compile(
    "(?:市|省|县|区)?(?:都市|广播)?(?:日报|晚报|晨报|早报|商报|时报|电视台|广播电台|广电|新闻网|新闻频道|发布客户端)"
)
# what a company is called after the place, where neither 公司 nor 集团 stands: 磐石锂业, 泰山石膏
_NOT_ITS_TRADE = (
    "(?!产业|行业|工业|园|区|基地|项目|集群|企业|市场|制造|装备|博览|展|大会|论坛|城|小镇|研究|学院|大学|人才|厂房|链)"
)
_FIRM_OF_TRADE = re.compile(
    f"[^,。;、在与和及的了市县区]{{0,4}}?[锂钢铝铜矿药乳酒纸糖盐茶锌铅钛镁钨锡硅晶瓷粮船金胶]业{_NOT_ITS_TRADE}"
)
_FIRM_OF_PRODUCT = re.compile(
    f"(?:科技|股份|控股|重工|制药|药业|医药|新材料?|材料|石膏|玻璃|钢铁|水泥|化工|石化|锂电|生物|电子|光电|电气|电力|汽车|客车|食品|啤酒|乳品|机械|机床|精工|智能|能源|新能源|半导体|陶瓷|铜箔|轮胎|纺织|服饰|家居|置业|实业){_NOT_ITS_TRADE}"
)
_BODY_STOPS = re.compile(
    r"依托|通过|借助|发挥|[在将与和及的了是为举召签引推把对赴]|政府|市委|省委|县委|区委|厅|局|管委会|招商|推介"
)
# where a team stays to find investors: 在上海、杭州设立联络处, 挂职去的松江, 泡在上海的写字楼里
_OUTPOST_BEFORE = re.compile(r"(?:在|到|去|去的|驻|搬到|扎在|泡在|住进|拉到了?|改到了?|派往|派驻)[了“]{0,2}$")
_OUTPOST_AFTER = re.compile(
    r"(?:市|省|县|区)?(?:[^,。;]{0,10}(?:、|和|及|与)[^,。;]{0,8})?[^,。;]{0,6}(?:设立?|租[下了用]|买下|建起|常驻|驻点|蹲点|招商|考察|洽谈|推介|拜访|的写字楼|等地)"
)
_LIST_GAP = re.compile(r"(?:市|省|县|区)?(?:、|和|及|与|,)$")
_SHORT = {
    "京": "110000", "津": "120000", "冀": "130000", "晋": "140000", "辽": "210000", "吉": "220000", "沪": "310000", "苏": "320000", "浙": "330000",
    "皖": "340000", "闽": "350000", "赣": "360000", "鲁": "370000", "豫": "410000", "鄂": "420000", "湘": "430000", "粤": "440000", "桂": "450000",
    "琼": "460000", "渝": "500000", "蜀": "510000", "黔": "520000", "滇": "530000", "藏": "540000", "陕": "610000", "陇": "620000", "疆": "650000",
}  # fmt: skip
_SHORT_USE = re.compile(
    f"(?:来|在|入|返|兴|回|援|留|投)([{''.join(_SHORT)}])(?![\u4e00-\u9fff]?(?:剧|菜|江|州|市))|([{''.join(_SHORT)}])商(?:回归|大会|回)|全([{''.join(_SHORT)}])(?=上下|各)"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named at [start, end) of the text, its adcode, the words and what they stand for; `zone` where a development zone is meant."""

    start: int
    end: int
    code: str
    role: Role
    zone: bool


OFTEN = 3  # so often a short name stands for the place itself, whatever else the text names; in a title once is enough


OPENING = 60  # characters in which a district that acts is believed to be the subject
_ACTS = re.compile(
    "[^,。;、]{0,2}(?:把|以|将|坚持|围绕|聚焦|持续|全力|大力|积极|创新|推行|召开|举行|举办|出台|委|政府|商务|投促|招商|新|今年)"
)


def _resolve(text: str, hits: Sequence[Hit], context: Mapping[str, float], often: Collection[tuple[str, ...]]) -> None:
    """Give each hit one code, or none where nothing speaks for any: the chain before it (长沙市芙蓉区), the company it keeps, the larger division."""
    before: Hit | None = None
    known = _held(hits)
    for hit in hits:
        adjacent = before.code if before and before.code and hit.start - before.end <= 1 else None
        inside = [c for c in hit.codes if adjacent and adjacent in lineage(c)]
        if inside:
            hit.code = inside[0]
        elif hit.codes in known:
            hit.code = known[hit.codes]
        else:
            supported = [
                (sum(context.get(a, 0.0) for a in lineage(c)[:-1]) + 0.5 * context.get(c, 0.0), c) for c in hit.codes
            ]
            best = max(supported, key=lambda pair: pair[0])
            if not hit.doubtful and len(hit.codes) == 1:
                # a city's district is not written of without its city or province: 北湖区 in a text on 长春 is another one
                opens = hit.start < OPENING and _ACTS.match(text, hit.end)
                unsaid = hit.elsewhere or (not opens and _is_district(hit.codes[0]))
                alien = unsaid and _is_alien(hit.codes[0], context)
                hit.code = None if alien else hit.codes[0]
            elif not hit.doubtful:
                # a name of a larger division wins unless the context speaks for a smaller one's parent and not for it
                levels = [by_adcode(c) for c in hit.codes]
                larger = [r.adcode for r in levels if r and r.level in ("province", "city")]
                if larger:
                    hit.code = larger[0]
                elif best[0] > 0:
                    hit.code = best[1]
            elif best[0] > 0 and not _is_alien(best[1], context):
                hit.code = best[1]
            elif alone := [
                c for c in hit.codes if not _is_alien(c, context) or (hit.codes in often and not _is_district(c))
            ]:
                # 海城 with neither 鞍山 nor 辽宁 near: the only place so called, or the only city or county
                larger = [c for c in alone if not _is_district(c)]
                hit.code = alone[0] if len(alone) == 1 else larger[0] if len(larger) == 1 else None
        if hit.code and len(hit.codes) > 1:
            known.setdefault(hit.codes, hit.code)
        before = hit


def _town_with_its_county(hits: Sequence[Hit], context: dict[str, float]) -> None:
    """A town lies in a county that is named, of whatever city it may be (普陀区 … 长征镇); where other counties are named, it tells of none unless what holds it is named."""
    counties = {code for hit in hits if not hit.town for code in hit.codes if _is_county(code)}
    if not counties:
        return
    for hit in hits:
        if not hit.town:
            continue
        in_named = tuple(code for code in hit.codes if code in counties)
        if in_named:
            hit.codes = in_named
            if len(in_named) == 1:
                for code in lineage(in_named[0]):
                    context[code] += 0.5
        else:
            hit.codes = tuple(code for code in hit.codes if any(context.get(above) for above in lineage(code)[:-1]))


def _is_county(code: str) -> bool:
    region = by_adcode(code)
    return region is not None and region.level == "county"


def _held(hits: Sequence[Hit]) -> dict[tuple[str, ...], str]:
    """Zones of a name that is known from elsewhere, by the place they are written after: 江阴临港开发区, and what the text then calls 临港, lies in 江阴."""
    return {
        zone.codes: place.codes[0]
        for place, zone in pairwise(hits)
        if zone.elsewhere
        and place.end == zone.start
        and not place.zone
        and place.codes[0] not in lineage(zone.codes[0])
    }


def _is_district(code: str) -> bool:
    region = by_adcode(code)
    return region is not None and region.level == "county" and region.name.endswith("区") and len(region.name) <= 3


def _is_alien(code: str, context: Mapping[str, float]) -> bool:
    """A place without its city or province, in a text that names another province more than once."""
    if any(context.get(above) for above in lineage(code)[:-1]):
        return False
    return any(n >= 2 for other, n in context.items() if other.endswith("0000") and other[:2] != code[:2])


def _witness(hit: Hit, worth: float, context: dict[str, float]) -> None:
    """Add to the context what a name says that means one place only, or a province or city rather than its namesakes."""
    first = by_adcode(hit.codes[0])
    if hit.doubtful or first is None or (len(hit.codes) > 1 and first.level == "county"):
        return
    # a district's own name, or 临港, is no witness for the city that it needs a witness for
    alone = hit.elsewhere or (len(hit.codes) == 1 and _is_district(first.adcode))
    for code in [first.adcode] if alone else lineage(first.adcode):
        context[code] += worth


def _role(text: str, hit: Hit, before: Mention | None) -> Role:
    head, tail = text[max(0, hit.start - 12) : hit.start], text[hit.end : hit.end + 30]
    if hit.start < 400 and _DATELINE_BEFORE.search(head) and _DATELINE_AFTER.match(tail):
        return "dateline"
    if not hit.zone and (body := _BODY_AFTER.match(tail)) and not _BODY_STOPS.search(body[0]):
        return "body"
    if not hit.zone and _PAPER_AFTER.match(tail):
        return "paper"
    if not hit.zone and (
        _FIRM_OF_TRADE.match(tail) or (hit.doubtful and not hit.town and _FIRM_OF_PRODUCT.match(tail))
    ):
        return "body"
    if _AIM_BEFORE.search(head):
        return "aim"
    if _VENUE_BEFORE.search(head) and _VENUE_AFTER.match(tail) and not _SITE_BEFORE.search(head):
        return "aim"
    if not hit.zone and _OUTPOST_BEFORE.search(head) and _OUTPOST_AFTER.match(tail):
        return "aim"
    if _ORIGIN_BEFORE.search(head) or _ORIGIN_AFTER.match(tail):
        return "origin"
    if (
        before
        and before.role in ("aim", "origin")
        and hit.start - before.end <= 2
        and _LIST_GAP.search(text[before.end - 1 : hit.start])
    ):
        return before.role
    return "plain"


def find_places(text: str, title: str = "") -> tuple[list[Mention], list[Mention]]:
    """Mentions in a (normalised) title and text, each in order. Names that nothing tells apart are left out."""
    title_hits, text_hits = scan(title, text), scan(text, title)
    context: dict[str, float] = defaultdict(float)
    for hit in title_hits:
        _witness(hit, 1.0, context)
    for hit in text_hits:
        # companies and visitors come from all over
        _witness(hit, 1.0 if _role(text, hit, None) in ("plain", "dateline", "aim") else 0.3, context)
    for match in _SHORT_USE.finditer(text):
        context[_SHORT[next(filter(None, match.groups()))]] += 1
    _town_with_its_county([*title_hits, *text_hits], context)
    times = Counter(hit.codes for hit in text_hits)
    often = {codes for codes, n in times.items() if n >= OFTEN} | {hit.codes for hit in title_hits}
    title_hits = [hit for hit in title_hits if hit.codes]
    text_hits = [hit for hit in text_hits if hit.codes]
    _resolve(title, title_hits, context, often)
    _resolve(text, text_hits, context, often)
    return _mentions(title, title_hits), _mentions(text, text_hits)


def _mentions(text: str, hits: Sequence[Hit]) -> list[Mention]:
    found: list[Mention] = []
    for hit in hits:
        if hit.code is None:
            continue
        role = _role(text, hit, found[-1] if found else None)
        found.append(Mention(hit.start, hit.end, hit.code, role, hit.zone))
    for match in _SHORT_USE.finditer(text):
        character = next(filter(None, match.groups()))
        found.append(Mention(match.start(), match.end(), _SHORT[character], "short", False))
    return sorted(found, key=lambda mention: mention.start)
