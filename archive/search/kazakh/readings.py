"""Every way to read a Kazakh word as a stem and suffixes: the grammar run backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from archive.search.kazakh.grammar import CLUSTERS, SOUND, TABLE, UNVOICED, VOICED, drops_vowel, harmonies

Kind = Literal["noun", "verb"]
IsKnown = Callable[[Kind, str], bool]

VOWELS: Final = frozenset("аәеоөұүыіэуи")
MIN_NEW: Final = 3
"""Letters of a stem that is not in the lexicon; shorter ones are all known."""


SUFFIXES: Final = frozenset(step.surface for steps in TABLE.values() for step in steps)
LONGEST: Final = max(map(len, SUFFIXES))


class Beginning(NamedTuple):
    """A stem that may begin a word: `length` letters of it, and what the chain of suffixes then starts from."""

    kind: Kind
    stem: str
    length: int
    state: str
    sound: str
    front: bool


def beginnings(word: str, is_known: IsKnown) -> Iterator[Beginning]:
    """Yield the stems that `word`, in plain spelling, may begin with.

    What a suffix changes in a stem is undone: мектеб- is мектеп, халқ- халық. Stems that lose a vowel or a letter
    are taken only when they are known, since any word could have lost one.
    """
    for length in _cuts(word):
        part = word[:length]
        bare = length == len(word)
        if VOWELS.isdisjoint(part):
            continue
        yield from _nouns(part, is_known, bare=bare)
        yield from _verbs(part, is_known, bare=bare)


def _cuts(word: str) -> Iterator[int]:
    """Yield where a stem may end for what follows to be spelt as suffixes; whether they fit is asked later."""
    size = len(word)
    spelt = [False] * size + [True]
    for at in range(size - 1, 1, -1):
        for end in range(at + 1, min(at + LONGEST, size) + 1):
            if spelt[end] and word[at:end] in SUFFIXES:
                spelt[at] = True
                break
    return (at for at in range(2, size + 1) if spelt[at])


def _nouns(part: str, is_known: IsKnown, *, bare: bool) -> Iterator[Beginning]:
    last = part[-1]
    length = len(part)
    sound = "K" if last == "қ" else SOUND.get(last, "T")
    if (length >= MIN_NEW and (bare or last not in "ғгб")) or is_known("noun", part):
        for front in harmonies(part):
            yield Beginning("noun", part, length, "noun", sound, front)
            if last in "уи" and not bare:
                yield Beginning("noun", part, length, "noun", "V", front)
    if bare:
        return
    if last in UNVOICED and (length >= MIN_NEW or is_known("noun", part[:-1] + UNVOICED[last])):
        stem = part[:-1] + UNVOICED[last]
        for front in harmonies(stem):
            yield Beginning("noun", stem, length, "noun", "X", front)
    for stem in _shortened(part):
        if is_known("noun", stem):
            for front in harmonies(stem):
                yield Beginning("noun", stem, length, "noun", "X", front)
    for stem, sound_before in ((part + last, SOUND.get(last, "T")), (part + "ь", "X")):
        if is_known("noun", stem):
            for front in harmonies(stem):
                yield Beginning("noun", stem, length, "noun", sound_before, front)
    if last == "і" and part[:-1].endswith(CLUSTERS):
        yield Beginning("noun", part[:-1], length, "noun", "V", front=True)


def _verbs(part: str, is_known: IsKnown, *, bare: bool) -> Iterator[Beginning]:
    last = part[-1]
    length = len(part)
    if length >= MIN_NEW or is_known("verb", part):
        for front in harmonies(part):
            yield Beginning("verb", part, length, "verb", SOUND.get(last, "T"), front)
    if not bare:
        voiceless = part[:-1] + UNVOICED.get(last, "")
        if last in UNVOICED and (length > MIN_NEW or is_known("verb", voiceless)):
            for front in harmonies(voiceless):
                yield Beginning("verb", voiceless, length, "verb", "X", front)
        for stem in (*_shortened(part), part[:-1] + "п" if last == "у" else ""):
            if stem and is_known("verb", stem):
                for front in harmonies(stem):
                    yield Beginning("verb", stem, length, "verb", "X", front)
    if last == "и":  # оқы - оқиды
        for vowel in "ыі":
            stem = part[:-1] + vowel
            if is_known("verb", stem):
                for front in harmonies(stem):
                    yield Beginning("verb", stem, length, "present", "R", front)


def _shortened(part: str) -> Iterator[str]:
    """Yield the stems that end in `part` once they lose the narrow vowel of their last syllable."""
    if len(part) < 3:
        return
    for last in {part[-1], UNVOICED.get(part[-1], part[-1])}:
        for vowel in "ыі":
            stem = part[:-1] + vowel + last
            if drops_vowel(stem):
                yield stem


def infinitive(root: str) -> str:
    """Return the verbal noun of a root, which dictionaries list and the index keeps: сайла - сайлау, шық - шығу."""
    last = root[-1:]
    if last in ("ы", "і"):
        return root[:-1] + "у"
    if last == "и":
        return root + "йу"
    return root[:-1] + VOICED.get(last, last) + "у"
