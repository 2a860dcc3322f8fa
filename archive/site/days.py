"""Counts by day as charts show them: how many days, and every day between the first and the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from archive.database import Database
from archive.kept.cells import UNKNOWN

MAX_DAYS = 1_500
"""Days that a chart shows one by one; an archive of longer memory shows its latest."""

Days = tuple[tuple[str, Mapping[str, int]], ...]
"""Articles by day and language, the earliest day first."""


def of_archive(db: Database) -> Days:
    """Return what is kept of the days that a chart of the whole archive shows."""
    return _of(db, "kept_days", "true", [])


def of_outlet(db: Database, source_id: str) -> Days:
    """Return what is kept of the days that a chart of an outlet shows."""
    return _of(db, "kept_outlet_days", "source_id = ?", [source_id])


def filled(days: Days) -> Days:
    """Return counts by day with the days between them that have none, the latest MAX_DAYS at most."""
    if not days:
        return ()
    counts = dict(days)
    last = date.fromisoformat(days[-1][0]).toordinal()
    first = max(date.fromisoformat(days[0][0]).toordinal(), last - MAX_DAYS + 1)
    every = [date.fromordinal(day).isoformat() for day in range(first, last + 1)]
    return tuple((day, counts.get(day, {})) for day in every)


def _of(db: Database, table: str, where: str, values: list[str]) -> Days:
    """Return the days that a chart shows of those rows of a table that a condition holds for."""
    (last,) = db.execute(f"select max(day) from {table} where {where} and day <> ''", values).fetchone()
    return _counted(
        db.execute(
            f"select day, language, articles from {table} where {where} and day >= ? order by day, language",
            [*values, _first_shown(last)],
        )
    )


def _counted(rows: Iterable[tuple[str, str, int]]) -> Days:
    """Return rows of day, language and count; an unknown language and one that is called so are one."""
    days: dict[str, dict[str, int]] = {}
    for day, language, n in rows:
        counts = days.setdefault(day, {})
        code = language or UNKNOWN
        counts[code] = counts.get(code, 0) + n
    return tuple(days.items())


def _first_shown(last_day: str | None) -> str:
    """Return the first day of a chart that ends with a day; any day but the empty one where there is none."""
    return (
        date.fromordinal(max(1, date.fromisoformat(last_day).toordinal() - MAX_DAYS + 1)).isoformat()
        if last_day
        else "0"
    )
