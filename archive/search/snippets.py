"""Show where a search matched: the piece of an article's own text with most of what was asked, in whatever form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.search.analyser import Token, tokens
from archive.search.folding import clean
from archive.search.kazakh.grammar import LETTERS as KAZAKH_LETTERS

SNIPPET_WORDS = 24
BEFORE = 4
"""Words before the first hit that a snippet shows."""
MAX_CHARS = 100_000
"""Of a longer text only the beginning is looked through."""

LONG, LONGER = 6, 7
"""Letters of a base from which on its forms begin with the same two letters, and with the same three unless it is a
verb: of 714,000 words 260 do not, most of them меньше, which is маленький."""
VERBS = ("ть", "ться", "ти", "чь")
HIDING = 7
"""Letters of the longest nouns and verbs with forms that begin with another letter: человек, ребёнок."""
ADJECTIVES = ("ый", "ий", "ой")
UNLIKE = ("бұл",)
"""Words with Kazakh letters whose forms begin otherwise: мұны. Suffixes change no more than the end of all others."""
MOVABLE = "свои"
"""First letters that may be a prefix, which wins a letter from form to form: стереть, сотру."""

_KAZAKH = frozenset(KAZAKH_LETTERS)
LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяёәғқңөұүһі"

HIT_BEGINS, HIT_ENDS = "\ue000", "\ue001"
"""Stand around the words that matched in a snippet: characters for private use, which no article needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a query asks for: an FTS5 expression, and the bases and beginnings that its wanted words have."""

    expression: str
    bases: frozenset[str]
    beginnings: tuple[str, ...]

    def meets(self, base: str) -> bool:
        """Tell whether a word with this base was asked for."""
        return base in self.bases or base.startswith(self.beginnings)

    def is_hidden(self) -> bool:
        """Tell whether forms may begin otherwise than what was asked for: люди, наивысший; none of a long noun does,
        nor of a word with Kazakh letters but those of UNLIKE."""
        return any(
            base in UNLIKE or ((len(base) <= HIDING or base.endswith(ADJECTIVES)) and _KAZAKH.isdisjoint(base))
            for base in self.bases
        )

    def near(self) -> re.Pattern[str]:
        """Return how a word begins that may be a form of what was asked for; nearly no other word is one.

        Words of other than Cyrillic letters may begin as they like.
        """
        begins = {_beginning(word) for word in (*self.bases, *self.beginnings)} - {""}
        asked = "|".join(re.escape(begin).replace("е", "[её]") for begin in sorted(begins))
        return re.compile(f"{asked}|[^{LETTERS}]|.[^{LETTERS}]" if asked else f"[^{LETTERS}]|.[^{LETTERS}]")


def _beginning(base: str) -> str:
    """Return what the forms of a base begin with: one letter of a short one (сон, сна), more of a long one."""
    if len(base) < LONG or base[0] in MOVABLE:
        return base[:1]
    return base[: 2 if len(base) < LONGER or base.endswith(VERBS) else 3]


def snippet(text: str, language: str | None, match: Match, *, length: int = SNIPPET_WORDS) -> str:
    """Return `length` words of a text as one line, around most of what matched, each hit between its markers."""
    text = clean(text[:MAX_CHARS])
    found = list(tokens(text, language, near=match.near()))
    if not found:
        return " ".join(text.split())
    hits = [at for at, token in enumerate(found) if token.base and match.meets(token.base)]
    if not hits and match.is_hidden():
        found = list(tokens(text, language))
        hits = [at for at, token in enumerate(found) if match.meets(token.base)]
    first = _best(found, hits, length)
    last = min(first + length, len(found)) - 1
    wanted = {at for at in hits if first <= at <= last}
    line: list[str] = []
    at = found[first].start if first else 0
    for number in range(first, last + 1):
        token = found[number]
        word = text[token.start : token.end]
        line += [text[at : token.start], f"{HIT_BEGINS}{word}{HIT_ENDS}" if number in wanted else word]
        at = token.end
    if last + 1 == len(found):
        line.append(text[at:])
    shown = " ".join("".join(line).split())
    return f"{'…' if first else ''}{shown}{'…' if last + 1 < len(found) else ''}"


def _best(found: list[Token], hits: list[int], length: int) -> int:
    """Return the word that the snippet begins with: the window with most different bases, then with most hits."""
    best, first = (0, 0), 0
    for number, at in enumerate(hits):
        inside = [found[other].base for other in hits[number : number + length] if other < at + length - BEFORE]
        worth = (len(set(inside)), len(inside))
        if worth > best:
            best, first = worth, at
    return max(0, min(first - BEFORE, len(found) - length))
