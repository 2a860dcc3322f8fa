"""Compiles the regular expressions of `sources.toml`, which run over addresses that strangers wrote."""

from __future__ import annotations

import re

from archive.errors import DauysError

MAX_PATTERN = 500
"""Characters of one pattern; the longest in use has 120."""


class BadPatternError(DauysError, ValueError):
    """Raised for a text that is no regular expression, or one that could take for ever."""


def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile one pattern. Raises BadPatternError."""
    if len(text) > MAX_PATTERN:
        raise BadPatternError(f"a pattern of {len(text)} characters, more than {MAX_PATTERN}")
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPatternError(f'"{text[:60]}" is no regular expression: {error}') from error
