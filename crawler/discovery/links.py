"""Cleans an address that a feed, sitemap or page gives, or says in plain words why it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

from pipelines.address import BadURL, parse
from pipelines.canonical import registered_domain

MAX_URL_LENGTH = 2048
"""Characters. Sitemaps forbid longer ones (sitemaps.org), and no outlet's article comes near."""

_EDGES = "".join(map(chr, range(0x21))) + "\x7f\xa0\u200b\u200e\u200f\u2028\u2029\u2060\ufeff"
_INNER_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b\u2060\ufeff]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,19}):")
_CREDENTIALS = re.compile(r"[A-Za-z]{0,5}:?[/\\]{2}[^/\\?#]*@")
_GLUED = re.compile(r"https?:[/]{1,2}[^/?#]*?(https?://.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An address that is not followed. `reason` is a short phrase: 'scheme javascript', 'no link'."""

    url: str
    reason: str


def clean_url(raw: str, base: str) -> str | Refusal:
    """Return `raw` as an absolute http(s) address in one spelling, or the reason why it is not followed.

    `raw` is joined to `base`; white space around it, control characters in it and the fragment are dropped as
    a browser does, two addresses glued together are parted. Which addresses of one page are the same is not
    decided here. Never raises.
    """
    if len(raw) > 2 * MAX_URL_LENGTH:
        return Refusal(url=raw[:120], reason="longer than 2,048 characters")
    text = unglue(_INNER_CONTROLS.sub("", raw.strip(_EDGES)))
    if not text or text.startswith("#"):
        return Refusal(url=text[:120], reason="no link")
    scheme = _SCHEME.match(text)
    if scheme is not None and scheme.group(1).lower() not in ("http", "https"):
        return Refusal(url=text[:120], reason=f"scheme {scheme.group(1).lower()}")
    if _CREDENTIALS.match(text):
        return Refusal(url=text[:120], reason="credentials in the address")
    try:
        url = str(parse(_join(base, text)))
    except (BadURL, ValueError) as error:  # urljoin raises bare ValueError for 'http://[::1'
        reason = str(error) if isinstance(error, BadURL) else "a broken address"
        return Refusal(url=text[:120], reason=reason[:200])
    if len(url) > MAX_URL_LENGTH:
        return Refusal(url=url[:120], reason="longer than 2,048 characters")
    return url


def unglue(raw: str) -> str:
    """Return the second address of two glued together (`https://a.kzhttps://b.kz/x`), else `raw` itself.

    Seen in sitemaps and cards of outlets that put their own host before an address that had one. Only a
    glue in the host is undone: an address within a path or a query is a redirector's or an archive's.
    """
    for _ in range(4):
        glued = _GLUED.match(raw) if raw.count("://") > 1 else None
        if glued is None:
            break
        raw = glued.group(1)
    return raw


def unescape_url(raw: str) -> str:
    """Undo one layer of `&amp;` in an address: feeds and sitemaps often escape twice."""
    return unescape(raw) if "&amp;" in raw or "&#" in raw else raw


def domains_of(urls: Iterable[str]) -> frozenset[str]:
    """Return the registered domains of `urls`: what a source calls its own."""
    return frozenset(registered_domain(url) for url in urls)


def in_domains(url: str, domains: frozenset[str]) -> bool:
    """Say whether `url` lies on one of the registered `domains`."""
    return registered_domain(url) in domains


def _join(base: str, text: str) -> str:
    if _SCHEME.match(text) and text[text.index(":") + 1 :].startswith(("/", "\\")):
        return text
    return urljoin(base, text.replace("\\", "/"))
