"""The archive as one crawl process holds it: one connection and one WARC file in a thread of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


class Keeper:
    """Gives the coroutines of a crawl the archive without ever stalling the event loop.

    Another process may hold the write lock for a while, and the disk may be slow: all calls run, in order, in
    one thread that owns the connection. Use `await keeper.call(function, ...)` with methods of `frontier` and
    `store`, and `close` at the end. What SQLite refuses is raised as ArchiveError, in plain words.
    """

    db: Database
    frontier: Frontier
    store: Store

    def __init__(self, archive: Path | str, *, prefix: str, recheck: RecheckRule = never) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._archive = Path(archive)
        self._captures = WarcWriter(folder_of(archive), prefix)
        try:
            self._thread.submit(self._open, recheck).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `function` in the archive's thread and return its result."""

        def explained() -> R:
            with plain_errors(self._archive):
                return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, explained)

    def close(self) -> None:
        """Close the WARC file and the connection, after what is still queued."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _open(self, recheck: RecheckRule) -> None:
        self.db = open_archive(self._archive)
        self.frontier = Frontier(self.db)
        self.store = Store(self.db, self._captures, recheck=recheck, extractor=READER)

    def _close(self) -> None:
        try:
            self._captures.close()
        finally:
            self.db.close()
