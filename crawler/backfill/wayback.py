"""A web archive as a way to fill in: the captures of pages that are gone from the outlet's own site."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings

from archive.backfills import ListRow, PageRow
from archive.frontier import LinkRow
from archive.records import Link, Page
from archive.times import now
from crawler.answers import not_html
from crawler.backfill.cdx import Capture, index_query, original_headers, parse_index, parse_replay, replay_url
from crawler.backfill.pace import NOT_NOW, NotTriedError, UnansweredError
from crawler.backfill.reading import Listed
from crawler.backfill.window import Window
from crawler.reasons import Reason, reason_of
from pipelines.canonical import BadURL, canonical_url
from pipelines.items import FetchedPage

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

CDX = "https://web.archive.org/cdx/search/cdx"
REPLAY = "https://web.archive.org/web/"
LIMIT = 5_000
"""Rows of one answer of the index: some 0.7 MB."""
LATE = timedelta(days=30)
"""How long after the last day asked for a capture may have been made: an archive comes by when it does."""
BUSY = (429, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebArchive:
    """Where a web archive answers: its index, what stands before a replayed address, rows of one answer."""

    cdx: str = CDX
    replay: str = REPLAY
    limit: int = LIMIT

    @classmethod
    def of(cls, settings: BaseSettings) -> WebArchive:
        """Read WAYBACK_CDX, WAYBACK_REPLAY and WAYBACK_LIMIT."""
        return cls(
            cdx=settings.get("WAYBACK_CDX", CDX),
            replay=settings.get("WAYBACK_REPLAY", REPLAY),
            limit=settings.getint("WAYBACK_LIMIT", LIMIT),
        )


class WaybackWay:
    """Takes the earliest capture within the days of each address that may be an article and is not stored.

    The outlet's own site is not asked for anything: it is the archive's robots.txt, pace and lock that count.
    """

    def __init__(self, spider: NewsSpider, window: Window, archive: WebArchive) -> None:
        self._spider = spider
        self._window = window
        self._archive = archive

    def first_lists(self) -> Sequence[ListRow]:
        """Return the first page of the index for each of the outlet's domains."""
        return [
            ListRow(url=self._query(domain, None), kind="cdx", chain=domain) for domain in self._spider.source.domains
        ]

    async def read(self, row: ListRow, response: Response) -> Listed:
        """Read an answer of the index: rows of text, in a loop that nothing hostile can slow down."""
        page = parse_index(response.body)
        if page is None:
            return Listed(failure="not an answer of a CDX server")
        found: dict[str, Capture] = {}
        for capture in page.captures:
            if capture.original not in found or capture.at < found[capture.original].at:
                found[capture.original] = capture
        return Listed(
            links=tuple(Link(url=url, found_in=row.url) for url in found),
            changed={url: capture.at for url, capture in found.items()},
            captures={url: replay_url(self._archive.replay, capture) for url, capture in found.items()},
            lists=self._next(row, page.resume_key),
        )

    async def ask(self, page: PageRow) -> AsyncIterator[FetchedPage]:
        """Fetch a capture as it was received."""
        spider, source = self._spider, self._spider.source
        if page.capture is None:
            raise UnansweredError("no capture", final=True)
        request = Request(page.capture, dont_filter=True, meta={"handle_httpstatus_all": True})
        try:
            response = await spider.download(request)
        except Exception as error:  # whatever stands in the way is recorded with the page
            reason = reason_of(error)
            if reason in NOT_NOW:
                raise NotTriedError(reason, request.meta.get("retry_after_s")) from error
            raise UnansweredError(reason, final=reason == Reason.ROBOTS_DISALLOWED) from error
        if response.status in BUSY:
            raise NotTriedError(Reason.RETRY_AFTER, response.meta.get("retry_after_s"))
        if response.status != 200:
            raise UnansweredError(f"{Reason.HTTP} {response.status}", final=400 <= response.status < 500)
        if (kind := not_html(response)) is not None:
            raise UnansweredError(f"{Reason.NOT_HTML}: {kind}", final=True)
        capture = parse_replay(response.url)
        if capture is None or not source.owns(capture.original) or capture.at > now():
            raise UnansweredError("the answer is no capture of the outlet", final=True)
        spider.count("pages")
        link = _link_row(page, source.id)
        yield FetchedPage(
            page=self._page(response, capture, link.url),
            link=link,
            zone=source.timezone,
            is_article_url=source.wants(capture.original),
            captured=True,
        )

    def _page(self, response: Response, capture: Capture, asked: str) -> Page:
        """Return the page as the outlet gave it then: its address, its time, its headers."""
        headers = (
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        )
        return Page(
            url=_canonical(capture.original),
            requested_url=asked,
            fetched_at=capture.at,
            body=response.body,
            headers=original_headers(headers, response.url),
            source_id=self._spider.source.id,
            run_id=self._spider.run_id,
            tls_verified=self._spider.source.tls_verify,
        )

    def _next(self, row: ListRow, resume_key: str | None) -> tuple[ListRow, ...]:
        if resume_key is None:
            return ()
        url = self._query(row.chain, resume_key)
        return (ListRow(url=url, kind="cdx", chain=row.chain, depth=row.depth + 1),)

    def _query(self, domain: str, resume_key: str | None) -> str:
        return index_query(
            self._archive.cdx,
            domain,
            first=self._window.since,
            last=self._window.until + LATE,
            limit=self._archive.limit,
            resume_key=resume_key,
        )


def _link_row(page: PageRow, source_id: str) -> LinkRow:
    return LinkRow(
        url=page.link.url,
        source_id=source_id,
        found_in=page.capture,
        title_hint=None,
        published_hint=None,
        hint_from=None,
        attempts=0,
        article_id=None,
        etag=None,
        last_modified=None,
        missing_since=None,
        missing_status=None,
    )


def _canonical(url: str) -> str:
    try:
        return canonical_url(url)
    except BadURL:
        return url
