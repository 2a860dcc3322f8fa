"""Crawls several outlets in one process: begins and stops each when told, and tells the end of each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from scrapy.utils.log import TopLevelFormatter, configure_logging
from scrapy.utils.project import get_project_settings

from crawler import logs
from crawler.workshop import LISTS_AT_ONCE, Workshop

if TYPE_CHECKING:
    from scrapy.core.engine import ExecutionEngine
    from scrapy.core.scraper import Slot

    from crawler.runner import CrawlOptions

THREADS = 32
"""Names that are looked up at one time: a slow answer for one outlet's keeps no other waiting."""
LOOK_S = 0.05
"""Seconds between two looks at whether a crawl that is to be stopped has begun."""
WAITING_BYTES = 3_000_000
"""Bytes of all crawls' pages that wait to be read, shared out among them: one that has its share asks for no more. So
memory follows the readers, who have enough to do with fifteen real pages, and not the number of outlets."""
REQUESTS_AHEAD = 4
"""Requests of a crawl that stand before its domains' turns. Scrapy asks for all of them, however many pages wait
already: thirty-two of sixteen outlets are 90 MB of pages."""

log = logging.getLogger("dauys.crawls")


@dataclass(frozen=True, slots=True)
class _Crawl:
    crawler: Crawler
    task: asyncio.Task[None]


async def serve(commands: Connection, options: CrawlOptions) -> None:
    """Carry out what comes through `commands` until that says it is over, is closed, or a signal says to stop.

    ("crawl", source id, token) begins a crawl, ("stop", token, why) stops one in order, ("over",) ends it all; the
    token of each that has ended goes back. At the end every crawl is stopped in order.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="asyncio"))
    settings = _settings(options)
    handler = logs.LogOfEach(options.archive)
    _write_logs(handler, settings)
    workshop = Workshop.open(settings, prefix=logs.EVERYBODY, lists_at_once=LISTS_AT_ONCE)
    try:
        await _Crawls(commands, settings, workshop, handler).serve()
    finally:
        await workshop.close()


class _Crawls:
    """The crawls that run, by their tokens."""

    def __init__(self, commands: Connection, settings: Settings, workshop: Workshop, handler: logs.LogOfEach) -> None:
        self._commands = commands
        self._settings = settings
        self._workshop = workshop
        self._handler = handler
        self._runner = AsyncCrawlerRunner(settings)
        self._running: dict[str, _Crawl] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    async def serve(self) -> None:
        """Begin and stop crawls as told; return once told that it is over and all have ended."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._commands.fileno(), self._hear)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._over.set)
        await self._over.wait()
        loop.remove_reader(self._commands.fileno())
        for token in tuple(self._running):
            self._stop(token, "stopped by a signal")
        while self._running:
            await asyncio.wait([crawl.task for crawl in self._running.values()])
            await asyncio.sleep(0)

    def _hear(self) -> None:
        try:
            kind, *words = self._commands.recv()
        except (EOFError, OSError):
            kind, words = "over", []
        if kind == "crawl":
            self._begin(*words)
        elif kind == "stop":
            self._stop(*words)
        else:
            self._over.set()

    def _begin(self, source_id: str, token: str) -> None:
        with logs.on_account_of(source_id):
            try:
                settings = self._settings.copy()
                settings.set("RUN_TOKEN", token, priority="cmdline")
                crawler = Crawler(self._runner.spider_loader.load(source_id), settings)
                crawler.signals.connect(self._share_room, signals.spider_opened)
                task = self._runner.crawl(crawler, due="1", workshop=self._workshop)
            except Exception:
                log.exception("%s: the crawl cannot begin", source_id)
                self._told(source_id, token)
                return
        self._running[token] = _Crawl(crawler, task)
        task.add_done_callback(lambda task: self._ended(source_id, token, task))

    def _ended(self, source_id: str, token: str, task: asyncio.Task[None]) -> None:
        del self._running[token]
        self._share_room()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            with logs.on_account_of(source_id):
                log.error("%s: the crawl failed", source_id, exc_info=error)
        self._told(source_id, token)

    def _share_room(self) -> None:
        """Give each crawl that runs its share of the pages that may wait."""
        slots = [slot for crawl in self._running.values() if (slot := _slot(crawl.crawler)) is not None]
        for slot in slots:
            slot.max_active_size = WAITING_BYTES // len(slots)

    def _told(self, source_id: str, token: str) -> None:
        with contextlib.suppress(OSError):  # the scheduler is no more, and the end of the pipe is seen elsewhere
            self._commands.send(token)
        self._handler.done(source_id)

    def _stop(self, token: str, why: str) -> None:
        crawl = self._running.get(token)
        if crawl is not None:
            stopping = asyncio.get_running_loop().create_task(_stop(crawl, why))
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)


async def _stop(crawl: _Crawl, why: str) -> None:
    """Stop a crawl in order, as soon as it can be: Scrapy forgets what is said to one that is still beginning."""
    while not crawl.task.done():
        if _is_running(crawl.crawler):
            if crawl.crawler.spider is not None:
                crawl.crawler.spider.stopped_because = why  # type: ignore[attr-defined]
            await crawl.crawler.stop_async()
            return
        await asyncio.sleep(LOOK_S)


def _engine(crawler: Crawler) -> ExecutionEngine | None:
    """Return the engine of a crawl, None before it has one."""
    try:
        return crawler.engine
    except RuntimeError:
        return None


def _slot(crawler: Crawler) -> Slot | None:
    """Return where the pages of a crawl wait, None before it has such a place."""
    engine = _engine(crawler)
    return engine.scraper.slot if engine is not None else None


def _is_running(crawler: Crawler) -> bool:
    engine = _engine(crawler)
    return engine is not None and bool(engine.running)


def _settings(options: CrawlOptions) -> Settings:
    settings = get_project_settings()
    ours: dict[str, Any] = {
        "ARCHIVE": str(options.archive),
        "SOURCES": str(options.sources),
        "TOPICS": str(options.topics),
        "ALLOW_LOOPBACK": options.allow_loopback,
        "READERS": options.readers,
        "CONCURRENT_REQUESTS": REQUESTS_AHEAD,
        **dict(options.settings),
    }
    settings.setdict(ours, priority="cmdline")
    return settings


def _write_logs(handler: logging.Handler, settings: Settings) -> None:
    """Have all that is logged written by `handler`, in Scrapy's format and from its level on."""
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    configure_logging(settings)
    handler.setFormatter(logging.Formatter(settings.get("LOG_FORMAT"), settings.get("LOG_DATEFORMAT")))
    if settings.getbool("LOG_SHORT_NAMES"):
        handler.addFilter(TopLevelFormatter(["scrapy"]))
    # lines that nobody reads are not made: Scrapy says one or two for each request
    logging.root.setLevel(settings.get("LOG_LEVEL"))
    logging.getLogger("scrapy").setLevel(logging.NOTSET)
    logging.root.addHandler(handler)
