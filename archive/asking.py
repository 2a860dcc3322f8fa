"""A connection that is asked and not written to, as much of sqlite-utils' Database as a search needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol


class Asked(Protocol):
    """What can be asked: a Database of sqlite-utils, or an Asking."""

    @property
    def conn(self) -> sqlite3.Connection:
        """Return the connection itself."""

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> sqlite3.Cursor:
        """Run a statement."""


class Asking:
    """A bare connection. Loading sqlite-utils takes longer than most searches."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> sqlite3.Cursor:
        """Run a statement."""
        return self.conn.execute(sql, parameters or ())
