"""Follows redirects that stay on the web, and says why it does not follow others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from w3lib.url import safe_url_string

from crawler.reasons import Reason, Refused

if TYPE_CHECKING:
    from scrapy.http import Request, Response

_FOLLOWED = frozenset({301, 302, 303, 307, 308})


class GuardedRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, with a reason where one is refused and without validators of another address.

    Scrapy hands a redirect to `file:` or `data:` to the spider as an ordinary answer with status 302, and follows
    none of a request whose spider wants to see every status; here only `dont_redirect` stops it.
    Settings: REDIRECT_MAX_TIMES.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """Return the next request, or the response when it is no redirect; refuse what leaves the web."""
        location = response.headers.get("Location")
        if response.status not in _FOLLOWED or location is None or request.meta.get("dont_redirect"):
            return response
        try:
            target = urljoin(request.url, safe_url_string(location.strip()))
            scheme = urlsplit(target).scheme
            if scheme not in ("http", "https"):
                raise Refused(Reason.SCHEME_REFUSED, f"redirect to {scheme}")
            following = self._build_redirect_request(request, response, url=target)
        except ValueError as error:
            raise Refused(Reason.BROKEN_ADDRESS, "redirect to what is no address") from error
        return self._redirect(following, request, response.status)

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        followed = request.meta.get("redirect_times", 0)
        # `redirect_ttl` is what is left of a request's own limit.
        if followed >= self.max_redirect_times or not request.meta.get("redirect_ttl", 1):
            raise Refused(Reason.TOO_MANY_REDIRECTS, f"{followed} followed")
        for header in ("If-None-Match", "If-Modified-Since"):
            redirected.headers.pop(header, None)
        return super()._redirect(redirected, request, reason)
