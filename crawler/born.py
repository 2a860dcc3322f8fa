"""What a process of crawls does that the nurse bore: it makes itself at home, then it crawls what it is told to."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import nursery
from pipelines.limits import limit

if TYPE_CHECKING:
    from crawler.runner import CrawlOptions


def crawl(commands: Connection, options: CrawlOptions, *, root: Path, environment: dict[str, str], log: Path) -> None:
    """Crawl what comes through `commands`, in the folder `root`, with a limit on the process's address space.

    What crawls need is loaded here and not by the nurse: 55 MiB that no reader of pages has a use for.
    """
    _move_in(root, environment, log)
    nursery.name_process("crawls")
    limit(resource.RLIMIT_AS, options.memory_limit)
    from crawler.crawling import serve
    from crawler.orphans import end_with

    scheduler = parent_process()
    assert scheduler is not None  # noqa: S101 - a born process has a parent
    end_with(scheduler.sentinel)
    asyncio.run(serve(commands, options))


def _move_in(root: Path, environment: dict[str, str], log: Path) -> None:
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(written)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(root)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
