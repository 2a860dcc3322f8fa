"""Recognise the forms of a Kazakh word: is this its base with a chain of suffixes that the grammar allows after it?

Words are Cyrillic; `archive.search.scripts` brings the Latin and Arabic ones here. Everything is pure.
"""

from __future__ import annotations

from functools import lru_cache

from archive.search.kazakh.grammar import MAX_WORD, TABLE, Start, plain, starts


def is_form_of(word: str, base: str) -> bool:
    """Tell whether `word` is `base` or `base` with a legal chain of inflectional suffixes.

    `base` is a noun or adjective as the dictionary has it, a possessed noun (комиссиясы) or a verb by its verbal
    noun (беру, сайлау). Both are Cyrillic, in any case; look-alike letters are folded. Suffixes that make another
    word (референдумшы) are not inflection.
    """
    return _is_form(plain(word), plain(base))


def is_plain_form_of(word: str, base: str) -> bool:
    """Tell what `is_form_of` tells of two words that are in plain spelling already."""
    return _is_form(word, base)


@lru_cache(maxsize=65536)
def _is_form(word: str, base: str) -> bool:
    if word == base:
        return bool(word)
    if not base or not word or len(word) > MAX_WORD or len(base) > MAX_WORD or word[0] != base[0]:
        return False
    return any(word.startswith(start.surface) and _legal(word, start) for start in starts(base))


def _legal(word: str, start: Start) -> bool:
    """Walk the suffixes after `start` breadth-wise; each (place, state, sound) is visited once."""
    seen = {(len(start.surface), start.state, start.sound)}
    todo = list(seen)
    while todo:
        at, state, sound = todo.pop()
        if at == len(word):
            if sound != "X":
                return True
            continue
        for surface, to, after, _ in TABLE[state, sound, start.front]:
            place = (at + len(surface), to, after)
            if place not in seen and word.startswith(surface, at):
                seen.add(place)
                todo.append(place)
    return False


def inflect(base: str, path: tuple[int, ...]) -> str:
    """Return a legal form of `base`: `path` picks the spelling of the stem, then one suffix after the other.

    Numbers are taken modulo the choices there are; the walk ends with the path or where no suffix can follow. It
    is the grammar run forwards: `is_form_of(inflect(base, path), base)` holds.
    """
    stem = plain(base)
    beginnings = starts(stem)
    if not path or not beginnings:
        return stem
    start = beginnings[path[0] % len(beginnings)]
    word, state, sound = start.surface, start.state, start.sound
    for choice in path[1:]:
        steps = TABLE[state, sound, start.front]
        if not steps:
            break
        step = steps[choice % len(steps)]
        word, state, sound = word + step.surface, step.state, step.sound
    return word if sound != "X" else stem
