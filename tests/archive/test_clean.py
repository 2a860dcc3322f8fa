"""The choke point for texts from the web: what comes out can be stored, shown in a terminal and sent on."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from archive.clean import clean_line, clean_text

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
ANYTHING = st.text(st.characters(blacklist_categories=()) | st.sampled_from("\x00\x1b\x9b\r\n\u202e\ud800\uffff"))


@given(ANYTHING, st.integers(0, 40))
def test_no_command_gets_through(text: str, limit: int) -> None:
    """No control, escape, surrogate, bidi override or non-character is left, and no more than the limit."""
    cleaned = clean_text(text, limit)
    assert not _COMMANDS.search(cleaned)
    assert len(cleaned) <= limit
    cleaned.encode()
    line = clean_line(text, limit)
    assert "\n" not in line
    assert not _COMMANDS.search(line)
    assert len(line) <= limit


@given(st.text("абвқңүABC .,-!\n", max_size=200))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """Nothing else is taken away."""
    assert clean_text(text) == text
