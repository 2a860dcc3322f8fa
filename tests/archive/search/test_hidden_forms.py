"""Which words of a text are read for a snippet: none is passed over that may be a form of what was asked for."""

from __future__ import annotations

import random

from archive.search.analyser import indexed
from archive.search.kazakh.grammar import LETTERS
from archive.search.kazakh.lexicon import irregular, lexicon
from archive.search.kazakh.recognise import inflect
from archive.search.snippets import UNLIKE, Match

STEMS = 1_500


def test_forms_of_kazakh_words_begin_like_their_base() -> None:
    """All but those of UNLIKE, which are irregular and are looked for everywhere; so the others need not be."""
    rng = random.Random(3)
    words = {*irregular()}
    for kind, stem in rng.sample(sorted(lexicon().stems), STEMS):
        base = stem if kind == "noun" else stem + "у"
        path = tuple(rng.randrange(99) for _ in range(rng.randint(1, 4)))
        words.add(inflect(base, path).replace("йа", "я").replace("йу", "ю"))
    bases = {word: indexed(word, "kk") for word in sorted(words)}
    kazakh = {word: base for word, base in bases.items() if not set(LETTERS).isdisjoint(base)}
    assert len(kazakh) > STEMS // 4
    unlike = {base for word, base in kazakh.items() if not _match(base).near().match(word)}
    assert unlike == set(UNLIKE)
    assert not [base for base in kazakh.values() if base not in UNLIKE and _match(base).is_hidden()]
    assert all(_match(base).is_hidden() for base in UNLIKE)


def _match(base: str) -> Match:
    return Match(expression="", bases=frozenset([base]), beginnings=())
