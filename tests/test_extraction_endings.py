"""What stands under the last paragraph: credits, statements and buttons go, what is the document's stays."""

from __future__ import annotations

import pytest

from crawler.extraction import extract
from tests.extraction_samples import PARAGRAPHS, page

GO = [
    "（责任编辑：张三丰）",
    "责编：李四光",
    "【责任编辑:王五】",
    "编辑：张三 审核：李四",
    "来源：某市日报",
    "（来源：某市日报）",
    "原标题：某市召开大会",
    "版权声明：本文版权归原作者所有。",
    "免责声明：本文仅代表作者个人观点，与本网无关。",
    "（本文系作者个人观点，不代表本网立场）",
    "【本文仅供参考】",
    "声明：转载此文是出于传递更多信息之目的。",
    "未经授权不得转载",
    "更多精彩内容请关注微信公众号",
    "扫码关注我们",
    "分享到：",
    "上一篇：某县招商",
    "下一篇：某县签约",
    "【打印本页】【关闭窗口】",
    "[打印] [关闭]",
    "点击查看更多",
    "阅读 1234 次",
    "浏览次数：123",
    "（稿件来源：某市融媒体中心）",
    "审核：张三　责编：李四　编辑：王五",
    "一审：张三 二审：李四 三审：王五",
    "特别声明：以上内容为自媒体平台上传并发布。",
    "返回顶部",
    "相关链接",
    "附件下载：",
    "本文转自：某市发布",
    "投稿邮箱：a@b.com",
    "关注公众号，获取更多招商信息",
    "举报/反馈",
    "THE END",
    "— END —",
    "END",
    "收藏",
    "赞 (3)",
    "（完）",
]
STAY = [
    "附件：1.申报表",
    "特此通知。",
    "某市商务局",
    "2024年3月13日",
    "联系人：张三 电话：0550-1234567",
    "此复。",
    "欢迎广大客商来我市投资兴业。",
    "招商热线：0550-1234567",
    "以上意见，请认真贯彻执行。",
    "（此件公开发布）",
    "抄送：市委办公室。",
    "注：以上数据为初步统计。",
    "据悉，项目明年投产。",
    "谢谢大家。",
    "（一）加强组织领导。",
    "来源于当地的原料占七成。",
    "编辑部设在市招商局。",
]


def read(line: str) -> str:
    content = page("<div>2024-03-13 16:24</div>", tail=f"<p>{line}</p>")
    return extract(content, "http://news.example.com/x/1.html", headers={"Content-Type": "text/html"}).text


@pytest.mark.parametrize("line", GO)
def test_what_goes(line: str) -> None:
    assert read(line) == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("line", STAY)
def test_what_stays(line: str) -> None:
    assert read(line) == "\n".join((*PARAGRAPHS, line))
