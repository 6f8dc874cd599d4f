"""What the policy says to a single question: which addresses are asked, how often, and what is asked for again."""

from __future__ import annotations

import pytest

from crawler.configuration import load_settings, own_version
from crawler.terminal import Refusal
from crawler.web.address_guard import RefusedAddressError, place_of
from crawler.web.site_policy import SitePolicy, says_when, site_policy

POLICY = SitePolicy(contact="", delay=1.0, version="1.2")
OPEN = SitePolicy(contact="a@example.org", delay=1.0, version="1.2")
EDGE = "http://a.cn/" + "x" * (2_000 - len("http://a.cn/"))


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://a.cn/", None),
        ("https://a.cn:8443/b?c", None),
        (EDGE, None),
        (EDGE + "x", "网址超过 2000 个字符"),
        ("ftp://a.cn/", "不是网页的地址：ftp://a.cn/"),
        ("http:///a", "不是网页的地址：http:///a"),
        ("http://a.cn:0/", "不是网页的地址：http://a.cn:0/"),
        ("http://a.cn:99999/", "不是网页的地址：http://a.cn:99999/"),
        ("http://[::1", "不是网页的地址：http://[::1"),
        ("http://[::1]x/", "不是网页的地址：http://[::1]x/"),
        ("http://[v1.x]/", "不是网页的地址：http://[v1.x]/"),
        ("http://.../", "不是网页的地址：http://.../"),
        ("http://a..cn/", "不是网页的地址：http://a..cn/"),
        (f"http://{64 * 'a'}.cn/", f"不是网页的地址：http://{64 * 'a'}.cn/"),
        ("http://a.cn./", None),
        ("http://a_b.cn/", None),
        ("http://[2001:db8::1]:81/", None),
        ("javascript:" + 300 * "x", "不是网页的地址：javascript:" + 189 * "x"),
    ],
)
def test_only_addresses_of_pages_are_asked(url: str, fault: str | None) -> None:
    assert POLICY.address_fault(url) == fault


def test_without_a_contact_only_loopback_is_asked() -> None:
    assert POLICY.needs_contact("http://a.cn/") and not POLICY.needs_contact("http://127.0.0.1:8000/")
    assert not OPEN.needs_contact("http://a.cn/")


@pytest.mark.parametrize(("asked", "seconds"), [(None, 0.0), (0.0, 0.0), (3.5, 3.5), (60.0, 60.0), (61.0, 60.0)])
def test_a_delay_counts_up_to_a_minute(asked: float | None, seconds: float) -> None:
    assert POLICY.crawl_delay(asked) == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 504, 522, 524, 408])
def test_errors_that_pass_are_asked_again_unless_the_server_says_when(status: int) -> None:
    assert POLICY.asks_again(status, {})
    assert POLICY.asks_again(status, {"retry-after": "9"}) == (status == 408)


@pytest.mark.parametrize("status", [200, 304, 403, 404, 429, 501])
def test_what_will_not_pass_is_not_asked_again(status: int) -> None:
    assert not POLICY.asks_again(status, {})


def test_a_server_says_when_only_with_an_error_of_its_own() -> None:
    assert says_when(500, "9") and says_when(503, b"9")
    assert not says_when(499, "9") and not says_when(503, "") and not says_when(503, None)


def test_the_policy_is_the_operators_and_the_program_names_itself() -> None:
    policy = site_policy(load_settings(contact="b@example.org", delay=2.5))
    assert (policy.contact, policy.delay, policy.version) == ("b@example.org", 2.5, own_version())
    assert POLICY.user_agent == "zhaoshang/1.2" and OPEN.user_agent == "zhaoshang/1.2 (+a@example.org)"
    assert POLICY.headers == {
        "Accept": POLICY.accept,
        "Accept-Language": POLICY.accept_language,
        "Accept-Encoding": POLICY.accept_encoding,
    }


def test_the_operators_settings_make_the_policy() -> None:
    hosts = "oa.example.cn, 10.0.0.5:8080"
    policy = site_policy(load_settings(contact="a@b.cn", delay=2.5, private_hosts=hosts, proxy="http://10.0.0.9:3128/"))
    assert (policy.contact, policy.delay, policy.proxy) == ("a@b.cn", 2.5, "http://10.0.0.9:3128")
    assert policy.private_hosts == {"oa.example.cn", "10.0.0.5:8080"}
    wrong = "招" * 64
    with pytest.raises(Refusal) as refused:
        site_policy(load_settings(private_hosts=wrong * 4))
    assert str(refused.value) == f"ZHAOSHANG_PRIVATE_HOSTS 里有不是主机名的：{(wrong * 4)[:200]}"


def test_a_proxy_is_asked_for_sites_and_not_for_hosts_that_the_operator_named() -> None:
    policy = SitePolicy("a@b.cn", 1.0, "1.2", private_hosts=frozenset({"10.0.0.5"}), proxy="http://p.cn:3128")
    assert policy.proxy_for("http://a.cn/") == "http://p.cn:3128"
    assert policy.proxy_for("http://127.0.0.1:8000/") is None and policy.proxy_for("http://10.0.0.5/a") is None
    assert OPEN.proxy_for("http://a.cn/") is None


def test_private_addresses_are_asked_where_the_operator_named_them() -> None:
    guard = SitePolicy("", 1.0, "1.2", private_hosts=frozenset({"10.0.0.5"})).guard(frozenset({"10.0.0.6"}))
    guard.check_spelled(place_of("http://10.0.0.5/"))
    guard.check_spelled(place_of("http://10.0.0.6/"))
    with pytest.raises(RefusedAddressError):
        guard.check_spelled(place_of("http://10.0.0.7/"))
