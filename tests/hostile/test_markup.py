"""Pages that are dear to read end their reader, not the crawl."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.case import Case
from tests.hostile.cases import GROUPS
from tests.hostile.checks import check_case, check_crawl
from tests.hostile.crawling import Watched, crawl_over
from tests.mockserver import MockServer

CASES = GROUPS["markup"]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Run one crawl over all of them."""
    with MockServer() as web:
        yield crawl_over(web, tmp_path_factory.mktemp("markup"), CASES, READ_TIME_LIMIT_S="4")


def test_the_crawl_ends_and_the_good_pages_are_stored(watched: Watched) -> None:
    """Twenty of twenty, no stall of a second, under 500 MB."""
    check_crawl(watched)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_is_recorded_with_its_reason(watched: Watched, case: Case) -> None:
    """The outcome is in `links` or `entries`."""
    check_case(watched, case)
