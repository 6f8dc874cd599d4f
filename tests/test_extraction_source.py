"""What an article has from its source is the same whichever way it was read."""

from __future__ import annotations

from crawler.extraction import extract
from crawler.extraction.documents.extract_document import extract_document
from crawler.extraction.page.frame import walk
from crawler.extraction.page.tree import parse
from crawler.extraction.source_fields import source_fields
from crawler.extraction.source_selectors import selected_date
from crawler.sources import Selectors, Source
from tests.test_extract_stage import PAGE, TEXT
from tests.test_platforms_attachments import pdf

URL = "http://qinghe.example/1.html"
SOURCE = Source.model_validate(
    {"name": "qinghe", "title": "清河县人民政府", "kind": "government", "region": "130534", "seen_in": "composed"}
    | {"start_urls": ["http://qinghe.example/"]}
)
THREAD = f"""<html><head><title>招商会 - 清河论坛 - Powered by Discuz!</title><meta name="generator" content="Discuz! X3.4"></head><body>
<span id="thread_subject">清河县召开招商引资推进会</span><div id="postlist"><div id="post_1"><table><tr><td class="plc">
<em id="authorposton1">发表于 2024-5-20 08:30</em><table><tr><td class="t_f" id="postmessage_1">{TEXT}</td></tr></table>
</td></tr></table></div></div></body></html>"""


def test_a_page_a_thread_and_a_document_have_the_same_fields_of_their_source() -> None:
    page = PAGE.format(title="清河县召开招商引资推进会", text=TEXT)
    read = {
        "page": extract(page.encode(), URL, source=SOURCE),
        "thread": extract(THREAD.encode(), "http://qinghe.example/thread-1-1-1.html", source=SOURCE),
        "document": extract_document(pdf("清河县招商引资优惠办法", "第一条 为了鼓励投资。"), URL, source=SOURCE),
    }
    assert read["thread"].platform == "discuz"
    for way, article in read.items():
        has = {name: getattr(article, name) for name in ("source", "kind", "region", "publisher")}
        assert has == source_fields(SOURCE, "站名"), way
    assert source_fields(None, "站名") == {"source": None, "kind": None, "region": None, "publisher": "站名"}


def test_selectors_are_taken_as_they_are_whoever_has_them() -> None:
    frame = walk(parse("<html><body><p>2024-01-01</p><p class='day'>2024-05-20</p></body></html>"), URL)
    found = selected_date(frame, Selectors(date=".day"))
    assert found is not None and found.at.date().isoformat() == "2024-05-20"
    assert selected_date(frame, None) is None
