"""Reads a text's tokens with what capitals and digits say: a name, a number, the start of a sentence. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress, islice

from pipelines.dedupe.words import STEM_LETTERS, TOKEN, folded, stem, visible

MAX_WORDS = 3_000
"""Tokens of each text that are laid side by side: a bound on time; a template shows itself long before."""

_GROUPED = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d.,:])|" + TOKEN.pattern)
"""Tokens as elsewhere, but a number whose thousands are set apart is one."""
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
_COUNTED = frozenset(stem(folded(word)) for word in _COUNTED_WORDS.split())
# After these a capital begins a sentence and tells nothing of a name.
_ENDS_SENTENCE = re.compile(r"[.!?…\n:;|•]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One token: folded whole, its stem, and whether it reads as a name (a capital inside a sentence) or a number."""

    text: str
    stem: str
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
    """The tokens of a text, at most `MAX_WORDS`, from which a `Word` is made where it is asked for."""

    __slots__ = ("_capital", "_counted", "_spans", "_text", "_texts", "mentioned", "numbers", "stems")

    def __init__(self, text: str) -> None:
        self._text = visible(text)
        raw = _GROUPED.findall(self._text)[:MAX_WORDS]
        # Folding turns letters into letters and leaves the rest, so that the tokens stay the same.
        self._texts = _GROUPED.findall(folded(self._text))[:MAX_WORDS]
        self.stems = [token[:STEM_LETTERS] for token in self._texts]
        self._capital = [token[0].isupper() for token in raw]
        self._counted = [stem in _COUNTED for stem in self.stems]
        for at, token in enumerate(raw):
            if token[0].isdigit():
                self._texts[at] = _figure(token)
                self._counted[at] = True
        self.mentioned = frozenset(compress(self.stems, self._capital))
        """The stems of all that may be names."""
        self.numbers = list(compress(range(len(raw)), self._counted))
        """Where numbers are."""
        self._spans: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.stems)

    def word(self, at: int) -> Word:
        """Return the token at a place."""
        number = self._counted[at]
        capital = self._capital[at] and not number
        opening = capital and self._begins_sentence(at)
        return Word(
            text=self._texts[at], stem=self.stems[at], name=capital and not opening, number=number, opening=opening
        )

    def part(self, start: int, end: int) -> list[Word]:
        """Return the tokens [start, end)."""
        return [self.word(at) for at in range(start, end)]

    def _begins_sentence(self, at: int) -> bool:
        """Tell whether a sentence begins here; the point of an initial or of `г.`, `ул.`, `им.` ends none."""
        if not at:
            return True
        if not self._spans:
            self._spans = [match.span() for match in islice(_GROUPED.finditer(self._text), MAX_WORDS)]
        between = self._text[self._spans[at - 1][1] : self._spans[at][0]]
        mark = _ENDS_SENTENCE.search(between)
        if mark is None:
            return False
        before = self._texts[at - 1]
        return not (mark.group() == "." and "\n" not in between and len(before) <= 3 and not before.isdigit())


def _figure(raw: str) -> str:
    """Return a number written in figures in one spelling: 12 400, 12,400 and 12400; 3,5 and 3.5."""
    return re.sub(r"\D", "", raw) if _THOUSANDS.fullmatch(raw) else raw.replace(",", ".")
