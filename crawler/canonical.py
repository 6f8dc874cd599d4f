"""One key for each page: the canonical form of a URL, by which the archive knows what it has.

The canonical URL is a key first; it is also an address that the same server answers, except where a server has switched the
dynamic addresses of Discuz! off. Fetch the address that was found, look up the canonical one.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_URL = re.compile(r"(?s)(https?):/{2,}([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
_PORTS = {"http": "80", "https": "443"}
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_PATH_SAFE = frozenset("!$&'()*+,;=:@/-._~")
_QUERY_SAFE = _PATH_SAFE | {"?"}
_PLAIN = re.compile(r"[A-Za-z0-9!$&'()*+,;=:@/._-]*")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sessionid)=[^/;]*", re.IGNORECASE)
_AMP = re.compile(r"&(?:amp;)+", re.IGNORECASE)

# Discuz!: the script's folder, then what stands for a thread or a board
_THREAD = re.compile(r"(.*/)thread-([0-9]+)-([0-9]+)-[0-9]+\.html?")
_BOARD = re.compile(r"(.*/)forum-([0-9]+)-([0-9]+)\.html?")
_SCRIPT = re.compile(r"(.*/)forum\.php")
_OLD_SCRIPT = re.compile(r"(.*/)viewthread\.php")
_ARCHIVER = re.compile(r"(.*/)archiver/(?:index\.php)?(?:tid-([0-9]+)(?:-page-([0-9]+))?\.html?)?")
_ARCHIVER_QUERY = re.compile(r"tid-([0-9]+)(?:-page-([0-9]+))?\.html?")
# of a board's address, what chooses another list of threads; all else is decoration
_BOARD_KEEPS = ("filter", "orderby", "typeid", "sortid", "digest", "specialtype", "recommend", "dateline")


class _Changing(NamedTuple):
    """Numbers made up for every visit: `names` with a moment or a fraction, `counted` with any digits, `stamped` where the page is a file."""

    names: frozenset[str]
    counted: frozenset[str]
    stamped: frozenset[str]
    made_up: re.Pattern[str]
    fraction: re.Pattern[str]
    file: re.Pattern[str]
    stamp: re.Pattern[str]


class _Rules(NamedTuple):
    names: frozenset[str]
    prefixes: tuple[str, ...]
    when: dict[str, re.Pattern[str]]
    changing: _Changing


def canonicalise(url: str) -> str:
    """The canonical form of an absolute http(s) URL; any other string comes back stripped. Idempotent, never raises.

    Scheme and host in lower case, no default port, no trailing dot of the host, no fragment, no session id, no tracking, print or mobile
    parameter, no number made up for the visit; dot segments resolved, percent-encoding normalised; the order of the query is kept. A Discuz! thread has one key a
    page, `…/forum.php?mod=viewthread&tid=T[&page=P]`, whichever of its addresses was found.
    """
    text = re.sub(r"[\t\r\n]", "", url).strip("".join(map(chr, range(33))))
    found = _URL.match(text)
    if not found:
        return text
    scheme, place, path, query = found[1].lower(), found[2], found[3], found[4] or ""
    host = _place(scheme, place)
    if host is None:
        return text
    path = _SESSION_IN_PATH.sub("", _escaped(path.replace("\\", "/"), _PATH_SAFE))
    path = _without_dots(path) or "/"
    pairs = [p for p in _AMP.sub("&", _escaped(query, _QUERY_SAFE)).split("&") if p and not _is_noise(p, path)]
    path, pairs = _discuz(path, pairs)
    return f"{scheme}://{host}{path}" + ("?" + "&".join(pairs) if pairs else "")


def siblings(key: str) -> list[str]:
    """The other keys under which the same page may be known: http for https, www. or none. A port of its own keeps its scheme."""
    scheme, _, rest = key.partition("://")
    if scheme not in _PORTS:
        return []
    place, slash, path = rest.partition("/")
    bare = place.removeprefix("www.")
    named = bare.partition(":")[0].replace(".", "")
    places = [place] if named.isdigit() or "." not in bare else [bare, f"www.{bare}"]
    schemes = [scheme] if ":" in bare else list(_PORTS)
    return [url for s in schemes for p in places if (url := f"{s}://{p}{slash}{path}") != key]


@cache
def _rules() -> _Rules:
    data = tomllib.loads(files(__package__).joinpath("canonical.toml").read_text(encoding="utf-8"))
    changing = data["changing"]
    dropped = [n for part in ("session", "tracking", "changing") for n in data[part]["drop"]]
    names = [*dropped, *(n for part in ("names", "counted", "stamped") for n in changing[part])]
    if any(n != n.lower() or not n.strip("*") for n in names):
        raise ValueError("canonical.toml: parameter names are lower case and not empty")
    return _Rules(
        frozenset(n for n in dropped if not n.endswith("*")),
        tuple(n[:-1] for n in dropped if n.endswith("*")),
        {n: re.compile(p) for n, p in data["when"].items()},
        _Changing(
            frozenset(changing["names"]),
            frozenset(changing["counted"]),
            frozenset(changing["stamped"]),
            made_up=re.compile(f"{changing['moment']}|{changing['fraction']}"),
            fraction=re.compile(changing["fraction"]),
            file=re.compile(changing["file"]),
            stamp=re.compile(changing["stamp"]),
        ),
    )


def _place(scheme: str, place: str) -> str | None:
    """host[:port] with the user before it, or None where there is no host."""
    user, at, rest = place.rpartition("@")
    host, port = rest, ""
    if tail := re.search(r":([0-9]*)$", rest):
        host, port = rest[: tail.start()], tail[1].lstrip("0")
    host = host.lower().rstrip(".")
    if not host:
        return None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower().rstrip(".") or host
        except UnicodeError:
            host = _escaped(host, _PATH_SAFE).lower()
    return user + at + host + (f":{port}" if port and port != _PORTS[scheme] else "")


def _escaped(text: str, safe: frozenset[str]) -> str:
    """Escapes in capitals, none where a character needs none, one wherever it does; a lone % is kept as %25."""
    if _PLAIN.fullmatch(text):
        return text
    out: list[str] = []
    i = 0
    while i < len(text):
        c = text[i]
        if c == "%" and re.fullmatch(r"[0-9A-Fa-f]{2}", text[i + 1 : i + 3]):
            plain = chr(int(text[i + 1 : i + 3], 16))
            out.append(plain if plain.isascii() and _UNRESERVED.match(plain) else text[i : i + 3].upper())
            i += 3
            continue
        if c.isascii() and (c.isalnum() or c in safe):
            out.append(c)
        else:
            out.extend(f"%{byte:02X}" for byte in c.encode("utf-8", "surrogatepass"))
        i += 1
    return "".join(out)


def _without_dots(path: str) -> str:
    """RFC 3986 5.2.4, on whole segments; `..` above the root is dropped."""
    if "/." not in path:
        return path
    segments = path.split("/")
    out: list[str] = []
    for segment in segments[1:]:
        if segment == "..":
            if out:
                out.pop()
        elif segment != ".":
            out.append(segment)
    if segments[-1] in (".", ".."):
        out.append("")
    return "/" + "/".join(out)


def _is_noise(pair: str, path: str) -> bool:
    name, equals, value = pair.partition("=")
    name = name.lower()
    rules = _rules()
    if name in rules.names or name.startswith(rules.prefixes):
        return True
    if name in rules.when and rules.when[name].fullmatch(value):
        return True
    return _is_made_up(name if equals else "", value if equals else pair, path)


def _is_made_up(name: str, value: str, path: str) -> bool:
    """Whether a parameter is a number made up for the visit; one without a name is so where it is a fraction, or a moment behind a file."""
    rules = _rules().changing
    if not any(map(str.isdigit, value)):
        return False
    if rules.fraction.fullmatch(value) and (not name or name in rules.names or len(value) >= 12):
        return True
    if name in rules.names and rules.made_up.fullmatch(value):
        return True
    if name in rules.counted and value.isdigit():
        return True
    if not rules.file.search(path):
        return False
    pattern = rules.made_up if not name else rules.stamp if name in rules.stamped else None
    return pattern is not None and pattern.fullmatch(value) is not None


def _discuz(path: str, pairs: list[str]) -> tuple[str, list[str]]:
    """Path and query of a thread or a board under its one dynamic address; anything else unchanged."""
    if found := _THREAD.fullmatch(path):
        return _thread(found[1], found[2], found[3])
    if found := _BOARD.fullmatch(path):
        return _board(found[1], found[2], found[3], [])
    asked = {n: v for n, _, v in (p.partition("=") for p in reversed(pairs))}
    if found := _SCRIPT.fullmatch(path):
        if "goto" in asked:  # a redirect: where it leads is not known yet
            return path, pairs
        if asked.get("mod") == "viewthread" and _number(asked.get("tid")):
            return _thread(found[1], asked["tid"], asked.get("page", ""))
        if asked.get("mod") == "forumdisplay" and _number(asked.get("fid")):
            kept = [f"{n}={asked[n]}" for n in _BOARD_KEEPS if asked.get(n) not in (None, "", "0")]
            return _board(found[1], asked["fid"], asked.get("page", ""), kept)
        return path, pairs
    if _OLD_SCRIPT.fullmatch(path) and "goto" not in asked and _number(asked.get("tid")):
        return path, [f"tid={_trim(asked['tid'])}", *_page(asked.get("page", ""))]
    if found := _ARCHIVER.fullmatch(path):
        if found[2]:
            return _thread(found[1], found[2], asked.get("page") or found[3] or "")
        if pairs and (thread := _ARCHIVER_QUERY.fullmatch(pairs[0])):
            return _thread(found[1], thread[1], asked.get("page") or thread[2] or "")
    return path, pairs


def _thread(folder: str, tid: str, page: str) -> tuple[str, list[str]]:
    return folder + "forum.php", ["mod=viewthread", f"tid={_trim(tid)}", *_page(page)]


def _board(folder: str, fid: str, page: str, kept: list[str]) -> tuple[str, list[str]]:
    return folder + "forum.php", ["mod=forumdisplay", f"fid={_trim(fid)}", *kept, *_page(page)]


def _page(page: str) -> list[str]:
    return [f"page={_trim(page)}"] if _number(page) and _trim(page) not in ("0", "1") else []


def _number(value: str | None) -> bool:
    return value is not None and re.fullmatch(r"[0-9]+", value) is not None


def _trim(number: str) -> str:
    return number.lstrip("0") or "0"
