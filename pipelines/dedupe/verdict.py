"""Says what two texts are to each other: the same text, one inside the other, or two fillings of one template. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from pipelines.dedupe.signature import Signature, shared
from pipelines.dedupe.slots import Difference

Relation = Literal["reprint", "correction", "doubt", "conflict", "unlike", "other names", "other numbers", "excerpt"]
"""What two like texts are to each other.

'reprint': the same text. 'correction': the same, little of much was put right. 'doubt': the same, unless numbers or
names like these are slots of a template. 'conflict': one number differs and there is little else to go by. 'unlike':
several do. 'other names', 'other numbers': two fillings of a template.
'excerpt': one is inside the other.
"""

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
FEW_NUMBERS = 0.34
"""Share of all numbers that may differ at any distance in time."""
NEWS_DAY_HOURS = 18
"""A correction travels within the news day; what comes with other numbers later is the next bulletin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known beside the texts."""

    same_source: bool
    hours: float
    """Between the publications."""


def likeness(one: Signature, other: Signature, footers: AbstractSet[int] = frozenset()) -> float:
    """Return the share of the shorter text's shingles that the other has, known footers left out of both.

    0.0 where one of them is too short to be compared by shingles.
    """
    a, b = one.shingles(footers), other.shingles(footers)
    if min(len(a), len(b)) < LEAST_TOKENS - 2:
        return 0.0
    return shared(a, b) / min(len(a), len(b))


def is_excerpt(one: Signature, other: Signature, footers: AbstractSet[int] = frozenset()) -> bool:
    """Tell whether one of two like texts is too short beside the other to be its copy."""
    short, long = sorted((len(one.kept(footers)), len(other.kept(footers))))
    return short < INSIDE * long


def relation(kind: str, found: Difference, around: Circumstances) -> Relation:
    """Decide what two like texts are to each other under the circumstances."""
    if kind == "excerpt":
        return "excerpt"
    if found.names:
        dense = found.names * TOKENS_A_NAME > found.frame
        slots = found.names * EDITS_A_NAME >= found.edits
        if slots and (dense or around.same_source):
            return "other names"
        return "doubt" if dense else "correction"
    if not found.numbers:
        return "reprint"
    share = found.numbers / (found.numbers + found.agreed)
    dense = found.numbers * TOKENS_A_NUMBER > found.frame
    if share < FEW_NUMBERS and not dense:
        return "correction"
    if around.same_source or around.hours > NEWS_DAY_HOURS or (found.numbers > 2 and share >= 0.5):
        return "other numbers"
    if share < 0.5 or not dense:
        return "doubt"
    return "conflict" if found.numbers == 1 else "unlike"


def settle(relations: Mapping[tuple[int, int], Relation]) -> set[tuple[int, int]]:
    """Return the pairs that count as the same text, seeing what else each of the two resembles.

    `relations` holds each pair in both directions. A text that differs from two others which differ from each
    other is a filling of a template: its numbers are slots, and it is given no benefit of the doubt. Where
    other fillings have other names, one number that differs under equal names is a correction.
    """
    names: set[int] = set()
    unlike: dict[int, list[int]] = {}
    for (one, other), what in relations.items():
        if what == "other names":
            names.add(one)
        if what in _TELLING:
            unlike.setdefault(one, []).append(other)
    slots = {one for one, others in unlike.items() if _differ(others, relations)}
    return {
        pair
        for pair, what in relations.items()
        if what == "reprint"
        or (what in ("correction", "doubt") and not slots.intersection(pair))
        or (what == "conflict" and names.intersection(pair) and not slots.intersection(pair))
    }


_SAME = frozenset({"reprint", "correction"})
_TELLING = frozenset({"doubt", "conflict", "unlike", "other numbers", "other names"})


def _differ(others: Sequence[int], relations: Mapping[tuple[int, int], Relation]) -> bool:
    """Tell whether some of `others` are not, through reprints among them, one text."""
    reached = {others[0]}
    edge = [others[0]]
    while edge:
        one = edge.pop()
        found = [other for other in others if other not in reached and relations.get((one, other)) in _SAME]
        reached.update(found)
        edge += found
    return len(reached) < len(set(others))
