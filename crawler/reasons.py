"""Why a request was not made or its answer not kept: one list of words for statistics and `links.last_error`."""

from __future__ import annotations

from enum import StrEnum

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from archive.errors import DauysError
from archive.records import LinkState


class Reason(StrEnum):
    """A reason as it is stored: short, lower case, never with text from the web in it."""

    ROBOTS_DISALLOWED = "robots: disallowed"
    ROBOTS_UNAVAILABLE = "robots: unavailable"
    PRIVATE_ADDRESS = "private address"
    SCHEME_REFUSED = "scheme refused"
    BROKEN_ADDRESS = "broken address"
    TOO_MANY_REDIRECTS = "too many redirects"
    TOO_LARGE = "too large"
    TRUNCATED = "truncated"
    BROKEN_ENCODING = "broken encoding"
    RETRY_AFTER = "retry-after"
    HOST_DOWN = "host down"
    DOMAIN_BUSY = "domain busy"
    TIME_OUT = "time-out"
    UNKNOWN_HOST = "unknown host"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    BROKEN_ANSWER = "broken answer"
    HTTP = "http"
    """Stored with the status: `http 404`."""
    NOT_HTML = "not a page"
    """Stored with the media type: `not a page: image/jpeg`."""
    STOPPED = "stopped"
    """The crawl was told to stop before the request was sent: no failure of the address."""
    SETTLED = "settled"
    """Another crawl has fetched the link since this one read it from the frontier."""
    IGNORED = "ignored"
    INTERNAL = "internal error"


FINAL = frozenset({Reason.ROBOTS_DISALLOWED, Reason.PRIVATE_ADDRESS, Reason.SCHEME_REFUSED})
"""Refusals that another attempt would meet again."""


NOT_TRIED = frozenset({Reason.STOPPED, Reason.SETTLED, Reason.DOMAIN_BUSY, Reason.RETRY_AFTER, Reason.HOST_DOWN})
"""Reasons that lie with the crawl or the whole host: the address itself was not asked, so no attempt is counted."""


class Refused(DauysError, IgnoreRequest):
    """Raised where a request is not made, or an answer not kept, for one of the listed reasons.

    `detail` is for the log. `retry_after_s` is the wait the server asked for, in seconds, where it asked.
    """

    def __init__(self, reason: Reason, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
        self.retry_after_s = retry_after_s


class TlsError(DownloadFailedError):
    """Raised when a secure connection cannot be made: a bad certificate, an unknown protocol."""


_BY_TYPE: tuple[tuple[type[BaseException], Reason], ...] = (
    (DownloadTimeoutError, Reason.TIME_OUT),
    (CannotResolveHostError, Reason.UNKNOWN_HOST),
    (DownloadConnectionRefusedError, Reason.UNREACHABLE),
    (ResponseDataLossError, Reason.TRUNCATED),
    (DownloadCancelledError, Reason.TOO_LARGE),
    (UnsupportedURLSchemeError, Reason.SCHEME_REFUSED),
    (NotSupported, Reason.SCHEME_REFUSED),
    (TlsError, Reason.TLS),
    (DownloadFailedError, Reason.BROKEN_ANSWER),
    (IgnoreRequest, Reason.IGNORED),
    (OSError, Reason.UNREACHABLE),
)


def reason_of(error: BaseException) -> str:
    """Return the words to store for an error that reached an errback: a `Reason`, or `http <status>`."""
    if isinstance(error, Refused):
        return error.reason
    status = getattr(getattr(error, "response", None), "status", None)
    if isinstance(status, int):
        return f"{Reason.HTTP} {status}"
    return next((reason for kind, reason in _BY_TYPE if isinstance(error, kind)), Reason.INTERNAL)


def state_of(reason: str) -> LinkState:
    """Return the state of a link that was not fetched for these words: ours and the site's refusals stand apart."""
    return "refused" if reason in FINAL or reason == Reason.ROBOTS_UNAVAILABLE else "failed"
