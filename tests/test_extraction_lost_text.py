"""Text that must not be lost, must not come twice, and must not stay, in several markups."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crawler.extraction import extract

URL = "http://www.example.gov.cn/zwgk/t20240506_7001.html"
TITLE = "云溪县一季度招商引资签约情况通报"
PARAGRAPHS = (
    "一季度，全县共签约亿元以上项目十四个，协议投资额八十六亿元，其中先进制造业项目占比超过六成。",
    "县商务局牵头建立项目周调度机制，对签约项目逐一明确包联领导和服务专员，及时协调解决用地用能问题。",
    "各乡镇、园区要压实责任，加快推动签约项目开工建设，确保上半年实现时间任务双过半。",
)


def page(body: str, title: str = TITLE) -> bytes:
    return (
        f'<html><head><meta charset="utf-8"><title>{title}_云溪县人民政府</title></head><body><div class="top"><a href="/">首页</a><a href="/zwgk/">政务公开</a></div>'
        f'<h1>{title}</h1><div class="info">发布日期：2024-05-06　来源：县商务局</div>{body}<div class="footer"><p>主办：云溪县人民政府　技术支持：县大数据中心</p></div></body></html>'
    ).encode()


def text(body: str, title: str = TITLE) -> str:
    return extract(page(body, title), URL).text


@pytest.mark.parametrize(
    "wrap",
    [
        lambda p: f"<div><div>{p}</div></div>",
        lambda p: f"<div><div><div>{p}</div></div></div>",
        lambda p: f'<div class="para"><div>{p}</div></div>',
        lambda p: f"<section><div><span>{p}</span></div></section>",
    ],
    ids=["two", "three", "named", "section"],
)
@pytest.mark.parametrize("times", [1, 4])
def test_paragraphs_in_nested_elements(wrap: Callable[[str], str], times: int) -> None:
    paragraphs = [f"第{n}组：{p}" for n in range(times) for p in PARAGRAPHS]
    assert text(f'<div class="nr">{"".join(map(wrap, paragraphs))}</div>').split("\n") == paragraphs


@pytest.mark.parametrize(
    "row",
    [
        "<tr><td><a href='/p/{n}.html'>{name}</a></td><td>{n}亿元</td><td>已开工</td></tr>",
        "<tr><td>{n}</td><td><p><a href='http://c{n}.example.com'>{name}</a></p></td><td><p>拟投资{n}亿元</p></td></tr>",
    ],
)
def test_names_in_a_table_are_links(row: str) -> None:
    names = ("储能电池壳体项目", "中药饮片加工项目", "数控机床配件项目", "农产品冷链项目")
    rows = "".join(row.format(n=n + 2, name=name) for n, name in enumerate(names))
    found = text(
        f'<div class="nr"><p>{PARAGRAPHS[0]}</p><p>签约项目如下：</p><table border="1">{rows}</table><p>{PARAGRAPHS[2]}</p></div>'
    )
    for n, name in enumerate(names):
        assert any(name in line and f"{n + 2}亿元" in line for line in found.split("\n"))


def test_a_notice_goes_on_to_who_signed_it() -> None:
    notice = ["各乡镇人民政府、县直各单位：", "现将一季度招商引资签约情况通报如下。", *PARAGRAPHS]
    links = [
        f'<p><a href="/f/{n}.doc">{n}.《{t}》</a></p>'
        for n, t in ((1, "一季度签约项目明细表"), (2, "签约项目包联责任表"))
    ]
    signed = ["云溪县商务局", "2024年5月6日"]
    found = text(
        "<div>"
        + "".join(f"<p>{p}</p>" for p in notice)
        + "<p>附件：</p>"
        + "".join(links)
        + "".join(f"<p>{p}</p>" for p in signed)
        + "</div>"
    )
    assert found.split("\n")[0] == notice[0] and found.split("\n")[-2:] == signed and "《签约项目包联责任表》" in found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('<div class="pc-text">{}</div>', '<div class="wap-text" style="display: none">{}</div>'),
        ('<div class="wap-text" style="display:none;">{}</div>', '<div class="pc-text">{}</div>'),
        ('<div class="detail hidden-xs">{}</div>', '<div class="detail visible-xs">{}</div>'),
        ("<div>{}</div>", "<section><div>{}</div></section>"),
    ],
)
def test_a_body_served_twice_comes_once(first: str, second: str) -> None:
    paragraphs = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    assert text(first.format(paragraphs) + second.format(paragraphs)).split("\n") == list(PARAGRAPHS)


def test_what_an_article_repeats_on_purpose_stays() -> None:
    repeated = [*PARAGRAPHS, "主持人：下面请大家再听一遍会议的要求。", PARAGRAPHS[2]]
    assert text("<div>" + "".join(f"<p>{p}</p>" for p in repeated) + "</div>").split("\n") == repeated


@pytest.mark.parametrize(
    "statement",
    [
        "聲明：本站轉載的內容均註明來源，不代表本站立場，如涉及侵權請聯繫刪除。",
        "本網凡註明來源為其他媒體的稿件，均轉載自其他媒體，並不代表本網贊同其觀點，版權歸原作者所有。",
        "版權與免責聲明：凡本網原創作品，轉載須註明出處，違者本網將追究法律責任。",
    ],
)
def test_a_disclaimer_goes_in_both_scripts(statement: str) -> None:
    from crawler.normalisation import normalise

    traditional = [
        "一季度，全縣共簽約億元以上項目十四個，協議投資額八十六億元，其中先進製造業項目占比超過六成。",
        "縣商務局牽頭建立項目週調度機制，對簽約項目逐一明確包聯領導和服務專員，及時協調解決用地用能問題。",
    ]
    body = "".join(f"<p>{p}</p>" for p in (*traditional, statement))
    assert text(f'<div class="content">{body}</div>', "雲溪縣一季度招商引資簽約情況通報").split("\n") == traditional
    simplified = "".join(f"<p>{p}</p>" for p in (*PARAGRAPHS, normalise(statement)))
    assert text(f'<div class="content">{simplified}</div>').split("\n") == list(PARAGRAPHS)
