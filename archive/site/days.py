"""Counts by day as charts show them: how many days, and every day between the first and the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlite_utils import Database

from archive.kept.cells import UNKNOWN

MAX_DAYS = 1_500
"""Days that a chart shows one by one; an archive of longer memory shows its latest."""

Days = tuple[tuple[str, Mapping[str, int]], ...]
"""Articles by day and language, the earliest day first."""


def of_archive(db: Database) -> Days:
    """Return what is kept of the days that a chart of the whole archive shows."""
    (last,) = db.execute("select max(day) from kept_days where day <> ''").fetchone()
    return _counted(
        db.execute(
            "select day, language, articles from kept_days where day >= ? order by day, language", [_first_shown(last)]
        )
    )


def of_outlet(db: Database, source_id: str) -> Days:
    """Return what is kept of the days that a chart of an outlet shows."""
    (last,) = db.execute(
        "select max(day) from kept_outlet_days where source_id = ? and day <> ''", [source_id]
    ).fetchone()
    return _counted(
        db.execute(
            "select day, language, articles from kept_outlet_days where source_id = ? and day >= ? order by 1, 2",
            [source_id, _first_shown(last)],
        )
    )


def filled(days: Days) -> Days:
    """Return counts by day with the days between them that have none, the latest MAX_DAYS at most."""
    if not days:
        return ()
    counts = dict(days)
    last = date.fromisoformat(days[-1][0]).toordinal()
    first = max(date.fromisoformat(days[0][0]).toordinal(), last - MAX_DAYS + 1)
    every = [date.fromordinal(day).isoformat() for day in range(first, last + 1)]
    return tuple((day, counts.get(day, {})) for day in every)


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
