"""Compiles the regular expressions of `sources.toml`, which run over addresses that strangers wrote.

Python's matcher tries alternatives one after the other, so a pattern like `(a+)+$` takes for ever on an address made
for it. Before a pattern is accepted its choices are counted: places where the next character does not decide how to go
on (Brüggemann-Klein and Wood call an expression without any deterministic). The product of what there is to choose at
each bounds the ways that the matcher can try; patterns with more than MAX_CHOICES are refused.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from archive.errors import DauysError

MAX_PATTERN = 500
"""Characters of one pattern; the longest in use has 190."""
MAX_SUBJECT = 2048
"""Characters of an address that patterns are searched in; a longer one is no article."""
MAX_CHOICES = 64 * MAX_SUBJECT
"""Ways to try: one stretch of free length beside a few small alternatives. Two such stretches would be four million
ways, each of up to 2,048 steps."""

Characters = frozenset[int]
"""Codes of ASCII characters: canonical addresses hold no others."""
_ALL: Characters = frozenset(range(128))
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_parser: Any = importlib.import_module("re._parser")  # private, and the only way to the tree that `re` itself matches


class BadPatternError(DauysError, ValueError):
    """Raised for a text that is no regular expression, or one that could take for ever."""


def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile one pattern. Raises BadPatternError."""
    if len(text) > MAX_PATTERN:
        raise BadPatternError(f"a pattern of {len(text)} characters, more than {MAX_PATTERN}")
    try:
        pattern = re.compile(text)
        choices = count_choices(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPatternError(f'"{text[:60]}" is no regular expression: {error}') from error
    if choices > MAX_CHOICES:
        raise BadPatternError(
            f'"{text[:60]}" could take for ever on an address made for it: repeats that can match the same characters '
            f"stand inside or beside each other; begin with ^ and put between them what they cannot match"
        )
    return pattern


def count_choices(text: str) -> int:
    """Return an upper bound of the ways that a search for `text` can try in MAX_SUBJECT characters."""
    tree = _parser.parse(text)
    nodes = list(tree)
    anchored = bool(nodes) and _kind(nodes[0]) == "AT" and str(nodes[0][1]).startswith("AT_BEGINNING")
    starts = 1 if anchored and not tree.state.flags & re.MULTILINE else MAX_SUBJECT
    return min(starts * _Counter().sequence(nodes, frozenset()), MAX_CHOICES * MAX_SUBJECT)


def _kind(node: tuple[Any, Any]) -> str:
    return str(node[0])


class _Counter:
    """Counts choices from the end of a pattern to its beginning, knowing what may follow."""

    def sequence(self, nodes: Sequence[tuple[Any, Any]], follow: Characters) -> int:
        """Return the product of the choices of `nodes`, after which a character of `follow` may come."""
        total = 1
        for node in reversed(nodes):
            total = min(total * self.node(node, follow), MAX_CHOICES * MAX_SUBJECT)
            first, nullable = self.first([node])
            follow = first | follow if nullable else first
        return total

    def node(self, node: tuple[Any, Any], follow: Characters) -> int:
        kind, value = _kind(node), node[1]
        if kind in _REPEATS:
            least, most, body = value
            return self.repeat(least, most, list(body), follow)
        if kind == "BRANCH":
            return self.branch(value[1], follow)
        if kind == "SUBPATTERN":
            return self.sequence(list(value[3]), follow)
        if kind == "ATOMIC_GROUP":
            return self.sequence(list(value), follow)
        if kind in {"ASSERT", "ASSERT_NOT"}:
            return self.sequence(list(value[1]), frozenset())
        if kind in {"GROUPREF", "GROUPREF_EXISTS"}:
            raise re.error("references to groups are not taken here")
        return 1

    def repeat(self, least: int, most: int, nodes: list[tuple[Any, Any]], follow: Characters) -> int:
        first, nullable = self.first(nodes)
        inner = self.sequence(nodes, follow | first if most > 1 else follow)
        if nullable and most > 1:
            inner = max(inner, 2)  # an empty round is one more way to do the same
        rounds = min(int(most), MAX_SUBJECT)
        inside = inner if rounds <= 1 or inner == 1 else inner ** min(rounds, 32)
        free = least != most and bool(first & follow)
        return min(inside * (min(rounds - least + 1, MAX_SUBJECT) if free else 1), MAX_CHOICES * MAX_SUBJECT)

    def branch(self, branches: Iterable[Iterable[tuple[Any, Any]]], follow: Characters) -> int:
        firsts, most = [], 1
        for branch in branches:
            nodes = list(branch)
            first, nullable = self.first(nodes)
            firsts.append(first | follow if nullable else first)
            most = max(most, self.sequence(nodes, follow))
        together = max((sum(code in first for first in firsts) for code in frozenset().union(*firsts)), default=1)
        return max(together, 1) * most

    def first(self, nodes: Iterable[tuple[Any, Any]]) -> tuple[Characters, bool]:
        """Return the characters that a match of `nodes` may begin with, and whether it may be empty."""
        found: Characters = frozenset()
        for node in nodes:
            one, nullable = self.first_of(node)
            found |= one
            if not nullable:
                return found, False
        return found, True

    def first_of(self, node: tuple[Any, Any]) -> tuple[Characters, bool]:
        kind, value = _kind(node), node[1]
        if kind in _REPEATS:
            first, nullable = self.first(list(value[2]))
            return first, nullable or value[0] == 0
        if kind == "BRANCH":
            both = [self.first(list(branch)) for branch in value[1]]
            return frozenset().union(*(first for first, _ in both)), any(nullable for _, nullable in both)
        if kind == "SUBPATTERN":
            return self.first(list(value[3]))
        if kind == "ATOMIC_GROUP":
            return self.first(list(value))
        if kind in {"AT", "ASSERT", "ASSERT_NOT"}:
            return frozenset(), True
        return self.characters(node), False

    def characters(self, node: tuple[Any, Any]) -> Characters:
        """Return the characters that a node of one character may match, whatever flags say of upper and lower case."""
        kind, value = _kind(node), node[1]
        if kind == "LITERAL":
            return _both_cases([value])
        if kind == "NOT_LITERAL":
            return _ALL - {value}
        if kind == "CATEGORY":
            return frozenset(code for code in _ALL if re.match(_CATEGORIES[str(value)], chr(code)))
        if kind == "RANGE":
            return _both_cases(range(value[0], min(value[1], 127) + 1))
        if kind == "IN" and _kind(value[0]) != "NEGATE":
            return frozenset().union(*(self.characters(one) for one in value))
        if kind == "IN":
            return _ALL - frozenset().union(*map(self.exactly, value[1:]))
        return _ALL  # ANY, and whatever a later Python adds

    def exactly(self, node: tuple[Any, Any]) -> Characters:
        """Return the characters of one member of a set, in the case it is written in."""
        kind, value = _kind(node), node[1]
        if kind == "LITERAL":
            return frozenset({value})
        if kind == "RANGE":
            return frozenset(range(value[0], min(value[1], 127) + 1))
        return self.characters(node) if kind == "CATEGORY" else frozenset()


def _both_cases(codes: Iterable[int]) -> Characters:
    inside = [chr(code) for code in codes if code < 128]
    return frozenset(ord(other) for char in inside for other in (char.lower(), char.upper()))
