"""Reads a listing page: which links are articles, what the anchors call them, and where the next page is."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from archive.records import Link
from crawler.discovery.anchors import Anchor, Html, read_html, rels
from crawler.discovery.dates import parse_date
from crawler.discovery.links import Refusal, clean_url, domains_of, in_domains
from crawler.patterns import AddressPattern

MAX_LINKS = 2_000
"""Links taken of one page; the richest listing met gives some 150."""
MAX_EXAMINED = 20_000
"""Different addresses looked at on one page."""
TITLE_LEAST = 25
"""Characters; a shorter text (a photo credit, "Read more") is no title when a longer one leads to the same page."""

_LISTING = re.compile(
    r"/(?:tags?|teg|category|categories|rubric|rubrics|author|authors|avtor|search|page|pages|rss|feed|login|signin|"
    r"register|about|contacts?|reklama|advertising|privacy|terms|sitemap|archive|user|users|account|subscribe|static|"
    r"assets|wp-content|wp-admin|wp-login\.php|cdn-cgi|special|theme|themes|topics?|syuzhety|guide[a-z_-]*)(?:[/.]|\Z)",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|json|xml|rss|pdf|docx?|xlsx?|pptx?|zip|rar|mp[34]|avi|mov|webm|apk|exe)\Z",
    re.IGNORECASE,
)
_DATED = re.compile(r"/(?:19|20)\d{2}[/-](?:0?[1-9]|1[0-2])(?:[/-]|\Z)|/20\d{6}(?:/|\Z)")
_WORD_BREAK = re.compile(r"[-_+.\s]+")
_EXTENSION = re.compile(r"\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
_PAGE_PATH = re.compile(r"/(?:page/|page-|p/)?(\d{1,5})/?\Z", re.IGNORECASE)
_PAGE_QUERY = re.compile(r"(?:\A|&)(page|p|paged|pg|page_num|PAGEN_\d{1,3})=(\d{1,5})(?=&|\Z)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """What a listing page says: the articles it links to in its order, and the page that follows it."""

    links: tuple[Link, ...] = ()
    next_url: str | None = None
    problems: tuple[str, ...] = ()


def parse_section(
    body: bytes,
    url: str,
    *,
    zone: ZoneInfo,
    allow: Sequence[AddressPattern] = (),
    deny: Sequence[AddressPattern] = (),
    domains: frozenset[str] = frozenset(),
    content_type: str | None = None,
) -> SectionResult:
    """Read the listing page `body` that was fetched from `url`.

    Only links to `domains` (registered ones; empty: that of `url`) are taken. `allow` and `deny` are searched
    in the absolute address; without `allow` a link counts as an article by its looks (`looks_like_article`).
    Titles are anchor texts, dates only those of a `<time datetime>` beside the link, in `zone` when they have
    no offset. Never raises on what a server sends.
    """
    page = read_html(body, url, content_type)
    problems = ["the page was cut: too long or too many links"] if page.cut else []
    domains = domains or domains_of([url])
    own = clean_url(url, url)
    kept: dict[str, list[Anchor]] = {}
    for address, anchor in _addresses(page, problems):
        if address in kept:
            kept[address].append(anchor)
        elif len(kept) >= MAX_LINKS:
            problems.append(f"more than {MAX_LINKS:,} links: the rest was not taken")
            break
        elif address != own and in_domains(address, domains) and _wanted(address, anchor.text, allow, deny):
            kept[address] = [anchor]
    dates = _dates_beside(page, kept, zone)
    if not page.anchors:
        problems.append("no links" if body.strip() else "empty body")
    links = tuple(
        Link(url=address, found_in=url, title_hint=_title(anchors), published_hint=dates.get(address))
        for address, anchors in kept.items()
    )
    return SectionResult(links=links, next_url=_next_url(page, url), problems=tuple(problems))


def looks_like_article(url: str, text: str = "") -> bool:
    """Tell an article's address from a section's by its looks; `text` is what the anchor says.

    An article has a date in its path, or a last segment that is a long slug, a slug with a number, or a number
    of at least five digits; or it is called by a whole headline. Tags, authors, services and files are none.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if _FILE.search(path) or _LISTING.search(path):
        return False
    last = _EXTENSION.sub("", path.rstrip("/").rpartition("/")[2])
    if not last:
        return False
    words = [word for word in _WORD_BREAK.split(last) if word]
    digits = max((len(word) for word in words if word.isdecimal()), default=0)
    if _DATED.search(path) and len(last) > 2:
        return True
    if len(words) >= 4 and len(last) >= 20:
        return True
    if digits >= 4 and (len(words) >= 2 or digits >= 5):
        return True
    return len(text) >= 30 and text.count(" ") >= 3 and (len(words) >= 2 or any(c.isdecimal() for c in last))


def _wanted(url: str, text: str, allow: Sequence[AddressPattern], deny: Sequence[AddressPattern]) -> bool:
    if any(pattern.search(url) for pattern in deny):
        return False
    if allow:
        return any(pattern.search(url) for pattern in allow)
    return looks_like_article(url, text)


def _addresses(page: Html, problems: list[str]) -> Iterator[tuple[str, Anchor]]:
    """Yield each followable anchor with its address; an address written alike is joined and checked once."""
    known: dict[str, str | None] = {}
    for anchor in page.anchors:
        if anchor.href not in known:
            if len(known) >= MAX_EXAMINED:
                problems.append(f"more than {MAX_EXAMINED:,} different links: the rest was not looked at")
                return
            cleaned = clean_url(anchor.href, page.base)
            known[anchor.href] = None if isinstance(cleaned, Refusal) else cleaned
        address = known[anchor.href]
        if address is not None:
            yield address, anchor


def _title(anchors: Sequence[Anchor]) -> str | None:
    """Return the first anchor text that is long enough for a title, else the longest."""
    texts = [anchor.text for anchor in anchors if anchor.text and not anchor.text.isdecimal()]
    return next((text for text in texts if len(text) >= TITLE_LEAST), max(texts, key=len, default=None))


def _dates_beside(page: Html, kept: dict[str, list[Anchor]], zone: ZoneInfo) -> dict[str, datetime]:
    """Return the dates of `<time datetime>` elements that stand by exactly one article.

    A time within the anchors of an article is its own. One between two articles belongs to the one before it
    when the page's first time stands after its first article, and to the one after it otherwise; where
    two stand between the same articles, none is believed.
    """
    if not page.times or not kept:
        return {}
    places = sorted((anchor.start, anchor.end, url) for url, anchors in kept.items() for anchor in anchors)
    starts = [start for start, _, _ in places]
    after = page.times[0][0] > starts[0]
    found: dict[str, list[str]] = {}
    for place, text in page.times:
        before = bisect_left(starts, place) - 1
        inside = before >= 0 and place < places[before][1]
        mine = before if inside or after else before + 1
        if 0 <= mine < len(places):
            found.setdefault(places[mine][2], []).append(text)
    return {
        url: moment
        for url, texts in found.items()
        if len(set(texts)) == 1 and (moment := parse_date(texts[0], zone)) is not None
    }


def _next_url(page: Html, url: str) -> str | None:
    """Return the page after this one: `rel=next`, or the link to this address with the next page number."""
    own = clean_url(url, url)
    if isinstance(own, Refusal):
        return None
    for href in rels(page, "next"):
        address = clean_url(href, page.base)
        if not isinstance(address, Refusal) and address != own and in_domains(address, domains_of([own])):
            return address
    stem, number = page_number(own)
    for anchor in page.anchors[:MAX_EXAMINED]:
        if str(number + 1) in anchor.href:
            address = clean_url(anchor.href, page.base)
            if not isinstance(address, Refusal) and page_number(address) == (stem, number + 1):
                return address
    return None


def page_number(url: str) -> tuple[str, int]:
    """Return the listing that `url` is a page of, and the page's number: `?page=3`, `/page/3/`, `PAGEN_1=3`, `/3`.

    An address without a number is page 1.
    """
    base, _, query = url.partition("?")
    found = _PAGE_QUERY.search(query)
    if found is not None:
        rest = (query[: found.start()] + query[found.end() :]).strip("&")
        return f"{base.rstrip('/')}?{rest}", int(found.group(2))
    path = _PAGE_PATH.search(base)
    if path is not None and base.count("/") > 3:
        return f"{base[: path.start()]}?{query}", int(path.group(1))
    return f"{base.rstrip('/')}?{query}", 1
