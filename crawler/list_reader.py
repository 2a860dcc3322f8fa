"""Has feeds, sitemaps and sections read in a process that can be killed, away from the crawl's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from crawler.discovery.answer import EntryAnswer, Listing, read_answer
from pipelines.worker import TIMEOUT_S, Worker

Result = TypeVar("Result")

READY = "crawler.discovery.answer"
"""The module that loads what reading a list needs, for readers that are forked."""
MEMORY_BYTES = 1024**3
"""Address space of the process: at rest it takes 0.2 GiB of it, the largest sitemap 0.1 more."""
IDLE_S = 8.0
"""Seconds after which a process that nothing was asked of is ended: pages are read by another one, and both take
memory. Starting anew costs half a second of CPU."""


class ListReader:
    """One process, or a few, that starts with the first list and ends when no other has come for a while.

    It loads parsers of lists alone; the process that reads pages loads six times as much.
    """

    def __init__(self, *, timeout_s: float = TIMEOUT_S, idle_s: float = IDLE_S, processes: int = 1) -> None:
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._processes = processes
        self._worker: Worker | None = None
        self._reading = 0
        self._ending: asyncio.TimerHandle | None = None

    async def read(self, answer: EntryAnswer) -> Listing:
        """Return what an answer lists. Raises Poisoned where it cannot be read within the limits."""
        return await self.run(read_answer, answer)

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        """Return what `function` makes of a list, in the process. Raises Poisoned as `read` does."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        if self._worker is None:
            self._worker = Worker(
                processes=self._processes, timeout_s=self._timeout_s, memory_bytes=MEMORY_BYTES, warm_up=_prepare,
                ready=READY,
            )  # fmt: skip
        self._reading += 1
        try:
            return await self._worker.run(function, *args)
        finally:
            self._reading -= 1
            if not self._reading:
                self._ending = asyncio.get_running_loop().call_later(self._idle_s, self._end)

    async def close(self) -> None:
        """End the process, if there is one."""
        if self._ending is not None:
            self._ending.cancel()
        worker, self._worker = self._worker, None
        if worker is not None:
            await asyncio.to_thread(worker.close)

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            asyncio.get_running_loop().run_in_executor(None, worker.close)


def _prepare() -> None:
    """Load the parsers, which unpickling the first task would do within its time."""
    import crawler.discovery.answer  # noqa: F401
