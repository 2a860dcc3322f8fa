"""The operator's front door: polls what is due in sources.toml, for ever or once, and stops in order.

What is due lives in the archive's tables, so a restart forgets nothing; this file holds a clock and signals.
"""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path
from types import FrameType

import click
from apscheduler.schedulers.background import BackgroundScheduler

from archive.commandline import Command, archive_option
from archive.db import open_archive
from archive.errors import DauysError
from crawler import report
from crawler.dispatcher import Dispatcher
from crawler.housekeeping import register, tidy
from crawler.locks import DomainLocks
from crawler.runner import CrawlOptions
from crawler.source import Source
from crawler.sources import Sources, load_sources
from pipelines.topic_file import load_topics

ROOT = Path(__file__).resolve().parent
TICK_S = 15
"""Seconds between two looks at what is due; the shortest interval of an entry is five minutes."""
HOUSEKEEPING_S = 10 * 60
HEALTH_S = 60 * 60

log = logging.getLogger("dauys.scheduler")


class BusyError(DauysError):
    """Raised when another scheduler is at work on the same archive."""


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@archive_option
@click.option(
    "--sources", "sources_file", type=click.Path(path_type=Path), default=ROOT / "sources.toml",
    show_default="sources.toml", help="The outlets to crawl.",
)  # fmt: skip
@click.option(
    "--topics", "topics_file", type=click.Path(path_type=Path), default=ROOT / "topics.toml",
    show_default="topics.toml", help="What articles must be about.",
)  # fmt: skip
@click.option("--once", is_flag=True, help="Poll everything that is due, wait for the end, and exit.")
@click.option("--source", "only", multiple=True, metavar="ID", help="Only this source; may be given several times.")
@click.option(
    "--parallel", type=click.IntRange(1, 64), default=16, show_default=True, help="Outlets crawled at one time.",
)  # fmt: skip
@click.option("--allow-loopback", is_flag=True, help="Permit outlets on 127.0.0.1, for a local press.")
def main(
    archive: Path,
    sources_file: Path,
    topics_file: Path,
    once: bool,
    only: tuple[str, ...],
    parallel: int,
    allow_loopback: bool,
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
    sources = load_sources(sources_file, allow_loopback=allow_loopback)
    chosen = _chosen(sources, only)
    load_topics(topics_file)
    archive = archive.absolute()
    open_archive(archive).close()
    lock = _lock(archive)
    options = CrawlOptions(
        archive=archive,
        sources=sources_file.absolute(),
        topics=topics_file.absolute(),
        allow_loopback=allow_loopback,
    )
    dispatcher = Dispatcher(chosen, options, root=ROOT, parallel=parallel, report=report.tell)
    stop = _stop_on_signals()
    tidy(archive)
    register(archive, sources, all_listed=True)
    try:
        if once:
            _run_once(dispatcher, stop)
        else:
            log.info("crawling %d outlets into %s; Ctrl-C stops in order", len(chosen), archive)
            _run(dispatcher, stop, archive)
    finally:
        lock.release()


def _chosen(sources: Sources, only: tuple[str, ...]) -> dict[str, Source]:
    """Return the sources to crawl by id: those named, or all that are enabled."""
    named = [sources.by_id(source_id) for source_id in only]
    for source in named:
        if not source.enabled:
            raise DauysError(f'{sources.file}: source "{source.id}" is switched off (enabled = false)')
    return {source.id: source for source in named or sources.enabled}


def _lock(archive: Path) -> DomainLocks:
    """Take the lock of the archive's one scheduler; the kernel lets it go when the process ends, however it ends."""
    locks = DomainLocks(archive.parent / "locks")
    if not locks.take(f"scheduler of {archive.name}"):
        raise BusyError(f"{archive}: another scheduler is at work on this archive")
    return locks


def _run(dispatcher: Dispatcher, stop: threading.Event, archive: Path) -> None:
    """Run the jobs until a signal comes, then let the crawls end."""
    # coalesce and no grace time: a run that was missed (the machine slept) is made up for, once
    jobs = BackgroundScheduler(job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    jobs.add_job(dispatcher.start_due, "interval", seconds=TICK_S, id="tick")
    jobs.add_job(tidy, "interval", seconds=HOUSEKEEPING_S, args=[archive], id="housekeeping")
    jobs.add_job(report.tell_trouble, "interval", seconds=HEALTH_S, args=[archive], id="health")
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


if __name__ == "__main__":
    main()
