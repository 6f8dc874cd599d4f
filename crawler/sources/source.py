"""Source: one site that is crawled, as its TOML file states it. Facts only; when it was reached, and with what result, is state in the archive."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from crawler.reasons import describe_error, fault_reason
from crawler.web.address_guard import place_of

Kind = Literal["government", "news", "forum"]
SpiderName = Literal["portal", "forum", "feed"]


class SourceError(Exception):
    """A source's file is wrong: `file`, `key` (dotted, '' where the whole file is meant) and `reason`, one line."""

    def __init__(self, file: Path | str, key: str, reason: str) -> None:
        super().__init__("：".join(part for part in (str(file), key, reason) if part))
        self.file, self.key, self.reason = Path(file), key, reason


def _web_address(value: str) -> str:
    try:
        place_of(value)
        fit = not any(c.isspace() for c in value)
    except ValueError:
        fit = False
    if not fit:
        raise ValueError("应为 http:// 或 https:// 开头的完整网址")
    return value


def _host_name(value: str) -> str:
    if not re.fullmatch(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d+)?", value):
        raise ValueError("应为小写主机名，可带端口，不带协议和路径")
    return value


def _platform(value: str) -> str:
    from crawler.platforms.registry import systems  # few sources name one, and knowing them takes a while

    if value not in systems():
        raise ValueError(f"应为发布系统的名称：{'、'.join(systems())}")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
HostName = Annotated[str, AfterValidator(_host_name)]
PlatformName = Annotated[str, AfterValidator(_platform)]
_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)


class Budget(BaseModel):
    """What one visit may cost at most."""

    model_config = _STRICT

    pages: int = Field(
        default=500, ge=1, description="requests a visit, lists and articles together, without robots.txt"
    )
    minutes: float = Field(default=30.0, gt=0)


class Selectors(BaseModel):
    """CSS selectors, only for a site whose lists or articles are not understood without."""

    model_config = _STRICT

    entries: str = Field(default="", description="the links (a) to articles in a list")
    next: str = Field(default="", description="the link (a) to the next page of a list")
    title: str = Field(default="", description="the title in an article")
    date: str = Field(default="", description="the publication date in an article")
    body: str = Field(default="", description="the body of an article")


class Source(BaseModel):
    """One site. `region` is a GB/T 2260 adcode; `seen_in` says where the address was seen and when."""

    model_config = _STRICT

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)
    title: str = Field(min_length=1)
    kind: Kind
    region: str = Field(pattern=r"^[1-9]\d{5}$")
    start_urls: list[WebAddress] = Field(min_length=1)
    seen_in: str = Field(min_length=1)
    spider: SpiderName | None = Field(
        default=None, description="empty: forum for kind forum, else found out from the page"
    )
    platform: PlatformName | None = None
    gate: bool = Field(default=True, description="false: wholly on the subject, every article is kept")
    since: date | None = Field(default=None, description="how far back history is wanted")
    allowed_hosts: list[HostName] = Field(
        default_factory=list, description="other hosts whose articles belong to it; a leading dot takes subdomains"
    )
    expected: int = Field(default=1, ge=0, description="entries that its lists show on any night, at least")
    budget: Budget = Field(default_factory=Budget)
    selectors: Selectors | None = None
    group: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9_.-]*)?$",
        max_length=80,
        description="sources with the same name here are never visited at once: sites behind one server",
    )
    render: bool = Field(
        default=False, description="true: its pages are shown in a browser, and what its scripts made of them is read"
    )
    reviewed: list[str] = Field(
        default_factory=list, description="marks of alarms about how it is read that a person looked at and put away"
    )
    tls: Literal["legacy"] | None = Field(
        default=None, description="legacy: TLS 1.0 and 1.1 and their ciphers may be spoken"
    )

    @property
    def spider_name(self) -> SpiderName:
        """The spider that crawls it."""
        return self.spider or ("forum" if self.kind == "forum" else "portal")

    @property
    def sites(self) -> frozenset[str]:
        """The sites of its start URLs, as `site_of` names them: one request at a time goes to each."""
        return frozenset(site_of(url) for url in self.start_urls)

    @property
    def groups(self) -> frozenset[str]:
        """What is visited once at a time: its sites, and what its file names as its group."""
        return self.sites | ({f"group {self.group}"} if self.group else frozenset())

    def allows(self, url: str) -> bool:
        """Whether a page at `url` may belong to the source: on a site of its own, with or without www., or on an allowed host."""
        site = site_of(url)
        if _bare(site) in {_bare(own) for own in self.sites}:
            return True
        host = site.partition(":")[0]
        return any(
            (site if ":" in allowed else host).endswith(allowed) if allowed.startswith(".") else allowed in (site, host)
            for allowed in self.allowed_hosts
        )


def site_of(url: str) -> str:
    """host[:port] of an http(s) URL, lower case, without a default port; '' where there is no host."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return f"{host}:{port}" if port and port != {"http": 80, "https": 443}.get(parts.scheme) else host


def _bare(site: str) -> str:
    return site.removeprefix("www.")


_ADAPTER = TypeAdapter(Source)


def parse_source(data: dict[str, Any], file: Path | str) -> Source:
    """The source that a TOML file's table states. Raises SourceError with the first fault, named by `file`."""
    try:
        return _ADAPTER.validate_python(data)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise SourceError(file, key, _reason(fault)) from error


def _reason(fault: Any) -> str:
    if fault["type"] == "string_pattern_mismatch":
        key = fault["loc"][-1]
        expected = "应为六位行政区划代码" if key == "region" else "应由小写字母、数字和 - _ . 组成"
        return f"{expected}，而不是 {fault['input']!r}"
    if fault["type"] == "date_type":
        return "应为日期，写作 2024-01-31，不加引号"
    if fault["type"] == "value_error":
        return f"{describe_error(fault['ctx']['error'])}，而不是 {fault['input']!r}"
    return fault_reason(fault)
