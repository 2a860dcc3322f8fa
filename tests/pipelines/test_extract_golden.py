"""Golden pages: each field of each invented page as it must come out."""

from __future__ import annotations

import pytest

from tests.golden.cases import CASES, expected, produced

FIELDS = sorted(expected(CASES[0]))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("field", FIELDS)
def test_field(case: str, field: str) -> None:
    """The field is what the golden article says; `python -m tests.golden.cases` shows all differences."""
    assert produced(case)[field] == expected(case)[field]
