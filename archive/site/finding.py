"""What the search page shows: the articles of one search, counted by facet and by day."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.database import Database
from archive.kept.cells import UNKNOWN
from archive.search.query import snippet, understood
from archive.search.ranking import best, ranked
from archive.site.criteria import PAGE_SIZE, Criteria
from archive.site.days import Days, of_archive
from archive.site.selection import FACETS, Selection, by_day, by_size, counted, newest_of_all, select
from archive.site.selection import newest as newest_of

OPENING_CHARS = 260
"""How much of a text is shown where no words were asked for."""
CSV_LIMIT = 10_000
"""Rows of a table to take away; more is what `python -m archive export` is for."""
FEED_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How many articles match, by each value of each facet, and by day and language.

    The counts of a facet heed what is chosen in all other facets and not in itself, so that each tells what
    choosing it would bring.
    """

    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    days: Days


def overview(db: Database, criteria: Criteria, chosen: Selection | None = None) -> Overview:
    """Count the articles of a search; raise QueryError for words that mean nothing, StaleIndex for an old index."""
    if criteria.everything:
        return _of_everything(db)
    chosen = chosen or select(db, criteria)
    return Overview(
        total=len(chosen.wanted),
        facets={facet: counted(chosen, facet) for facet in FACETS},
        days=by_day(chosen),
    )


def _of_everything(db: Database) -> Overview:
    """Return the counts of all articles, from what is kept."""
    facets: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for source, language, role, n in db.execute("select source_id, language, role, articles from kept_outlets"):
        for facet, value in (("source", source), ("language", language or UNKNOWN), ("role", role)):
            facets[facet][value] += n
    facets["topic"].update(dict(db.execute("select topic_id, articles from kept_topic_counts").fetchall()))
    return Overview(
        total=facets["role"].total(),
        facets={facet: by_size(counts) for facet, counts in facets.items()},
        days=of_archive(db),
    )


def articles(db: Database, criteria: Criteria, chosen: Selection | None = None) -> list[dict[str, Any]]:
    """Return one page of a search with what a list shows of each article; `snippet` holds hit markers."""
    until = criteria.page * PAGE_SIZE
    return _details(db, criteria, _ids(db, criteria, until, chosen)[until - PAGE_SIZE :])


def newest(db: Database, criteria: Criteria) -> list[dict[str, Any]]:
    """Return the latest articles of a search, for its feed."""
    return _details(db, criteria, _ids(db, criteria.on(sort="new"), FEED_SIZE))


def rows(db: Database, criteria: Criteria, limit: int = CSV_LIMIT) -> Iterator[dict[str, Any]]:
    """Yield all articles of a search without their texts, `limit` at most."""
    ids = _ids(db, criteria, limit)
    for at in range(0, len(ids), 500):
        yield from _facts(db, ids[at : at + 500])


def _ids(db: Database, criteria: Criteria, count: int, chosen: Selection | None = None) -> list[int]:
    """Return the first `count` articles of a search in its order."""
    if criteria.everything:
        return newest_of_all(db, count)
    chosen = chosen or select(db, criteria)
    if criteria.order == "new" or chosen.expression is None:
        return newest_of(db, chosen, count)
    if not criteria.narrowed:
        return [found for found, _ in best(db, chosen.expression, count, newest_first=True)]
    found, _ = ranked(db, chosen.expression, chosen.found, chosen.wanted)
    return [int(one) for one in found[:count]]


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
