"""Computes what a text is recognised by: its digest, its word shingles and a sketch of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import xxhash

from pipelines.dedupe.tokens import DIGIT, MAX_CHARS, MAX_WORDS, Hashes, Places, tokens

SCHEME = 3
"""Version of everything below, of tokens.py and words.py. An index made by another version must be built again."""
MAX_TOKENS = 50_000
"""A text is recognised by its first so many tokens: a bound on memory; the longest news texts have a tenth."""
SKETCH_SHARE = 10
"""One shingle in so many enters the sketch ..."""
SKETCH_LEAST = 12
SKETCH_MOST = 24
"""... but at least and at most these: two hits in common must be likely for a truncated copy, and rows cost bytes."""
PARAGRAPH_LEAST = 6
"""Tokens below which a paragraph is not remembered as a possible footer: bylines and subheads are harmless."""

_FIRST, _SECOND, _THIRD, _MIX = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xC2B2AE3D27D4EB4F),
    np.uint64(0x165667B19E3779F9),
    np.uint64(0xD6E8FEB86659FD93),
)
_HALF = np.uint64(32)
_NEWLINE = 10
_Number = TypeVar("_Number", np.uint32, np.uint64)
_NOWHERE = np.zeros(0, np.int64)
AT_ONCE = 60_000
"""Characters that are looked at together: what a core has at hand holds them."""
BETWEEN = "\udfff"
"""Stands between texts that are looked at together: half a character, which no stored text has."""


class Paragraph(NamedTuple):
    """One paragraph: its hash (signed 64 bits) and the half-open range of its tokens."""

    hash: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signature:
    """What a text is recognised by.

    `digest` (signed 64 bits) is equal for texts with equal folded tokens. `stems` are the hashes of the
    stems in order, `paragraphs` where they came from.
    """

    digest: int
    stems: Hashes
    paragraphs: tuple[Paragraph, ...]
    threes: Hashes
    """The hash of every three stems in a row."""
    places: Places | None
    """Where the tokens are, as long as it is in the process that read the text."""

    def __reduce__(self) -> tuple[Callable[..., Signature], tuple[int, Hashes, tuple[Paragraph, ...]]]:
        """Go to another process without what can be had from the rest and from the text."""
        return _sent, (self.digest, self.stems, self.paragraphs)

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return len(self.stems)

    @property
    def long_paragraphs(self) -> frozenset[int]:
        """The hashes of the paragraphs long enough to be a footer that matters."""
        return frozenset(p.hash for p in self.paragraphs if p.end - p.start >= PARAGRAPH_LEAST)

    def shingles(self, without: AbstractSet[int] = frozenset()) -> Hashes:
        """Return the sorted distinct shingles of three stems, leaving out the paragraphs hashed in `without`."""
        kept = self.kept(without)
        return _distinct(np.sort(self.threes if kept is self.stems else triples(kept)))

    def kept(self, without: AbstractSet[int]) -> Hashes:
        """Return the stems without those of the paragraphs hashed in `without`."""
        if not without or not any(paragraph.hash in without for paragraph in self.paragraphs):
            return self.stems
        parts = [self.stems[p.start : p.end] for p in self.paragraphs if p.hash not in without]
        return np.concatenate(parts) if parts else self.stems[:0]


def signature(text: str) -> Signature:
    """Compute the signature of `text` (paragraphs joined by newlines)."""
    return _signatures([text])[0]


def signatures(texts: Iterable[str]) -> list[Signature]:
    """Compute the signature of each of `texts`, many at a stroke: for texts of news half the cost of one by one."""
    made: list[Signature] = []
    some: list[str] = []
    length = 0
    for text in texts:
        if some and length + len(text) > AT_ONCE:
            made += _signatures(some)
            some, length = [], 0
        some.append(text)
        length += len(text)
    return made + _signatures(some) if some else made


def _signatures(texts: Sequence[str]) -> list[Signature]:
    found = tokens(BETWEEN.join(text[:MAX_CHARS] for text in texts), None)
    borders = np.flatnonzero(found.raw == ord(BETWEEN)) if len(texts) > 1 else _NOWHERE
    if len(borders) != len(texts) - 1:  # one of them has what is put between them
        return [signature(text) for text in texts]
    starts, ends, kinds, capital, stems = found.starts, found.ends, found.kinds, found.capital, found.stems
    reach = [0, *np.searchsorted(starts, borders).tolist(), len(starts)]
    if max(stop - start for start, stop in pairwise(reach)) > MAX_TOKENS:
        kept = np.concatenate([np.arange(start, min(stop, start + MAX_TOKENS)) for start, stop in pairwise(reach)])
        starts, ends, kinds, capital, stems = (kind[kept] for kind in (starts, ends, kinds, capital, stems))
        reach = [0, *np.searchsorted(starts, borders).tolist(), len(starts)]
    if not len(starts):
        return [_empty(stems) for _ in texts]
    # all tokens, with what stands between them shrunk to one zero
    written = found.units != 0
    written[1:] |= written[:-1]
    behind = np.cumsum(written)
    characters = memoryview(found.units[written]).cast("B")
    line = np.searchsorted(np.flatnonzero((found.raw == _NEWLINE) | (found.raw == ord(BETWEEN))), starts)
    firsts = np.concatenate(([0], np.flatnonzero(line[1:] != line[:-1]) + 1, [len(starts)]))
    begin = (2 * (behind[starts[firsts[:-1]]] - 1)).tolist()
    end = (2 * behind[ends[firsts[1:] - 1] - 1]).tolist()
    borders_of = firsts.tolist()
    offsets = [0, *(borders + 1).tolist(), len(found.text) + 1]
    base = np.repeat(offsets[:-1], np.diff(reach))
    starts, ends = (starts - base).astype(np.int32), (ends - base).astype(np.int32)
    figures, threes = kinds == DIGIT, triples(stems)
    made = []
    at = 0
    for text, offset, behind_it, start, stop in zip(texts, offsets, offsets[1:], reach, reach[1:], strict=False):
        if start == stop:
            made.append(_empty(stems[:0]))
            continue
        # copies, or one text that is remembered would hold all that were looked at with it
        some = slice(start, min(stop, start + MAX_WORDS))
        composed = found.text[offset : behind_it - 1]
        places = Places(
            text=text if text == composed else composed,
            starts=starts[some].copy(),
            ends=ends[some].copy(),
            figures=figures[some].copy(),
            capital=capital[some].copy(),
        )
        first = at
        paragraphs = []
        while borders_of[at] < stop:
            paragraphs.append(
                Paragraph(_hash(characters[begin[at] : end[at]]), borders_of[at] - start, borders_of[at + 1] - start)
            )
            at += 1
        digest = _hash(characters[begin[first] : end[at - 1]])
        made.append(
            Signature(
                digest=digest,
                stems=stems[start:stop].copy(),
                paragraphs=tuple(paragraphs),
                threes=threes[start : max(stop - 2, start)].copy(),
                places=places,
            )
        )
    return made


def _empty(stems: Hashes) -> Signature:
    return Signature(digest=_hash(b""), stems=stems, paragraphs=(), threes=stems, places=None)


def _sent(digest: int, stems: Hashes, paragraphs: tuple[Paragraph, ...]) -> Signature:
    return Signature(digest=digest, stems=stems, paragraphs=paragraphs, threes=triples(stems), places=None)


def sketch(shingles: Hashes) -> npt.NDArray[np.uint32]:
    """Return the sketch of sorted `shingles`: the 32-bit keys of the smallest ones, in order, which copies share."""
    size = min(max(len(shingles) // SKETCH_SHARE, SKETCH_LEAST), SKETCH_MOST)
    return _distinct((shingles[:size] >> _HALF).astype(np.uint32))


def shared(one: Hashes, other: Hashes) -> int:
    """Return how many shingles two sorted arrays have in common."""
    if len(one) > len(other):
        one, other = other, one
    if not len(one):
        return 0
    at = np.searchsorted(other, one)
    at[at == len(other)] = 0
    return int(np.count_nonzero(other[at] == one))


def triples(stems: Hashes) -> Hashes:
    """Return the hash of every three stems in a row."""
    if len(stems) < 3:
        return stems[:0]
    mixed: Hashes = stems[:-2] * _FIRST + stems[1:-1] * _SECOND + stems[2:] * _THIRD
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    mixed ^= mixed >> _HALF
    return mixed


def _distinct(ordered: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Return sorted numbers, each once; `np.unique` does the same at five times the cost for so few."""
    again = ordered[1:] == ordered[:-1]
    if not np.count_nonzero(again):
        return ordered
    found: npt.NDArray[_Number] = ordered[np.concatenate(([True], ~again))]
    return found


def _signed(value: int) -> int:
    """Return an unsigned 64-bit value as SQLite's signed integer."""
    return value - (1 << 64) if value >= 1 << 63 else value


def _hash(written: memoryview | bytes) -> int:
    return _signed(xxhash.xxh3_64_intdigest(written))
