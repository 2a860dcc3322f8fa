"""Every request the press was asked, and the counters by which a crawler's manners are judged."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

HEADERS_OF_INTEREST = ("user-agent", "if-none-match", "if-modified-since", "accept-encoding", "referer", "range")


@dataclass(slots=True, kw_only=True)
class Request:
    """One request as it was answered. `began` and `ended` are monotonic seconds, `clock` the newsroom's time."""

    outlet: str
    host: str
    method: str
    path: str
    headers: dict[str, str]
    clock: str
    began: float
    ended: float = 0.0
    status: int = 0
    bytes: int = 0
    forbidden: bool = False
    in_flight: int = 1

    @property
    def conditional(self) -> bool:
        """Tell whether the request carried a validator."""
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


@dataclass(slots=True)
class RequestLog:
    """A list of requests with a lock. `forbidden` requests went where that outlet's robots.txt says not to."""

    requests: list[Request] = field(default_factory=list)
    _in_flight: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def watch(
        self, *, outlet: str, host: str, method: str, path: str, headers: dict[str, str], clock: str, forbidden: bool
    ) -> Iterator[Request]:
        """Log one request while it is answered; the body sets `status` and `bytes`."""
        kept = {name: value for name, value in headers.items() if name in HEADERS_OF_INTEREST}
        entry = Request(
            outlet=outlet,
            host=host,
            method=method,
            path=path,
            headers=kept,
            clock=clock,
            began=time.monotonic(),
            forbidden=forbidden,
        )
        with self._lock:
            self._in_flight[host] += 1
            entry.in_flight = self._in_flight[host]
            self.requests.append(entry)
        try:
            yield entry
        finally:
            with self._lock:
                self._in_flight[host] -= 1
                entry.ended = time.monotonic()

    def mark(self) -> int:
        """Return a position; `summary(since=mark)` then counts only what came after."""
        with self._lock:
            return len(self.requests)

    def since(self, mark: int = 0) -> list[Request]:
        """Return the requests after `mark`, oldest first."""
        with self._lock:
            return self.requests[mark:]

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self.requests.clear()

    def summary(self, since: int = 0) -> dict[str, Any]:
        """Return counts of requests after the mark `since`: totals, per outlet, per path, and manners per host.

        `max_in_flight` is the largest number of simultaneous requests on a host; `min_gap_s` the shortest time
        between the starts of two consecutive requests on a host, robots.txt left out.
        """
        requests = self.since(since)
        starts: dict[str, list[float]] = {}
        for request in requests:
            if request.path != "/robots.txt":
                starts.setdefault(request.host, []).append(request.began)
        gaps = {
            host: min(later - earlier for earlier, later in itertools.pairwise(times))
            for host, times in starts.items()
            if len(times) > 1
        }
        per_outlet: dict[str, Counter[str]] = {}
        per_path: dict[str, Counter[str]] = {}
        max_in_flight: dict[str, int] = {}
        for request in requests:
            for table, key in ((per_outlet, request.outlet), (per_path, f"{request.host}{request.path}")):
                counts = table.setdefault(key, Counter())
                counts["requests"] += 1
                counts["not_modified"] += request.status == 304
                counts["bodies"] += request.status == 200
                counts["bytes"] += request.bytes
            max_in_flight[request.host] = max(max_in_flight.get(request.host, 0), request.in_flight)
        return {
            "requests": len(requests),
            "conditional": sum(request.conditional for request in requests),
            "not_modified": sum(request.status == 304 for request in requests),
            "bodies": sum(request.status == 200 for request in requests),
            "bytes": sum(request.bytes for request in requests),
            "statuses": dict(sorted(Counter(str(request.status) for request in requests).items())),
            "robots_violations": sum(request.forbidden for request in requests),
            "forbidden_paths": sorted({f"{request.host}{request.path}" for request in requests if request.forbidden}),
            "max_in_flight": max_in_flight,
            "min_gap_s": gaps,
            "per_outlet": {key: dict(counts) for key, counts in sorted(per_outlet.items())},
            "per_path": {key: dict(counts) for key, counts in sorted(per_path.items())},
        }

    def as_json(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the requests after the mark as plain objects."""
        return [asdict(request) for request in self.since(since)]
