"""What a client's error means, and what to do, in one Chinese sentence."""

from __future__ import annotations

import re
from importlib.metadata import version

from elastic_transport import TlsError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    Elasticsearch,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch import ConnectionError as Unreachable

from indexer.engines.base import EngineError, EngineUnavailable, IndexOutdated

REBUILD = "请运行 zhaoshang index --rebuild 重建索引。"
NOT_ONE = "{where} 不是 Elasticsearch，或前面的代理改了它的应答。"
READ_ONLY = "Elasticsearch 的{name}只读，多半是磁盘超过水位：腾出空间，它会自行恢复。"


def explain(error: ApiError | TransportError, where: str) -> EngineError:
    """The error as the operator should read it; `where` is the server's address without credentials."""
    if isinstance(error, TlsError):
        return EngineUnavailable(_of_tls(str(error), where))
    if isinstance(error, ConnectionTimeout):
        return EngineUnavailable(f"Elasticsearch（{where}）没有按时回答：看它是否太忙，稍后再试。")
    if isinstance(error, Unreachable) and where.startswith("http:") and "RemoteDisconnected" in str(error):
        return EngineUnavailable(
            f"Elasticsearch（{where}）一连上就断开：它多半要求 TLS，网址应当以 https:// 开头；或它正在停下。"
        )
    if isinstance(error, Unreachable):
        return EngineUnavailable(
            f"连不上 Elasticsearch（{where}，{_short(error)}）：看它是否在运行、地址和端口对不对。"
        )
    if isinstance(error, UnsupportedProductError):
        return EngineUnavailable(NOT_ONE.format(where=where))
    if isinstance(error, ApiError):
        return _of_api(error, where)
    return EngineUnavailable(f"Elasticsearch（{where}）出错：{_short(error)}")


def _of_tls(text: str, where: str) -> str:
    if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
        return f"Elasticsearch（{where}）那一端没有用 TLS：网址应当以 http:// 开头，或打开它的 TLS。"
    if "ingerprint" in text:
        return f"Elasticsearch（{where}）的证书与 ZHAOSHANG_ENGINE_FINGERPRINT 不符：核对指纹。"
    return f"不信任 Elasticsearch（{where}）的证书（{_short(text)}）：用 ZHAOSHANG_ENGINE_CA 或 ZHAOSHANG_ENGINE_FINGERPRINT 指明。"


def _of_api(error: ApiError, where: str) -> EngineError:
    text = str(error)
    if "media_type_header" in text or "compatible-with" in text:
        return EngineUnavailable(
            f"客户端 elasticsearch {version('elasticsearch')} 与服务器（{where}）版本不合：服务器是 8 时请用客户端 8.19（pip install 'elasticsearch<9'）。"
        )
    if is_read_only(error.status_code, text):
        return EngineUnavailable(READ_ONLY.format(name=f"（{where}）索引"))
    if isinstance(error, AuthenticationException):
        return EngineUnavailable(
            f"Elasticsearch（{where}）不认这个用户名、密码或 API key（401）：检查 ZHAOSHANG_ENGINE 或 ZHAOSHANG_ENGINE_API_KEY。"
        )
    if isinstance(error, AuthorizationException):
        return EngineUnavailable(f"Elasticsearch（{where}）的这个用户没有权限（403）：需要能建立、读写索引与别名。")
    if "strict_dynamic_mapping" in text:
        return IndexOutdated(f"索引的映射是旧版本的。{REBUILD}")
    if error.status_code == 413:
        return EngineUnavailable(
            f"Elasticsearch（{where}）前面的代理不收这么大的请求（413）：把它的上限调到 20 MB 以上。"
        )
    if error.status_code in (429, 502, 503, 504):
        return EngineUnavailable(f"Elasticsearch（{where}）太忙或正在恢复（{error.status_code}）：稍后再试。")
    if not isinstance(error.body, dict):  # a page, where the server tells its errors in JSON
        return EngineUnavailable(NOT_ONE.format(where=where))
    return EngineUnavailable(f"Elasticsearch（{where}）拒绝了请求（{error.status_code}）：{text[:300]}")


def is_read_only(status: int, text: str) -> bool:
    """Whether an answer says that an index takes no writes (429 where the disk is full, else 403), and not that the cluster is still coming up (503)."""
    return status in (403, 429) and "cluster_block" in text


def blocked(client: Elasticsearch, index: str) -> str | None:
    """A sentence where the server has made the index read-only, as it does when the disk passes the flood stage; else None."""
    settings = client.indices.get_settings(index=index, name="index.blocks.*", flat_settings=True).body
    for name, body in settings.items():
        if any(value in ("true", True) for value in body.get("settings", {}).values()):
            return READ_ONLY.format(name=f"索引 {name} ")
    return None


def _short(error: object) -> str:
    text = str(error)
    for word, said in (
        ("refused", "拒绝连接"),
        ("Name or service", "找不到主机"),
        ("getaddrinfo", "找不到主机"),
        ("self-signed", "自签名"),
        ("self signed", "自签名"),
        ("unable to get local issuer", "不知道是谁签发的"),
        ("Hostname mismatch", "证书不是发给这个主机名的"),
        ("IP address mismatch", "证书不是发给这个地址的"),
        ("expired", "已过期"),
    ):
        if word in text:
            return said
    return re.sub(r"//[^/@\s]*@", "//", text)[:200]
