"""One request and its answer, over a connection to a checked address. Headers and body must both arrive before the deadline."""

from __future__ import annotations

import base64
import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from crawler.web.address_guard import IPAddress, Place, place_of
from crawler.web.site_policy import SitePolicy

_LINE = 65_536  # bytes


class Request(NamedTuple):
    """What is asked: `url` as it is sent, `body` None where there is none."""

    url: str
    method: str
    body: bytes | None
    headers: Mapping[str, str]


class HeadersTooLongError(http.client.HTTPException):
    """The headers of an answer exceed the limit."""


class _Stream(io.RawIOBase):
    """What comes over a socket until the deadline, `most_head` bytes at most until `has_head` is set."""

    def __init__(self, sock: socket.socket, deadline: float, most_head: int) -> None:
        self._sock, self._deadline, self._left, self.has_head = sock, deadline, most_head, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(time_left(self._deadline))
        count = self._sock.recv_into(buffer)
        if not self.has_head:
            self._left -= count
            if self._left < 0:
                raise HeadersTooLongError
        return count


class _Socket:
    """A connected socket as `http.client` uses one; answers are read through `stream`."""

    def __init__(self, sock: socket.socket, deadline: float, policy: SitePolicy) -> None:
        self._sock, self._deadline = sock, deadline
        self.stream = _Stream(sock, deadline, policy.most_header_bytes)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self.stream)

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(time_left(self._deadline))
        self._sock.sendall(data)

    def close(self) -> None:
        """Nothing: `http.client` closes its connection before the answer is read, and who opened it closes it."""


def time_left(deadline: float) -> float:
    """Seconds until a deadline of `time.monotonic`. Raises TimeoutError where it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@contextmanager
def exchange(
    request: Request,
    addresses: Sequence[IPAddress],
    policy: SitePolicy,
    deadline: float,
    *,
    tls: ssl.SSLContext | None = None,
) -> Iterator[http.client.HTTPResponse]:
    """The answer to a request, its body not read yet. `addresses` are those of the host, or of the proxy where the policy has one for it; `tls` takes
    the place of the policy's, which checks no certificate.

    Raises OSError (TimeoutError after the deadline, of `time.monotonic`) and http.client.HTTPException, also while the body is read.
    """
    parts, place, proxy = urlsplit(request.url), place_of(request.url), policy.proxy_for(request.url)
    netloc, host = parts.netloc.rpartition("@")[2], parts.hostname or ""
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    headers = {"Host": netloc, "Connection": "close", **request.headers}
    sock = _connected(addresses, place_of(proxy).port if proxy else place.port, deadline)
    with ExitStack() as closing:
        closing.callback(lambda: sock.close())
        if proxy and parts.scheme == "https":
            _tunnel(_Socket(sock, deadline, policy), place, _authorization(proxy))
        elif proxy:
            target, headers = f"http://{netloc}{target}", headers | _authorization(proxy)
        if parts.scheme == "https":
            sock.settimeout(time_left(deadline))
            sock = (tls or _tls(policy)).wrap_socket(sock, server_hostname=host)
        connection = http.client.HTTPConnection(host, place.port)
        wrapped = _Socket(sock, deadline, policy)
        connection.sock = wrapped
        connection.request(request.method, target, request.body, headers)
        with connection.getresponse() as response:
            wrapped.stream.has_head = True
            yield response


def _authorization(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}


def _connected(addresses: Sequence[IPAddress], port: int, deadline: float) -> socket.socket:
    """A connection to the first of the addresses that takes one. Raises the OSError of the last that did not."""
    fault: OSError = OSError("no address")
    for address in addresses:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(time_left(deadline))
            sock.connect((str(address), port))
        except OSError as error:
            sock.close()
            fault = error
        else:
            return sock
    raise fault


def _tunnel(sock: _Socket, place: Place, headers: Mapping[str, str]) -> None:
    """Has the proxy connect to a host. Raises OSError where it does not."""
    host = f"[{place.host}]" if ":" in place.host else place.host
    lines = [f"CONNECT {host}:{place.port} HTTP/1.1", f"Host: {host}:{place.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    stream = io.BufferedReader(sock.stream, 1)  # byte by byte: what follows the headers belongs to TLS
    status = stream.readline(_LINE).split(b" ")
    while stream.readline(_LINE) not in (b"\r\n", b"\n", b""):
        pass
    if len(status) < 2 or status[1] != b"200":
        said = status[1].decode("latin-1").strip() if len(status) > 1 else "没有回答"
        raise OSError(f"代理没有接通 {host}:{place.port}（{said}）")


def _tls(policy: SitePolicy) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.options |= 0x4  # OP_LEGACY_SERVER_CONNECT, as Scrapy sets it
    context.set_ciphers(policy.tls_ciphers)
    if policy.legacy_tls:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context
