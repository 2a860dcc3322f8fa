"""Reads one answer of an entry by its kind, whoever sent it: made to run in a process that can be killed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from archive.records import EntryKind
from crawler.discovery.feed import FeedResult, parse_feed
from crawler.discovery.section import SectionResult, parse_section
from crawler.discovery.sitemap import SitemapResult, parse_sitemap
from crawler.patterns import AddressPattern

Listing = FeedResult | SitemapResult | SectionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAnswer:
    """A body that an entry, or what it led to, was answered with, and what is needed to read it."""

    kind: EntryKind
    body: bytes
    url: str
    content_type: str | None
    zone: ZoneInfo
    allow: tuple[AddressPattern, ...] = ()
    deny: tuple[AddressPattern, ...] = ()
    domains: frozenset[str] = frozenset()


def read_answer(answer: EntryAnswer) -> Listing:
    """Return what a feed, sitemap or section says. Never raises on what a server sends, as its parsers do not."""
    if answer.kind == "feed":
        return parse_feed(answer.body, answer.url, zone=answer.zone, content_type=answer.content_type)
    if answer.kind == "section":
        return parse_section(
            answer.body,
            answer.url,
            zone=answer.zone,
            allow=answer.allow,
            deny=answer.deny,
            domains=answer.domains,
            content_type=answer.content_type,
        )
    return parse_sitemap(answer.body, answer.url, zone=answer.zone, content_type=answer.content_type)
