"""Undoes Content-Encoding within the size limit, and asks again for a body that came torn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

from crawler.reasons import Reason, Refused
from pipelines.decoding import ACCEPTED, Broken, TooLarge, Torn, decode

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

CUT = "body_cut_at"
"""Meta key: keep only so many bytes of the body, and take what there is of a longer or torn one (robots.txt)."""


class BoundedCompressionMiddleware:
    """In place of Scrapy's HttpCompressionMiddleware, which accepts a torn stream as the whole page.

    The wire's own encoding stays in `response.flags` as `was:gzip`, so that an archive may tell.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build with DOWNLOAD_MAXSIZE, in bytes, as the largest body."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say which encodings are understood."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response with its body decoded, or the same request once more for a torn one."""
        cut = request.meta.get(CUT)
        limit = cut if cut is not None else request.meta.get("download_maxsize", self._limit)
        encodings = [
            name.strip().lower()
            for value in response.headers.getlist("Content-Encoding")
            for name in value.decode("latin-1").split(",")
        ]
        if not encodings or request.method == "HEAD":
            return response if cut is None else response.replace(body=response.body[:cut])
        try:
            body = decode(response.body, encodings, limit=limit, cut=cut is not None)
        except TooLarge as error:
            raise Refused(Reason.TOO_LARGE, str(error)) from error
        except Broken as error:
            raise Refused(Reason.BROKEN_ENCODING, str(error)) from error
        except Torn as error:
            return self._again(request, error)
        del response.headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
        flags = [*response.flags, "was:" + ",".join(encodings)[:40]]
        if issubclass(kind, TextResponse):
            return response.replace(cls=kind, body=body, flags=flags, encoding=None)
        return response.replace(cls=kind, body=body, flags=flags)

    def _again(self, request: Request, error: Torn) -> Request:
        spider = self._crawler.spider
        if spider is None or request.meta.get("dont_retry"):
            raise Refused(Reason.TRUNCATED, str(error)) from error
        retry = get_retry_request(request, spider=spider, reason=str(Reason.TRUNCATED))
        if retry is None:
            raise Refused(Reason.TRUNCATED, str(error)) from error
        return retry
