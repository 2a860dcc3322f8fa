"""The one spider of all sources: polls entries for links, fetches links as pages, hands pages to the pipelines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archive.frontier import MAX_ATTEMPTS, EntryState, LinkRow
from archive.records import Link
from archive.times import now
from crawler import polling
from crawler.answers import Answer, header, not_html, page_of
from crawler.backfill.begin import Task, backfill_for, read_order
from crawler.discovery.entry import CLOCK_SLACK, Discovery, EntryReader
from crawler.entries import Entries, left_out
from crawler.list_reader import ListReader
from crawler.net import domain_ended
from crawler.reasons import FINAL, NOT_TRIED, Reason, reason_of, state_of
from crawler.source import Source
from crawler.tdm_file import TdmFiles
from crawler.waiting import WaitingLinks
from crawler.workshop import Workshop
from pipelines.canonical import BadURL, canonical_url, url_key
from pipelines.items import FetchedPage, Reading, TopicChoice, chosen_topics
from pipelines.keeper import Keeper
from pipelines.presence import absent_status
from pipelines.readers import Readers
from pipelines.topic_file import earliest_day
from pipelines.under_way import Abandoned, UnderWay
from pipelines.worker import Poisoned

MAX_PAGES = 500
"""Pages of one crawl. What is left waits in the frontier for the next one, so that no outlet starves the others."""
MAX_RECHECKS = 100
"""Stored articles that one crawl looks at again, so that re-checks never crowd out new articles."""
OTHERS_ASKED = 3
"""Names of other outlets that are looked up before a name that is gone counts as the end of a domain."""
_NO_ANSWER = frozenset({Reason.UNKNOWN_HOST, Reason.ROBOTS_UNAVAILABLE, Reason.HOST_DOWN})
POISON = "list ends its reader"
"""The reason of an entry's answer that took more time or memory to read than it may."""
_LINKS_A_TURN = 10
"""Links that are looked at without a pause: an operator's pattern may take a twentieth of a second for each."""
_SITES_AHEAD = 3
"""Hosts of new pages that are asked ahead whether they reserve mining: outlets have one for each language."""
_ENTRY_PRIORITY = 100
_NEW_PRIORITY = 10


class NewsSpider(Spider):
    """Crawl one source. `crawler.loader` makes a subclass for each one, named as its id, with `source` set.

    Arguments: `due=1` polls only the entries that are due, as the scheduler does; without it every entry is
    polled now. `since`, `until` and `from` make a backfill of the crawl (`crawler.backfill`). A site that needs more
    than patterns gets a subclass that overrides `links_of`.
    """

    name = "news"
    source: ClassVar[Source]
    keeper: Keeper
    topic_choice: TopicChoice
    oldest: date | None
    entries: Entries
    lists: ListReader
    readers: Readers
    run_id: int
    tdm_files: TdmFiles
    _waiting: WaitingLinks
    task: Task | None = None
    """What the crawl does in place of polling, if it does."""
    stopped_because: str = "stopped by a signal"

    def __init__(self, *, due: str = "0", begin: Callable[[NewsSpider], Task] | None = None, **kwargs: Any) -> None:
        super().__init__(self.source.id, **kwargs)
        self.under_way = UnderWay()
        self._own_workshop: Workshop | None = None
        self.due_only = due not in ("", "0")
        order = read_order(kwargs, now())
        self._begin = partial(backfill_for, order=order) if order is not None else begin
        self._asked: set[str] = set()
        self._ended: dict[str, bool] = {}
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, workshop: Workshop | None = None, **kwargs: Any) -> Self:
        """Build the spider with the topics that the setting TOPICS names, and a workshop of its own if it has none."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.topic_choice = TopicChoice(file=Path(crawler.settings["TOPICS"]).absolute(), ids=cls.source.topics)
        spider.oldest = earliest_day(chosen_topics(spider.topic_choice))
        if workshop is None:
            workshop = spider._own_workshop = Workshop.open(crawler.settings, prefix=cls.source.id)
        spider.keeper = Keeper(workshop.desk, recheck=polling.next_recheck)
        spider.entries = Entries(cls.source, spider.keeper)
        spider.tdm_files = TdmFiles(Path(crawler.settings["ARCHIVE"]).parent / "tdm", spider.download)
        spider.lists, spider.readers = workshop.lists, workshop.readers
        spider._waiting = WaitingLinks(crawler, spider.article_request)
        if spider._begin is not None:
            spider.task = spider._begin(spider)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Take the source's own delay and TLS rule over the project's."""
        super().update_settings(settings)
        settings.set("DOWNLOAD_DELAY", cls.source.delay, priority="spider")
        if not cls.source.tls_verify:
            settings.set("DOWNLOAD_VERIFY_CERTIFICATES", False, priority="spider")

    async def start(self) -> AsyncIterator[Request | FetchedPage]:
        """Yield the entries to poll, then what waits in the frontier since earlier crawls; or the pages of a task."""
        if self.task is not None:
            async for page in self.task.pages():
                yield page
            return
        for entry in await self.entries.to_poll(due_only=self.due_only):
            yield self._entry_request(entry)
        async for request in self._due_articles():
            yield request

    def links_of(self, entry: EntryState, discovery: Discovery) -> Iterable[Link]:
        """Return those of an entry's links that may be articles, asked for a few links at a time.

        The hook for sites that need more than patterns.
        """
        by_pattern = entry.kind in ("sitemap", "section")
        return (link for link in discovery.links if self.source.wants(link.url, by_pattern=by_pattern))

    async def parse_entry(
        self, response: Response, entry: EntryState, reader: EntryReader, first: bool
    ) -> AsyncIterator[Request]:
        """Take the links of a feed, sitemap or section, decide when to look again, go on to the articles."""
        answer = Answer.of(response, now())
        if first and (answer.status == 304 or (answer.ok and answer.body_sha256 == entry.body_sha256)):
            await self.entries.unchanged(entry, answer)
            for url in entry.children:
                yield self._entry_request(entry, url=url, reader=reader)
            return
        if not first and answer.status == 304:
            return
        if not answer.ok:
            reason = f"{Reason.HTTP} {answer.status}"
            if not first:
                self.error(f"{response.url}: {reason}")
                return
            async for request in self._entry_failed(entry, reason, answer.asked_wait):
                yield request
            return
        discovery = await self._read_list(response, reader)
        if discovery.failure and first:
            async for request in self._entry_failed(entry, discovery.failure, answer.asked_wait):
                yield request
            return
        lost = discovery.failure or "; ".join(discovery.problems)
        if lost:
            self._note(f"{response.url}: {lost}")
        if lost and not first:
            await self.entries.noted(entry, f"{response.url}: {lost}")
        links = await self._wanted(entry, discovery)
        too_old = {key for key, link in links.items() if self._too_old(link, discovery)}
        taken = await self.keeper.call(self.keeper.frontier.take, entry, links, at=answer.at, too_old=too_old)
        self.count("links_found", taken.new)
        if told := left_out(taken):
            self._note(f"{response.url}: {told}")
            self.count("links_left_out", taken.left_out)
        if first:
            await self.entries.answered(entry, answer, discovery, taken)
        elif taken.new:
            await self.entries.brought(entry)
        if told and not first:
            await self.entries.noted(entry, f"{response.url}: {told}")
        if taken.new or not links:
            for url in discovery.next_urls:
                yield self._entry_request(entry, url=url, reader=reader)
        async for request in self._due_articles():
            yield request

    async def _read_list(self, response: Response, reader: EntryReader) -> Discovery:
        """Return what an answer lists; one that ends its reader is a failure like one that is no list."""
        task = reader.answer(response.body, response.url, header(response, "Content-Type"))
        try:
            async with self.under_way.waiting():
                listing = await self.lists.read(task)
        except Abandoned:
            return Discovery(failure=Reason.STOPPED)
        except Poisoned as error:
            return Discovery(failure=f"{POISON}: {error}")
        return reader.take(listing, asked=response.request.url if response.request else response.url)

    async def _wanted(self, entry: EntryState, discovery: Discovery) -> dict[str, Link]:
        """Return the links that may be articles, under their keys; the event loop serves others in between."""
        found: dict[str, Link] = {}
        for start in range(0, len(discovery.links), _LINKS_A_TURN):
            some = replace(discovery, links=discovery.links[start : start + _LINKS_A_TURN])
            found.update(_keyed(self.links_of(entry, some)))
            await asyncio.sleep(0)
        return found

    async def parse_article(self, response: Response, link: LinkRow) -> AsyncIterator[FetchedPage]:
        """Hand a page to the pipelines, or record what the answer says without one."""
        at, store = now(), self.keeper.store
        absence = absent_status(response.status)
        if response.status == 304 and link.article_id is not None:
            await self.keeper.call(store.unchanged, link, at)
        elif absence is not None:
            outcome = await self.keeper.call(store.absent, link, absence, at)
            self.count(outcome.kind)
        elif response.status != 200:
            await self._link_failed(link, f"{Reason.HTTP} {response.status}")
        elif (kind := not_html(response)) is not None:
            await self._link_failed(link, f"{Reason.NOT_HTML}: {kind}", final=True)
        else:
            page = page_of(response, link.url, self.source, self.run_id, at)
            self.count("pages")
            if link.article_id is not None and await self.keeper.call(store.same_bytes, link, page):
                await self.keeper.call(store.unchanged, link, at)
                return
            page = replace(page, site_reserves=await self.tdm_files.reserve(page.url))
            is_article_url = self.source.wants(response.url)
            yield FetchedPage(page=page, link=link, zone=self.source.timezone, is_article_url=is_article_url)

    async def entry_error(self, failure: Failure) -> AsyncIterator[Request]:
        """Record an entry that could not be fetched, and turn to the fallbacks."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if request.cb_kwargs["first"]:
            wait = request.meta.get("retry_after_s")
            asked = timedelta(seconds=wait) if wait else None
            async for fallback in self._entry_failed(request.cb_kwargs["entry"], _reason(failure), asked):
                yield fallback
        else:
            self.error(f"{request.url}: {_reason(failure)}")

    async def article_error(self, failure: Failure) -> None:
        """Record a link that could not be fetched."""
        await self.article_failed(failure.request, _reason(failure))  # type: ignore[attr-defined]

    async def article_failed(self, request: Request, reason: str) -> None:
        """Record a link that could not be fetched for these words."""
        link: LinkRow = request.cb_kwargs["link"]
        if link.article_id is not None and reason in _NO_ANSWER and await self._domain_ended(link):
            outcome = await self.keeper.call(self.keeper.store.absent, link, "domain-ended", now())
            self.count(outcome.kind)
            return
        wait = request.meta.get("retry_after_s")
        asked = timedelta(seconds=wait) if wait else None
        if reason in NOT_TRIED:
            await self._not_tried(link, reason, asked)
        else:
            await self._link_failed(link, reason, final=reason in FINAL, asked_wait=asked)

    async def _domain_ended(self, link: LinkRow) -> bool:
        """Return whether the name of a link's host is no more; asked once a crawl and host."""
        host = urlsplit(link.url).hostname or ""
        if host not in self._ended:
            homepages = await self.keeper.call(self.keeper.frontier.other_homepages, self.source.id, OTHERS_ASKED)
            others = [urlsplit(homepage).hostname or "" for homepage in homepages]
            self._ended[host] = await domain_ended(host, others)
        return self._ended[host]

    async def leave(self) -> None:
        """Close the workshop if it is the crawl's own."""
        if self._own_workshop is not None:
            await self._own_workshop.close()

    async def settled(self, reading: Reading) -> None:
        """Hear what a page was read as and that it is stored, or none of ours. The pipelines call this."""
        if self.task is not None:
            await self.task.settled(reading)

    def pause(self) -> str | None:
        """Return why the task of this crawl is to be gone on with later, or None; nothing failed then."""
        return self.task.pause() if self.task is not None else None

    def trouble(self) -> str | None:
        """Return why nothing could be looked at in this crawl, or None."""
        if self.task is not None:
            return self.task.trouble()
        if self.entries.any_answers:
            return None
        why = self.entries.first_trouble
        return f"no entry answers; {why}" if why else "no entry answers"

    async def download(self, request: Request) -> Response:
        """Return the answer to a request, through every middleware. Raises what they and the network raise."""
        assert self.crawler.engine is not None  # noqa: S101 - the spider runs in it
        return await self.crawler.engine.download_async(request)

    async def page_failed(self, link: LinkRow, reason: str) -> None:
        """Record a page that was fetched and could not be read. The pipelines call this."""
        await self._link_failed(link, reason)

    def archive_failed(self, reason: str) -> None:
        """End the crawl: the archive takes nothing more. What was not stored stays due."""
        engine = self.crawler.engine
        if self._ending is None and engine is not None:
            self.logger.error("%s", reason)
            self._ending = asyncio.get_running_loop().create_task(engine.close_spider_async(reason=reason))

    def count(self, name: str, by: int = 1) -> None:
        """Add to a statistic of this crawl."""
        assert self.crawler.stats is not None  # noqa: S101 - set before the spider is
        self.crawler.stats.inc_value(f"dauys/{name}", by)

    async def _entry_failed(
        self, entry: EntryState, error: str, asked_wait: timedelta | None
    ) -> AsyncIterator[Request]:
        if error in NOT_TRIED:
            await self.entries.not_tried(entry, error, asked_wait)
            return
        if entry.last_ok_at is None:
            # a candidate address that never answered is known by its row; it is no news of this crawl
            self.logger.info("%s: %s", entry.url, error)
        else:
            self.error(f"{entry.url}: {error}")
        for fallback in await self.entries.failed(entry, error, asked_wait):
            yield self._entry_request(fallback)

    async def _not_tried(self, link: LinkRow, reason: str, asked_wait: timedelta | None) -> None:
        """Leave a link due, a little later where that is worth it; no attempt is counted."""
        if reason not in (Reason.STOPPED, Reason.SETTLED):
            self.error(f"{link.url}: {reason}")
            again = now() + max(asked_wait or polling.MIN_INTERVAL, polling.MIN_INTERVAL)
            await self.keeper.call(self.keeper.frontier.link_postponed, link.url, again, error=reason)

    async def _link_failed(
        self, link: LinkRow, reason: str, *, final: bool = False, asked_wait: timedelta | None = None
    ) -> None:
        """Record the attempt; it is made again later, fewer and fewer times, but where it would fail for good."""
        if reason == Reason.ROBOTS_DISALLOWED:
            self.logger.info("%s: %s", link.url, reason)  # heeded, and no error of anybody
        else:
            self.error(f"{link.url}: {reason}")
        again: datetime | None = None
        if link.article_id is not None or not (final or link.attempts + 1 >= MAX_ATTEMPTS):
            again = now() + polling.backoff(link.attempts + 2, chance=self.entries.chance(), asked_wait=asked_wait)
        frontier = self.keeper.frontier
        await self.keeper.call(
            frontier.link_failed, link.url, state=state_of(reason), error=reason, next_check_at=again
        )

    def error(self, line: str) -> None:
        """Count and log what went wrong; the first one is told in `runs`."""
        self.count("errors")
        self._note(line, "first_error")

    def _note(self, line: str, kind: str = "first_note") -> None:
        """Log a line, and keep the first of its kind for the row in `runs`."""
        self.logger.info("%s", line)
        assert self.crawler.stats is not None  # noqa: S101 - set before the spider is
        self.crawler.stats.set_value(f"dauys/{kind}", self.crawler.stats.get_value(f"dauys/{kind}") or line)

    async def _due_articles(self) -> AsyncIterator[Request]:
        """Yield requests for what the frontier has due and this crawl has not asked for yet."""
        frontier, at = self.keeper.frontier, now()
        fresh = await self.keeper.call(frontier.due_links, self.source.id, at, MAX_PAGES)
        again = await self.keeper.call(frontier.due_rechecks, self.source.id, at, MAX_RECHECKS)
        # asked before the pages that wait for it: behind them it would hold all of them back
        for url in list({urlsplit(link.url).netloc: link.url for link in fresh}.values())[:_SITES_AHEAD]:
            await self.tdm_files.reserve(url)
        for request in self._waiting.add(self._unasked((*fresh, *again))):
            yield request

    def _unasked(self, links: Iterable[LinkRow]) -> Iterator[LinkRow]:
        """Yield those that this crawl has not asked for, as many as it may."""
        for link in links:
            if len(self._asked) < MAX_PAGES and link.url not in self._asked:
                self._asked.add(link.url)
                yield link

    def article_request(self, link: LinkRow) -> Request:
        """Return the request for an article's page."""
        return Request(
            link.url,
            callback=self.parse_article,
            errback=self.article_error,
            cb_kwargs={"link": link},
            dont_filter=True,
            priority=_NEW_PRIORITY if link.article_id is None else 0,
            meta={
                "etag": link.etag,
                "last_modified": link.last_modified,
                "validated_url": link.url,
                "handle_httpstatus_all": True,
            },
        )

    def _entry_request(
        self, entry: EntryState, *, url: str | None = None, reader: EntryReader | None = None
    ) -> Request:
        """Return a request for the entry itself, or for a page that it led to."""
        first = url is None
        return Request(
            url or entry.url,
            callback=self.parse_entry,
            errback=self.entry_error,
            cb_kwargs={"entry": entry, "reader": reader or EntryReader(entry, self.source), "first": first},
            dont_filter=first,
            priority=_ENTRY_PRIORITY,
            meta={
                "etag": entry.etag if first else None,
                "last_modified": entry.last_modified if first else _since(entry.last_ok_at),
                "validated_url": url or entry.url,
                "handle_httpstatus_all": True,
            },
        )

    def _too_old(self, link: Link, discovery: Discovery) -> bool:
        """Return whether a link was published before the window of every topic, as far as its entry tells."""
        latest = link.published_hint or discovery.changed_before.get(link.url)
        return latest is not None and self.oldest is not None and latest.date() < self.oldest


def _since(last_ok_at: datetime | None) -> str | None:
    """Return an HTTP date for 'has it changed since we last looked', for pages whose own validators are not kept."""
    return format_datetime((last_ok_at - CLOCK_SLACK).astimezone(UTC), usegmt=True) if last_ok_at else None


def _reason(failure: Failure) -> str:
    return reason_of(failure.value) if failure.value is not None else Reason.INTERNAL


def _keyed(links: Iterable[Link]) -> Iterator[tuple[str, Link]]:
    """Yield the links under their canonical addresses, each with the identity of it."""
    for link in links:
        try:
            address = canonical_url(link.url)
        except BadURL:
            continue  # an address that cannot be written cannot be fetched
        yield (
            url_key(address),
            Link(
                url=address,
                found_in=link.found_in,
                title_hint=link.title_hint,
                published_hint=link.published_hint,
                hint_from=link.hint_from,
            ),
        )
