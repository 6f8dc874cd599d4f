"""The pages in Debian's Chromium: with scripts and without, wide and on a phone, and what axe finds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.sample_archive import COPY, RICH

pytest_plugins = ["tests.web_fixtures"]
pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
AXE = files("axe_playwright_python") / "axe.min.js"
WIDTHS = {"wide": (1280, 900), "phone": (390, 844)}
SCRIPTS = {"scripts": True, "plain": False}
PATHS = [
    *("/", "/?q=招商引资", "/?q=飞地+驻点招商", "/?q=决无此语", f"/articles/{RICH}?q=飞地"),
    *("/?q=figure:投资额+value:>=10亿", "/?figure=投资额&value=很多&since=2999-01-01", "/compare"),
    *(
        f"/articles/{RICH}/revisions",
        f"/articles/{RICH}/capture",
        f"/articles/{RICH}/why?q=飞地",
        "/practices",
        "/practices/enclave",
        "/matrix",
    ),
    *("/places", "/compare?place=湖南&place=浙江", "/dossiers", "/sources", "/sources/linhu-swj", "/help", "/help/api"),
    *(f"/selection?article={RICH}&article={COPY}", "/selection", f"/articles/{RICH}/quote", "/words?q=飞地", "/words"),
    *("/documents", f"/articles/{RICH}/correct", f"/articles/{RICH}/correct?title=改过的标题", "/session"),
    *("/watches", "/watches/new?practice=enclave", "/gaps"),
]


@pytest.fixture(scope="module")  # its event loop would be in the way of tests that run their own
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        pytest.skip(f"{CHROMIUM} is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[(w, s) for w in WIDTHS for s in SCRIPTS], ids="-".join)
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """A new window of some width, with scripts or without. What the browser complains of fails the test."""
    width, scripts = request.param
    w, h = WIDTHS[width]
    context = browser.new_context(
        base_url=address, viewport={"width": w, "height": h}, java_script_enabled=SCRIPTS[scripts], locale="zh-CN"
    )
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url))
    yield page
    context.close()
    assert not complaints


def test_one_searches_turns_filters_and_reads(page: Page) -> None:
    page.goto("/")
    page.get_by_label("检索词").fill("招商引资")
    page.get_by_role("button", name="检索").click()
    expect(page).to_have_title("招商引资 · 招商文库")
    expect(page.get_by_label("检索词")).to_have_value("招商引资")
    expect(page.locator(".above strong")).to_have_text("49")
    first = page.locator(".hits h3 a").first.get_attribute("href")
    page.get_by_role("link", name="下一页").click()
    assert page.locator(".hits h3 a").first.get_attribute("href") != first
    page.locator(".facets").get_by_role("link", name="政府网站").click()
    expect(page.locator(".above strong")).to_have_text("1")
    page.locator(".hits h3 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("临湖云山飞地园区揭牌")
    assert page.locator(".text mark").count() == 1
    page.get_by_role("link", name="看原句：飞地").click()
    assert page.url.endswith("#p0")
    page.get_by_role("link", name="回到检索").click()
    expect(page.locator(".above strong")).to_have_text("1")


def test_the_timeline_and_the_folded_parts_open(page: Page) -> None:
    page.goto("/?q=招商引资")
    page.locator(".timeline summary").click()
    expect(page.locator(".timeline table")).to_be_visible()
    page.locator(".timeline table").get_by_role("link", name="2015").click()
    assert "year=2015" in page.url
    page.locator(".hits summary", has_text="引用").first.click()
    expect(page.locator(".hits .citation").first).to_contain_text("[EB/OL]")


def test_suggestions_open_where_scripts_run(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto("/")
    field = page.locator('input[name="q"]')
    field.press_sequentially("feidi")
    if "plain" in request.node.name:
        expect(page.get_by_role("option")).to_have_count(0)
        return
    expect(page.get_by_role("option").first).to_contain_text("飞地")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page).to_have_title("practice:飞地 · 招商文库")


def test_an_article_goes_into_a_dossier(page: Page) -> None:
    page.goto(f"/articles/{RICH}")
    page.get_by_role("button", name="收入卷宗").click()
    expect(page.locator(".hits h2")).to_have_text("临湖云山飞地园区揭牌 首批十二个项目签约")
    page.locator(".under summary", has_text="按语").click()
    page.get_by_label("按语").fill("看第二段")
    page.get_by_role("button", name="存下按语").click()
    expect(page.locator(".hits .note")).to_have_text("看第二段")


def test_marked_hits_are_gathered(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto("/?q=招商引资")
    for box in page.locator(".hits input").all()[:3]:
        box.check()
    scripts = "plain" not in request.node.name
    page.get_by_role("button", name="处理选中的 3 篇" if scripts else "处理选中的").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("选中的 3 篇")
    page.get_by_label("名称").fill("三篇")
    page.get_by_role("button", name="全部收入").click()
    expect(page.get_by_role("status")).to_contain_text("收入 3 篇")
    expect(page.locator(".hits h2")).to_have_count(3)


def test_words_are_quoted(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto(f"/articles/{RICH}")
    if "plain" in request.node.name:
        expect(page.get_by_role("button", name="摘入卷宗")).to_be_hidden()
        page.get_by_role("link", name="摘句").click()
        page.get_by_label("两市商定").check()
    else:
        page.evaluate(
            """() => { const line = [...document.querySelectorAll(".text p")].find(p => p.textContent.includes("两市商定"));
            getSelection().selectAllChildren(line); }"""
        )
    page.get_by_role("button", name="摘入卷宗").click()
    expect(page.locator(".chosen-words")).to_contain_text("两市商定，飞地园区的税收前五年按四六分成，以后对半。")
    expect(page.locator(".chosen-words a")).to_have_text("第 3 段")


def test_nothing_is_wider_than_the_window(page: Page) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    for path in PATHS:
        if "/capture" in path:
            continue
        page.goto(path)
        # A box laid out past the edge would make the page scroll sideways; `evaluate` works without the page's own scripts too.
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_capture_runs_nothing(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request))
    for path in (f"/articles/{RICH}/capture", f"/api/v1/articles/{RICH}/capture"):
        page.goto(path)
        page.wait_for_timeout(200)
        assert "ran" not in [page.title(), *(frame.title() for frame in page.frames)]
    assert "十二日揭牌" in page.content()
    # What its policy stops never leaves the browser.
    assert {request.failure for request in asked if not request.url.startswith(address)} == {"csp"}
    context.close()


def test_the_keyboard_reaches_the_field_and_the_hits(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/?q=招商引资")
    page.locator(".above").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.href") == page.evaluate(
        "document.querySelectorAll('.hits h3 a')[1].href"
    )
    page.keyboard.press("/")
    expect(page.get_by_label("检索词")).to_be_focused()
    context.close()


def test_the_keyboard_alone_searches_filters_and_opens(browser: Browser, address: str) -> None:
    """Without a pointer and without scripts: what can be pressed can be reached by Tab, in the order in which it is seen, and shows that it is."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/?q=招商引资")
    seen: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            return [e.closest(".facets") ? "facet" : e.closest(".above") ? "order" : e.closest(".hits") ? "hit" :
                e.closest(".away") ? "away" : e.closest(".pages") ? "pages" : e.closest("footer") ? "foot" : "top",
                s.outlineStyle !== "none" || e.matches(".field input")] }"""
        )
        assert where[1], page.evaluate("document.activeElement.outerHTML")
        if not seen or seen[-1] != where[0]:
            seen.append(where[0])
        if where[0] == "foot":
            break
    order = [place for place in seen if place in ("facet", "order", "hit", "pages", "away", "foot")]
    assert order == ["facet", "order", "hit", "pages", "away", "foot"], seen
    context.close()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        ("wide", "light"),
        *(
            pytest.param(*which, marks=pytest.mark.slow)
            for which in (("wide", "dark"), ("phone", "light"), ("phone", "dark"))
        ),
    ],
)
def test_axe_finds_nothing(browser: Browser, address: str, scheme: Any, width: str) -> None:
    w, h = WIDTHS[width]
    context = browser.new_context(
        base_url=address, viewport={"width": w, "height": h}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(f"/articles/{RICH}")
    page.get_by_role("button", name="收入卷宗").click()
    page.wait_for_url("**/dossiers/*")
    for path in [*PATHS, page.url, "/none"]:
        page.goto(path)
        page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = page.evaluate("tags => axe.run({exclude: ['iframe']}, {runOnly: {type: 'tag', values: tags}})", tags)
        faults = [
            (fault["id"], fault["impact"], [node["html"][:120] for node in fault["nodes"][:3]])
            for fault in found["violations"]
        ]
        assert not faults, (path, faults)
    context.close()
