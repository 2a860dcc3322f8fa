"""The processes that read pages for the crawls of one process: how many there are, and which of them reads a page."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from pipelines.items import FetchedPage, Reading, TopicChoice
from pipelines.page_reader import READY, prepare, read_page
from pipelines.worker import GROWTH_BYTES, TIMEOUT_S, Poisoned, TooMuchMemory, Worker

BACKLOG = 4
"""Pages that wait for one process before another one is started: a poll that brings three pages needs no second."""
MOST_READERS = 2
"""Processes: one reads thirty pages a second, and all that crawls is to stay under 500 MB whatever the pages do; each
takes some 75 MB before it reads."""
SECOND_GROWTH_BYTES = 60 * 1024**2
"""Memory that a page may take in the second process; one that needs more is read by the first, which gives twice as
much, so that two hostile pages at once do not pass the bound."""
LARGE_BYTES = 500_000
"""A body from which a page is read by the first process at once: honest ones of this size take 50 MB."""
PATIENCE = 2
"""Pages of one outlet that may end their reader before all its pages are the first process's, where the others' pages
need not wait behind them: such a page takes a minute, and an outlet may have hundreds."""


class Readers:
    """Up to MOST_READERS processes, each started when pages wait for it. Use `close` at the end."""

    def __init__(self, *, processes: int = MOST_READERS, timeout_s: float = TIMEOUT_S) -> None:
        growths = (GROWTH_BYTES, *[SECOND_GROWTH_BYTES] * (MOST_READERS - 1))[: max(1, processes)]
        self._workers = [
            Worker(warm_up=prepare, ready=READY, timeout_s=timeout_s, growth_bytes=growth) for growth in growths
        ]
        self._waiting = [0] * len(self._workers)
        self._poisoned: Counter[str] = Counter()
        self._suspects_waiting = 0

    async def read(self, item: FetchedPage, choice: TopicChoice, *, outlet: str = "") -> Reading:
        """Return what was read, without the page's body. Raises Poisoned for a page that exceeds its limits."""
        try:
            if self._poisoned[outlet] >= PATIENCE:
                return await self._read_suspect(item, choice)
            return await self._read(item, choice)
        except Poisoned:
            self._poisoned[outlet] += 1
            raise

    async def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            await asyncio.to_thread(worker.close)

    async def _read(self, item: FetchedPage, choice: TopicChoice) -> Reading:
        """Have a page read by the first process that has few waiting, else by the one that has fewest.

        Large pages are the first one's, and those that were too much for another.
        """
        number = self._place()
        if number and len(item.page.body) < LARGE_BYTES:
            with suppress(TooMuchMemory):  # the first one gives more
                return await self._read_by(number, item, choice)
        return await self._read_by(0, item, choice)

    def _place(self) -> int:
        """Return the process for the next page of an outlet that nothing is known against."""
        waiting = self._waiting
        if self._suspects_waiting and len(waiting) > 1:
            return waiting.index(min(waiting[1:]), 1)
        few = (number for number, pages in enumerate(waiting) if pages < BACKLOG)
        return next(few, waiting.index(min(waiting)))

    async def _read_suspect(self, item: FetchedPage, choice: TopicChoice) -> Reading:
        self._suspects_waiting += 1
        try:
            return await self._read_by(0, item, choice)
        finally:
            self._suspects_waiting -= 1

    async def _read_by(self, number: int, item: FetchedPage, choice: TopicChoice) -> Reading:
        self._waiting[number] += 1
        try:
            return await self._workers[number].run(read_page, item, choice)
        finally:
            self._waiting[number] -= 1
