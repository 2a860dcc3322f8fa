"""Starts crawls of what is due, side by side within limits: so many at a time, never two on one registered domain.

They share a process. One that ends takes its crawls with it, whosever fault that was: each of them is then crawled in
a process of its own until it ends well, so that no outlet loses a page for another.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from archive.db import connect
from archive.errors import DauysError
from archive.frontier import Frontier
from archive.times import now
from crawler.crews import Crews
from crawler.runner import Crawl, CrawlOptions, CrawlResult
from crawler.sources import Source
from pipelines import nursery

MAX_ROUNDS = 20
"""Crawls of one source in one `drain`: 10,000 pages, more than any outlet publishes between two visits."""

QUIET_LOOKS = 2
"""Looks that find nothing to crawl after which the processes that wait for more are let go: 15 to 30 seconds."""

log = logging.getLogger("dauys.dispatcher")

Report = Callable[[CrawlResult], None]


@dataclass(slots=True)
class _State:
    running: dict[str, Crawl] = field(default_factory=dict)
    domains: set[str] = field(default_factory=set)
    rounds: dict[str, int] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    suspects: set[str] = field(default_factory=set)
    quiet: int = 0


class Dispatcher:
    """Runs crawls, with a thread that waits for each. All methods may be called from any thread."""

    def __init__(
        self, sources: Mapping[str, Source], options: CrawlOptions, *, root: Path, parallel: int, report: Report
    ) -> None:
        self._sources = sources
        self._options = options
        self._root = root
        self._crews = Crews(options, root=root)
        self._parallel = parallel
        self._report = report
        self._state = _State()
        self._changed = threading.Condition()
        self._stopped = False
        self._threads = ThreadPoolExecutor(max_workers=parallel, thread_name_prefix="crawl")

    def start_due(self) -> list[str]:
        """Start crawls of due sources while there is room; return the ids of those that were started."""
        started = self._start(lambda source_id: True)
        with self._changed:
            self._state.quiet = 0 if self._state.running else self._state.quiet + 1
            is_quiet = self._state.quiet >= QUIET_LOOKS
            working = {crawl.crew for crawl in self._state.running.values()}
        self._crews.close_old(working)
        if is_quiet:
            self._crews.close()
            nursery.dismiss()
        return started

    def drain(self) -> None:
        """Crawl until nothing more is due now; return when all crawls have ended."""
        with self._changed:
            self._state.rounds.clear()
            self._state.broken.clear()
        while True:
            started = self._start(self._may_run_again)
            with self._changed:
                if self._stopped or (not started and not self._state.running):
                    break
                if not started or len(self._state.running) >= self._parallel:
                    self._changed.wait()
        with self._changed:
            self._changed.wait_for(lambda: not self._state.running)

    def stop(self) -> None:
        """Stop every crawl in order and start no other; returns when all have ended."""
        with self._changed:
            self._stopped = True
            crawls = list(self._state.running.values())
            self._changed.notify_all()
        stoppers = [threading.Thread(target=crawl.stop) for crawl in crawls]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()
        self._threads.shutdown()
        self._crews.close()
        nursery.dismiss()

    def _may_run_again(self, source_id: str) -> bool:
        return source_id not in self._state.broken and self._state.rounds.get(source_id, 0) < MAX_ROUNDS

    def _start(self, allowed: Callable[[str], bool]) -> list[str]:
        due = self._due()
        started = []
        with self._changed:
            for source_id in due:
                domains = set(self._sources[source_id].domains)
                if self._stopped or len(self._state.running) >= self._parallel:
                    break
                if source_id in self._state.running or domains & self._state.domains or not allowed(source_id):
                    continue
                crew = None if source_id in self._state.suspects else self._crews.current()
                crawl = Crawl(source_id, self._options, root=self._root, crew=crew)
                self._state.running[source_id] = crawl
                self._state.domains |= domains
                self._state.rounds[source_id] = self._state.rounds.get(source_id, 0) + 1
                self._threads.submit(self._follow, crawl)
                started.append(source_id)
        return started

    def _due(self) -> list[str]:
        db = connect(self._options.archive, read_only=True)
        try:
            return [source_id for source_id in Frontier(db).due_sources(now()) if source_id in self._sources]
        finally:
            db.close()

    def _follow(self, crawl: Crawl) -> None:
        """Wait for a crawl, tell of it and make room for the next one, whatever happens to it."""
        good = lost = False
        try:
            result = crawl.wait()
            good = result.outcome not in ("failed", "killed")
            lost = not good and crawl.was_lost
            self._report(result)
        except DauysError as error:
            log.error("%s: %s", crawl.source_id, error)  # noqa: TRY400 - the message is whole; a traceback says no more
        except Exception:
            # the thread ends here and nobody reads its result; other crawls go on
            log.exception("%s: the end of the crawl could not be recorded", crawl.source_id)
        finally:
            with self._changed:
                del self._state.running[crawl.source_id]
                self._state.domains -= set(self._sources[crawl.source_id].domains)
                if lost:
                    self._state.suspects.add(crawl.source_id)
                elif good:
                    self._state.suspects.discard(crawl.source_id)
                else:
                    self._state.broken.add(crawl.source_id)
                self._changed.notify_all()
