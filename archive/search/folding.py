"""Fold a word to the one spelling that comparisons use, whatever keyboard or encoding wrote it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

WordScript = Literal["Cyrl", "Latn", "Arab", "other"]

_JOINERS: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Soft hyphen, zero-width space, joiners and byte-order mark: invisible, and copied along with words."""

_APOSTROPHES: Final = dict.fromkeys(map(ord, "’ʼ‘`´ʹ′＇"), "'")

_LATIN_AS_CYRILLIC: Final = str.maketrans(
    "AaBCcEeHhIiKkMOoPpTXxYyÏïƏəɵƟ",
    "АаВСсЕеНһІіКкМОоРрТХхУуЇїӘәөӨ",
)
"""Latin letters that look like a Cyrillic one of the Kazakh or Russian alphabet (after Unicode's confusables)."""

_CYRILLIC_AS_LATIN: Final = str.maketrans("АаВСсЕеНһІіКкМОоРрТХхУу", "AaBCcEeHhIiKkMOoPpTXxYy")

_LETTERS: Final = str.maketrans({"ё": "е", "ї": "і", "\u0307": None})
"""ё is printed as е; ї stands for і in badly converted Kazakh; the dot is what lower-casing leaves of İ."""

LOOK_ALIKES: Final[frozenset[str]] = frozenset(map(chr, _LATIN_AS_CYRILLIC))
ONLY_CYRILLIC: Final = re.compile("[А-Яа-яӘҒҚҢӨҰҮҺІәғқңөұүһі]+")
"""Words of one alphabet, nearly all there are: nothing of them is to be folded but their capitals."""


def clean(text: str) -> str:
    """Return `text` composed (NFC) and without invisible joiners, so that its words can be cut apart.

    Of a disordered run of combining marks the first eight are kept: composing sorts a run in quadratic time
    (40,000 marks take seconds), and no script stacks as many.
    """
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", _marks().sub(lambda run: run[0][:8], text))
    if "\u00ad" in text or "\u200b" in text or "\u200c" in text or "\u200d" in text or "\ufeff" in text:
        text = text.translate(_JOINERS)
    return text


@lru_cache(maxsize=1)
def _marks() -> re.Pattern[str]:
    """Return the expression of a long run of combining marks; it takes longer to make than a poll that needs none."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{9,}}")


def script_of(word: str) -> WordScript:
    """Return the script most letters of `word` are written in, Cyrillic when two are level."""
    if ONLY_CYRILLIC.fullmatch(word):
        return "Cyrl"
    cyrillic = latin = arabic = 0
    for char in word:
        if "\u0400" <= char <= "\u052f":
            cyrillic += 1
        elif "\u0600" <= char <= "\u06ff" or "\ufb50" <= char <= "\ufeff":
            arabic += 1
        elif char.isalpha():
            latin += 1
    if arabic and arabic >= max(cyrillic, latin):
        return "Arab"
    if not cyrillic and not latin:
        return "other"
    return "Cyrl" if cyrillic >= latin else "Latn"


def spellings(word: str) -> tuple[str, ...]:
    """Return the folded spellings `word` may stand for, the likeliest first; most words have one.

    A word of both scripts is read in Cyrillic when each Latin letter of it looks like a Cyrillic one, else in
    Latin. A word of look-alikes only (OPK, COK) may be meant in either script and gives both.
    """
    if ONLY_CYRILLIC.fullmatch(word) or (word.isascii() and word.isalpha() and not LOOK_ALIKES.issuperset(word)):
        return (word.lower(),)
    word = clean(word).translate(_APOSTROPHES).replace("ё", "е").replace("Ё", "Е")
    has_cyrillic = any("\u0400" <= char <= "\u052f" for char in word)
    has_latin = any("A" <= char <= "Z" or "a" <= char <= "z" or "\u00c0" <= char <= "\u02af" for char in word)
    if has_cyrillic and has_latin:
        repaired = word.translate(_LATIN_AS_CYRILLIC)
        if any("A" <= char <= "z" for char in repaired if char != "'"):
            repaired = word.translate(_CYRILLIC_AS_LATIN)
        return (_lower(repaired),)
    if has_latin and all(char in LOOK_ALIKES for char in word):
        return (_lower(word), _lower(word.translate(_LATIN_AS_CYRILLIC)))
    return (_lower(word),)


def fold(word: str) -> str:
    """Return the likeliest folded spelling of `word`."""
    return spellings(word)[0]


def _lower(word: str) -> str:
    return word.lower().translate(_LETTERS)
