"""A small archive of composed articles for the tests of the web: every kind of field and block, a capture, a revision, republications."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive import Archive, Exchange, SourceReport
from crawler.article import Article, Attachment, Block, Provenance, article_id, parse_published, text_of
from crawler.configuration import Settings
from crawler.sources import load_registry
from indexer.engines.registry import open_engine
from indexer.indexing.stage import index

NOW = datetime(2024, 6, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2024, 6, 2, 2, 0, tzinfo=UTC)

SOURCES = {
    "linhu-swj": ("临湖市商务局", "government", "430100", "http://swj.linhu.example/xxgk/index.html"),
    "yunshan-news": ("云山新闻网", "news", "330100", "http://news.yunshan.example/zs/"),
    "zhaoshang-bbs": ("招商论坛", "forum", "310000", "http://bbs.zhaoshang.example/forum-2-1.html"),
}

RICH_URL = "http://swj.linhu.example/xxgk/t20240312_1001.html"
RICH = article_id(RICH_URL)
IMPORTED = article_id("ext-7")
COPY = article_id("http://news.yunshan.example/zs/20240313-9.html")
BARE = article_id("bare-1")
HOSTILE = article_id("hostile-1")

RICH_BLOCKS = (
    Block("paragraph", "临湖市与云山市合办的飞地园区昨天揭牌，首批十二个项目签约，总投资46亿元。"),
    Block("heading", "税收怎样分", level=2),
    Block("paragraph", "两市商定，飞地园区的税收前五年按四六分成，以后对半。"),
    Block("list", items=("设一支产业基金，规模10亿元", "派驻专班，代办全部手续", "土地指标由云山市承担")),
    Block("table", rows=(("项目", "投资", "用地"), ("光学镜片", "12亿元", "210亩"), ("储能电池", "20亿元", "350亩"))),
    Block("image", "揭牌现场。", src="http://swj.linhu.example/img/1.jpg"),
    Block("paragraph", "招商引资工作组说，以商招商的办法还要继续。<b>不是标签</b>"),
)

HTML = """<!doctype html><html><head><meta charset="utf-8"><title>飞地园区揭牌</title>
<script>document.title = "ran"; parent.postMessage("ran", "*");</script></head>
<body onload="document.title='ran'"><h1>临湖云山飞地园区揭牌</h1>
<p style="color:green">临湖市与云山市合办的飞地园区昨天揭牌。</p>
<img src="http://tracker.example/pixel.gif" onerror="document.title='ran'">
<form action="/steal"><input name="x"></form></body></html>"""


@dataclass(frozen=True)
class Sample:
    settings: Settings
    many: int  # articles that say 招商引资


def build(folder: Path, *, many: int = 45) -> Sample:
    """An archive with sources, articles and one night's report, not indexed yet."""
    settings = Settings(data=folder, contact="", engine="tantivy")
    own = folder / "sources"
    own.mkdir(parents=True)
    for name, (title, kind, region, url) in SOURCES.items():
        (own / f"{name}.toml").write_text(
            f'name = "{name}"\ntitle = "{title}"\nkind = "{kind}"\nregion = "{region}"\n'
            f'start_urls = ["{url}"]\nseen_in = "composed"\n',
            encoding="utf-8",
        )
    with Archive.open(settings) as archive:
        run = archive.runs.start("crawl", NOW)
        with archive.captures.writer(run) as writer:
            headers = (("Content-Type", "text/html; charset=utf-8"),)
            capture = writer.write(Exchange(RICH_URL, 200, headers, HTML.encode(), NOW, source="linhu-swj"))
        for article in articles(many):
            archive.articles.save(
                article, capture=capture.id if article.id == RICH else None, topic=article.topic_score
            )
        later = archive.runs.start("crawl", LATER)
        with archive.captures.writer(later) as writer:
            body = HTML.replace("昨天揭牌", "十二日揭牌").encode()
            capture = writer.write(Exchange(RICH_URL, 200, headers, body, LATER, source="linhu-swj"))
        archive.articles.save(revised(), capture=capture.id, topic=0.97)
        for article in archive.articles.get_many(archive.articles.ids()).values():
            archive.readings.save(article.id, article.revision_hash, "sample", reading(article.article), b"")
        archive.readings.save_clusters({RICH: "c1", COPY: "c1"})
        archive.rejections.reject(
            "http://swj.linhu.example/xxgk/t1.html",
            source="linhu-swj",
            capture=None,
            title="食堂采购结果公示",
            score=0.04,
            reason="不切题",
        )
        archive.frontier.set_source("linhu-swj", enabled=True, last_visit=NOW)
        archive.frontier.set_source("zhaoshang-bbs", enabled=True, last_visit=NOW)
        archive.runs.record_source(run, "linhu-swj", SourceReport(requests=30, new=12, unchanged=3, outcome="ok"))
        blocked = SourceReport(requests=2, blocked=1, outcome="blocked", note="HTTP 412，要求运行脚本")
        archive.runs.record_source(run, "zhaoshang-bbs", blocked)
        archive.runs.finish(run, {})
    return Sample(settings, many + 4)


def indexed(folder: Path, *, many: int = 45) -> Sample:
    """The same, indexed."""
    sample = build(folder, many=many)
    write_index(sample)
    return sample


def write_index(sample: Sample) -> None:
    """With the readings that are kept."""
    engine = open_engine(sample.settings, write=True)
    try:
        with Archive.open(sample.settings) as archive:
            index(archive, engine, load_registry(sample.settings))
    finally:
        engine.close()


PRACTICES = {
    "飞地": "enclave",
    "基金招商": "fund",
    "产业链招商": "industry_chain",
    "驻点招商": "stationed",
    "分成": "benefit_sharing",
}


def reading(article: Article) -> dict[str, object]:
    """What a reading of it would be: the sentence for each practice, the sums, the places."""
    text = article.text
    practices, figures = [], []
    for word, practice in PRACTICES.items():
        for found in re.finditer(f"[^。\n]*{word}[^。\n]*。?", text):
            practices.append({"id": practice, "start": found.start(), "end": found.end(), "confidence": 0.9})
    for found in re.finditer(r"(\d+)亿元", text):
        value = int(found[1]) * 10**8
        sums = {"value": value, "unit": "CNY", "kind": "invested", "status": "signed", "region": "430100"}
        figures.append({"start": found.start(), "end": found.end(), **sums})
    regions = ["430100", "330100"] if "飞地" in text else ["330106"] if "云山" in text else []
    return {
        "topic": True,
        "practices": practices,
        "regions": regions,
        "mentioned": [],
        "figures": figures,
        "industries": list(_marked(text, {"光学镜片": "instruments", "储能电池": "battery"})),
        "origins": list(_marked(text, {"云山市": "330000"})),
        "events": list(_marked(text, {"签约": "signed"})),
        "firms": [
            {"name": found["id"], "key": found["id"], "role": "investor"} | {k: found[k] for k in found if k != "id"}
            for found in _marked(text, {"光学镜片": "光学镜片"})
        ],
        "genre": "news",
        "cited": list(_cited(text)),
        "document": ["云山市飞地办法"] if "云山" in text and "飞地" not in text else [],
        "version": "sample",
    }


def _cited(text: str) -> Iterator[dict[str, object]]:
    """As if 税收 told of two documents."""
    if (at := text.find("税收")) >= 0:
        place = {"start": at, "end": at + 2, "from_": max(0, at - 5), "to": at + 5, "times": 1, "issuer": ""}
        yield {"title": "云山市飞地办法", "number": "", "key": "云山市飞地办法", **place}
        yield {"title": "外商投资法", "number": "", "key": "外商投资法", **place}


def _marked(text: str, words: dict[str, str]) -> Iterator[dict[str, object]]:
    """What the words of a text say; the second kind is doubtful."""
    for number, (word, id) in enumerate(words.items()):
        if (at := text.find(word)) >= 0:
            sure = number == 0
            yield {"id": id, "start": at, "end": at + len(word), "probability": 0.95 if sure else 0.5, "sure": sure}


def rich() -> Article:
    """A government page with everything."""
    at, precision = parse_published("2024-03-12T09:30")
    return Article(
        id=RICH,
        url=RICH_URL,
        canonical_url=RICH_URL,
        title="临湖云山飞地园区揭牌 首批十二个项目签约",
        text=text_of(RICH_BLOCKS),
        blocks=RICH_BLOCKS,
        source="linhu-swj",
        kind="government",
        region="430100",
        attachments=(Attachment("http://swj.linhu.example/img/qd.pdf", "签约项目清单", "pdf"),),
        published_at=at,
        published_precision=precision,
        origin="临湖日报",
        author="周一鸣 吴小满",
        editor="郑方",
        script="hans",
        platform="trs",
        topic_score=0.97,
        confidence=0.95,
        captured_at=NOW,
        provenance={
            "title": Provenance("meta:ArticleTitle", "临湖云山飞地园区揭牌"),
            "published_at": Provenance("meta:PubDate", "2024-03-12 09:30"),
            "origin": Provenance("line:来源", "来源：临湖日报"),
        },
    )


def revised() -> Article:
    """What the page said a day later."""
    first = Block("paragraph", RICH_BLOCKS[0].text.replace("昨天揭牌", "十二日揭牌"))
    blocks = (first, *RICH_BLOCKS[1:])
    return rich().with_(blocks=blocks, text=text_of(blocks), captured_at=LATER)


def articles(many: int) -> list[Article]:
    """The rich one, a republication, an imported one, a bare one, and many short ones over the years."""
    found = [
        rich(),
        _plain(
            "http://news.yunshan.example/zs/20240313-9.html",
            "临湖云山飞地园区揭牌 首批十二个项目签约",
            text_of(RICH_BLOCKS),
            source="yunshan-news",
            kind="news",
            region="330100",
            published="2024-03-13",
            origin="临湖日报",
        ).with_(
            provenance={"published_at": Provenance("meta:pubdate", "2024-03-13", "line:label：发布时间：2024-03-15")}
        ),
        _plain(
            "",
            "=1+1 开头的标题与 <script>alert(1)</script>",
            "这篇招商引资的文章是导入的，没有网址，也没有快照。",
            external_id="ext-7",
            published="2021-05-06",
            author="+86",
        ),
        _plain(
            "http://bbs.zhaoshang.example/thread-7-1-1.html",
            "招商引資的幾點體會",
            "各位同行，臨湖市商務局去年引進了三家企業，稅收分成的辦法值得學習。招商引資要靠服務。",
            source="zhaoshang-bbs",
            kind="forum",
            region="310000",
            published="2019-11-02",
            author="老王",
            script="hant",
            replies=17,
        ),
        _plain("", "", "没有标题也没有日期，只有一句话。", external_id="bare-1"),
        _plain(
            "javascript://x/%0aalert(1)",
            '"><img src=x onerror=alert(1)>',
            "这篇的网址和标题都不怀好意。\n</p><script>document.title='ran'</script>",
            external_id="hostile-1",
            published="2022-02-02",
            origin="<i>来源</i>",
            author="x\x00y",
        ),
    ]
    topics = ("基金招商", "产业链招商", "驻点招商", "委托招商", "标准地")
    for i in range(many):
        topic = topics[i % len(topics)]
        found.append(
            _plain(
                f"http://news.yunshan.example/zs/{2010 + i % 14}{i:04}.html",
                f"云山市{topic}第{i + 1}期简报",
                f"云山市今年的招商引资以{topic}为主。\n第{i + 1}期共走访企业{i + 3}家，其中{i % 7 + 1}家有意落户。",
                source="yunshan-news",
                kind="news",
                region="330100",
                published=f"{2010 + i % 14}-{i % 12 + 1:02}-{i % 27 + 1:02}",
                origin="云山日报" if i % 3 else None,
            )
        )
    return found


def _plain(
    url: str, title: str, text: str, *, published: str = "", external_id: str | None = None, **fields: object
) -> Article:
    at, precision = parse_published(published)
    article = Article(
        id=article_id(external_id or url),
        url=url,
        canonical_url=url,
        title=title,
        text=text,
        blocks=tuple(Block("paragraph", line) for line in text.split("\n")),
        external_id=external_id,
        published_at=at,
        published_precision=precision,
    )
    return article.with_(**fields)
