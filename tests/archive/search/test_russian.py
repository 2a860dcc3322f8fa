"""Weighing only the readings that differ gives the base that the library gives."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.search.russian import _morph, base

AMBIGUOUS = "стали банка мыла печь стекла поле дали суда белки замка три уже были право части правит избирателей явка"


@pytest.mark.parametrize("word", AMBIGUOUS.split())
def test_words_of_several_readings(word: str) -> None:
    """Of several dictionary forms the likeliest is taken, as the library weighs them."""
    assert base(word) == _morph().parse(word)[0].normal_form


@settings(max_examples=150, deadline=None)
@given(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяёқңіғұүһөә-", min_size=1, max_size=25))
@example("референдумом")
@example("по-русски")
@example("әкімдік")
def test_any_word(word: str) -> None:
    """Known, unknown, hyphenated, Kazakh: the same base."""
    assert base(word) == _morph().parse(word)[0].normal_form
