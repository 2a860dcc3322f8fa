"""One crawl as the scheduler sees it: begun with limits, stopped in order, its row in `runs` read and made true."""

from __future__ import annotations

import signal
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archive import runs
from archive.db import connect, plain_errors
from archive.times import now
from crawler.crew import Crew
from crawler.living import bury, lives, new_token
from crawler.logs import log_path
from pipelines.readers import MOST_READERS

TIME_LIMIT_S = 30 * 60
"""Wall seconds after which a crawl is stopped; 500 pages at one a second take nine minutes."""
MEMORY_LIMIT = 3 * 1024**3
"""Bytes of address space of a process of crawls (not of memory in use, some 150 MB): a bomb meets it, pages do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """What every crawl of a scheduler is started with: files, permission to reach loopback, limits."""

    archive: Path
    sources: Path
    topics: Path
    allow_loopback: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    time_limit_s: float = TIME_LIMIT_S
    memory_limit: int = MEMORY_LIMIT
    readers: int = MOST_READERS


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """How a crawl ended: its row in `runs`, as a mapping of columns; `outcome` and `reason` are always there."""

    source_id: str
    outcome: str
    reason: str | None
    counters: dict[str, int]


class Crawl:
    """One running crawl, by a crew that others share or by one of its own.

    `wait` blocks until it has ended; `stop` may be called from another thread.
    """

    def __init__(self, source_id: str, options: CrawlOptions, *, root: Path, crew: Crew | None = None) -> None:
        self.source_id = source_id
        self.is_alone = crew is None
        self._options = options
        self._token = new_token()
        self._stopping = threading.Event()
        self._why: str | None = None
        self.crew = crew or Crew(options, root=root)
        self._end = self.crew.crawl(source_id, self._token)

    @property
    def has_ended(self) -> bool:
        """Tell whether it crawls no more."""
        return self._end.is_set()

    @property
    def was_lost(self) -> bool:
        """Tell, at its end, whether the process ended in which it was one of several: another one may be to blame."""
        return not self.is_alone and self.crew.has_ended

    def wait(self) -> CrawlResult:
        """Wait for the end, enforcing the time limit, and return what `runs` says of it."""
        if not self._end.wait(self._options.time_limit_s):
            self.stop(f"stopped after {self._options.time_limit_s:.0f} s")
        if self.is_alone:
            self.crew.close()
        return self._result()

    def stop(self, why: str = "stopped by the operator") -> None:
        """Have the crawl end, in order if it hears. Returns at its end."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._why = why
            self.crew.stop(self.source_id, self._token, why)
        self._end.wait()

    def _result(self) -> CrawlResult:
        with plain_errors(self._options.archive), closing(connect(self._options.archive)) as db:
            died = self._why or self.crew.why or f"the process ended with {_exit_words(self.crew.exitcode)}"
            runs.close_dead(db, token=self._token, at=now(), reason=died)
            row = runs.of_token(db, self._token)
        bury(self._options.archive, self._token)
        if row is None:
            if self._why:
                reason = f"{self._why} before it began"
                return CrawlResult(source_id=self.source_id, outcome="killed", reason=reason, counters={})
            log = log_path(self._options.archive, self.source_id)
            return CrawlResult(
                source_id=self.source_id, outcome="failed", reason=f"it did not begin; see {log}", counters={}
            )
        return CrawlResult(
            source_id=self.source_id,
            outcome=row["outcome"],
            reason=row["reason"],
            counters={name: row[name] for name in runs.COUNTERS},
        )


def close_dead_runs(archive: Path) -> int:
    """Close the runs of crawls that are no more; return how many rows that were."""
    with closing(connect(archive)) as db:
        dead = [token for token in runs.open_tokens(db) if not lives(archive, token)]
        closed = sum(runs.close_dead(db, token=token, at=now(), reason="the process is gone") for token in dead)
    for token in dead:
        bury(archive, token)
    return closed


def _exit_words(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
