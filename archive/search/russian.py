"""Find the dictionary form of a Russian word, with pymorphy3 and the OpenCorpora dictionary."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from archive.search.opencorpora import Known

MAX_WORD: Final = 60
"""Letters; what is longer is no word, and guessing its forms takes long."""


@lru_cache(maxsize=1)
def _known() -> Known:
    from archive.search.opencorpora import Known

    return Known()  # 7 MB are read, so only when asked


@lru_cache(maxsize=1)
def _morph() -> Any:
    from archive.search.opencorpora import guessing

    return guessing(_known())


def base(word: str) -> str:
    """Return the likeliest dictionary form of a lower-case word; of an unknown one it is guessed from its ending."""
    if len(word) > MAX_WORD:
        return word
    readings = _known().readings(word)
    # so it is of most words: nothing more need be known of them
    if readings and all(reading.form == readings[0].form for reading in readings):
        return readings[0].form
    if readings and len(word) > 1:  # a letter may be an initial too
        return _known().weighed(word, readings)[0].form
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
    readings = _known().readings(word) if len(word) > 1 else []
    if readings:
        forms = dict.fromkeys(reading.form for reading in readings)
        if len(forms) > 1:
            forms = dict.fromkeys(reading.form for reading in _known().weighed(word, readings))
    else:
        forms = dict.fromkeys(str(parse[2]) for parse in _morph().parse(word))
    likeliest = next(iter(forms))
    if word in forms:
        return (word,) if likeliest == word else (word, likeliest)
    return tuple(forms)


def is_known(word: str) -> bool:
    """Tell whether the dictionary has `word`, in whatever form."""
    return len(word) <= MAX_WORD and _known().has(word)


@lru_cache(maxsize=65536)
def is_noun(word: str) -> bool:
    """Tell whether `word` is the dictionary form of a noun: Kazakh borrows those."""
    if not is_known(word):
        return False
    if len(word) == 1:  # it may be an initial too
        return any(form == word and "NOUN" in tag for _, tag, form, _, _ in _unweighted(word))
    known = _known()
    return any(reading.form == word and known.tag(reading).startswith("NOUN") for reading in known.readings(word))
