"""Asks robots.txt before anything else of a host, once for all who wait, and takes silence for no."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Request, TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.middlewares.compression import CUT
from crawler.net import is_local
from crawler.reasons import Reason, Refused, reason_of
from crawler.robots import MAX_BYTES, Rules
from crawler.robots_kept import MAX_AGE, KeptRobots, RobotsShelf
from crawler.slots import raise_floor, slot_key

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_ASK_AGAIN_S = 600.0
"""Seconds after which a robots.txt that could not be had is asked for again."""

_HOPS = 5
"""Redirects followed to a robots.txt (RFC 9309, 2.3.1.2); one that leads further is taken for absent."""

_SAME_REASON = frozenset(
    {
        Reason.PRIVATE_ADDRESS,
        Reason.UNKNOWN_HOST,
        Reason.UNREACHABLE,
        Reason.TLS,
        Reason.DOMAIN_BUSY,
        Reason.HOST_DOWN,
        Reason.RETRY_AFTER,
        Reason.STOPPED,
    }
)
"""Reasons that would have refused the page as well: it is told that one, not that robots.txt is unavailable."""

_RECEIVED = "robots_bytes"

ITSELF = "robots_itself"
"""In a request's meta: what is wanted is the robots.txt of its host. Its answer is what was had of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is known of one host: its rules, or why they could not be had (`refusal`), until `expires` (monotonic)."""

    rules: Rules | None = None
    kept: KeptRobots | None = None
    refusal: Reason | None = None
    detail: str = ""
    retry_after_s: float | None = None
    expires: float


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware by RFC 9309, without its race.

    In Scrapy 2.19 the third and later requests that wait for one robots.txt are told 'no rules'; here
    one lock a host makes all wait for the same answer. 4xx means no rules; 5xx, 429, time-outs and
    broken connections mean 'not now' (`robots: unavailable`), where Scrapy allows everything. Crawl-delay and
    Request-rate become the least delay of the domain. Answers are kept for a day, between crawls too.
    Settings: ROBOTSTXT_OBEY; ROBOTS_DIR, by default `robots` beside ARCHIVE.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._answers: dict[str, _Answer] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        beside = Path(crawler.settings.get("ARCHIVE") or "data/archive.db").parent / "robots"
        self._shelf = RobotsShelf(Path(crawler.settings.get("ROBOTS_DIR") or beside))
        crawler.signals.connect(self._bytes_received, signal=signals.bytes_received)

    async def process_request(self, request: Request) -> Response | None:  # type: ignore[override]
        """Return when the page may be fetched; refuse with `robots: disallowed` or `robots: unavailable`.

        Who wants a robots.txt itself is answered with what was had of it: a host is asked for it once.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return None
        answer = await self._answer(request)
        if answer.refusal is not None:
            self._stats.inc_value("robotstxt/unavailable")
            raise Refused(answer.refusal, answer.detail, retry_after_s=answer.retry_after_s)
        if request.meta.get(ITSELF):
            kept = answer.kept
            return TextResponse(request.url, status=kept.status if kept else 404, body=kept.body if kept else b"")
        if answer.rules is None:
            return None
        if not answer.rules.allowed(request.url):
            self._stats.inc_value("robotstxt/forbidden")
            raise Refused(Reason.ROBOTS_DISALLOWED)
        if answer.rules.delay_s:
            raise_floor(self.crawler, slot_key(request.url), answer.rules.delay_s)
        return None

    async def _answer(self, request: Request) -> _Answer:
        url = urlparse_cached(request)
        authority = f"{url.scheme}://{url.netloc}"
        async with self._asking.setdefault(authority, asyncio.Lock()):
            answer = self._answers.get(authority)
            if answer is None or answer.expires <= monotonic():
                kept = self._shelf.get(authority, datetime.now(UTC))
                answer = self._answer_of(kept) if kept else await self._ask(authority, request)
                self._answers[authority] = answer
        return answer

    async def _ask(self, authority: str, request: Request) -> _Answer:
        meta: dict[str, Any] = {
            "dont_obey_robotstxt": True,
            "redirect_ttl": _HOPS,
            "max_retry_times": 1,
            "download_maxsize": 0,  # one that is too long is cut, not refused
            CUT: MAX_BYTES,
        }
        asked = Request(f"{authority}/robots.txt", priority=self.DOWNLOAD_PRIORITY, meta=meta, callback=NO_CALLBACK)
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(asked)
        except Exception as error:  # whatever it is, it is no permission
            return self._unanswered(error)
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        return await self._answered(response, authority, request)

    def _unanswered(self, error: Exception) -> _Answer:
        reason = reason_of(error)
        self._stats.inc_value(f"robotstxt/exception_count/{reason}")
        if reason == Reason.TOO_MANY_REDIRECTS:
            return _Answer(expires=monotonic() + MAX_AGE.total_seconds())
        return _Answer(
            refusal=Reason(reason) if reason in _SAME_REASON else Reason.ROBOTS_UNAVAILABLE,
            detail=f"robots.txt: {error}"[:300] if isinstance(error, IgnoreRequest) else reason,
            retry_after_s=getattr(error, "retry_after_s", None),
            expires=monotonic() + _ASK_AGAIN_S,
        )

    async def _answered(self, response: Response, authority: str, request: Request) -> _Answer:
        status = response.status
        if not 200 <= status < 300 and (not 400 <= status < 500 or status in (408, 429)):
            return _Answer(
                refusal=Reason.ROBOTS_UNAVAILABLE,
                detail=f"http {status}",
                retry_after_s=response.meta.get("retry_after_s"),
                expires=monotonic() + _ASK_AGAIN_S,
            )
        body = response.body if status < 300 else b""
        kept = KeptRobots(status=status, body=body, fetched_at=datetime.now(UTC))
        if not is_local(authority):
            self._shelf.put(authority, kept)
        answer = self._answer_of(kept)
        if answer.rules is not None:
            await self.crawler.signals.send_catch_log_async(
                signal=signals.robots_parsed, robotparser=answer.rules, request=request
            )
        return answer

    @staticmethod
    def _answer_of(kept: KeptRobots) -> _Answer:
        left = MAX_AGE - (datetime.now(UTC) - kept.fetched_at)
        return _Answer(
            rules=Rules(kept.body) if kept.status < 300 else None,
            kept=kept,
            expires=monotonic() + left.total_seconds(),
        )

    def _bytes_received(self, data: bytes, request: Request) -> None:
        """Stop a robots.txt that is longer than what is read of it; the signal comes for every request."""
        cut = request.meta.get(CUT)
        if cut is None:
            return
        request.meta[_RECEIVED] = request.meta.get(_RECEIVED, 0) + len(data)
        if request.meta[_RECEIVED] >= cut:
            raise StopDownload(fail=False)
