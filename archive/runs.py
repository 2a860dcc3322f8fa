"""Runs: one row a crawl, written when it begins and when it ends, so that a crawl that died is seen as such."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from archive.clean import clean_line
from archive.database import Database
from archive.db import write
from archive.times import stored

Outcome = Literal["ok", "partial", "failed", "killed"]
COUNTERS = (
    "links_found",
    "requests",
    "not_modified",
    "pages",
    "articles_new",
    "articles_changed",
    "reprints",
    "off_topic",
    "errors",
    "bytes",
)
MAX_REASON_CHARS = 300


def begin(db: Database, source_id: str, at: datetime, *, token: str | None = None) -> int:
    """Open the row of a crawl by this process; return its id. `token` names the lock that it holds while it lives."""
    with write(db):
        row = db.execute(
            "insert into runs (source_id, started_at, pid, token) values (?, ?, ?, ?) returning id",
            [source_id, stored(at), os.getpid(), token],
        ).fetchone()
    return int(row[0])


def progress(db: Database, run_id: int, counters: Mapping[str, int]) -> None:
    """Write the counters of a crawl that goes on, so that they survive its death."""
    with write(db):
        _count(db, run_id, counters)


def end(
    db: Database, run_id: int, *, at: datetime, outcome: Outcome, reason: str | None, counters: Mapping[str, int]
) -> None:
    """Close the row of a crawl."""
    with write(db):
        _count(db, run_id, counters)
        db.execute(
            "update runs set ended_at = max(?, started_at), outcome = ?, reason = ? where id = ?",
            [stored(at), outcome, clean_line(reason, MAX_REASON_CHARS), run_id],
        )


def close_dead(db: Database, *, token: str | None, at: datetime, reason: str) -> int:
    """Close the open rows of a crawl that is no more, as killed; return how many there were."""
    with write(db):
        return db.execute(
            # a clock that went back must not end a crawl before it began
            """update runs set ended_at = max(?, started_at), outcome = 'killed', reason = ?
            where ended_at is null and token is ?""",
            [stored(at), clean_line(reason, MAX_REASON_CHARS), token],
        ).rowcount


def open_tokens(db: Database) -> list[str | None]:
    """Return the tokens of the open rows, None for rows without; whether the crawls live is for the caller to find."""
    return [row["token"] for row in db.query("select distinct token from runs where ended_at is null")]


def of_token(db: Database, token: str) -> dict[str, Any] | None:
    """Return the row that a crawl opened, or None when it opened none."""
    return next(iter(db.query("select * from runs where token = ?", [token])), None)


def _count(db: Database, run_id: int, counters: Mapping[str, int]) -> None:
    values = {name: int(counters.get(name, 0)) for name in COUNTERS}
    db.execute(
        f"update runs set {', '.join(f'{name} = :{name}' for name in COUNTERS)} where id = :id",
        values | {"id": run_id},
    )
