"""Every way to read a Kazakh word as a stem and suffixes: the grammar run backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from archive.search.kazakh.grammar import CLUSTERS, SOUND, TABLE, UNVOICED, VOICED, drops_vowel, harmonies

Kind = Literal["noun", "verb"]
IsKnown = Callable[[Kind, str], bool]
IsPart = Callable[[str], bool]

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


def beginnings(
    word: str, is_known: IsKnown, may_be_new: IsKnown, may_begin: IsPart = lambda part: True
) -> Iterator[Beginning]:
    """Yield the stems that `word`, in plain spelling, may begin with.

    What a suffix changes in a stem is undone: мектеб- is мектеп, халқ- халық. Stems that lose a vowel or a letter
    are taken only when they are known, since any word could have lost one. Of the others that are not known those are
    taken that `may_be_new`. `may_begin` is asked first whether anything can come of a part of the word.
    """
    for length in _cuts(word):
        part = word[:length]
        bare = length == len(word)
        if not may_begin(part) or VOWELS.isdisjoint(part):
            continue
        fronts = harmonies(part)
        full = () if bare else _unshortened(part)
        yield from _nouns(part, fronts, full, is_known, may_be_new, bare=bare)
        yield from _verbs(part, fronts, full, is_known, may_be_new, bare=bare)


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


def _nouns(
    part: str, fronts: tuple[bool, ...], full: tuple[str, ...], is_known: IsKnown, may_be_new: IsKnown, *, bare: bool
) -> Iterator[Beginning]:
    last = part[-1]
    length = len(part)
    sound = "K" if last == "қ" else SOUND.get(last, "T")
    if is_known("noun", part) or (length >= MIN_NEW and (bare or last not in "ғгб") and may_be_new("noun", part)):
        for front in fronts:
            yield Beginning("noun", part, length, "noun", sound, front)
            if last in "уи" and not bare:
                yield Beginning("noun", part, length, "noun", "V", front)
    if bare:
        return
    if last in UNVOICED:
        stem = part[:-1] + UNVOICED[last]
        if is_known("noun", stem) or (length >= MIN_NEW and may_be_new("noun", stem)):
            for front in harmonies(stem):
                yield Beginning("noun", stem, length, "noun", "X", front)
    for stem in full:
        if is_known("noun", stem) and drops_vowel(stem):
            for front in harmonies(stem):
                yield Beginning("noun", stem, length, "noun", "X", front)
    for stem, sound_before in ((part + last, SOUND.get(last, "T")), (part + "ь", "X")):
        if is_known("noun", stem):
            for front in harmonies(stem):
                yield Beginning("noun", stem, length, "noun", sound_before, front)
    if last == "і" and part[:-1].endswith(CLUSTERS) and (is_known("noun", part[:-1]) or may_be_new("noun", part[:-1])):
        yield Beginning("noun", part[:-1], length, "noun", "V", front=True)


def _verbs(
    part: str, fronts: tuple[bool, ...], full: tuple[str, ...], is_known: IsKnown, may_be_new: IsKnown, *, bare: bool
) -> Iterator[Beginning]:
    last = part[-1]
    length = len(part)
    if is_known("verb", part) or (length >= MIN_NEW and may_be_new("verb", part)):
        for front in fronts:
            yield Beginning("verb", part, length, "verb", SOUND.get(last, "T"), front)
    if not bare:
        voiceless = part[:-1] + UNVOICED.get(last, "")
        if last in UNVOICED and (is_known("verb", voiceless) or (length > MIN_NEW and may_be_new("verb", voiceless))):
            for front in harmonies(voiceless):
                yield Beginning("verb", voiceless, length, "verb", "X", front)
        known = [stem for stem in full if is_known("verb", stem) and drops_vowel(stem)]
        if last == "у" and is_known("verb", part[:-1] + "п"):
            known.append(part[:-1] + "п")
        for stem in known:
            for front in harmonies(stem):
                yield Beginning("verb", stem, length, "verb", "X", front)
    if last == "и":  # оқы - оқиды
        for vowel in "ыі":
            stem = part[:-1] + vowel
            if is_known("verb", stem):
                for front in harmonies(stem):
                    yield Beginning("verb", stem, length, "present", "R", front)


def spelt(stem: str) -> Iterator[str]:
    """Yield the parts of words that `beginnings` may take for a stem that is known, and some that it does not."""
    body, last = stem[:-1], stem[-1]
    yield from (stem, stem + "і", body, body + "у", body + "и", stem[:-2] + last)
    if last in VOICED:
        yield body + VOICED[last]
        yield stem[:-2] + VOICED[last]


def _unshortened(part: str) -> tuple[str, ...]:
    """Return what `part` may be once the narrow vowel of its last syllable, which a suffix drops, is put back.

    Whether it can fall is for who knows the stem to ask (`drops_vowel`).
    """
    if len(part) < 3:
        return ()
    body, last = part[:-1], part[-1]
    hard = UNVOICED.get(last)
    both = (f"{body}ы{last}", f"{body}і{last}")
    return (*both, f"{body}ы{hard}", f"{body}і{hard}") if hard else both


def infinitive(root: str) -> str:
    """Return the verbal noun of a root, which dictionaries list and the index keeps: сайла - сайлау, шық - шығу."""
    last = root[-1:]
    if last in ("ы", "і"):
        return root[:-1] + "у"
    if last == "и":
        return root + "йу"
    return root[:-1] + VOICED.get(last, last) + "у"
