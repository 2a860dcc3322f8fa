"""The articles of one search as numbers in memory: which match, what each is counted by, which facets keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from sqlite_utils import Database

from archive.kept import cells
from archive.search.index import require_current
from archive.search.query import understood
from archive.search.ranking import matching
from archive.site.criteria import ROLES, Criteria

if TYPE_CHECKING:
    from archive.kept.cells import Flags, Numbers

FACETS = ("language", "source", "role", "topic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What words and days found: `ids` with their `cells`, and for each facet which of them its choices keep.

    `names` are the values of each facet at the place of their code; `topics` tells of each topic which it has.
    """

    expression: str | None
    ids: Numbers
    cells: Numbers
    in_range: Flags
    kept: Mapping[str, Flags]
    names: Mapping[str, list[str]]
    topics: Mapping[str, Flags]

    def but(self, facet: str = "") -> Flags:
        """Return which articles the days and the choices of all facets keep, leaving out one facet."""
        return reduce(lambda one, other: one & other, [self.in_range, *(self.kept[f] for f in self.kept if f != facet)])


def select(db: Database, criteria: Criteria) -> Selection:
    """Find the articles of a search; raise QueryError for words that mean nothing, StaleIndex for an old index."""
    import numpy as np

    expression = None
    every = cells.read_cells(db)
    if criteria.query:
        expression = understood(criteria.query).expression
        require_current(db)
        ids = matching(db, expression)
        numbers = every[ids]
    else:
        ids = np.flatnonzero(every)
        numbers = every if len(ids) == len(every) else every[ids]
    names = {
        "language": cells.codes(db, "language"),
        "source": cells.codes(db, "source"),
        "role": list(ROLES),
        "topic": cells.topics(db),
    }
    topics = {topic: cells.flags_at(cells.read_topic(db, topic), ids) for topic in names["topic"]}
    kept: dict[str, Flags] = {}
    for facet, code in (("language", cells.languages_of), ("source", cells.sources_of), ("role", cells.roles_of)):
        if chosen := criteria.chosen(facet):
            wanted = [at for at, name in enumerate(names[facet]) if name in chosen]
            kept[facet] = np.isin(code(numbers), wanted)
    if criteria.topics:
        none = np.zeros(len(ids), dtype=bool)
        kept["topic"] = reduce(lambda one, other: one | other, [topics.get(t, none) for t in criteria.topics])
    return Selection(
        expression=expression,
        ids=ids,
        cells=numbers,
        in_range=_in_range(numbers, criteria.since, criteria.until),
        kept=kept,
        names=names,
        topics=topics,
    )


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


def by_day(chosen: Selection) -> tuple[tuple[str, Mapping[str, int]], ...]:
    """Return how many articles each day has by language, the earliest day first."""
    import numpy as np

    numbers = chosen.cells[chosen.but()]
    days = cells.days_of(numbers)
    # both stand side by side in a cell
    pairs, counts = np.unique((numbers >> cells.LANGUAGE_AT)[days > 0], return_counts=True)
    found: dict[str, dict[str, int]] = {}
    for pair, n in zip(pairs.tolist(), counts.tolist(), strict=True):
        ordinal = pair >> cells.LANGUAGE_BITS & (1 << cells.DAY_BITS) - 1
        language = chosen.names["language"][pair & (1 << cells.LANGUAGE_BITS) - 1]
        found.setdefault(date.fromordinal(ordinal).isoformat(), {})[language] = n
    return tuple(found.items())


def counted(chosen: Selection, facet: str) -> tuple[tuple[str, int], ...]:
    """Return how many articles each value of a facet would bring, the most first."""
    import numpy as np

    kept = chosen.but(facet)
    if facet == "topic":
        counts = {topic: int(np.count_nonzero(has & kept)) for topic, has in chosen.topics.items()}
    else:
        code = {"language": cells.languages_of, "source": cells.sources_of, "role": cells.roles_of}[facet]
        found = np.bincount(code(chosen.cells[kept]), minlength=len(chosen.names[facet])).tolist()
        counts = dict(zip(chosen.names[facet], found, strict=False))
    return tuple(sorted(((name, n) for name, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0])))


def _in_range(numbers: Numbers, since: date | None, until: date | None) -> Flags:
    import numpy as np

    if since is None and until is None:
        return np.ones(len(numbers), dtype=bool)
    days = cells.days_of(numbers)
    first = since.toordinal() if since else 1
    last = until.toordinal() if until else date.max.toordinal()
    return (days >= first) & (days <= last)
