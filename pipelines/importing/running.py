"""Brings the records of one file into an archive, in batches that land whole, and goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from archive import jobs
from archive.database import Database
from archive.db import write
from archive.times import now
from pipelines.importing.kinds import kind_of, units_of
from pipelines.importing.outcome import Imported, ImportRules, Unit, work_key
from pipelines.items import chosen_topics
from pipelines.outlets import Outlets
from pipelines.store import Store
from pipelines.worker import Worker

BATCH = 100
"""Records in one transaction: a commit to the disk is the slowest step of an import. More would make crawls that
write to the same archive wait for longer than the third of a second that these take."""


def import_file(
    path: Path,
    db: Database,
    store: Store,
    outlets: Outlets,
    rules: ImportRules,
    worker: Worker,
    *,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Import one file of articles or pages and return what became of each record, also of those an earlier,
    stopped import of the same file did.

    `worker` reads pages. Nothing that the archive has is replaced; a page that was fetched after the stored version
    may become a new one.
    `progress` is called with the bytes read so far. Raises ImportFileError when the file cannot be read (what came
    before the fault is stored), and ConfigError when the topics cannot.
    """
    chosen_topics(rules.topics)
    kind = kind_of(path)
    job = jobs.begin(db, "import", work_key(path, rules), path.name, now())
    imported = Imported(counts=job.counts, resumed_after=job.position)
    with units_of(kind, path, rules, outlets, worker, after=job.position) as (units, position):
        while batch := list(islice(units, BATCH)):
            _store(batch, db, job.id, store, outlets, rules, imported)
            if progress is not None:
                progress(position())
    jobs.end(db, job.id, now())
    return imported


def _store(
    batch: list[Unit],
    db: Database,
    job_id: int,
    store: Store,
    outlets: Outlets,
    rules: ImportRules,
    imported: Imported,
) -> None:
    """Store a batch and how far it brings the job, in one transaction."""
    readings = [unit.reading for unit in batch if unit.reading is not None]
    for reading in readings:
        outlets.ensure(reading.link.source_id, reading.article.url)
    for unit in batch:
        if unit.problem is not None:
            imported.tell(unit.problem)
        if unit.outcome is not None:
            imported.counts[unit.outcome] += 1
    with write(db):
        for outcome in store.add(readings, all_topics=rules.all_topics):
            imported.counts[outcome.kind] += 1
            if outcome.detail in ("reprint", "excerpt"):
                imported.counts[outcome.detail] += 1
        jobs.advance(db, job_id, position=batch[-1].number, counts=imported.counts, at=now())
