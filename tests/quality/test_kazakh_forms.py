"""Kazakh word forms against a treebank that is not part of the project: floors of recall and precision."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import fmean

from archive.search.kazakh import is_form_of

FLOOR_RECALL = 0.985
FLOOR_PRECISION = 0.978
"""Means over the lemmas of nouns, names and adjectives; lower neither without saying why."""


def test_noun_forms_of_the_treebank(shared_data: Path) -> None:
    """Of the forms of UD Kazakh-KTB, nearly all are recognised for their lemma and few for another."""
    table = shared_data / "kaz_stem" / "ud_kazakh_ktb_form_lemma.tsv"
    rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
    forms: defaultdict[str, set[str]] = defaultdict(set)
    by_start: defaultdict[str, set[str]] = defaultdict(set)
    for form, lemma, part, _ in rows:
        if part in ("NOUN", "PROPN", "ADJ") and form.isalpha() and len(lemma) >= 3:
            forms[lemma].add(form)
            by_start[form[:2]].add(form)
    recall: list[float] = []
    precision: list[float] = []
    for lemma, true in forms.items():
        found = {form for form in by_start[lemma[:2]] if is_form_of(form, lemma)}
        recall.append(len(found & true) / len(true))
        precision.append(len(found & true) / len(found) if found else 1.0)
    assert len(forms) > 1500
    assert fmean(recall) >= FLOOR_RECALL
    assert fmean(precision) >= FLOOR_PRECISION
