"""Every way to read a Kazakh word as a stem and suffixes: the grammar run backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

from archive.search.kazakh.grammar import CLUSTERS, SOUND, TABLE, UNVOICED, VOICED, Sounding, drops_vowel, harmonies

Kind = Literal["noun", "verb"]
IsKnown = Callable[[Kind, str], bool]

VOWELS: Final = frozenset("аәеоөұүыіэуи")
MIN_NEW: Final = 3
"""Letters of a stem that is not in the lexicon; shorter ones are all known."""

SUFFIXES: Final = frozenset(step.surface for steps in TABLE.values() for step in steps)
LONGEST: Final = max(map(len, SUFFIXES))


Beginning = tuple[Kind, str, Sounding]
"""A stem that may begin a word, and what the chain of suffixes behind it starts from."""


def cuts(word: str) -> list[int]:
    """Return after how many letters a stem may end for what follows to be spelt as suffixes, if they fit or not."""
    found = [len(word)]
    for at in range(len(word) - 1, 1, -1):
        for end in reversed(found):
            if end - at > LONGEST:
                break
            if word[at:end] in SUFFIXES:
                found.append(at)
                break
        if found[-1] - at >= LONGEST:
            break
    found.reverse()
    return found if len(word) > 1 else []


def known_beginnings(part: str, is_known: IsKnown, *, bare: bool) -> Iterator[Beginning]:
    """Yield the known stems that a word may begin with which begins with `part`, or is that and no more (`bare`).

    What a suffix changes in a stem is undone: мектеб- is мектеп, халқ- халық. Words are in plain spelling.
    """
    if VOWELS.isdisjoint(part):
        return
    full = () if bare else _unshortened(part)
    yield from _known_nouns(part, full, is_known, bare=bare)
    yield from _known_verbs(part, full, is_known, bare=bare)


def _known_nouns(part: str, full: tuple[str, ...], is_known: IsKnown, *, bare: bool) -> Iterator[Beginning]:
    last = part[-1]
    if is_known("noun", part):
        yield from _whole_noun(part, last, harmonies(part), bare=bare)
    if bare:
        return
    if last in UNVOICED and is_known("noun", stem := part[:-1] + UNVOICED[last]):
        yield from _from("noun", stem, "noun", "X")
    for stem in full:
        if is_known("noun", stem) and drops_vowel(stem):
            yield from _from("noun", stem, "noun", "X")
    for stem, sound in ((part + last, SOUND.get(last, "T")), (part + "ь", "X")):
        if is_known("noun", stem):
            yield from _from("noun", stem, "noun", sound)
    if last == "і" and part[:-1].endswith(CLUSTERS) and is_known("noun", part[:-1]):
        yield "noun", part[:-1], ("noun", "V", True)


def _known_verbs(part: str, full: tuple[str, ...], is_known: IsKnown, *, bare: bool) -> Iterator[Beginning]:
    last = part[-1]
    if is_known("verb", part):
        yield from _from("verb", part, "verb", SOUND.get(last, "T"))
    if not bare:
        if last in UNVOICED and is_known("verb", stem := part[:-1] + UNVOICED[last]):
            yield from _from("verb", stem, "verb", "X")
        for stem in full:
            if is_known("verb", stem) and drops_vowel(stem):
                yield from _from("verb", stem, "verb", "X")
        if last == "у" and is_known("verb", stem := part[:-1] + "п"):
            yield from _from("verb", stem, "verb", "X")
    if last == "и":  # оқы - оқиды
        for vowel in "ыі":
            if is_known("verb", stem := part[:-1] + vowel):
                yield from _from("verb", stem, "present", "R")


def new_beginnings(part: str, *, bare: bool, verbs: bool = True) -> list[Beginning]:
    """Return what a word that begins with `part`, or is it, may begin with if it is no stem that is known.

    That a stem lost a vowel or a letter is not guessed, since any word could have lost one.
    """
    if len(part) < MIN_NEW or VOWELS.isdisjoint(part):
        return []
    last = part[-1]
    sound = SOUND.get(last, "T")
    found: list[Beginning] = []
    fronts = harmonies(part)
    if bare or last not in UNVOICED:
        found += _whole_noun(part, last, fronts, bare=bare)
    if verbs:
        found += [("verb", part, ("verb", sound, front)) for front in fronts]
    if not bare:
        if last in UNVOICED:
            stem = part[:-1] + UNVOICED[last]
            found += _from("noun", stem, "noun", "X")
            if verbs and len(part) > MIN_NEW:
                found += _from("verb", stem, "verb", "X")
        if last == "і" and part[:-1].endswith(CLUSTERS):
            found.append(("noun", part[:-1], ("noun", "V", True)))
    return found


def _whole_noun(part: str, last: str, fronts: tuple[bool, ...], *, bare: bool) -> list[Beginning]:
    sound = "K" if last == "қ" else SOUND.get(last, "T")
    found: list[Beginning] = [("noun", part, ("noun", sound, front)) for front in fronts]
    if last in "уи" and not bare:
        found += [("noun", part, ("noun", "V", front)) for front in fronts]
    return found


def _from(kind: Kind, stem: str, state: str, sound: str) -> list[Beginning]:
    return [(kind, stem, (state, sound, front)) for front in harmonies(stem)]


def spelt(stem: str) -> Iterator[str]:
    """Yield the parts of words that `known_beginnings` may take for a stem that is known, and some that it does not."""
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
