"""The archive as one process of crawls holds it: one connection and one WARC file in a thread of their own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from archive.database import Database
from archive.db import open_archive, plain_errors, write
from archive.frontier import Frontier
from archive.warc import WarcWriter, folder_of
from pipelines.items import Reading
from pipelines.reader import READER
from pipelines.room import keep_few
from pipelines.store import Outcome, RecheckRule, Store, never

P = ParamSpec("P")
R = TypeVar("R")

MOST_TOGETHER = 16
"""Pages that are stored in one transaction where so many wait: a twentieth of a second for which no other process can
write. Two waits for the disk, for the page and for its row, take as long as storing one."""

_Waiting = tuple[Store, Reading, Future[Outcome]]


class Desk:
    """Gives coroutines an archive without ever stalling the event loop.

    Another process may hold the write lock for a while, and the disk may be slow: all calls run, in order, in
    one thread that owns the connection. What SQLite refuses is raised as ArchiveError, in plain words. WARC files are
    named for `prefix`.
    """

    db: Database
    captures: WarcWriter

    def __init__(self, archive: Path | str, *, prefix: str) -> None:
        self._archive = Path(archive)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._waiting: deque[_Waiting] = deque()
        try:
            self._thread.submit(self._open, prefix).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `function` in the archive's thread and return its result."""

        def explained() -> R:
            with plain_errors(self._archive):
                return function(*args, **kwargs)

        # what is logged there belongs to the crawl that asked
        return await asyncio.get_running_loop().run_in_executor(self._thread, copy_context().run, explained)

    async def put(self, store: Store, reading: Reading) -> Outcome:
        """Store a page that was read, in one transaction with others that wait; return what became of it.

        It is on the disk then. One that cannot be stored is raised for alone, and the others are stored.
        """
        outcome: Future[Outcome] = Future()
        self._waiting.append((store, reading, outcome))
        self._thread.submit(self._put_some)
        return await asyncio.wrap_future(outcome)

    def close(self) -> None:
        """Close the WARC file and the connection, after what is still queued."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _open(self, prefix: str) -> None:
        self.db = open_archive(self._archive)
        keep_few()
        self.captures = WarcWriter(folder_of(self._archive), prefix)

    def _close(self) -> None:
        try:
            self.captures.close()
        finally:
            self.db.close()

    def _put_some(self) -> None:
        """Store what waits; nothing may wait any more."""
        some = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
        if some:
            self._put(some)

    def _put(self, some: list[_Waiting]) -> None:
        """Store pages together, and one by one where that fails: then one is raised for alone."""
        try:
            outcomes = self._stored(some)
        except BaseException as error:
            if len(some) == 1:
                _settle(some[0][2], error)
            else:
                for one in some:
                    self._put([one])
            return
        for (_, _, outcome), value in zip(some, outcomes, strict=True):
            _settle(outcome, value)

    def _stored(self, some: list[_Waiting]) -> list[Outcome]:
        with plain_errors(self._archive):
            for store, reading, _ in some:
                store.prepare(reading)
            # pages first: no row may point at one that a power cut took
            with write(self.db), self.captures.together():
                return [store.take(reading) for store, reading, _ in some]


def _settle(outcome: Future[Outcome], value: Outcome | BaseException) -> None:
    """Tell who waits, unless that was given up."""
    if not outcome.set_running_or_notify_cancel():
        return
    if isinstance(value, BaseException):
        outcome.set_exception(value)
    else:
        outcome.set_result(value)


class Keeper:
    """What one crawl has of the archive, at a desk that others may share.

    Use `await keeper.call(function, ...)` with methods of `frontier` and `store`, and `await keeper.put(reading)`.
    """

    def __init__(self, desk: Desk, *, recheck: RecheckRule = never) -> None:
        self._desk = desk
        self.db = desk.db
        self.call = desk.call
        self.frontier = Frontier(desk.db)
        self.store = Store(desk.db, desk.captures, recheck=recheck, extractor=READER)

    async def put(self, reading: Reading) -> Outcome:
        """Store a page that was read; return what became of it."""
        return await self._desk.put(self.store, reading)
