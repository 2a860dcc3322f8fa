"""Reads sitemaps, news sitemaps, sitemap indexes, text lists and feeds used as sitemaps, streaming and capped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Literal
from zoneinfo import ZoneInfo

from lxml import etree

from archive.records import Link
from crawler.discovery.dates import parse_date
from crawler.discovery.feed import parse_feed
from crawler.discovery.links import Refusal, clean_url, unescape_url
from crawler.discovery.markup import byte_chunks, elements, plain_text, strip_prolog, text_chunks

SitemapKind = Literal["urlset", "news", "index", "text", "feed"]

MAX_BYTES = 50 * 1024 * 1024
"""Bytes unpacked: what a sitemap may have (sitemaps.org)."""
MAX_READ = 50_000
"""Addresses read of one sitemap: what one may hold (sitemaps.org). The newest MAX_LOCS of them are given."""
MAX_LOCS = 5_000
"""Addresses taken of one sitemap, and of all sitemaps of an entry in one crawl: some months of a large outlet."""
MAX_CHILDREN = 1_000
"""Sitemaps given of one index, the newest: the largest index met has 300, and 50 are fetched."""
MAX_SITEMAPS = 50
"""Sitemaps fetched for an entry in one crawl."""
MAX_DEPTH = 3
"""An index, an index in it, a sitemap in that; a sitemap index that generates itself ends here."""
SAME_DAY_SHARE = 0.95
SAME_DAY_LEAST = 20
"""From so many dated addresses on, of which this share carries one day, `lastmod` tells when the sitemap was made."""

_NUMBER = re.compile(r"\d{1,9}")
_NEWS_NAME = re.compile(r"news|novost|janalyq|last", re.IGNORECASE)
_BEGINNING_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSitemap:
    """A sitemap that an index names; `lastmod` is aware, or None."""

    url: str
    lastmod: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapResult:
    """What a sitemap says; `kind` is None when the body is none.

    `links` are newest first where the sitemap is dated, else in its order. Their `published_hint` comes from
    `news:publication_date` alone; `modified` has the `lastmod` of an address where it means anything, which
    is a date of change and never one of publication. `children` are newest first.
    """

    kind: SitemapKind | None = None
    links: tuple[Link, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    modified: Mapping[str, datetime] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """One `<url>` or `<sitemap>` as it was written."""

    loc: str
    lastmod: str | None = None
    title: str | None = None
    published: str | None = None


@dataclass(slots=True, kw_only=True)
class SitemapBudget:
    """What may still be fetched and taken for one sitemap entry in one crawl.

    The spider asks `admit` before it requests children and `take` before it yields links:

    >>> budget = SitemapBudget(root="https://a.example/sitemap.xml")
    >>> [child.url for child in budget.admit([ChildSitemap(url="https://a.example/1.xml")], budget.root)]
    ['https://a.example/1.xml']
    """

    root: str
    max_locs: int = MAX_LOCS
    max_sitemaps: int = MAX_SITEMAPS
    max_depth: int = MAX_DEPTH
    refused: Counter[str] = field(default_factory=Counter)
    """How many sitemaps and addresses each cap kept out."""
    _depths: dict[str, int] = field(default_factory=dict)
    _taken: int = 0

    def __post_init__(self) -> None:
        self._depths[self.root] = 1

    def admit(self, children: Iterable[ChildSitemap], parent: str) -> list[ChildSitemap]:
        """Return those `children` of the sitemap `parent` that may be fetched; each address once."""
        depth = self._depths.get(parent, 1) + 1
        admitted: list[ChildSitemap] = []
        for child in children:
            if child.url in self._depths:
                continue
            if depth > self.max_depth:
                self.refused["depth"] += 1
            elif len(self._depths) >= self.max_sitemaps:
                self.refused["sitemaps"] += 1
            elif self._taken >= self.max_locs:
                self.refused["locs"] += 1
            else:
                self._depths[child.url] = depth
                admitted.append(child)
        return admitted

    def take(self, links: Sequence[Link]) -> tuple[Link, ...]:
        """Return as many of `links`, the first ones, as may still be taken."""
        room = max(0, self.max_locs - self._taken)
        self.refused["locs"] += max(0, len(links) - room)
        self._taken += min(len(links), room)
        return tuple(links[:room])


def parse_sitemap(
    body: bytes,
    url: str,
    *,
    zone: ZoneInfo,
    content_type: str | None = None,
    max_locs: int = MAX_LOCS,
    max_children: int = MAX_CHILDREN,
) -> SitemapResult:
    """Read the sitemap `body`, plain or gzip, that was fetched from `url`.

    `zone` is that of dates without an offset; `content_type` is the HTTP header, for its charset; the newest
    `max_locs` addresses and `max_children` sitemaps are given. Never
    raises on what a server sends: an address that is broken is left out and counted in `problems`, a body
    that is no sitemap gives no kind and the problem 'not a sitemap: ...'.
    """
    problems: list[str] = []
    texts = text_chunks(byte_chunks(body, MAX_BYTES, problems), content_type)
    head = next(texts, "")
    root, start = strip_prolog(head)
    if root in ("rss", "feed", "rdf") or head.lstrip()[:1] == "{":
        read = parse_feed(body, url, zone=zone, content_type=content_type)
        return SitemapResult(kind="feed" if read.kind else None, links=read.links, problems=read.problems)
    if root in ("urlset", "sitemapindex", "url", "sitemap"):
        rows, children = _read_rows(chain((start,), texts), problems)
        kind: SitemapKind = "index" if children and not rows else "urlset"
    elif not root and head.lstrip()[:8].lower().startswith(("http://", "https://")):
        kind, children = "text", []
        rows = [_Row(line.strip()) for line in islice(_lines(chain((head,), texts)), MAX_READ) if line.strip()]
    else:
        return SitemapResult(problems=(*problems, _not_a_sitemap(root, head)))
    if len(rows) + len(children) >= MAX_READ:
        problems.append(f"{MAX_READ:,} addresses read, none after them")
    if any(row.published for row in rows):
        kind = "news"
    links, modified = _links(rows, url, zone, kind, problems, max_locs)
    return SitemapResult(
        kind="index" if root == "sitemapindex" and not rows else kind,
        links=links,
        children=_children(children, url, zone, problems, max_children),
        modified=modified,
        problems=tuple(problems),
    )


def _not_a_sitemap(root: str, head: str) -> str:
    if root in ("html", "head", "body", "div", "script", "meta", "title"):
        return "not a sitemap: HTML"
    if root:
        return f"not a sitemap: <{root[:40]}>"
    return "not a sitemap: no markup" if head.strip() else "not a sitemap: empty body"


def _lines(texts: Iterable[str]) -> Iterator[str]:
    """Yield lines of a stream of pieces; a line without an end is given up after 64 KB."""
    rest = ""
    for text in texts:
        *whole, rest = (rest + text).splitlines() or [""]
        if text.endswith(("\n", "\r")):
            whole, rest = [*whole, rest], ""
        yield from whole
        rest = rest[:65_536]
    yield rest


def _read_rows(texts: Iterable[str], problems: list[str]) -> tuple[list[_Row], list[_Row]]:
    rows: list[_Row] = []
    children: list[_Row] = []
    for element in elements(texts, ("{*}url", "{*}sitemap"), problems):
        row = _row(element)
        if row is None:
            continue
        (children if element.tag.rpartition("}")[2] == "sitemap" else rows).append(row)
        if len(rows) + len(children) >= MAX_READ:
            break
    return rows, children


def _row(element: etree._Element) -> _Row | None:
    """Return what a `<url>` says; of repeated parts the first. Pictures and videos within have their own."""
    found: dict[str, str] = {}
    for part in islice(element.iter(etree.Element), 1, 200):
        name = part.tag.rpartition("}")[2].rpartition(":")[2].lower()
        if name in ("loc", "lastmod", "publication_date", "title") and part.text:
            space = part.tag.lower()
            if name == "loc" and ("image" in space or "video" in space):
                continue
            if name in ("title", "publication_date") and ("video" in space or "image" in space):
                continue
            found.setdefault(name, part.text.strip())
    if "loc" not in found:
        own = (element.text or "").strip()  # <sitemap>https://...</sitemap> was served
        if not own.startswith(("http://", "https://")):
            return None
        found["loc"] = own
    return _Row(found["loc"], found.get("lastmod"), found.get("title"), found.get("publication_date"))


def _links(
    rows: list[_Row], url: str, zone: ZoneInfo, kind: SitemapKind, problems: list[str], most: int
) -> tuple[tuple[Link, ...], dict[str, datetime]]:
    """Return the links of `rows`, each address once, capped, and the lastmod of those that have one worth having."""
    stamps = _stamps([row.lastmod for row in rows], zone, problems)
    if kind != "news":
        rows, stamps = _newest(rows, stamps, problems, most)
    links: dict[str, Link] = {}
    modified: dict[str, datetime] = {}
    refused: list[Refusal] = []
    for row, stamp in zip(rows, stamps, strict=True):
        cleaned = clean_url(unescape_url(row.loc), url)
        if isinstance(cleaned, Refusal):
            refused.append(cleaned)
        elif cleaned not in links:
            published = parse_date(row.published, zone)
            links[cleaned] = Link(
                url=cleaned,
                found_in=url,
                title_hint=plain_text(row.title),
                published_hint=published,
                hint_from="sitemap" if published or row.title else None,
            )
            if stamp is not None:
                modified[cleaned] = stamp
    if refused:
        problems.append(f"{len(refused)} addresses refused, the first: {refused[0].reason}: {refused[0].url}")
    ordered = tuple(links.values())
    if kind == "news":
        ordered = tuple(sorted(ordered, key=lambda link: link.published_hint or _BEGINNING_OF_TIME, reverse=True))
    return ordered, modified


def _stamps(texts: Sequence[str | None], zone: ZoneInfo, problems: list[str]) -> list[datetime | None]:
    """Return the moments of `texts`, or all None when nearly all are of one day: then they tell nothing."""
    stamps = [parse_date(text, zone) for text in texts]
    days = Counter(stamp.astimezone(zone).date() for stamp in stamps if stamp is not None)
    dated = days.total()
    if dated >= SAME_DAY_LEAST and days.most_common(1)[0][1] >= SAME_DAY_SHARE * dated:
        problems.append(f"lastmod is useless: {days.most_common(1)[0][1]:,} of {dated:,} addresses carry one day")
        return [None] * len(stamps)
    return stamps


def _newest(
    rows: list[_Row], stamps: list[datetime | None], problems: list[str], most: int
) -> tuple[list[_Row], list[datetime | None]]:
    """Return at most `most` rows: the newest first when dated, else the first and the last half of as many.

    Sitemaps without dates begin with the newest or end with it; both ends are kept, as nothing tells which.
    """
    dated = any(stamp is not None for stamp in stamps)
    order = list(range(len(rows)))
    if dated:
        order.sort(key=lambda n: stamps[n] or _BEGINNING_OF_TIME, reverse=True)
        order = order[:most]
    elif len(order) > most:
        order = [*order[: most // 2], *order[-(most - most // 2) :]]
    if len(rows) > most:
        kept = "the newest" if dated else "the first and the last half"
        problems.append(f"{len(rows):,} addresses, {kept} {most:,} taken")
    return [rows[n] for n in order], [stamps[n] for n in order]


def _children(rows: list[_Row], url: str, zone: ZoneInfo, problems: list[str], most: int) -> tuple[ChildSitemap, ...]:
    """Return the sitemaps of an index: those of news first, then by lastmod, then by number, newest first."""
    stamps = _stamps([row.lastmod for row in rows], zone, problems)
    newest = sorted(zip(rows, stamps, strict=True), key=lambda pair: _age_key(pair[0].loc, pair[1]), reverse=True)
    if len(newest) > most:
        problems.append(f"{len(newest):,} sitemaps, the newest {most:,} taken")
    children: dict[str, ChildSitemap] = {}
    for row, stamp in newest[:most]:
        cleaned = clean_url(unescape_url(row.loc), url)
        if isinstance(cleaned, Refusal):
            problems.append(f"sitemap refused: {cleaned.reason}: {cleaned.url}")
        elif cleaned != url:
            children.setdefault(cleaned, ChildSitemap(url=cleaned, lastmod=stamp))
    return tuple(children.values())


def _age_key(loc: str, lastmod: datetime | None) -> tuple[bool, datetime, tuple[int, ...]]:
    """Return what sorts the newest sitemap last: archives are numbered upwards (`sitemap-1` ... `sitemap-35`)."""
    name = loc.partition("://")[2].partition("/")[2] if "://" in loc else loc
    name = name[-200:]
    numbers = tuple(int(number) for number in _NUMBER.findall(name))
    return bool(_NEWS_NAME.search(name)), lastmod or _BEGINNING_OF_TIME, numbers
