"""Find the dictionary form of a Russian word, with pymorphy3 and the OpenCorpora dictionary."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import pymorphy3

MAX_WORD: Final = 60
"""Letters; what is longer is no word, and guessing its forms takes long."""


@lru_cache(maxsize=1)
def _morph() -> Any:
    return pymorphy3.MorphAnalyzer(lang="ru")  # loading the dictionary takes 0.15 s, so only when asked


def base(word: str) -> str:
    """Return the likeliest dictionary form of a lower-case word; of an unknown one it is guessed from its ending."""
    if len(word) > MAX_WORD:
        return word
    dictionary = _morph().dictionary
    forms = [
        dictionary.build_normal_form(paradigm, index, spelt)
        for spelt, parses in dictionary.words.similar_items(word, _morph().char_substitutes)
        for paradigm, index in parses
    ]
    if forms and forms.count(forms[0]) == len(forms):  # so it is of most words: nothing more need be known of them
        return str(forms[0])
    parses = _unweighted(word)
    form: str = parses[0][2]
    if any(parse[2] != form for parse in parses):
        # only readings that differ need to be weighed, which takes as long as finding them
        form = _morph().prob_estimator.apply_to_parses(word, word, parses)[0][2]
    return form


def _unweighted(word: str) -> list[Any]:
    """Return the readings of a lower-case word as tuples, as `MorphAnalyzer.parse` finds them before it weighs them."""
    readings: list[Any] = []
    seen: set[Any] = set()
    for unit, is_terminal in _morph()._units:
        readings.extend(unit.parse(word, word, seen))
        if is_terminal and readings:
            break
    return readings


def asked(word: str) -> tuple[str, ...]:
    """Return the dictionary forms somebody may mean by `word`: itself when it is one, else those of all readings."""
    if len(word) > MAX_WORD:
        return (word,)
    parses = _morph().parse(word)
    likeliest: str = parses[0].normal_form
    forms = dict.fromkeys(str(parse.normal_form) for parse in parses)
    if word in forms:
        return (word,) if likeliest == word else (word, likeliest)
    return tuple(forms)


def is_known(word: str) -> bool:
    """Tell whether the dictionary has `word`, in whatever form."""
    return len(word) <= MAX_WORD and bool(_morph().word_is_known(word))


@lru_cache(maxsize=65536)
def is_noun(word: str) -> bool:
    """Tell whether `word` is the dictionary form of a noun: Kazakh borrows those."""
    return is_known(word) and any(form == word and "NOUN" in tag for _, tag, form, _, _ in _unweighted(word))
