"""Tombstones: addresses whose article was forgotten, from which nothing is stored again. No text is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from archive.database import Database
from archive.times import stored

TABLES = """
create table tombstones (
    url_key text primary key,
    reason text not null,
    forgotten_at text not null,
    cleared integer not null default 0
) strict, without rowid;

create table warc_discarded (file text primary key) strict, without rowid;

create table story_unsettled (body_id integer primary key) strict;
"""


def lies_on(db: Database, keys: Iterable[str]) -> bool:
    """Tell whether an article of any of these identities of addresses was forgotten."""
    return any(
        db.execute("select 1 from tombstones where url_key = ?", [key]).fetchone() is not None
        for key in dict.fromkeys(keys)
    )


def lay(db: Database, keys: Iterable[str], *, reason: str, at: datetime) -> None:
    """Lay tombstones inside the caller's transaction; one that is there keeps its reason."""
    db.conn.executemany(
        "insert into tombstones (url_key, reason, forgotten_at) values (?, ?, ?) on conflict do nothing",
        [(key, reason, stored(at)) for key in dict.fromkeys(keys)],
    )


def uncleared(db: Database) -> int:
    """Return how many tombstones stand where traces may still be: the program was stopped before it cleared them."""
    return int(db.execute("select count(*) from tombstones where not cleared").fetchone()[0])


def clear(db: Database) -> None:
    """Note that no trace is left, inside the caller's transaction."""
    db.execute("update tombstones set cleared = 1 where not cleared")


def listed(db: Database) -> list[dict[str, Any]]:
    """Return all tombstones, the latest first."""
    return list(db.query("select forgotten_at, reason, url_key from tombstones order by forgotten_at desc, url_key"))
