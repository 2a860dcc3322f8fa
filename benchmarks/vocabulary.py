"""The words of synthetic articles: real inflected forms of three languages, the commonest first.

Where the shared data is beside the project its news texts say which words are common; elsewhere lists that come with
libraries and the project's own pages do. Rarer words are other forms of those: Russian ones from pymorphy3's
dictionary, Kazakh ones by suffix.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from pydoc_data.topics import topics as manual

import justext
import pymorphy3

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data" / "reprints" / "dev.docs.jsonl.xz"
KAZAKH = ROOT / "archive" / "search" / "kazakh"
FORMS_OF = 6_000
"""Commonest Russian words whose other forms are taken as well: some ten forms each."""
LANGUAGES = ("ru", "kk", "en")

_WORD = re.compile(r"[^\W\d_]{1,30}")
_OURS = {"ru": re.compile("[а-яё]+"), "kk": re.compile("[а-яёәғқңөұүһі]+"), "en": re.compile("[a-z]+")}
_VOWELS = "аоұыеәөүіэяюиу"


@cache
def vocabulary(language: str) -> tuple[str, ...]:
    """Return the words of a language without repetition, the commonest first."""
    fitting = _OURS[language]
    heads = [word for word in _common(language) if fitting.fullmatch(word)]
    tail: Iterable[str] = {"ru": _russian, "kk": _kazakh, "en": list}[language](heads)
    return tuple(dict.fromkeys([*heads, *(word for word in tail if fitting.fullmatch(word))]))


def _common(language: str) -> list[str]:
    if SHARED.is_file():
        counts: Counter[str] = Counter()
        with lzma.open(SHARED, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if row["lang"] == language:
                    counts.update(_WORD.findall(row["text"].lower()))
        return [word for word, _ in counts.most_common()]
    if language == "en":
        pages = [*manual.values(), *(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md")))]
        return [word for word, _ in Counter(_WORD.findall(" ".join(pages).lower())).most_common()]
    name = {"ru": "Russian", "kk": "Kazakh"}[language]
    # these lists are in the order of the alphabet; short words are the common ones of every language (Zipf)
    return sorted(map(str.lower, justext.get_stoplist(name)), key=lambda word: (len(word), word))


def _russian(heads: list[str]) -> Iterator[str]:
    morph = pymorphy3.MorphAnalyzer(lang="ru")
    for word in heads[:FORMS_OF]:
        if morph.word_is_known(word):
            yield from (form.word for form in morph.parse(word)[0].lexeme)


def _kazakh(heads: list[str]) -> Iterator[str]:
    for name in ("nouns.txt", "roots.txt"):
        for line in (KAZAKH / name).read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                for stem in line.split():
                    yield stem
                    yield from _declined(stem)


def _declined(stem: str) -> Iterator[str]:
    """Yield a noun's plural and cases, by vowel harmony and the last sound."""
    vowels = [letter for letter in stem if letter in _VOWELS]
    if not vowels:
        return
    front = vowels[-1] in "еәөүіэ"
    voiceless = stem[-1] in "пфкқтсшщчцхһбвгд"
    plural = ("т" if voiceless else "л" if stem[-1] in _VOWELS + "ру" else "д") + ("ер" if front else "ар")
    for base, last in ((stem, voiceless), (stem + plural, False)):
        yield base
        yield base + (("ке" if last else "ге") if front else ("қа" if last else "ға"))
        yield base + (("те" if last else "де") if front else ("та" if last else "да"))
        yield base + (("тен" if last else "ден") if front else ("тан" if last else "дан"))
        yield base + (("тің" if last else "дің") if front else ("тың" if last else "дың"))
