"""Addresses on a page are resolved as urljoin resolves them, also where they take the short way."""

from __future__ import annotations

from itertools import product
from urllib.parse import urljoin

import pytest

from crawler.web.resolve_url import resolve

BASES = ("http://qinghe.example/zs/2024/1.html?p=/2", "https://qinghe.example", "HTTP://Qinghe.example:81/a//b/../c/", "file:///zs/1.html", "")  # fmt: skip
REFERENCES = (
    "http://a.example/b.jpg", "https://a.example", "https://a.example/b/../c?x=招商&y=/../#z", "http://a.example/b?", "http://a.example/b#",
    "http://a.example/b;", "HTTP://a.example/b", "//a.example/b.jpg", "//a.example/b?", "///b", "/b.jpg", "/b/../c.jpg", "/b//c.jpg", "b.jpg", "./b.jpg",
    "../b.jpg", "../../../../b.jpg", "b/", "b?x=1", "b?", "?x=1", "#z", "", ".", "..", "b/..", "b/..c", "b:c", "b;c", "招商.html", "b c.jpg", "mailto:b@c",
)  # fmt: skip


@pytest.mark.parametrize(("base", "reference"), [*product(BASES, REFERENCES)])
def test_an_address_means_what_urljoin_says(base: str, reference: str) -> None:
    assert resolve(base, reference) == urljoin(base, reference)


def test_what_is_no_address_is_told() -> None:
    for base, reference in (("http://qinghe.example/", "http://[a/b"), ("http://[a/", "b.html")):
        with pytest.raises(ValueError):
            resolve(base, reference)
