"""The page of hostile servers says what was measured and what the tests demand, case by case."""

from __future__ import annotations

from benchmarks import hostile
from tests.hostile.cases import CASES


def test_the_page_is_the_one_that_the_measurements_and_the_cases_make() -> None:
    """docs/hostile.md is written by `make hostile`; a new case or another demand makes it outdated."""
    assert hostile.PAGE.read_text(encoding="utf-8") == hostile.page(), "python -m benchmarks.hostile --page"


def test_the_stock_tools_were_measured_on_every_case() -> None:
    """No row is left open but the ones that say why."""
    known = hostile.kept()
    assert [case.name for case in CASES if case.name not in known] == list(hostile.NOT_COMPARABLE)
