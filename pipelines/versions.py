"""Tells an edit from noise: what counts as a new version of an article, and how large the change is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_DIFF_WORDS = 20_000
"""Beyond this many words the size of a change is counted without regard to order, which is linear."""

_QUOTES = str.maketrans(
    dict.fromkeys("«»„“”‟〝〞＂″", '"')
    | dict.fromkeys("‘’‚‛`´ʼ′", "'")
    | dict.fromkeys("‐‑‒–—―−﹘－", "-")
    | {"\u00ad": None, "\u200b": None, "\u200c": None, "\u200d": None, "\u2060": None, "\ufeff": None, "…": "..."}
)
_SPACE = re.compile(r"\s+")

# Words that stand beside a number which moves by itself: views, comments, shares, the moment of the last update.
_COUNTER = re.compile(
    r"\b(?:просмотр|прочитал|комментари|репост|поделил|обновлен|дата обновления|қаралым|қаралды|оқылды|пікір|бөліс"
    r"|жаңарт|views?\b|reads?\b|comments?\b|shares?\b|likes?\b|updated\b|last modified)",
    re.IGNORECASE,
)
# A line of digits, punctuation, currency signs and at most codes of three letters: a clock, a date, a ticker.
_TICKER = re.compile(r"^(?:[\W\d_]|\b[A-Za-zА-Яа-я]{1,3}\b)*$")
_RELATED = re.compile(
    r"^\W*(?:читайте также|также по теме|материалы по теме|по теме|смотрите также|ещ[её] по теме"
    r"|тағы оқыңыз|тағы да оқыңыз|оқи отырыңыз|тақырыпқа қатысты|сондай-ақ оқыңыз"
    r"|read (?:also|more|next)|related(?: articles| stories| news)?|more on this|see also)\b",
    re.IGNORECASE,
)
MAX_COUNTER_WORDS = 8
MAX_RELATED_WORDS = 25
"""A line of a box of links is a headline; a longer one is a paragraph of the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is new in a version: characters added and removed in title and text, by words."""

    chars_added: int
    chars_removed: int
    title_changed: bool


def normal_form(title: str | None, text: str) -> tuple[str, str]:
    """Return title and text as they are compared: one kind of space, quote and dash, without lines that
    change by themselves (counters, clocks, tickers, boxes of related links)."""
    return _normal(title or ""), "\n".join(_own_lines(text))


def change(earlier: Sequence[tuple[str | None, str]], title: str | None, text: str) -> Change | None:
    """Return what changed since the last of the `earlier` versions (title, text), or None.

    A state that equals any earlier version is no change: a headline under A/B test flaps back and forth,
    and makes two versions in all.
    """
    new = normal_form(title, text)
    if any(normal_form(*version) == new for version in earlier):
        return None
    old = normal_form(*earlier[-1])
    added, removed = _changed_chars(f"{old[0]}\n{old[1]}", f"{new[0]}\n{new[1]}")
    return Change(chars_added=added, chars_removed=removed, title_changed=old[0] != new[0])


def resemblance(old: str, new: str) -> float:
    """Return the share (0 to 1) of the shorter text's word triples that the other one has too."""
    a, b = _triples(old), _triples(new)
    if not a or not b:
        return float(_normal(old) == _normal(new))
    return len(a & b) / min(len(a), len(b))


def _own_lines(text: str) -> Iterator[str]:
    in_box = False
    for raw in text.splitlines():
        line = _normal(raw)
        if not line:
            continue
        words = line.count(" ") + 1
        if _RELATED.match(line):
            in_box = True
            continue
        # a box goes on as long as its lines look like headlines
        in_box = in_box and words <= MAX_RELATED_WORDS and line[-1] not in ".!:;,"
        if in_box or _TICKER.match(line) or (words <= MAX_COUNTER_WORDS and _COUNTER.search(line)):
            continue
        yield line


def _normal(text: str) -> str:
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text).translate(_QUOTES)).strip()


def _changed_chars(old: str, new: str) -> tuple[int, int]:
    before, after = old.split(), new.split()
    if len(before) + len(after) > 2 * MAX_DIFF_WORDS:
        left, right = Counter(before), Counter(after)
        return _length((right - left).elements()), _length((left - right).elements())
    added = removed = 0
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += _length(before[a:b])
            added += _length(after[c:d])
    return added, removed


def _length(words: Iterable[str]) -> int:
    return sum(map(len, words))


def _triples(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", _normal(text).lower())
    return set(zip(words, words[1:], words[2:], strict=False))
