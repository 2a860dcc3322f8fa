"""What was worked out of common words is at hand, in bounded memory, and is what would be worked out again."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from archive.search.remembered import LONGEST, Remembered


@given(st.lists(st.text("абв", min_size=1, max_size=3)), st.integers(1, 5))
def test_any_words_in_any_order(words: list[str], most: int) -> None:
    """Whatever was forgotten, the value is the same, and no more than twice `most` words are remembered."""
    known = Remembered(str.upper, most)
    for word in words:
        assert known[word] == word.upper()
        assert len(known) <= most
        assert len(known.old) <= most


def test_common_words_stay() -> None:
    """A word asked for between rare ones is worked out once, however many they are; of those the last are kept."""
    worked_out: Counter[str] = Counter()

    def find(word: str) -> int:
        worked_out[word] += 1
        return len(word)

    known = Remembered(find, 10)
    for number in range(200):
        assert known["референдум"] == 10
        assert known[f"редкое{number}"] == len(f"редкое{number}")
    assert worked_out["референдум"] == 1
    known["редкое0"]
    assert worked_out["редкое0"] == 2


def test_overlong_words_are_not_kept() -> None:
    """What a hostile page makes of one run of letters takes no memory."""
    known = Remembered(len, 10)
    assert known["а" * LONGEST] == LONGEST
    assert known["а" * (LONGEST + 1)] == LONGEST + 1
    assert [*known] == ["а" * LONGEST]
