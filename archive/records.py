"""The records that cross from one package to the next: plain data, no behaviour but their own shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

SourceKind = Literal["state", "private", "foreign", "official", "party"]
EntryKind = Literal["feed", "sitemap", "news-sitemap", "section"]
Precision = Literal["second", "minute", "day"]
Provenance = Literal["json-ld", "meta", "time", "text", "url", "feed", "sitemap", "http"]
Script = Literal["Cyrl", "Latn", "Arab"]
Reserved = Literal["tdm-meta", "tdm-header", "tdm-file", "noarchive"]
LinkState = Literal["new", "stored", "off-topic", "duplicate", "failed", "refused", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that may be an article, with what the place it was found in says of it.

    `found_in` is the address of the feed, sitemap or section. `published_hint` is aware, or None.
    `hint_from` tells where the hints come from.
    """

    url: str
    found_in: str
    title_hint: str | None = None
    published_hint: datetime | None = None
    hint_from: Literal["feed", "sitemap"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One response as it was fetched: bytes after content decoding, headers as received.

    `fetched_at` is aware. `requested_url` differs from `url` after a redirect. A page made by an
    import has no headers and an empty body.
    """

    url: str
    fetched_at: datetime
    body: bytes = field(default=b"", repr=False)
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    requested_url: str | None = None
    source_id: str | None = None
    run_id: int | None = None
    tls_verified: bool = True
    site_reserves: bool = False
    """Whether the site's `/.well-known/tdmrep.json` reserves mining of this address."""

    def header(self, name: str) -> str | None:
        """Return the first header called `name`, in any case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says, without its chrome.

    `published_at` and `modified_at` are aware and keep the offset the page or its source gives;
    with precision 'day' only the date of `published_at` means anything. `text` is paragraphs joined by
    a newline.
    """

    url: str
    canonical_url: str
    title: str | None = None
    text: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_precision: Precision | None = None
    published_from: Provenance | None = None
    modified_at: datetime | None = None
    language: str | None = None
    script: Script | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    reserved: Reserved | None = None
    """Where mining or archiving of the article is reserved, if anywhere."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Field name -> where its value came from, for people (`scrapy try-url`)."""
    notes: tuple[str, ...] = ()
    """What went wrong or was cut, in plain words: 'text below 256 nested elements lost'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicHit:
    """One topic that an article matches. `terms` maps each matched term to its count in title and text."""

    topic_id: str
    score: float
    terms: Mapping[str, int]
    in_title: bool
