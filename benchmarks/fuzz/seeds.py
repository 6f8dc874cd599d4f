"""Good input to begin with, made from the sample web and composed here."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from zhaoshang.demo.web import KINDS, DemoWeb

ARTICLE = """<!doctype html><html><head><meta charset="utf-8"><title>临湖市举行产业链招商推介会</title>
<meta name="PubDate" content="2024-03-12"><meta name="ContentSource" content="临湖日报"></head><body>
<div class="nav"><a href="/">首页</a> <a href="/zs/">招商</a></div><h1>临湖市举行产业链招商推介会</h1>
<div class="info">发布时间：2024-03-12 08:30　来源：临湖日报　作者：王明　【字体：大 中 小】</div><div class="content">
<p>3月12日，临湖市举行产业链招商推介会，现场签约项目12个，总投资46亿元。</p>
<table><tr><td rowspan="2">项目</td><td colspan="3">投资</td></tr><tr><td>光学镜片</td><td>12亿元</td></tr></table>
<ul><li>设立产业基金，规模10亿元</li><li>派驻专班</li></ul><p>附件：<a href="/f/1.pdf">名单.pdf</a></p></div>
<div class="page"><a href="t1_2.html">下一页</a></div><script>var createPageHTML = "(3, 0, 't1', 'html')";</script></body></html>"""
LIST = (
    "<html><head><title>招商动态</title></head><body><ul class='list'>"
    + "".join(
        f"<li><a href='/zs/t{n}.html' title='临湖市签约{n}个项目'>临湖市签约{n}个项目</a><span>2024-0{n}-1{n}</span></li>"
        for n in range(1, 9)
    )
    + "</ul><div class='page'>共 8 页 <a href='index_2.html'>下一页</a><script>createPageHTML(8, 0, 'index', 'html');</script></div></body></html>"
)
ITEMS = [
    {"title": f"临湖市签约{n}个项目", "url": f"/zs/t{n}.html", "pubDate": f"2024-03-{n:02}", "id": n}
    for n in range(1, 9)
]
JSON_LIST = json.dumps({"code": 0, "total": 80, "page": 1, "data": {"rows": ITEMS}}, ensure_ascii=False)
RSS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>招商</title>'
    + "".join(
        f"<item><title>临湖市签约{n}个项目</title><link>http://seed.example/zs/{n}.html</link>"
        f"<pubDate>Wed, 13 Mar 2024 0{n}:00:00 +0800</pubDate><description><![CDATA[<p>签约</p>]]></description></item>"
        for n in range(1, 6)
    )
    + "</channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>招商</title>'
    + "".join(
        f'<entry><title type="html">临湖市签约{n}个项目</title><link rel="alternate" href="/zs/{n}.html"/>'
        f"<updated>2024-03-1{n}T08:00:00+08:00</updated><content>签约</content></entry>"
        for n in range(1, 6)
    )
    + "</feed>"
)
SITEMAP = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    + "".join(
        f"<url><loc>http://seed.example/zs/{n}.html</loc><lastmod>2024-03-1{n}</lastmod></url>" for n in range(1, 6)
    )
    + "</urlset>"
)
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://seed.example/s1.xml.gz</loc></sitemap></sitemapindex>'
ROBOTS = "User-agent: *\nDisallow: /admin/*.php$\nAllow: /admin/a\nCrawl-delay: 3\n\nUser-agent: zhaoshang\nDisallow: /*?s=\nSitemap: http://seed.example/s.xml\n"
QUERIES = (
    *(
        "飞地招商 税收",
        '"以商招商" -旅游',
        "(飞地 OR 共建园区) AND 基金",
        "title:签约 source:商务 origin:日报 author:王",
    ),
    *("region:湖南、江苏 kind:government practice:飞地 year:2020,2023", "after:2022-06 before:2024-01-31"),
    *("figure:签约额 value:>=10亿", "figure:(value:10..20亿) NOT 旅游", "招商* 基金*", "專班 與 飛地 或 基金"),
)
LINES = "\n".join(
    json.dumps(line, ensure_ascii=False)
    for line in (
        {
            "id": "1",
            "text": "清河县招商引资推进会召开。\n签约10亿元。",
            "title": "推进会",
            "published_at": "2024-03-12",
        },
        {
            "url": "http://seed.example/a.html",
            "text": "产业链招商。",
            "kind": "news",
            "region": "430100",
            "origin": "某报",
        },
        {"id": 7, "url": "http://seed.example/b.html", "text": "基金招商", "published_at": "2024-03-12T08:30:00+08:00"},
    )
)
ASKED = (
    *(
        "/api/v1/search?q=飞地招商&size=10&page=1&sort=newest&facets=year,practice&strict=1",
        "/?q=基金&year=2023&place=430000",
    ),
    *("/api/v1/search?q=招商&practice=enclave&kind=news&region=330100&histogram=0&expand=0", "/api/v1/suggest?q=飞地"),
    *(
        "/export?q=招商&format=csv",
        "/export?q=figure:签约额&format=figures",
        "/feed?q=基金",
        "/matrix?q=招商&rows=practice&columns=year",
    ),
    *(
        "/compare?place=430100&place=330100",
        "/practices/fund?q=招商",
        "/places?q=飞地",
        "/sources",
        "/why?q=招商&id=8f14e45fceea167a",
    ),
)


def pages() -> tuple[list[bytes], list[bytes]]:
    """Articles and lists of the sample web's six systems, as they are served."""
    articles: list[bytes] = []
    lists: list[bytes] = []
    with DemoWeb(ports=[0] * len(KINDS)) as web:
        addresses: dict[str, list[str]] = {}
        for found in web.expected():
            addresses.setdefault(found.url.split("/")[2], []).append(found.url)
        for site in web.sites:
            for start in site.start_urls:
                lists.append(_fetched(start))
            articles += [_fetched(url) for url in addresses.get(site.url.split("/")[2], [])[:4]]
    return [ARTICLE.encode(), ARTICLE.replace("utf-8", "gbk").encode("gbk"), *articles], [LIST.encode(), *lists]


def warc(bodies: Sequence[bytes]) -> bytes:
    """A WARC file with a response for each page, some of them packed or in chunks."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False)
    for number, body in enumerate(bodies):
        headers = [("Content-Type", "text/html; charset=utf-8")]
        if number % 3 == 1:
            body = gzip.compress(body, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        if number % 3 == 2:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            headers.append(("Transfer-Encoding", "chunked"))
        writer.write_record(
            writer.create_warc_record(
                f"http://seed.example/{number}.html",
                "response",
                payload=io.BytesIO(body),
                http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": datetime(2024, 3, 12, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")},
            )
        )
    return buffer.getvalue()


def packed_page() -> bytes:
    """A page as a browser saves it with its pictures."""
    message = EmailMessage()
    message["Snapshot-Content-Location"] = "http://seed.example/m.html"
    message.set_content(ARTICLE, subtype="html")
    message.make_mixed()
    message.add_attachment(b"GIF89a", maintype="image", subtype="gif")
    return message.as_bytes()


def word() -> bytes:
    import docx

    document, buffer = docx.Document(), io.BytesIO()
    document.add_paragraph("临湖市招商引资优惠办法")
    document.add_table(2, 2).cell(0, 0).text = "项目"
    document.save(buffer)
    plain = io.BytesIO()  # stored, so that a mutation reaches the XML
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(plain, "w") as new:
        for name in old.namelist():
            if name in ("[Content_Types].xml", "_rels/.rels", "word/document.xml", "docProps/core.xml"):
                new.writestr(name, old.read(name))
    return plain.getvalue()


def pdf() -> bytes:
    """One page with a line of text, uncompressed."""
    stream = b"BT /F1 12 Tf 72 720 Td (Investment 46) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


def write(folder: Path) -> None:
    """Writes the seeds of each target into a folder of its name."""
    articles, lists = pages()
    found: Mapping[str, Sequence[bytes]] = {
        "extract": articles,
        "lists": [*lists, JSON_LIST.encode(), f"jsonp1({JSON_LIST});".encode(), f"<script>var l={JSON_LIST}</script>".encode()],
        "feeds": [RSS.encode(), ATOM.encode()],
        "sitemaps": [SITEMAP.encode(), INDEX.encode(), gzip.compress(SITEMAP.encode(), mtime=0)],
        "documents": [word(), pdf()],
        "warc": [warc(articles[:3]), gzip.compress(warc(articles[:2]), mtime=0)],
        "saved": [packed_page(), articles[0]],
        "jsonl": [LINES.encode()],
        "robots": [ROBOTS.encode()],
        "query": [query.encode() for query in QUERIES],
        "insight": [a.encode() for a in ("临湖市签约12个项目，总投资46亿元，其中外资3.5亿美元。\n设立飞地园区，税收四六分成。", ARTICLE)],
        "api": [path.encode() for path in ASKED],
    }  # fmt: skip
    for target, inputs in found.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(inputs):
            (folder / target / f"{number:03}").write_bytes(content)


def _fetched(url: str) -> bytes:
    try:
        with urlopen(url) as answer:
            return bytes(answer.read())
    except HTTPError as answer:  # walls and challenges are seeds too
        return answer.read()
