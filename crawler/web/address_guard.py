"""Which addresses may be asked: public ones, and the hosts that the operator named. A name is resolved once, checked, and connected to as checked.

What a page, a redirect or a name server says must not lead a request to this machine or into the network that it stands in.
"""

from __future__ import annotations

import csv
import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"http": 80, "https": 443}
_BRACKETED = re.compile(r"\[[^\[\]]+\](?::\d*)?")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that IANA has given out of IPv6


class RefusedAddressError(Exception):
    """A host must not be asked, for the address that it has; the message is one line: what, why, what to do."""


class Place(NamedTuple):
    """A host as it is resolved and compared (lower case, IDNA, an IPv4 address in its usual spelling, no final dot) and the port."""

    host: str
    port: int


class _Network(NamedTuple):
    network: ipaddress.IPv4Network | ipaddress.IPv6Network
    said: str


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """`named`: hosts that may have any address, as `host` (all ports), `host:port`, or `.host` (all below it)."""

    named: frozenset[str] = frozenset()

    def is_named(self, place: Place) -> bool:
        if {place.host, _with_port(place)} & self.named:
            return True
        return any(name.startswith(".") and place.host.endswith(name) for name in self.named)

    def check(self, place: Place, addresses: Iterable[IPAddress]) -> None:
        """Raises RefusedAddressError where one of the addresses of a host is not public and nobody named the host."""
        if self.is_named(place):
            return
        for address in addresses:
            if said := why_not_public(address):
                spelled = "" if str(address) == place.host else f"，解析为 {address}"
                raise RefusedAddressError(
                    f"{place.host}{spelled}：{said}，不访问；要采内网的网站，把主机名写进 ZHAOSHANG_PRIVATE_HOSTS"
                )

    def check_spelled(self, place: Place) -> None:
        """The same of what can be told from the host alone, where a proxy resolves the names. Raises RefusedAddressError."""
        address = address_in(place.host)
        if _is_local_name(place.host):
            address = ipaddress.IPv4Address("127.0.0.1")
        self.check(place, [address] if address else [])


def place_of(url: str) -> Place:
    """The host and port of an http(s) address. Raises ValueError where there is none, or none that can be resolved: empty labels, labels of more than 63
    characters, brackets around anything but an IPv6 address."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    bracketed = _BRACKETED.fullmatch(place)
    if not parts.hostname or parts.scheme not in _PORTS or (bracketed is None and not set("[]").isdisjoint(place)):
        raise ValueError(f"no host to ask: {url[:200]}")
    host = host_key(parts.hostname)
    if bracketed:
        ipaddress.IPv6Address(host)
    elif host.encode("idna") == b"":
        raise ValueError(f"no host to ask: {url[:200]}")
    return Place(host, parts.port or _PORTS[parts.scheme])


def names_of(urls: Iterable[str]) -> frozenset[str]:
    """The hosts that an operator allows by writing these addresses. This machine and IP addresses are allowed on all ports; a host name, whose
    address others control, only on its port.

    The usual ports of http and https count as one.
    """
    names: set[str] = set()
    for place in map(place_of, urls):
        if _is_local_name(place.host) or address_in(place.host):
            names.add(place.host)
            continue
        ports = set(_PORTS.values()) if place.port in _PORTS.values() else {place.port}
        names |= {_with_port(place._replace(port=port)) for port in ports}
    return frozenset(names)


def parse_hosts(text: str) -> frozenset[str]:
    """The hosts of a setting: parted by commas or spaces, each as `AddressGuard.named` has it."""
    names = set()
    for entry in re.split(r"[\s,，、]+", text.strip()):
        host, colon, port = entry.rpartition(":")
        if colon and port.isdigit() and (":" not in host or host.endswith("]")):
            names.add(_with_port(Place(host_key(host), int(port))))
        elif entry:
            names.add(host_key(entry))
    return frozenset(names)


@lru_cache(maxsize=1024)
def host_key(host: str) -> str:
    """A host as it is resolved and compared: lower case, IDNA, no final dot, no brackets; other spellings of an IPv4 address as 1.2.3.4."""
    host = host.strip("[]").lower().rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()
    address = address_in(host)
    return str(address) if address else host


def address_in(host: str) -> IPAddress | None:
    """The address that a host is, in any spelling that resolvers take: 127.1, 2130706433, 0x7f.0.0.1, 0177.0.0.1; None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if not re.fullmatch(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}", host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def why_not_public(address: IPAddress) -> str | None:
    """What an address is that is not one of the public internet, in words; None for a public one."""
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
        address = ipaddress.IPv6Address(int(address))
    if said := next((special.said for special in _special() if address in special.network), None):
        return said
    return "保留地址" if address.version == 6 and address not in _GLOBAL_UNICAST else None


def resolve(host: str) -> tuple[IPAddress, ...]:
    """The addresses of a host, each once, in the order in which they are to be tried. Raises OSError where it has none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))


def _is_local_name(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _with_port(place: Place) -> str:
    return f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"


@cache
def _special() -> tuple[_Network, ...]:
    """IANA's special-purpose registries, the narrower network before the wider."""
    with files(__package__).joinpath("special_addresses.csv").open(encoding="utf-8") as file:
        return tuple(_Network(ipaddress.ip_network(row["network"]), row["said"]) for row in csv.DictReader(file))
