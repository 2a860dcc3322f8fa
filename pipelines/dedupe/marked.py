"""Reads a text's tokens with what capitals and digits say: a name, a number, the start of a sentence. Pure."""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

import numpy as np

from pipelines.dedupe.signature import Signature, triples
from pipelines.dedupe.tokens import (
    DIGIT,
    MAX_CHARS,
    MAX_WORDS,
    Flags,
    Hashes,
    Indices,
    Integers,
    hash_of_stem,
    stem_hashes,
    tokens,
)
from pipelines.dedupe.words import folded, stem

_GROUPED = re.compile(r"(?<!\d)(?<!\d[.,:])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d.,:])")
"""A number whose thousands are set apart, which is one token here."""
_THOUSANDS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f.,]\d{3})+")

# Number words, months and days of the week differ between the fillings of a template as figures do.
_COUNTED_WORDS = """
один одна одного одной два две двух двое три трех трое тремя четыре четырех четверо пять пяти пятеро шесть шести
семь семи восемь восьми девять девяти десять десяти одиннадцать двенадцать пятнадцать двадцать тридцать сорок
пятьдесят сто двести триста
екі үш төрт бес алты жеті сегіз тоғыз жиырма отыз қырық елу алпыс жетпіс сексен тоқсан жүз
one two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty
январь января февраль февраля март марта апрель апреля май мая июнь июня июль июля август августа
сентябрь октябрь ноябрь декабрь понедельник вторник среда среду четверг пятница субботу воскресенье
қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан
дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі
january february march april june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
"""
_COUNTED = np.array(sorted({hash_of_stem(stem(folded(word))) for word in _COUNTED_WORDS.split()}), np.uint64)
# After these a capital begins a sentence and tells nothing of a name.
_COUNTED_ONES = frozenset(_COUNTED.tolist())
_ENDS_SENTENCE = re.compile(r"[.!?…\n:;|•]")


class Word(NamedTuple):
    """One token: folded whole, its stem, and whether it reads as a name (a capital inside a sentence) or a number."""

    text: str
    stem: str
    key: int
    """The hash of the stem."""
    name: bool
    number: bool
    opening: bool
    """It begins a sentence with a capital: a name or not, one cannot tell."""

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.name or self.opening

    @property
    def value(self) -> str:
        """What two equal numbers have in common: all figures, but a number word without its ending."""
        return self.text if self.text[0].isdigit() else self.stem


class Words:
    """The tokens of a text, at most `MAX_WORDS`, from which a `Word` is made where it is asked for.

    `made`, the signature of the same text, spares reading it again where it was read in this process.
    """

    def __init__(self, text: str, made: Signature | None = None) -> None:
        places = made.places if made is not None else None
        if made is not None and places is not None and not _beside(places.starts, places.ends, places.figures).any():
            self._text = places.text
            self._starts, self._ends, self._capital = places.starts, places.ends, places.capital
            self._figures, self.stems = places.figures, made.stems[:MAX_WORDS]
            self.anchors = made.threes[: max(len(self.stems) - 2, 0)]
            """The hash of every three stems in a row."""
            return
        found = tokens(text[:MAX_CHARS], MAX_WORDS)
        self._text = found.text
        starts, ends, capital, self.stems = found.starts, found.ends, found.capital, found.stems
        figures = found.kinds == DIGIT
        if (merged := _merged(found.text, starts, ends, figures)) is not None:
            ends, kept = merged
            starts, ends, capital, figures = starts[kept], ends[kept], capital[kept], figures[kept]
            self.stems = stem_hashes(found.units, starts, ends)
        self._starts, self._ends = starts.astype(np.int32), ends.astype(np.int32)
        self._capital, self._figures = capital, figures
        self.anchors = triples(self.stems)

    @cached_property
    def mentioned(self) -> frozenset[int]:
        """The hashes of the stems of all that may be names."""
        return frozenset(self.stems[self._capital].tolist())

    @cached_property
    def numbers(self) -> list[int]:
        """Where numbers are."""
        found: list[int] = (self._figures | _among(self.stems, _COUNTED)).nonzero()[0].tolist()
        return found

    @cached_property
    def listed(self) -> list[int]:
        """The hashes of the stems, for comparing them one by one."""
        found: list[int] = self.stems.tolist()
        return found

    @cached_property
    def by_anchor(self) -> tuple[list[int], Hashes]:
        """The places of the anchors in the order of their hashes, equal ones in their own, and these hashes."""
        order = self.anchors.argsort(kind="stable")
        return order.tolist(), self.anchors[order]

    def __len__(self) -> int:
        return len(self.stems)

    def word(self, at: int) -> Word:
        """Return the token at a place."""
        key = int(self.stems[at])
        number = bool(self._figures[at]) or key in _COUNTED_ONES
        capital = bool(self._capital[at]) and not number
        opening = capital and self._begins_sentence(at)
        raw = self._text[self._starts[at] : self._ends[at]]
        written = folded(raw)
        return Word(
            text=_figure(raw) if raw[0].isdigit() else written,
            stem=stem(written),
            key=key,
            name=capital and not opening,
            number=number,
            opening=opening,
        )

    def value(self, at: int) -> str:
        """Return the value of the number at a place."""
        raw = self._text[self._starts[at] : self._ends[at]]
        return _figure(raw) if raw[0].isdigit() else stem(folded(raw))

    def part(self, start: int, end: int) -> list[Word]:
        """Return the tokens [start, end)."""
        return [self.word(at) for at in range(start, end)]

    def _begins_sentence(self, at: int) -> bool:
        """Tell whether a sentence begins here; the point of an initial or of `г.`, `ул.`, `им.` ends none."""
        if not at:
            return True
        before = self._text[self._starts[at - 1] : self._ends[at - 1]]
        between = self._text[self._ends[at - 1] : self._starts[at]]
        mark = _ENDS_SENTENCE.search(between)
        if mark is None:
            return False
        return not (mark.group() == "." and "\n" not in between and len(before) <= 3 and not before.isdigit())


def _beside(starts: Integers, ends: Integers, figures: Flags) -> Flags:
    """Tell where three figures stand one character behind a number: thousands that are set apart, perhaps."""
    found: Flags = figures[1:] & figures[:-1] & (starts[1:] - ends[:-1] == 1) & (ends[1:] - starts[1:] == 3)
    return found


def _merged(text: str, starts: Indices, ends: Indices, figures: Flags) -> tuple[Indices, Flags] | None:
    """Return where tokens end, and which of them stay, with grouped thousands as one; None where there are none."""
    if not _beside(starts, ends, figures).any():
        return None
    kept = np.ones(len(starts), bool)
    ends = ends.copy()
    for match in _GROUPED.finditer(text):
        first, behind = np.searchsorted(starts, match.span())
        if first < behind:
            kept[first + 1 : behind] = False
            ends[first] = match.end()
    return ends, kept


def _among(these: Hashes, known: Hashes) -> Flags:
    """Tell which of `these` are among sorted `known` ones; `np.isin` does the same at many times the cost."""
    at = np.searchsorted(known, these)
    at[at == len(known)] = 0
    found: Flags = known[at] == these
    return found


def _figure(raw: str) -> str:
    """Return a number written in figures in one spelling: 12 400, 12,400 and 12400; 3,5 and 3.5."""
    return re.sub(r"\D", "", raw) if _THOUSANDS.fullmatch(raw) else raw.replace(",", ".")
