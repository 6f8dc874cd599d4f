"""Discuz! threads of several versions and views, composed: the opening post and nothing else, walls refused."""

from __future__ import annotations

import pytest

from crawler.article import NotAnArticle, format_published
from crawler.extraction import extract

BODY = (
    "全县招商引资项目观摩会今天举行，与会人员先后察看了六个重点项目，听取了建设情况介绍。<br />\n<br />\n"
    '<span style="display:none">q8 x; k</span>会议强调，要坚持项目为王，一个项目一个专班，确保早开工、早投产。<font class="jammer">z# 7 w</font><br />\n'
    "（来源：某某日报　记者 王志强）"
)
LINES = [
    "全县招商引资项目观摩会今天举行，与会人员先后察看了六个重点项目，听取了建设情况介绍。",
    "会议强调，要坚持项目为王，一个项目一个专班，确保早开工、早投产。",
    "（来源：某某日报 记者 王志强）",
]
TITLE = "全县招商引资项目观摩会侧记"
HEAD = f'<html><head><meta charset="utf-8" /><title>{TITLE} - 招商动态 - 某某论坛 -  Powered by Discuz!</title><meta name="generator" content="Discuz! X3.4" /></head><body>'
URL = "http://bbs.example.com/forum.php?mod=viewthread&tid=7"


def post(pid: int, floor: str, author: str, time: str, body: str, extra: str = "") -> str:
    return (
        f'<div id="post_{pid}"><table id="pid{pid}"><tr><td class="pls"><div id="favatar{pid}"><div class="authi"><a href="space-uid-1.html" class="xw1">{author}</a></div></div></td>'
        f'<td class="plc"><div class="pi"><strong><a id="postnum{pid}">{floor}</a></strong><div class="authi"><em id="authorposton{pid}">{time}</em><span class="pipe">|</span>'
        f'<a>只看该作者</a></div></div><div class="pct"><div class="a_pt">推广：厂房出租</div><div class="pcb"><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_{pid}">'
        f'<i class="pstatus"> 本帖最后由 {author} 于 2024-3-14 编辑 </i><br />{body}</td></tr></table>{extra}</div></div></div><div class="sign">个性签名</div></td></tr></table></div>'
    )


def thread(*posts: str, replies: int = 12) -> bytes:
    return (
        f'{HEAD}<div id="postlist"><table><tr><td class="pls"><div class="hm ptn"><span>查看:</span> <span>580</span> <span>回复:</span> <span>{replies}</span></div></td>'
        f'<td class="plc"><h1 class="ts"><a>[考察]</a> <span id="thread_subject">{TITLE}</span></h1></td></tr></table>{"".join(posts)}</div>'
        "<div>您需要登录后才可以回帖</div></body></html>"
    ).encode()


OPENING = post(1, "楼主", "项目经理", "发表于 2024-3-13 06:24:21", BODY)
REPLY = post(2, "沙发", "路人", "发表于 2024-3-13 08:00:00", "支持楼主，学习了")


def test_the_opening_post_is_the_article() -> None:
    article = extract(thread(OPENING, REPLY), URL, headers={"content-type": "text/html; charset=utf-8"})
    assert (article.title, article.author, article.replies, article.platform) == (TITLE, "项目经理", 12, "discuz")
    assert format_published(article) == "2024-03-13T06:24+08:00"
    assert article.text.split("\n") == LINES
    assert (article.origin, article.publisher) == ("某某日报", "某某论坛")
    assert article.provenance["author"].rule == "platform:discuz"


def test_young_posts_have_their_time_as_a_tooltip() -> None:
    young = post(1, "楼主", "甲", '发表于 <span title="2026-11-19 09:04:04">3&nbsp;天前</span>', BODY)
    assert format_published(extract(thread(young), URL)) == "2026-11-19T09:04+08:00"


def test_reverse_order_finds_the_opening_post() -> None:
    assert extract(thread(REPLY, OPENING), URL + "&ordertype=1").author == "项目经理"


def test_old_markup_without_divs_around_posts() -> None:
    old = thread(OPENING).decode().replace('<div id="post_1">', "<div>").replace('<div id="favatar1">', "<div>")
    article = extract(
        old.encode("gb18030"),
        "http://bbs.example.com/thread-7-1-1.html",
        headers={"Content-Type": "text/html; charset=gbk"},
    )
    assert (article.author, article.text.split("\n")) == ("项目经理", LINES)


def test_pictures_and_documents_of_a_post() -> None:
    shown = '<ignore_js_op><img src="static/image/common/none.gif" file="data/1.jpg" zoomfile="data/1.big.jpg"><div class="tip tip_4" style="display: none">现场.jpg (20 KB, 下载次数: 3)</div></ignore_js_op>'
    below = (
        '<div class="pattl"><a href="forum.php?mod=attachment&aid=Nw">优惠政策.docx</a> <img file="data/2.jpg"></div>'
    )
    article = extract(thread(post(1, "楼主", "甲", "发表于 2024-3-13 06:24", body=BODY + shown, extra=below)), URL)
    assert [image.src for image in article.images] == [
        "http://bbs.example.com/data/1.jpg",
        "http://bbs.example.com/data/2.jpg",
    ]
    assert [(a.title, a.extension) for a in article.attachments] == [("优惠政策.docx", "docx")]
    assert "下载次数" not in article.text


def test_a_post_in_parts_goes_on() -> None:
    script = "<script>show_threadpage(1, 1, 3, 0);</script>"
    assert (
        extract(thread(post(1, "楼主", "甲", "发表于 2024-3-13 06:24", body=BODY, extra=script)), URL).next_part
        == "http://bbs.example.com/forum.php?mod=viewthread&tid=7&page=1&cp=2"
    )


def test_the_archiver_as_a_fallback() -> None:
    page = (
        f'<html><head><title>{TITLE} - 某某论坛 - Powered by Discuz! Archiver</title></head><body><div id="nav">论坛</div><div id="content">'
        f'<p class="author"><strong>项目经理</strong> 发表于 2024-3-13 06:24:21</p><h3>{TITLE}</h3>{BODY}<p class="author"><strong>路人</strong> 发表于 2024-3-13 08:00:00</p>'
        '<h3></h3>支持楼主<div class="page">页: 1</div></div></body></html>'
    )
    article = extract(page.encode(), "http://bbs.example.com/archiver/?tid-7.html")
    assert (article.title, article.author, article.text.split("\n")) == (TITLE, "项目经理", LINES)


def test_the_mobile_view_as_a_fallback() -> None:
    page = (
        f'{HEAD}<div class="postlist"><h2>{TITLE} <a>只看楼主</a></h2><div class="plc cl" id="pid1"><ul class="authi"><li><em>楼主</em><b><a class="blue" href="home.php?mod=space">项目经理</a></b></li>'
        f'<li class="grey rela">2024-3-13 06:24:21</li></ul><div class="message">{BODY}</div></div></div></body></html>'
    )
    article = extract(page.encode(), URL + "&mobile=2")
    assert (article.title, article.author, article.text.split("\n")) == (TITLE, "项目经理", LINES)
    assert format_published(article) == "2024-03-13T06:24+08:00"


LOCKED = post(1, "楼主", "甲", "发表于 2024-3-13 06:24", "").replace(
    '<div class="t_fsz">', '<div class="locked">本主题需向作者支付 5 金钱 才能浏览</div><div class="t_fsz">'
)


@pytest.mark.parametrize(
    ("page", "url", "reason"),
    [
        (
            f'{HEAD}<div id="messagetext" class="alert_info"><p>抱歉，您尚未登录，没有权限访问该版块</p></div>'.encode(),
            URL,
            "尚未登录",
        ),
        (
            f'{HEAD}<div id="messagetext" class="alert_error"><p>抱歉，指定的主题不存在或已被删除</p></div>'.encode(),
            URL,
            "不存在",
        ),
        (thread(LOCKED), URL, "付费"),
        (thread(REPLY), URL + "&page=2", "后续页"),
        (
            f'{HEAD}<table><tbody id="normalthread_5"><tr><td><a class="s xst">主题</a></td></tr></tbody></table>'.encode(),
            "http://bbs.example.com/forum-2-1.html",
            "列表",
        ),
        (
            f'<html><head><title>招商动态-某某社区</title><script>var discuz_uid = 0;</script></head><body><div><a href="thread-8-1-1.html">{TITLE}</a></div><p>发帖请遵守社区规则，违规者将被禁言处罚，情节严重的永久禁言。</p></body></html>'.encode(),
            "http://bbs.example.com/forum-3-1.html",
            "sources add",
        ),
    ],
)
def test_walls_and_other_pages_are_refused(page: bytes, url: str, reason: str) -> None:
    with pytest.raises(NotAnArticle, match=reason):
        extract(page, url)


def dressed(*, starter: str = "", heading: str = "", replies: str = "", beside: str = "", note: str = "") -> bytes:
    """A thread of a template that puts an element of its own around the replies only."""
    heading = heading or f'<h3 class="ts"><span id="thread_subject">{TITLE}</span></h3>'
    return (
        f'<html><head><meta charset="utf-8"><title>{TITLE}_招商动态-某某社区</title><script>var discuz_uid = 0;</script></head><body>'
        f'<div class="top"><a href="member.php?mod=logging">登录</a></div><div id="ct"><div class="main"><table class="first"><tr><td>{heading}{starter}</td></tr>'
        f'<tr><td><div class="pcb"><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_71">{note}{BODY}</td></tr></table></div></div></td></tr></table>{replies}</div>'
        f'<div class="beside">{beside}</div></div></body></html>'
    ).encode()


def answer(pid: int, floor: str, author: str, mark: str = "") -> str:
    return (
        f'<table id="pid{pid}" class="plhin"><tr><td id="favatar{pid}"><a href="space-uid-9{pid}.html"><img src="a.png"></a></td><td class="plc"><strong><a id="postnum{pid}">{floor}</a></strong>'
        f'<div class="authi"><a href="space-uid-9{pid}.html" class="xw1"><em>{author}</em></a></div><div class="authi"><a>来自手机</a> {mark}<em id="authorposton{pid}">发表于 2024-3-15 09:00:01</em></div>'
        f'<table><tr><td class="t_f" id="postmessage_{pid}">学习了，感谢分享，希望项目早日投产见效。</td></tr></table></td></tr></table>'
    )


WHEN = "<span>发表于 2024-3-13 06:24 |</span>"
CARD = '<a href="space-uid-5.html"><img src="h.png"><b>LV3</b></a><a href="space-uid-5.html"><div><p>项目经理</p></div></a><a href="javascript:;">主题 1</a>'


@pytest.mark.parametrize(
    "page",
    [
        dressed(
            starter=f'<div class="authi firstauthi"><a href="space-uid-5.html" class="xi2">项目经理</a> {WHEN}</div>',
            replies=answer(72, "沙发", "路人") + answer(73, "<em>3</em><sup>#</sup>", "路人乙"),
        ),
        dressed(
            heading=f"<h1>{TITLE}</h1>",
            starter=f'<p class="authors"><a href="home.php?mod=space&amp;uid=5">项目经理</a> {WHEN}</p>',
            replies=answer(72, "沙發", "路人"),
        ),
        dressed(
            starter=f'<div class="authi">{WHEN}<a>来自电脑</a></div>',
            replies=answer(72, "沙发", "路人") + answer(73, "板凳", "项目经理", "楼主<span>|</span> "),
        ),
        dressed(starter=f'<div class="authi">{WHEN}</div>', beside=CARD, replies=answer(72, "沙发", "路人")),
        dressed(
            starter=f'<div class="authi">{WHEN}</div>',
            note='<i class="pstatus">本帖最后由 项目经理 于 2024-3-14 编辑</i><br>',
        ),
    ],
    ids=["beside the title", "a portal's line", "a later post of the opener", "a member's card", "the note of an edit"],
)
def test_an_opening_post_without_an_element_of_its_own(page: bytes) -> None:
    article = extract(page, "http://bbs.example.com/thread-7-1-1.html")
    assert article.text.split("\n") == LINES
    assert (article.title, article.author, article.publisher) == (TITLE, "项目经理", "某某社区")
    assert format_published(article) == "2024-03-13T06:24+08:00"


def test_a_reply_never_opens_a_thread() -> None:
    replies = thread(post(2, "板凳", "路人", "发表于 2024-3-13 08:00", "支持楼主，学习了"))
    with pytest.raises(NotAnArticle, match="没有首帖"):
        extract(replies, URL)
