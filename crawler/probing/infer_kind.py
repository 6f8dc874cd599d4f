"""Infers whose a site is, an authority's or a newsroom's: by its host, by who it says runs it, by its licences, by the words of its name."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

_OFFICE = (
    r"人民政府|政府|党委|市委|县委|区委|省委|管委会|管理委员会|工委|办公室|服务中心|促进中心|合作中心|指挥部|投资促进[局委处科]?|投促[局中]|招商[局委办处科](?!集团|蛇口|银行|证券|地产|公司)"
    r"|(?:商务|经合|经济合作|合作交流|发展和?改革|发改|工信|工业和信息化|科技|财政|外事|外经贸|外经|自然资源|统计|文旅|农业农村|国资|金融|行政审批)[局委厅办]|开发区|高新区|经开区|工业园|产业园|保税区|自贸[区港]|贸促会|贸促分会"
)
_PRESS = r"日报|晚报|早报|时报|商报|都市报|报社|报业|传媒|广播|电视|融媒|新闻社|新闻网|通讯社|杂志|期刊|在线传播"
_RUN_BY = re.compile(
    r"(?:主\s*办|承\s*办|主\s*管|版权所有|运营)(?:单位|方|机构)?\s*(?:[:：]|©|\(C\)|\s)\s*([^\s:：|，,。；;]{2,40}(?:[ 、，,][^\s:：|，,。；;]{2,30})?)",
    re.IGNORECASE,
)
_AUTHORITYS = re.compile(
    r"网站标识码\s*[:：]?\s*[a-z]{0,3}\d{6,}|bszs\.conac\.cn|党政机关|事业单位网站|政府网站(?:找错|年度)", re.IGNORECASE
)
_NEWSROOMS = re.compile(r"互联网新闻信息服务许可证|信息网络传播视听节目许可证|新出网证|国新网")
_OFFICES_NAME = re.compile(rf"{_OFFICE}|[局厅委办](?:$|[（(\s])")
_PROMOTION = re.compile(  # 招商服务网, 投资促进网, 某某招商: what offices call the sites that they keep on hosts of their own
    r"(?:招商|投资|投促|经合|外资|兴业)[\u3400-\u9fff]{0,6}(?:网|平台|在线|门户|窗口)?$|投资促进|招商服务|招商引资|投资指南"
)
_AGENCY = re.compile(r"公司|集团|加盟|连锁|创业|代理|商机|中介|资讯网$")


def infer_kind(url: str, title: str, page: str) -> Literal["government", "news"]:
    """The likelier kind of a site: `title` is the site's and the column's, `page` the page's text with the tags' addresses left in or out.

    What the page says of who runs it goes before its name, and that before its host. Nothing said: a newsroom, of which less is expected.
    """
    host = urlsplit(url).hostname or ""
    if host.endswith(".gov.cn") or ".gov." in host:
        return "government"
    runs = " ".join(_RUN_BY.findall(page)[:2])
    for words in (runs, title):
        office, press = _OFFICES_NAME.search(words), re.search(_PRESS, words)
        if press and (office is None or press.start() < office.start()):
            return "news"
        if office:
            return "government"
    if _NEWSROOMS.search(page):
        return "news"
    if _AUTHORITYS.search(page):
        return "government"
    named = [part for part in title.split() if _PROMOTION.search(part)]
    return "government" if named and not _AGENCY.search(f"{title} {runs}") else "news"
