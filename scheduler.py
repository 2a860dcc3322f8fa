"""The operator's front door: polls what is due in sources.toml, for ever or once, and stops in order.

What is due lives in the archive's tables, so a restart forgets nothing; this file holds a clock and signals.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click
from apscheduler.schedulers.background import BackgroundScheduler

from archive.commands import ARCHIVE_OPTION, fail_plainly
from archive.db import open_archive
from archive.errors import DauysError
from crawler.dispatcher import Dispatcher
from crawler.housekeeping import tidy
from crawler.report import print_health, print_result
from crawler.runner import CrawlOptions
from crawler.sources import load_sources
from pipelines.topics import load_topics

ROOT = Path(__file__).resolve().parent
TICK_S = 15
"""Seconds between two looks at what is due; the shortest interval of an entry is five minutes."""
HOUSEKEEPING_S = 10 * 60
HEALTH_S = 60 * 60

log = logging.getLogger("dauys.scheduler")


class BusyError(DauysError):
    """Raised when another scheduler is at work on the same archive."""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@ARCHIVE_OPTION
@click.option(
    "--sources",
    type=click.Path(path_type=Path),
    default=ROOT / "sources.toml",
    help="The outlets to crawl.",
    show_default="sources.toml",
)
@click.option(
    "--topics",
    type=click.Path(path_type=Path),
    default=ROOT / "topics.toml",
    help="What articles must be about.",
    show_default="topics.toml",
)
@click.option("--once", is_flag=True, help="Poll everything that is due, wait for the end, and exit.")
@click.option("--source", "only", multiple=True, metavar="ID", help="Only this source; may be given several times.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=min(4, os.cpu_count() or 1),
    show_default="cores, at most 4",
    help="Crawls at one time.",
)
@click.option("--allow-loopback", is_flag=True, help="Permit outlets on 127.0.0.1, for a local press.")
@fail_plainly
def main(
    archive: Path, sources: Path, topics: Path, once: bool, only: tuple[str, ...], parallel: int, allow_loopback: bool
) -> None:
    """Crawl the outlets of a sources file on schedule into an archive.

    Runs until it is stopped (Ctrl-C or SIGTERM: crawls end in order, nothing is lost) or, with --once, until
    nothing more is due.

    \b
    Example:
        python scheduler.py --archive data/archive.db --once --source zakon
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    chosen = load_sources(sources, allow_loopback=allow_loopback).chosen(only)
    load_topics(topics)
    archive = archive.absolute()
    open_archive(archive).close()
    options = CrawlOptions(
        archive=archive, sources=sources.absolute(), topics=topics.absolute(), allow_loopback=allow_loopback
    )
    with _only_scheduler(archive):
        tidy(archive, chosen, all_listed=not only)
        dispatcher = Dispatcher(chosen, options, root=ROOT, parallel=parallel, report=print_result)
        stop = _stop_on_signals()
        if once:
            _run_once(dispatcher, stop)
        else:
            log.info("crawling %d outlets into %s; Ctrl-C stops in order", len(chosen), archive)
            _run(dispatcher, stop, archive)


def _run(dispatcher: Dispatcher, stop: threading.Event, archive: Path) -> None:
    """Run the jobs until a signal comes, then let the crawls end."""
    # coalesce and no grace time: a run that was missed (the machine slept) is made up for, once
    jobs = BackgroundScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    jobs.add_job(dispatcher.start_due, "interval", seconds=TICK_S, id="tick")
    jobs.add_job(tidy, "interval", seconds=HOUSEKEEPING_S, args=[archive], id="housekeeping")
    jobs.add_job(print_health, "interval", seconds=HEALTH_S, args=[archive], id="health")
    jobs.start()
    dispatcher.start_due()
    stop.wait()
    jobs.shutdown()
    dispatcher.stop()


def _run_once(dispatcher: Dispatcher, stop: threading.Event) -> None:
    """Crawl what is due and return; a signal stops it in order."""
    worker = threading.Thread(target=dispatcher.drain)
    worker.start()
    while worker.is_alive() and not stop.wait(0.1):
        continue
    dispatcher.stop()
    worker.join()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop
