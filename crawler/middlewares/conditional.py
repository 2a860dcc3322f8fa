"""Asks 'only if it has changed': sends the validators that the last answer of the same address gave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.http import Request

_NOT_MODIFIED = 304
_LONGEST = 1024
"""Characters of a validator; longer ones are some server's mistake and cost every request."""

_SENDABLE = re.compile(r"[\x20-\x7e\x80-\xff]+")


def validator_headers(
    url: str, *, etag: str | None, last_modified: str | None, validated_url: str | None = None
) -> dict[str, str]:
    """Return the If-None-Match and If-Modified-Since to ask `url` with.

    `validated_url` is the address that gave the validators, where it is known: those of another address
    mean nothing here (RFC 9110, 8.8) and give an empty result. A validator that cannot stand in a header
    is left out.
    """
    if validated_url is not None and validated_url != url:
        return {}
    wanted = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {
        name: value.strip()
        for name, value in wanted.items()
        if value and value.strip() and len(value) <= _LONGEST and _SENDABLE.fullmatch(value)
    }


class ConditionalMiddleware:
    """Turn the meta keys `etag`, `last_modified` and `validated_url` into headers, and let 304 reach the spider.

    After a redirect the address is another one, so nothing is sent.
    """

    def process_request(self, request: Request) -> None:
        """Set the headers where the request carries validators of its own address."""
        meta = request.meta
        if meta.get("redirect_times") or not (meta.get("etag") or meta.get("last_modified")):
            return
        headers = validator_headers(
            request.url,
            etag=meta.get("etag"),
            last_modified=meta.get("last_modified"),
            validated_url=meta.get("validated_url"),
        )
        for name, value in headers.items():
            request.headers[name] = value
        if headers:
            meta["handle_httpstatus_list"] = sorted({*meta.get("handle_httpstatus_list", ()), _NOT_MODIFIED})
