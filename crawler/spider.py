"""The one spider of all sources: polls entries for links, fetches links as pages, hands pages to the pipelines."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.frontier import MAX_ATTEMPTS, EntryRow, EntryState, LinkRow, SourceRow
from archive.records import Link, LinkState, Page
from archive.times import now
from crawler import polling
from crawler.answers import Answer, page_of, waits_asked
from crawler.discovery.read import Discovery, Walk, read_entry
from crawler.reasons import Reason, reason_of
from crawler.sources import Source
from pipelines.canonical import BadURL, canonical_url, url_key
from pipelines.keeper import Keeper
from pipelines.presence import absent_status
from pipelines.river import FetchedPage

MAX_PAGES = 500
"""Pages of one crawl. What is left waits in the frontier for the next one, so that no outlet starves the others."""
MAX_RECHECKS = 100
"""Stored articles that one crawl looks at again, so that re-checks never crowd out new articles."""
_FINAL = frozenset({Reason.ROBOTS_DISALLOWED, Reason.PRIVATE_ADDRESS, Reason.SCHEME_REFUSED})
"""Refusals that another attempt would meet again."""
_ENTRY_PRIORITY = 100
_NEW_PRIORITY = 10


class NewsSpider(Spider):
    """Crawl one source. `crawler.loader` makes a subclass for each one, named as its id, with `source` set.

    Arguments: `due=1` polls only the entries that are due, as the scheduler does; without it every entry is
    polled now. A site that needs more than patterns gets a subclass that overrides `links_of` or `page_links`.
    """

    name = "news"
    source: ClassVar[Source]
    keeper: Keeper
    run_id: int

    def __init__(self, *, due: str = "0", **kwargs: Any) -> None:
        super().__init__(self.source.id, **kwargs)
        self.due_only = due not in ("", "0")
        self._asked: set[str] = set()
        self._pages = 0
        self._walk = Walk()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider with the archive that the setting ARCHIVE names."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.keeper = Keeper(crawler.settings["ARCHIVE"], prefix=cls.source.id, recheck=polling.next_recheck)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Yield the entries that are due, then what waits in the frontier since earlier crawls."""
        frontier = self.keeper.frontier
        await self.keeper.call(frontier.register, _source_row(self.source), _entry_rows(self.source))
        due_at = now() if self.due_only else None
        for entry in await self.keeper.call(frontier.entries, self.source.id, due_at=due_at):
            yield self._entry_request(entry)
        async for request in self._due_articles():
            yield request

    def links_of(self, discovery: Discovery) -> Iterable[Link]:
        """Return the links of an entry that may be articles. A hook for sites whose entries need more than patterns."""
        return (link for link in discovery.links if self.source.is_article(link.url))

    async def parse_entry(self, response: Response, entry: EntryState, depth: int = 0) -> AsyncIterator[Request]:
        """Take the links of a feed, sitemap or section, decide when to look again, go on to the articles."""
        answer = Answer.of(response, now())
        if answer.status == 304 or (answer.ok and depth == 0 and answer.body_sha256 == entry.body_sha256):
            await self._entry_unchanged(entry, answer)
            return
        if not answer.ok:
            await self._entry_failed(entry, f"{Reason.HTTP} {answer.status}", answer.asked_wait)
            return
        discovery = read_entry(response, entry.kind, self.source)
        if discovery.failure:
            await self._entry_failed(entry, discovery.failure, answer.asked_wait)
            return
        links = self._keyed(self.links_of(discovery))
        new = await self.keeper.call(self.keeper.frontier.add, self.source.id, links, at=now())
        self._count("links_found", new)
        if depth == 0:
            await self._entry_answered(entry, answer, discovery, len(links), new)
        for url in self._walk.follow(discovery, depth=depth, new_links=new):
            yield self._entry_request(entry, url=url, depth=depth + 1)
        async for request in self._due_articles():
            yield request

    async def parse_article(self, response: Response, link: LinkRow) -> AsyncIterator[FetchedPage]:
        """Hand a page to the pipelines, or record what the answer says without one."""
        at = now()
        absence = absent_status(response.status)
        if response.status == 304 and link.article_id is not None:
            await self.keeper.call(self.keeper.store.unchanged, link, at)
        elif absence is not None:
            outcome = await self.keeper.call(self.keeper.store.absent, link, absence, at)
            self._count(outcome.kind)
        elif response.status != 200:
            await self._link_failed(link, f"{Reason.HTTP} {response.status}")
        elif (kind := _not_html(response)) is not None:
            await self._link_failed(link, f"{Reason.NOT_HTML}: {kind}", final=True)
        else:
            page = page_of(response, link, self.source, self.run_id, at)
            if await self.keeper.call(self.keeper.store.same_bytes, link, page.body):
                await self.keeper.call(self.keeper.store.unchanged, link, at)
                return
            self._count("pages")
            yield FetchedPage(
                page=page,
                link=link,
                zone=self.source.timezone,
                is_article_url=self.source.is_article(response.url),
            )

    async def entry_error(self, failure: Failure) -> None:
        """Record an entry that could not be fetched."""
        request = failure.request  # type: ignore[attr-defined]
        wait = request.meta.get("retry_after_s")
        await self._entry_failed(
            request.cb_kwargs["entry"], reason_of(failure.value), timedelta(seconds=wait) if wait else None
        )

    async def article_error(self, failure: Failure) -> None:
        """Record a link that could not be fetched."""
        request = failure.request  # type: ignore[attr-defined]
        reason = reason_of(failure.value)
        await self._link_failed(
            request.cb_kwargs["link"],
            reason,
            final=reason in _FINAL,
            wait=request.meta.get("retry_after_s"),
            state="refused" if reason.startswith("robots") or reason in _FINAL else "failed",
        )

    async def _due_articles(self) -> AsyncIterator[Request]:
        """Yield requests for what the frontier has due and this crawl has not asked for yet."""
        frontier, at = self.keeper.frontier, now()
        left = MAX_PAGES - self._pages
        fresh = await self.keeper.call(frontier.due_links, self.source.id, at, MAX_PAGES)
        again = await self.keeper.call(frontier.due_rechecks, self.source.id, at, MAX_RECHECKS)
        for link in (*fresh, *again):
            if left <= 0:
                return
            if link.url in self._asked:
                continue
            self._asked.add(link.url)
            self._pages += 1
            left -= 1
            yield Request(
                link.url,
                callback=self.parse_article,
                errback=self.article_error,
                cb_kwargs={"link": link},
                dont_filter=True,
                priority=_NEW_PRIORITY if link.article_id is None else 0,
                meta={"etag": link.etag, "last_modified": link.last_modified, "handle_httpstatus_all": True},
            )

    def _entry_request(self, entry: EntryState, *, url: str | None = None, depth: int = 0) -> Request:
        own = url is None
        return Request(
            url or entry.url,
            callback=self.parse_entry,
            errback=self.entry_error,
            cb_kwargs={"entry": entry, "depth": depth},
            dont_filter=own,
            priority=_ENTRY_PRIORITY,
            meta={
                "etag": entry.etag if own else None,
                "last_modified": entry.last_modified if own else None,
                "handle_httpstatus_all": True,
            },
        )
