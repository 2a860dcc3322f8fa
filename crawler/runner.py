"""One crawl in one subprocess: started with limits, stopped in order, its row in `runs` read and made true."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archive import runs
from archive.db import connect, plain_errors
from archive.times import now
from crawler.living import bury, lives, new_token

TIME_LIMIT_S = 30 * 60
"""Wall seconds after which a crawl is stopped; 500 pages at one a second take nine minutes."""
MEMORY_LIMIT = 3 * 1024**3
"""Bytes of address space of a crawl process (not of memory in use, some 120 MB): a bomb meets it, pages do not."""
GRACE_S = 20
"""Seconds between the request to stop and the kill: what is in flight is finished or left in the frontier."""
LOG_KEEP_BYTES = 1_000_000
"""A crawl's log is begun anew once it has grown past this."""


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

    def command(self, source_id: str, token: str) -> list[str]:
        """Return the command line of one crawl, which its token names in `runs`."""
        settings = {
            "ENDS_WITH_STDIN": "1",
            "RUN_TOKEN": token,
            "ARCHIVE": str(self.archive),
            "SOURCES": str(self.sources),
            "TOPICS": str(self.topics),
            "ALLOW_LOOPBACK": str(int(self.allow_loopback)),
            **dict(self.settings),
        }
        command = [sys.executable, "-m", "scrapy", "crawl", source_id, "-a", "due=1"]
        for name, value in settings.items():
            command += ["-s", f"{name}={value}"]
        return command


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """How a crawl ended: its row in `runs`, as a mapping of columns; `outcome` and `reason` are always there."""

    source_id: str
    outcome: str
    reason: str | None
    counters: dict[str, int]


class Crawl:
    """One running subprocess. `wait` blocks until it has ended; `stop` may be called from another thread."""

    def __init__(self, source_id: str, options: CrawlOptions, *, root: Path) -> None:
        self.source_id = source_id
        self._options = options
        self._token = new_token()
        self._stopping = threading.Event()
        self._why: str | None = None
        log = _log_file(options.archive, source_id)
        with log:
            # a session of its own: a signal to the terminal's group must not reach it before `stop` does
            self._process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                options.command(source_id, self._token),
                cwd=root,
                # nothing is ever written to it: it tells the crawl that this process lives
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._limit_memory()

    def wait(self) -> CrawlResult:
        """Wait for the end, enforcing the time limit, and return what `runs` says of it."""
        try:
            self._process.wait(self._options.time_limit_s)
        except subprocess.TimeoutExpired:
            self.stop(f"stopped after {self._options.time_limit_s:.0f} s")
            self._process.wait()
        self._end_group(signal.SIGKILL)
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.close()
        return self._result()

    def stop(self, why: str = "stopped by the operator") -> None:
        """Ask the crawl to stop, and kill it when it has not after GRACE_S seconds. Returns at its end."""
        if self._stopping.is_set():
            self._process.wait()
            return
        self._stopping.set()
        self._why = why
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._end_group(signal.SIGKILL)
            self._process.wait()

    def _limit_memory(self) -> None:
        """Set the limit from outside: code between fork and exec is not safe in a process with threads."""
        if hasattr(resource, "prlimit"):
            try:
                resource.prlimit(self._process.pid, resource.RLIMIT_AS, (self._options.memory_limit,) * 2)
            except ProcessLookupError:
                return  # it has ended already; `wait` tells how

    def _end_group(self, number: int) -> None:
        """End what the crawl left behind, its extraction worker above all."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # nothing is left of the group

    def _result(self) -> CrawlResult:
        with plain_errors(self._options.archive), closing(connect(self._options.archive)) as db:
            died = self._why or f"the process ended with {_exit_words(self._process.returncode)}"
            runs.close_dead(db, token=self._token, at=now(), reason=died)
            row = runs.of_token(db, self._token)
        bury(self._options.archive, self._token)
        if row is None:
            if self._why:
                reason = f"{self._why} before it began"
                return CrawlResult(source_id=self.source_id, outcome="killed", reason=reason, counters={})
            log = _log_path(self._options.archive, self.source_id)
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


def _log_path(archive: Path, source_id: str) -> Path:
    return archive.parent / "logs" / f"{source_id}.log"


def _log_file(archive: Path, source_id: str) -> IO[bytes]:
    path = _log_path(archive, source_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists() or path.stat().st_size > LOG_KEEP_BYTES
    return path.open("wb" if fresh else "ab")


def _exit_words(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
