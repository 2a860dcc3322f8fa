"""Kazakh word forms: what the grammar allows is recognised, what it forbids is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.search.folding import fold, script_of, spellings
from archive.search.kazakh import MAX_WORD, inflect, is_form_of
from archive.search.kazakh.analyse import Analyser
from archive.search.kazakh.lexicon import lexicon
from archive.search.scripts import to_cyrillic

FORMS = {
    "референдум": "референдумның референдумға референдумды референдумда референдумнан референдуммен референдумдағы "
    "референдумы референдумының референдумына референдумымыз референдумдар референдумдардың РЕФЕРЕНДУМҒА",
    "Конституция": "Конституциясын Конституциясының конституциямызға Конституциямыздың Конституцияны конституцияда "
    "конституциялар Конституциядағы конституциясынан конституциямен конституциясы",
    "заң": "заңымыздың заңымызға заңымызда заңға заңына заңдар заңдарымызды заңнан заңдағы заңы заңын",
    "комиссиясы": "комиссиясының комиссиясына комиссиясында комиссиясындағы комиссиясымен комиссиясынан комиссиясын",
    "учаске": "учаскесі учаскелері учаскесінде учаскелерде учаскелеріндегі учаскеге учаскелерінің",
    "халық": "халқы халқымыз халқымыздың халқының халыққа халықтың халықтар халыққа",
    "орын": "орны орнында орындар орнынан орнына орынға",
    "дауыс": "даусы дауысы даусын дауысқа дауыстар дауыстың",
    "мектеп": "мектебі мектебінде мектептер мектепке мектебіміздің",
    "құқық": "құқығы құқықтар құқығын құқықтың құқығымыз",
    "еңбек": "еңбегі еңбектің еңбегін еңбекке",
    "бюллетень": "бюллетені бюллетеньдер бюллетеньге бюллетеньдердің бюллетеніне",
    "беру": "берді береді беріп берген бергендер бергендердің берсе беруге беруі берудің беретін беруші берушілердің "
    "бермеді бермейді берілді берілген берейік беріңіздер бердік бергенге беріпті берді",
    "сайлау": "сайлауда сайлаудың сайланды сайлайды сайлаған сайлаушылар",
    "оқу": "оқиды оқып оқыған оқушылар оқуға",
    "қою": "қояды қойды қойған қоятын қоюға",
    "табу": "тауып табады тапты табылған",
    "шығу": "шықты шығып шығады шыққан",
    "факт": "фактілер фактісі факті фактілерді",
    "процесс": "процесі процеске процестің",
    "Тоқаев": "Тоқаевтың Тоқаевқа Тоқаевпен",
    "президент": "президенттің президентке президентіміз президенті",
    "Қазақстан": "Қазақстанның Қазақстанда Қазақстандағы Қазақстаннан Қазақстанға",
    "бүгінгі": "Бүгiнгi бүгінгінің",
}
NOT_FORMS = [
    ("халықы", "халық"),  # the қ of a final syllable softens or its vowel falls
    ("құқықы", "құқық"),
    ("референдумтың", "референдум"),  # nasal takes -ның
    ("конституцияқа", "конституция"),
    ("заңлар", "заң"),
    ("мектебтер", "мектеп"),
    ("учаскесының", "учаске"),  # front vowels all along
    ("беруды", "беру"),
    ("дауысде", "дауыс"),
    ("заңгер", "заң"),  # another word
    ("конституциялық", "конституция"),
    ("референдумшы", "референдум"),
    ("берік", "беру"),
    ("орынбасар", "орын"),
    ("заң", "заңгер"),
    ("", "заң"),
]
SAME_WORD = [
    ("referendumnyñ", "референдум"),
    ("Konstitutsiia", "конституция"),
    ("Konstitutsiyanyñ", "конституция"),
    ("dauys", "дауыс"),
    ("beru", "беру"),
    ("sailau", "сайлау"),
    ("saylau", "сайлау"),
    ("zañymyz", "заң"),
    ("Qazaqstanda", "қазақстан"),
    ("رەفەرەندۋم", "референдум"),
    ("رەفەرەندۋمعا", "референдум"),
    ("كونستيتۋتسيا", "конституция"),
    ("كونستيتۋتسيانىڭ", "конституция"),
    ("داۋىس", "дауыс"),
    ("جاڭا", "жаңа"),
]


@pytest.mark.parametrize(("form", "base"), [(form, base) for base, forms in FORMS.items() for form in forms.split()])
def test_form_is_recognised(form: str, base: str) -> None:
    """Each form that the grammar books give is a form of its base."""
    assert is_form_of(form, base)


@pytest.mark.parametrize(("word", "base"), NOT_FORMS)
def test_illegal_form_is_refused(word: str, base: str) -> None:
    """Harmony, assimilation and derivation keep a word that only begins alike from matching."""
    assert not is_form_of(word, base)


@pytest.mark.parametrize(("word", "base"), SAME_WORD)
def test_other_scripts_reach_the_grammar(word: str, base: str) -> None:
    """A Latin or Arabic-script word is a form of the Cyrillic base."""
    assert any(is_form_of(reading, base) for reading in to_cyrillic(word))


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(FORMS)), st.lists(st.integers(0, 99), max_size=7))
def test_generated_form_matches_its_base(base: str, path: list[int]) -> None:
    """Whatever chain of suffixes the grammar generates, the recogniser accepts."""
    form = inflect(base, tuple(path))
    assert len(form) > MAX_WORD or is_form_of(form, base)


@settings(deadline=None, max_examples=300)
@given(st.text("абвгғдежзийкқлмнңоөпрстуұүфхһцчшыі", min_size=1, max_size=14), st.sampled_from(sorted(FORMS)))
def test_random_word_does_not_match(word: str, base: str) -> None:
    """A random word is no form of a base whose beginning it does not share."""
    if fold(word)[:2] != fold(base)[:2]:
        assert not is_form_of(word, base)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([(form, base) for base, forms in FORMS.items() for form in forms.split()]),
    st.sets(st.integers(0, 20)),
    st.sets(st.integers(0, 20)),
)
def test_case_and_look_alikes_do_not_matter(pair: tuple[str, str], upper: set[int], latin: set[int]) -> None:
    """Capitals, Latin look-alikes and soft hyphens inside a Cyrillic word change nothing."""
    form, base = pair
    look = dict(zip("аеосхрі", "aeocxpi", strict=True))
    changed = [look.get(char, char) if at in latin else char for at, char in enumerate(form)]
    if not any("\u0400" <= char <= "\u052f" for char in changed):
        changed[0] = form[0]
    word = "".join(char.upper() if at in upper else char for at, char in enumerate(changed))
    assert is_form_of(word[:2] + "\u00ad" + word[2:], base)


def test_look_alike_only_word_is_read_in_both_scripts() -> None:
    """OPK typed in Latin may be ОРК."""
    assert spellings("OPK") == ("opk", "орк")
    assert script_of("ОРК") == "Cyrl"


def test_overlong_word_is_no_form() -> None:
    """A 'word' longer than any real one is refused without a walk."""
    assert not is_form_of("заң" + "дағы" * 1000, "заң")


@given(
    stem=st.sampled_from(sorted(FORMS)) | st.text("абвгғдежзийкқлмнңопөрстуұүфхһшыіэәя", min_size=2, max_size=9),
    path=st.tuples(*[st.integers(0, 30)] * 4),
)
@settings(max_examples=300, deadline=None)
def test_the_likeliest_reading_is_the_first_of_all(stem: str, path: tuple[int, ...]) -> None:
    """Looking at known stems first, and at no others where one is cheap enough, changes no reading."""
    analyser = Analyser(lexicon(), is_loan=lambda noun: len(noun) % 2 == 0)
    word = inflect(stem, path)
    assert analyser.cheapest(word) == next(iter(analyser.readings(word)), None)
