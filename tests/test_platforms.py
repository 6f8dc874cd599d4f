"""read_list on composed pages: rows, days, titles and addresses in every dress that lists wear."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.article import SHANGHAI
from crawler.platforms import Entry, ListError, read_list
from tests.sites.web import shell

URL = "http://www.example.gov.cn/zwgk/zsdt/index.html"
BASE = "http://www.example.gov.cn/zwgk/zsdt/"
NAMES = (
    "青禾县举行精密模具产业推介会",
    "双溪区与外地商会签署合作协议",
    "北岭市组团赴南方开展招商考察",
    "望江镇新能源项目开工建设",
    "临川新区召开招商引资调度会",
)
ROW = "<li><a href='{u}'>{t}</a><span>{d}</span></li>"


def rows(
    template: str = ROW, count: int = 5, around: str = "<ul class='list'>{}</ul>", address: str = "./{n}.html"
) -> str:
    """A list of `count` rows; days fall from 2024-03-15."""
    out = ""
    for n in range(count):
        day = date(2024, 3, 15 - 2 * n)
        parts = {
            "u": address.format(n=1200 + n, day=day),
            "t": NAMES[n % 5],
            "d": day,
            "md": f"{day:%m-%d}",
            "dd": f"{day:%d}",
            "ym": f"{day:%Y-%m}",
            "s": NAMES[n % 5][:7] + "...",
        }
        out += template.format(**parts)
    return around.format(out)


def read(body: str, url: str = URL, *, headers: dict[str, str] | None = None, wrap: bool = True) -> tuple[Entry, ...]:
    return read_list((shell(body) if wrap else body).encode(), url, headers=headers).entries


def days(entries: tuple[Entry, ...]) -> list[str]:
    return [str(e.date)[:10] for e in entries]


EXPECTED = ["2024-03-15", "2024-03-13", "2024-03-11", "2024-03-09", "2024-03-07"]

DRESSES = {
    "after": ROW,
    "before": "<li><em>[{d}]</em><a href='{u}'>{t}</a></li>",
    "two days in columns": "<tr><td>1</td><td><a href='{u}'>{t}</a></td><td>成文日期：2023-12-01</td><td>发布日期：{d}</td></tr>",
    "definition list": "<dt><a href='{u}'>{t}</a></dt><dd>{d}</dd>",
    "flat": "<a href='{u}'>{t}</a>&nbsp;&nbsp;{d}<br>",
    "flat, day first": "{d} <a href='{u}'>{t}</a><br>",
    "card": "<li><a href='{u}'><img src='x.jpg'><h4>{t}</h4><p>据悉，2021年5月1日起实施的办法明确了奖励标准，全市上下抓招商促发展。</p><span>{d}</span></a></li>",
    "day and month apart": "<li><div class='date'><b>{dd}</b><i>{ym}</i></div><a href='{u}'>{t}</a></li>",
    "category first": "<li>[<a href='/zwgk/zt/'>专题</a>] <a href='{u}'>{t}</a><span>{d}</span></li>",
    "script": "<li><a href='{u}'>{t}</a><script>document.write('{d} 09:00'.substring(0,10))</script></li>",
    "introduction": "<li><a href='{u}'>{t}</a><p>根据2020年1月2日发布的意见，当地出台若干措施，对落户企业给予支持，受到客商广泛好评，成效持续显现。</p><p>来源：本站 发布时间：{d} 10:20 点击：35</p></li>",
    "in the link": "<li><a href='{u}'>{t}<span>{d}</span></a></li>",
    "two-digit year": "<tr><td><a href='{u}'>{t}</a></td><td>{d:%y-%m-%d}</td></tr>",
    "chinese": "<li><a href='{u}'>{t}</a>（{d.year}年{d.month}月{d.day}日）</li>",
    "title attribute": "<li><a href='{u}'>{t}</a><span title='{d} 08:00:00'>3 天前</span></li>",
    "table a row": "<table><tr><td>·</td><td><a href='{u}'>{t}</a></td><td>{d}</td></tr></table>",
}  # fmt: skip


@pytest.mark.parametrize("dress", DRESSES)
def test_rows_in_many_dresses(dress: str) -> None:
    template = DRESSES[dress]
    around = (
        "<table class='t'>{}</table>"
        if template.startswith("<tr")
        else "<dl>{}</dl>"
        if template.startswith("<dt")
        else "<div class='con'>{}</div>"
    )
    entries = read(rows(template, around=around))
    assert [e.title for e in entries] == list(NAMES)
    assert [e.url for e in entries] == [f"{BASE}{1200 + n}.html" for n in range(5)]
    assert days(entries) == EXPECTED


def test_two_articles_a_row() -> None:
    cell = "<td><a href='{u}'>{t}</a></td><td>{d}</td>"
    table = rows(cell + "|", count=8, around="{}")
    pairs = table.split("|")[:-1]
    body = "".join(f"<tr>{a}{b}</tr>" for a, b in zip(pairs[::2], pairs[1::2], strict=True))
    entries = read(f"<table>{body}</table>")
    assert [e.url for e in entries] == [f"{BASE}{1200 + n}.html" for n in range(8)]
    assert days(entries)[:5] == EXPECTED


def test_days_told_by_how_long_ago() -> None:
    template = "<li><a href='{u}'>{t}</a><span>%s</span></li>"
    served = {"Date": "Fri, 15 Mar 2024 08:00:00 GMT"}
    for words, day in (
        ("3天前", "2024-03-12"),
        ("昨天 09:30", "2024-03-14"),
        ("25 分钟前", "2024-03-15"),
        ("20240311", "2024-03-11"),
    ):
        assert set(days(read(rows(template % words), headers=served))) == {day}


def test_month_and_day_take_their_year_from_the_address_or_the_response() -> None:
    template = "<li><a href='{u}'>{t}</a><span>{md}</span></li>"
    assert days(read(rows(template, address="./202403/t20240301_{n}.html"))) == EXPECTED
    served = {"Date": "Fri, 10 Jan 2025 08:00:00 GMT"}
    assert days(read(rows(template), headers=served)) == EXPECTED
    assert {e.date for e in read(rows(template))} == {None}


@pytest.mark.parametrize("address", ["/art/{day.year}/{day.month}/{day.day}/art_12_{n}.html", "./{day:%Y%m}/t{day:%Y%m%d}_{n}.html", "./{day:%Y-%m}/{day:%d}/content_{n}.html", "/{day:%Y}/{day:%m%d}/{n}.html"])  # fmt: skip
def test_a_day_only_in_the_address(address: str) -> None:
    assert days(read(rows("<li><a href='{u}'>{t}</a></li>", address=address))) == EXPECTED


def test_the_shown_day_counts_and_its_time_is_kept() -> None:
    entries = read(rows("<li><a href='{u}'>{t}</a><span>{d} 16:24</span></li>", address="./202401/t20240101_{n}.html"))
    assert entries[0].date == datetime(2024, 3, 15, 16, 24)


def test_titles() -> None:
    body = """<ul>
      <li><a href='1.html' title='关于进一步优化营商环境支持招商引资若干措施的通知'>关于进一步优化营商环境支持…</a><span>2024-03-15</span></li>
      <li><a href='2.html' title='点击进入'>·招商快讯</a><span>2024-03-14</span></li>
      <li><a href='3.html'>本市<font color=red>招商引资</font>工作<b>再创佳绩</b></a><span>2024-03-13</span></li>
      <li title='青禾县举行春季集中签约仪式'><a href='4.html'>青禾县举行春季...</a><span>2024-03-12</span></li>
      <li><b><a href='5.html'>[置顶]招商手册发布</a></b><span>2024-02-01</span></li>
      <li><a href='6.html'><img src=a.jpg alt='图'></a><a href='6.html'>项目集中开工</a><a href='6.html'>[详细]</a><span>2024-03-10</span></li>
      <li><a href='7.html'>项目集中开工</a><span>2024-03-09</span></li>
      <li><a href='7.html'>项目集中开工</a><span>2024-03-09</span></li>
      <li><a href='8.html'>2024-2025年度产业招商目录</a><span>2024-03-08</span></li>
      <li><a href='9.html' title='青禾县招商引资工作简报（第七期）'>青禾县招商引资工作简报（第七期…</a><span>2024-03-07</span></li>
    </ul>"""
    entries = read(body)
    assert [(e.url.rsplit("/", 1)[1], e.title) for e in entries] == [
        ("1.html", "关于进一步优化营商环境支持招商引资若干措施的通知"),
        ("2.html", "招商快讯"),
        ("3.html", "本市招商引资工作再创佳绩"),
        ("4.html", "青禾县举行春季集中签约仪式"),
        ("5.html", "[置顶]招商手册发布"),
        ("6.html", "项目集中开工"),
        ("7.html", "项目集中开工"),
        ("8.html", "2024-2025年度产业招商目录"),
        ("9.html", "青禾县招商引资工作简报（第七期）"),
    ]
    assert [e.sticky for e in entries] == [False] * 4 + [True] + [False] * 4


def test_addresses() -> None:
    hrefs = {
        "../../tzgg/202403/t20240315_1.html": "http://www.example.gov.cn/tzgg/202403/t20240315_1.html",
        "http://www.example.gov.cn./a/t20240313_2.html": "http://www.example.gov.cn/a/t20240313_2.html",
        "https://mp.weixin.qq.com/s?__biz=MzA&mid=26&idx=1&sn=ab": "https://mp.weixin.qq.com/s?__biz=MzA&mid=26&idx=1&sn=ab",
        "./P020240311.pdf": BASE + "P020240311.pdf",
        "//swj.example.gov.cn/a/4.html": "http://swj.example.gov.cn/a/4.html",
        "javascript:open_page(5)": None,
        "#": None,
        "http://[bad/6.html": None,
        "a\n/7.html ": BASE + "a/7.html",
    }
    body = "".join(
        f"<li><a href='{h}'>{NAMES[i % 5]}第{i}期</a><span>2024-03-1{i}</span></li>" for i, h in enumerate(hrefs)
    )
    assert [e.url for e in read(f"<ul>{body}</ul>")] == [u for u in hrefs.values() if u]
    opened = read(rows("<li><a href='javascript:void(0)' onclick=\"window.open('{u}')\">{t}</a><span>{d}</span></li>"))
    assert opened[0].url == BASE + "1200.html"
    based = shell(rows()).replace("<head>", "<head><base href='http://img.example.gov.cn/x/'>")
    assert read(based, wrap=False)[0].url == "http://img.example.gov.cn/x/1200.html"


def test_what_is_not_the_list_stays_out() -> None:
    hot = (
        "<div class='right'><h3>热点排行</h3><ul>"
        + "".join(
            f"<li><a href='/2019/0{n}/12{n}.html'>全市招商引资工作会议精神学习贯彻情况第{n}期通报</a></li>"
            for n in range(1, 9)
        )
        + "</ul></div>"
    )
    entries = read(
        rows() + "<div class='pages'><a href='index_1.html'>2</a><a href='index_1.html'>下一页</a></div>" + hot
    )
    assert [e.title for e in entries] == list(NAMES)
    assert read("<p>暂无内容</p>") == ()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_pages_that_declare_another_charset(encoding: str) -> None:
    page = shell(rows()).replace("charset='utf-8'", "charset='gb2312'")
    assert [e.title for e in read_list(page.encode(encoding), URL).entries] == list(NAMES)


def test_a_page_that_ends_early() -> None:
    assert len(read("<html><body><p>x</p></body></html>" + shell(rows(count=8)), wrap=False)) == 8


NEXT = {
    "<a href='index_2.html'>下一页</a>": BASE + "index_2.html",
    "<a href='?page=2'><span>下页</span> &gt;</a>": URL + "?page=2",
    "<a href='index_2.html' title='下一页'><img src='n.gif'></a>": BASE + "index_2.html",
    "<span class='cur'>1</span><a href='index_2.html'>2</a><a href='index_3.html'>3</a>": BASE + "index_2.html",
    "<a href='index.html'>上一页</a><a class='next' href='index_3.html'>&gt;</a>": BASE + "index_3.html",
    "<input type='button' value='下一页' onclick=\"location.href='list.jsp?p=2'\">": BASE + "list.jsp?p=2",
    "<select onchange='go(this)'><option selected value='list_1.html'>1</option><option value='list_2.html'>2</option></select>": BASE + "list_2.html",
    "<a href='javascript:;'>下一页</a><select><option selected value='l_1.html'>1</option><option value='l_2.html'>2</option></select>": BASE + "l_2.html",
    "<a href='index_4.html'>上一页</a><span>下一页</span>": None,
    "<a href='index.html'>下一页</a>": None,
    "<a href='#'>下一页</a>": None,
    "<a class='disabled' href='index_9.html'>下一页</a>": None,
    "共3页 第3页 <a href='l-2.html'>上一页</a> <a href='l-2.html'>2</a><a href='l-3.html'>下一页</a>": None,
    "上一篇：<a href='a.html'>甲</a> 下一篇：<a href='b.html'>乙</a>": None,
    "<a href='/2024/9.html'>1</a><a href='/2024/03/18/1208.html'>2</a>": None,
}  # fmt: skip


@pytest.mark.parametrize("pager", NEXT)
def test_where_a_list_goes_on(pager: str) -> None:
    assert read_list(shell(rows() + f"<div class='pager'>{pager}</div>").encode(), URL).next_page == NEXT[pager]


TRS = {
    "createPageHTML(5, 0, 'index', 'html')": "index_1.html",
    "createPageHTML(5,1,\"index\",\"shtml\",86)": "index_2.shtml",
    "createPageHTML(5, 4, 'index', 'html')": None,
    "createPageHTML('page_div',8, 1,'list','shtml',118);": "list_2.shtml",
    "createPageHTML('page_div',8, 8,'list','shtml',118);": None,
    "var n = 5; var c = 2; createPageHTML(n, c, 'index', 'htm');": "index_3.htm",
    "/* createPageHTML(9, 0, 'old', 'html') */ createPageHTML(2, 0, 'index', 'html')": "index_1.html",
    "//createPageHTML(9, 0, 'old', 'html')\ncreatePageHTML(1, 0, 'index', 'html')": None,
    "var currentPage = 0;\nvar countPage = 7": "index_1.html",
    "new Pager({size:4,current:1,prefix:'index',suffix:'html'})": "index_2.html",
}  # fmt: skip


@pytest.mark.parametrize("code", TRS)
def test_trs_pagers(code: str) -> None:
    page = read_list(shell(rows(address="./202403/t20240315_{n}.html") + f"<script>{code}</script>").encode(), URL)
    assert page.platform == "trs"
    assert page.next_page == (BASE + (TRS[code] or "") if TRS[code] else None)


MARKS = {
    "trs": "<a href='./202401/t20240112_1.html'></a><a href='./202401/t20240112_2.html'></a><a href='./202401/t20240112_3.html'></a>",
    "hanweb": "<a href='/art/2023/4/1/art_1_2.html'></a><a href='/art/2023/4/1/art_1_3.html'></a>",
    "boda": "<!--Announced by Visual SiteBuilder 9-->",
    "ucap": "<script>window.NFCMS_SITE_ID=5;</script>",
    "dede": "<ul><li class='thisclass'>1</li><li><a href='list_2_2.html'>2</a></li><li><a href='list_2_3.html'>3</a></li></ul>",
    "empire": "<script src='/e/public/onclick/?enews=donews'></script>",
    "phpcms": "<a href='/index.php?m=content&c=index&a=lists&catid=3'></a>",
    "was5": "<a href='search?channelid=1&page=1'></a><a href='search?channelid=1&page=2'></a>",
    "discuz": "<meta name='generator' content='Discuz! X2.5'>",
    "generic": "<form action='http://so.example.gov.cn/was5/web/search'></form>",
}


@pytest.mark.parametrize("platform", MARKS)
def test_systems_are_known_by_their_marks(platform: str) -> None:
    page = read_list(shell(rows() + MARKS[platform]).encode(), URL)
    assert page.platform == platform
    assert page.reason and (page.confidence >= 0.5 or platform == "generic")


def test_jpage_records() -> None:
    group = (
        "<datastore><nextgroup><![CDATA[<a href=\"/module/jslib/jquery/jpage/dataproxy.jsp?page=1&webid=6&path='/'&columnid=31&webname='某市'\"></a>]]></nextgroup><recordset>"
        "<record><![CDATA[<tr><td><a href='/art/2024/3/5/art_31_9.html' title='南屏县召开招商引资推进会'>南屏县召开招商…</a></td><td>[2024-03-05]</td></tr>]]></record>"
        '<record><![CDATA[<tr><td><a title="双溪区举办产业对接活动" target="_blank" href="http://qu.example.gov.cn/art/2024/3/1/art_31_8.html">双溪区举办</a></td><td>[2024-03-01]</td></tr>]]></record></recordset></datastore>'
    )
    page = read_list(group.encode(), "http://www.example.gov.cn/module/jslib/jquery/jpage/dataproxy.jsp?page=0")
    assert page.entries == (
        Entry("http://www.example.gov.cn/art/2024/3/5/art_31_9.html", "南屏县召开招商引资推进会", date(2024, 3, 5)),
        Entry("http://qu.example.gov.cn/art/2024/3/1/art_31_8.html", "双溪区举办产业对接活动", date(2024, 3, 1)),
    )
    assert (
        page.next_page
        == "http://www.example.gov.cn/module/jslib/jquery/jpage/dataproxy.jsp?page=1&webid=6&path='/'&columnid=31&webname='某市'"
    )
    assert (
        read_list(
            b"<datastore><recordset></recordset></datastore>", "http://a.cn/dataproxy.jsp?startrecord=46&endrecord=90"
        ).next_page
        is None
    )


FEEDS = {
    "bare ampersand, unknown entity": "<rss><channel><item><title>招商&nbsp;引资 A&B</title><link>http://a.cn/x?a=1&b=2</link><pubDate>Fri, 15 Mar 2024 18:30:00 GMT</pubDate></item></channel></rss>",
    "entity after a mistake": "<rss><channel><p>1</b><item><title>招商 引资 A&amp;B</title><link>http://a.cn/x?a=1&amp;b=2</link><pubDate>2024-03-16 02:30:00.0</pubDate></item></channel></rss>",
    "CDATA": "<?xml version='1.0' encoding='utf-8'?>\n<rss version='2.0'><channel><title>x</title><item><title><![CDATA[招商 <b>引资</b> A&B]]></title><link><![CDATA[http://a.cn/x?a=1&b=2]]></link><pubDate>Sat, 16 Mar 2024 02:30:00 +0800</pubDate></item></channel></rss>",
    "atom": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='html'>招商 引资 A&amp;amp;B</title><link rel='edit' href='/e'/><link rel='alternate' href='http://a.cn/x?a=1&amp;b=2'/><updated>2024-03-15T18:30:00Z</updated></entry></feed>",
    "rdf": "<rdf:RDF xmlns:rdf='r' xmlns='http://purl.org/rss/1.0/' xmlns:dc='d'><item rdf:about='x'><title>招商 引资 A&amp;B</title><link>http://a.cn/x?a=1&amp;b=2</link><dc:date>2024-03-16T02:30+08:00</dc:date></item></rdf:RDF>",
    "guid": "\ufeff<rss><channel><item><title>招商 引资 A&amp;B\x0b</title><guid isPermaLink='true'>http://a.cn/x?a=1&amp;b=2</guid><pubDate>2024-03-16T02:30:00+08:00</pubDate></item><item><title>无址</title></item></channel></rss>",
}


@pytest.mark.parametrize("kind", FEEDS)
def test_feeds_right_and_broken(kind: str) -> None:
    page = read_list(FEEDS[kind].encode(), "http://a.cn/rss.xml")
    assert page.platform == "rss"
    (entry,) = page.entries
    assert (entry.title, entry.url) == ("招商 引资 A&B", "http://a.cn/x?a=1&b=2")
    at = entry.date
    assert isinstance(at, datetime)
    assert (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)) == datetime(2024, 3, 16, 2, 30, tzinfo=SHANGHAI)


def test_portals_json() -> None:
    wrapped = '({"status":0,"data":{"list":[{"DocID":1,"Title":"望江镇<b>招商</b>忙","PubTime":"2024-03-15 08:00:00","LinkUrl":"http:\\/\\/a.cn\\/2024-03\\/15\\/c_1.htm"}]},"totalnum":90})'
    page = read_list(wrapped.encode(), "http://a.cn/nodeart/list?nid=11&pgnum=1&cnt=10")
    assert page.entries == (Entry("http://a.cn/2024-03/15/c_1.htm", "望江镇招商忙", datetime(2024, 3, 15, 8, 0)),)
    assert page.next_page == "http://a.cn/nodeart/list?nid=11&pgnum=2&cnt=10"
    called = 'try{feedCardJsonpCallback({"result":{"data":[{"title":"北岭市招商周开幕","url":"/a/1.shtml","ctime":"1710460800"}]}});}catch(e){};'
    (entry,) = read_list(called.encode(), "http://feed.a.cn/api/roll/get?page=3").entries
    assert entry == Entry(
        "http://feed.a.cn/a/1.shtml", "北岭市招商周开幕", datetime(2024, 3, 15, 8, 0, tzinfo=SHANGHAI)
    )


def test_trs_scrolling_files_count_up() -> None:
    data = '{"pageCount":3,"data":[{"DOCTITLE":"云台高新区招商图谱","DOCPUBURL":"./202403/t20240315_7.html","DOCRELTIME":"2024-03-15"}]}'
    page = read_list(data.encode(), BASE + "datas_1.json")
    assert (page.platform, page.next_page) == ("trs", BASE + "datas_2.json")
    assert page.entries[0].url == BASE + "202403/t20240315_7.html"
    assert read_list(data.encode(), BASE + "datas_2.json").next_page is None


def test_discuz_rows() -> None:
    row = (
        "<tbody id='{kind}thread_{n}'><tr><th><em>[<a href='forum.php?mod=forumdisplay&fid=2&filter=typeid&typeid=3'>考察</a>]</em> "
        "<a href='forum.php?mod=viewthread&amp;tid={n}&amp;extra=page%3D1' class='xst'>客商考察第{n}站</a><span class='tps'>&nbsp;...<a href='forum.php?mod=viewthread&tid={n}&extra=&page=2'>2</a></span></th>"
        "<td class='by'><cite><a href='home.php?mod=space&uid=1'>招商员</a></cite><em><span><span title='2024-3-1'>3&nbsp;天前</span></span></em></td>"
        "<td class='by'><em><a href='forum.php?mod=redirect&tid={n}&goto=lastpost'>2024-3-4 08:00</a></em></td></tr></tbody>"
    )
    table = "".join(row.format(kind="stick" if n == 1 else "normal", n=n) for n in range(1, 4))
    url = "http://bbs.example.cn/forum.php?mod=forumdisplay&fid=2"
    page = read_list(shell(f"<table>{table}</table>").encode(), url)
    assert page.platform == "discuz"
    assert page.next_page is None  # the little 2 leads into a thread
    assert [(e.title, str(e.date), e.sticky) for e in page.entries] == [("客商考察第1站", "2024-03-01", True), ("客商考察第2站", "2024-03-01", False), ("客商考察第3站", "2024-03-01", False)]  # fmt: skip
    wall = read_list(
        b"<meta name='generator' content='Discuz! X3.4'><div id='messagetext'><p>\xe5\xb0\x9a\xe6\x9c\xaa\xe7\x99\xbb\xe5\xbd\x95</p></div>",
        url,
    )
    assert wall.entries == () and "提示页" in wall.reason


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"x" * 20_000_000, b"%PDF-1.7 ...", b"PK\x03\x04...", bytes(range(256)) * 40, b"<a href='1.html'>" * 10_001, b"<rss>" + b"<item><link>http://a.cn/</link></item>" * 50_001],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(ListError) as refused:
        read_list(content, URL)
    assert refused.value.reason


markup = st.sampled_from(
    ["<li>", "</li>", "<ul>", "</ul>", "<a href='1.html'>", "<a href=\"", "</a>", "<tr><td>", "<td>", "</table>", "<table>", "2024-03-15", "15", "2024-03", "招商引资项目", "下一页", "<script>", "</script>",
     "createPageHTML(", "3,0,'index','html')", "<datastore>", "<record><![CDATA[", "]]></record>", "<rss>", "<item>", "<link>", "&", "{", "[", "\"title\":\"x\"", ",", "]}", "<tbody id='normalthread_3'>",
     "<select><option selected value='a_1.html'>1</option>", "\x00", "\ufeff", "<!--", "-->", "<base href='//x/'>", "?page=", "thread-3-1-1.html"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.lists(markup, max_size=40).map(lambda p: "".join(p).encode()),
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        page = read_list(content, URL)
    except ListError:
        return
    urls = [e.url for e in page.entries]
    assert len(urls) == len(set(urls))
    assert all(u.startswith(("http://", "https://")) for u in urls)
    assert page.next_page is None or page.next_page.startswith("http")


def test_importing_is_cheap() -> None:
    code = "import sys; from crawler.platforms.registry import systems; systems(); print([m for m in ('scrapy', 'feedparser', 'bs4', 'trafilatura', 'numpy', 'pypdf', 'docx') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
