"""Finds the texts that share keys of their sketches with a text, among those published around the same time.

The archive keeps the sketches in the order in which they were written; which texts have a key is looked up in
memory, in a table of a period's keys that is made when the period is asked for and grows with what is written.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from itertools import chain
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from archive import sketches
from archive.database import Database
from archive.db import remembered
from archive.sketches import Sketch, period_of

Keys = npt.NDArray[np.uint32]

NEAR_S = 15 * 86_400
"""A text is compared with those of its own period, and of the one before or after if that is so near."""
ASKED = 64
"""Newest texts asked for each key and period: a template's key has thousands, and each costs a comparison."""
CANDIDATES = 64
"""Texts compared with a new one at most: those with most keys in common. A story grows whole to twice as many."""
HITS = 2
"""Keys in common that make a candidate."""
FRESH = 4_096
"""Texts written since the table was sorted after which it is sorted again."""
KEPT = 12_000_000
"""Keys in memory at most (eight bytes each): the periods asked for last are kept, those of a month whatever it has."""

_HALF = np.uint64(32)


def candidates(db: Database, moment: int, keys: Keys) -> list[int]:
    """Return the bodies that share at least `HITS` of `keys` around `moment`, most hits first, at most `CANDIDATES`.

    Bodies that were removed meanwhile may be among them.
    """
    if not len(keys):
        return []
    known = _known.get(db)
    if known is None:
        known = _known[db] = _Known()
    known.catch_up(db)
    near = sorted({period_of(moment - NEAR_S), period_of(moment), period_of(moment + NEAR_S)})
    having = [found for period in near for found in known.period(db, period).having(keys)]
    if len(having) < HITS:
        return []
    hits = Counter(chain.from_iterable(having))
    found = [(-count, body_id) for body_id, count in hits.items() if count >= HITS]
    return [body_id for _, body_id in sorted(found)[:CANDIDATES]]


def add(db: Database, moment: int, body_id: int, keys: bytes) -> None:
    """Make a text findable by `keys` around `moment`."""
    known, remembering = _known.get(db), remembered(db)
    caught_up = known is not None and remembering.get(sketches.CAUGHT_UP) is known
    sketch = sketches.add_sketch(db, moment, body_id, keys)
    if known is not None and caught_up:
        known.take_in([sketch])
        remembering[sketches.CAUGHT_UP] = known


class _Period:
    """Which texts of a period have a key: `keys` in order, beside each the number of a text, the oldest first."""

    def __init__(self, written: Sequence[Sketch]) -> None:
        self.keys: Keys = np.zeros(0, np.uint32)
        self._bodies: Keys = self.keys
        self._sort(written)
        self._fresh: list[Sketch] = []
        # the same by their keys: the one text that a key has, as most have, or all of them
        self._one: dict[int, int] = {}
        self._more: dict[int, list[int]] = {}

    def having(self, keys: Keys) -> list[list[int]]:
        """Return for each of `keys` that texts have those texts, the newest."""
        one, more = self._one, self._more
        found = [more[key][-ASKED:] if key in more else [one[key]] for key in keys.tolist() if key in one]
        if not len(self.keys):
            return found
        starts = self.keys.searchsorted(keys)
        starts[starts == len(self.keys)] = 0
        there = (self.keys[starts] == keys).nonzero()[0]
        if not len(there):
            return found
        ends = self.keys.searchsorted(keys[there], "right").tolist()
        for key, start, end in zip(keys[there].tolist(), starts[there].tolist(), ends, strict=True):
            asked = ASKED - (len(more[key]) if key in more else key in one)
            if asked > 0:
                found.append(self._bodies[max(start, end - asked) : end].tolist())
        return found

    def add(self, sketch: Sketch) -> None:
        """Take a sketch in."""
        for key in np.frombuffer(sketch.keys, "<u4").tolist():
            if key in self._one:
                self._more.setdefault(key, [self._one[key]]).append(sketch.body_id)
            else:
                self._one[key] = sketch.body_id
        self._fresh.append(sketch)
        if len(self._fresh) > FRESH:
            self._sort(self._fresh)
            self._fresh, self._one, self._more = [], {}, {}

    def _sort(self, written: Sequence[Sketch]) -> None:
        """Put more into the table."""
        keys = np.frombuffer(b"".join(sketch.keys for sketch in written), "<u4")
        texts = np.array([sketch.body_id for sketch in written], np.uint32)
        bodies = np.repeat(texts, [len(sketch.keys) // 4 for sketch in written])
        both = np.concatenate((self.keys, keys)).astype(np.uint64) << _HALF
        both |= np.concatenate((self._bodies, bodies))
        both.sort(kind="stable")  # what is there is in order already, so that this merges
        self.keys, self._bodies = (both >> _HALF).astype(np.uint32), both.astype(np.uint32)


class _Known:
    """What is in memory of the sketches of one archive."""

    def __init__(self) -> None:
        self._last: Sketch | None = None
        self._periods: OrderedDict[int, _Period] = OrderedDict()

    def catch_up(self, db: Database) -> None:
        """Take in what this process and others have written since; forget all where the last sketch is gone.

        It is after a transaction was rolled back, when an article was forgotten or the index was begun anew.
        """
        remembering = remembered(db)
        if remembering.get(sketches.CAUGHT_UP) is self:
            return
        remembering[sketches.CAUGHT_UP] = self
        written = sketches.sketches_from(db, self._last.id) if self._last else []
        if not written or written[0] != self._last:
            self._periods.clear()
            self._last = sketches.last_sketch(db)
            return
        self.take_in(written[1:])

    def take_in(self, written: Sequence[Sketch]) -> None:
        """Take in sketches that were written after those that are known."""
        for sketch in written:
            if sketch.period in self._periods:
                self._periods[sketch.period].add(sketch)
            self._last = sketch

    def period(self, db: Database, period: int) -> _Period:
        """Return the table of a period."""
        if period in self._periods:
            self._periods.move_to_end(period)
            return self._periods[period]
        found = self._periods[period] = _Period(list(sketches.sketches_of(db, period)))
        while len(self._periods) > 2 and sum(len(kept.keys) for kept in self._periods.values()) > KEPT:
            self._periods.popitem(last=False)
        return found


_known: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()
