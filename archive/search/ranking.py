"""Which articles match an expression, and the best of them, in a time that does not grow with how common a word is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from archive.asking import Asked
from archive.errors import DauysError

if TYPE_CHECKING:
    import numpy as np

    from archive.kept.cells import Numbers

    Scores = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

TITLE_WEIGHT: Final = 4.0
"""How much more a word in the title counts than one in the text (1 is even): the best of the design's prototypes."""
RANK: Final = f"bm25(articles_fts, 1.0, {TITLE_WEIGHT})"
"""The better a match the lower, as SQLite has it; the text is the index's first column."""
RANKED: Final = 30_000
"""Matches that are weighed against each other, the newest: weighing one takes a microsecond, and among so many articles
that have a word the hundred best are as good anywhere."""


class QueryError(DauysError):
    """Raised for a query that has no meaning; says what to type instead."""


@contextmanager
def understood_by_index() -> Iterator[None]:
    """Raise QueryError where the index refuses the words of a search."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(f"the search cannot be understood ({error}). Put words in double quotes.") from error


def matching(db: Asked, expression: str) -> Numbers:
    """Return the numbers of the articles that match an FTS5 expression, the lowest first."""
    import numpy as np

    # one long string instead of half a million rows: a tenth of the time
    sql = "select group_concat(rowid) from articles_fts where articles_fts match ?"
    with understood_by_index():
        (found,) = db.execute(sql, [expression]).fetchone()
    return np.fromstring(found or "", dtype=np.int64, sep=",")


def ranked(db: Asked, expression: str, ids: Numbers, wanted: Numbers) -> tuple[Numbers, Scores]:
    """Return `wanted`, the best match first, with their scores; higher is better.

    `ids` are all that match, `wanted` those of them that are asked for; both are in order. Of more than RANKED the
    newest are weighed; the others follow, newest first, with score 0.
    """
    import numpy as np

    if not len(wanted):
        return wanted, np.zeros(0)
    after = int(np.searchsorted(ids, wanted[-1], "right"))
    window = ids[max(0, after - RANKED) : after]
    within = wanted[int(np.searchsorted(wanted, window[0])) :]
    found, scores = _scored(db, expression, window, within)
    if len(found) > len(within):
        weighed = np.isin(found, within, assume_unique=True)
        found, scores = found[weighed], scores[weighed]
    order = np.lexsort((-found, -scores))
    older = wanted[: len(wanted) - len(within)][::-1]
    return np.concatenate((found[order], older)), np.concatenate((scores[order], np.zeros(len(older))))


def best(db: Asked, expression: str, count: int, *, newest_first: bool = False) -> list[tuple[int, float]]:
    """Return the `count` best of all articles that match, with their scores; of equals the one that was there first.

    They are those that `ranked` gives, found by SQLite alone: its rows need not become Python's, and loading numpy
    takes longer than most searches. With `newest_first` equals are in the order of `ranked` as well.
    """
    cursor = db.conn.cursor()
    cursor.row_factory = None
    matches = "from articles_fts where articles_fts match ?"
    with understood_by_index():
        last = cursor.execute(
            f"select rowid {matches} order by rowid desc limit 1 offset ?", [expression, RANKED - 1]
        ).fetchone()
        first = last[0] if last else 0
        equals = "rowid desc" if newest_first else "rowid"
        found: list[tuple[int, float]] = cursor.execute(
            f"select rowid, -{RANK} as score {matches} and rowid >= ? order by score desc, {equals} limit ?",
            [expression, first, count],
        ).fetchall()
        if len(found) < count and first:
            found += cursor.execute(
                f"select rowid, 0.0 {matches} and rowid < ? order by rowid desc limit ?",
                [expression, first, count - len(found)],
            ).fetchall()
    return found


def _scored(db: Asked, expression: str, window: Numbers, within: Numbers) -> tuple[Numbers, Scores]:
    """Return those that match from the first to the last of `window`, with their scores.

    Where those that are wanted, `within`, are the fewer ones, they alone: the others are passed over before they are
    weighed.
    """
    import numpy as np

    sql = f"select rowid, -{RANK} from articles_fts where articles_fts match ? and rowid between ? and ?"
    values: list[str | int] = [expression, int(window[0]), int(window[-1])]
    if len(within) * 2 < len(window):
        # the + keeps the index from looking each of them up
        sql += " and +rowid in (select value from json_each(?))"
        values.append(f"[{','.join(map(str, within.tolist()))}]")
    cursor = db.conn.cursor()
    cursor.row_factory = None
    with understood_by_index():
        table = np.fromiter(cursor.execute(sql, values), dtype=[("id", np.int64), ("score", np.float64)])
    return table["id"], table["score"]
