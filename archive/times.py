"""Times as the archive stores them: UTC ISO 8601 text that sorts as it reads."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from archive.records import Precision

CLOCK_VARIABLE = "DAUYS_CLOCK_OFFSET_S"


def stored(moment: datetime) -> str:
    """Return an aware `moment` as `2026-03-10T07:00:00Z`; raise ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {moment.isoformat()}")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored_publication(moment: datetime | None, precision: Precision | None) -> str | None:
    """Return a publication time for the archive: a plain date (the outlet's own day) where only the day is known."""
    if moment is None:
        return None
    return moment.date().isoformat() if precision == "day" else stored(moment)


def parsed(text: str) -> datetime:
    """Return the aware moment of a stored time; a plain date is its midnight in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def now() -> datetime:
    """Return the current moment in UTC, whole seconds, the precision of the archive.

    The environment variable CLOCK_VARIABLE moves it (seconds, may be negative), so that the demo and the tests
    live through weeks of a press in a minute. It is read at every call and meant for nothing else.
    """
    offset = float(os.environ.get(CLOCK_VARIABLE) or 0)
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=offset)
