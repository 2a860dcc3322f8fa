"""Find the base of a Kazakh word: of all readings the grammar allows, the one that costs least.

The cost of a reading is the cost of its stem and of its chain of suffixes, in nats, as in minimum description length
morphology (J. Goldsmith, 'Unsupervised Learning of the Morphology of a Natural Language', 2001): a stem met in text
with several suffixes is cheap, an unknown one costs by its letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from archive.search.kazakh.chains import Chains
from archive.search.kazakh.grammar import MAX_WORD, SOUND
from archive.search.kazakh.lexicon import Lexicon, irregular
from archive.search.kazakh.readings import MIN_NEW, Beginning, Kind, beginnings, infinitive, spelt

NEW_STEM: Final[Mapping[str, float]] = {"noun": 6.0, "verb": 7.5}
NEW_LETTER: Final = 2.2
"""What a stem that is not in the lexicon costs, and each of its letters."""
LOAN: Final = 12.0
"""What a stem costs that the Russian dictionary has as a noun: not learnt, but no chance either."""
LEAST_NEW: Final = min(LOAN, *(cost + MIN_NEW * NEW_LETTER for cost in NEW_STEM.values()))
"""What a reading costs at least whose stem is neither in the lexicon nor made of one that is."""
MAX_BASES: Final = 4
MAX_READ: Final = 100_000
"""Words whose best reading is remembered."""
DERIVED: Final = 5.0
"""What a verb that is made of a known noun costs more than the noun."""
MAKES_VERB: Final[Mapping[str, str]] = {
    **{"ла": "VR", "ле": "VR", "да": "LNZ", "де": "LNZ", "та": "T", "те": "T"},
}
"""The suffix that makes verbs of nouns, and the sounds that each spelling of it follows."""


class Reading(NamedTuple):
    """A word read as `stem` (a noun and the like, or a verb's root) with `steps` of suffixes."""

    cost: float
    kind: Kind
    stem: str
    steps: tuple[str, ...]


class Analyser:
    """Reads words with a lexicon; `is_loan` tells whether a stem is a noun of Russian."""

    def __init__(self, known: Lexicon, is_loan: Callable[[str], bool] = lambda stem: False) -> None:
        self.stems = known.stems
        self.chains = Chains(known.steps)
        self.is_loan = is_loan
        self.irregular = irregular()
        self._spelt = frozenset(part for _, stem in known.stems for part in spelt(stem))
        self._read: dict[str, tuple[str, bool]] = {}

    def is_known(self, kind: Kind, stem: str) -> bool:
        """Tell whether a stem is in the lexicon."""
        return (kind, stem) in self.stems

    def stem_cost(self, kind: Kind, stem: str) -> float:
        """Return what a stem costs, in nats."""
        cost = self.stems.get((kind, stem))
        if cost is not None:
            return cost
        cost = NEW_STEM[kind] + NEW_LETTER * len(stem)
        if kind == "noun" and len(stem) > 3 and cost > LOAN and self.is_loan(stem):
            return LOAN
        if kind == "verb" and (noun := self.made_of(stem)):
            return min(cost, self.stems["noun", noun] + DERIVED)
        return cost

    def made_of(self, root: str) -> str:
        """Return the known noun that a verb is made of with -ла and its kin (айғақ - айғақта), or ''."""
        noun, suffix = root[:-2], root[-2:]
        if len(noun) > 1 and suffix in MAKES_VERB and ("noun", noun) in self.stems:
            return noun if SOUND.get(noun[-1], "T") in MAKES_VERB[suffix] else ""
        return ""

    def readings(self, word: str) -> list[Reading]:
        """Return the readings of a word in plain spelling, the cheapest first."""
        found: dict[tuple[Kind, str], Reading] = {}
        for reading in self._readings(beginnings(word, self.is_known, lambda kind, stem: True), word):
            before = found.get((reading.kind, reading.stem))
            if before is None or reading.cost < before.cost:
                found[reading.kind, reading.stem] = reading
        return sorted(found.values())

    def cheapest(self, word: str) -> Reading | None:
        """Return the first of `readings`, without making those that cannot be it: a known stem is mostly cheaper."""
        best: Reading | None = None
        for reading in self._readings(beginnings(word, self.is_known, self._is_derived, self._may_begin), word):
            best = reading if best is None or reading[:3] < best[:3] else best
        if best is not None and best.cost < LEAST_NEW:
            return best

        def may_be_new(kind: Kind, stem: str) -> bool:
            if best is None or (kind == "noun" and len(stem) > 3 and best.cost >= LOAN):
                return True
            return NEW_STEM[kind] + NEW_LETTER * len(stem) <= best.cost or self._is_derived(kind, stem)

        for reading in self._readings(beginnings(word, self.is_known, may_be_new), word):
            best = reading if best is None or reading[:3] < best[:3] else best
        return best

    def _is_derived(self, kind: Kind, stem: str) -> bool:
        return kind == "verb" and self.made_of(stem) != ""

    def _may_begin(self, part: str) -> bool:
        return part in self._spelt or part[-2:] in MAKES_VERB

    def _readings(self, starts: Iterable[Beginning], word: str) -> Iterator[Reading]:
        for start in starts:
            chain = self.chains.read(word[start.length :], (start.state, start.sound, start.front))
            if chain is not None:
                cost = chain.cost + self.stem_cost(start.kind, start.stem)
                yield Reading(cost, start.kind, start.stem, chain.steps)

    def base(self, word: str) -> str:
        """Return the base of a word in plain spelling: a noun and the like, or a verb's verbal noun (берді - беру).

        The base of a base is itself.
        """
        for _ in range(MAX_BASES):
            found, _ = self.best(word)
            if found == word:
                break
            word = found
        return word

    def best(self, word: str) -> tuple[str, bool]:
        """Return the base by the likeliest reading of a word, and whether the lexicon has its stem."""
        found = self._read.get(word)
        if found is None:
            if len(self._read) >= MAX_READ:
                self._read.clear()
            found = self._read[word] = self._best(word)
        return found

    def _best(self, word: str) -> tuple[str, bool]:
        if word in self.irregular:
            return self.irregular[word], True
        best = self.cheapest(word) if len(word) <= MAX_WORD else None
        if best is None:
            return word, False
        known = (best.kind, best.stem) in self.stems
        return (infinitive(best.stem) if best.kind == "verb" else best.stem), known

    def asked(self, word: str) -> tuple[str, ...]:
        """Return the bases that somebody may mean by `word`, the likeliest first.

        What may be a verb's root is also asked as the verb, even where it is a noun too (ат: horse, shoot).
        """
        base = self.base(word)
        root = ("verb", word) in self.stems or ("noun", word) not in self.stems
        bases = (base, self.base(infinitive(word))) if root and word[-1:] != "у" else (base,)
        return tuple(dict.fromkeys(bases))

    def is_sure(self, word: str) -> bool:
        """Tell whether a word is read with a stem of the lexicon."""
        return self.best(word)[1]
