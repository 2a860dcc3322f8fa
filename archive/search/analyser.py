"""Turn a text into the bases that full-text search keeps, and a typed word into the bases that it asks for.

The language of a word is decided by the word and its paragraph: a word with a Kazakh letter is Kazakh anywhere,
another Cyrillic word is what its paragraph is, a Latin word is Kazakh in a paragraph of Latin Kazakh and English
elsewhere. Index and query come through here alike; a change of what comes out needs a new VERSION.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Any, Final, Literal, NamedTuple
from zlib import crc32

from archive.search import russian
from archive.search.folding import clean, fold, script_of, spellings
from archive.search.kazakh.analyse import Analyser
from archive.search.kazakh.grammar import LETTERS as KAZAKH_LETTERS
from archive.search.kazakh.grammar import plain
from archive.search.kazakh.lexicon import IRREGULAR, LEARNT, lexicon
from archive.search.remembered import Remembered
from archive.search.scripts import to_cyrillic
from archive.search.shared import shared

RULES: Final = "1"
"""Grows whenever the code gives another base for some word."""

MAX_WORD: Final = 64
"""Letters of a word that are looked at; two longer words that begin alike are one."""
MAX_REMEMBERED: Final = 16_000
"""Common words of each language whose bases a process has at hand, twice as many with those that were common before:
some 6 MB. What is rarer is in the table that it shares with others."""

LATIN_KAZAKH_LETTERS: Final = "äöüūğñşıáóúǵńýәı"
KAZAKH_SHARE: Final = 0.04
"""Share of the characters of a Cyrillic paragraph above which it is Kazakh: Kazakh has 0.15 or more, Russian that
quotes a Kazakh name stays under it."""
LATIN_SHARE: Final = 0.02
MIN_TELLING: Final = 60
"""Characters under which a paragraph is taken to be in its article's language."""

TOKEN: Final = re.compile(r"[^\W_]+(?:['’ʼ\u0300-\u036f]+[^\W_]+)*")
_MARKS: Final = re.compile("[\u0300-\u036f]+")
_NOT_KEPT: Final = re.compile("['’ʼ\u0300-\u036fъ]")
_SHORT: Final = "kz1048"
"""The code that has a byte for each Kazakh, Russian and English letter, in which bases are shared."""

Manner = Literal["kk", "ru", "en", "kk-Latn"]


class Token(NamedTuple):
    """A word of a text: where it stands, and the base that the index keeps for it."""

    start: int
    end: int
    base: str


@lru_cache(maxsize=1)
def version() -> str:
    """Return what the bases depend on: the rules, what was learnt, and the dictionary's version."""
    learnt = crc32(LEARNT.read_bytes() + IRREGULAR.read_bytes())
    return f"{RULES}-{learnt:08x}-{_installed('pymorphy3_dicts_ru')}-{_installed('snowballstemmer')}"


def _installed(name: str) -> str:
    """Return the version of an installed distribution.

    It is in the name of the folder that describes it; importlib.metadata reads it from there as well, but takes longer
    to load than a search for a rare word does, so that it is asked only where there is no such folder.
    """
    for folder in filter(os.path.isdir, sys.path):
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(f"{name}-") and entry.name.endswith(".dist-info"):
                    return entry.name.removesuffix(".dist-info").split("-")[1]
    from importlib import metadata

    return metadata.version(name)


def indexed(text: str | None, language: str | None) -> str:
    """Return the bases of a text's words, in order, with a space between: what the index is given."""
    lines: list[str] = []
    for line in _lines(text or ""):
        bases = _remembered(_manner(line, language))
        lines.append(" ".join([bases[word] for word in TOKEN.findall(line)]))
    return " ".join(lines)


def tokens(text: str, language: str | None, *, near: re.Pattern[str] = TOKEN) -> Iterator[Token]:
    """Yield the words of a text, which went through `folding.clean`, with the bases the index keeps for them.

    Words that do not begin as `near` has it are not read, which takes longest: their base is empty.
    """
    start = 0
    for line in text.split("\n"):
        low = _lower(line)
        if len(low) == len(line):  # so it is for all but a few letters, whose lines have no marked words
            bases = _remembered(_manner(low, language))
            for found in TOKEN.finditer(low):
                word = found[0]
                yield Token(start + found.start(), start + found.end(), bases[word] if near.match(word) else "")
        start += len(line) + 1


def asked(word: str, *, kazakh: bool) -> tuple[str, ...]:
    """Return the bases that somebody who typed `word` may mean; `kazakh` tells that the query is in Kazakh."""
    low = _typed(word)
    found: dict[str, None] = {}
    for spelling in spellings(low):
        for base in _asked(spelling, kazakh=kazakh):
            found[_kept(base)] = None
    found.pop("", None)
    for base in list(found):
        found |= dict.fromkeys(_synonyms().get(base, ()))
    return tuple(found)


def beginnings(word: str) -> list[str]:
    """Return the spellings in which bases may begin with what was typed."""
    low = _typed(word)
    found = [_kept(spelling) for spelling in spellings(low)]
    if script_of(low) in ("Latn", "Arab"):
        found += [_kept(_printed(cyrillic)) for cyrillic in to_cyrillic(low)]
    return [beginning for beginning in found if beginning]


def is_kazakh_only(word: str) -> bool:
    """Tell whether a typed word can only be Kazakh: by its letters, or as one that Russian does not know."""
    low = fold(_typed(word))
    if _has(low, KAZAKH_LETTERS) or (script_of(low) == "Latn" and _has(low, LATIN_KAZAKH_LETTERS)):
        return True
    return script_of(low) == "Cyrl" and not russian.is_known(low) and _kazakh().is_sure(plain(low))


def words(text: str) -> list[str]:
    """Return the words of what somebody typed."""
    return TOKEN.findall(clean(text))


def _lines(text: str) -> list[str]:
    return _lower(clean(text)).split("\n")


def _typed(word: str) -> str:
    return _MARKS.sub("", _lower(clean(word)))[:MAX_WORD]


def _lower(text: str) -> str:
    return text.replace("İ", "i").lower()


def _manner(line: str, language: str | None) -> Manner:
    """Return how the words of a paragraph are read that do not say it themselves."""
    size = len(line) or 1
    if sum(map(line.count, KAZAKH_LETTERS)) > size * KAZAKH_SHARE:
        return "kk"
    if sum(map(line.count, "оеаи")) > size * 0.05:
        return "kk" if language == "kk" and size < MIN_TELLING else "ru"
    if language == "kk":
        return "kk-Latn"
    if language is None and sum(map(line.count, LATIN_KAZAKH_LETTERS)) > size * LATIN_SHARE:
        return "kk-Latn"
    return "en"


@lru_cache(maxsize=4)
def _remembered(manner: Manner) -> Remembered[str]:
    """Return the bases of words by the word."""
    find = {"kk": _in_kazakh, "ru": _in_russian, "en": _in_english, "kk-Latn": _in_latin_kazakh}[manner]
    table = shared()

    def find_once(word: str) -> str:
        key = f"{manner} {word}".encode()
        known = table.get(key)
        if known is not None:
            return intern(known.decode(_SHORT))
        base = _kept(find(_bare(word))) or "0"
        with suppress(UnicodeEncodeError):  # the few words of other alphabets are read by each process
            table.put(key, base.encode(_SHORT))
        return intern(base)

    return Remembered(find_once, MAX_REMEMBERED)


def _in_kazakh(word: str) -> str:
    script = script_of(word)
    if script == "Latn":
        return _english(word)
    if script != "Cyrl":
        return _of_other_script(word)
    base = _kazakh().base(plain(word))
    if not _has(word, KAZAKH_LETTERS) and not _kazakh().is_sure(plain(word)) and russian.is_known(word):
        return russian.base(word)
    return _printed(base)


def _in_russian(word: str) -> str:
    script = script_of(word)
    if script == "Latn":
        return _english(word)
    if script != "Cyrl":
        return _of_other_script(word)
    return _printed(_kazakh().base(plain(word))) if _has(word, KAZAKH_LETTERS) else russian.base(word)


def _in_english(word: str) -> str:
    script = script_of(word)
    if script == "Latn":
        return _english(word)
    return _in_russian(word)


def _in_latin_kazakh(word: str) -> str:
    if script_of(word) != "Latn":
        return _in_kazakh(word)
    return _printed(_likeliest(to_cyrillic(word)))


def _of_other_script(word: str) -> str:
    """Return the base of a word in Arabic script, which is read as Kazakh, or of a number, which is itself."""
    if script_of(word) == "Arab":
        return _printed(_likeliest(to_cyrillic(word)))
    return word


def _likeliest(words: tuple[str, ...]) -> str:
    """Return the base of the spelling that is read at the least cost."""
    analyser = _kazakh()

    def cost(word: str) -> float:
        readings = analyser.readings(plain(word))
        return readings[0].cost if readings else 99.0

    return analyser.base(plain(min(words, key=cost)))


def _asked(word: str, *, kazakh: bool) -> Iterator[str]:
    script = script_of(word)
    if script in ("Latn", "Arab"):
        if script == "Latn":
            yield _english(word)
        yield _printed(_likeliest(to_cyrillic(word)))
        for cyrillic in to_cyrillic(word):
            if _kazakh().is_sure(plain(cyrillic)):
                yield from map(_printed, _kazakh().asked(plain(cyrillic)))
            if russian.is_known(cyrillic):
                yield from russian.asked(cyrillic)
    elif script == "Cyrl":
        sure = _kazakh().is_sure(plain(word))
        only_kazakh = _has(word, KAZAKH_LETTERS)
        if not only_kazakh and not (kazakh and sure):
            yield from russian.asked(word)
        if only_kazakh or kazakh or sure or not russian.is_known(word):
            yield from map(_printed, _kazakh().asked(plain(word)))
    else:
        yield word


@lru_cache(maxsize=1)
def _kazakh() -> Analyser:
    return Analyser(lexicon(), _is_loan)


def _is_loan(stem: str) -> bool:
    return russian.is_noun(_printed(stem))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def _english(word: str) -> str:
    stem: str = _stemmer().stemWord(word)
    return stem


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, tuple[str, ...]]:
    groups = Path(__file__).with_name("synonyms.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        if not group.startswith("#"):
            bases = tuple(_kept(_english(word)) if word.isascii() else _kept(word) for word in group.split())
            found |= {base: tuple(other for other in bases if other != base) for base in bases}
    return found


def _has(word: str, letters: str) -> bool:
    return any(letter in word for letter in letters)


def _bare(word: str) -> str:
    """Return a word as it is looked up: bounded, without marks, look-alike letters folded."""
    return fold(_MARKS.sub("", word[:MAX_WORD]))


def _printed(base: str) -> str:
    """Return a base in plain spelling as it is printed: партийа - партия."""
    return base.replace("йа", "я").replace("йу", "ю")


def _kept(base: str) -> str:
    """Return a base as the index keeps it, one token for SQLite's `ascii` tokenizer, alike in all languages."""
    return _NOT_KEPT.sub("", base.replace("ё", "е"))
