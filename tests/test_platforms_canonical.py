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
        ("\x00\x1f http://www.example.cn/a!\x7f \x1f", "http://www.example.cn/a!%7F"),
        ("http://www.example.cn/X", "http://www.example.cn/X"),
        ("http://www.example.cn/! ", "http://www.example.cn/!"),
        ("mailto:a@example.cn", "mailto:a@example.cn"),
        ("http://[::1", "http://[::1/"),
        ("http://", "http://"),
    ],
)  # fmt: skip
def test_forms(url: str, canonical: str) -> None:
    assert canonicalise(url) == canonical


@pytest.mark.parametrize(
    ("rest", "canonical"),
    [
        # host and port
        ("A.cn:0080/b", "a.cn/b"),
        ("a.cn:/b", "a.cn/b"),
        ("a.cn:443/b", "a.cn:443/b"),
        ("User:Pass@A.cn:81/b", "User:Pass@a.cn:81/b"),
        ("a@b@C.cn/", "a@b@c.cn/"),
        ("a.cn../b", "a.cn/b"),
        ("招.CN./", "xn--otu.cn/"),
        ("招.CN。/", "xn--otu.cn/"),
        ("招" * 64 + ".CN/", "%e6%8b%9b" * 64 + ".cn/"),  # no such name can be registered
        ("[::1]:80/", "[::1]/"),
        ("//a.cn/b", "a.cn/b"),
        # dot segments
        ("a.cn/b/.", "a.cn/b/"),
        ("a.cn/b/..", "a.cn/"),
        ("a.cn/b/c/..", "a.cn/b/"),
        ("a.cn/b/../../c", "a.cn/c"),
        ("a.cn/.b/..c/d.", "a.cn/.b/..c/d."),
        ("a.cn/b//./c", "a.cn/b//c"),
        ("a.cn/b\\c", "a.cn/b/c"),
        # escapes
        ("a.cn/%41%7e%2f%e9", "a.cn/A~%2F%E9"),
        ("a.cn/100%/%4/%zz/%2", "a.cn/100%25/%254/%25zz/%252"),
        ("a.cn/é\ud800", "a.cn/%C3%A9%ED%A0%80"),
        ("a.cn/a:b@c!d$e&f'g(h)i*j+k,l;m=n", "a.cn/a:b@c!d$e&f'g(h)i*j+k,l;m=n"),
        ("a.cn/?a=b?c/d", "a.cn/?a=b?c/d"),
        ("a.cn/\tb\r\n", "a.cn/b"),
        # sessions, tracking, what is the same page
        ("a.cn/b;JSESSIONID=1/c;phpsessid=2;d=3", "a.cn/b/c;d=3"),
        ("a.cn/b;sessionid=1?c", "a.cn/b?c"),
        ("a.cn/?", "a.cn/"),
        ("a.cn/?&&b=&c", "a.cn/?b=&c"),
        ("a.cn/?b=1&AMP;amp;c=2", "a.cn/?b=1&c=2"),
        ("a.cn/?UTM_x=1&utm=2&ASPSESSIONIDabc=3&asp.net_sessionid=4&spm=5=6", "a.cn/?utm=2"),
        ("a.cn/?s=0123456789abcdef0123456789abcdef&S=abc", "a.cn/?S=abc"),
        ("a.cn/?sid=12345678901234567&sid=a2345678901234567&SID=abcdef", "a.cn/?sid=12345678901234567"),
        ("a.cn/?from=app&from=app2&mobile=&mobile=4&print=yes&print=2", "a.cn/?from=app2&mobile=4&print=2"),
        ("a.cn/?from=x=app", "a.cn/?from=x=app"),
        # numbers made up for every visit, and what only looks like one
        ("a.cn/a.html?t=1790000000000", "a.cn/a.html"),
        ("a.cn/a.shtml?1790000000000", "a.cn/a.shtml"),
        ("a.cn/a.html?v=20260301&r=58213", "a.cn/a.html"),
        ("a.cn/a.html?id=1790000000000&v=7", "a.cn/a.html?id=1790000000000&v=7"),
        ("a.cn/a?id=3&_=17&RAND=x&noCache=1", "a.cn/a?id=3"),
        ("a.cn/a?v=0.4573829&id=3&m=0.7364528192837461", "a.cn/a?id=3"),
        ("a.cn/a?id=3&t=20260301103000&ts=637765432100000000&timestamp=7", "a.cn/a?id=3"),
        ("a.cn/a?id=3&t=Mon%20Mar%2001%202026%2010:00:00&time=2026-03-01%2010:00", "a.cn/a?id=3"),
        ("a.cn/s?__biz=M&mid=2&idx=1&sn=ab&chksm=f0", "a.cn/s?__biz=M&mid=2&idx=1&sn=ab"),
        ("a.cn/a?t=12&v=123&r=site/view&d=5&q=0.5", "a.cn/a?t=12&v=123&r=site/view&d=5&q=0.5"),
        ("a.cn/a?t=20260301&date=2026-03-01&id=20260301103000", "a.cn/a?t=20260301&date=2026-03-01&id=20260301103000"),
        ("a.cn/show.jsp?1790000000000", "a.cn/show.jsp?1790000000000"),
        # Discuz!
        ("a.cn/thread-007-01-1.htm", "a.cn/forum.php?mod=viewthread&tid=7"),
        ("a.cn/thread-0-00-1.html", "a.cn/forum.php?mod=viewthread&tid=0"),
        ("a.cn/x/thread-7-2-1.html?b=1", "a.cn/x/forum.php?mod=viewthread&tid=7&page=2"),
        ("a.cn/forum-7-02.html?b=1", "a.cn/forum.php?mod=forumdisplay&fid=7&page=2"),
        ("a.cn/forum.php?mod=viewthread&tid=1&tid=2", "a.cn/forum.php?mod=viewthread&tid=1"),
        ("a.cn/forum.php?mod=viewthread&tid=x", "a.cn/forum.php?mod=viewthread&tid=x"),
        ("a.cn/forum.php?mod=viewthread&fid=7", "a.cn/forum.php?mod=viewthread&fid=7"),
        ("a.cn/forum.php?mod=viewthread&tid=7&page=x", "a.cn/forum.php?mod=viewthread&tid=7"),
        ("a.cn/forum.php?mod=viewthread&tid=7&page=03&b", "a.cn/forum.php?mod=viewthread&tid=7&page=3"),
        ("a.cn/forum.php?mod=forumdisplay&tid=7", "a.cn/forum.php?mod=forumdisplay&tid=7"),
        ("a.cn/forum.php?mod=forumdisplay&fid=x", "a.cn/forum.php?mod=forumdisplay&fid=x"),
        ("a.cn/forum.php?mod=forumdisplay&fid=07&typeid=&digest=1&page=3&b=2", "a.cn/forum.php?mod=forumdisplay&fid=7&digest=1&page=3"),
        ("a.cn/forum.php?mod=redirect&tid=7", "a.cn/forum.php?mod=redirect&tid=7"),
        ("a.cn/forum.php?mod=viewthread&tid=7&goto=a=b", "a.cn/forum.php?mod=viewthread&tid=7&goto=a=b"),
        ("a.cn/forum.php?fid=7&b", "a.cn/forum.php?fid=7&b"),
        ("a.cn/viewthread.php?page=2&tid=07&b=1", "a.cn/viewthread.php?tid=7&page=2"),
        ("a.cn/viewthread.php?tid=7&goto=lastpost", "a.cn/viewthread.php?tid=7&goto=lastpost"),
        ("a.cn/viewthread.php?tid=x&b", "a.cn/viewthread.php?tid=x&b"),
        ("a.cn/viewthread.php?b", "a.cn/viewthread.php?b"),
        ("a.cn/x/archiver/index.php?tid-7-page-3.html", "a.cn/x/forum.php?mod=viewthread&tid=7&page=3"),
        ("a.cn/archiver/tid-7-page-3.html?page=4", "a.cn/forum.php?mod=viewthread&tid=7&page=4"),
        ("a.cn/archiver/?tid-7-page-3.html&page=4", "a.cn/forum.php?mod=viewthread&tid=7&page=4"),
        ("a.cn/archiver/?fid-7.html", "a.cn/archiver/?fid-7.html"),
        ("a.cn/archiver/", "a.cn/archiver/"),
    ],
)  # fmt: skip
def test_parts_of_an_address(rest: str, canonical: str) -> None:
    assert canonicalise(f"http://{rest}") == f"http://{canonical}"


@pytest.mark.parametrize(
    ("key", "others"),
    [
        ("http://a.cn/b?c=http://d.cn/", ["http://www.a.cn/b?c=http://d.cn/", "https://a.cn/b?c=http://d.cn/", "https://www.a.cn/b?c=http://d.cn/"]),
        ("http://a.cn", ["http://www.a.cn", "https://a.cn", "https://www.a.cn"]),
        ("https://www.a.cn:8443/b:c", ["https://a.cn:8443/b:c"]),
        ("http://localhost/b", ["https://localhost/b"]),
        ("http://10.0.0.1/b.c", ["https://10.0.0.1/b.c"]),
        ("http://[2001:db8::1]/", []),
        ("ftp://a.cn/", []),
    ],
)  # fmt: skip
def test_names_under_which_a_page_may_be_known(key: str, others: list[str]) -> None:
    assert siblings(key) == others


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
