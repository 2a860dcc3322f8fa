"""Measures inside a crawl how long its event loop was held up."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

_BEAT_S = 0.02


class HeartbeatAddon:
    """Adds the heartbeat to a crawl."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Add the extension to those of the project."""
        name = f"{Heartbeat.__module__}.{Heartbeat.__name__}"
        settings.set("EXTENSIONS", {**settings.getdict("EXTENSIONS"), name: 0}, priority="project")


class Heartbeat:
    """Writes HEARTBEAT_FILE at the end: the longest time, in seconds, between two turns of a task.

    `stall_s` counts the processor time of this process in such a gap, at most its length by the clock: a busy machine
    lengthens gaps in which nothing of ours runs, and threads that leave the loop alone use time without a gap.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._longest = {"stall_s": 0.0, "loop_s": 0.0, "wall_s": 0.0}
        self._beating: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build, and beat while the spider is open."""
        heartbeat = cls(Path(crawler.settings["HEARTBEAT_FILE"]))
        crawler.signals.connect(heartbeat.opened, signal=signals.spider_opened)
        crawler.signals.connect(heartbeat.closed, signal=signals.spider_closed)
        return heartbeat

    def opened(self) -> None:
        """Begin."""
        self._beating = asyncio.get_running_loop().create_task(self._beat())

    def closed(self) -> None:
        """Write what was measured."""
        if self._beating is not None:
            self._beating.cancel()
        self._path.write_text(json.dumps(self._longest), encoding="utf-8")

    async def _beat(self) -> None:
        while True:
            before = time.monotonic(), time.process_time(), time.thread_time()
            await asyncio.sleep(_BEAT_S)
            wall, process, loop = (
                now - then
                for now, then in zip((time.monotonic(), time.process_time(), time.thread_time()), before, strict=True)
            )
            for name, value in (("stall_s", min(wall, process)), ("loop_s", loop), ("wall_s", wall)):
                self._longest[name] = max(self._longest[name], value)
