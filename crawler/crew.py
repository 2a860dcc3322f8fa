"""One process that crawls outlets side by side, as its scheduler sees it: told what to crawl, killed where it must be.

A crawl in a process of its own takes half a second to begin and 76 MiB that no other shares; here it takes a task.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import DauysError
from crawler import born
from crawler.logs import EVERYBODY, fresh_log
from pipelines import nursery

if TYPE_CHECKING:
    from crawler.runner import CrawlOptions

GRACE_S = 20
"""Seconds between the request to stop and the kill: what is in flight is finished or left in the frontier."""


class CrawlError(DauysError):
    """Raised when no process can be started for a crawl."""


class Crew:
    """The process. All methods may be called from any thread. Raises CrawlError where none can be started."""

    def __init__(self, options: CrawlOptions, *, root: Path) -> None:
        self.why: str | None = None
        """What it was killed for, if it was."""
        self._lock = threading.Lock()
        self._ends: dict[str, threading.Event] = {}
        self._is_over = False
        self._commands, theirs = Pipe()
        self._process = nursery.Leader(
            born.__name__,
            target=born.crawl,
            args=(theirs, options),
            kwargs={"root": root, "environment": dict(os.environ), "log": fresh_log(options.archive, EVERYBODY)},
        )
        with theirs:
            self._begin(root)
        self._listener = threading.Thread(target=self._listen, name="crew", daemon=True)
        self._listener.start()

    def _begin(self, root: Path) -> None:
        for last in (False, True):
            nursery.ensure(root)
            try:
                self._process.start()
            except OSError as error:
                # the nurse died just when she was asked; there can be another one
                if last:
                    raise CrawlError(f"no process for crawls can be started ({error})") from error
            else:
                return

    @property
    def pid(self) -> int:
        """Return the number of its process, and of the group in which its readers are."""
        assert self._process.pid is not None  # noqa: S101 - it was started
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Tell whether it takes no more crawls."""
        return self._is_over

    @property
    def exitcode(self) -> int | None:
        """Return how its process ended, None while it runs; negative: a signal's number."""
        return self._process.exitcode

    def crawl(self, source_id: str, token: str) -> threading.Event:
        """Begin a crawl; what is returned is set when it has ended, in order or with the process."""
        with self._lock:
            end = self._ends[token] = threading.Event()
            if self._is_over:
                self._ends.pop(token).set()
            else:
                self._say("crawl", source_id, token)
        return end

    def stop(self, source_id: str, token: str, why: str) -> None:
        """Ask one crawl to end in order, and kill the process when it has not after GRACE_S seconds."""
        with self._lock:
            end = self._ends.get(token)
            if end is None:
                return
            self._say("stop", token, why)
        if not end.wait(GRACE_S):
            self.kill(f"{source_id} did not stop")

    def close(self) -> None:
        """Stop all crawls in order, and by force after GRACE_S seconds; return when the process has ended."""
        with self._lock:
            self._say("over")
        self._process.join(GRACE_S)
        if self._process.is_alive():
            self.kill("it did not end")
        self._listener.join()

    def kill(self, why: str) -> None:
        """End the process and its readers at once."""
        self.why = self.why or why
        self._end_group()
        self._process.join()

    def _say(self, *words: str) -> None:
        with contextlib.suppress(OSError):  # it has ended: whoever waits hears of that
            self._commands.send(words)

    def _listen(self) -> None:
        """Be the thread that hears of ends."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                token = self._commands.recv()
                with self._lock:
                    self._ends.pop(token).set()
        self._process.join()
        self._end_group()
        with self._lock:
            self._is_over = True
            self._commands.close()
            for end in self._ends.values():
                end.set()
            self._ends.clear()

    def _end_group(self) -> None:
        """End what the process left behind, its readers of pages above all; and itself, if only its nurse died."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing is left of the group
            os.killpg(self.pid, signal.SIGKILL)
