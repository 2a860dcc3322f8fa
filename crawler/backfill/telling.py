"""Tells how a backfill goes: a bar with an estimate on a terminal, a line now and then in a log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from archive.backfills import Counts, ListRow

if TYPE_CHECKING:
    from archive.terminal import Advance

LINE_EVERY_S = 30.0
"""Seconds between two lines of a log that tell how far it is."""

LOOK_EVERY_S = 0.5
"""Seconds between two looks at how far it is."""

log = logging.getLogger("dauys.backfill")


class Telling:
    """Draws or logs; `advance` is the bar's, and does nothing where there is no terminal."""

    def __init__(self, name: str, advance: Advance, *, terminal: bool) -> None:
        self._name = name
        self._advance = advance
        self._terminal = terminal
        self._begun = monotonic()
        self._told = self._begun
        self._stood = 0.0
        self._done_before: int | None = None

    def begins(self, *, resumed: bool) -> None:
        """Tell that it begins."""
        self.line(f"{self._name}: goes on where it was left" if resumed else f"{self._name}: begins")

    def listed(self, row: ListRow, *, pages: int, outside: int, lists: int, skipped: int) -> None:
        """Tell what a list brought."""
        more = f", {lists} lists to read, {skipped} outside" if lists or skipped else ""
        self.line(f"{row.kind} {row.url}: {pages} pages to fetch, {outside} outside{more}")

    def is_due(self) -> bool:
        """Tell whether it is time to tell how far it is."""
        return monotonic() - self._stood >= LOOK_EVERY_S

    def stands(self, counts: Counts) -> None:
        """Tell how far it is; the whole grows while lists wait to be read."""
        if self._done_before is None:
            self._done_before = counts.done
        self._stood = monotonic()
        self._advance(counts.done, counts.wanted, f"{self._name} {counts.reached or ''}")
        if not self._terminal and monotonic() - self._told >= LINE_EVERY_S:
            self._told = monotonic()
            self.line(f"{self._name}: {_standing(counts)}{self._left(counts)}")

    def line(self, text: str) -> None:
        """Write a line to the log; a terminal has the bar instead."""
        if not self._terminal:
            log.info("%s", text)

    def _left(self, counts: Counts) -> str:
        """Return how long the pages known so far will take at the pace since the start."""
        made = counts.done - (self._done_before or 0)
        if not made:
            return ""
        left = timedelta(seconds=round((counts.wanted - counts.done) * (monotonic() - self._begun) / made))
        sure = "" if not counts.lists.get("waiting") else " for the pages known so far"
        return f", about {left} left{sure}"


@contextmanager
def telling(name: str) -> Iterator[Telling]:
    """Show the progress of a backfill while a block works."""
    from archive.terminal import progress  # here: every crawl imports this module, and hardly one draws a bar

    with progress(name) as advance:
        yield Telling(name, advance, terminal=sys.stderr.isatty())


def summary(counts: Counts) -> str:
    """Return one line on what a backfill has come to, all its crawls together."""
    pages, lists = counts.pages, counts.lists
    parts = [
        f"{counts.done:,} pages fetched",
        f"{pages.get('known', 0):,} known before",
        f"{pages.get('waiting', 0):,} waiting",
        f"{lists.get('read', 0):,} lists read",
        f"{lists.get('skipped', 0):,} not needed",
        f"{lists.get('failed', 0):,} failed",
    ]
    if lists.get("waiting"):
        parts.append(f"{lists['waiting']:,} lists waiting")
    return ", ".join(parts)


def _standing(counts: Counts) -> str:
    reached = f", at {counts.reached}" if counts.reached else ""
    return f"{counts.done:,} of {counts.wanted:,} pages{reached}"
