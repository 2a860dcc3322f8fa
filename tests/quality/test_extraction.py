"""Extraction does not get worse on labelled real pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.quality import extraction_score
from tests.quality.extraction_score import FLOORS, digest, measure, pin


def test_floors(shared_data: Path) -> None:
    """Text, segments, day and headline stay at or above what was pinned for this corpus."""
    corpus = shared_data / "extract" / "extract_dev.tar.xz"
    if not corpus.exists():
        pytest.skip("the labelled pages are not beside this checkout")
    pinned = json.loads(FLOORS.read_text(encoding="utf-8"))
    if digest(corpus) != pinned["corpus_sha256"]:
        pytest.skip("the labelled pages are not those the floors were pinned on")
    measured = measure(corpus)
    assert {name: value for name, value in measured.items() if value < pinned["floors"][name]} == {}


def test_floors_are_not_lowered_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pinning refuses a lower floor unless it is asked to lower, and raises one without asking."""
    monkeypatch.setattr(extraction_score, "FLOORS", tmp_path / "floors.json")
    assert pin({"day": 0.9}, "a", lower=False) == []
    assert pin({"day": 0.8}, "a", lower=False) == ["day"]
    assert json.loads((tmp_path / "floors.json").read_text())["floors"]["day"] == pytest.approx(0.898)
    assert pin({"day": 0.8}, "a", lower=True) == []
    assert pin({"day": 0.95}, "b", lower=False) == []
