"""How the outlets make addresses from headlines: transliterated slugs, percent-encoded Kazakh ones, Latin Kazakh."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote

from .model import Outlet

_LETTERS = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "i", "к": "k", "қ": "q", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o", "ө": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h", "һ": "h", "ц": "c", "ч": "ch",
    "ш": "sh", "щ": "sch", "ъ": "", "ы": "y", "і": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
_LATIN_KAZAKH = _LETTERS | {
    "ә": "ä", "ғ": "ğ", "ж": "j", "ң": "ñ", "ө": "ö", "ш": "ş", "ү": "ü", "ұ": "ū", "х": "h", "ч": "ç", "й": "i",
    "ц": "ts", "я": "ia", "ю": "iu", "ё": "io", "щ": "ş",
}  # fmt: skip


def slug(title: str, words: int = 6) -> str:
    """Return a headline's first words in Latin letters, joined by hyphens."""
    letters = "".join(_LETTERS.get(letter, letter) for letter in title.lower())
    return "-".join(re.findall(r"[a-z0-9]+", letters)[:words]) or "news"


def latin_kazakh(text: str) -> str:
    """Return Kazakh text in the Latin alphabet."""
    result = []
    for letter in text:
        latin = _LATIN_KAZAKH.get(letter.lower(), letter)
        result.append(latin.capitalize() if letter.isupper() and letter.lower() in _LATIN_KAZAKH else latin)
    return "".join(result)


def address(outlet: Outlet, number: int, title: str, when: datetime, section: str, language: str) -> str:
    """Return the path of an article; `when` is in the outlet's zone."""
    kk_slug = quote("-".join(re.findall(r"\w+", title.lower())[:5]))
    return outlet.path.format(
        id=number,
        slug=slug(title),
        kk_slug=kk_slug,
        y=f"{when:%Y}",
        m=f"{when:%m}",
        d=f"{when:%d}",
        section=section,
        edition=outlet.editions.get(language, language),
    )
