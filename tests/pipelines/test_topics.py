"""Topics: what matches, why, and what a topics.toml may say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.config import ConfigError
from archive.search.folding import LOOK_ALIKES
from archive.search.kazakh import inflect
from pipelines.topics import Topic, explain, load_topics, match
from pipelines.words import MAX_TEXT, Vocabulary, russian_forms

ROOT = Path(__file__).resolve().parent.parent.parent
VOTE_DAY = date(2026, 3, 15)

SMALL = """
[home]
ru = ["Казахстан"]

[ignore]
ru = ["улица Конституции"]

[[rival]]
name = "Italy"
kind = "elsewhere"
ru = ["Италия"]
kk = ["Италия"]

[[topic]]
id = "vote"
name = { ru = "Референдум" }
threshold = 3
title_weight = 2
window = { from = 2026-02-01, to = 2026-03-31, slack_days = 1 }
require = [["referendum"], ["procedure", "home"]]

[topic.never]
ru = ["прогноз погоды"]

[[topic.terms]]
group = "referendum"
weight = 2
ru = ["референдум"]
kk = ["референдум"]
en = ["referendum"]

[[topic.terms]]
group = "procedure"
weight = 1
claimed_by = "elsewhere"
ru = ["явка", "избирательный участок", "новая * Конституция"]
kk = ["дауыс беру"]
en = ["polling station"]

[[topic.rivals]]
name = "a house"
kind = "other"
ru = ["кооператив"]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Topic, ...]:
    path = tmp_path_factory.mktemp("topics") / "topics.toml"
    path.write_text(SMALL, encoding="utf-8")
    return load_topics(path)


@pytest.fixture(scope="module")
def real() -> tuple[Topic, ...]:
    return load_topics(ROOT / "topics.toml")


def hits(topics: tuple[Topic, ...], title: str | None, text: str, language: str | None = "ru") -> list[str]:
    return [hit.topic_id for hit in match(topics, title, text, language=language, published=VOTE_DAY)]


def test_hit_tells_terms_counts_and_title(small: tuple[Topic, ...]) -> None:
    """A hit maps each matched term, as the file writes it, to its count, and says whether the title matched."""
    (hit,) = match(small, "Итоги референдума", "Явка на референдуме высока.", language="ru", published=VOTE_DAY)
    assert hit.topic_id == "vote"
    assert hit.terms == {"референдум": 2, "явка": 1}
    assert hit.in_title
    assert hit.score == 2 * 2 + 2 + 1


def test_missing_group_is_told(small: tuple[Topic, ...]) -> None:
    """An article without one of a required list does not match, and the verdict names the list."""
    (verdict,) = explain(small, "Референдум", "Референдум, референдум.", language="ru", published=VOTE_DAY)
    assert not verdict.matched
    assert verdict.missing == (("procedure", "home"),)
    assert "none of procedure, home" in verdict.reason


def test_country_claims_the_mention(small: tuple[Topic, ...]) -> None:
    """A referendum in Italy is Italy's; with a word of home in the sentence it is ours."""
    text = "Явка на избирательных участках невелика."
    (verdict,) = explain(small, "Референдум в Италии", text, language="ru", published=VOTE_DAY)
    assert not verdict.matched
    assert verdict.claimed["Italy"] == 3
    assert hits(small, "Посол Италии: референдум в Казахстане", text) == ["vote"]


def test_other_matter_claims_what_it_can(small: tuple[Topic, ...]) -> None:
    """A cooperative's referendum is its own although the country is named; unclaimable terms still count."""
    (verdict,) = explain(
        small, "Референдум в кооперативе", "Дело было в Казахстане.", language="ru", published=VOTE_DAY
    )
    assert not verdict.matched
    assert verdict.claimed == {"a house": 1}


def test_set_phrase_is_ignored(small: tuple[Topic, ...]) -> None:
    """The Constitution of 'Constitution Street' belongs to the street."""
    (verdict,) = explain(small, None, "Новая улица Конституции. Новая Конституция.", language="ru", published=None)
    assert verdict.terms == {"новая * Конституция": 1}


def test_never_phrase_in_the_title_rules_out(small: tuple[Topic, ...]) -> None:
    """A phrase of `never` in the title ends the matter, in the text it does not."""
    text = "На референдуме в Казахстане высокая явка."
    (verdict,) = explain(small, "Прогноз погоды на день референдума", text, language="ru", published=VOTE_DAY)
    assert not verdict.matched
    assert verdict.never == "прогноз погоды"
    assert hits(small, "Референдум", text + " Прогнозы погоды тоже.") == ["vote"]


@pytest.mark.parametrize(
    ("published", "matched", "window"),
    [
        (date(2026, 1, 31), True, "inside"),  # a day of slack
        (date(2026, 1, 30), False, "outside"),
        (date(2026, 4, 1), True, "inside"),
        (date(2026, 4, 2), False, "outside"),
        (None, True, "undated"),
    ],
)
def test_window(small: tuple[Topic, ...], published: date | None, matched: bool, window: str) -> None:
    """The window holds on the publication date with its slack; without a date the words decide alone."""
    article = ("Референдум в Казахстане", "Явка.")
    (verdict,) = explain(small, *article, language="ru", published=published)
    assert (verdict.matched, verdict.window) == (matched, window)
    assert bool(match(small, *article, language="ru", published=published)) is matched


def test_long_text_with_one_mention_does_not_match(small: tuple[Topic, ...]) -> None:
    """The same sentence matches as a flash and not as one line of a long round-up."""
    line = "В Казахстане идёт референдум, явка растёт."
    assert hits(small, None, line) == ["vote"]
    assert hits(small, None, line + " Дороги ремонтируют, дожди идут, цены стоят." * 100) == []


def test_phrase_stays_in_its_sentence(small: tuple[Topic, ...]) -> None:
    """Words of two sentences make no phrase, up to two words may stand for `*`, three may not."""
    for text, found in [
        ("Дом новый. Конституция старая.", False),
        ("Новая казахстанская народная Конституция.", True),
        ("Новая и очень длинная Конституция.", False),
    ]:
        (verdict,) = explain(small, None, text, language="ru", published=None)
        assert bool(verdict.terms) is found, text


@pytest.mark.parametrize("language", ["kk", "ru", "en", "ky", None])
def test_words_of_the_other_language_are_found(small: tuple[Topic, ...], language: str | None) -> None:
    """A Kazakh quotation in a Russian article counts, and the reverse."""
    assert hits(small, "Референдумға дауыс берді", "На избирательных участках спокойно.", language) == ["vote"]


def test_unknown_topic_file_problems_are_all_told(tmp_path: Path) -> None:
    """Every mistake is one line with the file, the line, the table, the key and the nearest known key."""
    path = tmp_path / "topics.toml"
    path.write_text(
        '[[topic]]\nid = "a"\nname = { ru = "А" }\ntreshold = 3\nthreshold = "high"\n'
        'window = { from = "2026-01-01", too = 2026-02-01 }\nrequire = [["refrendum"]]\n'
        '[[topic.terms]]\ngroup = "referendum"\nweight = -1\nru = ["* слово"]\n'
        '[[topic]]\nid = "б"\nname = { ru = "Б" }\nthreshold = 1\n'
        '[[topic.terms]]\ngroup = "x"\nweight = 1\nclaimed_by = "nobody"\nru = ["слово"]\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as raised:
        load_topics(path)
    told = str(raised.value)
    for part in (
        'did you mean "threshold"?',
        "threshold: must be a number",
        "window.from: must be a date without quotes",
        'window.too: no such key; did you mean "to"?',
        'has group = "refrendum"; did you mean "referendum"?',
        "must be at least 0",
        '"* слово" must begin and end with a word',
        "id: may have Latin letters",
        '"nobody" is none of all, elsewhere, none',
    ):
        assert part in told, (part, told)
    assert all(line.startswith(f"{path}:") for line in told.splitlines())


def test_missing_table_and_repeated_id(tmp_path: Path) -> None:
    """A file without [[topic]] and two topics of one id are said plainly."""
    path = tmp_path / "topics.toml"
    path.write_text('[home]\nru = ["Казахстан"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"there is no \[\[topic\]\] table"):
        load_topics(path)
    body = SMALL[SMALL.index("[[topic]]") :]
    path.write_text(body + body, encoding="utf-8")
    with pytest.raises(ConfigError, match='another topic is called "vote"'):
        load_topics(path)


def test_shipped_topics(real: tuple[Topic, ...]) -> None:
    """The 2026 referendum is on, the earlier two are there and off, and each finds its own vote only."""
    assert [(topic.id, topic.enabled) for topic in real] == [
        ("referendum-2026", True),
        ("referendum-2024", False),
        ("referendum-2022", False),
    ]
    article = ("Явка на референдуме о строительстве АЭС", "Казахстанцы голосуют 6 октября.")
    of_2026, of_2024, of_2022 = explain(real, *article, language="ru", published=date(2024, 10, 6))
    assert (of_2026.matched, of_2024.matched, of_2022.matched) == (False, True, False)
    article = ("Референдум: поправки в Конституцию поддержаны", "Итоги голосования 5 июня подвела ЦКР.")
    of_2026, of_2024, of_2022 = explain(real, *article, language="ru", published=date(2022, 6, 6))
    assert (of_2026.matched, of_2024.matched, of_2022.matched) == (False, False, True)


def test_seed_article_matches(real: tuple[Topic, ...], shared_data: Path) -> None:
    """The article the archive is for matches, with and without its date."""
    text = (shared_data / "seed" / "article_2026-03-10.txt").read_text(encoding="utf-8")
    for published in (date(2026, 3, 10), None):
        (hit,) = match(real, None, text, language="ru", published=published)
        assert hit.terms["республиканский референдум"] >= 1


RUSSIAN = sorted(russian_forms("референдум"))
BASES = ["референдум", "дауыс"]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(RUSSIAN), st.sets(st.integers(0, 12)), st.sets(st.integers(0, 12)))
def test_case_and_look_alikes_do_not_matter(form: str, upper: set[int], latin: set[int]) -> None:
    """Capitals and Latin look-alikes in any form of a Russian term change nothing."""
    look = {"а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x"}
    assert set(look.values()) <= LOOK_ALIKES
    word = "".join(look.get(char, char) if at in latin else char for at, char in enumerate(form))
    word = "".join(char.upper() if at in upper else char for at, char in enumerate(word))
    assert VOCABULARY.scan(None, word, "ru").hits


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(BASES), st.lists(st.integers(0, 99), max_size=6))
def test_legal_kazakh_form_is_found_in_a_text(base: str, path: list[int]) -> None:
    """Whatever form the grammar generates is found in running text."""
    form = inflect(base, tuple(path))
    assert VOCABULARY.scan(None, f"Бұл {form} туралы.", "kk").hits


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=400), st.text(max_size=80), st.sampled_from(["kk", "ru", "en", None]))
def test_any_text_is_judged_without_error(
    small: tuple[Topic, ...], text: str, title: str, language: str | None
) -> None:
    """No text from the web makes the matcher raise, and a score is never negative."""
    (verdict,) = explain(small, title, text, language=language, published=None)
    assert verdict.score >= 0


VOCABULARY = Vocabulary([("ru", "референдум"), *(("kk", base) for base in BASES)])  # type: ignore[list-item]


def calls(work: Callable[[], object]) -> int:
    """Return how many calls, of Python and of C, `work` makes: a measure of time that no busy machine changes."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "unit",
    ["референдум", "референдум ", "новая ", "новая Конституция ", "a\u0301\u0316", "\x00 ", "Я.", "«Я». ", "'а", "1 "],
)
def test_hostile_text_costs_linear_work(real: tuple[Topic, ...], unit: str) -> None:
    """A megabyte of one word, of NULs, of stops or of combining marks costs work in proportion, up to the limit."""

    def cost(size: int) -> int:
        text = (unit * size)[:size]
        return calls(lambda: explain(real, text, text, language="ru", published=None))

    cost(1000)
    small, double, huge = cost(20_000), cost(40_000), cost(1_000_000)
    assert double <= 2.2 * small + 1000
    assert huge <= 2.2 * small * MAX_TEXT / 20_000 + 1000
