"""Web addresses taken apart and put in one spelling, the way the URL standard of browsers (WHATWG) does it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import unquote

import idna

from archive.errors import DauysError

MAX_LENGTH = 4096
"""Characters. Longer addresses are traps or data; the longest percent-encoded Kazakh path seen is under 1,500."""

_DEFAULT_PORTS = {"http": "80", "https": "443"}
_SPLIT = re.compile(
    r"(?P<scheme>https?):[/\\]*(?P<authority>[^/\\?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.I | re.S
)
_HALF = re.compile("[\ud800-\udfff]")
_BLANK = "".join(map(chr, range(33)))
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|%|[^\x21\x24\x26-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]")
"""A percent escape, a stray percent sign, or a character that the URL standard escapes in a path: C0, space,
non-ASCII and ``" # < > \\ ^ ` { }`` and DEL."""
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class BadURL(DauysError, ValueError):
    """Raised for an address that cannot be one of a web page: relative, not http(s), no host, broken host or port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The parts of a web address in one spelling; `port` is empty when it is the scheme's own.

    `host` is lower case ASCII (punycode), without a trailing dot, an IPv6 address in brackets. `path` starts with a
    slash and has no dot segments; `query` has no question mark. Fragment, user name and password are gone.
    """

    scheme: str
    host: str
    port: str
    path: str
    query: str

    @property
    def netloc(self) -> str:
        """Return host and, when it is not the scheme's own, port."""
        return f"{self.host}:{self.port}" if self.port else self.host

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.netloc}{self.path}{query}"


@lru_cache(maxsize=1024)  # one address is taken apart at each station of its way, each link of a page for its domain
def parse(url: str) -> Address:
    """Take an absolute http or https address apart.

    Raises BadURL when it is none, when it is longer than MAX_LENGTH, and for two addresses glued together
    (`https://a.kzhttps://b.kz/`, seen in a real sitemap).
    """
    if len(url) > MAX_LENGTH:
        raise BadURL(f"an address of {len(url)} characters, more than {MAX_LENGTH}")
    if _HALF.search(url):
        raise BadURL(f"half a character in {url!r}")
    bare = re.sub(r"[\t\r\n]", "", url.strip(_BLANK))
    match = _SPLIT.fullmatch(bare)
    if match is None:
        raise BadURL(f"not an absolute http or https address: {_shown(url)}")
    scheme = match["scheme"].lower()
    host, port = _host_and_port(match["authority"], url)
    path = match["path"].replace("\\", "/")
    if not port and match["authority"].lower().endswith(("http:", "https:")) and path.startswith("//"):
        raise BadURL(f"two addresses glued together: {_shown(url)}")
    return Address(
        scheme=scheme,
        host=host,
        port="" if port == _DEFAULT_PORTS[scheme] else port,
        path=_without_dot_segments(respell(path)),
        query=respell(match["query"] or ""),
    )


def respell(text: str) -> str:
    """Return `text` with one spelling of each percent escape: unreserved decoded, hex in upper case, UTF-8.

    Escapes that are no UTF-8 (`%EA%E0`, a Windows-1251 path) stay: they name what that server calls it.
    """
    return _ESCAPE.sub(_one_escape, text)


def _one_escape(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "".join(f"%{byte:02X}" for byte in match[0].encode())
    byte = int(digits, 16)
    return chr(byte) if byte in _UNRESERVED else f"%{byte:02X}"


def _without_dot_segments(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, 5.2.4); empty segments are kept, a server may mean something by them."""
    segments = path.split("/")[1:] if path.startswith("/") else path.split("/")
    kept: list[str] = []
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if last:
            kept.append("")
    return "/" + "/".join(kept)


def _host_and_port(authority: str, url: str) -> tuple[str, str]:
    where = authority.rpartition("@")[2]
    if where.startswith("["):
        inside, closed, rest = where[1:].partition("]")
        try:
            host = f"[{IPv6Address(inside).compressed}]" if closed and "%" not in inside else ""
        except ValueError:
            host = ""
        colon, port = rest[:1], rest[1:]
        if not host or (rest and colon != ":"):
            raise BadURL(f"a broken IPv6 address in {_shown(url)}")
    else:
        name, colon, port = where.partition(":")
        host = _host(name, url)
    if port and not (port.isascii() and port.isdigit() and len(port.lstrip("0")) <= 5 and 0 < int(port) <= 65535):
        raise BadURL(f"no such port: {_shown(url)}")
    return host, str(int(port)) if port else ""


def _host(name: str, url: str) -> str:
    try:
        host = unquote(name, errors="strict")
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii")
    except (UnicodeError, ValueError) as error:  # idna's errors are UnicodeErrors
        raise BadURL(f"a host name that cannot be written in ASCII: {_shown(url)}") from error
    host = host.lower().removesuffix(".")
    labels = host.split(".")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return _ipv4(labels, url)
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise BadURL(f"no host name in {_shown(url)}" if not host else f"a broken host name in {_shown(url)}")
    return host


def _ipv4(labels: list[str], url: str) -> str:
    """Read an IPv4 address as browsers do: one to four numbers, decimal, octal or hexadecimal.

    An internal host cannot hide behind `http://2130706433/`: it comes out as 127.0.0.1.
    """
    numbers: list[int] = []
    for label in labels:
        if not re.fullmatch(r"0x[0-9a-f]{0,8}|0{1,64}[0-7]{0,11}|[1-9][0-9]{0,9}", label):
            raise BadURL(f"a broken IPv4 address in {_shown(url)}")
        base = 16 if label.startswith("0x") else 8 if label.startswith("0") and len(label) > 1 else 10
        numbers.append(int(label.removeprefix("0x") or "0", base))
    if len(numbers) > 4 or any(n > 255 for n in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        raise BadURL(f"a broken IPv4 address in {_shown(url)}")
    value = numbers[-1] + sum(n * 256 ** (3 - place) for place, n in enumerate(numbers[:-1]))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _shown(url: str) -> str:
    """Return the address for a message: printable and short."""
    return repr(url if len(url) <= 120 else url[:119] + "…")
