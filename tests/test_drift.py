"""Drift: each sign of a changed layout is told, and an ordinary night is not."""

import pytest

from crawler.article import Article
from crawler.drift import drift
from crawler.importing import ImportedArticle


def articles(
    *,
    title: str = "第{n}场签约",
    text: str = "第{n}个项目落地，投资{n}亿元。\n样例县投资促进局",
    sure: float = 0.9,
    n: int = 8,
) -> list[Article]:
    facts = [
        {"url": f"http://qinghe.example/{i}.html", "title": title.format(n=i), "text": text.format(n=i)}
        for i in range(n)
    ]
    return [ImportedArticle.model_validate(f).article().with_(confidence=sure) for f in facts]


@pytest.mark.parametrize(
    ("tonight", "told"),
    [
        (articles(title="清河政府网"), "标题忽然雷同"),
        (articles(text="首页 要闻 公开 互动 服务 专题\n版权所有 清河县人民政府办公室\n{n}"), "正文忽然雷同"),
        (articles(sure=0.6), "提取把握下降"),
    ],
)
def test_a_changed_layout_is_told(tonight: list[Article], told: str) -> None:
    (line,) = drift(tonight, articles())
    assert told in line and tonight[0].url in line
    assert drift(tonight, tonight) == []  # it was so before
    assert drift(tonight[:3], articles()) == []  # too few to tell


def test_an_ordinary_night_is_quiet() -> None:
    assert drift(articles(sure=0.85, n=5), articles()) == []
