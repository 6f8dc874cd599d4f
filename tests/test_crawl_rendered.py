"""Sources whose pages a script writes, shown in a real Chromium: what is read, what is asked for, and what is not."""

from __future__ import annotations

import pytest

from crawler.archive import Archive
from crawler.configuration import Settings
from crawler.probing.discover import discover
from crawler.probing.probe import probe
from crawler.web import rendering
from crawler.web.rendering import RenderingError, Resource
from tests.crawl_desk import visit
from tests.loopback_site import Answer, Site
from tests.news_site import title
from tests.sample_sources import write_source
from tests.test_crawl_faults import Process
from zhaoshang.doctor import examine

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(rendering.missing() is not None, reason=rendering.missing() or ""),
]

TEXT = "会上，双方就总投资十二亿元的产业园项目达成一致，县里承诺提供全程代办服务，企业表示年内开工建设。" * 4


LIST = """<html><head><meta charset="gbk"><link rel="stylesheet" href="/style.css"><script src="/list.js"></script></head>
<body><div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a><a href="/zsyz/">招商引资</a><a href="/bmfw/">便民服务</a><a href="/hdjl/">互动交流</a><a href="/jgzn/">机构职能</a></div>
<p>样例县投资促进局的招商动态，按发布的时间排列，点击标题查看全文；转载请注明来源，有关建议请拨打热线电话。</p><img src="/picture.png"><iframe src="/frame.html"></iframe><ul id="rows"></ul></body></html>"""
ARTICLE = """<html><head><meta charset="utf-8"><script src="/article.js"></script></head><body><h1 id="t"></h1><p id="d"></p><div id="c"></div>
<script src="http://169.254.169.254/latest.js"></script></body></html>"""
# no address stands in the script as a whole, so that nobody finds the data without running it
LIST_SCRIPT = """addEventListener('load', () => { const where = ['', 'open', 'rows'].join('/');
fetch(where, {method: 'POST', body: 'n=' + 3}).then(a => a.json()).then(rows => { for (const r of rows) document.getElementById('rows').insertAdjacentHTML(
'beforeend', '<li><a href="' + ['', 'a'].join('/') + '_' + r.n + '.html">' + r.t + '</a><span>2026-02-0' + r.n + '</span></li>'); }); fetch(['', 'secret', 'x'].join('/')); });"""
ARTICLE_SCRIPT = """addEventListener('load', () => { const n = location.pathname.match(/\\d+/)[0]; fetch(['', 'open', n].join('/')).then(a => a.json()).then(a => {
document.getElementById('t').textContent = a.t; document.getElementById('d').textContent = '发布时间：2026-02-0' + n; document.getElementById('c').innerHTML = '<p>' + a.c + '</p>'; }); });"""


def site_of_scripts() -> Site:
    data = "[" + ",".join(f'{{"n": {n}, "t": "{title(n)}"}}' for n in (1, 2, 3)) + "]"
    pages = {
        "/robots.txt": Answer("User-agent: *\nDisallow: /secret/\n", headers={"Content-Type": "text/plain"}),
        "/index.html": Answer(LIST.encode("gbk"), headers={"Content-Type": "text/html"}, validated=True),
        "/list.js": Answer(LIST_SCRIPT, headers={"Content-Type": "text/javascript"}),
        "/article.js": Answer(ARTICLE_SCRIPT, headers={"Content-Type": "text/javascript"}),
        "/open/rows": Answer(data, headers={"Content-Type": "application/json"}),
    }
    for n in (1, 2, 3):
        pages[f"/a_{n}.html"] = Answer(ARTICLE, validated=True)
        pages[f"/open/{n}"] = Answer(
            f'{{"t": "{title(n)}", "c": "{TEXT}"}}', headers={"Content-Type": "application/json"}
        )
    return Site(pages)


def test_what_scripts_write_is_read_and_nothing_else_is_asked_for(archive: Archive, settings: Settings) -> None:
    with site_of_scripts() as site:
        start = f"{site.url}/index.html"
        write_source(settings, start)
        assert visit(archive, settings).entries == 0  # without a browser there is nothing

        site.forget()
        write_source(settings, start, render="true")
        report = visit(archive, settings)
        assert (report.outcome, report.new, report.entries) == ("ok", 3, 3), report.note
        assert set(site.asked) == {
            *("/index.html", "/list.js", "/open/rows", "/article.js"),
            *(f"/a_{n}.html" for n in (1, 2, 3)),
            *(f"/open/{n}" for n in (1, 2, 3)),
        }  # no picture, no style, no frame, nothing that robots.txt forbids
        assert site.asked.count("/article.js") == 1 and report.requests == len(site.asked)

        waiting = list(archive.captures.to_extract())
        assert len(waiting) == 3
        for capture in waiting:
            assert TEXT in archive.captures.payload(capture).content.decode()
        came = [c for c in archive.captures.in_file(waiting[0].file) if c.role == "other"]
        assert ARTICLE.encode() in {archive.captures.payload(c).content for c in came}  # the response, too

        site.forget()
        again = visit(archive, settings)
        assert "/open/rows" in site.asked and again.entries == 3  # a shell that stays as it is says nothing of its data

        archive.frontier.set_source("sample", enabled=True)
        assert any("sample" in f.text and "render = true" in f.text for f in examine(settings))


def test_discover_looks_at_columns_in_the_browser_where_scripts_write_them(settings: Settings) -> None:
    with site_of_scripts() as site:
        site.pages["/zsdt/"] = site.pages["/index.html"]
        site.pages["/"] = Answer('<body><a href="/zsdt/">招商动态</a><a href="/zwgk/">通知公告</a></body>')
        found = discover(site.url + "/", settings)
        assert [(c.entries, c.draft.get("render")) for c in found.candidates] == [(3, True)], found.passed


def test_probe_says_when_a_browser_is_needed_and_what_it_found(settings: Settings) -> None:
    with site_of_scripts() as site:
        found = probe(f"{site.url}/index.html", settings)
    assert (found.status, [name for name, *_ in found.entries]) == ("verified", [title(n) for n in (1, 2, 3)])
    assert found.draft["render"] is True and any("render = true" in line for line in found.lines())
    assert found.article is not None and found.article.characters > 100


def test_a_challenge_is_not_shown_to_a_browser(archive: Archive, settings: Settings) -> None:
    barred = "<html><head><script>document.cookie='pass=1';location.reload();</script></head><body></body></html>"
    with Site({"/index.html": Answer(barred)}) as site:
        write_source(settings, f"{site.url}/index.html", render="true")
        assert visit(archive, settings).outcome == "blocked"
        assert site.asked == ["/index.html"]


def test_a_script_that_never_ends_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "SECONDS", 4.0)
    endless = Resource(200, {}, b"<html><body>a<script>setTimeout(() => { for (;;) {} }, 9)</script></body></html>")
    with pytest.raises(RenderingError, match="没有显示"):
        rendering.render("http://127.0.0.1:9/", endless, "zhaoshang", lambda *asked: None)


def test_what_is_missing_is_told_in_one_line(
    archive: Archive, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(settings.data))  # no Chromium there; the crawl's process inherits it
    with site_of_scripts() as site:
        write_source(settings, f"{site.url}/index.html", render="true")
        report = visit(archive, settings)
        assert report.outcome == "failed" and "Chromium" in report.note and site.log == []


FAULT = """
import crawler.middlewares.rendered_download as broken
def fail(*arguments): raise KeyError("没有 headers 这一项")
broken.rendering.sent_headers = fail
from crawler.stages.crawl_process import main
main()
"""


def test_a_fault_of_the_program_is_no_script_that_is_not_to_be_had(settings: Settings) -> None:
    """It went into the log, and the page was read as if its script did not exist."""
    with site_of_scripts() as site:
        write_source(settings, f"{site.url}/index.html", render="true")
        (report,) = Process(settings, "sample", FAULT).end()
    assert report["outcome"] == "failed" and "没有 headers 这一项" in report["note"]


def test_a_fault_while_a_page_is_shown_is_that_of_the_page() -> None:
    def fail(*asked: object) -> None:
        raise KeyError("没有 headers 这一项")

    page = Resource(200, {}, b"<html><body><script src='/a.js'></script></body></html>")
    with pytest.raises(KeyError, match="没有 headers 这一项"):
        rendering.render("http://127.0.0.1:9/", page, "zhaoshang", fail)
