"""A log for each outlet, though many are crawled by one process: what a crawl says goes where its outlet's log is."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import IO

LOG_KEEP_BYTES = 1_000_000
"""A log is begun anew once it has grown past this."""
EVERYBODY = "crawls"
"""The log of what no crawl said: of the process itself, and of its readers."""

_outlet: ContextVar[str] = ContextVar("outlet", default=EVERYBODY)


@contextlib.contextmanager
def on_account_of(name: str) -> Iterator[None]:
    """Have what is said inside in the log of an outlet, and all that tasks say which are begun there."""
    token = _outlet.set(name)
    try:
        yield
    finally:
        _outlet.reset(token)


def log_path(archive: Path, name: str) -> Path:
    """Return the file of an outlet's log."""
    return archive.parent / "logs" / f"{name}.log"


def fresh_log(archive: Path, name: str) -> Path:
    """Return the file that a log is added to; begun anew where it has grown too long."""
    path = log_path(archive, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_KEEP_BYTES:
        path.write_bytes(b"")
    return path


class LogOfEach(logging.Handler):
    """Writes each line into the log of the outlet on whose account it was said; `done` closes one."""

    def __init__(self, archive: Path) -> None:
        super().__init__()
        self._archive = archive
        self._files: dict[str, IO[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            name = _outlet.get()
            file = self._files.get(name)
            if file is None:
                file = self._files[name] = fresh_log(self._archive, name).open("a", encoding="utf-8")
            file.write(f"{self.format(record)}\n")
            file.flush()
        except Exception:
            self.handleError(record)

    def done(self, name: str) -> None:
        """Close the log of an outlet whose crawl has ended."""
        self.acquire()
        try:
            file = self._files.pop(name, None)
        finally:
            self.release()
        if file is not None:
            with contextlib.suppress(OSError):  # the disk is full: the lines that it has not taken are lost
                file.close()
