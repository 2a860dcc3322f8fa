"""Words found for a lemma, over form-lemma tables that are not part of the project: floors of recall and precision.

Means over the lemmas, forms weighted by how often the treebank has them. A lemma is asked as a person types it; its
forms are analysed as in an article of their language, and what is found is judged against the words of the same part
of speech.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from statistics import fmean

import pytest

from archive.search.analyser import asked, indexed
from archive.search.kazakh.readings import infinitive

NOUNS = ("NOUN", "ADJ", "PROPN")
VERBS = ("VERB", "AUX")

Row = tuple[str, str, str, int]


def rows(table: Path) -> list[Row]:
    """Return form, lemma, part of speech and count of a table."""
    split = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return [(form, lemma, part, int(n)) for form, lemma, part, n in split if form.isalpha() and lemma.isalpha()]


def measured(
    table: Iterable[Row], parts: tuple[str, ...], language: str, ask: Callable[[str], Iterable[str]]
) -> tuple[float, float]:
    """Return recall and precision of asking for each lemma."""
    filler = " әңгіме құқық үшін өңір" if language == "kk" else " это предложение написано на русском языке"
    base = lru_cache(maxsize=None)(lambda word: indexed(word + filler, language).split(" ")[0])
    chosen = [row for row in table if row[2] in parts]
    by_base: defaultdict[str, list[Row]] = defaultdict(list)
    by_lemma: defaultdict[str, list[Row]] = defaultdict(list)
    for row in chosen:
        by_base[base(row[0])].append(row)
        by_lemma[row[1]].append(row)
    recall, precision = [], []
    for lemma, forms in by_lemma.items():
        found = [row for key in dict.fromkeys(ask(lemma)) for row in by_base[key]]
        right = sum(row[3] for row in found if row[1] == lemma)
        recall.append(right / sum(row[3] for row in forms))
        if found:
            precision.append(right / sum(row[3] for row in found))
    return fmean(recall), fmean(precision)


def typed(word: str) -> tuple[str, ...]:
    """Return what a Kazakh word that is typed asks for."""
    return asked(word, kazakh=True)


def typed_as_infinitive(root: str) -> tuple[str, ...]:
    """Return what the verbal noun of a root asks for."""
    return asked(infinitive(root).replace("йу", "ю"), kazakh=True)


@pytest.mark.parametrize(
    ("file", "language", "parts", "ask", "recall", "precision"),
    [
        ("ud_russian_form_lemma.tsv", "ru", NOUNS, lambda w: asked(w, kazakh=False), 0.97, 0.98),
        ("ud_russian_form_lemma.tsv", "ru", VERBS, lambda w: asked(w, kazakh=False), 0.95, 0.98),
        ("ud_kazakh_ktb_form_lemma.tsv", "kk", NOUNS, typed, 0.97, 0.955),
        ("ud_kazakh_ktb_form_lemma.tsv", "kk", VERBS, typed, 0.88, 0.93),
        ("ud_kazakh_ktb_form_lemma.tsv", "kk", VERBS, typed_as_infinitive, 0.86, 0.94),
    ],
    ids=["ru nouns", "ru verbs", "kk nouns", "kk verbs by root", "kk verbs by infinitive"],
)
def test_forms_found_for_a_lemma(
    shared_data: Path,
    file: str,
    language: str,
    parts: tuple[str, ...],
    ask: Callable[[str], Iterable[str]],
    recall: float,
    precision: float,
) -> None:
    """Lower no floor without saying why."""
    found = measured(rows(shared_data / "kaz_stem" / file), parts, language, ask)
    print(f"recall {found[0]:.3f}, precision {found[1]:.3f}")
    assert found[0] >= recall
    assert found[1] >= precision
