"""The entries of one source during a crawl: which to poll, and when to look at each again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from archive.frontier import EntryState
from archive.link_budget import Taken
from archive.times import now
from crawler import polling
from crawler.answers import Answer
from crawler.discovery.entry import Discovery
from crawler.source import Source
from pipelines.keeper import Keeper

Chance = Callable[[], float]


class Entries:
    """Asks and tells the archive about the entries of one source; holds which of them answer."""

    def __init__(self, source: Source, keeper: Keeper, *, chance: Chance = random.random) -> None:
        self._source = source
        self._keeper = keeper
        self.chance = chance
        self._states: dict[str, EntryState] = {}
        self._failing: set[str] = set()
        self._polled: set[str] = set()
        self.first_trouble: str | None = None
        """The first entry of this crawl that did not answer, with the reason: what is said when none does."""

    async def to_poll(self, *, due_only: bool) -> list[EntryState]:
        """Return the entries to poll at the start of a crawl: all that are needed, or those of them that are due."""
        frontier = self._keeper.frontier
        self._states = {entry.url: entry for entry in await self._keeper.call(frontier.entries, self._source.id)}
        self._failing = {url for url, entry in self._states.items() if entry.failures}
        at = now()
        due = {url for url, entry in self._states.items() if entry.next_check_at is None or entry.next_check_at <= at}
        needed = self._needed()
        for url in due - needed:
            # a fallback that nothing calls for would make its source due for ever
            await self._keeper.call(frontier.entry_postponed, self._states[url], at + polling.MAX_INTERVAL)
        return self._take(needed & due if due_only else needed)

    @property
    def any_answers(self) -> bool:
        """Whether, by all that is known now, an entry of the source answers."""
        return any(url not in self._failing and entry.last_ok_at for url, entry in self._states.items())

    async def unchanged(self, entry: EntryState, answer: Answer) -> None:
        """Record an answer with nothing new in it: 304, or the bytes of the last time."""
        interval = polling.unchanged_interval(_previous(entry), asked_wait=answer.asked_wait)
        await self._answered(entry, answer, interval, new_links=0, children=entry.children, same=True)

    async def answered(self, entry: EntryState, answer: Answer, discovery: Discovery, taken: Taken) -> None:
        """Record an answer that was read, and when its rhythm asks for the next look.

        One of which links were left out is read again then, whether it has changed or not.
        """
        waits = [wait for wait in (answer.asked_wait, discovery.asked_wait) if wait is not None]
        interval = polling.next_interval(
            published=discovery.published,
            links=len(discovery.links),
            new_links=taken.new,
            previous=_previous(entry),
            now=answer.at,
            asked_wait=max(waits, default=None),
        )
        note = "; ".join((*filter(None, [left_out(taken)]), *discovery.problems)) or None
        if taken.left_out:
            answer = replace(answer, etag=None, last_modified=None, body_sha256="")
        await self._answered(entry, answer, interval, new_links=taken.new, children=discovery.children, note=note)

    async def failed(self, entry: EntryState, error: str, asked_wait: timedelta | None) -> list[EntryState]:
        """Record a failure; return the fallbacks that are called for because of it."""
        wait = polling.backoff(entry.failures + 1, chance=self.chance(), asked_wait=asked_wait)
        self.first_trouble = self.first_trouble or f"{entry.url}: {error}"
        frontier = self._keeper.frontier
        await self._keeper.call(frontier.entry_failed, entry, next_check_at=now() + wait, error=error)
        # only what this failure calls for: entries that were needed before it are polled when they are due
        before = self._needed()
        self._failing.add(entry.url)
        return self._take(self._needed() - before)

    async def not_tried(self, entry: EntryState, error: str, asked_wait: timedelta | None) -> None:
        """Leave an entry due, a little later: it was the crawl or the host that could not, not the entry."""
        self.first_trouble = self.first_trouble or f"{entry.url}: {error}"
        again = now() + max(asked_wait or polling.MIN_INTERVAL, polling.MIN_INTERVAL)
        await self._keeper.call(self._keeper.frontier.entry_postponed, entry, again)

    async def noted(self, entry: EntryState, note: str) -> None:
        """Record what was not taken of something that an entry led to."""
        await self._keeper.call(self._keeper.frontier.entry_noted, entry, note)

    async def brought(self, entry: EntryState) -> None:
        """Record that what an entry led to listed new links."""
        await self._keeper.call(self._keeper.frontier.entry_brought, entry, at=now())

    async def _answered(
        self, entry: EntryState, answer: Answer, interval: timedelta, *, new_links: int, children: tuple[str, ...],
        note: str | None = None, same: bool = False,
    ) -> None:  # fmt: skip
        self._failing.discard(entry.url)
        self._states[entry.url] = replace(entry, last_ok_at=answer.at)
        await self._keeper.call(
            self._keeper.frontier.entry_answered,
            entry,
            at=answer.at,
            next_check_at=answer.at + interval,
            interval_s=int(interval.total_seconds()),
            etag=answer.etag,
            last_modified=answer.last_modified,
            body_sha256=answer.body_sha256 if answer.ok else entry.body_sha256,
            new_links=new_links,
            children=children,
            note=note,
            same=same,
        )

    def _needed(self) -> set[str]:
        return {entry.url for entry in self._source.polled(self._states.keys() - self._failing)}

    def _take(self, urls: set[str]) -> list[EntryState]:
        """Return these entries, in their order, but for those that this crawl has polled already."""
        fresh = [entry for url, entry in self._states.items() if url in urls - self._polled]
        self._polled |= {entry.url for entry in fresh}
        return fresh


def left_out(taken: Taken) -> str | None:
    """Return what is told of links that were left out, or None where none were."""
    return f"{taken.left_out:,} new links were not taken: {taken.why}" if taken.left_out else None


def _previous(entry: EntryState) -> timedelta | None:
    return timedelta(seconds=entry.interval_s) if entry.interval_s else None
