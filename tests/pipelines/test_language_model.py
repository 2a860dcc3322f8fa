"""The folded model answers as the library's own does, to the last bit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipelines.language_model import load

OWN = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
FOLDED = load()
SENTENCES = (
    "Азаматтар жаңа Конституция бойынша дауыс берді.",
    "Граждане проголосовали на референдуме, сообщает комиссия.",
    "Citizens voted in the referendum on the new Constitution.",
    "Kazakıstan vatandaşları yeni anayasa için oy kullandı.",
    "قازاقستان ازاماتتارى داۋىس بەردى",
    "",
)


@given(st.lists(st.sampled_from(SENTENCES) | st.text(max_size=60), max_size=5).map(" ".join))
def test_folding_changes_no_answer(text: str) -> None:
    """Every language has the same probability, whatever the text."""
    assert FOLDED.rank(text) == OWN.rank(text)
