"""The synthetic archive that searches are measured on is one that the program would have made."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from archive.db import open_archive
from archive.kept import schema
from archive.search import index
from benchmarks.synthetic import Press, fill

ARTICLES = 120


def test_the_same_seed_writes_the_same_articles() -> None:
    one, other, third = ([w.article for w in islice(Press(1_000, seed).written(), 40)] for seed in (1, 1, 2))
    assert one == other
    assert one != third
    assert {article.language for article in one} == {"ru", "kk", "en"}
    assert 2_500 < sum(len(article.text.encode()) for article in one) / 40 < 4_500


@pytest.mark.parametrize("bulk", [False, True])
def test_a_filled_archive_is_whole(tmp_path: Path, bulk: bool) -> None:
    """Counts and index agree with the articles, whichever way they came, and there are copies and changes."""
    path = tmp_path / "archive.db"
    rows = list(fill(path, ARTICLES, bulk=bulk))
    assert len(rows) == 1
    db = open_archive(path)
    assert list(schema.faults(db)) == []
    assert list(index.faults(db)) == []
    assert db.execute("select sum(articles) from coverage_by_day").fetchone()[0] == ARTICLES
    assert db.execute("select count(*) from reprints").fetchone()[0] > 0
    assert db.execute("select count(*) from edits").fetchone()[0] > 0
