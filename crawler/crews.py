"""The processes that a scheduler's crawls run in: one at a time, renewed now and then, and let go when all is quiet."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.crew import Crew

if TYPE_CHECKING:
    from crawler.runner import CrawlOptions

LIFE_S = 60 * 60
"""Seconds after which a process is given no more crawls, so that what its libraries leak goes with it."""


class Crews:
    """All methods may be called from any thread."""

    def __init__(self, options: CrawlOptions, *, root: Path) -> None:
        self._options = options
        self._root = root
        self._lock = threading.Lock()
        self._current: Crew | None = None
        self._old_at = 0.0
        self._old: list[Crew] = []

    def current(self) -> Crew:
        """Return the process for the next crawl. Raises CrawlError where none can be started."""
        with self._lock:
            crew = self._current
            if crew is None or crew.has_ended or time.monotonic() >= self._old_at:
                if crew is not None:
                    self._old.append(crew)
                self._current = None
                crew = self._current = Crew(self._options, root=self._root)
                self._old_at = time.monotonic() + LIFE_S
            return crew

    def close_old(self, working: Collection[Crew]) -> None:
        """End processes that are given nothing more and are not among those at work."""
        with self._lock:
            idle = [crew for crew in self._old if crew not in working]
            self._old = [crew for crew in self._old if crew in working]
        for crew in idle:
            crew.close()

    def close(self) -> None:
        """Stop what still runs, in order, and end all of them."""
        with self._lock:
            crews = [*self._old, *filter(None, [self._current])]
            self._old, self._current = [], None
        for crew in crews:
            crew.close()
