"""Cuts a text into tokens by tables over its characters, all at once: a hundredth of a second buys a hundred texts.

A token is a run of letters, or a number with the decimal and clock marks inside it. What a regular expression
would find, found without a step of Python for each token; no token becomes a string unless somebody asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.dedupe.words import INVISIBLE, LOOKALIKES, STEM_LETTERS, composed

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]
Offsets = npt.NDArray[np.int32]
Integers = npt.NDArray[np.signedinteger[Any]]
Flags = npt.NDArray[np.bool_]
Units = npt.NDArray[np.uint16]

LETTER, DIGIT = 1, 2
MAX_WORDS = 3_000
"""Tokens of each text that are laid side by side: a bound on time; a template shows itself long before."""
MAX_CHARS = 1_000_000
"""Characters of a text that are read: a bound on memory (some 30 bytes each); the longest news texts have a tenth."""

_MARKS = ".,:"
_KIND, _MARK, _UNSEEN, _CAPITAL, _FOLDED = 0b11, 0b100, 0b1000, 0b10000, 5
"""Bits of the table, and where its folded character begins."""
_PADDING = np.zeros(8, np.uint16)
_HEADS = np.array([(1 << 16 * min(length, 4)) - 1 for length in range(STEM_LETTERS + 1)], np.uint64)
"""What of a word's first four letters belongs to a stem so long ..."""
_TAILS = np.array([(1 << 16 * max(length - 4, 0)) - 1 for length in range(STEM_LETTERS + 1)], np.uint64)
"""... and what of the four behind."""
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tokens:
    """The tokens of a text, in order: where each begins and ends in `text`, and the hash of its stem.

    `text` is composed and has no invisible characters; `raw` are its characters, `units` the folded ones, zero
    where no token is. `kinds` is LETTER or DIGIT, `capital` whether the token begins with a capital.
    """

    text: str
    raw: Units
    units: Units
    starts: Indices
    ends: Indices
    kinds: npt.NDArray[np.uint8]
    capital: Flags
    stems: Hashes

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Where the first `MAX_WORDS` tokens of a text are: what its words are read from, when they are asked for.

    `text` is composed and has no invisible characters; `figures` tells numbers in figures, `capital` which tokens
    begin with a capital.
    """

    text: str
    starts: Offsets
    ends: Offsets
    figures: Flags
    capital: Flags


def tokens(text: str, most: int | None) -> Tokens:
    """Return the first `most` tokens of a text, or all of them."""
    text = composed(text)
    raw = utf16(text)
    if len(raw) != len(text):
        text = _ASTRAL.sub(_stand_in, text)
        raw = utf16(text)
    told = _table()[raw]
    if np.bitwise_or.reduce(told, initial=0) & _UNSEEN:
        return tokens(INVISIBLE.sub("", text), most)
    kinds = (told & _KIND).astype(np.uint8)
    digits = kinds == DIGIT
    if digits.any():
        inside = (told[1:-1] & _MARK != 0) & digits[:-2] & digits[2:]
        kinds[1:-1][inside] = DIGIT
    bounds = np.concatenate(([0], (kinds[1:] != kinds[:-1]).nonzero()[0] + 1, [len(kinds)]))
    kept = kinds[bounds[:-1]].nonzero()[0][:most] if len(kinds) else bounds[:0]
    starts, ends = bounds[kept], bounds[kept + 1]
    units = (told >> _FOLDED).astype(np.uint16)
    units[kinds == 0] = 0
    return Tokens(
        text=text,
        raw=raw,
        units=units,
        starts=starts,
        ends=ends,
        kinds=kinds[starts],
        capital=told[starts] & _CAPITAL != 0,
        stems=stem_hashes(units, starts, ends),
    )


def utf16(text: str) -> Units:
    """Return the characters of a text; of those beyond the basic plane two halves."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)


def stem_hashes(units: Units, starts: Indices, ends: Indices) -> Hashes:
    """Return the hash of the first letters of each token."""
    padded = np.concatenate((units, _PADDING))
    # four letters in a row, from every letter on
    fours = np.ndarray((len(units) + 4,), np.dtype("<u8"), padded.data, strides=(2,))
    lengths = np.minimum(ends - starts, STEM_LETTERS)
    found: Hashes = (fours[starts] & _HEADS[lengths]) * _FIRST + (fours[starts + 4] & _TAILS[lengths]) * _SECOND
    found ^= found >> _HALF
    return found


def hash_of_stem(stem: str) -> int:
    """Return the hash that `stem_hashes` gives a folded word."""
    units = utf16(stem)
    return int(stem_hashes(units, np.array([0]), np.array([len(units)]))[0])


@cache
def _table() -> npt.NDArray[np.uint32]:
    """Return what is to be known of each character of the basic plane, in bits."""
    plane = "".join(map(chr, range(0x10000)))
    # of one character: a long s at the end of a Greek word is folded as any other
    lower = [char.lower() if len(char.lower()) == 1 else char for char in plane]
    told = np.array([LOOKALIKES.get(ord(char), ord(char)) for char in lower], np.uint32) << np.uint32(_FOLDED)
    # \w without \d and _, and \d, as regular expressions have them
    told |= np.array([char.isalnum() and (DIGIT if char.isdecimal() else LETTER) for char in plane], np.uint32)
    told[[ord(char) for char in _MARKS]] |= _MARK
    told[[found.start() for found in INVISIBLE.finditer(plane)]] |= _UNSEEN
    told[[code for code, char in enumerate(lower) if ord(char) != code]] |= _CAPITAL
    return told


def _stand_in(found: re.Match[str]) -> str:
    """Return a character of the basic plane for one beyond it: a letter for a letter or digit, a space for the rest."""
    char = found.group()
    return chr(0x3400 + ord(char) % 0x19C0) if char.isalnum() else " "
