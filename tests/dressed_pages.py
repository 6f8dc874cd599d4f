"""Articles of our own in the dresses of publishing systems: bodies, bylines and page chrome, to be combined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

TEXTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "short": (
        "县领导赴长三角开展招商考察",
        (
            "3月10日至12日，县委副书记、县长带队赴苏州、无锡开展招商考察活动。",
            "考察组先后走访江南智造、华东精工等企业，就项目合作进行洽谈。",
        ),
    ),
    "interview": (
        "招商局长访谈：把“头回客”变成“回头客”",
        (
            "记者：今年全县招商引资有哪些新打法？",
            "林局长：我们组建了六支产业招商小分队，围绕电池材料、精细化工两条主链精准出击。",
            "记者：效果怎么样？",
            "林局长：一季度签约项目二十三个，其中亿元以上十一个。",
            "记者：感谢您接受采访。",
        ),
    ),
    "report": (
        "青禾县加快构建一体化招商大格局",
        (
            "青禾县坚持把招商引资作为经济工作的头号工程，组建五支专业招商队，赴长三角、珠三角开展驻点招商，累计拜访企业一百余家。",
            "资源集聚化",
            "县里统一规划产业布局，变“项目扣地块”为“地块等项目”，做到项目跨区域、跨园区落地。",
            "产业集群化",
            "下一步，青禾县将继续优化营商环境，为落户企业提供全程代办服务，推动更多优质项目签约落地、开工建设、投产达效。",
        ),
    ),
}

Layout = Callable[[Sequence[str]], str]
LAYOUTS: dict[str, Layout] = {
    "p": lambda ps: "".join(f"<p>{p}</p>" for p in ps),
    "br": lambda ps: "<br>".join(f"　　{p}" for p in ps),
    "named wrappers": lambda ps: "".join(f'<div class="p-wrap"><div class="p-in">{p}</div></div>' for p in ps),
    "numbered wrappers": lambda ps: "".join(
        f'<div id="para_{n}"><div><div><span>{p}</span></div></div></div>' for n, p in enumerate(ps)
    ),
    "sections": lambda ps: (
        "<section>"
        + "".join(f"<section><section><p><span>{p}</span></p></section></section>" for p in ps)
        + "</section>"
    ),
    "own elements": lambda ps: "".join(f'<x-p class="x"><div class="para">{p}</div></x-p>' for p in ps),
    "rows": lambda ps: f"<table>{''.join(f'<tr><td>　　{p}</td></tr>' for p in ps)}</table>",
    "office": lambda ps: "".join(
        f'<p class="MsoNormal"><span lang="EN-US">{p[:7]}</span><span>{p[7:]}</span><span lang="EN-US"><o:p></o:p></span></p>'
        f'<p class="MsoNormal"><span lang="EN-US"><o:p>&nbsp;</o:p></span></p>'
        for p in ps
    ),
    "bold first": lambda ps: "".join(
        f"<div><strong>{p}</strong></div>" if not n else f"<p>{p}</p>" for n, p in enumerate(ps)
    ),
}


class Line(NamedTuple):
    """A byline and what it says; all are of 2024-03-12."""

    markup: str
    origin: str | None = "青禾日报"
    author: str | None = None


BYLINES = {
    "touching": Line("<span>发布时间：2024-03-12 09:30</span><span>来源：青禾日报</span><span>作者：林一川</span><span>访问量：356次</span>", author="林一川"),
    "bars": Line("2024年03月12日 09:30 | 来源：青禾日报 | 作者：林一川 | 点击：332", author="林一川"),
    "roles": Line("2024-03-12 来源：青禾日报 记者 林一川 通讯员 赵海 王小明", author="林一川 赵海 王小明"),
    "no label": Line("青禾日报 2024-03-12 09:30:00"),
    "day alone": Line("2024-03-12", origin=None),
    "day of a message": Line("信息发布时间：2024-03-12　浏览量：33", origin=None),
    "two digits": Line("24-03-12 09:30　来源：青禾日报"),
    "Chinese numbers": Line("二〇二四年三月十二日　来源：青禾日报"),
    "no values": Line("<span>来源：</span><span>发布时间：2024-03-12</span><span>作者：</span><span>点击：</span>", origin=None),
    "label above value": Line("<dl><dt>来源：</dt><dd>青禾日报</dd><dt>日期：</dt><dd>2024-03-12</dd><dt>作者：</dt><dd>林一川</dd></dl>", author="林一川"),
    "counter at the day": Line("2024-03-12<a>0人参与</a><a>0评论</a>", origin=None),
    "items": Line("<ul><li>来源：青禾日报</li><li>作者：林一川</li><li>发布时间：2024-03-12</li><li>分享到：</li></ul>", author="林一川"),
}  # fmt: skip

_WORDS = ("首页", "新闻中心", "政务公开", "办事服务", "互动交流", "招商引资", "专题专栏")
_OTHERS = ("青禾县召开招商引资工作推进会", "县领导调研重点项目建设", "我县三个项目集中开工")
_MENU = "".join(f'<li><a href="/c{n}/">{w}</a></li>' for n, w in enumerate(_WORDS))
_RELATED = "".join(
    f'<li><a href="/a/{n}.html">{w}</a><span>2024-03-0{n + 1}</span></li>' for n, w in enumerate(_OTHERS)
)
_FOOT = (
    '<div class="footer"><p>主办单位：青禾县人民政府办公室　承办单位：青禾县大数据中心</p><p>皖ICP备00000000号-1　皖公网安备 00000000000001号</p>'
    "<p>地址：青禾县人民路1号　联系电话：0550-0000000</p></div>"
)


def _tables(title: str, byline: str, body: str) -> str:
    """2005: layout by tables, the site's name as every <title>, the heading in <font>."""
    side = "".join(f"<tr><td>·<a href=a{n}.asp>{w}</a></td></tr>" for n, w in enumerate(_OTHERS))
    top = " | ".join(f"<a href=c{n}.asp>{w}</a>" for n, w in enumerate(_WORDS))
    return (
        f"<title>青禾县人民政府网</title></head><body><table><tr><td>{top}</td></tr></table><table><tr><td><table>{side}</table></td><td><table>"
        f"<tr><td>当前位置：首页 &gt;&gt; 招商引资</td></tr><tr><td align=center><font size=4><b>{title}</b></font></td></tr><tr><td>{byline}</td></tr><tr><td class=content>{body}</td></tr>"
        "<tr><td>【<a href=#>打印</a>】【<a href=#>关闭</a>】</td></tr></table></td></tr></table><table><tr><td>主办：青禾县人民政府办公室 技术支持：某某网络公司<br>皖ICP备00000000号</td></tr></table>"
    )


def _side_menu(title: str, byline: str, body: str) -> str:
    """A menu of <div>s in the cell beside the article, a breadcrumb that says 位置 only."""
    menu = "".join(f'<div><a href="?id={n}">{w}</a></div>' for n, w in enumerate(_WORDS))
    return (
        f'<title>新闻详情-青禾县投资促进局</title></head><body><table><tr><td class="left_menu">{menu}</td><td class="right_txt"><div class="weizhi">位置：网站首页 &gt; 新闻动态 &gt; 详情</div>'
        f'<div class="tt">{title}</div><div class="sj">{byline}</div><div class="nr">{body}</div><div class="bdsharebuttonbox"><a>分享到：</a><a>QQ空间</a></div></td></tr></table>'
        '<div class="bottom">版权所有：青禾县投资促进局　技术支持：青禾网络</div>'
    )


def _two_screens(title: str, byline: str, body: str) -> str:
    """The article a second time for phones, without its byline."""
    return (
        f'<title>{title}_青禾县人民政府</title></head><body><div class="pc-only"><ul>{_MENU}</ul><div class="bread">当前位置：首页 &gt; 新闻</div><div class="art"><div class="art-tit">{title}</div>'
        f'<div class="art-info">{byline}</div><div class="art-con">{body}</div></div></div><div class="m-only"><div class="m-head"><a>首页</a><a>新闻</a></div><div class="m-tit">{title}</div><div class="m-con">{body}</div></div>{_FOOT}'
    )


def _served(title: str, byline: str, body: str) -> str:
    """What a JavaScript framework renders on the server."""
    return (
        f'<title>{title} - 青禾招商</title></head><body><noscript><strong>Please enable JavaScript to continue.</strong></noscript><div id="__nuxt"><ul>{_MENU}</ul><div class="el-breadcrumb"><span>首页</span><span>/</span><span>资讯</span></div>'
        f'<div class="detail-wrap"><div class="detail-title">{title}</div><div class="detail-desc">{byline}</div><div class="detail-content rich-text">{body}</div></div><div class="recommend"><div>相关推荐</div><ul>{_RELATED}</ul></div>'
        '<div class="footer-wrap">Copyright © 2024 青禾招商 版权所有 皖ICP备00000000号</div></div>'
    )


def _particulars(title: str, byline: str, body: str) -> str:
    """The table of an official document above it."""
    return (
        f'<title>{title}</title></head><body><ul>{_MENU}</ul><div class="gkml"><table><tr><td>索引号：</td><td>000014349/2024-00012</td><td>主题分类：</td><td>商贸、海关</td></tr><tr><td>发布机构：</td><td>青禾县人民政府办公室</td><td>成文日期：</td><td>2024-03-11</td></tr>'
        f'<tr><td>标　　题：</td><td colspan=3>{title}</td></tr><tr><td>发文字号：</td><td>青政办〔2024〕3号</td><td>发布日期：</td><td>2024-03-12</td></tr></table><div class="gk_title">{title}</div><div class="gk_info">{byline}</div><div id="UCAP-CONTENT">{body}</div></div>{_FOOT}'
    )


def _unnamed(title: str, byline: str, body: str) -> str:
    """No class says what is what."""
    return f"<title>{title}</title></head><body><div><ul>{_MENU}</ul></div><div><div>首页 / 动态</div><div>{title}</div><div>{byline}</div><div>{body}</div></div><div>青禾产业园 版权所有</div>"


DRESSES = {
    "tables": _tables, "side menu": _side_menu, "two screens": _two_screens, "served by a script": _served, "particulars": _particulars, "unnamed": _unnamed,
}  # fmt: skip


def dressed(dress: str, text: str, layout: str, byline: str) -> bytes:
    title, paragraphs = TEXTS[text]
    page = DRESSES[dress](title, BYLINES[byline].markup, LAYOUTS[layout](paragraphs))
    return f'<!DOCTYPE html><html><head><meta charset="utf-8">{page}</body></html>'.encode()
