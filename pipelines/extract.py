"""Turns a page, bytes and headers as they came, into an article: the pure function that crawl and replay share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml.etree import XPath
from lxml.html import HtmlElement

from archive.records import Article, Link, Page
from pipelines.address import parse as parse_address
from pipelines.canonical import BadURL, believe_canonical, canonical_url
from pipelines.charset import decode
from pipelines.dates import Dated
from pipelines.language import identify
from pipelines.listing import declared_article, has_sentence, is_listing
from pipelines.metadata.byline import find_authors
from pipelines.metadata.head import Head, read_head
from pipelines.metadata.headline import choose_headline
from pipelines.metadata.jsonld import ArticleData, read_jsonld
from pipelines.metadata.reservation import find_reservation
from pipelines.publication import find_publication
from pipelines.readable import UnparsableError, parse, readable_text
from pipelines.tidy import tidy

TAGS_LIMIT = 40
"""Tags of one article that are kept."""
MAX_ADDRESS = 2048
"""Characters of an address that is kept."""

_SHOWN = cast(
    "Callable[[HtmlElement], list[str]]",
    XPath(".//text()[not(ancestor::rt) and not(ancestor::style) and not(ancestor::script)]"),
)
"""Text of a heading but for the reading aids of Japanese and what is no text."""
_INVISIBLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0x7F, 0xAD, 0x200B, 0x2060, 0xFEFF))
"""Characters that no reader sees and no search finds: controls, soft hyphens, zero-width spaces."""
_ANY_INVISIBLE = re.compile(f"[{re.escape(''.join(map(chr, _INVISIBLE)))}]")


def extract(page: Page, *, zone: ZoneInfo, hint: Link | None = None) -> Article:
    """Return what `page` says as an article; never raises for what a page contains.

    `zone` is the source's, for dates without an offset and for 'today'. `hint` is what the feed or sitemap said.
    `provenance` of the result names the place of each field; `notes` tell what went wrong or was lost. A page that is
    no article (a listing, a home page, an empty page) has an empty text and a note saying so.
    """
    decoded = decode(page.body, page.header("Content-Type"))
    notes = list(decoded.notes)
    provenance = {"charset": f"{decoded.codec} from {decoded.source}"}
    try:
        parsed = parse(decoded.text, decoded.encoded)
    except UnparsableError as error:
        return _empty(page, hint, (*notes, f"no article: {error}"))
    tree = parsed.tree
    notes.extend(parsed.notes)
    head = read_head(tree)
    headings = [text for element in head.h1[:10] if (text := _heading_text(element))]
    data = read_jsonld(head.scripts, page_url=page.url, titles=headings)
    notes.extend(data.notes)
    title, title_from = _title(head, data, headings, hint)
    authors, authors_from = find_authors(head, data, tree)
    dates = find_publication(page, tree, head, data, zone=zone, hint=hint)
    notes.extend(dates.notes)
    canonical, canonical_from = _canonical(page, head, data)
    section, section_from = _first_of(
        ("json-ld", data.section), ("meta", head.first("article:section", "og:article:section", "section"))
    )
    tags = _tags(head, data)
    image, image_from = _first_of(
        ("meta", _address(page, head.first("og:image", "og:image:url", "og:image:secure_url", "twitter:image"))),
        ("json-ld", _address(page, data.image)),
    )
    declared = declared_article(head, data)
    whole = None if declared else deepcopy(tree)
    text, text_from = readable_text(tree, data.body)
    text = tidy(clean_text(text), title)
    if whole is not None and is_listing(whole, text, page.url):
        notes.append("no article: a list of links to others")
        text, authors = "", ()
    elif not has_sentence(text):
        notes.append("no article: no text in it")
        text, text_from = "", ""
    language, script = identify(text if len(text) > 100 else f"{title or ''}\n{text}")
    origins = {
        "title": title_from,
        "authors": authors_from if authors else None,
        "text": text_from if text else None,
        "published_at": _origin(dates.published),
        "modified_at": _origin(dates.modified),
        "canonical_url": canonical_from,
        "section": section_from,
        "image_url": image_from,
        "tags": "json-ld and meta" if tags else None,
        "language": "the text's letters and words" if language else None,
    }
    provenance |= {field: origin for field, origin in origins.items() if origin}
    reserved = find_reservation(page, head)
    published = dates.published
    return Article(
        url=page.url,
        canonical_url=canonical,
        title=title,
        text=text,
        authors=authors,
        published_at=published.stamp.when if published else None,
        published_precision=published.stamp.precision if published else None,
        published_from=published.source if published else None,
        modified_at=dates.modified.stamp.when if dates.modified else None,
        language=language,
        script=script,
        section=section,
        tags=tags,
        image_url=image,
        reserved=reserved,
        provenance=provenance,
        notes=tuple(dict.fromkeys(notes)),
    )


def clean_text(text: str) -> str:
    """Return `text` in NFC, without invisible characters and lone surrogates, each line trimmed, no empty lines."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))
    if _ANY_INVISIBLE.search(text):
        text = text.translate(_INVISIBLE)
    return "\n".join(line for line in (" ".join(raw.split()) for raw in text.splitlines()) if line)


def _heading_text(element: HtmlElement) -> str:
    return clean_text(" ".join("".join(_SHOWN(element))[:1000].split()))


def _empty(page: Page, hint: Link | None, notes: tuple[str, ...]) -> Article:
    canonical, _ = _canonical(page, Head(), ArticleData())
    title = hint.title_hint if hint else None
    return Article(url=page.url, canonical_url=canonical, title=title, notes=notes)


def _title(head: Head, data: ArticleData, headings: list[str], hint: Link | None) -> tuple[str | None, str | None]:
    site = head.first("og:site_name", "application-name")
    chosen = choose_headline(
        {
            "json-ld": [data.headline] if data.headline else [],
            "h1": headings,
            "og:title": head.meta.get("og:title", ())[:1],
            "meta": [
                value
                for name in ("title", "dc.title", "headline", "itemprop:headline")
                for value in head.meta.get(name, ())[:1]
            ],
            "twitter:title": head.meta.get("twitter:title", ())[:1],
            "title": [head.title] if head.title else [],
        },
        site=site,
    )
    if chosen:
        return clean_text(chosen[0]) or None, chosen[1]
    if hint and hint.title_hint:
        return hint.title_hint, hint.hint_from
    return None, None


def _canonical(page: Page, head: Head, data: ArticleData) -> tuple[str, str | None]:
    try:
        own = canonical_url(page.url)
    except BadURL:
        return page.url, None
    for place, declared in (
        ("link rel=canonical", head.links.get("canonical")),
        ("meta og:url", head.first("og:url")),
        ("json-ld", data.url),
    ):
        if believed := believe_canonical(page.url, declared):
            return believed, place
    return own, "address"


def _address(page: Page, declared: str | None) -> str | None:
    """Return what a page gives as the address of something, absolute, or None where it is none of the web."""
    if not declared or len(declared) > MAX_ADDRESS:
        return None
    try:
        address = str(parse_address(urljoin(page.url, declared.strip())))
    except (BadURL, ValueError):
        return None
    return address if address.startswith(("http://", "https://")) else None


def _tags(head: Head, data: ArticleData) -> tuple[str, ...]:
    found: dict[str, str] = {}
    meta = [tag for name in ("article:tag", "og:article:tag") for tag in head.meta.get(name, ())]
    listed = (
        []
        if meta or data.tags
        else [
            tag
            for name in ("news_keywords", "keywords")
            for value in head.meta.get(name, ())
            for tag in value.split(",")
        ]
    )
    for raw in (*meta, *data.tags, *listed):
        tag = " ".join(raw.split())[:100]
        if tag:
            found.setdefault(tag.lower(), tag)
    return tuple(found.values())[:TAGS_LIMIT]


def _first_of(*places: tuple[str, str | None]) -> tuple[str | None, str | None]:
    return next(((value, place) for place, value in places if value), (None, None))


def _origin(dated: Dated | None) -> str | None:
    return f"{dated.source}: {dated.detail}" if dated else None


def warm_up() -> None:
    """Load what nearly every page needs; the thorough path, the date parser and the model of languages wait."""
    paragraph = "".join(
        f"<p>Граждане проголосовали на референдуме, и это было событие {n}, о котором тогда писали все.</p>"
        for n in range(12)
    )
    page = f"<html><body><h1>Warm</h1><time datetime='2026-03-15T10:00+05:00'>15</time>{paragraph}</body></html>"
    extract(Page(url="https://example.org/", fetched_at=datetime.now(UTC), body=page.encode()), zone=ZoneInfo("UTC"))
