"""Says what two texts are to each other: the same text, one inside the other, or two fillings of one template. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from pipelines.dedupe.signature import Signature, shared
from pipelines.dedupe.slots import Difference, difference, words

Relation = Literal["reprint", "doubtful", "template", "excerpt", "none"]

LEAST_TOKENS = 20
"""Texts shorter than this are compared whole only: captions and flashes share their wording by chance."""
LIKE = 0.65
"""Share of the shorter text's shingles that the other must have. Jaccard would lose truncated copies."""
INSIDE = 0.35
"""A text shorter than this share of the other is not its copy but an excerpt of it (or an item of a digest)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two texts have in common, as far as the texts themselves can tell."""

    kind: Literal["wording", "excerpt"]
    similarity: float
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known beside the texts."""

    same_source: bool
    hours: float
    """Between the publications."""


def compare(
    one: Signature, one_text: str, other: Signature, other_text: str, footers: AbstractSet[int] = frozenset()
) -> Comparison | None:
    """Compare two texts, leaving out paragraphs that are known footers; None where they have too little in common."""
    a, b = one.shingles(footers), other.shingles(footers)
    short, long = sorted((len(one.kept(footers)), len(other.kept(footers))))
    if short < LEAST_TOKENS or not min(len(a), len(b)):
        return None
    similarity = shared(a, b) / min(len(a), len(b))
    if similarity < LIKE:
        return None
    if short < INSIDE * long:
        return Comparison(kind="excerpt", similarity=similarity, difference=Difference())
    return Comparison(kind="wording", similarity=similarity, difference=difference(words(one_text), words(other_text)))


def relation(kind: str, found: Difference, around: Circumstances) -> Relation:
    """Decide what two texts of the same wording are to each other under the circumstances."""
    if kind == "excerpt":
        return "excerpt"
    if found.names and found.names * 4 >= found.edits and (found.names > 1 or found.frame < 150):
        return "template"
    if found.numbers:
        share = found.numbers / (found.numbers + found.agreed)
        if found.numbers >= 3 and share >= 0.5:
            return "template"
        if around.same_source and (around.hours >= 10 or share >= 0.5):
            return "template"
        if around.hours > 36:
            return "template"
        return "doubtful"
    return "reprint"
