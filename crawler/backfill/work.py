"""Carries out a backfill within a crawl: lists first, then pages newest first, one request at a time, all recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from scrapy import Request
from scrapy.http import Response

from archive.backfills import WHOLE_FIRST, Backfills, Counts, ListKind, ListRow, PageRow, Told
from archive.frontier import EntryState
from archive.records import Link
from archive.times import now
from crawler.backfill.order import Order
from crawler.backfill.pace import NOT_NOW, NotTriedError, Pace, UnansweredError
from crawler.backfill.reading import Listed
from crawler.backfill.telling import Telling, telling
from crawler.backfill.window import Window, summed_up
from crawler.middlewares.robots import ITSELF
from crawler.reasons import Reason, reason_of
from pipelines.canonical import BadURL, canonical_url, url_key
from pipelines.items import FetchedPage, Reading
from pipelines.stages import POISON
from pipelines.worker import Poisoned

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

BATCH = 20
"""Pages taken from the archive at a time: all that a backfill holds in memory."""
OLDER_PAGES = 2
"""Pages of a section in a row that are older than what is asked for, after which the rest is older too."""
OLDER_SITEMAPS = 3
"""The same for sitemaps of one index, once one within the window was met: they are not always in order."""
REPEATING_PAGES = 3
"""Pages of a section in a row without a new address: a site that answers any number with its last page, a calendar."""
UNDATED_PAGES = 20
"""Pages of a section in a row of which no article told a date: where nothing is dated, nothing tells where to end."""
LINKS_A_TURN = 500
"""Links looked at before the event loop has a turn: 0.15 ms each."""
LONGEST_CHAIN = 5_000
"""Pages of one section: at 15 articles each, years of a busy outlet."""
OLDER_ARTICLES = 30
"""Articles in a row that one list gave without dates and that turn out older: what it has left is older too."""
NO_ERROR = frozenset({Reason.ROBOTS_DISALLOWED, f"{Reason.HTTP} 404"})
"""A page that may not be had, or is not there, is told by its row; it is no error of the crawl."""
FINAL_LIST = frozenset({Reason.ROBOTS_DISALLOWED, Reason.PRIVATE_ADDRESS, Reason.SCHEME_REFUSED, Reason.TOO_LARGE})
FOLLOWED: tuple[ListKind, ...] = ("section",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A link of a list under its canonical address, with its last change and its capture where these are known."""

    key: str
    link: Link
    changed: datetime | None
    capture: str | None


class Way(Protocol):
    """Where pages come from: the outlet's own site, or a web archive."""

    def first_lists(self) -> Sequence[ListRow]:
        """Return the lists to begin with."""

    async def read(self, row: ListRow, response: Response) -> Listed:
        """Read the answer to a list's request. Raises Poisoned for one that cannot be read within limits."""

    def ask(self, page: PageRow) -> AsyncIterator[FetchedPage]:
        """Fetch a page and give it to the pipelines; raise NotTriedError or UnansweredError when there is none."""


class Backfill:
    """One backfill during one crawl. `spider.start` iterates `pages`; the pipelines tell `settled`."""

    def __init__(self, spider: NewsSpider, order: Order, way: Way, window: Window) -> None:
        self.order = order
        self.counts: Counts | None = None
        self.ended = False
        self._spider = spider
        self._pace = Pace(spider)
        self._left: str | None = None
        self._way = way
        self._window = window
        self._backfills = Backfills(spider.keeper.db)
        self._id = 0
        self._older: dict[str, int] = {}

    @property
    def stopped_by(self) -> str | None:
        """Why it did not come to its end, or None."""
        return self._pace.stopped_by or self._left

    async def pages(self) -> AsyncIterator[FetchedPage]:
        """Read the lists and give every page within the window to the pipelines, until all is asked for."""
        spider, call = self._spider, self._spider.keeper.call
        self._id, resumed = await call(
            self._backfills.begin, spider.source.id, self.order.way, self.order.since, self.order.until, now()
        )
        await call(self._backfills.add_lists, self._id, self._way.first_lists())
        with telling(f"{spider.source.id} {self.order.since} to {self.order.until}") as told:
            told.begins(resumed=resumed)
            if self._window.since > self.order.since:
                told.line(f"days before {self._window.since} lie before the window of every topic and are left out")
            while self._pace.going_on():
                await self._pace.give_way()
                row = await call(self._backfills.next_list, self._id, spider.run_id, WHOLE_FIRST)
                if row is not None:
                    if not await self._passed(row):
                        await self._read(row, told)
                    continue
                batch = await call(self._backfills.next_pages, self._id, spider.run_id, BATCH)
                for page in batch:
                    if self._pace.going_on():
                        await self._pace.room()
                        async for item in self._ask(page):
                            self._pace.taken()
                            yield item
                        await self._tell(told)
                if batch:
                    continue
                await self._pace.room(1)  # the dates of what was fetched last tell whether the list goes on
                row = await call(self._backfills.next_list, self._id, spider.run_id, FOLLOWED)
                if row is None:
                    break
                if not await self._passed(row):
                    await self._read(row, told)
                    async for item in self._try(row):
                        self._pace.taken()
                        yield item
                    await self._pace.room(1)
                    await self._leave_newer(row)
            await self._pace.room(1)
            await self._close(told)

    async def settled(self, reading: Reading) -> None:
        """Record that a page was stored or found to be none of ours, with the day that it tells."""
        published = reading.article.published_at
        day = published.date() if published else None
        list_url = await self._end_page(url_key(reading.link.url), day=day)
        if list_url is None or day is None:
            return
        older = self._window.place(day, day) == "older"
        self._older[list_url] = self._older.get(list_url, 0) + 1 if older else 0
        if self._older[list_url] >= OLDER_ARTICLES:
            reason = f"{OLDER_ARTICLES} articles in a row were older"
            await self._spider.keeper.call(self._backfills.leave_rest, self._id, list_url, reason)

    def pause(self) -> str | None:
        """Return who asked it to go on later and when, or None."""
        return self._pace.paused

    def trouble(self) -> str | None:
        """Return why nothing could be looked at, or None."""
        if self._pace.stopped_by:
            return f"{self._pace.stopped_by}; to go on, type the same command again"
        if self.counts is not None and not self.counts.lists.get("read"):
            return "no list of the outlet answers"
        return None

    async def _read(self, row: ListRow, telling: Telling) -> None:
        """Ask for a list and record what it says."""
        # the answer to a conditional request would be no list
        meta = {"handle_httpstatus_all": True, ITSELF: row.kind == "robots"}
        request = Request(row.url, dont_filter=True, meta=meta)
        try:
            response = await self._spider.download(request)
        except Exception as error:  # whatever stands in the way is recorded with the list
            await self._list_failed(row, reason_of(error), request.meta.get("retry_after_s"))
            return
        if response.status in (429, 503):
            await self._not_now(Reason.RETRY_AFTER, response.meta.get("retry_after_s"), row)
            return
        if response.status != 200 and not (row.kind == "robots" and 400 <= response.status < 500):
            await self._list_failed(row, f"{Reason.HTTP} {response.status}", response.meta.get("retry_after_s"))
            return
        try:
            listed = await self._way.read(row, response)
        except Poisoned as error:
            listed = Listed(failure=f"{POISON}: {error}")
        if listed.failure:
            await self._list_failed(row, listed.failure, None, final=True)
            return
        pages, told, outside = await self._pages_of(row, listed)
        await self._spider.keeper.call(
            self._backfills.list_read,
            self._id,
            row,
            told=told,
            pages=pages,
            lists=listed.lists,
            outside=outside,
            problem=f"{listed.skipped} lists outside" if listed.skipped else None,
        )
        waiting = sum(page.state == "waiting" for page in pages)
        telling.listed(row, pages=waiting, outside=outside, lists=len(listed.lists), skipped=listed.skipped)
        await self._tell(telling)

    async def _pages_of(self, row: ListRow, listed: Listed) -> tuple[list[PageRow], Told, int]:
        """Return the pages that a list brings and that were not met before, and what they tell of the list."""
        links: dict[str, _Found] = {}
        for start in range(0, len(listed.links), LINKS_A_TURN):
            for found in self._found(row, replace(listed, links=listed.links[start : start + LINKS_A_TURN])):
                links.setdefault(found.key, found)
            await asyncio.sleep(0)  # 50,000 addresses take seconds: whoever wants to stop the crawl is heard
        call = self._spider.keeper.call
        unseen = await call(self._backfills.unseen, self._id, list(links))
        known = await call(self._backfills.known, self.order.way, list(unseen))
        pages: list[PageRow] = []
        all_told: list[Told] = []
        outside = 0
        for key, found in links.items():
            if key not in unseen:
                continue
            link, capture = found.link, found.capture
            told, at = self._window.of_link(link, found.changed)
            if key in known:
                day = known[key]
                told = self._window.place(day, day) if day else told
                pages.append(PageRow(key=key, link=link, at=day or at, capture=capture, state="known"))
            elif told in ("older", "newer"):
                outside += 1
                if row.kind in ("feed", "section"):  # met again on the next page it is no news
                    pages.append(PageRow(key=key, link=link, at=at, state="outside"))
            else:
                pages.append(PageRow(key=key, link=link, at=at, capture=capture))
            all_told.append(told)
        return pages, summed_up(all_told), outside

    def _found(self, row: ListRow, listed: Listed) -> Iterator[_Found]:
        """Yield the links that may be articles, under their canonical addresses."""
        for link in self._spider.links_of(_as_entry(self._spider.source.id, row), listed.discovery()):
            try:
                address = canonical_url(link.url)
            except BadURL:
                continue  # an address that cannot be written cannot be fetched
            yield _Found(
                key=url_key(address),
                link=replace(link, url=address),
                changed=listed.changed.get(link.url),
                capture=listed.captures.get(link.url),
            )

    async def _list_failed(self, row: ListRow, reason: str, wait_s: float | None, *, final: bool = False) -> None:
        """Record a list without an answer; one that may answer another time stays to be read."""
        self._spider.logger.info("%s: %s", row.url, reason)
        if reason in NOT_NOW:
            await self._not_now(reason, wait_s, row)
            return
        gone = reason.startswith(f"{Reason.HTTP} 4") and reason != f"{Reason.HTTP} 429"
        if final or gone or reason in FINAL_LIST:
            await self._spider.keeper.call(self._backfills.list_ended, self._id, row.url, "failed", reason)
        else:
            self._spider.error(f"{row.url}: {reason}")

    async def _passed(self, row: ListRow) -> bool:
        """Tell whether a list need not be read, because those before it in its chain were older or brought nothing."""
        if row.depth == 0 or row.kind == "cdx":
            return False
        call = self._spider.keeper.call
        said = await call(self._backfills.last_told, self._id, row.chain, LONGEST_CHAIN)
        reason = beyond(row.kind, said)
        if reason is None:
            return False
        await call(self._backfills.list_ended, self._id, row.url, "skipped", reason)
        return True

    async def _ask(self, page: PageRow) -> AsyncIterator[FetchedPage]:
        """Fetch a page, unless a crawl has done so since it was listed."""
        call = self._spider.keeper.call
        known = await call(self._backfills.known, self.order.way, [page.key])
        if known:
            await call(self._backfills.page_ended, self._id, page.key, "known", at=known[page.key])
            return
        given = False
        try:
            async for item in self._way.ask(page):
                given = True
                yield item
        except NotTriedError as error:
            await self._not_now(error.reason, error.wait_s, page)
            return
        except UnansweredError as error:
            self._spider.logger.info("%s: %s", page.capture or page.link.url, error.reason)
            unanswered = self._backfills.page_unanswered
            given_up = await call(unanswered, self._id, page.key, error.reason, final=error.final)
            if given_up and error.reason not in NO_ERROR:
                self._spider.error(f"{page.capture or page.link.url}: {error.reason}")
            return
        self._pace.answered()
        if not given:
            await self._end_page(page.key)

    async def _try(self, row: ListRow) -> AsyncIterator[FetchedPage]:
        """Ask for the last article without a date on a page of a section: it tells whether all of them are too new."""
        if self._window.until >= now().date():
            return
        call = self._spider.keeper.call
        page = await call(self._backfills.last_undated, self._id, self._spider.run_id, row.url)
        if page is not None:
            async for item in self._ask(page):
                yield item

    async def _leave_newer(self, row: ListRow) -> None:
        """Leave the rest of a page of a section whose last article turned out newer than what is asked for."""
        call = self._spider.keeper.call
        day = await call(self._backfills.only_day, self._id, row.url)
        if day is not None and self._window.place(day, day) == "newer":
            await call(self._backfills.leave_rest, self._id, row.url, "the last article of its page is newer")

    async def _end_page(self, key: str, *, day: date | None = None) -> str | None:
        return await self._spider.keeper.call(self._backfills.page_ended, self._id, key, "done", at=day)

    async def _not_now(self, reason: str, wait_s: float | None, asked: ListRow | PageRow) -> None:
        """Wait and ask again where a wait is all that is needed; else leave it for the next time, or end."""
        self._spider.logger.info("%s: %s", asked.url if isinstance(asked, ListRow) else asked.link.url, reason)
        if await self._pace.wait_for(reason, wait_s):
            await self._spider.keeper.call(self._backfills.ask_again, self._id, asked)

    async def _tell(self, told: Telling) -> None:
        if not told.is_due():  # counting a million pages takes a moment
            return
        told.stands(await self._spider.keeper.call(self._backfills.counts, self._id))

    async def _close(self, told: Telling) -> None:
        """Record the end, unless something still waits to be asked for."""
        call = self._spider.keeper.call
        self.counts = await call(self._backfills.counts, self._id)
        waiting = self.counts.pages.get("waiting", 0) + self.counts.lists.get("waiting", 0)
        self.ended = not waiting and self.stopped_by is None and self._spider.crawler.crawling
        if self.ended:
            await call(self._backfills.end, self._id, now())
        elif self.stopped_by is None:
            self._left = f"{waiting:,} pages and lists did not answer" if self._pace.going_on() else "stopped"
        told.stands(self.counts)


def beyond(kind: ListKind, said: Sequence[Told]) -> str | None:
    """Return why the next list of a chain need not be read, or None; `said` is what was told before, the last first."""
    if kind == "sitemap":
        # not always in order: only one that was passed tells where the window lies
        passed = said[:OLDER_SITEMAPS] == ["older"] * OLDER_SITEMAPS and "inside" in said
        return "the sitemaps before it are older" if passed else None
    if said[:OLDER_PAGES] == ["older"] * OLDER_PAGES:
        return "the pages before it are older"
    if said[:REPEATING_PAGES] == ["nothing new"] * REPEATING_PAGES:
        return "the pages before it brought nothing new"
    if said[:UNDATED_PAGES] == ["unknown"] * UNDATED_PAGES:
        return "no article of the pages before it told a date"
    return f"more than {LONGEST_CHAIN:,} pages" if len(said) >= LONGEST_CHAIN else None


def _as_entry(source_id: str, row: ListRow) -> EntryState:
    """Return a list as the hook for awkward sites takes it."""
    return EntryState(
        source_id=source_id,
        url=row.url,
        kind=row.kind if row.kind != "robots" and row.kind != "cdx" else "sitemap",
        fallback=False,
        etag=None,
        last_modified=None,
        body_sha256=None,
        next_check_at=None,
        interval_s=None,
        failures=0,
        last_ok_at=None,
        last_new_at=None,
    )
