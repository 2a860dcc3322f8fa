"""Word-level differences: what they say makes the two texts again, and long texts stay cheap."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.diff import changed_paragraphs, word_diff

texts = st.lists(
    st.sampled_from(["явка", "составила", "62,1", "64,3", "процента", ",", ".", "Құрылтай", " ", "  "]), max_size=14
).map(" ".join)


def sides(old: str, new: str) -> tuple[str, str]:
    pieces = word_diff(old, new)
    return (
        "".join(piece.text for piece in pieces if piece.kind != "added"),
        "".join(piece.text for piece in pieces if piece.kind != "removed"),
    )


@settings(deadline=None, max_examples=200)
@given(texts, texts)
def test_the_pieces_make_both_texts(old: str, new: str) -> None:
    assert sides(old, new) == (old, new)


def test_a_changed_word_is_one_change() -> None:
    assert [(p.kind, p.text) for p in word_diff("Явка составила 62 процента.", "Явка превысила 64 процента.")] == [
        ("same", "Явка "),
        ("removed", "составила 62"),
        ("added", "превысила 64"),
        ("same", " процента."),
    ]


@settings(deadline=None, max_examples=100)
@given(st.lists(texts, max_size=5), st.lists(texts, max_size=5))
def test_equal_texts_have_no_changed_paragraph(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(old), "\n".join(new)
    assert changed_paragraphs(before, before) == []
    assert bool(changed_paragraphs(before, after)) <= (before != after)


def test_only_changed_paragraphs_are_shown() -> None:
    changed = changed_paragraphs("Первый.\nВторой.\nТретий.", "Первый.\nИной.\nТретий.\nЕщё один.")
    assert [[(p.kind, p.text) for p in line] for line in changed] == [
        [("removed", "Второй"), ("added", "Иной"), ("same", ".")],
        [("added", "Ещё один.")],
    ]


def test_a_text_too_long_to_compare_counts_as_new() -> None:
    old, new = " ".join(f"а{n}" for n in range(9_000)), " ".join(f"б{n}" for n in range(9_000))
    assert sides(old, new) == (old, new)
    assert [piece.kind for piece in word_diff(old, new)] == ["removed", "added"]
