"""Says what two texts are to each other: the same text, one inside the other, or two fillings of one template. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Literal, Protocol

from pipelines.dedupe.signature import Signature, shared
from pipelines.dedupe.tokens import Hashes

Relation = Literal[
    "reprint",
    "excerpt",
    "correction",
    "doubtful name",
    "doubtful number",
    "lone number",
    "other names",
    "other numbers",
]
"""What two like texts are to each other.

'reprint': the same text. 'excerpt': one is inside the other. 'correction': the same, little of much was put right.
'doubtful name', 'doubtful number': the same, unless names or numbers are slots of a template here. 'lone number': one
number differs and there is little else to go by. 'other names', 'other numbers': two fillings of a template.
"""

Pair = tuple[int, int]


class Counted(Protocol):
    """How two texts differ, in places: a `slots.Difference`, or the link that keeps one."""

    @property
    def names(self) -> int: ...  # noqa: D102 - told by Difference
    @property
    def openings(self) -> int: ...  # noqa: D102
    @property
    def numbers(self) -> int: ...  # noqa: D102
    @property
    def agreed(self) -> int: ...  # noqa: D102
    @property
    def edits(self) -> int: ...  # noqa: D102
    @property
    def frame(self) -> int: ...  # noqa: D102


LEAST_TOKENS = 20
"""Texts shorter than this are compared whole only: captions and flashes share their wording by chance."""
LIKE = 0.65
"""Share of the shorter text's shingles that the other must have. Jaccard would lose truncated copies."""
INSIDE = 0.35
"""A text shorter than this share of the other is not its copy but an excerpt of it (or an item of a digest)."""


EDITS_A_NAME = 2
"""Edited passages beside each other name that still make a template; more edits make a rewritten reprint."""
TOKENS_A_NAME = 150
"""Tokens of common wording a name: one name put right in a long article is a correction."""
TOKENS_A_NUMBER = 60
"""Tokens of common wording a number: the same for numbers."""
TOKENS_A_LATE_NUMBER = 250
"""The same for a number that differs days later: the wording of a bulletin is shorter."""
FEW_NUMBERS = 0.34
"""Share of all numbers that may differ at any distance in time."""
COMPARABLE = 0.8
"""Share of a pair's common wording below which another pair is no rival: what it lacks may have told them apart."""
NEWS_DAY_HOURS = 18
"""A correction travels within the news day; what comes with other numbers later is the next bulletin."""


def likeness(one: Signature, other: Signature, footers: AbstractSet[int] = frozenset()) -> float:
    """Return the share of the shorter text's shingles that the other has, known footers left out of both.

    0.0 where one of them is too short to be compared by shingles.
    """
    return overlap(one.shingles(footers), other.shingles(footers))


def overlap(one: Hashes, other: Hashes) -> float:
    """Return the share of the fewer sorted shingles that are among the others too; 0.0 where they are too few."""
    least = min(len(one), len(other))
    return shared(one, other) / least if least >= LEAST_TOKENS - 2 else 0.0


def is_excerpt(one: Signature, other: Signature, footers: AbstractSet[int] = frozenset()) -> bool:
    """Tell whether one of two like texts is too short beside the other to be its copy."""
    short, long = sorted((len(one.kept(footers)), len(other.kept(footers))))
    return short < INSIDE * long


def relation(kind: str, found: Counted, hours: float) -> Relation:
    """Decide what two like texts, published `hours` apart, are to each other.

    The outlet plays no part: articles that come from a file may not tell it.
    """
    if kind == "excerpt":
        return "excerpt"
    if found.names:
        dense = found.names * TOKENS_A_NAME > found.frame
        slots = found.names * EDITS_A_NAME >= found.edits
        if slots and dense:
            return "other names"
        return "doubtful name" if dense else "correction"
    if not found.numbers:
        telling = found.openings * TOKENS_A_NAME > found.frame and found.openings * EDITS_A_NAME >= found.edits
        return "doubtful name" if telling else "reprint"
    share = found.numbers / (found.numbers + found.agreed)
    dense = found.numbers * TOKENS_A_NUMBER > found.frame
    if share < FEW_NUMBERS and found.numbers * TOKENS_A_LATE_NUMBER <= found.frame:
        return "correction"
    if hours > NEWS_DAY_HOURS or (found.numbers > 2 and share >= 0.5):
        return "other numbers"
    if share < 0.5 or not dense:
        return "doubtful number"
    return "lone number" if found.numbers == 1 else "other numbers"


def settle(relations: Mapping[Pair, Relation], found: Mapping[Pair, Counted]) -> set[Pair]:
    """Return the pairs that count as the same text, seeing what else each of the two resembles.

    `relations` and `found` (how they differ) hold each pair in both directions. Where a text differs in numbers
    from two others which differ from each other, numbers are slots of a template, and it is given no benefit of
    the doubt; names likewise. Where the other fillings have other names, one number that differs under equal
    names is a correction; where they differ in more numbers, those that agree tell the same.
    """
    by_names = _unlike(relations, _BY_NAMES)
    by_numbers = _unlike(relations, _BY_NUMBERS)

    @cache
    def name_slot(one: int) -> bool:
        return one in by_names and _differ(by_names[one], relations)

    @cache
    def number_slot(one: int) -> bool:
        return one in by_numbers and _differ(by_numbers[one], relations)

    def nearest(pair: Pair) -> bool:
        return all(
            _farther(found[one, rival], found[pair]) or relations.get((other, rival)) in _SAME
            for one, other in (pair, pair[::-1])
            for rival in by_numbers.get(one, ())
            if rival != other
        )

    def same(pair: Pair, what: Relation) -> bool:
        if what == "reprint":
            return True
        if what in ("correction", "doubtful name") and any(map(name_slot, pair)):
            return False
        if what in ("correction", "doubtful number"):
            return not any(map(number_slot, pair)) or nearest(pair)
        if what == "lone number":
            return nearest(pair) if any(map(number_slot, pair)) else not by_names.keys().isdisjoint(pair)
        return what == "doubtful name"

    return {pair for pair, what in relations.items() if same(pair, what)}


def _farther(rival: Counted, pair: Counted) -> bool:
    """Tell whether a rival differs in more numbers, has fewer in common, or shows too little to tell."""
    return (
        rival.numbers > pair.numbers
        or (rival.numbers == pair.numbers and rival.agreed < pair.agreed)
        or rival.frame < COMPARABLE * pair.frame
    )


def _unlike(relations: Mapping[Pair, Relation], by: AbstractSet[Relation]) -> dict[int, list[int]]:
    """Return what each text stands to in one of the relations `by`."""
    found: dict[int, list[int]] = {}
    for (one, other), what in relations.items():
        if what in by:
            found.setdefault(one, []).append(other)
    return found


_SAME = frozenset({"reprint", "correction"})
_BY_NAMES: frozenset[Relation] = frozenset({"doubtful name", "other names"})
_BY_NUMBERS: frozenset[Relation] = frozenset({"doubtful number", "lone number", "other numbers"})


def _differ(others: Sequence[int], relations: Mapping[Pair, Relation]) -> bool:
    """Tell whether some of `others` are not, through reprints among them, one text."""
    reached = {others[0]}
    edge = [others[0]]
    while edge:
        one = edge.pop()
        found = [other for other in others if other not in reached and relations.get((one, other)) in _SAME]
        reached.update(found)
        edge += found
    return len(reached) < len(set(others))
