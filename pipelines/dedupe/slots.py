"""Lays two texts of the same wording side by side and counts what differs: names, numbers, or ordinary words.

A reprint differs from its original by insertions, deletions, moved paragraphs, typos and edited words. A text
made from the same template differs by fillers: an unrelated name stands where a name stood, a number where a
number stood, and the frame around them is the same. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipelines.dedupe.marked import Word, Words
from pipelines.dedupe.spelling import alike, one_name

ANCHOR = 3
"""Equal stems in a row that hold two texts together."""
FAMILIAR = 50
"""Places looked at for one anchor: a text that repeats three words endlessly must not cost the square of its length."""
STRIP = 16
"""Stems compared at a stroke along a run."""
LOOSE_WORDS = 2
"""Ordinary words that may differ along with the names of a slot; more make it a rewritten passage."""
EDGE = 6
"""Tokens just before the first anchor, or after the last, that may still be a slot."""
GAP = 40
"""Tokens between two anchors that may still be a slot; a longer difference is a rewritten passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two texts that share their wording differ, in places (a place is what stands between two anchors)."""

    names: int = 0
    """Different names that stand for other names; what the other text mentions elsewhere does not count."""
    openings: int = 0
    """Words that begin a sentence and stand for another such word: names perhaps, one cannot tell."""
    numbers: int = 0
    """Different numbers that stand for other numbers."""
    agreed: int = 0
    """Numbers that stand in the same place in both."""
    edits: int = 0
    """Places where words stand for other words, or were put in or left out."""
    frame: int = 0
    """Tokens that the anchors hold."""

    @property
    def fillers(self) -> bool:
        """Whether names or numbers differ."""
        return bool(self.names or self.openings or self.numbers)


def difference(one: Words, other: Words) -> Difference:
    """Compare two texts place by place."""
    runs = _runs(one, other)
    names: set[tuple[str, str]] = set()
    openings: set[tuple[str, str]] = set()
    numbers: set[tuple[str, str]] = set()
    described: set[tuple[str, str]] = set()
    agreed = edits = 0
    for run in runs:
        for place in one.numbers[bisect_left(one.numbers, run.start) : bisect_left(one.numbers, run.end)]:
            pair = one.value(place), other.value(run.at + place - run.start)
            if pair[0] == pair[1]:
                agreed += 1
            else:
                numbers.add(pair)
    for left, right in _between(one, other, runs):
        if max(len(left), len(right)) > GAP:
            edits += 1
            continue
        found = _Place(left, right)
        agreed += found.agreed
        numbers.update(found.numbers())
        if (named := found.names(one.mentioned, other.mentioned)) is not None:
            (described if found.described else names).add(named)
            edits += found.described
        elif (begun := found.openings()) is not None:
            openings.add(begun)
        else:
            edits += found.edited
    if edits == len(described):
        # nothing else was rewritten: a name with its description is a slot as well
        names |= described
        edits = 0
    return Difference(
        names=len(names),
        openings=len(openings),
        numbers=len(numbers),
        agreed=agreed,
        edits=edits,
        frame=sum(run.end - run.start for run in runs),
    )


def _between(one: Words, other: Words, runs: Sequence[_Run]) -> Iterator[tuple[list[Word], list[Word]]]:
    """Yield what stands in each text between two anchors, and before the first and after the last in their sentences.

    What precedes a sentence, an agency's line, and what follows the last one, a credit, tells nothing. A passage
    longer than `GAP` is cut to one token more.
    """
    if not runs:
        return
    first, last = runs[0], runs[-1]
    if 0 < first.start <= GAP and 0 < first.at <= GAP:
        left, right = one.part(0, first.start), other.part(0, first.at)
        if left[0].stem == right[0].stem:
            yield left, right
        elif not one.word(first.start).capital:
            yield left[-EDGE:], right[-EDGE:]
    for run, following in pairwise(runs):
        start, at = min(following.start, run.end + GAP + 1), min(following.at, run.at_end + GAP + 1)
        if run.end < start or run.at_end < at:
            yield one.part(run.end, start), other.part(run.at_end, at)
    if 0 < len(one) - last.end <= GAP and 0 < len(other) - last.at_end <= GAP:
        left, right = one.part(last.end, len(one)), other.part(last.at_end, len(other))
        inside = not (left[0].opening or right[0].opening) and max(len(left), len(right)) <= EDGE
        if inside or left[-1].stem == right[-1].stem:
            yield left, right


class _Run(NamedTuple):
    """Equal stems: tokens [start, end) of one text are tokens [at, at_end) of the other."""

    start: int
    end: int
    at: int
    at_end: int


class _Place:
    """What stands between two anchors in one text and in the other, without what both have."""

    def __init__(self, left: Sequence[Word], right: Sequence[Word]) -> None:
        right_numbers = {word.value for word in right if word.number}
        self.agreed = sum(1 for word in left if word.number and word.value in right_numbers)
        self.left, self.right = _unmatched(left, right), _unmatched(right, left)
        for word in list(self.left):
            twin = next((w for w in self.right if not (w.number or word.number) and alike(w.text, word.text)), None)
            if twin is not None:
                self.left.remove(word)
                self.right.remove(twin)
        left_texts, right_texts = [word.text for word in self.left], [word.text for word in self.right]
        if one_name(left_texts, right_texts) or one_name(right_texts, left_texts):
            self.left, self.right = [], []
        self.described = False
        self.edited = bool(self.left or self.right) and not (self.numbers() and self._only_numbers())

    def numbers(self) -> list[tuple[str, str]]:
        """Return the numbers that stand for each other."""
        left = [word.value for word in self.left if word.number]
        right = [word.value for word in self.right if word.number]
        return list(zip(left, right, strict=False))

    def names(self, mentioned_left: frozenset[int], mentioned_right: frozenset[int]) -> tuple[str, str] | None:
        """Return the names that stand for each other, or None where there are none.

        With more ordinary words than a name carries they are `described`: the passage was rewritten, or a slot holds
        a name with who that is.
        """
        left = [word for word in self.left if word.capital and word.key not in mentioned_right]
        right = [word for word in self.right if word.capital and word.key not in mentioned_left]
        if not (any(word.name for word in left) and any(word.name for word in right)):
            return None
        loose = sum(1 for word in (*self.left, *self.right) if not (word.capital or word.number))
        self.described = loose > LOOSE_WORDS + len(left) + len(right)
        return " ".join(word.stem for word in left), " ".join(word.stem for word in right)

    def openings(self) -> tuple[str, str] | None:
        """Return the two words that begin a sentence where nothing else differs, or None."""
        if len(self.left) != 1 or len(self.right) != 1 or not (self.left[0].opening and self.right[0].opening):
            return None
        return self.left[0].stem, self.right[0].stem

    def _only_numbers(self) -> bool:
        return all(word.number for word in (*self.left, *self.right))


def _unmatched(these: Sequence[Word], those: Sequence[Word]) -> list[Word]:
    """Return the words of `these` that `those` lack, numbers compared whole."""
    stems = {word.stem for word in those}
    values = {word.value for word in those}
    return [word for word in these if (word.value not in values if word.number else word.stem not in stems)]


def _runs(one: Words, other: Words) -> list[_Run]:
    """Return runs of equal stems, at least `ANCHOR` long, in the order of `one`; the nearest ahead is preferred."""
    mine, theirs = one.listed, other.listed
    places, ordered = other.by_anchor
    begin, end = ordered.searchsorted(one.anchors), ordered.searchsorted(one.anchors, "right")
    held = (begin < end).nonzero()[0]
    firsts, lasts = begin[held].tolist(), np.minimum(end, begin + FAMILIAR)[held].tolist()
    starts: list[int] = held.tolist()
    runs: list[_Run] = []
    nth = at_stop = 0
    while nth < len(starts):
        start, first, last = starts[nth], firsts[nth], lasts[nth]
        # places of equal anchors stand in their order
        ahead = bisect_left(places, at_stop, first, last)
        at = places[ahead if ahead < last else first]
        stop, at_stop = start + ANCHOR, at + ANCHOR
        while (strip := mine[stop : stop + STRIP]) and strip == theirs[at_stop : at_stop + STRIP]:
            stop, at_stop = stop + len(strip), at_stop + len(strip)
        while stop < len(mine) and at_stop < len(theirs) and mine[stop] == theirs[at_stop]:
            stop, at_stop = stop + 1, at_stop + 1
        runs.append(_Run(start, stop, at, at_stop))
        nth = bisect_left(starts, stop, nth + 1)
    return runs
