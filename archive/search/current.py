"""Tells whether the full-text index was made by the analyser that reads the question."""

from __future__ import annotations

from archive.asking import Asked
from archive.errors import DauysError
from archive.search.functions import analyser


class StaleIndex(DauysError):
    """Raised when the index was made by another version of the analyser than the one that reads the question."""


def require_current(db: Asked) -> None:
    """Raise StaleIndex when the index cannot be asked by this program."""
    if live(db) != analyser():
        (_, _, path) = db.execute("pragma database_list").fetchone()
        raise StaleIndex(
            "the full-text index was made by another version of this program."
            f" Type: python -m archive reindex --archive {path or 'FILE'}"
        )


def live(db: Asked) -> str | None:
    """Return the version of the analyser that made the index, or None where there is no index."""
    row = db.execute("select analyser from search_index where name = 'live'").fetchone()
    return str(row[0]) if row else None
