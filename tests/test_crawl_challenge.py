"""What counts as a challenge, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.web.challenge import challenge

SHARED = Path(__file__).parents[1].parent / "shared"
PROSE = "样例县商务局局长说，招商热线一度被频繁刷新，访问过于频繁，工作人员只好加装线路。" * 4


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (412, ""),
        (429, "<p>慢一点</p>"),
        (521, "<script>document.cookie=('__j=x;path=/');location.href=location.pathname</script>"),
        (200, "<html><head><script>document.cookie='ck=1;path=/';location.reload();</script></head></html>"),
        (
            200,
            "<!DOCTYPE html><html><meta charset='utf-8'><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script><body></body></html>",
        ),
        (
            200,
            "<html><head><title>频繁刷新限制</title></head><body>您访问本站速度过快或者刷新间隔时间小于两秒</body></html>",
        ),
        (200, "<html><body><h1>网站防火墙</h1><p>您的请求带有不合法参数</p></body></html>"),
        (
            200,
            f"<html><body><h2>环境异常</h2><p>完成验证后即可继续访问</p><script>{'a=1;' * 9000}</script></body></html>",
        ),
    ],
)
def test_a_challenge(status: int, page: str) -> None:
    assert challenge(status, page.encode(), {"Content-Type": "text/html; charset=utf-8"})


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (200, f"<html><body><p>{PROSE * 20}</p></body></html>"),
        (
            200,
            f"<html><body><script>document.cookie='visited=1';</script><p>{'样例县招商引资项目集中签约。' * 12}</p></body></html>",
        ),
        (200, "<html><body><p>样例</p><script src='/count.js'></script></body></html>"),
        (404, "<h1>404 Not Found</h1>"),
        (503, "<h1>Service Unavailable</h1>"),
        (200, '{"data": "document.cookie = 1"}'),
        (200, "%PDF-1.4 频繁刷新限制"),
        (200, ""),
    ],
)
def test_no_challenge(status: int, page: str) -> None:
    assert challenge(status, page.encode(), {"Content-Type": "text/html; charset=utf-8"}) is None


@pytest.mark.skipif(not SHARED.exists(), reason="the real pages are not beside the checkout")
def test_no_real_page_is_taken_for_one() -> None:
    pages = [path for part in ("lists", "pages", "forum") for path in (SHARED / part).rglob("*.html")]
    assert len(pages) > 100
    assert [path for path in pages if challenge(200, path.read_bytes())] == []
