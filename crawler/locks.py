"""A lock a domain, between processes: two crawls never ask one publisher at the same time."""

from __future__ import annotations

import fcntl
import os
from hashlib import sha256
from pathlib import Path
from typing import IO


class DomainLocks:
    """Locks of this process, one file each in `folder` (made when the first lock is taken).

    The kernel releases them when the process ends, however it ends; the files stay, since removing
    one that another process is opening would leave two owners. Names are digests: no text from the web
    becomes a path.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, IO[str]] = {}
        self._wanted: dict[str, IO[str]] = {}

    def path(self, domain: str) -> Path:
        """Return the lock file of a domain."""
        return self._folder / f"{sha256(domain.encode()).hexdigest()[:32]}.lock"

    def take(self, domain: str) -> bool:
        """Take the lock of a domain, or tell that another crawl has it; never waits. OSError: the folder is no good."""
        if domain in self._held:
            return True
        self._folder.mkdir(parents=True, exist_ok=True)
        # "a" neither truncates what the holder wrote nor needs the file to exist; closed when released.
        file = self.path(domain).open("a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        except OSError:
            file.close()
            raise
        file.truncate(0)
        file.write(f"{os.getpid()} {domain}\n")
        file.flush()
        self._held[domain] = file
        return True

    def holds(self, domain: str) -> bool:
        """Tell whether this process has the lock of a domain."""
        return domain in self._held

    def want(self, domain: str) -> None:
        """Let the holder of a domain see that it is waited for, until it is taken, given up or released."""
        if domain not in self._wanted:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._wish(domain)
            fcntl.flock(file, fcntl.LOCK_SH)  # those who wait share it; the holder looks at it for a moment only
            self._wanted[domain] = file

    def give_up(self, domain: str) -> None:
        """Wait for a domain no longer."""
        if domain in self._wanted:
            self._wanted.pop(domain).close()

    def others_want(self) -> bool:
        """Tell whether another process waits for a domain that this one holds."""
        return any(self._is_wanted(domain) for domain in self._held)

    def _is_wanted(self, domain: str) -> bool:
        with self._wish(domain) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _wish(self, domain: str) -> IO[str]:
        return self.path(domain).with_suffix(".wanted").open("a", encoding="utf-8")

    def release(self) -> None:
        """Let all of them go."""
        while self._wanted:
            self._wanted.popitem()[1].close()
        while self._held:
            self._held.popitem()[1].close()
