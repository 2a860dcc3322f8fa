"""Ends a process of crawls whose scheduler is no more: a pipe that nobody writes to closes when its other end dies."""

from __future__ import annotations

import os
import signal
import threading
import time

GRACE_S = 20
"""Seconds between the request to stop and the kill, as the scheduler itself grants them."""


def end_with(fd: int) -> None:
    """Stop this process in order when the pipe `fd` ends, and by force when it does not hear.

    The watcher is a thread, so that an event loop that is held up cannot keep it; PR_SET_PDEATHSIG would follow the
    scheduler's thread instead of its process, and exists on Linux alone.
    """
    threading.Thread(target=_watch, args=[fd], name="scheduler", daemon=True).start()


def _watch(fd: int) -> None:
    while os.read(fd, 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    # the process was given a group of its own, with the readers of pages in it
    os.killpg(0, signal.SIGKILL)
