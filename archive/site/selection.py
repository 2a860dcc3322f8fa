"""The articles of one search as numbers in memory: which match, what each is counted by, which facets keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from archive.database import Database
from archive.kept import cells
from archive.search.current import require_current
from archive.search.query import understood
from archive.search.ranking import matching
from archive.site.criteria import ROLES, Criteria
from archive.site.days import MAX_DAYS, Days

if TYPE_CHECKING:
    from archive.kept.cells import Flags, Numbers

FACETS = ("language", "source", "role", "topic")


_CODES: Mapping[str, Callable[[Numbers], Numbers]] = {
    "language": cells.languages_of,
    "source": cells.sources_of,
    "role": cells.roles_of,
}
"""Facet -> what a cell has of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What words and days found: `found` are all that match the words, `ids` those of them in the days asked for.

    For each of `ids` there is its cell, for each facet with choices whether they keep it, and for each topic whether
    it is of it. `names` are the values of each facet at the place of their code.
    """

    expression: str | None
    found: Numbers
    ids: Numbers
    cells: Numbers
    kept: Mapping[str, Flags]
    names: Mapping[str, list[str]]
    topics: Mapping[str, Flags]

    def but(self, facet: str = "") -> Flags | slice:
        """Return, as an index into `ids`, which of them the choices of all facets keep, leaving out one facet."""
        chosen = [self.kept[other] for other in self.kept if other != facet]
        return reduce(lambda one, other: one & other, chosen) if chosen else slice(None)

    @property
    def wanted(self) -> Numbers:
        """Return the articles that the days and all choices keep, the lowest number first."""
        return self.ids[self.but()]


def select(db: Database, criteria: Criteria) -> Selection:
    """Find the articles of a search; raise QueryError for words that mean nothing, StaleIndex for an old index."""
    import numpy as np

    expression = None
    if criteria.query:
        expression = understood(criteria.query).expression
        require_current(db)
        found = matching(db, expression)
        numbers = cells.cells_of(db, found)
    else:
        every = cells.read_cells(db)
        found = np.flatnonzero(every)
        numbers = cells.at(every, found)
    ids = found
    if criteria.since or criteria.until:
        inside = _in_range(numbers, criteria.since, criteria.until)
        ids, numbers = ids[inside], numbers[inside]
    names = {
        "language": cells.codes(db, "language"),
        "source": cells.codes(db, "source"),
        "role": list(ROLES),
        "topic": cells.topics(db),
    }
    topics = {topic: cells.of_topic(db, topic, ids) for topic in names["topic"]}
    kept: dict[str, Flags] = {}
    for facet, code in _CODES.items():
        if chosen := criteria.chosen(facet):
            wanted = [at for at, name in enumerate(names[facet]) if name in chosen]
            kept[facet] = np.isin(code(numbers), wanted)
    if criteria.topics:
        none = np.zeros(len(ids), dtype=bool)
        kept["topic"] = reduce(lambda one, other: one | other, [topics.get(t, none) for t in criteria.topics])
    return Selection(expression=expression, found=found, ids=ids, cells=numbers, kept=kept, names=names, topics=topics)


def newest(db: Database, chosen: Selection, count: int) -> list[int]:
    """Return the latest `count` articles of a selection by the moment of publication, those without a date last."""
    import numpy as np

    wanted = chosen.but()
    ids, days = chosen.ids[wanted], cells.days_of(chosen.cells[wanted])
    if len(ids) > count:
        # a day in the outlet's time zone and the moment in UTC are a day apart at most
        last = np.partition(days, len(days) - count)[len(days) - count]
        near = days >= max(1, last - 2)
        undated = ids[days == 0][::-1][:count] if last == 0 else ids[:0]
        ids = np.concatenate((ids[near], undated))
    rows = db.execute(
        """select id from articles where id in (select value from json_each(?))
        order by published_at desc, id desc limit ?""",
        [f"[{','.join(map(str, ids.tolist()))}]", count],
    )
    return [row[0] for row in rows]


def newest_of_all(db: Database, count: int) -> list[int]:
    """Return the latest `count` articles of the archive, those without a date last."""
    rows = db.execute("select id from articles order by published_at desc, id desc limit ?", [count])
    return [row[0] for row in rows]


def by_day(chosen: Selection) -> Days:
    """Return how many articles each of the latest days has by language."""
    import numpy as np

    numbers = chosen.cells[chosen.but()]
    if not len(numbers):
        return ()
    ordinals = cells.days_of(numbers)
    last = int(ordinals.max(initial=0))
    # dates of the web may lie centuries apart
    first = max(1, last - MAX_DAYS + 1)
    languages = chosen.names["language"]
    places = (ordinals - first) * len(languages) + cells.languages_of(numbers)
    counts = np.bincount(places[ordinals >= first]).tolist()
    days = (counts[at : at + len(languages)] for at in range(0, len(counts), len(languages)))
    return tuple(
        (date.fromordinal(day).isoformat(), {language: n for language, n in zip(languages, many, strict=False) if n})
        for day, many in enumerate(days, first)
        if any(many)
    )


def counted(chosen: Selection, facet: str) -> tuple[tuple[str, int], ...]:
    """Return how many articles each value of a facet would bring, the most first."""
    import numpy as np

    kept = chosen.but(facet)
    if facet == "topic":
        counts = {topic: int(np.count_nonzero(has[kept])) for topic, has in chosen.topics.items()}
    else:
        found = np.bincount(_CODES[facet](chosen.cells[kept]), minlength=len(chosen.names[facet])).tolist()
        counts = dict(zip(chosen.names[facet], found, strict=False))
    return by_size(counts)


def by_size(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return the values that any article has with their counts, the most first."""
    return tuple(sorted(((name, n) for name, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0])))


def _in_range(numbers: Numbers, since: date | None, until: date | None) -> Flags:
    days = cells.days_of(numbers)
    first = since.toordinal() if since else 1
    last = until.toordinal() if until else date.max.toordinal()
    return (days >= first) & (days <= last)
