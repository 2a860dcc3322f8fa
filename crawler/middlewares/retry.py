"""Tries again what failed for a moment, as late as the server asks, and stops asking when it wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.downloadermiddlewares.retry import RetryMiddleware

from crawler.reasons import Reason, Refused, TlsError
from crawler.retry_after import retry_after_s
from crawler.slots import give_up_waiting, pause, slot_key

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response
    from scrapy.settings import BaseSettings

_PATIENCE_S = 60.0
"""Seconds of Retry-After that a crawl waits for; what asks for longer is left for another crawl."""

_BACK_OFF_S = 5.0
"""Seconds before the first retry of a busy answer that names no time; doubled for each further one."""

_BUSY = frozenset({429, 503})


class PoliteRetryMiddleware(RetryMiddleware):
    """Scrapy's retries, with Retry-After.

    After 429 and 503 the whole domain pauses: for as long as the server asks, or a back-off of our own. When it
    asks for more than a minute, this request and all others of the domain are refused with
    `retry-after`. The wait is in `meta["retry_after_s"]` (seconds, at most a day) and on the error. Setting:
    RETRY_BACK_OFF_S (5).
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._back_off_s = settings.getfloat("RETRY_BACK_OFF_S", _BACK_OFF_S)
        self._closed_until: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build, and hear of answers before the domain's next request is sent: the middlewares hear after it."""
        middleware = super().from_crawler(crawler)
        crawler.signals.connect(middleware.heed, signal=signals.response_downloaded)
        return middleware

    def heed(self, response: Response, request: Request) -> None:
        """Pause the domain, or close it for the rest of the crawl, as a busy answer asks."""
        if response.status not in _BUSY:
            return
        header = response.headers.get("Retry-After")
        wait = retry_after_s(header.decode("latin-1") if header else None, datetime.now(UTC))
        domain = slot_key(request.url)
        if wait is None:
            pause(self.crawler, domain, self._back_off_s * 2 ** request.meta.get("retry_times", 0))
            return
        request.meta["retry_after_s"] = wait
        if wait <= _PATIENCE_S:
            pause(self.crawler, domain, wait)
            return
        self._closed_until[domain] = monotonic() + wait
        give_up_waiting(self.crawler, domain, Refused(Reason.RETRY_AFTER, f"{wait:.0f} s", retry_after_s=wait))

    def process_request(self, request: Request) -> None:
        """Refuse what belongs to a domain that asked to be left alone."""
        self._refuse_closed(request)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the response, or the request again; refuse when the server asks for a long wait."""
        if response.status in _BUSY:
            self._refuse_closed(request)
        result: Request | Response = super().process_response(request, response)
        return result

    def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:  # type: ignore[override]
        """Return the request again after a passing fault; a bad certificate does not pass."""
        if isinstance(exception, Refused) and exception.retry_after_s is not None:
            request.meta["retry_after_s"] = (
                exception.retry_after_s
            )  # refused while it waited in the queue, or by robots
        if isinstance(exception, TlsError):
            return None
        result: Request | Response | None = super().process_exception(request, exception)
        return result

    def _refuse_closed(self, request: Request) -> None:
        left = self._closed_until.get(slot_key(request.url), 0.0) - monotonic()
        if left > 0:
            request.meta["retry_after_s"] = left
            raise Refused(Reason.RETRY_AFTER, f"{left:.0f} s", retry_after_s=left)
