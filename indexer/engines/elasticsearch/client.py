"""How Elasticsearch is reached: addresses, key, certificates, time limits, from the settings."""

from __future__ import annotations

import ssl
from typing import Any

from elasticsearch import Elasticsearch

from crawler.configuration import Settings
from crawler.reasons import describe_error, without_passwords
from indexer.engines.base import EngineUnavailable

TIMEOUT = 30.0  # seconds for one call


def connect(settings: Settings) -> tuple[Elasticsearch, str]:
    """A client for the settings' URL, or for several with commas between, and where that is, without passwords. Nothing is asked yet.

    Raises EngineUnavailable where an address, a key or a certificate cannot be used.
    """
    options: dict[str, Any] = {}
    if settings.engine_api_key:
        options["api_key"] = settings.engine_api_key
    if settings.engine_ca:
        options["ca_certs"] = settings.engine_ca
    if settings.engine_fingerprint:
        options["ssl_assert_fingerprint"] = settings.engine_fingerprint
    where = without_passwords(settings.engine)
    urls = [url.strip() for url in settings.engine.split(",") if url.strip()]
    try:
        if settings.engine_ca:  # the client would read it at the first call, and fail with a traceback
            ssl.create_default_context(cafile=settings.engine_ca)
        client = Elasticsearch(urls, request_timeout=TIMEOUT, max_retries=2, retry_on_timeout=False, **options)
    except (ValueError, OSError) as error:
        raise EngineUnavailable(
            f"不能这样连接 Elasticsearch（{where}，{without_passwords(describe_error(error))}）：检查 ZHAOSHANG_ENGINE、ZHAOSHANG_ENGINE_CA 等设置。"
        ) from error
    return client, where
