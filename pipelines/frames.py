"""Messages between two processes, through a pipe: eight bytes that tell the length, then a pickle."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections import deque
from collections.abc import Iterator
from struct import Struct
from typing import Any

PIPE_BYTES = 1024**2
"""What a pipe to a process holds: the most that Linux gives a user by default, and more than 99 of 100 real pages.
Through the usual 64 KiB a page goes in pieces, each of which wakes both sides."""
MOST_PIECES = 64
"""Pieces that are written at once; every system takes more."""

_HEAD = Struct("!Q")
_SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)


class _Pieces(list[Any]):
    """A file for a pickler, which hands large bytes on as they are: a page's body is not copied."""

    write = list.append


def pieces(message: object) -> list[memoryview]:
    """Return a message as what is to be written, piece by piece. Raises what its pickling raises."""
    body = _Pieces()
    pickle.Pickler(body, pickle.HIGHEST_PROTOCOL).dump(message)
    views = [memoryview(piece).cast("B") for piece in body]
    return [memoryview(_HEAD.pack(sum(map(len, views)))), *views]


def message_of(whole: bytes | bytearray | memoryview) -> Any:
    """Return the message that `pieces` was given. Raises what its unpickling raises.

    For pipes between a process and those it started, and nothing else: who can write there has the process already.
    """
    return pickle.loads(whole)  # noqa: S301 - see above


def widen(fd: int) -> None:
    """Let a whole page lie in a pipe, where the system allows it (Linux)."""
    if _SET_PIPE_SIZE is not None:
        try:
            fcntl.fcntl(fd, _SET_PIPE_SIZE, PIPE_BYTES)
        except OSError:
            return  # the user's share of pipes is used up; it goes in pieces


class Outbox:
    """The end of a pipe that messages are put into; `fd` may be one that never waits."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._waiting: deque[memoryview] = deque()

    def put(self, ready: list[memoryview]) -> None:
        """Add a message, as `pieces` gives it."""
        self._waiting.extend(ready)

    def flush(self) -> bool:
        """Write what the pipe takes; tell whether that was all. Raises OSError when nobody is left to read it."""
        waiting = self._waiting
        while waiting:
            try:
                written = os.writev(self.fd, [waiting[place] for place in range(min(len(waiting), MOST_PIECES))])
            except BlockingIOError:
                return False
            while waiting and written >= len(waiting[0]):
                written -= len(waiting.popleft())
            if written:
                waiting[0] = waiting[0][written:]
        return True


class Inbox:
    """The end of a pipe that messages come out of, and never waits."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._whole = bytearray(_HEAD.size)
        self._at = 0
        self._in_head = True

    def arrived(self) -> Iterator[memoryview]:
        """Yield the pickles that have arrived whole. Raises EOFError when no more will come."""
        while self._fill():
            whole = self._whole
            if self._in_head:
                (size,) = _HEAD.unpack(whole)
                self._whole, self._at, self._in_head = bytearray(size), 0, False
            else:
                self._whole, self._at, self._in_head = bytearray(_HEAD.size), 0, True
                yield memoryview(whole)

    def _fill(self) -> bool:
        while self._at < len(self._whole):
            try:
                read = os.readv(self.fd, [memoryview(self._whole)[self._at :]])
            except BlockingIOError:
                return False
            if not read:
                raise EOFError
            self._at += read
        return True


def incoming(fd: int) -> Iterator[memoryview]:
    """Yield the pickles that come through a pipe, waiting for each, until its other end is closed.

    A pickle is to be used before the next one is asked for: they lie in the same place.
    """
    place = bytearray(PIPE_BYTES)
    head = memoryview(bytearray(_HEAD.size))
    while _filled(fd, head):
        (size,) = _HEAD.unpack(head)
        whole = memoryview(place)[:size] if size <= len(place) else memoryview(bytearray(size))
        if not _filled(fd, whole):
            return
        yield whole


def _filled(fd: int, whole: memoryview) -> bool:
    while whole:
        read = os.readv(fd, [whole])
        if not read:
            return False
        whole = whole[read:]
    return True
