"""Says whether two spellings are one word: an ending, a slip, another script, an abbreviation, initials. Pure."""

from __future__ import annotations

from collections.abc import Sequence

SHORTEST_ABBREVIATION = 3
"""Letters of the shortest abbreviation that is taken for its long form (Mar, March)."""

# Enough of a romanisation to see one name in two scripts, after Cyrillic letters that look Latin were folded.
_ROMAN = str.maketrans(
    {
        "б": "b", "г": "g", "д": "d", "ж": "j", "з": "z", "и": "i", "й": "i", "л": "l", "п": "p", "ф": "f", "ц": "c",
        "ч": "ch", "ш": "sh", "щ": "sh", "ы": "y", "э": "e", "ю": "u", "я": "a", "ь": "", "ъ": "", "ә": "a",
        "b": "v", "c": "s", "h": "n", "p": "r", "x": "h", "y": "u",
        "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u",
    }
)  # fmt: skip


def alike(one: str, other: str) -> bool:
    """Tell whether two folded words are one but for its ending, a slip of the hand, its script or an abbreviation."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) >= SHORTEST_ABBREVIATION and long.startswith(short):
        return True
    if one.isascii() != other.isascii():
        return alike(_roman(one), _roman(other))
    common = 0
    while common < len(short) and short[common] == long[common]:
        common += 1
    if common >= 4 and common >= len(long) - 4:
        return True
    # One slip in a short word, two in a long one.
    return len(short) > 2 and _slips(one, other, 2 if len(short) >= 7 else 1)


def one_name(these: Sequence[str], those: Sequence[str]) -> bool:
    """Tell whether `these` words are `those` written together or as initials: U S and US, United Kingdom and UK."""
    if not these or len(those) < 2:
        return False
    joined = "".join(these)
    return joined == "".join(those) or joined == "".join(word[0] for word in those)


def _roman(word: str) -> str:
    """Return a folded word in Latin letters alone; what has none stands for itself."""
    return word if word.isascii() else word.translate(_ROMAN).encode("ascii", "replace").decode("ascii")


def _slips(one: str, other: str, most: int) -> bool:
    """Tell whether `other` can be typed as `one` with at most `most` letters wrong, missing, added or swapped."""
    if abs(len(one) - len(other)) > most:
        return False
    at = 0
    least = min(len(one), len(other))
    while at < least and one[at] == other[at]:
        at += 1
    a, b = one[at:], other[at:]
    if not a and not b:
        return True
    if not most:
        return False
    return (
        _slips(a[1:], b[1:], most - 1)
        or _slips(a[1:], b, most - 1)
        or _slips(a, b[1:], most - 1)
        or (len(a) > 1 and a[:2] == b[1::-1] and _slips(a[2:], b[2:], most - 1))
    )
