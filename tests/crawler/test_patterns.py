"""Patterns that could take for ever are refused before they meet an address; those in use are not."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.patterns import MAX_CHOICES, MAX_PATTERN, MAX_SUBJECT, BadPatternError, compile_pattern, count_choices
from crawler.sources import load_sources

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "text",
    [
        r"(a+)+$",
        r"^(a*)*$",
        r"^(?:a|a)*$",
        r"^(?:a|aa)+$",
        r"^(?:[a-z]+-?)*$",
        r"^(?:\w+\W?)+x$",
        r"^.*.*x$",
        r"^.*a.*b.*c$",
        r"^(?i:[a-z])+[A-Z]+[a-z]+$",
        r"(?:.*/)*index",
        r"[a-z]+[a-z]+$",
        r"(?:a?){30}a{30}",
        r"^(?:[^/]+/?)*$",
        r"([a-z]+)\1",
        r"(a)?(?(1)b|c)",
        "[",
        "(?P<a>",
        "a" * (MAX_PATTERN + 1),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(BadPatternError):
        compile_pattern(text)


@pytest.mark.parametrize(
    "text",
    [
        r"^https?://(?:www\.)?outlet\.kz/[a-z0-9-]+-\d{5,7}/?$",
        r"^https?://outlet\.kz/(?:[a-z_]+/)*[a-z0-9-]+$",
        r"/(?:tags?|teg|tegi|authors?)(?:/|\?|$)",
        r"\.(?:jpe?g|png)(?:\?|$)",
        r"^[^/]*(?:\d{4}[^/]*|(?:-[^/-]+){2}-[^/]*)/?$",
        r"/news/\d+-[a-z0-9-]+\.html",
        r"(?i)/NEWS/",
        r"^/[a-z]+[^a-z][^/?]*$",
        r"^https://a\.kz/(?!tag/)[a-z-]+/$",
        r"",
    ],
)
def test_accepted(text: str) -> None:
    assert compile_pattern(text).pattern == text


def test_the_shipped_patterns_are_far_from_the_limit() -> None:
    for source in load_sources(ROOT / "sources.toml"):
        for pattern in (*source.allow, *source.deny):
            assert count_choices(pattern.pattern) <= MAX_CHOICES, (source.id, pattern.pattern)


def steps(pattern: str, subject: str) -> int:
    """Count the ways that a plain backtracking matcher tries: one for each character it looks at."""
    tree = list(importlib.import_module("re._parser").parse(pattern))
    count = 0

    def match(nodes: list[tuple[object, object]], place: int, then: object) -> bool:
        nonlocal count
        if not nodes:
            return then(place)  # type: ignore[operator,no-any-return]
        (kind, value), rest = nodes[0], nodes[1:]
        name = str(kind)
        if name == "LITERAL":
            count += 1
            return place < len(subject) and ord(subject[place]) == value and match(rest, place + 1, then)
        if name == "IN":
            count += 1
            inside = {code for _, code in value}  # type: ignore[attr-defined]
            return place < len(subject) and ord(subject[place]) in inside and match(rest, place + 1, then)
        if name == "AT":
            at_end = str(value) == "AT_END"
            return (place == len(subject) if at_end else place == 0) and match(rest, place, then)
        if name == "SUBPATTERN":
            return match(list(value[3]), place, lambda after: match(rest, after, then))  # type: ignore[index]
        if name == "BRANCH":
            return any(match([*branch, *rest], place, then) for branch in value[1])  # type: ignore[index]
        least, most, body = value  # type: ignore[misc]

        def again(done: int, start: int) -> bool:
            if done < most and match(list(body), start, lambda after: after > start and again(done + 1, after)):
                return True
            return done >= least and match(rest, start, then)

        return again(0, place)

    match(tree, 0, lambda place: True)
    return count


_pieces = st.recursive(
    st.sampled_from(["a", "b", "c"]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}"])).map(lambda two: f"(?:{two[0]}){two[1]}")
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150)
@given(_pieces, st.text("abc", min_size=1, max_size=7), st.integers(1, 4))
def test_what_is_accepted_is_bounded(piece: str, unit: str, times: int) -> None:
    """A backtracking matcher takes no more steps than the bound says: choices times a walk through the subject."""
    pattern = f"^{piece}$"
    try:
        choices = count_choices(pattern)
    except BadPatternError:
        return
    if choices > MAX_SUBJECT:
        return
    subject = unit * times
    assert steps(pattern, subject) <= choices * (len(pattern) + 1) * (len(subject) + 2)
