"""What a scheduler does beside crawling: makes tables agree with files and tidies up after processes that died."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from archive import warc
from archive.appointments import take_back
from archive.db import connect, empty_log
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.times import now
from crawler.runner import close_dead_runs
from crawler.source import Source

log = logging.getLogger("dauys.housekeeping")


def register(archive: Path, sources: Iterable[Source], *, all_listed: bool) -> None:
    """List the sources in the archive; with `all_listed`, those it has beside them are no longer crawled."""
    db = connect(archive)
    try:
        frontier = Frontier(db)
        ids = []
        for source in sources:
            frontier.register(source_row(source), entry_rows(source))
            ids.append(source.id)
        if all_listed:
            frontier.disable_others(ids)
    finally:
        db.close()


def tidy(archive: Path) -> None:
    """Close the runs and WARC files of processes that are no more, and let SQLite look after itself."""
    db = connect(archive)
    try:
        closed = close_dead_runs(archive)
        if closed:
            log.warning("%d crawls had died without closing their run", closed)
        for mended in warc.recover(warc.folder_of(archive)):
            log.warning("%s", mended)
        for what in take_back(db, now()):
            log.warning("%s, for the clock was ahead; that is due now", what)
        db.execute("pragma optimize")
        if not empty_log(archive):
            log.info("%s: readers are busy; the write-ahead log is emptied the next time", archive)
    finally:
        db.close()


def source_row(source: Source) -> SourceRow:
    """Return a source as the archive lists it."""
    return SourceRow(
        id=source.id,
        name=source.name,
        homepage=source.homepage,
        languages=source.languages,
        country=source.country or None,
        kind=source.kind,
        enabled=source.enabled,
        timezone=source.timezone.key,
        domains=source.domains,
    )


def entry_rows(source: Source) -> list[EntryRow]:
    """Return the entries of a source as the archive lists them."""
    return [EntryRow(url=entry.url, kind=entry.kind, fallback=entry.fallback) for entry in source.entries]
