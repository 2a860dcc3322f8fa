"""Published vectors of canonical addresses: what is followed, what is not, and that the reasons are written down."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipelines.canonical import BadURL, canonical_url
from tests.quality.url_vectors import REASONS, Vector, load, outcome

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "canonical-urls.md"

FOLLOWED_FLOOR = 1107
"""Of 1,651 vectors, those answered letter by letter; raise it when more are."""
SAME_ARTICLE_FLOOR = 1292
"""Those answered letter by letter or with the same key."""


@pytest.fixture(scope="module")
def vectors(shared_data: Path) -> list[Vector]:
    return list(load(shared_data / "url_vectors"))


def table(vectors: list[Vector]) -> str:
    """Return the table of the guide: a line for each set of vectors."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for vector in vectors:
        counts[vector.origin][outcome(vector)] += 1
    lines = ["| vectors | counted | followed | same article | not followed, by reason |", "|---|---|---|---|---|"]
    total: Counter[str] = Counter()
    for origin, found in sorted(counts.items()):
        total += found
        lines.append(row(origin, found))
    return "\n".join([*lines, row("**all**", total)])


def row(name: str, found: Counter[str]) -> str:
    reasons = "; ".join(f"{reason} {n}" for reason, n in found.most_common() if reason in REASONS)
    return f"| {name} | {found.total()} | {found['followed']} | {found['same article']} | {reasons or '–'} |"


def test_every_vector_is_followed_or_has_a_reason(vectors: list[Vector]) -> None:
    found = Counter(map(outcome, vectors))
    assert not found["unexplained"]
    assert found["followed"] >= FOLLOWED_FLOOR
    assert found["followed"] + found["same article"] >= SAME_ARTICLE_FLOOR


def test_the_guide_has_the_table(vectors: list[Vector]) -> None:
    """Paste what this prints between the two comments of docs/canonical-urls.md."""
    written = GUIDE.read_text(encoding="utf-8").split("<!-- vectors -->")[1].split("<!-- /vectors -->")[0]
    assert written.strip() == table(vectors), table(vectors)


def test_every_reason_is_told_in_the_guide() -> None:
    told = re.findall(r"^\| ([^|]+) \|", GUIDE.read_text(encoding="utf-8").partition("### Why")[2], re.M)
    assert set(REASONS) == set(told) - {"reason", "---"}


def test_canonical_is_idempotent_on_every_published_address(vectors: list[Vector]) -> None:
    for vector in vectors:
        for url in (vector.given, vector.expected):
            try:
                canonical = canonical_url(str(url))
            except BadURL:
                continue
            assert canonical_url(canonical) == canonical
