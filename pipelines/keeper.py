"""The archive as one process of crawls holds it: one connection in a thread of its own, WARC files for each crawl."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import ParamSpec, TypeVar

from sqlite_utils import Database

from archive.db import open_archive, plain_errors
from archive.frontier import Frontier
from archive.warc import WarcWriter, folder_of
from pipelines.reader import READER
from pipelines.store import RecheckRule, Store, never

P = ParamSpec("P")
R = TypeVar("R")


class Desk:
    """Gives coroutines an archive without ever stalling the event loop.

    Another process may hold the write lock for a while, and the disk may be slow: all calls run, in order, in
    one thread that owns the connection. What SQLite refuses is raised as ArchiveError, in plain words.
    """

    db: Database

    def __init__(self, archive: Path | str) -> None:
        self.archive = Path(archive)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        try:
            self._thread.submit(self._open).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `function` in the archive's thread and return its result."""

        def explained() -> R:
            with plain_errors(self.archive):
                return function(*args, **kwargs)

        # what is logged there belongs to the crawl that asked
        return await asyncio.get_running_loop().run_in_executor(self._thread, copy_context().run, explained)

    def run(self, function: Callable[[], R]) -> R:
        """Wait for `function` in the archive's thread, after what is queued there, and return its result."""
        return self._thread.submit(function).result()

    def close(self) -> None:
        """Close the connection, after what is still queued."""
        self.run(self.db.close)
        self._thread.shutdown()

    def _open(self) -> None:
        self.db = open_archive(self.archive)


class Keeper:
    """What one crawl has of the archive, at a desk that others may share.

    Use `await keeper.call(function, ...)` with methods of `frontier` and `store`, and `close` at the end.
    """

    def __init__(self, desk: Desk, *, prefix: str, recheck: RecheckRule = never) -> None:
        self._desk = desk
        self._captures = WarcWriter(folder_of(desk.archive), prefix)
        self.db = desk.db
        self.call = desk.call
        self.frontier = Frontier(desk.db)
        self.store = Store(desk.db, self._captures, recheck=recheck, extractor=READER)

    def close(self) -> None:
        """Close the WARC file, after what is still queued."""
        self._desk.run(self._captures.close)
