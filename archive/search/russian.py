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
    form: str = _morph().parse(word)[0].normal_form
    return form


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
    return is_known(word) and any(parse.normal_form == word and "NOUN" in parse.tag for parse in _morph().parse(word))
