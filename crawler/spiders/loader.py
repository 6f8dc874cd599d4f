"""Scrapy's spider loader over the registry: one spider class a source, made on demand."""

from __future__ import annotations

import warnings
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from crawler.configuration import settings as own_settings
from crawler.sources import Source, read_registry
from crawler.spiders.site_spider import SiteSpider
from crawler.web import legacy_tls, rendering

_RENDERED = "crawler.middlewares.rendered_download.RenderedDownloadHandler"


class RegistrySpiderLoader:
    """`scrapy list` and `scrapy crawl NAME` see every source of the registry, enabled or not."""

    def __init__(self) -> None:
        self._sources, faults = read_registry(own_settings())
        for fault in faults:
            warnings.warn(str(fault), stacklevel=2)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls()

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of a source. Raises KeyError where there is no such source."""
        try:
            return spider_of(self._sources[spider_name])
        except KeyError:
            raise KeyError(f"没有名为 {spider_name} 的来源") from None

    def list(self) -> list[str]:
        return list(self._sources)

    def find_by_request(self, request: Request) -> __builtins__.list[str]:
        return [name for name, source in self._sources.items() if source.allows(request.url)]


def spider_of(source: Source) -> type[SiteSpider]:
    """A spider class for one source: Scrapy knows a spider by its class."""
    return type(
        f"SiteSpider_{source.name}",
        (SiteSpider,),
        {
            "name": source.name,
            "source": source,
            "start_urls": source.start_urls,
            "custom_settings": _settings_of(source),
        },
    )


def _settings_of(source: Source) -> dict[str, Any]:
    """What Scrapy does differently for one source."""
    changed: dict[str, Any] = {}
    if source.tls == "legacy":
        changed |= {"DOWNLOAD_TLS_MIN_VERSION": legacy_tls.LEAST, "DOWNLOADER_CLIENT_TLS_CIPHERS": legacy_tls.CIPHERS}
    if source.render:
        handlers = {**dict.fromkeys(("http", "https"), _RENDERED), **dict.fromkeys(("data", "file", "ftp", "s3"))}
        changed |= {"DOWNLOAD_HANDLERS": handlers, "PLAYWRIGHT_LAUNCH_OPTIONS": rendering.launch_options()}
    return changed
