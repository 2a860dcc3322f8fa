"""What makes a new version of an article, and what does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import versions

TITLE = "Явка на референдуме в Тасарыке составила 71,4 процента"
TEXT = "\n".join(
    [
        "К полудню на участках Тасарыка проголосовал каждый второй, сообщила комиссия области.",
        "«Очередей нет, бюллетеней хватает», — сказала секретарь участка № 14 Айгерим Сатова.",
        "Участки закроются в восемь вечера. Первые итоги назовут ночью.",
        "Просмотров: 1 204",
        "12:40, 15.03.2026",
        "USD 503,11 EUR 587,42",
        "Читайте также",
        "В Тасарыке открыли новый мост через реку",
        "Погода на выходные: мокрый снег",
    ]
)


def replaced(old: str, new: str, text: str = TEXT) -> str:
    assert old in text
    return text.replace(old, new)


# kind of change, title after, text after, whether it makes a version
KINDS = [
    ("headline rewritten", "Проголосовали уже семь из десяти жителей Тасарыка", TEXT, True),
    ("headline corrected by one letter", TITLE.replace("Тасарыке", "Тасарыкe"), TEXT, True),
    ("number corrected in the headline", TITLE.replace("71,4", "71,6"), TEXT, True),
    ("number corrected in the text", TITLE, replaced("№ 14", "№ 41"), True),
    ("name corrected", TITLE, replaced("Сатова", "Саитова"), True),
    ("typo corrected", TITLE, replaced("хватает", "достаточно"), True),
    ("paragraph added", TITLE, "Обновление: явка выросла до 72 процентов, уточнили в штабе.\n" + TEXT, True),
    (
        "paragraph removed",
        TITLE,
        replaced("Участки закроются в восемь вечера. Первые итоги назовут ночью.\n", ""),
        True,
    ),
    ("sentence removed", TITLE, replaced(" Первые итоги назовут ночью.", ""), True),
    ("quote reworded", TITLE, replaced("Очередей нет", "Очередей почти нет"), True),
    ("paragraphs reordered", TITLE, "\n".join([*TEXT.splitlines()[1::-1], *TEXT.splitlines()[2:]]), True),
    ("text replaced by a correction", TITLE, "Редакция отозвала это сообщение: сведения не подтвердились.", True),
    ("view counter", TITLE, replaced("1 204", "98 771"), False),
    ("clock in the page", TITLE, replaced("12:40", "17:05"), False),
    ("date of the last update", TITLE, TEXT + "\nОбновлено: 15.03.2026, 18:00", False),
    ("currency ticker", TITLE, replaced("503,11", "504,90"), False),
    ("box of related links", TITLE, replaced("Погода на выходные: мокрый снег", "Хоккей: победа в овертайме"), False),
    ("box of related links gone", TITLE, TEXT.split("Читайте также")[0], False),
    ("comment counter added", TITLE, TEXT + "\nКомментарии (17)", False),
    ("straight quotes for guillemets", TITLE, TEXT.replace("«", '"').replace("»", '"'), False),
    ("hyphen for a dash", TITLE, TEXT.replace("—", "-"), False),
    ("no-break and double spaces", TITLE, TEXT.replace(" ", "\u00a0 "), False),
    ("soft hyphens", TITLE, TEXT.replace("комиссия", "комис\u00adсия"), False),
    ("empty lines", TITLE, TEXT.replace("\n", "\n\n"), False),
    ("combining marks composed", TITLE, TEXT.replace("й", "и\u0306"), False),
]


@pytest.mark.parametrize(("kind", "title", "text", "makes"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_kinds_of_change(kind, title, text, makes):
    """Each kind of change does, or does not, make a version."""
    assert (versions.change([(TITLE, TEXT)], title, text) is not None) == makes


def test_the_documented_table_is_this_one():
    """docs/versions.md lists every kind with the same answer."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "versions.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| (yes|no) \|$", page, re.MULTILINE))
    assert rows == {kind: "yes" if makes else "no" for kind, _, _, makes in KINDS}


def test_a_headline_under_test_makes_two_versions_in_all():
    """A, B, A, B: the return to A and every flap after it are no change."""
    first, other = (TITLE, TEXT), ("Как голосует Тасарык", TEXT)
    assert versions.change([first], *other) is not None
    assert versions.change([first, other], *first) is None
    assert versions.change([first, other], *other) is None


def test_a_change_counts_its_characters():
    """Only words that differ are counted, title and text together, and headline changes are marked."""
    change = versions.change([("Явка 71", "Проголосовал каждый второй")], "Явка 72", "Проголосовал почти каждый второй")
    assert change == versions.Change(chars_added=2 + 5, chars_removed=2, title_changed=True)


texts = st.text(st.sampled_from("абвәңқ abc \n.,«»—-\"'\u00a0\u00ad"), max_size=200)


@given(title=texts, text=texts)
def test_nothing_is_a_change_of_itself(title, text):
    """Any state compared with itself is no change."""
    assert versions.change([(title, text)], title, text) is None


@given(title=texts, text=texts)
def test_the_normal_form_is_stable(title, text):
    """Normalising twice is normalising once, so that a stored form could be compared again."""
    once = versions.normal_form(title, text)
    assert versions.normal_form(*once) == once


@given(old=texts, new=texts)
def test_what_one_edit_adds_the_reverse_removes(old, new):
    """Sizes are symmetric."""
    there, back = versions.change([("", old)], "", new), versions.change([("", new)], "", old)
    assert (there is None) == (back is None)
    if there and back:
        assert (there.chars_added, there.chars_removed) == (back.chars_removed, back.chars_added)


def test_a_huge_text_is_counted_in_linear_time():
    """Beyond the limit of words the order is ignored: the size stays exact as a count of words."""
    words = [f"слово{n}" for n in range(versions.MAX_DIFF_WORDS)]
    old = " ".join(words)
    new = " ".join([*words, "ещё", "два"])
    change = versions.change([("", old)], "", " ".join([new, old]))
    assert change is not None
    assert change.chars_removed == 0
    assert change.chars_added == len("ещёдва") + len("".join(words))


def test_resemblance_is_by_runs_of_words():
    """States of one article resemble each other, two articles on one event do not."""
    assert versions.resemblance(TEXT, replaced("№ 14", "№ 41")) > 0.8
    other = "Жители Тасарыка голосуют с утра: к обеду на участки пришла половина избирателей области."
    assert versions.resemblance(TEXT, other) < 0.1
    assert versions.resemblance("", "") == 1.0
