"""What a crawl does that the nurse bore: it makes itself at home, then it is `scrapy crawl`."""

from __future__ import annotations

import os
import resource
import sys
from multiprocessing import parent_process
from pathlib import Path

from pipelines import nursery
from pipelines.limits import limit

READY = "crawler.ready"
"""The module that loads all that a crawl needs before its first page."""


def crawl(words: list[str], *, root: Path, environment: dict[str, str], log: Path, memory_limit: int) -> None:
    """Run the command `words` in the folder `root`, with its output in a log and its address space limited."""
    _move_in(root, environment, log)
    nursery.name_process(f"crawl {words[2]}")
    limit(resource.RLIMIT_AS, memory_limit)
    from scrapy.cmdline import execute

    execute(words)


def _move_in(root: Path, environment: dict[str, str], log: Path) -> None:
    scheduler = parent_process()
    assert scheduler is not None  # noqa: S101 - a born process has a parent
    os.dup2(scheduler.sentinel, 0)  # ends when the scheduler does
    sys.stdin = os.fdopen(0, closefd=False)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(written)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(root)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
