"""Reads what a response says beside its body: status, validators, how long the server asks us to stay away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from scrapy.http import Response

from archive.records import Page
from archive.warc_format import payload_sha256
from crawler.retry_after import retry_after_s
from crawler.source import Source

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")
_STARTS = {
    b"\x1f\x8b": "application/gzip",
    b"\x28\xb5\x2f\xfd": "application/zstd",
    b"PK\x03\x04": "application/zip",
    b"%PDF-": "application/pdf",
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of an entry. `asked_wait` is the longer of Cache-Control's max-age and Retry-After, or None."""

    status: int
    at: datetime
    body_sha256: str
    etag: str | None
    last_modified: str | None
    asked_wait: timedelta | None

    @classmethod
    def of(cls, response: Response, at: datetime) -> Answer:
        """Read a response that came at an aware moment."""
        # validators belong to one address: after a redirect they are another's (RFC 9110, 8.8)
        own = not response.meta.get("redirect_times")
        fresh_for = _max_age_s(header(response, "Cache-Control"))
        retry_after = retry_after_s(header(response, "Retry-After"), at)
        waits = [wait for wait in (fresh_for, retry_after) if wait is not None]
        return cls(
            status=response.status,
            at=at,
            body_sha256=payload_sha256(response.body),
            etag=header(response, "ETag") if own else None,
            last_modified=header(response, "Last-Modified") if own else None,
            asked_wait=timedelta(seconds=max(waits)) if waits else None,
        )

    @property
    def ok(self) -> bool:
        """Whether there is a body to read."""
        return self.status == 200


def header(response: Response, name: str) -> str | None:
    """Return one header as text, or None."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


def not_html(response: Response) -> str | None:
    """Return the media type of an answer that cannot be an article's page, or None.

    What its first bytes say counts too: a page that was packed and not called so would be text of noise.
    """
    kind = (header(response, "Content-Type") or "").partition(";")[0].strip().lower()
    if kind and kind not in _HTML_TYPES:
        return kind
    return next((kind for start, kind in _STARTS.items() if response.body.startswith(start)), None)


def page_of(response: Response, asked: str, source: Source, run_id: int | None, at: datetime) -> Page:
    """Return the page to store: the body after content decoding, the headers as they came. `asked` is the address
    before redirects."""
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return Page(
        url=response.url,
        requested_url=asked,
        fetched_at=at,
        body=response.body,
        status=response.status,
        headers=headers,
        source_id=source.id,
        run_id=run_id,
        tls_verified=source.tls_verify,
    )


def _max_age_s(value: str | None) -> float | None:
    found = _MAX_AGE.search(value or "")
    return float(found.group(1)) if found else None
