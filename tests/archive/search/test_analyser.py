"""What a word is searched by: its base, whatever its ending, alphabet or spelling; and where a search shows it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archive.search.analyser import MAX_WORD, asked, indexed, is_kazakh_only, tokens
from archive.search.folding import clean
from archive.search.kazakh.grammar import SOUND, TABLE, harmonies, plain
from archive.search.kazakh.readings import infinitive
from archive.search.query import COMMON, understood
from archive.search.snippets import HIT_BEGINS, HIT_ENDS, snippet

KAZAKH = "Қазақстан халқы жаңа құқық туралы өз ойын айтты."


def base(word: str, language: str = "kk") -> str:
    """Return the base of a word that stands in a paragraph of its language."""
    rest = f" {KAZAKH}" if language == "kk" else " это написано по-русски и напечатано"
    return indexed(word + rest, language).split(" ")[0]


@pytest.mark.parametrize(
    ("typed", "forms"),
    [
        ("референдум", "референдум референдумда референдумға референдумының референдумдар Референдумның"),
        ("конституция", "Конституцияның конституциясы конституцияға"),
        ("беру", "берді беріп берген бермейді бересіз берілді беруге"),
        ("халық", "халқы халықтың халқымыз халыққа"),
        ("мектеп", "мектебі мектептер мектебінде"),
        ("шығу", "шықты шығады шығып шыққан шығуы"),
        ("оқу", "оқиды оқыды оқуға оқып"),
        ("сайлау", "сайлауда сайлауы сайлайды сайланды сайлау"),
        ("сайлаушы", "сайлаушылар сайлаушының"),
        ("қою", "қояды қойды қоюға"),
    ],
)
def test_kazakh_forms_have_the_base_that_is_asked(typed: str, forms: str) -> None:
    for form in forms.split():
        assert base(form) in asked(typed, kazakh=True), form


@pytest.mark.parametrize(
    ("typed", "forms"),
    [
        ("референдум", "референдума референдуме референдумами"),
        ("конституция", "Конституции конституцией"),
        ("голосовать", "голосовали голосует проголосовал-голосовала"),
        ("ещё", "еще Ещё"),
    ],
)
def test_russian_forms_have_the_base_that_is_asked(typed: str, forms: str) -> None:
    for form in forms.split():
        assert {base(part, "ru") for part in form.split("-")} & set(asked(typed, kazakh=False)), form


def test_a_doer_is_a_word_of_its_own() -> None:
    """Voters are no elections: сайлау does not find сайлаушылар, сайлау* does."""
    assert base("сайлаушылар") not in asked("сайлау", kazakh=True)
    assert base("сайлаушылар").startswith("сайлау")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Бүгiн", "бүгін"),  # Latin i
        ("реферeндум", "РЕФЕРЕНДУМ"),  # Latin e
        ("рефере\u0301ндум", "референдум"),  # a stress mark
        ("рефе\u00adрендум", "референдум"),  # a soft hyphen
        ("й", "й"),
        ("съёмка", "съемка"),
    ],
)
def test_spellings_are_folded_alike(one: str, other: str) -> None:
    for language in ("kk", "ru"):
        assert base(one, language) == base(other, language)
    assert asked(one, kazakh=False) == asked(other, kazakh=False)


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Qazaqstan Respublikasynyñ Konstitutsiasy", "Қазақстан Республикасының Конституциясы"),
        ("saylau", "сайлау"),
        ("dauys berdi", "дауыс берді"),
        ("jaña zañ", "жаңа заң"),
    ],
)
def test_latin_kazakh_has_the_bases_of_cyrillic(latin: str, cyrillic: str) -> None:
    assert indexed(latin, "kk") == indexed(cyrillic, "kk")
    for word, same in zip(latin.split(), indexed(cyrillic, "kk").split(), strict=True):
        assert same in asked(word, kazakh=False)


def test_the_language_is_the_words_and_its_paragraphs() -> None:
    """Russian in a Kazakh article is read as Russian, Kazakh in a Russian one as Kazakh."""
    kazakh = "Жаңа Конституция жобасы халық талқысына ұсынылды, құқық туралы."
    russian = "Граждане проголосовали на референдумах, сообщила Орталық сайлау комиссиясының пресс-служба."
    article = f"{kazakh}\n{russian}"
    for language in ("kk", "ru", None):
        found = indexed(article, language).split()
        assert {"жоба", "халық", "гражданин", "проголосовать", "референдум", "орталық"} <= set(found)


def test_names_have_synonyms() -> None:
    assert {"қазақстан", "казахстан"} <= set(asked("Казахстан", kazakh=False))
    assert set(asked("Қазақстанда", kazakh=False)) >= {"қазақстан", "казахстан"}


def test_a_query_is_kazakh_by_its_letters_or_its_words() -> None:
    assert is_kazakh_only("құқық")
    assert is_kazakh_only("дауыс")
    assert not is_kazakh_only("референдум")
    assert understood("дауыс беру").expression == '("дауыс" AND "беру")'


def test_common_words_are_left_out_beside_others() -> None:
    assert understood("и референдум").expression == '"референдум"'
    assert "и" in COMMON
    assert understood('"и"').expression == '"и"'
    assert understood("и").expression == '"и"'


words = st.text("абвгдеёжийклмнопстуыяәғқңөұүһі", min_size=1, max_size=14)
stems = st.sampled_from(["бала", "мектеп", "қала", "референдум", "үй", "жол", "қоғам", "сайлаушы", "әкім", "парламент"])
roots = st.sampled_from(["бер", "айт", "жаз", "сайла", "қабылда", "шық", "оқы", "кел", "тап"])


@settings(deadline=None, max_examples=300)
@given(st.one_of(words, stems, roots), st.sampled_from(["kk", "ru"]))
def test_the_base_of_a_base_is_itself(word: str, language: str) -> None:
    """In Kazakh; of Russian pymorphy3 decides, and a base is what it names."""
    assume("ъ" not in word)
    once = base(word, language)
    assert once
    assert once.isalnum() or not once.isascii()
    if language == "kk" and any(letter in once for letter in "әғқңөұүһі"):
        assert base(once, language) == once


@settings(deadline=None, max_examples=200)
@given(stems, st.lists(st.integers(0, 40), min_size=1, max_size=3))
def test_a_noun_and_its_forms_agree(stem: str, path: list[int]) -> None:
    """Plural, possessive and case, one after the other, as the grammar spells them, leave the base as it is."""
    form = walked(stem, path)
    assert base(form) == base(stem) or form in OTHER_WORDS, form


OTHER_WORDS = frozenset({"жолды", "балам", "үйде", "жолы"})
"""Forms that are commoner as other words."""


def walked(stem: str, path: list[int]) -> str:
    """Return the stem with a plural, one case or possessive and a case, by the grammar."""
    chain = ("LAр",), ("Y", "сY"), ("NYң", "SY", "GA", "DA", "BAн", "н", "нA", "ндA", "нAн")
    word, state, sound = plain(stem), "noun", SOUND[stem[-1]]
    front = harmonies(word)[0]
    if sound == "T" and stem[-1] in "пкқ":
        chain = (chain[0], (), chain[2])
    for choice, rules in zip(path, chain, strict=False):
        steps = [step for step in TABLE[state, sound, front] if step.rule in rules]
        if steps and choice % 4:
            step = steps[choice % len(steps)]
            word, state, sound = word + step.surface, step.state, step.sound
    return word if sound != "X" else plain(stem)


@pytest.mark.parametrize(
    ("root", "verbal_noun"), [("сайла", "сайлау"), ("оқы", "оқу"), ("шық", "шығу"), ("бер", "беру")]
)
def test_the_verbal_noun(root: str, verbal_noun: str) -> None:
    assert infinitive(root) == verbal_noun


def test_a_long_word_takes_no_time_and_is_one_token() -> None:
    for letter in "аәыбa0":
        found = indexed(letter * 100_000, "kk")
        assert 0 < len(found) <= MAX_WORD + 2
        assert " " not in found


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.sampled_from(["kk", "ru", "en", None]))
def test_tokens_stand_where_they_say(text: str, language: str | None) -> None:
    """Whatever the text, tokens follow one another, and their bases are those that the index is given."""
    cleaned = clean(text)
    found = list(tokens(cleaned, language))
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(token.start < token.end <= len(cleaned) for token in found)
    assert {token.base for token in found} <= set(indexed(text, language).split(" "))


def test_a_snippet_without_a_hit_reads_few_words() -> None:
    """An article found by its headline is not read through for a noun whose forms all begin alike."""
    text = "Жители города не пошли голосовать, потому что регион остался без света. " * 20
    near = understood("референдум").near()
    read = [token for token in tokens(text, "ru", near=near) if token.base]
    assert read == []
    assert not understood("референдум").is_hidden()
    assert snippet(text, "ru", understood("референдум")).startswith("Жители города не пошли")


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("стереть", "Надпись сотрут завтра", ["сотрут"]),
        ("сон", "Снов не было", ["Снов"]),
        ("человек", "Люди пришли", ["Люди"]),
        ("конституция", "О Конституции и кандидатах", ["Конституции"]),
        ("журналист", "Журналисттерге рахмет, жауап жоқ", ["Журналисттерге"]),
        ("объём", "Обьем, объемом и объявление", ["объемом"]),
        ("высокий", "Наивысшая оценка", ["Наивысшая"]),
        ("bank", "Bank of Astana; банк", ["Bank", "банк"]),
        ("рубль OR бюджет", "Бюджет в рублях, та же цена", ["Бюджет", "рублях"]),
    ],
)
def test_a_snippet_reads_the_words_that_begin_alike(query: str, text: str, marked: list[str]) -> None:
    """What is left unread for its first letters is no form of what was asked for."""
    shown = snippet(text, "kk" if "рахмет" in text else "ru", understood(query))
    assert re.findall(f"{HIT_BEGINS}(.*?){HIT_ENDS}", shown) == marked


def test_a_snippet_marks_the_inflected_word() -> None:
    text = ("Кіріспе сөз. " * 30) + "Азаматтар референдумда дауыс берді, деп хабарлады комиссия. " + ("Соңы. " * 30)
    shown = snippet(text, "kk", understood("референдум дауыс беру"))
    for word in ("референдумда", "дауыс", "берді"):
        assert f"{HIT_BEGINS}{word}{HIT_ENDS}" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "\n" not in shown


def test_what_is_not_wanted_is_not_marked() -> None:
    shown = snippet("Бюджет и референдум", "ru", understood("референдум NOT бюджет"))
    assert shown == f"Бюджет и {HIT_BEGINS}референдум{HIT_ENDS}"
    assert snippet("Конституционный суд", "ru", understood("конститу*")).startswith(HIT_BEGINS)
