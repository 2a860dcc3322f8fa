"""Finds the texts that a text resembles, and writes down how they differ, within the caller's write transaction."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from archive import sketches, stories
from archive.database import Database
from archive.sketches import Link
from pipelines.dedupe.marked import Words
from pipelines.dedupe.nearby import add, candidates
from pipelines.dedupe.signature import Signature, shared, signature, sketch
from pipelines.dedupe.slots import Difference, difference
from pipelines.dedupe.tokens import Hashes
from pipelines.dedupe.verdict import LEAST_TOKENS, LIKE, is_excerpt, overlap
from pipelines.room import ROOM

FOOTER_TEXTS = 4
"""A paragraph in so many different texts of one outlet is its footer, not its news."""
FOOTER_REST = 0.2
"""Unless the two texts share more than this of what remains without it: then they are versions of one article ..."""
FOOTER_APART = 10
"""... or less than so many shingles remain, from which one cannot tell."""
PATIENCE = 12
"""Fillings of one template in a row after which the less similar texts are not compared any more."""
ABREAST = 16
"""Texts read and held against a new one at a time, those with most keys in common first."""


@dataclass(slots=True, kw_only=True, eq=False)
class Compared:
    """A text with what it is compared by; its words are read only where something like it was found."""

    made: Signature
    text: str
    _words: Words | None = None
    _shingles: Hashes | None = None
    _paragraphs: AbstractSet[int] | None = None

    def shingles(self, footers: AbstractSet[int]) -> Hashes:
        """Return the text's shingles without those of `footers`, which few texts have."""
        if self._paragraphs is None:
            self._paragraphs = frozenset(paragraph.hash for paragraph in self.made.paragraphs)
        if not footers.isdisjoint(self._paragraphs):
            return self.made.shingles(footers)
        if self._shingles is None:
            self._shingles = self.made.shingles()
        return self._shingles

    @property
    def words(self) -> Words:
        """The text's tokens with their marks."""
        if self._words is None:
            self._words = Words(self.text, self.made)
        return self._words


class _Recent:
    """The texts lately placed, as copies come within hours, and those others were like, as templates come again."""

    def __init__(self) -> None:
        self._new: OrderedDict[int, Compared] = OrderedDict()
        self._alike: OrderedDict[int, Compared] = OrderedDict()

    def get(self, db: Database, body_id: int, digest: int) -> Compared:
        """Return a body as it is compared."""
        kept = self._alike.get(digest)
        if kept is not None:
            self._alike.move_to_end(digest)
            return kept
        kept = self._new.pop(digest, None)
        if kept is None:
            text = sketches.text_of_body(db, body_id)
            kept = Compared(made=signature(text), text=text)
        self._alike[kept.made.digest] = kept
        if len(self._alike) > ROOM.alike:
            self._alike.popitem(last=False)
        return kept

    def keep(self, made: Signature, text: str) -> Compared:
        """Remember a text that is placed."""
        known = self._alike.pop(made.digest, None)
        kept = known if known is not None and known.text == text else Compared(made=made, text=text)
        self._new[made.digest] = kept
        if len(self._new) > ROOM.new:
            self._new.popitem(last=False)
        return kept


_recent = _Recent()


def connect(
    db: Database,
    body_id: int,
    made: Signature,
    text: str,
    sources: AbstractSet[str],
    moment: int,
    *,
    again: bool = False,
) -> set[int]:
    """Make a text of `sources` findable at a moment, compare it with those found near it, and link it to them.

    `again` says that it may be findable already. Returns all texts whose links changed, itself among them.
    """
    footers = sketches.footers_of(db, sources)
    mine = _recent.keep(made, text)
    if len(made.kept(footers)) < LEAST_TOKENS:
        return {body_id}
    keys = sketch(mine.shingles(footers))
    near = [other for other in candidates(db, moment, keys) if other != body_id]
    packed = keys.astype("<u4").tobytes()
    if not (again and sketches.has_sketch(db, moment, body_id, packed)):
        add(db, moment, body_id, packed)
    touched = {body_id}
    patience = PATIENCE
    found = sketches.bodies(db, near)
    sources_of = _sources(db, found)
    for start in range(0, len(near), ABREAST):
        some = [other for other in near[start : start + ABREAST] if other in found]
        known = {other: _recent.get(db, other, found[other].digest) for other in some}
        for source in sources:
            mates = {other: known[other].made for other in known if source in sources_of[other]}
            learnt = frozenset(_footers(made, mates.values())) - footers
            if learnt:
                sketches.add_footers(db, source, learnt)
                affected = {other for other, mate in mates.items() if learnt & mate.long_paragraphs}
                return touched | connect_again(db, {body_id} | affected)
        like: list[tuple[float, int, frozenset[int]]] = []
        for other, theirs in known.items():
            left_out = footers | sketches.footers_of(db, sources_of[other] - sources)
            similarity = overlap(mine.shingles(left_out), theirs.shingles(left_out))
            if similarity >= LIKE:
                like.append((similarity, other, left_out))
        for similarity, other, left_out in sorted(like, key=lambda found: found[:2], reverse=True):
            theirs = known[other]
            kind: Literal["wording", "excerpt"] = "excerpt" if is_excerpt(made, theirs.made, left_out) else "wording"
            differing = difference(mine.words, theirs.words) if kind == "wording" else Difference()
            sketches.add_link(db, _link(body_id, other, kind, similarity, differing))
            touched.add(other)
            patience = patience - 1 if differing.fillers else PATIENCE
            if not patience:
                return touched
    return touched


def connect_again(db: Database, bodies: AbstractSet[int]) -> set[int]:
    """Compare texts anew from the start, now that some of their paragraphs are known as footers."""
    touched = set(bodies)
    found = sketches.bodies(db, sorted(bodies))
    for body_id in found:
        touched.update(link.other_id for link in sketches.links_of(db, [body_id]))
        sketches.remove_links(db, body_id)
    sources = _sources(db, found)
    for body_id, body in found.items():
        known = _recent.get(db, body_id, body.digest)
        for moment in sketches.moments_of_body(db, body_id):
            touched |= connect(db, body_id, known.made, known.text, sources[body_id], moment, again=True)
    return touched


def _footers(made: Signature, mates: Iterable[Signature]) -> AbstractSet[int]:
    """Return the paragraphs of a text that stand in enough other texts of the outlet to be its footer."""
    seen: dict[int, int] = {}
    for mate in mates:
        common = made.long_paragraphs & mate.long_paragraphs
        if not common:
            continue
        mine, theirs = made.shingles(common), mate.shingles(common)
        least = min(len(mine), len(theirs))
        if least < FOOTER_APART or shared(mine, theirs) >= FOOTER_REST * least:
            continue
        for paragraph in common:
            seen[paragraph] = seen.get(paragraph, 0) + 1
    return {paragraph for paragraph, count in seen.items() if count >= FOOTER_TEXTS - 1}


def _sources(db: Database, bodies: Iterable[int]) -> dict[int, set[str]]:
    """Return the outlets that have each of `bodies`."""
    listed = list(bodies)
    result: dict[int, set[str]] = {body: set() for body in listed}
    for member in stories.members_of(db, listed):
        result[member.body_id].add(member.source_id)
    return result


def _link(
    body_id: int, other_id: int, kind: Literal["wording", "excerpt"], similarity: float, differing: Difference
) -> Link:
    return Link(
        body_id=body_id,
        other_id=other_id,
        kind=kind,
        similarity=round(similarity, 4),
        names=differing.names,
        openings=differing.openings,
        numbers=differing.numbers,
        agreed=differing.agreed,
        edits=differing.edits,
        frame=differing.frame,
    )
