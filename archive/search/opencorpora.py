"""The OpenCorpora dictionary as pymorphy3 ships it, no more of it loaded than the words that are asked for need.

pymorphy3 makes a tag of each of 5,532 sets of grammemes, and looks through all installed packages for dictionaries,
before it can say that it knows a word. What most words need is read here from the same files, in a tenth of the time;
`Guessing` is pymorphy3 itself, over what was read, for words that the dictionary does not have.
"""

from __future__ import annotations

import json
from array import array
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

try:
    from dawg import IntCompletionDAWG, RecordDAWG
except ImportError:  # pymorphy3 does with the one of Python where there is none of C
    from dawg_python import IntCompletionDAWG, RecordDAWG

import pymorphy3_dicts_ru

YO: Final = {"е": "ё"}
"""What is printed for what: pymorphy3.lang.ru.CHAR_SUBSTITUTES."""


class Reading(NamedTuple):
    """A word as a form of a known one: how that is spelt in full, its tag and its dictionary form."""

    spelt: str
    paradigm: int
    at: int
    form: str


class Known:
    """The words that the dictionary has."""

    def __init__(self) -> None:
        self.path = Path(pymorphy3_dicts_ru.get_path())
        self.words = RecordDAWG(">HH").load(str(self.path / "words.dawg"))
        self.replaces = self.words.compile_replaces(YO)
        self.suffixes: list[str] = self.read("suffixes.json")
        self.paradigms = _Paradigms((self.path / "paradigms.array").read_bytes())
        self.meta: dict[str, Any] = dict(self.read("meta.json"))
        self.prefixes: list[str] = self.meta["compile_options"]["paradigm_prefixes"]

    def read(self, name: str) -> Any:
        """Return what one of the dictionary's files holds."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    @cached_property
    def tags(self) -> list[str]:
        """The grammemes of words, by number."""
        found: list[str] = self.read("gramtab-opencorpora-int.json")
        return found

    @cached_property
    def counted(self) -> Any:
        """How often a word has been each of what it may be, in millionths, by `word:tag`."""
        return IntCompletionDAWG().load(str(self.path / "p_t_given_w.intdawg"))

    def has(self, word: str) -> bool:
        """Tell whether a lower-case word is there, in whatever form; ё may be spelt е."""
        return bool(self.words.similar_keys(word, self.replaces))

    def readings(self, word: str) -> list[Reading]:
        """Return what a lower-case word may be, in the dictionary's order."""
        return [
            Reading(spelt, paradigm, at, self._form(spelt, paradigm, at))
            for spelt, found in self.words.similar_items(word, self.replaces)
            for paradigm, at in found
        ]

    def tag(self, reading: Reading) -> str:
        """Return the grammemes of a reading."""
        paradigm = self.paradigms[reading.paradigm]
        return self.tags[paradigm[len(paradigm) // 3 + reading.at]]

    def weighed(self, word: str, readings: list[Reading]) -> list[Reading]:
        """Return the readings of a word, the likeliest first, as far as it was counted."""
        counts = [self.counted.get(f"{word}:{self.tag(reading)}", 0) for reading in readings]
        order = sorted(range(len(readings)), key=counts.__getitem__, reverse=True)
        return [readings[at] for at in order]

    def _form(self, spelt: str, number: int, at: int) -> str:
        """Return the dictionary form: `pymorphy3.opencorpora_dict.Dictionary.build_normal_form`."""
        if not at:
            return spelt
        paradigm = self.paradigms[number]
        size = len(paradigm) // 3
        ending = len(self.suffixes[paradigm[at]])
        stem = spelt[len(self.prefixes[paradigm[size * 2 + at]]) : len(spelt) - ending]
        return self.prefixes[paradigm[size * 2]] + stem + self.suffixes[paradigm[0]]


class _Paradigms:
    """The paradigms by number: the numbers of their forms' suffixes, tags and prefixes one after the other."""

    def __init__(self, packed: bytes) -> None:
        self.numbers = array("H")
        self.numbers.frombytes(packed)
        self.starts: list[int] = []
        start = 1
        for _ in range(self.numbers[0]):
            self.starts.append(start + 1)
            start += 1 + self.numbers[start]

    def __getitem__(self, number: int) -> array[int]:
        start = self.starts[number]
        return self.numbers[start : start + self.numbers[start - 1]]


class _Tags(dict[int, Any]):
    """Number -> tag, made when it is looked up."""

    def __init__(self, make: Any, strings: list[str]) -> None:
        super().__init__()
        self.make = make
        self.strings = strings

    def __missing__(self, number: int) -> Any:
        tag = self[number] = self.make(self.strings[number])
        return tag


def guessing(known: Known) -> Any:
    """Return pymorphy3's analyser over a dictionary that was read."""
    import pymorphy3
    from pymorphy3 import analyzer, dawg, opencorpora_dict, tagset

    class Dictionary(opencorpora_dict.Dictionary):  # type: ignore[misc]
        """The same, its files not read again."""

        def __init__(self) -> None:
            self.Tag = tagset.registry["opencorpora-int"]
            self.Tag._init_grammemes(known.read("grammemes.json"))
            self.gramtab = _Tags(self.Tag, known.tags)
            self.paradigms, self.suffixes, self.words = known.paradigms, known.suffixes, known.words
            self.paradigm_prefixes, self.meta = known.prefixes, known.meta
            self.prediction_suffixes_dawgs = [
                dawg.PredictionSuffixesDAWG().load(str(known.path / f"prediction-suffixes-{number}.dawg"))
                for number in range(len(known.prefixes))
            ]
            self.lang, self.path = "ru", str(known.path)

    class Guessing(pymorphy3.MorphAnalyzer):  # type: ignore[misc]
        """The same, over this dictionary."""

        def __init__(self) -> None:
            self.dictionary = Dictionary()
            self.lang = "ru"
            self.prob_estimator = analyzer.ProbabilityEstimator(str(known.path))
            self._result_type = None
            self._init_char_substitutes(analyzer.auto)
            self._init_units()

    return Guessing()
