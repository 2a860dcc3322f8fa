"""Gives up on a host that does not answer, so that the others of a crawl do not wait for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, DownloadTimeoutError

from crawler.reasons import Reason, Refused
from crawler.slots import give_up_waiting, slot_key

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

_SILENCE = (CannotResolveHostError, DownloadConnectionRefusedError, DownloadTimeoutError)


class HostDownMiddleware:
    """Refuse with `host down`, for the rest of the crawl, what belongs to a host that failed several times in a row.

    Setting: HOST_DOWN_AFTER (3 attempts without any answer). Stands nearest to the downloader, where each attempt
    of a retry is seen. Any answer, an error page too, starts the count anew.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._after = crawler.settings.getint("HOST_DOWN_AFTER", 3)
        self._silent: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build with HOST_DOWN_AFTER."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what belongs to a host that is down."""
        host = urlsplit(request.url).netloc
        if self._silent[host] >= self._after:
            raise Refused(Reason.HOST_DOWN, host)

    def process_response(self, request: Request, response: Response) -> Response:
        """Note that the host is there."""
        self._silent.pop(urlsplit(request.url).netloc, None)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count an attempt without an answer; at the limit, give up what waits for the host."""
        if not isinstance(exception, _SILENCE):
            return
        host = urlsplit(request.url).netloc
        self._silent[host] += 1
        if self._silent[host] >= self._after:
            error = Refused(Reason.HOST_DOWN, host)
            give_up_waiting(self._crawler, slot_key(request.url), error, netloc=host)
