"""Reads RSS, RDF, Atom and JSON feeds, well or badly formed, into links with title and date hints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml import etree

from archive.records import Link
from crawler.discovery.dates import parse_date
from crawler.discovery.links import Refusal, clean_url, unescape_url
from crawler.discovery.markup import (
    CHUNK,
    MAX_PROLOG,
    byte_chunks,
    clean_text,
    elements,
    escape_loose,
    plain_text,
    strip_prolog,
)

FeedKind = Literal["rss", "atom", "rdf", "json"]

MAX_BYTES = 5 * 1024 * 1024
"""Bytes read of a feed; the largest real one met has 0.6 MB. The rest is cut off, the beginning kept."""
MAX_ENTRIES = 5_000
"""Entries read of a feed, the first ones (feeds put the newest first): as many as of a sitemap."""
MAX_JSON_VALUES = 400_000
"""Values read of a JSON feed: 5,000 entries of 80. More is refused before parsing, for memory's sake."""
SALVAGE_BYTES = 256 * 1024
"""Bytes handed to feedparser when the fast parser loses entries: it is three times slower, and at worst takes 1.5 s."""
MAX_TTL_S = 7 * 86_400
"""Seconds; feeds that ask for more (a year was seen) mean nothing by it."""

_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_SPACES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
}
_ATOM = ("http://www.w3.org/2005/atom", "http://purl.org/atom/ns#")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ENTRY = re.compile(r"<(?:[A-Za-z]{1,9}:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_TAGS = tuple(f"{{*}}{tag}" for tag in ("item", "entry", "Item", "ITEM", "channel", "rss", "feed", "RDF"))
_LATE_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_HTML_ROOTS = frozenset(
    (
        "html",
        "head",
        "body",
        "div",
        "script",
        "meta",
        "title",
        "center",
        "style",
        "p",
        "br",
        "b",
        "font",
        "iframe",
        "img",
    )
)
_KINDS: Mapping[str, FeedKind] = {"rss": "rss", "rdf": "rdf", "feed": "atom", "channel": "rss"}
_OTHER_MAKERS = ("source", "image", "textinput", "author", "contributor", "media:group", "media:content")
_TITLES = ("title", "dc:title", "media:title")
_DATES = (
    *("pubdate", "published", "issued", "dc:date", "dcterms:issued", "dcterms:created", "dc:created", "created"),
    *("updated", "modified", "dcterms:modified"),
)
"""Where an entry's date is looked for, in this order; a change's date only when there is none of publication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResult:
    """What a feed says. `kind` is None when the body is no feed; `ttl_s` is the wait it asks for, in seconds."""

    kind: FeedKind | None = None
    links: tuple[Link, ...] = ()
    title: str | None = None
    language: str | None = None
    ttl_s: int | None = None
    next_page: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """Links of one feed while it is read: each address once, with what was wrong on the way."""

    url: str
    zone: ZoneInfo
    links: dict[str, Link] = field(default_factory=dict)
    entries: int = 0
    linkless: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def add(self, base: str, addresses: Iterator[str], title: str | None, dates: Iterator[str]) -> None:
        """Take one entry: the first of `addresses` that can be followed, the first of `dates` that can be read."""
        self.entries += 1
        refusal = None
        for address in addresses:
            if not address.strip():
                continue
            url = clean_url(unescape_url(address), base)
            if isinstance(url, Refusal):
                refusal = refusal or url
                continue
            if url not in self.links:
                published = next((moment for text in dates if (moment := parse_date(text, self.zone))), None)
                self.links[url] = Link(
                    url=url,
                    found_in=self.url,
                    title_hint=plain_text(title),
                    published_hint=published,
                    hint_from="feed",
                )
            return
        if refusal is None:
            self.linkless += 1
        else:
            self.refused.append(refusal)

    def problems(self) -> Iterator[str]:
        """Say what was lost, a line a cause."""
        if self.linkless:
            yield f"{self.linkless} of {self.entries} entries without a link"
        if self.refused:
            yield f"{len(self.refused)} links refused, the first: {self.refused[0].reason}: {self.refused[0].url}"


def parse_feed(body: bytes, url: str, *, zone: ZoneInfo, content_type: str | None = None) -> FeedResult:
    """Read the feed `body` that was fetched from `url`.

    `zone` is that of dates without an offset; `content_type` is the HTTP header, for its charset. At most MAX_BYTES
    and MAX_ENTRIES are read, whatever is beyond them is a problem in the result. Never raises on what a
    server sends: what is no feed gives no kind and the problem 'not a feed: ...'.
    """
    if not body.strip():
        return FeedResult(problems=("not a feed: empty body",))
    problems: list[str] = []
    text = clean_text(b"".join(byte_chunks(body, MAX_BYTES, problems)), content_type)
    if text.lstrip()[:1] in ("{", "["):
        return _read_json(text, url, zone, problems)
    root, text = strip_prolog(text)
    if root not in _KINDS and (late := _LATE_ROOT.search(text, 0, MAX_PROLOG)) is not None:
        root, text = strip_prolog(text[late.start() :])  # a server's error message stands before the feed
        problems.append("markup before the feed")
    if root not in _KINDS:
        return FeedResult(problems=(_not_a_feed(root),))
    return _read_xml(text, root, _Gathered(url=url, zone=zone), problems)


def _not_a_feed(root: str) -> str:
    if root in _HTML_ROOTS:
        return "not a feed: HTML"
    if root in ("urlset", "sitemapindex"):
        return "not a feed: a sitemap"
    return f"not a feed: <{root[:40]}>" if root else "not a feed: no markup"


def _read_xml(text: str, root: str, gathered: _Gathered, problems: list[str]) -> FeedResult:
    meta: dict[str, Any] = {}
    top: etree._Element | None = None
    chunks = (text[start : start + CHUNK] for start in range(0, len(text), CHUNK))
    for element in elements(chunks, _TAGS, problems):
        if top is None:
            top = element.getroottree().getroot()
        if _name(element) not in ("item", "entry"):
            meta = meta or _meta(element.getroottree().getroot(), gathered.url)
        elif gathered.entries < MAX_ENTRIES:
            _add_entry(gathered, element)
        else:
            problems.append(f"more than {MAX_ENTRIES:,} entries: the rest was not read")
            break
    kind = _KINDS[root]
    expected = min(sum(1 for _ in _ENTRY.finditer(text)), MAX_ENTRIES)
    if 2 * gathered.entries < expected:
        salvaged = _salvage(text, _Gathered(url=gathered.url, zone=gathered.zone))
        if len(salvaged.links) > len(gathered.links):
            problems.append(f"badly formed: {len(gathered.links)} links read, {len(salvaged.links)} salvaged")
            gathered = salvaged
    if top is not None and not meta:
        meta = _meta(top, gathered.url)
    if kind == "rss" and gathered.entries == 0 and not meta:
        problems.append("no entries")
    return FeedResult(
        kind=kind,
        links=tuple(gathered.links.values()),
        problems=(*problems, *gathered.problems()),
        **meta,
    )


def _add_entry(gathered: _Gathered, entry: etree._Element) -> None:
    found: dict[str, list[etree._Element]] = {}
    for element in entry.iter(etree.Element):
        if element is not entry and not _belongs_elsewhere(element, entry):
            found.setdefault(_name(element), []).append(element)
    gathered.add(
        _base(entry, gathered.url),
        _addresses(entry, found, gathered.url),
        next((text for name in _TITLES for e in found.get(name, ()) if (text := _text(e)).strip()), None),
        (_text(e) for name in _DATES for e in found.get(name, ())),
    )


def _belongs_elsewhere(element: etree._Element, entry: etree._Element) -> bool:
    """Say whether `element` describes the entry's author, picture or origin and not the entry."""
    parent = element.getparent()
    steps = 0
    while parent is not None and parent is not entry and steps < 8:
        if _name(parent) in _OTHER_MAKERS:
            return True
        parent, steps = parent.getparent(), steps + 1
    return False


def _addresses(entry: etree._Element, found: Mapping[str, list[etree._Element]], url: str) -> Iterator[str]:
    """Yield where the entry may live, the most trusted first."""
    for element in found.get("feedburner:origlink", ()):
        yield _text(element)
    links = found.get("link", [])
    hrefs = [
        (0 if "html" in (link.get("type") or "html") else 1, urljoin_or(link, href, url))
        for link in links
        if (href := link.get("href")) and (link.get("rel") or "alternate").strip().lower() == "alternate"
    ]
    for link in links:
        if link.get("href") is None:
            yield urljoin_or(link, _text(link), url)
            yield (link.tail or "").strip() if not _text(link).strip() else ""
    for _, href in sorted(hrefs, key=lambda pair: pair[0]):
        yield href
    for element in found.get("guid", ()):
        if (element.get("isPermaLink") or element.get("ispermalink") or "true").strip().lower() != "false":
            yield _web_only(_text(element))
    for element in found.get("id", ()):
        yield _web_only(_text(element))
    yield _web_only(entry.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about") or "")


def urljoin_or(element: etree._Element, href: str, url: str) -> str:
    """Return `href` joined to the element's own xml:base, or as it is when that cannot be."""
    try:
        return urljoin(_base(element, url), href.strip())
    except ValueError:
        return href


def _web_only(text: str) -> str:
    """Return an identifier when it is an address as well."""
    return text if text.strip().lower().startswith(("http://", "https://")) else ""


def _base(element: etree._Element, url: str) -> str:
    """Return the address that links within `element` are relative to: xml:base from the inside out, `url` last."""
    bases: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        if base := node.get(f"{_XML}base"):
            bases.append(base)
        node = node.getparent()
    for base in reversed(bases):
        try:
            url = urljoin(url, base.strip())
        except ValueError:
            continue
    return url


def _meta(top: etree._Element, url: str) -> dict[str, Any]:
    """Return what the feed says of itself: title, language, ttl_s, next_page."""
    meta: dict[str, Any] = {}
    numbers: dict[str, str] = {}
    nodes = [top, *(child for child in top.iterchildren(etree.Element) if _name(child) == "channel")]
    for node in nodes:
        if language := node.get(f"{_XML}lang"):
            meta.setdefault("language", language.strip().lower()[:20] or None)
        for element in node.iterchildren(etree.Element):
            name = _name(element)
            if name == "title":
                meta.setdefault("title", plain_text(_text(element)))
            elif name in ("language", "dc:language"):
                meta["language"] = _text(element).strip().lower()[:20] or None
            elif name in ("ttl", "sy:updateperiod", "sy:updatefrequency"):
                numbers.setdefault(name, _text(element).strip().lower()[:20])
            elif name == "link" and (element.get("rel") or "").lower() == "next":
                page = clean_url(urljoin_or(element, element.get("href") or "", url), url)
                if not isinstance(page, Refusal):
                    meta.setdefault("next_page", page)
    ttl = _ttl_s(numbers)
    return meta | ({"ttl_s": ttl} if ttl else {})


def _ttl_s(numbers: Mapping[str, str]) -> int | None:
    """Return the wait in seconds: RSS's ttl counts minutes, the syndication module times a period."""
    minutes = numbers.get("ttl", "")
    if minutes.isdecimal() and int(minutes) > 0:
        return min(60 * int(minutes), MAX_TTL_S)
    period = _PERIODS_S.get(numbers.get("sy:updateperiod", ""))
    if period is None:
        return None
    often = numbers.get("sy:updatefrequency", "1")
    return min(period // max(1, int(often) if often.isdecimal() else 1), MAX_TTL_S) or None


def _salvage(text: str, gathered: _Gathered) -> _Gathered:
    """Read the beginning of a badly formed feed with feedparser, which guesses more but is slow."""
    head = escape_loose(text[:SALVAGE_BYTES]).encode()[:SALVAGE_BYTES].decode("utf-8", "ignore")
    import feedparser  # here: hardly a feed needs it, and it takes a tenth of a second to load

    parsed = feedparser.parse(head.encode(), sanitize_html=False, resolve_relative_uris=False)
    for entry in parsed.entries[:MAX_ENTRIES]:
        addresses = (str(entry.get(key) or "") for key in ("feedburner_origlink", "link"))
        # feedparser's own `get` gives 'published' for a missing 'updated', with a warning
        dates = (str(dict.get(entry, key) or "") for key in ("published", "created", "updated"))
        gathered.add(gathered.url, addresses, entry.get("title"), dates)
    return gathered


def _read_json(text: str, url: str, zone: ZoneInfo, problems: list[str]) -> FeedResult:
    """Read a JSON Feed (jsonfeed.org, 1 and 1.1)."""
    if text.count("{") + text.count("[") + text.count(",") > MAX_JSON_VALUES:
        return FeedResult(problems=("not a feed: JSON of too many values",))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return FeedResult(problems=("not a feed: broken JSON",))
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return FeedResult(problems=("not a feed: JSON without items",))
    gathered = _Gathered(url=url, zone=zone)
    items = [item for item in data["items"] if isinstance(item, dict)]
    if len(items) > MAX_ENTRIES:
        problems.append(f"more than {MAX_ENTRIES:,} entries: the rest was not read")
    for item in items[:MAX_ENTRIES]:
        addresses = (_string(item, "url"), _web_only(_string(item, "id")), _string(item, "external_url"))
        dates = (_string(item, "date_published"), _string(item, "date_modified"))
        gathered.add(url, iter(addresses), _string(item, "title"), iter(dates))
    page = clean_url(_string(data, "next_url"), url)
    return FeedResult(
        kind="json",
        links=tuple(gathered.links.values()),
        title=plain_text(_string(data, "title")),
        language=_string(data, "language").lower()[:20] or None,
        next_page=None if isinstance(page, Refusal) else page,
        problems=(*problems, *gathered.problems()),
    )


def _string(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _name(element: etree._Element) -> str:
    """Return the element's lower-case name with a known prefix: 'pubdate', 'dc:date', '?:x'. Atom's own have none."""
    tag: str = element.tag
    if not tag.startswith("{"):
        return tag.lower()
    space, _, local = tag[1:].partition("}")
    space = space.strip().lower()
    prefix = "" if space.startswith(_ATOM) else _SPACES.get(space, "?")
    return f"{prefix}:{local.lower()}" if prefix else local.lower()


def _text(element: etree._Element) -> str:
    """Return the text of an element and what it holds, tags of XHTML titles as nothing."""
    if len(element) == 0:
        return element.text or ""
    return "".join(str(piece) for piece in element.itertext())
