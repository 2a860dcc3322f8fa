"""Tells whether the crawl that opened a row in `runs` still lives: it holds a lock of its own as long as it does."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from pathlib import Path
from typing import Self

_TOKEN = re.compile(r"[0-9a-f]{32}")


def new_token() -> str:
    """Return a name for one crawl that no other has, had or will have."""
    return secrets.token_hex(16)


class Life:
    """The lock of one crawl, taken before its row is opened and let go, with its file, when it ends.

    The kernel lets it go when the process ends, however it ends. A process id would not tell: after a restart, and in
    another container, the same number is another process.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd

    @classmethod
    def begin(cls, archive: Path, token: str) -> Self:
        """Take the lock. Raises OSError where the folder is no good, or the token was used before."""
        path = _path(archive, token)
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        fcntl.flock(fd, fcntl.LOCK_EX)
        return cls(path, fd)

    def end(self) -> None:
        """Let the lock go, and remove its file: nobody takes it a second time."""
        self._path.unlink(missing_ok=True)
        os.close(self._fd)


def lives(archive: Path, token: str | None) -> bool:
    """Return whether the crawl of this token lives; one of no token, or of a copied archive, does not."""
    if token is None or not _TOKEN.fullmatch(token):
        return False
    try:
        fd = os.open(_path(archive, token), os.O_WRONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def bury(archive: Path, token: str | None) -> None:
    """Remove the lock file that a dead crawl left."""
    if token is not None and _TOKEN.fullmatch(token):
        _path(archive, token).unlink(missing_ok=True)


def _path(archive: Path, token: str) -> Path:
    return archive.parent / "locks" / f"run-{token}.lock"
