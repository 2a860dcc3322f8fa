"""Patterns are checked when they are read, and cannot hold up a crawl whatever address they meet."""

from __future__ import annotations

import logging

import pytest

from crawler.patterns import MAX_PATTERN, MAX_SUBJECT, BadPatternError, compile_pattern


@pytest.mark.parametrize("text", ["[", "(?P<a>", "a" * (MAX_PATTERN + 1), "(?<!a+", "*"])
def test_what_is_no_pattern_is_refused(text):
    """The error shows the pattern and the cause."""
    with pytest.raises(BadPatternError, match=r"no regular expression|characters"):
        compile_pattern(text)


@pytest.mark.parametrize(
    ("text", "address", "found"),
    [
        (r"^https://outlet\.kz/[a-z0-9-]+-\d{5,7}/?$", "https://outlet.kz/yavka-71-12345", True),
        (r"/news/[a-z0-9-]+-\d+$", "https://outlet.kz/news/yavka-71-12345", True),
        (r"/jana/[^/]+-\d+/", "https://outlet.kz/jana/%D2%9B%D0%B0%D0%B7-2378/", True),
        (r"/(?:tags?|authors?)(?:/|\?|$)", "https://outlet.kz/news/1", False),
        (r"(?i)/NEWS/", "https://outlet.kz/news/1", True),
    ],
)
def test_a_pattern_is_searched_in_the_address(text, address, found):
    """As Python's `re` would."""
    assert compile_pattern(text).search(address) is found


def test_a_pattern_that_would_take_for_ever_finds_nothing_and_says_so(caplog):
    """The search ends; the log names pattern and address."""
    pattern = compile_pattern(r"^(?:a|aa|a?a)+$")
    with caplog.at_level(logging.WARNING):
        assert pattern.search("a" * (MAX_SUBJECT - 1) + "!") is False
    assert "took too long" in caplog.text


def test_patterns_are_equal_by_their_text():
    """So that sources can be compared."""
    assert compile_pattern("/news/") == compile_pattern("/news/")
    assert compile_pattern("/news/") != compile_pattern("/tag/")
