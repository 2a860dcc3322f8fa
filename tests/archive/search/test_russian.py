"""Reading only what is needed of the dictionary gives what the library gives, which reads all of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pymorphy3
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.search.russian import asked, base, is_known, is_noun

AMBIGUOUS = "стали банка мыла печь стекла поле дали суда белки замка три уже были право части правит избирателей явка"


@lru_cache(maxsize=1)
def _library() -> Any:
    return pymorphy3.MorphAnalyzer(lang="ru")


@pytest.mark.parametrize("word", AMBIGUOUS.split())
def test_words_of_several_readings(word: str) -> None:
    """Of several dictionary forms the likeliest is taken, as the library weighs them."""
    assert base(word) == _library().parse(word)[0].normal_form


@settings(max_examples=150, deadline=None)
@given(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяёқңіғұүһөә-", min_size=1, max_size=25))
@example("референдумом")
@example("по-русски")
@example("әкімдік")
@example("в")
@example("ёлки")
def test_any_word(word: str) -> None:
    """Known, unknown, hyphenated, Kazakh: the same base."""
    assert base(word) == _library().parse(word)[0].normal_form


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(AMBIGUOUS.split()) | st.text("абвеёиклмнопрстуы-", min_size=1, max_size=9))
@example("референдум")
@example("президенту")
@example("а")
def test_what_a_typed_word_may_mean(word: str) -> None:
    """The forms that are asked for, whether the word is known and whether it is a noun: as the library has it."""
    parses = _library().parse(word)
    forms = dict.fromkeys(parse.normal_form for parse in parses)
    wanted = tuple(dict.fromkeys((word, parses[0].normal_form))) if word in forms else tuple(forms)
    assert asked(word) == wanted
    assert is_known(word) is _library().word_is_known(word)
    assert is_noun(word) is (is_known(word) and any(p.normal_form == word and "NOUN" in p.tag for p in parses))
