"""Decides when an article was published and changed, from all that say so, the most trusted first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archive.records import Link, Page, Provenance
from pipelines.calendar_words import MODIFIED_CUE, PUBLISHED_CUE
from pipelines.dates import Stamp, find_stamps, plausible, read_stamp
from pipelines.metadata.head import Head
from pipelines.metadata.jsonld import ArticleData

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "article:published", "article:post_date",
    "og:published_time", "itemprop:datepublished", "datepublished", "date_published", "published_time",
    "published_at", "publish-date", "publish_date", "publishdate", "publication_date", "publicationdate",
    "article.published", "article:publication_date", "parsely-pub-date", "sailthru.date", "pubdate", "rbpubdate",
    "bt:pubdate", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "mediator_published_time",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.created", "dc.date.publication",
    "citation_publication_date", "citation_date", "displaydate", "originalpublicationdate", "article_date_original",
    "dcsext.articlefirstpublished", "itemprop:datecreated", "article:created", "created", "date_created",
    "datecreated", "og:pubdate", "og:publish_date", "og:datepublished", "vr:published_time",
    "shareaholic:article_published_time", "analyticsattributes.articledate", "ptime", "pdate", "gentime", "dc.date",
    "dcterms.date", "dc:date", "date", "video:release_date", "og:regdate", "article:published_date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "og:modified_time",
    "itemprop:datemodified", "datemodified", "dcterms.modified", "dc.modified", "dc.date.modified", "last-modified",
    "lastmod", "modified_time", "revision_date", "bt:moddate", "updated_time",
)  # fmt: skip

_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|time|datetime|published?|posted|pub[-_]?date|timestamp|data|datum|fecha|kun|dt)(?:$|[\s_-])|date|publi[cs]|"
    r"posted|timestamp|entry-meta|post-meta|article-info|byline|article__time|news-time",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"comment|related|recommend|sidebar|side-bar|footer|reply|widget|popular|ticker|weather|calendar|archive|latest|"
    r"most-|trending|lenta|more-news|other-news|read-?more|teaser|carousel|slider|currency|kurs|event|promo|newsfeed|"
    r"breaking|also|similar|next-|prev",
    re.IGNORECASE,
)
_MAYBE_DATE = re.compile(
    r"\d[./-]\d|\d{4}|\d\s?[^\W\d_]{3}|[月월]|(?i:сегодня|вчера|б[үy]г[iіi]н|кеше|today|yesterday|назад|бұрын)"
)
_URL_DATE = (
    re.compile(r"[/_-]((?:19|20)\d\d)[/_-](\d{1,2})[/_-](\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)"),
    re.compile(r"/(\d{1,2})[-.](\d{1,2})[-.]((?:19|20)\d\d)(?!\d)"),
)
_URL_MONTH_WORD = re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(\d{1,2})/", re.IGNORECASE)

SHORT_TEXT = 160
"""Characters of a text node beyond which it is prose, whose dates are those of its events."""
NODES_LIMIT = 6_000
"""Elements of a page that are looked through for a visible date."""
NEAR = 60
"""Elements after the headline within which the article's own date stands on nearly all pages."""
ENOUGH_FOR_TEXT = 2.5
"""Score from which a visible date is the article's own."""
HTTP_AGE = timedelta(days=2)
"""A Last-Modified header younger than this tells when the page was put together, not when the article was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A moment with the place it was read from, the place's own name as detail for people."""

    stamp: Stamp
    source: Provenance
    detail: str


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
    if not _settled(reading):
        _read_visible(reading, tree, head)
        _read_url(reading, page.url)
    if not reading.published:
        _read_htmldate(reading, tree, page)
    if hint is not None and hint.published_hint is not None:
        stamp = Stamp(when=hint.published_hint, precision="second", zone_given=True)
        if plausible(stamp, page.fetched_at):
            reading.published.append(
                Dated(
                    stamp=stamp, source=hint.hint_from or "feed", detail=f"{hint.hint_from or 'feed'} {hint.found_in}"
                )
            )
    if not reading.published:
        _read_http(reading, page)
    return Publication(
        published=_refined(reading.published), modified=_latest(reading), notes=tuple(dict.fromkeys(reading.notes))
    )


def _settled(reading: _Reading) -> bool:
    return bool(reading.published) and reading.published[0].stamp.precision != "day"


def _refined(candidates: list[Dated]) -> Dated | None:
    """Return the most trusted candidate, with the time of day and the offset of others that tell the same day."""
    if not candidates:
        return None
    best = candidates[0]
    if best.stamp.precision == "day":
        finer = next(
            (one for one in candidates if one.stamp.precision != "day" and one.stamp.day == best.stamp.day), None
        )
        if finer:
            best = replace(finer, detail=f"{best.detail}, time of day from {finer.detail}", source=best.source)
    elif best.stamp.when.utcoffset() == timedelta(0):
        # The same moment with the outlet's own offset says which day its readers saw.
        local = next(
            (
                one
                for one in candidates
                if one.stamp.zone_given
                and one.stamp.when.utcoffset() != timedelta(0)
                and one.stamp.when == best.stamp.when
            ),
            None,
        )
        if local:
            best = replace(best, stamp=local.stamp, detail=f"{best.detail}, offset from {local.detail}")
    return best


def _latest(reading: _Reading) -> Dated | None:
    return reading.modified[0] if reading.modified else None


def _read_url(reading: _Reading, url: str) -> None:
    try:
        path = urlsplit(url).path[:1000]
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


def _read_htmldate(reading: _Reading, tree: HtmlElement, page: Page) -> None:
    """Ask htmldate, the widest and slowest reader, and believe it only where the page's own words hold that day."""
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
    if not guess:
        return
    reading.add(guess, "text", "htmldate")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    score: float
    place: int
    dated: Dated
    modified: bool


def _read_visible(reading: _Reading, tree: HtmlElement, head: Head) -> None:
    """Add the dates of <time> elements and of short texts near the headline, the likeliest of each kind."""
    seen = list(_visible(reading, tree, head))
    for kind in ("time", "text"):
        rows = [one for one in seen if one.dated.source == kind and one.score >= ENOUGH_FOR_TEXT and not one.modified]
        if rows:
            best = max(rows, key=lambda one: (one.score, -one.place))
            reading.published.append(best.dated)
            reading.published.extend(
                one.dated for one in rows if one is not best and one.dated.stamp.day == best.dated.stamp.day
            )
    changed = [one for one in seen if one.modified and one.score >= ENOUGH_FOR_TEXT]
    reading.modified.extend(one.dated for one in sorted(changed, key=lambda one: -one.score))


def _visible(reading: _Reading, tree: HtmlElement, head: Head) -> Iterator[_Seen]:
    body = tree.find("body")
    if body is None:
        body = tree
    headline = head.h1[0] if len(head.h1) == 1 else _likely_heading(head)
    headline_place: int | None = None
    rows: list[tuple[int, HtmlElement, str, str]] = []
    for place, element in enumerate(body.iter()):
        if place > NODES_LIMIT:
            break
        if element is headline:
            headline_place = place
        tag = element.tag
        if not isinstance(tag, str) or tag in ("script", "style", "noscript", "option", "svg"):
            if element.tail and len(element.tail) <= SHORT_TEXT and _MAYBE_DATE.search(element.tail):
                rows.append((place, element.getparent(), element.tail, "text"))
            continue
        if tag == "time":
            value = element.get("datetime") or element.get("content") or element.text_content()
            rows.append((place, element, value, "time"))
        elif (element.get("itemprop") or "").lower() in ("datepublished", "datemodified", "datecreated"):
            rows.append(
                (place, element, element.get("content") or element.get("datetime") or element.text_content(), "time")
            )
        elif (
            _DATE_CLASS.search(element.get("class") or "")
            and len(element)
            and len(text := element.text_content()) <= SHORT_TEXT
        ):
            if _MAYBE_DATE.search(text):
                rows.append((place, element, text, "text"))
        elif element.text and len(element.text) <= SHORT_TEXT and _MAYBE_DATE.search(element.text):
            rows.append((place, element, element.text, "text"))
        if element.tail and len(element.tail) <= SHORT_TEXT and _MAYBE_DATE.search(element.tail):
            rows.append((place, element.getparent(), element.tail, "text"))
    for place, element, text, kind in rows[:300]:
        text = " ".join(text.split())
        stamp = (
            next(iter(find_stamps(text, zone=reading.zone, now=reading.now, month_first=reading.month_first)), None)
            if kind == "text"
            else read_stamp(text, zone=reading.zone, now=reading.now, month_first=reading.month_first)
        )
        if stamp is None or not plausible(stamp, reading.now):
            continue
        score, modified = _score(
            element,
            text,
            stamp,
            kind,
            place - (headline_place if headline_place is not None else 0),
            headline_place is not None,
        )
        yield _Seen(
            score=score,
            place=place,
            modified=modified,
            dated=Dated(
                stamp=stamp, source="time" if kind == "time" else "text", detail=f"<{element.tag}> {text[:60]!r}"
            ),
        )


def _likely_heading(head: Head) -> HtmlElement | None:
    """Return the longest <h1>: the others are logos and section names."""
    return max(head.h1, key=lambda element: len(element.text_content()), default=None)


def _score(
    element: HtmlElement, text: str, stamp: Stamp, kind: str, distance: int, has_headline: bool
) -> tuple[float, bool]:
    """Return how likely a date is the article's own, and whether it is one of modification."""
    score = 1.0 if kind == "time" else 0.0
    prop = (element.get("itemprop") or "").lower()
    marks = " ".join(filter(None, (element.get("class"), element.get("id"), prop)))
    if prop in ("datepublished", "datecreated") or element.get("pubdate") is not None:
        score += 4
    elif _DATE_CLASS.search(marks):
        score += 2
    modified = prop == "datemodified" or bool(MODIFIED_CUE.search(text)) or "updated" in marks or "modif" in marks
    if PUBLISHED_CUE.search(text):
        score += 2
    for depth, parent in enumerate(element.iterancestors()):
        if depth >= 8 or parent.tag == "body":
            break
        parent_marks = f"{parent.get('class') or ''} {parent.get('id') or ''}"
        if parent.tag in ("aside", "nav", "footer") or _ELSEWHERE.search(parent_marks):
            score -= 4
            break
        if parent.tag == "a":
            score -= 2
        elif depth < 3 and kind == "text" and _DATE_CLASS.search(parent_marks):
            score += 1
        if depth < 2 and not modified and parent.text and MODIFIED_CUE.search(parent.text[:100]):
            modified = True
        if parent.tag in ("article", "main"):
            score += 1
            break
    if _ELSEWHERE.search(marks):
        score -= 3
    if has_headline:
        if 0 <= distance <= NEAR:
            score += 3 - distance / NEAR
        elif -40 <= distance < 0:
            score += 1.5
        elif distance > 4 * NEAR:
            score -= 1
    if not stamp.year_given:
        score -= 1
    if stamp.precision != "day":
        score += 0.5
    if len(text) > 80:
        score -= 1.5
    return score, modified
