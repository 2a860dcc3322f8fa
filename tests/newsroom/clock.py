"""The newsroom's own time: it stands still until it is advanced, so the same clock gives the same bytes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

DEFAULT_START = datetime(2026, 3, 1, tzinfo=UTC)


def parse_time(text: str) -> datetime:
    """Return an ISO 8601 time as aware UTC; a time without offset is taken as UTC. Raise ValueError if it is none."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """Return `2026-03-10T07:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Clock:
    """A time that only moves forward, and only when told to. Safe to read from the server's threads."""

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        if start.tzinfo is None:
            raise ValueError("the newsroom's clock needs an aware time")
        self.start = start.astimezone(UTC).replace(microsecond=0)
        self._now = self.start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the newsroom's time, aware, UTC."""
        with self._lock:
            return self._now

    def advance(self, **by: float) -> datetime:
        """Move forward by the keywords of timedelta (`hours=6`) and return the new time. Raise ValueError backwards."""
        step = timedelta(**by)
        if step < timedelta(0):
            raise ValueError("the newsroom's clock does not go backwards")
        with self._lock:
            self._now = (self._now + step).replace(microsecond=0)
            return self._now

    def set(self, moment: datetime) -> datetime:
        """Move forward to `moment` (aware) and return it. Raise ValueError when it lies before the present time."""
        with self._lock:
            moment = moment.astimezone(UTC).replace(microsecond=0)
            if moment < self._now:
                raise ValueError("the newsroom's clock does not go backwards")
            self._now = moment
            return moment
