"""Long pieces of work that can be killed and go on where they were: how far an import or a replay has come."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.clean import clean_line
from archive.database import Database
from archive.db import write
from archive.times import stored

JobKind = Literal["import", "replay"]
MAX_NAME_CHARS = 300

TABLES = """
create table jobs (
    id integer primary key,
    kind text not null check (kind in ('import', 'replay')),
    key text not null,
    name text not null,
    position integer not null default 0,
    counts text not null default '{}',
    started_at text not null,
    updated_at text not null,
    ended_at text
) strict;
create index jobs_by_key on jobs(kind, key);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work as it was found: `position` in its units (records, lines, ids of articles), 0 when new."""

    id: int
    position: int
    counts: Counter[str]


def begin(db: Database, kind: JobKind, key: str, name: str, at: datetime) -> Job:
    """Return the unfinished job of this key, or a new one. `key` says all that its outcome depends on."""
    with write(db):
        row = db.execute(
            "select id, position, counts from jobs where kind = ? and key = ? and ended_at is null"
            " order by id desc limit 1",
            [kind, key],
        ).fetchone()
        if row is not None:
            return Job(id=row[0], position=row[1], counts=Counter(json.loads(row[2])))
        (job_id,) = db.execute(
            "insert into jobs (kind, key, name, started_at, updated_at) values (?, ?, ?, ?, ?) returning id",
            [kind, key, clean_line(name, MAX_NAME_CHARS), stored(at), stored(at)],
        ).fetchone()
    return Job(id=job_id, position=0, counts=Counter())


def unfinished(db: Database, kind: JobKind, key: str) -> bool:
    """Tell whether a job of this key was begun and not ended."""
    sql = "select 1 from jobs where kind = ? and key = ? and ended_at is null"
    return db.execute(sql, [kind, key]).fetchone() is not None


def advance(db: Database, job_id: int, *, position: int, counts: Mapping[str, int], at: datetime) -> None:
    """Record how far a job has come, inside the transaction that stores what it brought."""
    db.execute(
        "update jobs set position = ?, counts = ?, updated_at = ? where id = ?",
        [position, json.dumps(dict(counts), sort_keys=True), stored(at), job_id],
    )


def end(db: Database, job_id: int, at: datetime) -> None:
    """Record that a job is done; the same work begins afresh next time."""
    with write(db):
        db.execute("update jobs set ended_at = ?, updated_at = ? where id = ?", [stored(at), stored(at), job_id])
