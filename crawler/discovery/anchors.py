"""Reads the links of an HTML page in one linear pass without building a tree, so that no page can stall a crawl."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin

from crawler.discovery.markup import clean_text, plain_text

MAX_BYTES = 5 * 1024 * 1024
"""Bytes read of a page; the largest listing met has 0.6 MB."""
MAX_ANCHORS = 50_000
"""Anchors read of a page; the richest listing met has 700."""
MAX_TEXT = 3_000
"""Characters of markup within an anchor in which its text is looked for: cards hold whole pictures in SVG."""

_TOKEN = re.compile(r"<(/?)(a|time|link|base|html|nav|title)(?=[\s/>])([^<>]{0,6000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([A-Za-z][\w:-]{0,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ALT = re.compile(r"""<img\s[^<>]{0,4000}?\balt\s{0,9}=\s{0,9}["']([^"'<>]{8,400})["']""", re.IGNORECASE)
_TITLE_END = re.compile(r"[^<]{0,1000}")
_HIDDEN = ("script", "style", "noscript", "template", "textarea", "svg")
_HIDDEN_START = re.compile(rf"<(!--|(?:{'|'.join(_HIDDEN)})(?=[\s/>]))", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One `<a href>` as written; `start` and `end` are its place in the page, in characters."""

    href: str
    text: str
    rel: str
    start: int
    end: int
    in_nav: bool


@dataclass(slots=True, kw_only=True)
class Html:
    """What an HTML page links to. `times` are `datetime` values with their places; links are joined to `base`."""

    base: str
    anchors: list[Anchor] = field(default_factory=list)
    times: list[tuple[int, str]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    """Attributes of the `<link>` elements."""
    language: str | None = None
    title: str | None = None
    cut: bool = False


def read_html(body: bytes, url: str, content_type: str | None = None) -> Html:
    """Return the anchors, times and link elements of the page `body` that was fetched from `url`. Never raises."""
    text = visible(clean_text(body[:MAX_BYTES], content_type))
    page = Html(base=url, cut=len(body) > MAX_BYTES)
    nav = 0
    opened: tuple[int, int, dict[str, str]] | None = None
    for token in _TOKEN.finditer(text):
        closing, name = bool(token.group(1)), token.group(2).lower()
        if name == "a":
            if opened is not None:
                page.anchors.append(_anchor(text, opened, token.start(), nav > 0))
                if len(page.anchors) >= MAX_ANCHORS:
                    page.cut = True
                    return page
            given = {} if closing else attributes(token.group(3))
            opened = (token.start(), token.end(), given) if given.get("href") else None
        elif name == "nav":
            nav = max(0, nav + (-1 if closing else 1))
        elif not closing:
            _read_other(page, name, token, text)
    if opened is not None:
        page.anchors.append(_anchor(text, opened, min(opened[1] + MAX_TEXT, len(text)), nav > 0))
    return page


def visible(text: str) -> str:
    """Return markup without comments, scripts and what else only looks like markup; an unclosed one ends the page."""
    pieces: list[str] = []
    position = 0
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters change length: places would no longer agree
        lowered = text
    while (start := _HIDDEN_START.search(text, position)) is not None:
        pieces.append(text[position : start.start()])
        name = start.group(1).lower()
        closing = "-->" if name == "!--" else f"</{name}"
        end = lowered.find(closing, start.end())
        if end < 0:
            return " ".join(pieces)
        position = end + len(closing)
    pieces.append(text[position:])
    return " ".join(pieces)


def attributes(inside: str) -> dict[str, str]:
    """Return the attributes of a tag, names in lower case, values with entities read; of repeated ones the first."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(inside):
        value = match.group(2) or match.group(3) or match.group(4) or ""
        found.setdefault(match.group(1).lower(), unescape(value) if "&" in value else value)
    return found


def _anchor(text: str, opened: tuple[int, int, dict[str, str]], end: int, in_nav: bool) -> Anchor:
    start, inner, given = opened
    inside = text[inner : min(end, inner + MAX_TEXT)]
    words = plain_text(inside) or given.get("title") or given.get("aria-label")
    if not words and (alt := _ALT.search(inside)):
        words = plain_text(alt.group(1))
    return Anchor(
        href=given["href"],
        text=words or "",
        rel=given.get("rel", "").lower(),
        start=start,
        end=end,
        in_nav=in_nav,
    )


def _read_other(page: Html, name: str, token: re.Match[str], text: str) -> None:
    given = attributes(token.group(3))
    if name == "time" and given.get("datetime") and len(page.times) < MAX_ANCHORS:
        page.times.append((token.start(), given["datetime"]))
    elif name == "link" and len(page.heads) < 500:
        page.heads.append(given)
    elif name == "html":
        page.language = page.language or given.get("lang", "").lower()[:20] or None
    elif name == "title" and page.title is None and (rest := _TITLE_END.match(text, token.end())):
        page.title = plain_text(rest.group())
    elif name == "base" and given.get("href"):
        try:
            page.base = urljoin(page.base, given["href"].strip())
        except ValueError:
            return


def rels(page: Html, wanted: str) -> Iterator[str]:
    """Yield the addresses that the page's `<link rel=...>` and `<a rel=...>` give for the relation `wanted`."""
    for given in page.heads:
        if wanted in given.get("rel", "").lower().split() and given.get("href"):
            yield given["href"]
    for anchor in page.anchors:
        if wanted in anchor.rel.split():
            yield anchor.href
