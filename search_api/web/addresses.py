"""Addresses of clients and of this server: peers, trusted proxies, Host names, and the web address under which the server is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from crawler.configuration import ConfigurationError, Settings

_LOCAL_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_IP = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks. `address` is '' where it is not known; an IPv6 client is its /64, since one client has them all."""

    address: str
    local: bool  # on this machine, and no proxy in between says otherwise
    tls: bool  # the request reached us, or the trusted proxy, by TLS
    proxied: bool  # by a trusted proxy


class Addresses:
    """What the settings say of names and proxies. Raises ConfigurationError."""

    def __init__(self, settings: Settings) -> None:
        self._listens_locally = is_local(settings.host)
        self.public = [_origin(text) for text in _listed(settings.address)]
        self.proxies = [_network(text) for text in _listed(settings.proxies)]
        self._names = {_host_of(address) for address in self.public} | {settings.host.lower()}
        if settings.user_header and not self.proxies:
            raise ConfigurationError("设置有误：USER_HEADER 只在写明 PROXIES（哪些代理可信）时才有意义")

    @cached_property
    def only_local(self) -> bool:
        """Whether the settings mean this for the reader at this machine alone."""
        return self._listens_locally and not self.proxies and all(is_local(_host_of(a)) for a in self.public)

    def client(self, scope: Scope) -> Client:
        """The peer, or the client that a trusted proxy names: the rightmost forwarded address that is not a trusted proxy's."""
        headers, peer = Headers(scope=scope), _peer(scope)
        if peer is not None and self._is_proxy(peer):
            hops = [hop.strip() for value in headers.getlist("x-forwarded-for") for hop in value.split(",")]
            named = peer
            for hop in reversed(hops):
                found = _address(hop)
                if found is None:
                    break
                named = found
                if not self._is_proxy(found):
                    break
            protocol = headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
            return Client(_counted(named), local=False, tls=protocol == "https", proxied=True)
        local = peer is not None and peer.is_loopback and not any(name in headers for name in _FORWARDED)
        return Client(_counted(peer), local=local, tls=scope.get("scheme") == "https", proxied=False)

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names us: a page on another site whose name was made to lead here is no reader of ours."""
        name = _host_of(f"//{host}")
        if not name:
            return False
        if name in self._names and name not in ("0.0.0.0", "::"):
            return True
        if name in _LOCAL_NAMES:
            return True
        address = _address(name)
        # An address is no name that could be led elsewhere; but beyond loopback we only answer to where we listen.
        return address is not None and (address.is_loopback or not self._listens_locally)

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Whether a page of this origin is ours: it has the Host of the request, or is a web address of the settings."""
        return urlsplit(origin).netloc.lower() == host.lower() or origin.lower() in self.public

    def base(self, scope: Scope) -> str:
        """Our web address in links that are taken away: of the settings, else of the socket; never what the client called us."""
        if self.public:
            return self.public[0]
        host, port = (scope.get("server") or ("127.0.0.1", None))[:2]
        default = {"http": 80, "https": 443}.get(scope.get("scheme", "http"))
        shown = f"[{host}]" if ":" in str(host) else host
        return f"{scope.get('scheme', 'http')}://{shown}" + (f":{port}" if port and port != default else "")

    def _is_proxy(self, address: _IP) -> bool:
        return any(address in network for network in self.proxies)


def is_local(host: str) -> bool:
    """Whether a name or an address is of loopback."""
    address = _address(host.strip("[]"))
    return address.is_loopback if address is not None else host.lower() in _LOCAL_NAMES


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _origin(text: str) -> str:
    parts = urlsplit(text)
    try:
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = None
    if not known or parts.path.strip("/") or parts.query:
        raise ConfigurationError(f"设置有误：ADDRESS 应为网址，如 https://wenku.example.org，而不是 {text!r}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text)
    except ValueError:
        raise ConfigurationError(
            f"设置有误：PROXIES 应为地址或网段，如 127.0.0.1,10.0.0.0/24，而不是 {text!r}"
        ) from None
    if network.prefixlen == 0:
        raise ConfigurationError(f"设置有误：PROXIES 不能是所有地址（{text}）：谁都可以冒充代理")
    return network


def _host_of(address: str) -> str:
    """'' also for what has no port where one is written: of `127.0.0.1:80.evil.example` the front alone is an address of ours."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").rstrip(".") if parts.port != 0 else ""
    except ValueError:
        return ""


def _address(text: str) -> _IP | None:
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _peer(scope: Scope) -> _IP | None:
    client = scope.get("client")
    return _address(str(client[0])) if client else None


def _counted(address: _IP | None) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), 64), strict=False)) if not address.is_loopback else str(address)
    return str(address or "")


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value, '' for none."""
    return headers.get(name, "").strip() if name else ""
