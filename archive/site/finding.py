"""What the search page shows: the articles of one search, counted by facet and by day."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive.search.index import require_current
from archive.search.query import RANK, QueryError, filters, snippet, understood
from archive.site.criteria import PAGE_SIZE, Criteria

UNKNOWN = "und"
"""Stands for a language that was not recognised, as ISO 639-2 has it."""
OPENING_CHARS = 260
"""How much of a text is shown where no words were asked for."""
CSV_LIMIT = 10_000
"""Rows of a table to take away; more is what `python -m archive export` is for."""
FEED_SIZE = 50

Cell = tuple[str, str, str, str | None]
"""Language, source, role and day: what articles are counted by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How many articles match, by each value of each facet, and by day and language.

    The counts of a facet heed what is chosen in all other facets and not in itself, so that each tells what
    choosing it would bring.
    """

    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    days: tuple[tuple[str, Mapping[str, int]], ...]


def overview(db: Database, criteria: Criteria) -> Overview:
    """Count the articles of a search; raise QueryError for words that mean nothing, StaleIndex for an old index."""
    if criteria.query:
        require_current(db)
    found, values = _found(criteria)
    columns = f"coalesce(a.language, '{UNKNOWN}'), a.source_id, coalesce(a.story_role, 'first'), a.published_day"
    clause = f"{found} {_topic_condition(criteria)}"
    if criteria.query:
        cells = _cells(db, f"select {columns} {clause}", values)
    else:
        # in the order of an index, so that nothing is sorted
        grouped = "group by a.published_day, a.language, a.source_id, a.story_role"
        cells = Counter()
        for *cell, n in db.execute(f"select {columns}, count(*) {clause} {grouped}", values):
            cells[(cell[0], cell[1], cell[2], cell[3])] += n
    whole = _keeps(criteria)
    facets = {
        "language": _counted(cells, 0, _keeps(criteria, "language")),
        "source": _counted(cells, 1, _keeps(criteria, "source")),
        "role": _counted(cells, 2, _keeps(criteria, "role")),
        "topic": _topics(db, criteria, found, values),
    }
    days: dict[str, Counter[str]] = {}
    for cell, n in cells.items():
        if cell[3] is not None and whole(cell):
            days.setdefault(cell[3], Counter())[cell[0]] += n
    return Overview(
        total=sum(n for cell, n in cells.items() if whole(cell)), facets=facets, days=tuple(sorted(days.items()))
    )


def articles(db: Database, criteria: Criteria) -> list[dict[str, Any]]:
    """Return one page of a search with what a list shows of each article; `snippet` holds hit markers."""
    ids = list(_ids(db, criteria, PAGE_SIZE, (criteria.page - 1) * PAGE_SIZE))
    return _details(db, criteria, ids)


def newest(db: Database, criteria: Criteria) -> list[dict[str, Any]]:
    """Return the latest articles of a search, for its feed."""
    return _details(db, criteria, list(_ids(db, criteria.on(sort="new"), FEED_SIZE, 0)))


def rows(db: Database, criteria: Criteria, limit: int = CSV_LIMIT) -> Iterator[dict[str, Any]]:
    """Yield all articles of a search without their texts, `limit` at most."""
    ids = list(_ids(db, criteria, limit, 0))
    for at in range(0, len(ids), 500):
        yield from _facts(db, ids[at : at + 500])


def _found(criteria: Criteria) -> tuple[str, dict[str, str | int]]:
    """Return the clause that words and dates make, from `from` to its conditions, with its values.

    Articles that words found are looked up in an index that has no text: a common word leads to most of them.
    """
    conditions, values = filters(since=criteria.since, until=criteria.until)
    if not criteria.query:
        return f"from articles a where {' and '.join(['true', *conditions])}", values
    conditions.insert(0, "articles_fts match :match")
    values["match"] = understood(criteria.query).expression
    joined = "articles_fts cross join articles a indexed by articles_narrow on a.id = articles_fts.rowid"
    return f"from {joined} where {' and '.join(conditions)}", values


def _topic_condition(criteria: Criteria) -> str:
    """Return the condition of the chosen topics; an article can have several, so it is no cell's matter."""
    if not criteria.topics:
        return ""
    chosen = ", ".join(_quoted(topic) for topic in criteria.topics)
    return f" and exists (select 1 from topic_hits t where t.article_id = a.id and t.topic_id in ({chosen}))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\x00", "") + "'"


def _keeps(criteria: Criteria, but: str = "") -> Callable[[Cell], bool]:
    chosen = [
        (at, frozenset(criteria.chosen(facet)))
        for at, facet in enumerate(("language", "source", "role"))
        if facet != but and criteria.chosen(facet)
    ]
    return lambda cell: all(cell[at] in values for at, values in chosen)


def _counted(cells: Mapping[Cell, int], at: int, keeps: Callable[[Cell], bool]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for cell, n in cells.items():
        if keeps(cell):
            counts[str(cell[at])] += n
    return _ordered(counts)


def _topics(db: Database, criteria: Criteria, found: str, values: dict[str, str | int]) -> tuple[tuple[str, int], ...]:
    if not criteria.narrowed:
        # topics hang on the article's number alone, so that nothing of the articles needs a look
        hits = "articles_fts join topic_hits t on t.article_id = articles_fts.rowid where articles_fts match :match"
        sql = f"select t.topic_id from {hits if criteria.query else 'topic_hits t'}"
        return _ordered(Counter({row[0]: n for row, n in _cells(db, sql, values).items()}))
    keeps = _keeps(criteria)
    counts: Counter[str] = Counter()
    source = found.replace(" where ", " join topic_hits t on t.article_id = a.id where ", 1)
    columns = f"coalesce(a.language, '{UNKNOWN}'), a.source_id, coalesce(a.story_role, 'first'), t.topic_id"
    for (*cell, topic), n in _cells(db, f"select {columns} {source}", values).items():
        if keeps((cell[0], cell[1], cell[2], None)):
            counts[topic] += n
    return _ordered(counts)


def _ordered(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _ids(db: Database, criteria: Criteria, limit: int, offset: int) -> Iterator[int]:
    """Yield the articles of a search in its order, the numbers alone: nothing wide is sorted."""
    if criteria.query:
        require_current(db)
    found, values = _found(criteria)
    conditions = _topic_condition(criteria)
    for name, expression, chosen in (
        ("languages", f"coalesce(a.language, '{UNKNOWN}')", criteria.languages),
        ("sources", "a.source_id", criteria.sources),
        ("roles", "coalesce(a.story_role, 'first')", criteria.roles),
    ):
        if chosen:
            conditions += f" and {expression} in (select value from json_each(:{name}))"
            values[name] = json.dumps(list(chosen))
    order = "a.published_at desc, a.id desc"
    if criteria.order == "new":
        # the narrow index has no time of day
        found = found.replace(" indexed by articles_narrow", "")
    else:
        order = f"{RANK}, a.id desc"
    sql = f"select a.id {found} {conditions} order by {order} limit :limit offset :offset"
    for row in _execute(db, sql, values | {"limit": limit, "offset": offset}):
        yield row[0]


def _details(db: Database, criteria: Criteria, ids: list[int]) -> list[dict[str, Any]]:
    snippets = _snippets(db, criteria, ids)
    return [row | {"snippet": snippets.get(row["id"], "")} for row in _facts(db, ids)]


def _facts(db: Database, ids: list[int]) -> list[dict[str, Any]]:
    by_id = {
        row["id"]: row
        for row in db.query(
            """select a.id, a.url, a.title, a.source_id, s.name as source, a.language, a.published_at,
                a.published_precision, a.first_seen_at, a.last_seen_at, a.story_id, a.story_role, a.story_similarity,
                a.versions, a.gone_at, a.words, t.articles as told
            from articles a join sources s on s.id = a.source_id left join stories t on t.id = a.story_id
            where a.id in (select value from json_each(?))""",
            [json.dumps(ids)],
        )
    }
    return [by_id[one] for one in ids if one in by_id]


def _snippets(db: Database, criteria: Criteria, ids: list[int]) -> dict[int, str]:
    wanted = json.dumps(ids)
    if not criteria.query:
        found = db.execute(
            f"select id, substr(text, 1, {OPENING_CHARS}) from articles where id in (select value from json_each(?))",
            [wanted],
        )
        return {row[0]: " ".join(row[1].split()) for row in found}
    match = understood(criteria.query)
    texts = db.execute("select id, text, language from articles where id in (select value from json_each(?))", [wanted])
    return {row[0]: snippet(row[1], row[2], match) for row in texts}


def _cells(db: Database, sql: str, values: Mapping[str, object]) -> Counter[Any]:
    """Count the distinct rows of a query: half the time of a GROUP BY, which sorts them."""
    cursor = db.conn.cursor()
    cursor.row_factory = None
    with _understood():
        return Counter(cursor.execute(sql, dict(values)))


def _execute(db: Database, sql: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
    with _understood():
        return [tuple(row) for row in db.execute(sql, dict(values)).fetchall()]


@contextmanager
def _understood() -> Iterator[None]:
    """Raise QueryError where the index refuses the words of a search."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(f"the search cannot be understood ({error}). Put words in double quotes.") from error
