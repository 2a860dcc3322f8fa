"""One crawl in one process: started with limits, stopped in order, its row in `runs` read and made true."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archive import runs
from archive.db import connect, plain_errors
from archive.errors import DauysError
from archive.times import now
from crawler import born
from crawler.living import bury, lives, new_token
from pipelines import nursery

TIME_LIMIT_S = 30 * 60
"""Wall seconds after which a crawl is stopped; 500 pages at one a second take nine minutes."""
MEMORY_LIMIT = 3 * 1024**3
"""Bytes of address space of a crawl process (not of memory in use, some 120 MB): a bomb meets it, pages do not."""
GRACE_S = 20
"""Seconds between the request to stop and the kill: what is in flight is finished or left in the frontier."""
LOG_KEEP_BYTES = 1_000_000
"""A crawl's log is begun anew once it has grown past this."""


class CrawlError(DauysError):
    """Raised when no process can be started for a crawl."""


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
    readers: int = 1

    def command(self, source_id: str, token: str) -> list[str]:
        """Return the command line of one crawl, which its token names in `runs`."""
        settings = {
            "ENDS_WITH_STDIN": "1",
            "RUN_TOKEN": token,
            "READERS": str(self.readers),
            "ARCHIVE": str(self.archive),
            "SOURCES": str(self.sources),
            "TOPICS": str(self.topics),
            "ALLOW_LOOPBACK": str(int(self.allow_loopback)),
            **dict(self.settings),
        }
        command = ["scrapy", "crawl", source_id, "-a", "due=1"]
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
    """One running process. `wait` blocks until it has ended; `stop` may be called from another thread."""

    def __init__(self, source_id: str, options: CrawlOptions, *, root: Path) -> None:
        self.source_id = source_id
        self._options = options
        self._token = new_token()
        self._stopping = threading.Event()
        self._why: str | None = None
        self._process = nursery.Leader(
            born.READY,
            target=born.crawl,
            args=(options.command(source_id, self._token),),
            kwargs={
                "root": root,
                "environment": dict(os.environ),
                "log": _log_file(options.archive, source_id),
                "memory_limit": options.memory_limit,
            },
        )
        self._begin(root)

    def _begin(self, root: Path) -> None:
        for last in (False, True):
            nursery.ensure(root)
            try:
                self._process.start()
            except OSError as error:
                # the nurse died just when she was asked; there can be another one
                if last:
                    raise CrawlError(f"{self.source_id}: no crawl can be started ({error})") from error
            else:
                return

    @property
    def pid(self) -> int:
        """Return the number of its process, and of the group in which its readers are."""
        assert self._process.pid is not None  # noqa: S101 - it was started
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Tell whether its process is no more."""
        return not self._process.is_alive()

    def wait(self) -> CrawlResult:
        """Wait for the end, enforcing the time limit, and return what `runs` says of it."""
        self._process.join(self._options.time_limit_s)
        if not self.has_ended:
            self.stop(f"stopped after {self._options.time_limit_s:.0f} s")
            self._process.join()
        self._end_group(signal.SIGKILL)
        return self._result()

    def stop(self, why: str = "stopped by the operator") -> None:
        """Ask the crawl to stop, and kill it when it has not after GRACE_S seconds. Returns at its end."""
        if self._stopping.is_set():
            self._process.join()
            return
        self._stopping.set()
        self._why = why
        if not self.has_ended:
            self._process.terminate()
        self._process.join(GRACE_S)
        if not self.has_ended:
            self._end_group(signal.SIGKILL)
            self._process.join()

    def _end_group(self, number: int) -> None:
        """End what the crawl left behind, its reader of pages above all; and itself, if only its nurse died."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # nothing is left of the group

    def _result(self) -> CrawlResult:
        with plain_errors(self._options.archive), closing(connect(self._options.archive)) as db:
            died = self._why or f"the process ended with {_exit_words(self._process.exitcode)}"
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


def _log_file(archive: Path, source_id: str) -> Path:
    """Return the file that a crawl's log is added to; begun anew where it has grown too long."""
    path = _log_path(archive, source_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_KEEP_BYTES:
        path.write_bytes(b"")
    return path


def _exit_words(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
