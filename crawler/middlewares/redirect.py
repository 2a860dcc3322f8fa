"""Follows redirects that stay on the web, and says why it does not follow others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware

from crawler.reasons import Reason, Refused

if TYPE_CHECKING:
    from scrapy.http import Request, Response

_FOLLOWED = frozenset({301, 302, 303, 307, 308})


class GuardedRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, with a reason where one is refused and without validators of another address.

    Scrapy hands a redirect to `file:` or `data:` to the spider as an ordinary answer with status 302.
    A hop that cannot be parsed is a broken answer.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the next request, or the response when it is no redirect; refuse what leaves the web."""
        try:
            result: Request | Response = super().process_response(request, response)
        except ValueError as error:
            raise Refused(Reason.BROKEN_ANSWER, "a redirect to what is no address") from error
        if result is response and response.status in _FOLLOWED and "Location" in response.headers:
            if request.meta.get("dont_redirect") or request.meta.get("handle_httpstatus_all"):
                return response
            location = (response.headers["Location"] or b"").decode("latin-1")
            raise Refused(Reason.SCHEME_REFUSED, f"redirect to {urlsplit(location).scheme or 'nothing'}")
        return result

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        times = request.meta.get("redirect_times", 0) + 1
        if times > self.max_redirect_times or not request.meta.get("redirect_ttl", self.max_redirect_times):
            raise Refused(Reason.TOO_MANY_REDIRECTS, f"{times - 1} followed")
        for header in ("If-None-Match", "If-Modified-Since"):
            redirected.headers.pop(header, None)
        return super()._redirect(redirected, request, reason)
