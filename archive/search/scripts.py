"""Bring Kazakh words of the Latin and Arabic scripts to the Cyrillic letters that the grammar is written in.

Latin: the alphabet of 2021 (ä ö ü ū ğ ñ ş ı y), the acute and apostrophe letters of 2017-2018 and the digraphs of
2019-era practice. Arabic: the tote jazu of China's Kazakhs. The result is for comparing, not for printing: both
sides of a comparison go through here, so that what a script leaves open is left open alike.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from archive.search.folding import script_of, spellings

_LATIN_PAIRS: Final = (
    ("shch", "щ"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("zh", "ж"),
    ("kh", "х"),
    ("gh", "ғ"),
    ("ng'", "ң"),
    ("a'", "ә"),
    ("o'", "ө"),
    ("u'", "ү"),
    ("g'", "ғ"),
    ("n'", "ң"),
    ("s'", "ш"),
    ("c'", "ч"),
    ("i'", "и"),
    ("y'", "у"),
    ("iya", "ийа"),
    ("ya", "йа"),
    ("yu", "йу"),
    ("ts", "ц"),
)
_LATIN: Final = {
    **dict(zip("abdefghjklmnoprstuvyzqcxw", "абдефгһжклмнопрстувызқцхв", strict=True)),
    **dict(zip("äáăàâ", "әәәәа", strict=True)),
    **{"ö": "ө", "ó": "ө", "ü": "ү", "ú": "ү", "ū": "ұ", "ŭ": "ұ", "ý": "у", "ğ": "ғ", "ǵ": "ғ", "ñ": "ң", "ń": "ң"},
    **{"ŋ": "ң", "ş": "ш", "ș": "ш", "ś": "ш", "ç": "ч", "ć": "ч", "ı": "і", "ĭ": "й", "i": "и"},
}
_ARABIC: Final = {
    **dict(zip("بپۆۋگعدجزكقلمنڭرستفحھھشچيهۇوىاەءٴ", "бпвугғджзкқлмнңрстфхһһшчиһұоыае''", strict=True)),
    **{"ك": "к", "ک": "к", "ی": "и", "ۈ": "ү", "ە": "е", "ڤ": "в", "خ": "х", "ة": "е", "ئ": "'", "ۉ": "ү", "غ": "ғ"},
}
_GLIDE_Y: Final = re.compile("(?<=[aäeoö])[yi](?![yi]?a)")
"""After a full vowel y and i are й (saylau, sailau); else y is ы (dauys)."""
_NARROW_U: Final = re.compile("(?<=[бвгғджзкқлмнңпрстфхһцчшщ])у(?=[бвгғджзкқлмнңпрстфхһцчшщ])")
"""Between consonants u may be ұ, which careless Latin does not mark: qurylym."""
_LOAN_YA: Final = re.compile("и[ий]?а")
_FRONTED: Final = str.maketrans("аоұы", "әөүі")
_MARKS_FRONT: Final = frozenset("ءٴئەگكک")
"""The high hamza makes a word's vowels front; words with ە, گ or ك are front without it."""


@lru_cache(maxsize=16384)
def to_cyrillic(word: str) -> tuple[str, ...]:
    """Return the Cyrillic spellings a Kazakh word of any script may stand for, folded; at least one.

    A Latin i is і in native words and и in loans, an Arabic word may be front or back: each gives two readings.
    """
    found: dict[str, None] = {}
    for spelling in spellings(word):
        script = script_of(spelling)
        if script == "Latn":
            cyrillic = _as_loan(_from_latin(spelling))
            found[cyrillic] = None
            found[cyrillic.replace("и", "і")] = None
            found[_NARROW_U.sub("ұ", cyrillic)] = None
        elif script == "Arab":
            back = _as_loan("".join(_ARABIC.get(char, "") for char in spelling).replace("'", ""))
            found[back] = None
            if any(char in _MARKS_FRONT for char in spelling):
                found[back.translate(_FRONTED)] = None
        else:
            found[spelling] = None
    return tuple(found)


def _as_loan(word: str) -> str:
    """Return the word with the letters that loans have in Cyrillic only: konstitutsiia, konstitutsiya - конституция."""
    return _LOAN_YA.sub("ия", word.replace("тси", "ци"))


def _from_latin(word: str) -> str:
    word = _GLIDE_Y.sub("й", word)
    for pair, letter in _LATIN_PAIRS:
        word = word.replace(pair, letter)
    return "".join(_LATIN.get(char, char) for char in word if char != "'")
