"""Three complete catalogues, and numbers, dates and spans as each language writes them."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.site.language import LANGUAGES, choose, plural, words

SITE = Path(__file__).parents[3] / "archive" / "site"
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}, "kk": {"other"}}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_catalogues_have_the_same_keys() -> None:
    """A text that is missing in one language is found before a reader finds it."""
    keys = {code: set(words(code).texts) for code in LANGUAGES}
    assert keys["kk"] == keys["ru"] == keys["en"]


def test_translations_have_the_same_placeholders() -> None:
    """No translation loses a number or asks for one that nobody gives."""
    for key, text in words("en").texts.items():
        for code in LANGUAGES:
            other = words(code).texts[key]
            assert isinstance(text, str) == isinstance(other, str), key
            if isinstance(text, str) and isinstance(other, str):
                assert placeholders(text) == placeholders(other), (code, key)
            elif not isinstance(other, str):
                assert set(other) == FORMS[code], (code, key)
                assert all(placeholders(form) == {"n"} for form in other.values()), (code, key)


def test_no_translation_is_left_in_english() -> None:
    """A text in Cyrillic letters is what a Russian or Kazakh reader gets, names and formats apart."""
    international = re.compile(r"(cite\.(bibtex|csl)|site\.name|date\.day)")
    for code in ("kk", "ru"):
        for key, text in words(code).texts.items():
            told = text if isinstance(text, str) else " ".join(text.values())
            assert international.fullmatch(key) or re.search("[А-Яа-яІіҚқ]", told), (code, key)


def test_every_key_that_a_page_asks_for_is_there() -> None:
    """Pages name no text that the catalogues do not have, and the catalogues none that nobody asks for."""
    sources = [
        *SITE.glob("templates/**/*.html"),
        *SITE.glob("views/*.py"),
        *SITE.glob("*.py"),
        *SITE.glob("plugins/*.py"),
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    asked = set(re.findall(r"""\b(?:w|self|w\.count|w\.maybe|MissingError)\(\s*"([a-z_]+\.[\w.-]+)"\s*[,)]""", code))
    begun = set(re.findall(r"""\(\s*f?"([a-z_]+\.[a-z_]*)(?:" ~|\{)""", code)) | {"role.", "span."}
    known = set(words("en").texts)
    assert asked - known == set()
    assert {key for key in known - asked if not any(key.startswith(start) for start in begun)} == set()


@pytest.mark.parametrize(
    ("code", "n", "category"),
    [("en", 1, "one"), ("en", 0, "other"), ("ru", 1, "one"), ("ru", 21, "one"), ("ru", 11, "many"), ("ru", 3, "few"),
     ("ru", 13, "many"), ("ru", 104, "few"), ("ru", 0, "many"), ("kk", 1, "other"), ("kk", 5, "other")],
)  # fmt: skip
def test_plural_categories(code: str, n: int, category: str) -> None:
    assert plural(code, n) == category


def test_numbers_and_times_are_written_as_in_the_language() -> None:
    assert words("en").number(12345) == "12,345"
    assert words("ru").number(12345) == "12\u00a0345"
    assert words("ru").count("search.found", 22) == "22 статьи"
    assert words("kk").count("search.found", 1000) == "1\u00a0000 мақала"
    assert words("ru").moment("2026-03-14T20:30:00Z") == "15 марта 2026, 01:30"
    assert words("kk").moment("2026-03-15") == "2026 ж. 15 наурыз"
    assert words("en").day(None) == "–"
    assert words("en").span(135) == "2\u00a0h 15\u00a0min"
    assert words("en").span(-5) == "−5\u00a0min"
    assert words("ru").span(2880) == "2\u00a0д"
    assert words("en").percent(0.5) == "50%"


def test_the_language_is_what_was_asked_for_then_kept_then_liked() -> None:
    assert choose("kk", "ru", "en") == "kk"
    assert choose("xx", "ru", "en") == "ru"
    assert choose(None, None, "de, ru-RU;q=0.7, kk;q=0.9") == "kk"
    assert choose(None, None, "ru;q=0, de") == "en"
    assert choose(None, None, None) == "en"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_header_gives_a_language(header: str) -> None:
    """What a browser or a program sends as its languages never ends in an error."""
    assert choose(None, header, header) in LANGUAGES
