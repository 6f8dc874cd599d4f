"""The seed documents in markup of their kind: every paragraph comes out, none of the chrome, and the metadata with it. Skipped without the shared data."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest

from crawler.article import Article
from crawler.extraction import extract

SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the shared seed documents are not there")


def seed(number: str) -> list[str]:
    """The lines of a seed that have text."""
    path = next(SEEDS.glob(f"{number}_*.txt"))
    return [line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def assert_body(article: Article, paragraphs: list[str], chrome: list[str]) -> None:
    """Each paragraph is there, in order; no chrome; hardly anything else."""
    text = squeezed(article.text)
    at = 0
    for paragraph in paragraphs:
        found = text.find(squeezed(paragraph), at)
        assert found >= 0, f"lost: {paragraph[:40]}"
        at = found
    for words in chrome:
        assert squeezed(words) not in text, f"kept: {words}"
    assert len(text) <= sum(len(squeezed(p)) for p in paragraphs) + 40, text[-120:]


def noted(text: str) -> str:
    """With a few pinyin notes, as a converting mirror would append them."""
    for character, note in (("務", "wù"), ("責", "zé"), ("關", "guān"), ("獎", "jiǎng")):
        text = re.sub(f"{character}(?!\\()", f"{character}({note})", text)
    return text


def plain(text: str) -> str:
    """Without pinyin notes."""
    return re.sub(r"(?<=[\u4e00-\u9fff])\([a-z]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-z]*\)", "", text)


def mirror(title: str, byline: str, paragraphs: list[str], tail: str = "") -> bytes:
    links = "".join(
        f'<li><a href="/list/{n}.html">{w}</a></li>'
        for n, w in enumerate(["首頁", "要聞", "招商", "園區", "政策", "視頻", "專題"])
    )
    related = "".join(f'<li><a href="/news/{n}.html">相關報道第{n}篇：園區動態</a></li>' for n in range(6))
    body = "".join(f"<p>　　{escape(noted(p))}</p>" for p in paragraphs)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}-招商動態-某某鏡像網</title></head><body>
<div class="top"><ul class="nav">{links}</ul></div><div class="position">當前位置：<a href="/">首頁</a> &gt; 招商動態</div>
<div class="article"><h1>{title}</h1><div class="info">{byline}</div><div class="content">{body}</div>{tail}</div>
<div class="right"><h3>熱門推薦</h3><ul>{related}</ul></div><div class="footer">聯(lián)系我們 網(wǎng)站地圖</div></body></html>""".encode()


def test_interview_on_a_traditional_mirror_loses_its_pinyin_notes() -> None:
    paragraphs = seed("000")
    page = mirror("飛地招商如何共贏：一個縣級市的做法", "2023-09-12 10:30　來源：青商雜志　作者：王小明", paragraphs)
    article = extract(page, "http://mirror.example.com/news/20230912.html", headers={})
    assert article.title == "飛地招商如何共贏：一個縣級市的做法"
    assert str(article.published_at)[:16] == "2023-09-12 10:30"
    assert (article.origin, article.author, article.script) == ("青商雜志", "王小明", "hant")
    assert_body(article, [plain(p) for p in paragraphs], ["熱門推薦", "相關報道", "當前位置", "wù", "zé"])


def test_thread_with_all_its_chrome() -> None:
    lines = seed("001")
    title = next(line for line in lines if "招商引资工作的思考" in line)
    start = next(n for n, line in enumerate(lines) if line.startswith("发表于")) + 1
    end = next(n for n, line in enumerate(lines) if line.startswith("您需要登录后"))
    paragraphs = lines[start:end]
    body = "<br />\n<br />\n".join(escape(p) for p in paragraphs)
    page = f"""<!DOCTYPE html><html><head><meta charset="utf-8" /><title>{title} - 招商 - 智新云网络 -  Powered by Discuz!</title>
<meta name="generator" content="Discuz! X3.4" /></head><body><div id="toptb"><a>找回密码</a><a>立即注册</a></div><div>QQ登录 只需一步,快速开始</div><div>开启左侧</div>
<div id="postlist" class="pl bm"><table><tr><td class="pls"><div class="hm ptn"><span class="xg1">查看:</span> <span class="xi1">580</span><span class="pipe">|</span>
<span class="xg1">回复:</span> <span class="xi1">0</span></div></td><td class="plc"><h1 class="ts"><span id="thread_subject">{title}</span></h1><a>[复制链接]</a></td></tr></table>
<div id="post_11"><table id="pid11"><tr><td class="pls"></td><td class="plc"><div class="pi"><strong><a id="postnum11">楼主</a></strong><div class="authi">
<em id="authorposton11">发表于 2022-5-16 08:54:44</em> | <a>显示全部楼层</a> |<a>阅读模式</a></div></div><div class="pct"><div class="pcb"><div class="t_fsz"><table><tr>
<td class="t_f" id="postmessage_11"><i class="pstatus"> 本帖最后由 admin 于 2022-5-17 编辑 </i><br />{body}</td></tr></table></div></div></div></td></tr></table></div></div>
<div id="f_pst">您需要登录后才可以回帖 <a>登录</a> | <a>立即注册</a> 本版积分规则</div><div>社区推荐上一条 /1 下一条</div>
<div id="ft">小黑屋|手机版|Archiver|智新云网络 Powered by Discuz! X3.4 © 2001-2023 Discuz! Team.</div></body></html>"""
    article = extract(
        page.encode(), "http://bbs.example.com/thread-11-1-1.html", headers={"content-type": "text/html; charset=utf-8"}
    )
    assert article.title == title
    assert str(article.published_at)[:16] == "2022-05-16 08:54"
    assert article.author == "刘广仁 李小刚"  # the poster is not shown to guests; the post is signed
    assert article.platform == "discuz"
    assert article.replies == 0
    assert_body(article, paragraphs, ["您需要登录", "小黑屋", "本帖最后由", "复制链接", "社区推荐"])


def test_news_page_with_captions_and_reading_tips() -> None:
    lines = seed("002")
    byline = next(n for n, line in enumerate(lines) if line.startswith("来源:") and "作者:" in line)
    title = lines[byline - 1]
    start = next(n for n, line in enumerate(lines) if line.startswith("—分享—")) + 1
    end = next(n for n, line in enumerate(lines) if line.startswith("螃蟹栏目"))
    inner, pictures = [], 0
    for line in lines[start:end]:
        if line == "图片":
            pictures += 1
            inner.append(f'<p style="text-align:center"><img src="/img/{pictures}.jpg" alt="图片"></p>')
        else:
            inner.append(f"<p>{escape(line)}</p>")
    page = f"""<html><head><meta charset="utf-8"><title>{title}_要闻_某某网</title></head><body><div class="crumbs">当前位置: <a href="/">首页</a></div>
<div class="detail"><h1 class="detail_title">{title}</h1><div class="detail_info">{lines[byline]}</div><div>时刻新闻</div><div class="share">—分享—</div>
<article class="detail_article">{"".join(inner)}<p><img src="/img/column.gif" alt="螃蟹栏目.gif"></p></article><p>来源:红网·观潮的螃蟹</p><p>作者:熊晓宇 赵曼 张金东</p><p>编辑:陈纲</p>
<p>本文为湖南频道原创文章,转载请附上原文出处链接和本声明。</p><p>本文链接:https://hn.example.cn/content/646847/57/13626699.html</p><div class="next"><a href="/2.html">阅读下一篇</a></div></div>
<div class="back"><a href="/">返回红网首页</a> <a href="/hn">返回湖南频道首页</a></div></body></html>"""
    article = extract(page.encode(), "https://hn.example.cn/content/646847/57/13626699.html", headers={})
    assert article.title == title
    assert str(article.published_at)[:16] == "2024-03-13 16:24"
    assert (article.origin, article.author, article.editor) == ("红网·观潮的螃蟹", "熊晓宇 赵曼 张金东", "陈纲")
    assert len([image for image in article.images if not image.src.endswith(".gif")]) == pictures
    assert any(image.text.startswith("▲") for image in article.images)
    assert_body(
        article,
        [line for line in lines[start:end] if line != "图片"],
        ["时刻新闻", "—分享—", "本文为湖南频道原创", "本文链接", "阅读下一篇", "返回红网首页", "编辑:陈纲"],
    )


def test_reprint_that_ends_in_copyright_and_disclaimer() -> None:
    lines = seed("003")
    end = next(n for n, line in enumerate(lines) if line.startswith("版權及免責"))
    tail = "".join(f"<p>{escape(line)}</p>" for line in lines[end:])
    page = mirror(
        "構建一體化大招商格局",
        "2017-08-21　來源：中國產(chǎn)業(yè)經(jīng)濟信息網(wǎng)",
        lines[:end],
        f'<div class="statement">{tail}</div>',
    )
    article = extract(page, "http://mirror.example.com/a/2017/0821/1.html", headers={})
    assert article.title == "構建一體化大招商格局"
    assert str(article.published_at)[:10] == "2017-08-21"
    assert article.published_precision == "day"
    assert article.origin == "中國產業經濟信息網"
    assert_body(article, [plain(p) for p in lines[:end]], ["版權及免責聲明", "延伸閱讀", "京ICP備"])


def test_short_report_signed_in_brackets() -> None:
    paragraphs = seed("004")
    page = f"""<html><head><meta charset="gb2312"><title>招大引强不停步--地方--某某新闻</title></head><body><div id="nav"><a href="/">首页</a><a href="/df">地方</a></div>
<div class="text_title"><h1>招大引强不停步</h1><div>2022年02月23日09:12　来源：<a href="http://paper.example.com">人民网－江西频道</a></div></div>
<div id="rwb_zw">{"".join(f"<p>　　{escape(p)}</p>" for p in paragraphs)}</div><div class="edit">(责编：张三、李四)</div><div class="share">分享让更多人看到</div></body></html>"""
    article = extract(
        page.encode("gb18030"), "http://jx.example.com/n2/2022/0223/c1-1.html", headers={"Content-Type": "text/html"}
    )
    assert article.title == "招大引强不停步"
    assert str(article.published_at)[:16] == "2022-02-23 09:12"
    assert (article.origin, article.author, article.editor) == ("人民网－江西频道", "商犇", "张三 李四")
    assert_body(article, paragraphs, ["责编", "分享让更多人看到"])
