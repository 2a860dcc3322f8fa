"""Find the base of a Kazakh word: of all readings the grammar allows, the one that costs least.

The cost of a reading is the cost of its stem and of its chain of suffixes, in nats, as in minimum description length
morphology (J. Goldsmith, 'Unsupervised Learning of the Morphology of a Natural Language', 2001): a stem met in text
with several suffixes is cheap, an unknown one costs by its letters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Final, NamedTuple

from archive.search.kazakh.chains import Chains, Rests
from archive.search.kazakh.grammar import LETTERS, MAX_WORD, SOUND
from archive.search.kazakh.lexicon import Lexicon, irregular
from archive.search.kazakh.readings import (
    MIN_NEW,
    Kind,
    cuts,
    infinitive,
    known_beginnings,
    new_beginnings,
    spelt,
)

NEW_STEM: Final[Mapping[str, float]] = {"noun": 6.0, "verb": 7.5}
NEW_LETTER: Final = 2.2
"""What a stem that is not in the lexicon costs, and each of its letters."""
LOAN: Final = 12.0
"""What a stem costs that the Russian dictionary has as a noun: not learnt, but no chance either."""
LEAST_NEW: Final = min(LOAN, *(cost + MIN_NEW * NEW_LETTER for cost in NEW_STEM.values()))
"""What a reading costs at least whose stem is neither in the lexicon nor made of one that is."""
MAX_BASES: Final = 4
MAX_READ: Final = 20_000
"""Words whose best reading is remembered, and parts of words what known stems they may be: some 8 MB in all."""
SIEVED: Final = 1_000
"""Parts of words after which those that no known stem begins are sieved out first: a search reads fewer words, and
making the sieve would take it longer than all else that it reads of Kazakh."""
DERIVED: Final = 5.0
"""What a verb that is made of a known noun costs more than the noun."""
MAKES_VERB: Final[Mapping[str, str]] = {
    **{"ла": "VR", "ле": "VR", "да": "LNZ", "де": "LNZ", "та": "T", "те": "T"},
}
"""The suffix that makes verbs of nouns, and the sounds that each spelling of it follows."""
_NATIVE: Final = frozenset(LETTERS)


class Reading(NamedTuple):
    """A word read as `stem` (a noun and the like, or a verb's root) with `steps` of suffixes."""

    cost: float
    kind: Kind
    stem: str
    steps: tuple[str, ...]


class _Start(NamedTuple):
    """A known stem that part of a word may be: what it costs, and the chains that may be behind it."""

    cost: float
    kind: Kind
    stem: str
    behind: Rests


class Analyser:
    """Reads words with a lexicon; `is_loan` tells whether a stem is a noun of Russian,
    and is asked of none with a letter that Russian has not."""

    def __init__(self, known: Lexicon, is_loan: Callable[[str], bool] = lambda stem: False) -> None:
        self.stems = known.stems
        self.chains = Chains(known.steps)
        self.is_loan = is_loan
        self.irregular = irregular()
        self._spelt: frozenset[str] | None = None
        self._unsieved = 0
        self._read: dict[str, tuple[str, bool]] = {}
        self._begun: dict[str, tuple[_Start, ...]] = {}

    def is_known(self, kind: Kind, stem: str) -> bool:
        """Tell whether a stem is in the lexicon."""
        return (kind, stem) in self.stems

    def stem_cost(self, kind: Kind, stem: str) -> float:
        """Return what a stem costs, in nats."""
        cost = self.stems.get((kind, stem))
        if cost is not None:
            return cost
        cost = NEW_STEM[kind] + NEW_LETTER * len(stem)
        if kind == "noun" and self._may_be_loan(stem, cost) and self.is_loan(stem):
            return LOAN
        if kind == "verb" and (noun := self.made_of(stem)):
            return min(cost, self.stems["noun", noun] + DERIVED)
        return cost

    def _may_be_loan(self, stem: str, cost: float) -> bool:
        return cost > LOAN and len(stem) > 3 and _NATIVE.isdisjoint(stem)

    def made_of(self, root: str) -> str:
        """Return the known noun that a verb is made of with -ла and its kin (айғақ - айғақта), or ''."""
        noun, suffix = root[:-2], root[-2:]
        if len(noun) > 1 and suffix in MAKES_VERB and ("noun", noun) in self.stems:
            return noun if SOUND.get(noun[-1], "T") in MAKES_VERB[suffix] else ""
        return ""

    def readings(self, word: str) -> list[Reading]:
        """Return the readings of a word in plain spelling, the cheapest first."""
        found: dict[tuple[Kind, str], Reading] = {}
        for length in cuts(word):
            part, rest = word[:length], word[length:]
            known = known_beginnings(part, self.is_known, bare=not rest)
            for kind, stem, at in chain(known, new_beginnings(part, bare=not rest)):
                suffixes = self.chains.behind[at][rest]
                if suffixes is not None:
                    reading = Reading(suffixes.cost + self.stem_cost(kind, stem), kind, stem, suffixes.steps)
                    before = found.get((kind, stem))
                    if before is None or reading.cost < before.cost:
                        found[kind, stem] = reading
        return sorted(found.values())

    def cheapest(self, word: str) -> Reading | None:
        """Return the first of `readings`, without making those that cannot be it: a known stem is mostly cheaper."""
        ends = cuts(word)
        best: Reading | None = None
        for length in ends:
            rest = word[length:]
            for cost, kind, stem, behind in self._starts(word[:length], bare=not rest):
                suffixes = behind[rest]
                if suffixes is not None:
                    best = _cheaper(best, suffixes.cost + cost, kind, stem, suffixes.steps)
        return best if best is not None and best.cost < LEAST_NEW else self._cheapest_new(word, ends, best)

    def _starts(self, part: str, *, bare: bool) -> tuple[_Start, ...]:
        """Return the stems that part of a word may be, of those that are known or made of a known one."""
        sieve = self._spelt
        if sieve is None:
            self._sieve()
        elif part not in sieve and part[-2:] not in MAKES_VERB:
            return ()
        found = None if bare else self._begun.get(part)
        if found is None:
            begun = [*known_beginnings(part, self.is_known, bare=bare)]
            if self.made_of(part):
                begun += [start for start in new_beginnings(part, bare=bare) if start[:2] == ("verb", part)]
            found = tuple(
                _Start(self.stem_cost(kind, stem), kind, stem, self.chains.behind[at]) for kind, stem, at in begun
            )
            if not bare:  # whole words are remembered as such
                if len(self._begun) >= MAX_READ:
                    self._begun.clear()
                self._begun[part] = found
        return found

    def _sieve(self) -> None:
        """Count the parts that are looked up, and after SIEVED of them write down those that stems may be."""
        self._unsieved += 1
        if self._unsieved > SIEVED:
            self._spelt = frozenset(part for _, stem in self.stems for part in spelt(stem))

    def _cheapest_new(self, word: str, ends: list[int], best: Reading | None) -> Reading | None:
        """Return what is cheaper than `best`, the cheapest reading with a known stem, if there is such a one."""
        perhaps: list[Reading] = []
        native = next((at for at, letter in enumerate(word) if letter in LETTERS), len(word))
        for length in ends:
            if best is not None and native < length - 1 and NEW_STEM["noun"] + NEW_LETTER * (length - 1) > best.cost:
                break  # longer stems cost more, and none of them is a loan
            rest = word[length:]
            verbs = best is None or NEW_STEM["verb"] + NEW_LETTER * length <= best.cost
            for kind, stem, at in new_beginnings(word[:length], bare=not rest, verbs=verbs):
                suffixes = self.chains.behind[at][rest]
                if suffixes is None or (kind, stem) in self.stems:
                    continue
                cost = NEW_STEM[kind] + NEW_LETTER * len(stem)
                if kind == "noun" and self._may_be_loan(stem, cost):
                    perhaps.append(Reading(suffixes.cost + LOAN, kind, stem, suffixes.steps))
                best = _cheaper(best, suffixes.cost + cost, kind, stem, suffixes.steps)
        # whether a stem is a loan takes longest to ask: of those only that would be cheaper if they were
        for reading in sorted(perhaps):
            if best is not None and reading[:3] >= best[:3]:
                break
            if self.is_loan(reading.stem):
                return reading
        return best

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


def _cheaper(best: Reading | None, cost: float, kind: Kind, stem: str, steps: tuple[str, ...]) -> Reading:
    if best is None or (cost, kind, stem) < best[:3]:
        return Reading(cost, kind, stem, steps)
    return best
