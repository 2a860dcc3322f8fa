"""Ends a crawl whose scheduler is no more: a pipe that nobody writes to closes when its other end dies."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

GRACE_S = 20
"""Seconds between the request to stop and the kill, as the scheduler itself grants them."""


class EndWithScheduler:
    """Stop the crawl in order when standard input ends, and by force when it does not hear.

    Setting: ENDS_WITH_STDIN, set by the runner alone; a crawl that a person starts knows no scheduler. The watcher is a
    thread, so that an event loop that is held up cannot keep it; PR_SET_PDEATHSIG would follow the scheduler's thread
    instead of its process, and exists on Linux alone.
    """

    def __init__(self) -> None:
        self._closed = threading.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build, and begin to watch; not configured without the setting."""
        if not crawler.settings.getbool("ENDS_WITH_STDIN"):
            raise NotConfigured
        extension = cls()
        threading.Thread(target=_watch, args=[sys.stdin.fileno()], name="scheduler", daemon=True).start()
        return extension


def _watch(fd: int) -> None:
    while os.read(fd, 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    # the runner gave the crawl a group of its own, with the reader of pages in it
    os.killpg(0, signal.SIGKILL)
