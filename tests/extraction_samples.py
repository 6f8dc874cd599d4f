"""Composed pages for the extraction tests: paragraphs, bylines and page chrome of our own, in the markups that Chinese sites use."""

from __future__ import annotations

from html import escape

TITLE = "某市召开招商引资工作推进会"
PARAGRAPHS = (
    "全市招商引资工作推进会今天上午召开，会议通报了一季度项目签约、开工和到位资金情况，部署下一步重点任务。",
    "会议指出，要坚持把招商引资作为经济工作的生命线，围绕新材料、高端装备等主导产业开展精准招商，力争全年引进亿元以上项目一百个。",
    "会议要求，各县区、各部门要主动靠前服务，推行“拿地即开工”，让企业少跑腿、快落地，以一流环境吸引一流企业。",
    "据了解，今年以来，全市新签约亿元以上项目三十二个，协议总投资二百六十亿元，同比增长百分之十八点五。",
)
NOTICE = (
    "各乡镇人民政府，县直有关单位：",
    "为进一步做好招商引资工作，经县政府同意，现将有关事项通知如下。",
    "一、提高思想认识。各单位要把招商引资摆在突出位置。",
    "二、加强统计报送。每月五日前报送上月进展。",
    "特此通知。",
    "某县人民政府办公室",
    "2024年3月13日",
)
SHORT = ("3月13日，某县商务局到开发区走访三家企业，了解项目进度。", "企业负责人表示，将加快建设，争取年底投产。")

NAVIGATION = (
    '<div class="nav"><ul>'
    + "".join(
        f'<li><a href="/{n}/">{w}</a></li>'
        for n, w in enumerate(["首页", "要闻", "时政", "经济", "社会", "文化", "视频", "专题"])
    )
    + "</ul></div>"
)
RELATED = (
    '<div class="related"><h3>相关阅读</h3><ul>'
    + "".join(
        f'<li><a href="/a/{n}.html">{w}</a> <span>2024-0{n + 1}-02</span></li>'
        for n, w in enumerate(("市委常委会研究招商工作", "我市赴长三角开展招商活动", "一季度重点项目集中开工"))
    )
    + "</ul></div>"
)
COMMENTS = (
    '<div class="pinglun"><h3>网友评论</h3><div class="item"><span>网友甲</span><p>希望政策早点落地，我们小企业也能享受到，支持家乡发展。</p>'
    "<span>2024-03-14</span></div></div>"
)
FOOTER = (
    '<div class="footer"><p>关于我们 | 联系我们 | 网站地图</p><p>主办单位：某市融媒体中心 地址：某市某路1号</p>'
    "<p>版权所有 未经授权不得转载 皖ICP备00000000号</p></div>"
)
SHARE = '<div class="share">分享到：<a>微信</a><a>微博</a><span>打印</span><span>关闭</span></div>'
PARTICULARS = (
    "<table><tr><td>索引号：</td><td>000014349/2024-00012</td><td>主题分类：</td><td>商务、招商</td></tr>"
    "<tr><td>发文机关：</td><td>某县人民政府</td><td>成文日期：</td><td>2024年03月12日</td></tr></table>"
)


def page(
    byline: str = "",
    *,
    title: str = TITLE,
    whole_title: str | None = None,
    heading: str = "h1",
    head: str = "",
    above: str = "",
    body: str | None = None,
    tail: str = "",
) -> bytes:
    """A news page. `heading`: its element, '' for a plain div; `whole_title`: <title>, by default with column and site."""
    opened, closed = (f"<{heading}>", f"</{heading}>") if heading else ('<div class="tit">', "</div>")
    inner = body if body is not None else "".join(f"<p>　　{escape(p)}</p>" for p in PARAGRAPHS)
    whole = f"{title}_要闻_某市新闻网" if whole_title is None else whole_title
    return (
        f'<html><head><meta charset="utf-8">{head}<title>{whole}</title></head><body>{NAVIGATION}<div class="main">{above}{opened}{title}{closed}'
        f'{byline}<div class="content">{inner}{tail}</div></div>{RELATED}{FOOTER}</body></html>'
    ).encode()


LAYOUTS = {
    "p": lambda ps: "".join(f"<p>{p}</p>" for p in ps),
    "indented": lambda ps: "".join(f"<p>　　{p}</p>" for p in ps),
    "br": lambda ps: "<br>".join("　　" + p for p in ps),
    "br br": lambda ps: "<br/><br/>".join("&nbsp;&nbsp;&nbsp;&nbsp;" + p for p in ps),
    "div": lambda ps: "".join(f"<div>{p}</div>" for p in ps),
    "section": lambda ps: "<section>" + "".join(f"<section><span>{p}</span></section>" for p in ps) + "</section>",
    "inline": lambda ps: "".join(f"<p><font><span>{p[:8]}</span><b>{p[8:12]}</b>{p[12:]}</font></p>" for p in ps),
    "pre": lambda ps: "<pre>" + "\n".join(ps) + "</pre>",
    "cell": lambda ps: "<table><tr><td>" + "".join(f"<p>{p}</p>" for p in ps) + "</td></tr></table>",
    "unclosed": lambda ps: "".join(f"<p>{p}" for p in ps),
    "nested": lambda ps: "<div><div><div>" + "".join(f"<p>{p}</p>" for p in ps) + "</div></div></div>",
    "office": lambda ps: "".join(f'<p class="MsoNormal"><span lang="EN-US">{p}<o:p></o:p></span></p>' for p in ps),
}

_INFO = "发布时间：2024-03-13　来源：县商务局　浏览：102"
_NAME = "某县扎实推进招商引资工作"
CHROMES = {
    "news": lambda b: (
        f"<html><head><title>{_NAME}_某县新闻网</title></head><body>{NAVIGATION}<div><div><h1>{_NAME}</h1><div>{_INFO}</div>{SHARE}"
        f"<div class='con'>{b}</div><div>责任编辑：张三</div>{RELATED}{COMMENTS}</div><div>{RELATED}</div></div>{FOOTER}</body></html>"
    ),
    "government": lambda b: (
        f"<html><head><title>{_NAME}</title></head><body>{NAVIGATION}<div>当前位置：首页&gt;政务公开&gt;通知公告</div>{PARTICULARS}<h2>{_NAME}</h2>"
        f"<div>{_INFO}</div><div id='zoom'>{b}</div>{SHARE}<div>上一篇：<a href=1>关于某某的公告</a></div>{FOOTER}</body></html>"
    ),
    "tables": lambda b: (
        f"<html><head><title>{_NAME}</title></head><body><table><tr><td>{NAVIGATION}</td></tr></table><table><tr><td><table>"
        + "".join(f'<tr><td><a href="/{n}">栏目文章标题第{n}号招商</a></td></tr>' for n in range(12))
        + f"</table></td><td><table><tr><td align=center><b>{_NAME}</b></td></tr><tr><td>2024-03-13 县商务局</td></tr><tr><td>{b}</td></tr>"
        f"<tr><td>【打印】【关闭】</td></tr></table></td></tr></table>{FOOTER}</body></html>"
    ),
    "no root": lambda b: f"<title>{_NAME}</title>{NAVIGATION}<h3>{_NAME}</h3><div>{_INFO}</div>{b}{FOOTER}",
    "early end": lambda b: (
        f"<html><head><title>{_NAME}-某县网</title></head><body>{NAVIGATION}</body></html><div><h1>{_NAME}</h1><div>{_INFO}</div><div>{b}</div></div>"
        f"{RELATED}{FOOTER}</body></html>"
    ),
    "no names": lambda b: (
        f"<html><head><title>{_NAME}</title></head><body><div><div>{NAVIGATION}</div><div><div><div>{_NAME}</div><div>2024-03-13 10:00</div></div>"
        f"<div>{b}</div></div><div>{RELATED}{COMMENTS}</div>{FOOTER}</div></body></html>"
    ),
}
CHROME_TITLE = _NAME

# What other people wrote, or other articles: teasers below a body, comments, answers.
OTHERS = (
    "昨日，市委副书记带队赴深圳开展招商考察，先后走访五家企业，就产业合作深入交流，达成多项共识。",
    "记者从市统计局获悉，上半年全市固定资产投资同比增长百分之十二，其中工业投资增长百分之二十。",
    "本周末，全市将迎来大范围降雨天气，气象部门提醒市民注意防范城市内涝和山洪灾害，减少外出。",
    "由市商务局主办的消费促进月活动启动，发放消费券五百万元，覆盖餐饮、零售、文旅等多个领域。",
)
_START = f"<html><head><title>{_NAME}_某网</title></head><body>{NAVIGATION}"
_ARTICLE = f'<h1>{_NAME}</h1><div class="meta">2024-03-13 10:20　来源：县商务局</div>'


def _answers(opened: str, closed: str) -> str:
    return "".join(opened.format(n=n) + f"<p>{text}</p>" + closed for n, text in enumerate(OTHERS))


REPEATED = {
    "teasers": lambda b: (
        f"{_START}<div>{_ARTICLE}<div class='text'>{b}</div></div>"
        + "".join(
            f'<div class="it"><h3><a href="/{n}.html">{t[:14]}</a></h3><p>{t}</p><span>2024-03-1{n}</span></div>'
            for n, t in enumerate(OTHERS)
        )
        + f"{FOOTER}</body></html>"
    ),
    "comments": lambda b: (
        f"{_START}<div>{_ARTICLE}<div>{b}</div></div>{_answers('<div class=c><a>用户{n}</a><span>3天前</span>', '<a>回复</a><a>赞(3)</a></div>')}{FOOTER}"
    ),
    "answers": lambda b: (
        f"{_START}<h1>{_NAME}</h1><div class='floor'><div><a>老王</a><em>2024-03-13 10:20</em></div><div>{b}</div></div>"
        f"{_answers('<div class=floor><div><a>用户{n}</a><em>2024-03-14 0{n}:20</em></div><div>', '</div></div>')}{FOOTER}"
    ),
    "items": lambda b: (
        f"{_START}<h1>{_NAME}</h1><ul><li class='reply'><b>老王</b> <i>2024-03-13 10:20</i><div>{b}</div></li>"
        f"{_answers('<li class=reply><b>用户{n}</b> <i>2024-03-14</i><div>', '</div></li>')}</ul>{FOOTER}"
    ),
}
