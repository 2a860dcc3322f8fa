"""What copies agree in, what tells templates apart, and how groups are formed: the pure part."""

from __future__ import annotations

import random
import re
import sys
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.dedupe.linkage import group
from pipelines.dedupe.marked import Words
from pipelines.dedupe.moment import moment
from pipelines.dedupe.signature import SKETCH_MOST, shared, signature, signatures, sketch
from pipelines.dedupe.slots import Difference, difference
from pipelines.dedupe.spelling import alike, one_name
from pipelines.dedupe.tokens import hash_of_stem, tokens
from pipelines.dedupe.verdict import is_excerpt, likeness, relation, settle
from pipelines.dedupe.words import folded, stem

COURT = (
    "Суд города {city} признал {name} виновным в хищении и назначил наказание в виде лишения свободы на {years} лет. "
    "Как сообщили в прокуратуре, осуждённый частично признал вину и возместил ущерб потерпевшим. "
    "Приговор не вступил в законную силу и может быть обжалован в течение пятнадцати дней со дня оглашения."
)
PLAIN = COURT.format(city="Аксу", name="Олега Кравцова", years=5)
words_of = st.text(max_size=300)


@pytest.mark.parametrize(
    "disguised",
    [
        PLAIN.upper(),
        PLAIN.replace("о", "o").replace("а", "a"),
        PLAIN.replace("приз", "при\u00adз"),
        PLAIN.replace(" ", "\u00a0"),
        "«" + PLAIN.replace("ё", "е") + "»",
        PLAIN.replace("й", "и\u0306"),
    ],
)
def test_disguises_do_not_change_the_digest(disguised: str) -> None:
    """Case, look-alike letters, soft hyphens, spaces, quotes and composition are all the same text."""
    assert signature(disguised).digest == signature(PLAIN).digest


_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(
            st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), st.sampled_from("аб1 2.,:\n-\u00a0\u00ad")
        ),
        max_size=60,
    )
)
@example("12:30, 4..5 covid19 3,5% .5 5. x² १२ 12 400,5")
def test_tokens_are_what_a_regular_expression_finds(text: str) -> None:
    """Tables over characters cut a text as the expression that says what a token is."""
    found = tokens(text, 1_000)
    cut = [found.text.lower()[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert cut == _TOKEN.findall(found.text.lower())
    assert [hash_of_stem(stem(folded(token))) for token in cut] == found.stems.tolist()


@pytest.mark.parametrize("astral", ["мир \U0001f600 да", "мир \U0001d400\U0001d401 да"])
def test_characters_beyond_the_basic_plane_move_no_token(astral: str) -> None:
    """An emoji is no token and a mathematical letter is one; those around them stay where they are."""
    found = tokens(astral, 100)
    cut = [astral[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert cut == _TOKEN.findall(astral)


@settings(max_examples=100, deadline=None)
@given(words_of)
def test_any_text_has_a_signature(text: str) -> None:
    """No text raises, the sketch is bounded and a text is wholly like itself."""
    made = signature(text)
    shingles = made.shingles()
    assert len(sketch(shingles)) <= SKETCH_MOST
    assert shared(shingles, shingles) == len(shingles)
    assert likeness(made, made) in (0.0, 1.0)
    found = difference(Words(text), Words(text))
    assert (found.names, found.numbers, found.openings, found.edits) == (0, 0, 0, 0)


@settings(max_examples=100, deadline=None)
@given(words_of, words_of)
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    """Likeness is symmetric and a share; laying any two texts side by side ends."""
    a, b = signature(one), signature(other)
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1
    difference(Words(one), Words(other))


def test_endless_repetition_is_cheap() -> None:
    """A text that says three words a thousand times costs no square of its length."""
    text = "тот же самый " * 5_000
    found = difference(Words(text), Words(text + "конец"))
    assert found.names == 0


def _differing(**changed: object) -> Difference:
    filled = {"city": "Аксу", "name": "Олега Кравцова", "years": 5, **changed}
    return difference(Words(PLAIN), Words(COURT.format(**filled)))


def test_other_names_and_numbers_are_counted_where_they_stand() -> None:
    """Names for names and numbers for numbers, each place once."""
    assert _differing(city="Риддер", name="Марата Байжигитова").names == 1
    assert _differing(city="Риддер").names == 1
    assert _differing(years=8).numbers == 1
    assert _differing(years="восемь").numbers == 1
    assert _differing(years=8).agreed == 1
    assert relation("wording", _differing(city="Риддер", name="Марата Байжигитова"), 1.0) == "other names"


@pytest.mark.parametrize("name", ["Олегу Кравцову", "Олега Кравцовa", "Олега Кравцва", "Oleg Kravcova"])
def test_another_form_or_spelling_of_a_name_is_the_same_name(name: str) -> None:
    """Endings, homoglyphs, slips and the other script make no other person."""
    assert _differing(name=name).names == 0


def test_names_that_swap_places_are_no_slots() -> None:
    """A name that the other text mentions elsewhere tells nothing."""
    one = (
        "Вчера на встрече министр Ахметов передал премьеру Сергееву доклад о ходе работ. Позже Сергеев ответил Ахметову"
    )
    other = (
        "Вчера на встрече министр Сергеев передал премьеру Ахметову доклад о ходе работ. Позже Сергеев ответил Ахметову"
    )
    assert difference(Words(one), Words(other)).names == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("kravcov", "kravcova"), ("march", "mar"), ("constitution", "constituton"), ("фигapo", "figaro")],
)
def test_spellings_of_one_word(one: str, other: str) -> None:
    """Endings, abbreviations, slips and scripts."""
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(("one", "other"), [("aktau", "aktobe"), ("kim", "lee"), ("abai", "nura")])
def test_other_words_are_other_words(one: str, other: str) -> None:
    """Short names that merely look alike stay apart."""
    assert not alike(one, other)


def test_initials_and_joined_names() -> None:
    """U S is US, United Kingdom is UK, Pan American is Panamerican."""
    assert one_name(["us"], ["u", "s"])
    assert one_name(["uk"], ["united", "kingdom"])
    assert one_name(["panamerican"], ["pan", "american"])
    assert not one_name(["un"], ["united", "kingdom"])


def test_an_excerpt_is_no_copy() -> None:
    """A text wholly inside a much longer one is its excerpt."""
    long = PLAIN + "\n" + " ".join(f"слово{n} другое{n} третье{n}" for n in range(80))
    assert likeness(signature(PLAIN), signature(long)) == 1.0
    assert is_excerpt(signature(PLAIN), signature(long))
    assert relation("excerpt", Difference(), 0.0) == "excerpt"


@pytest.mark.parametrize(
    ("found", "hours", "what"),
    [
        (Difference(frame=90, edits=6), 300, "reprint"),
        (Difference(frame=90, names=1), 1, "other names"),
        (Difference(frame=400, names=1, edits=5), 1, "correction"),
        (Difference(frame=90, names=1, edits=9), 1, "doubtful name"),
        (Difference(frame=90, openings=1), 1, "doubtful name"),
        (Difference(frame=600, numbers=1, agreed=9), 300, "correction"),
        (Difference(frame=120, numbers=1, agreed=4), 5, "doubtful number"),
        (Difference(frame=50, numbers=1), 5, "lone number"),
        (Difference(frame=120, numbers=1, agreed=4), 30, "other numbers"),
        (Difference(frame=120, numbers=4, agreed=1), 1, "other numbers"),
    ],
)
def test_relations(found: Difference, hours: float, what: str) -> None:
    """What differs, in how much text and how long after, decides what two texts are to each other."""
    assert relation("wording", found, hours) == what


def test_doubt_ends_where_three_fillings_differ() -> None:
    """One doubtful pair is a reprint; among three texts that all differ in a number, the number is a slot."""
    found = Difference(frame=120, numbers=1, agreed=4)
    two = {(1, 2): "doubtful number", (2, 1): "doubtful number"}
    assert settle(two, dict.fromkeys(two, found)) == set(two)  # type: ignore[arg-type]
    three = {pair: "doubtful number" for one in combinations((1, 2, 3), 2) for pair in (one, one[::-1])}
    assert settle(three, dict.fromkeys(three, found)) == set()  # type: ignore[arg-type]


def test_groups_need_a_majority() -> None:
    """A text between two groups does not chain them: half of all pairs across must match."""
    chain = {(1, 2): 0.9, (2, 3): 0.9, (3, 4): 0.9}
    assert group([1, 2, 3, 4], chain) == [[1, 2], [3, 4]]
    assert group([1, 2, 3], {(1, 2): 1.0, (2, 3): 0.8}) == [[1, 2, 3]]
    assert group([1, 2, 3], {}) == [[1], [2], [3]]


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9))), st.integers())
def test_groups_do_not_depend_on_the_order_of_links(pairs: set[tuple[int, int]], seed: int) -> None:
    """Every text is in one group, and shuffled links give the same groups."""
    links = {(min(pair), max(pair)): 0.7 + sum(pair) / 100 for pair in pairs if pair[0] != pair[1]}
    mixed = list(links.items())
    random.Random(seed).shuffle(mixed)
    order = list(range(10))
    assert group(order, links) == group(order, dict(mixed))
    assert sorted(text for found in group(order, links) for text in found) == order


@pytest.mark.parametrize(
    ("published", "seen", "expected"),
    [
        ("2026-03-10T07:00:00Z", "2026-03-12T00:00:00Z", "2026-03-10T07:00:00Z"),
        (None, "2026-03-12T00:00:00Z", "2026-03-12T00:00:00Z"),
        ("2026-03-10", "2026-03-12T00:00:00Z", "2026-03-10T23:59:59Z"),
        ("2026-03-10", "2026-03-10T09:30:00Z", "2026-03-10T09:30:00Z"),
        ("2026-03-10", "2026-03-09T20:00:00Z", "2026-03-10T23:59:59Z"),
    ],
)
def test_moments(published: str | None, seen: str, expected: str) -> None:
    """A plain date counts as late as it can have been, so that it never beats a time on the same day."""
    assert moment(published, seen) == moment(expected, seen)


def test_signatures_of_many_are_those_of_each() -> None:
    """Texts that are looked at together do not touch: empty, odd and long ones among them."""
    odd = [
        "",
        " ",
        "\n\n",
        "1.2",
        "3.",
        ".4 сом",
        "тек\u00adст",
        "\U0001f5f3 Ба ",
        "İ e\u0301",
        "\udfff",
        "слово " * 20_001,
    ]
    texts = [text for one in odd for text in (one, PLAIN, f"{PLAIN}\n{one}")]
    for chosen in (texts, texts[:-5], odd[:4], odd[:9] * 3, []):
        made = signatures(chosen)
        assert len(made) == len(chosen)
        for one, text in zip(made, chosen, strict=True):
            alone = signature(text)
            assert (one.digest, one.paragraphs) == (alone.digest, alone.paragraphs)
            assert one.stems.tolist() == alone.stems.tolist()


def test_a_text_is_recognised_by_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens past the bound play no part, in a text alone or beside others."""
    monkeypatch.setattr(sys.modules[signatures.__module__], "MAX_TOKENS", 30)
    words = [f"слово{n}" for n in range(100)]
    long, cut = "\n".join(words), "\n".join(words[:30])
    for one in (signature(long), signatures([PLAIN[:60], long, PLAIN[:60]])[1]):
        assert (one.digest, one.paragraphs) == (signature(cut).digest, signature(cut).paragraphs)
        assert one.stems.tolist() == signature(cut).stems.tolist()
