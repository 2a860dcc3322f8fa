"""Reads a list for a backfill: which of its links lie within the window, and where it leads on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, pairwise
from urllib.parse import urljoin, urlsplit

from archive.backfills import ListRow
from archive.records import Link
from crawler.backfill.calendars import calendars, pages_of
from crawler.backfill.window import Window
from crawler.discovery.anchors import read_html
from crawler.discovery.entry import Discovery
from crawler.discovery.feed import parse_feed
from crawler.discovery.links import Refusal, clean_url
from crawler.discovery.probe import SITEMAP_PATHS
from crawler.discovery.section import parse_section
from crawler.discovery.sitemap import MAX_READ, ChildSitemap, parse_sitemap
from crawler.robots import Rules
from crawler.source import Source

MAX_DEPTH = 4
"""An index, an index in it, one more, a sitemap: an index that names itself under ever new names ends here."""
MAX_NAMED = 50
"""Sitemaps taken of one robots.txt; the longest list met has 20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list says. `changed` maps an address to its last change, `captures` to where a web archive replays it;
    `skipped` counts lists that lie outside."""

    links: tuple[Link, ...] = ()
    changed: dict[str, datetime] = field(default_factory=dict)
    captures: dict[str, str] = field(default_factory=dict)
    lists: tuple[ListRow, ...] = ()
    skipped: int = 0
    failure: str | None = None

    def discovery(self) -> Discovery:
        """Return the links as a spider's hook takes them."""
        return Discovery(links=self.links, changed_before=self.changed)


def first_lists(source: Source) -> list[ListRow]:
    """Return where the backfill of an outlet's own site begins: robots.txt, which names sitemaps, and its entries."""
    hosts = dict.fromkeys(_authority(url) for url in (source.homepage, *(entry.url for entry in source.entries)))
    robots = [ListRow(url=f"{host}/robots.txt", kind="robots", chain="robots") for host in hosts]
    order = {"feed": 0, "news-sitemap": 1, "sitemap": 2, "section": 3}  # those that tell dates of publication first
    entries = sorted(source.entries, key=lambda entry: order[entry.kind])
    return [*robots, *(ListRow(url=entry.url, kind=entry.kind, chain=entry.url) for entry in entries)]


def read_list(row: ListRow, body: bytes, url: str, content_type: str | None, source: Source, window: Window) -> Listed:
    """Read the list `row`, answered at `url`. What is none of its kind gives a `failure`, one line."""
    if row.kind == "robots":
        return _robots(body, url, source)
    if row.kind == "feed":
        feed = parse_feed(body, url, zone=source.timezone, content_type=content_type)
        failure = None if feed.kind else "; ".join(feed.problems[:1]) or "no feed"
        return Listed(links=feed.links, lists=_next(row, feed.next_page, source), failure=failure)
    if row.kind == "section":
        return _section(row, body, url, source=source, window=window, content_type=content_type)
    return _sitemap(row, body, url, source=source, window=window, content_type=content_type)


def _robots(body: bytes, url: str, source: Source) -> Listed:
    """Return the sitemaps that robots.txt names; where neither it nor the sources file does, the usual place."""
    named = [clean_url(address, url) for address in islice(Rules(body).sitemaps, MAX_NAMED)]
    found = [address for address in named if not isinstance(address, Refusal) and source.owns(address)]
    if not found and not any(entry.kind == "sitemap" for entry in source.entries):
        found = [urljoin(url, SITEMAP_PATHS[0])]
    return Listed(lists=tuple(ListRow(url=address, kind="sitemap", chain=address) for address in found))


def _sitemap(
    row: ListRow, body: bytes, url: str, *, source: Source, window: Window, content_type: str | None
) -> Listed:
    result = parse_sitemap(
        body, url, zone=source.timezone, content_type=content_type, max_locs=MAX_READ, max_children=MAX_READ
    )
    if result.kind is None:
        return Listed(failure=result.problems[0] if result.problems else "no sitemap")
    followed = [child for child in result.children if _may_hold(child, window) and source.owns(child.url)]
    deeper = row.depth + 1
    if deeper >= MAX_DEPTH:
        followed = []
    lists = tuple(ListRow(url=child.url, kind="sitemap", chain=url, depth=deeper) for child in followed)
    return Listed(
        links=result.links if result.modified else newest_first(result.links),
        changed=dict(result.modified),
        lists=lists,
        skipped=len(result.children) - len(lists),
    )


def _may_hold(child: ChildSitemap, window: Window) -> bool:
    return window.of_list(child.url, child.lastmod) in ("inside", "unknown")


def newest_first(links: Sequence[Link]) -> tuple[Link, ...]:
    """Return links without dates turned round where the numbers in their addresses rise: the newest stand last."""
    numbers = [_last_number(link.url) for link in links]
    rising = sum(a < b for a, b in pairwise(numbers))
    falling = sum(a > b for a, b in pairwise(numbers))
    return tuple(reversed(links)) if rising > falling else tuple(links)


def _last_number(url: str) -> int:
    digits = "".join(char if char.isdigit() and char.isascii() else " " for char in urlsplit(url).path).split()
    return int(digits[-1][:18]) if digits else 0


def _section(
    row: ListRow, body: bytes, url: str, *, source: Source, window: Window, content_type: str | None
) -> Listed:
    result = parse_section(
        body,
        url,
        zone=source.timezone,
        allow=source.allow,
        deny=source.deny,
        domains=frozenset(source.domains),
        content_type=content_type,
    )
    days: list[ListRow] = []
    if row.depth == 0:
        taken = {link.url for link in result.links}
        others = (address for address in _addresses(body, url, content_type) if address not in taken)
        for calendar in calendars(address for address in others if source.owns(address)):
            days += [
                ListRow(url=address, kind="section", chain=address, depth=1) for address in pages_of(calendar, window)
            ]
    return Listed(links=result.links, lists=(*days, *_next(row, result.next_url, source)))


def _addresses(body: bytes, url: str, content_type: str | None) -> Iterable[str]:
    page = read_html(body, url, content_type)
    for href in dict.fromkeys(anchor.href for anchor in page.anchors):
        address = clean_url(href, page.base)
        if not isinstance(address, Refusal):
            yield address


def _next(row: ListRow, url: str | None, source: Source) -> tuple[ListRow, ...]:
    """Return the page after this one, in the same chain."""
    if url is None or not source.owns(url):
        return ()
    return (ListRow(url=url, kind=row.kind, chain=row.chain, depth=row.depth + 1),)


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
