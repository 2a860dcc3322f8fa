"""Runs several SQL statements inside the transaction that is open."""

from __future__ import annotations

import sqlite3

from archive.database import Database


def run_script(db: Database, sql: str) -> None:
    """Run `sql` statement by statement: `executescript` would commit the caller's transaction."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"unfinished statement in a script: {statement.strip()[:80]}")
