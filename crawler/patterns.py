"""The regular expressions of `sources.toml`, searched in addresses that strangers wrote, and never for long."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import regex

from archive.errors import DauysError

MAX_PATTERN = 500
"""Characters of one pattern; the longest in use has 190."""
MAX_SUBJECT = 2048
"""Characters of an address that patterns are searched in; a longer one is no article."""
SEARCH_LIMIT_S = 0.05
"""Seconds of one search. An honest one takes microseconds; a pattern like `(a+)+$` would take for ever on an address
made for it."""

log = logging.getLogger("dauys.patterns")


class BadPatternError(DauysError, ValueError):
    """Raised for a text that is no regular expression."""


@dataclass(frozen=True, slots=True)
class AddressPattern:
    """One compiled pattern; two are equal when their texts are."""

    pattern: str
    _compiled: regex.Pattern[str] = field(compare=False, repr=False)

    def search(self, address: str) -> bool:
        """Tell whether the pattern is found in an address; a search that takes too long finds nothing."""
        try:
            return self._compiled.search(address[:MAX_SUBJECT], timeout=SEARCH_LIMIT_S) is not None
        except TimeoutError:
            log.warning("the pattern %s took too long on %s", self.pattern, address[:200])
            return False


def compile_pattern(text: str) -> AddressPattern:
    """Compile one pattern, in the syntax of Python's `re`. Raises BadPatternError."""
    if len(text) > MAX_PATTERN:
        raise BadPatternError(f"a pattern of {len(text)} characters, more than {MAX_PATTERN}")
    try:
        return AddressPattern(text, regex.compile(text))
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadPatternError(f'"{text[:60]}" is no regular expression: {error}') from error
