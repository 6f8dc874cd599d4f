"""The source of a capture is shown as the extraction read it, whatever charset the page claims."""

from __future__ import annotations

import pytest

from crawler.archive import Payload
from crawler.web.decoding import decode
from search_api.web.captures import as_text

PAGE = (
    "<html><head><meta charset='{}'></head><p>全市招商引资工作推进会今天上午召开，会议部署下一步重点任务。</p></html>"
)


@pytest.mark.parametrize(
    ("declared", "header", "charset"),
    [
        ("iso-8859-1", "text/html; charset=ISO-8859-1", "gb18030"),  # what a template declares says nothing
        ("gb2312", "text/html", "utf-8"),
        ("big5", "text/html; charset=big5", "gb18030"),
        ("utf-8", "text/html; charset=utf-16", "utf-8"),
    ],
)
def test_the_source_of_a_capture_is_decoded_as_the_extraction_decodes_it(
    declared: str, header: str, charset: str
) -> None:
    page = PAGE.format(declared)
    payload = Payload(page.encode(charset), 200, {"content-type": header}, "http://example.gov.cn/1.html")
    assert as_text(payload).decode() == page == decode(payload.content, payload.headers)
