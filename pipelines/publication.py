"""Decides when an article was published and changed, from all that say so, the most trusted first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archive.records import Link, Page, Provenance
from pipelines.dates import Dated, Stamp, plausible, read_stamp
from pipelines.metadata.head import Head
from pipelines.metadata.jsonld import ArticleData
from pipelines.visible_dates import VisibleDates, visible_dates

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "article:published", "article:post_date",
    "og:published_time", "itemprop:datepublished", "datepublished", "date_published", "published_time",
    "published_at", "publish-date", "publish_date", "publishdate", "publication_date", "publicationdate",
    "article.published", "article:publication_date", "parsely-pub-date", "sailthru.date", "pubdate", "rbpubdate",
    "bt:pubdate", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "mediator_published_time",
    "dc.date.issued", "dcterms.issued", "dc.date.publication", "citation_publication_date", "citation_date",
    "originalpublicationdate", "article_date_original", "og:pubdate", "og:publish_date", "og:datepublished",
    "vr:published_time", "shareaholic:article_published_time", "analyticsattributes.articledate", "ptime", "pdate",
    "og:regdate", "article:published_date",
)  # fmt: skip
_WEAK_META = (
    "dcterms.created", "dc.date.created", "dc.created", "displaydate", "dcsext.articlefirstpublished",
    "itemprop:datecreated", "article:created", "created", "date_created", "datecreated", "gentime", "dc.date",
    "dcterms.date", "dc:date", "date", "video:release_date",
)  # fmt: skip
"""Names that say nothing of publication: often the day the page was put together, so the visible date goes before."""
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "og:modified_time",
    "itemprop:datemodified", "datemodified", "dcterms.modified", "dc.modified", "dc.date.modified", "last-modified",
    "lastmod", "modified_time", "revision_date", "bt:moddate", "updated_time",
)  # fmt: skip

_URL_DATE = (
    re.compile(r"[/_-]((?:19|20)\d\d)[/_-](\d{1,2})[/_-](\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)"),
    re.compile(r"/(\d{1,2})[-.](\d{1,2})[-.]((?:19|20)\d\d)(?!\d)"),
)
_URL_MONTH_WORD = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(\d{1,2})/", re.IGNORECASE)

HTTP_AGE = timedelta(days=2)
"""A Last-Modified header younger than this tells when the page was put together, not when the article was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """When an article was published and last changed, as far as the page says."""

    published: Dated | None = None
    modified: Dated | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What every reader of dates needs: the zone, the time of the fetch, and the candidates found so far."""

    zone: tzinfo
    now: datetime
    month_first: bool
    published: list[Dated] = field(default_factory=list)
    modified: list[Dated] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, value: str | None, source: Provenance, detail: str, *, modified: bool = False) -> None:
        if not value:
            return
        stamp = read_stamp(value, zone=self.zone, now=self.now, month_first=self.month_first)
        if stamp is None:
            self.notes.append(f"date {value[:40]!r} in {detail} could not be read")
        elif not plausible(stamp, self.now):
            self.notes.append(f"date {value[:40]!r} in {detail} lies in the future or before the web")
        else:
            (self.modified if modified else self.published).append(Dated(stamp=stamp, source=source, detail=detail))


def find_publication(
    page: Page, tree: HtmlElement, head: Head, data: ArticleData, *, zone: tzinfo, hint: Link | None = None
) -> Publication:
    """Return the publication and modification of the article on `page`.

    The order of trust is JSON-LD, meta tags, <time>, visible text, the address, a date guessed by htmldate, the
    feed's or sitemap's hint, the HTTP header. A date without a time of day takes it from the next place that
    gives one for the same day. A date more than a day after the fetch is refused, and so is a modification date.
    """
    language = (head.language or "").lower()
    reading = _Reading(
        zone=zone,
        now=page.fetched_at,
        month_first=language.startswith("en") and language not in ("en-gb", "en-au", "en-nz", "en-in"),
    )
    reading.add(data.published, "json-ld", "JSON-LD datePublished")
    reading.add(data.modified, "json-ld", "JSON-LD dateModified", modified=True)
    for name in _MODIFIED_META:
        reading.add(head.first(name), "meta", f"meta {name}", modified=True)
    for name in _PUBLISHED_META:
        reading.add(head.first(name), "meta", f"meta {name}")
    visible = VisibleDates()
    if not _settled(reading):
        visible = visible_dates(
            tree,
            head,
            zone=zone,
            now=page.fetched_at,
            month_first=reading.month_first,
            about=_asked_only_for_offset(reading),
        )
        reading.published.extend(visible.published)
        reading.modified.extend(visible.modified)
        for address in (page.url, head.links.get("canonical"), head.first("og:url")):
            _read_url(reading, address)
    for name in _WEAK_META:
        reading.add(head.first(name), "meta", f"meta {name}")
    if not reading.published:
        reading.published.extend(visible.spare[:1])
    if not reading.published:
        _read_htmldate(reading, tree, page, visible.others)
    if hint is not None and hint.published_hint is not None:
        stamp = Stamp(when=hint.published_hint, precision="second", zone_given=True)
        source = hint.hint_from or "feed"
        if plausible(stamp, page.fetched_at):
            reading.published.append(Dated(stamp=stamp, source=source, detail=f"{source} {hint.found_in}"))
    if not reading.published:
        _read_http(reading, page)
    published = _refined(reading.published, zone)
    modified = reading.modified[0] if reading.modified else None
    if published and modified and modified.stamp.when.utcoffset() == timedelta(0):
        local = modified.stamp.when.astimezone(published.stamp.when.tzinfo)
        modified = replace(modified, stamp=replace(modified.stamp, when=local))
    return Publication(
        published=published,
        modified=modified,
        notes=tuple(dict.fromkeys(reading.notes)),
    )


def _settled(reading: _Reading) -> bool:
    """Tell whether the first date is whole: with a time of day and the offset that the outlet's readers live by."""
    if not reading.published:
        return False
    stamp = reading.published[0].stamp
    return stamp.precision != "day" and stamp.when.utcoffset() != timedelta(0)


def _asked_only_for_offset(reading: _Reading) -> datetime | None:
    """Return the moment of publication where all is known of the dates but on which clock the outlet's readers live."""
    known = reading.published and reading.published[0].stamp.precision != "day" and reading.modified
    return reading.published[0].stamp.when if known else None


def _refined(candidates: list[Dated], zone: tzinfo) -> Dated | None:
    """Return the most trusted candidate, with the time of day and the offset that others have for the same moment."""
    if not candidates:
        return None
    best = candidates[0]
    if best.stamp.precision == "day":
        finer = next((one for one in candidates if _is_finer(one, best)), None)
        if finer:
            best = replace(best, stamp=finer.stamp, detail=f"{best.detail}, time of day from {finer.detail}")
    if best.stamp.precision != "day" and best.stamp.when.utcoffset() == timedelta(0):
        for other in candidates:
            offset = _local_offset(best.stamp, other.stamp, zone)
            if offset is not None:
                local = replace(best.stamp, when=best.stamp.when.astimezone(offset))
                return replace(best, stamp=local, detail=f"{best.detail}, offset from {other.detail}")
    return best


def _is_finer(one: Dated, best: Dated) -> bool:
    return one.stamp.precision != "day" and one.stamp.day == best.stamp.day


def _local_offset(moment: Stamp, other: Stamp, zone: tzinfo) -> tzinfo | None:
    """Return the offset by which `other` is the same moment as `moment`, given in UTC, on the outlet's own clock.

    Either `other` gives its offset, or its clock differs by whole hours, as nearly all offsets do, or it gives only
    the day, another than in UTC, and this is the day in the source's `zone`.
    """
    if other.zone_given:
        offset = other.when.utcoffset()
        return other.when.tzinfo if offset and abs(other.when - moment.when) < timedelta(minutes=1) else None
    if other.precision == "day":
        local = moment.when.astimezone(zone)
        return zone if other.day != moment.day and other.day == local.date().isoformat() else None
    ahead = other.when.replace(tzinfo=None) - moment.when.replace(tzinfo=None, second=0, microsecond=0)
    ahead -= timedelta(seconds=other.when.second)
    if not ahead or not timedelta(hours=-12) <= ahead <= timedelta(hours=14):
        return None
    return None if ahead % timedelta(hours=1) else timezone(ahead)


def _read_url(reading: _Reading, url: str | None) -> None:
    try:
        path = urlsplit(url or "").path[:1000]
    except ValueError:
        return
    for pattern in _URL_DATE:
        for match in pattern.finditer(path):
            first, second, third = match.groups()
            year, month, day = (first, second, third) if len(first) == 4 else (third, second, first)
            stamp = read_stamp(f"{year}-{month}-{day}", zone=reading.zone, now=reading.now)
            if stamp and plausible(stamp, reading.now):
                reading.published.append(Dated(stamp=stamp, source="url", detail="address"))
                return
    if named := _URL_MONTH_WORD.search(path):
        reading.add(f"{named[3]} {named[2]} {named[1]}", "url", "address")


def _read_http(reading: _Reading, page: Page) -> None:
    value = page.header("Last-Modified")
    if not value:
        return
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    if reading.now - when > HTTP_AGE:
        stamp = Stamp(when=when.astimezone(reading.zone), precision="day", zone_given=True)
        if plausible(stamp, reading.now):
            reading.published.append(Dated(stamp=stamp, source="http", detail="HTTP Last-Modified"))


def _read_htmldate(reading: _Reading, tree: HtmlElement, page: Page, others: frozenset[str]) -> None:
    """Ask htmldate, the widest and slowest reader, but for days that are `others` or of a change."""
    from copy import deepcopy

    from htmldate import find_date

    guess = find_date(
        deepcopy(tree),
        original_date=True,
        extensive_search=False,
        url=page.url or None,
        max_date=(page.fetched_at + timedelta(days=1)).strftime("%Y-%m-%d"),
        min_date="1995-01-01",
    )
    if not guess or guess in others or guess in {one.stamp.day for one in reading.modified}:
        return
    reading.add(guess, "text", "htmldate")
