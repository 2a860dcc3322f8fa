"""Lays two texts of the same wording side by side and counts what differs: names, numbers, or ordinary words.

A reprint differs from its original by insertions, deletions, moved paragraphs, typos and edited words. A text
made from the same template differs by fillers: an unrelated name stands where a name stood, a number where a
number stood, and the frame around them is the same. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice, pairwise

from pipelines.dedupe.words import STEM_LETTERS, TOKEN, folded, stem, visible

MAX_WORDS = 3_000
"""Tokens of each text that are laid side by side: a bound on time; a template shows itself long before."""
ANCHOR = 3
"""Equal stems in a row that hold two texts together."""
FAMILIAR = 50
"""Places looked at for one anchor: a text that repeats three words endlessly must not cost the square of its length."""
SHORTEST_NAME = 3
"""Letters of the shortest abbreviation that is taken for its long form (Mar, March)."""
LOOSE_WORDS = 2
"""Ordinary words that may differ along with the names of a slot; more make it a rewritten passage."""
EDGE = 6
"""Tokens before the first anchor, or after the last, that may still be a slot."""
GAP = 40
"""Tokens between two anchors that may still be a slot; a longer difference is a rewritten passage."""

_GROUPED = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d.,:])|" + TOKEN.pattern)
"""Tokens as elsewhere, but a number whose thousands are set apart is one."""
_THOUSANDS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f.,]\d{3})+")

# Number words, months and days of the week differ between the fillings of a template as figures do.
_COUNTED = frozenset(
    stem(folded(word))
    for word in (
        "один одна одного одной два две двух двое три трех трое тремя четыре четырех четверо пять пяти пятеро шесть шести "
        "семь семи восемь восьми девять девяти десять десяти одиннадцать двенадцать пятнадцать двадцать тридцать сорок "
        "пятьдесят сто двести триста "
        "бір екі үш төрт бес алты жеті сегіз тоғыз он жиырма отыз қырық елу алпыс жетпіс сексен тоқсан жүз "
        "one two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty "
        "январь января февраль февраля март марта апрель апреля май мая июнь июня июль июля август августа "
        "сентябрь октябрь ноябрь декабрь понедельник вторник среда среду четверг пятница субботу воскресенье "
        "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан "
        "дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі "
        "january february march april june july august september october november december "
        "monday tuesday wednesday thursday friday saturday sunday"
    ).split()
)

# After these a capital begins a sentence and tells nothing of a name.
_ENDS_SENTENCE = re.compile(r"[.!?…\n:;|•]")
# Enough of a romanisation to see that two spellings are one name, after Cyrillic letters that look Latin were folded.
_ROMAN = str.maketrans(
    {
        "б": "b", "г": "g", "д": "d", "ж": "j", "з": "z", "и": "i", "й": "i", "л": "l", "п": "p", "ф": "f", "ц": "c",
        "ч": "ch", "ш": "sh", "щ": "sh", "ы": "y", "э": "e", "ю": "u", "я": "a", "ь": "", "ъ": "", "ә": "a",
        "b": "v", "c": "s", "h": "n", "p": "r", "x": "h", "y": "u", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u",
    }
)  # fmt: skip


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two texts that share their wording differ, in places (a place is what stands between two anchors)."""

    names: int = 0
    """Different names that stand for other names; what the other text mentions elsewhere does not count."""
    openings: int = 0
    """Words that begin a sentence and stand for another such word: names perhaps, one cannot tell."""
    numbers: int = 0
    """Different numbers that stand for other numbers."""
    agreed: int = 0
    """Numbers that stand in the same place in both."""
    edits: int = 0
    """Places where words stand for other words, or were put in or left out."""
    frame: int = 0
    """Tokens that the anchors hold."""

    @property
    def fillers(self) -> bool:
        """Whether names or numbers differ."""
        return bool(self.names or self.openings or self.numbers)


class Words:
    """The tokens of a text, at most `MAX_WORDS`, with what their capitals and digits say; `Word`s are made on demand."""

    __slots__ = ("_capital", "_counted", "_spans", "_text", "_texts", "mentioned", "numbers", "stems")

    def __init__(self, text: str) -> None:
        text = visible(text)
        low = folded(text)
        spans = [match.span() for match in islice(_GROUPED.finditer(text), MAX_WORDS)]
        self._text = text
        self._spans = spans
        self._texts = [low[start:end] for start, end in spans]
        self.stems = [token[:STEM_LETTERS] for token in self._texts]
        self._counted = [stem in _COUNTED for stem in self.stems]
        for at, (start, end) in enumerate(spans):
            if text[start].isdigit():
                self._texts[at] = _figure(text[start:end])
                self._counted[at] = True
        self._capital = [text[start].isupper() for start, _ in spans]
        self.mentioned = frozenset(compress(self.stems, self._capital))
        """The stems of all that may be names."""
        self.numbers = list(compress(range(len(spans)), self._counted))
        """Where numbers are."""

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

    def value(self, at: int) -> str:
        """Return what two equal numbers have in common: all figures, but a number word without its ending."""
        return _value(self.word(at))

    def _begins_sentence(self, at: int) -> bool:
        """Tell whether a sentence begins here; the point of an initial or of `г.`, `ул.`, `им.` ends none."""
        if not at:
            return True
        between = self._text[self._spans[at - 1][1] : self._spans[at][0]]
        mark = _ENDS_SENTENCE.search(between)
        if mark is None:
            return False
        before = self._texts[at - 1]
        return not (mark.group() == "." and "\n" not in between and len(before) <= 3 and not before.isdigit())


def difference(one: Words, other: Words) -> Difference:
    """Compare two texts place by place."""
    runs = _runs(one.stems, other.stems)
    names: set[tuple[str, str]] = set()
    openings: set[tuple[str, str]] = set()
    numbers: set[tuple[str, str]] = set()
    agreed = edits = 0
    for run in runs:
        for place in one.numbers[bisect_left(one.numbers, run.start) : bisect_left(one.numbers, run.end)]:
            pair = one.value(place), other.value(run.at + place - run.start)
            if pair[0] == pair[1]:
                agreed += 1
            else:
                numbers.add(pair)
    for left, right in _between(one, other, runs):
        if max(len(left), len(right)) > GAP:
            edits += 1
            continue
        found = _Place(left, right)
        agreed += found.agreed
        numbers.update(found.numbers())
        if (named := found.names(one.mentioned, other.mentioned)) is not None:
            names.add(named)
        elif (begun := found.openings()) is not None:
            openings.add(begun)
        else:
            edits += found.edited
    return Difference(
        names=len(names),
        openings=len(openings),
        numbers=len(numbers),
        agreed=agreed,
        edits=edits,
        frame=sum(run.end - run.start for run in runs),
    )


def _between(one: Words, other: Words, runs: Sequence[_Run]) -> Iterator[tuple[list[Word], list[Word]]]:
    """Yield what stands in each text between two anchors, and before the first and after the last in their sentences.

    What precedes a sentence, an agency's line, and what follows the last one, a credit, tells nothing. A passage
    longer than `GAP` is cut to one token more.
    """
    if not runs:
        return
    first, last = runs[0], runs[-1]
    if 0 < first.start <= GAP and 0 < first.at <= GAP:
        left, right = one.part(0, first.start), other.part(0, first.at)
        inside = not one.word(first.start).capital and max(len(left), len(right)) <= EDGE
        if inside or left[0].stem == right[0].stem:
            yield left, right
    for run, following in pairwise(runs):
        start, at = min(following.start, run.end + GAP + 1), min(following.at, run.at_end + GAP + 1)
        if run.end < start or run.at_end < at:
            yield one.part(run.end, start), other.part(run.at_end, at)
    if 0 < len(one) - last.end <= GAP and 0 < len(other) - last.at_end <= GAP:
        left, right = one.part(last.end, len(one)), other.part(last.at_end, len(other))
        inside = not (left[0].opening or right[0].opening) and max(len(left), len(right)) <= EDGE
        if inside or left[-1].stem == right[-1].stem:
            yield left, right


def alike(one: str, other: str) -> bool:
    """Tell whether two folded words are one but for its ending, a slip of the hand, its script or an abbreviation."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) >= SHORTEST_NAME and long.startswith(short):
        return True
    if one.isascii() != other.isascii() and _roman(one) == _roman(other):
        return True
    common = 0
    while common < len(short) and short[common] == long[common]:
        common += 1
    if common >= 4 and common >= len(long) - 4:
        return True
    # One slip in a short word, two in a long one.
    return len(short) > 2 and _slips(one, other, 2 if len(short) >= 7 else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Equal stems: tokens [start, end) of one text are tokens [at, at_end) of the other."""

    start: int
    end: int
    at: int
    at_end: int


class _Place:
    """What stands between two anchors in one text and in the other, without what both have."""

    def __init__(self, left: Sequence[Word], right: Sequence[Word]) -> None:
        right_numbers = {_value(word) for word in right if word.number}
        self.agreed = sum(1 for word in left if word.number and _value(word) in right_numbers)
        self.left, self.right = _unmatched(left, right), _unmatched(right, left)
        for word in list(self.left):
            twin = next((w for w in self.right if not (w.number or word.number) and alike(w.text, word.text)), None)
            if twin is not None:
                self.left.remove(word)
                self.right.remove(twin)
        if _one_name(self.left, self.right) or _one_name(self.right, self.left):
            self.left, self.right = [], []
        self.edited = bool(self.left or self.right) and not (self.numbers() and self._only_numbers())

    def numbers(self) -> list[tuple[str, str]]:
        """Return the numbers that stand for each other."""
        left = [_value(word) for word in self.left if word.number]
        right = [_value(word) for word in self.right if word.number]
        return list(zip(left, right, strict=False))

    def names(self, mentioned_left: frozenset[str], mentioned_right: frozenset[str]) -> tuple[str, str] | None:
        """Return the names that stand for each other, or None where there are none or the passage was rewritten."""
        left = [word for word in self.left if word.capital and word.stem not in mentioned_right]
        right = [word for word in self.right if word.capital and word.stem not in mentioned_left]
        if not (any(word.name for word in left) and any(word.name for word in right)):
            return None
        loose = sum(1 for word in (*self.left, *self.right) if not (word.capital or word.number))
        if loose > LOOSE_WORDS + len(left) + len(right):
            return None
        return " ".join(word.stem for word in left), " ".join(word.stem for word in right)

    def openings(self) -> tuple[str, str] | None:
        """Return the two words that begin a sentence where nothing else differs, or None."""
        if len(self.left) != 1 or len(self.right) != 1 or not (self.left[0].opening and self.right[0].opening):
            return None
        return self.left[0].stem, self.right[0].stem

    def _only_numbers(self) -> bool:
        return all(word.number for word in (*self.left, *self.right))


def _figure(raw: str) -> str:
    """Return a number written in figures in one spelling: 12 400, 12,400 and 12400; 3,5 and 3.5."""
    return re.sub(r"\D", "", raw) if _THOUSANDS.fullmatch(raw) else raw.replace(",", ".")


def _unmatched(these: Sequence[Word], those: Sequence[Word]) -> list[Word]:
    """Return the words of `these` that `those` lack, numbers compared whole."""
    stems = {word.stem for word in those}
    values = {_value(word) for word in those}
    return [word for word in these if (_value(word) not in values if word.number else word.stem not in stems)]


def _value(word: Word) -> str:
    """Return what two equal numbers have in common: all figures, but a number word without its ending."""
    return word.text if word.text[0].isdigit() else word.stem


def _one_name(these: Sequence[Word], those: Sequence[Word]) -> bool:
    """Tell whether `these` words are `those` written together or as initials: U S and US, United Kingdom and UK."""
    if not these or len(those) < 2 or any(word.number for word in (*these, *those)):
        return False
    joined = "".join(word.text for word in these)
    return joined == "".join(word.text for word in those) or joined == "".join(word.text[0] for word in those)


def _roman(word: str) -> str:
    return word if word.isascii() else word.translate(_ROMAN)


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


def _runs(one: Sequence[str], other: Sequence[str]) -> list[_Run]:
    """Return runs of equal stems, each at least `ANCHOR` long, in the order of `one`; the nearest ahead is preferred."""
    places: dict[tuple[str, str, str], list[int]] = {}
    for at in range(len(other) - ANCHOR + 1):
        places.setdefault((other[at], other[at + 1], other[at + 2]), []).append(at)
    runs: list[_Run] = []
    start = after = 0
    while start <= len(one) - ANCHOR:
        found = places.get((one[start], one[start + 1], one[start + 2]))
        if found is None:
            start += 1
            continue
        at = next((place for place in found[:FAMILIAR] if place >= after), found[0])
        end, at_end = start + ANCHOR, at + ANCHOR
        while end < len(one) and at_end < len(other) and one[end] == other[at_end]:
            end += 1
            at_end += 1
        runs.append(_Run(start=start, end=end, at=at, at_end=at_end))
        start, after = end, at_end
    return runs
