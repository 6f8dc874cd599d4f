"""canonicalise: one key a page, stable under repetition, silent on bad input."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.canonical import canonicalise, siblings

THREAD = "http://bbs.example.cn/forum.php?mod=viewthread&tid=120"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Example.CN:80", "http://www.example.cn/"),
        ("https://www.example.cn.:443/a/./b/../c.html#top", "https://www.example.cn/a/c.html"),
        ("http://www.example.cn/../../zwgk/t20240112_1.html", "http://www.example.cn/zwgk/t20240112_1.html"),
        ("http://www.example.cn:8080/a?b=2&a=1", "http://www.example.cn:8080/a?b=2&a=1"),
        ("http://www.example.cn/show.jsp;jsessionid=8F2A.node1?id=7", "http://www.example.cn/show.jsp?id=7"),
        ("http://www.example.cn/a?PHPSESSID=abc&id=7&sid=aB3xY9", "http://www.example.cn/a?id=7"),
        ("http://www.example.cn/gkmlpt/api/all/0?page=2&sid=755034", "http://www.example.cn/gkmlpt/api/all/0?page=2&sid=755034"),
        ("http://www.example.cn/a?id=7&amp;page=1&utm_source=x&from=timeline", "http://www.example.cn/a?id=7&page=1"),
        ("http://www.example.cn/a?from=2020-01-01&print=1&mobile=2", "http://www.example.cn/a?from=2020-01-01"),
        ("http://www.example.cn/%e6%8b%9b%7eb 商?q={a}", "http://www.example.cn/%E6%8B%9B~b%20%E5%95%86?q=%7Ba%7D"),
        ("http://招商.example.cn/", "http://xn--czrx92a.example.cn/"),
        (" //www.example.cn/a ", "//www.example.cn/a"),
        ("mailto:a@example.cn", "mailto:a@example.cn"),
        ("http://[::1", "http://[::1/"),
        ("http://", "http://"),
    ],
)  # fmt: skip
def test_forms(url: str, canonical: str) -> None:
    assert canonicalise(url) == canonical


def test_siblings_are_the_same_page_by_another_name() -> None:
    names = [f"{scheme}://{host}/a?id=7" for scheme in ("http", "https") for host in ("b.cn", "www.b.cn")]
    for name in names:
        assert {name, *siblings(name)} == set(names)
    assert siblings("http://www.b.cn:8080/a") == ["http://b.cn:8080/a"]
    assert siblings("http://127.0.0.1:8080/a") == siblings("mailto:a@b.cn") == []


@pytest.mark.parametrize(
    "address",
    [
        "thread-120-1-1.html",
        "thread-120-1-3.html",
        "forum.php?mod=viewthread&tid=120",
        "forum.php?tid=120&mod=viewthread&extra=page%3D1&page=1",
        "forum.php?mod=viewthread&tid=120&authorid=6&ordertype=1&mobile=no",
        "forum.php?mod=viewthread&action=printable&tid=120&sid=aBc12d",
        "forum.php?mod=viewthread&amp;tid=0120#pid9",
        "archiver/?tid-120.html",
        "archiver/tid-120.html",
    ],
)
def test_a_thread_has_one_key(address: str) -> None:
    assert canonicalise("http://bbs.example.cn/" + address) == THREAD


def test_pages_of_a_thread_differ_and_boards_keep_their_filter() -> None:
    base = "http://bbs.example.cn/x/"
    assert {
        canonicalise(base + a)
        for a in ("thread-120-2-1.html", "archiver/?tid-120.html&page=2", "archiver/tid-120-page-2.html")
    } == {base + "forum.php?mod=viewthread&tid=120&page=2"}
    first = ("forum-36-1.html", "forum-36-0.html", *(f"forum.php?mod=forumdisplay&fid=36&page={n}" for n in ("", 0, 1)))
    assert {canonicalise(base + a) for a in first} == {base + "forum.php?mod=forumdisplay&fid=36"}
    assert canonicalise(base + "forum.php?mod=forumdisplay&fid=36&orderby=dateline&filter=author&page=2&typeid=0") == (
        base + "forum.php?mod=forumdisplay&fid=36&filter=author&orderby=dateline&page=2"
    )
    redirect = base + "forum.php?mod=viewthread&tid=120&goto=lastpost"
    assert canonicalise(redirect) == redirect


pieces = st.sampled_from(
    ["http://", "HTTPS://", "a.cn", "招.cn", ":80", ":", ".", "/", "..", "./", "%2e", "%2F", "%", "%zz", ";jsessionid=1", "?", "&", "&amp;", "amp;", "=",
     "#", "sid=aB3xY9", "utm_a", "thread-1-2-3.html", "forum.php", "mod=viewthread", "tid=07", "archiver/", "tid-3.html", "@", "[", "]", "\\", " ", "\t", "é", "\ud800"]
)  # fmt: skip


@given(
    st.one_of(
        st.text(),
        st.lists(pieces, max_size=14).map("".join),
        st.lists(pieces, max_size=12).map(lambda p: "http://a.cn/" + "".join(p)),
    )
)
@example("http://a.cn/..;jsessionid=1/%2e%2e/b")
@example("http://:80")
@example("http://\ud800/")
@example("http://a.cn?amp;b&am&amp;p;")
def test_idempotent_and_silent(text: str) -> None:
    once = canonicalise(text)
    assert canonicalise(once) == once
    assert "#" not in once or not once.startswith("http")
