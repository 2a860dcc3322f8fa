"""Brings what an entry lists, whatever its kind, into one form: links, what to look at next, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.frontier import EntryState
from archive.records import Link
from crawler.discovery.answer import EntryAnswer, Listing
from crawler.discovery.feed import FeedResult
from crawler.discovery.section import SectionResult
from crawler.discovery.sitemap import MAX_DEPTH, MAX_LOCS, MAX_SITEMAPS, ChildSitemap, SitemapBudget, SitemapResult
from crawler.source import Source

MAX_UNDATED = 5
"""Sitemaps without a date that are read again at every poll: the newest parts of a numbered archive."""
CLOCK_SLACK = timedelta(minutes=10)
"""How far a server's clock may be behind ours."""
_CAPS = {
    "depth": f"sitemaps deeper than {MAX_DEPTH} were not fetched",
    "sitemaps": f"sitemaps beyond {MAX_SITEMAPS} were not fetched",
    "locs": f"addresses or sitemaps beyond {MAX_LOCS:,} addresses were not taken",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What an entry lists. `failure` is one line where the answer is none of its kind, `problems` are what was lost.

    `published` are the times that tell its rhythm, `changed_before` maps a link to a moment after which it did not
    change (and so was not published), `next_urls` are child sitemaps or the next page of a section, `children` those
    of them that may change while the index that names them does not.
    """

    links: tuple[Link, ...] = ()
    published: tuple[datetime, ...] = ()
    changed_before: dict[str, datetime] = field(default_factory=dict)
    next_urls: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    asked_wait: timedelta | None = None
    problems: tuple[str, ...] = ()
    failure: str | None = None


class EntryReader:
    """Takes what the pages of one entry list during one crawl, within the caps on sitemaps and pages."""

    def __init__(self, entry: EntryState, source: Source) -> None:
        self._entry = entry
        self._source = source
        self._budget = SitemapBudget(root=entry.url)
        self._pages_left = next((own.pages for own in source.entries if own.url == entry.url), 1) - 1

    def answer(self, body: bytes, url: str, content_type: str | None) -> EntryAnswer:
        """Return one answer, of the entry itself or of what an earlier one led to, as `read_answer` wants it."""
        return EntryAnswer(
            kind=self._entry.kind,
            body=body,
            url=url,
            content_type=content_type,
            zone=self._source.timezone,
            allow=self._source.allow,
            deny=self._source.deny,
            domains=frozenset(self._source.domains),
        )

    def take(self, listing: Listing, *, asked: str) -> Discovery:
        """Return what may be taken of one answer that was read; `asked` is its address before redirects."""
        match listing:
            case FeedResult():
                return self._feed(listing)
            case SectionResult():
                return self._section(listing)
            case SitemapResult():
                return self._sitemap(listing, asked)

    def _feed(self, result: FeedResult) -> Discovery:
        return Discovery(
            links=result.links,
            published=_dated(result.links),
            asked_wait=timedelta(seconds=result.ttl_s) if result.ttl_s else None,
            problems=result.problems,
            failure=_failure(result.kind, result.problems),
        )

    def _sitemap(self, result: SitemapResult, parent: str) -> Discovery:
        before = self._budget.refused.copy()
        links = self._budget.take(result.links)
        admitted = self._budget.admit(self._changed(result.children), parent)
        left_out = self._budget.refused - before
        return Discovery(
            links=links,
            published=_dated(links) or tuple(result.modified.values()),
            changed_before=dict(result.modified),
            next_urls=tuple(child.url for child in admitted),
            children=tuple(child.url for child in result.children if child.lastmod is None)[:MAX_UNDATED],
            problems=(*result.problems, *(f"{count:,} {_CAPS[cap]}" for cap, count in left_out.items())),
            failure=_failure(result.kind, result.problems),
        )

    def _changed(self, children: Sequence[ChildSitemap]) -> list[ChildSitemap]:
        """Return the sitemaps that may hold something new since the last poll: an archive of years is read once."""
        since = self._entry.last_ok_at
        if since is None:
            return list(children)
        dated = [child for child in children if child.lastmod is not None and child.lastmod > since - CLOCK_SLACK]
        undated = [child for child in children if child.lastmod is None]
        return dated + undated[:MAX_UNDATED]

    def _section(self, result: SectionResult) -> Discovery:
        follow = result.next_url is not None and self._pages_left > 0
        self._pages_left -= follow
        return Discovery(
            links=result.links,
            published=_dated(result.links),
            next_urls=(result.next_url,) if follow and result.next_url else (),
            problems=result.problems,
            failure=None if result.links else "; ".join(result.problems) or "no links to articles",
        )


def _dated(links: tuple[Link, ...]) -> tuple[datetime, ...]:
    return tuple(link.published_hint for link in links if link.published_hint is not None)


def _failure(kind: str | None, problems: tuple[str, ...]) -> str | None:
    return None if kind else (problems[0] if problems else "not understood")
