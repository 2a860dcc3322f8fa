"""Reads Retry-After: seconds or a date, as seconds from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 86_400.0
"""Seconds after which a host is looked at again whatever it asked for: a day."""

_SECONDS = re.compile(r"[0-9]{1,12}")


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds to wait, 0 to LONGEST_S, or None when the header is missing or cannot be read.

    `now` is aware. A date that has passed gives 0. RFC 9110, 10.2.3.
    """
    if value is None:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_S)
    try:
        when = parsedate_to_datetime(text[:64])
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), LONGEST_S)
