"""Feeds, sitemaps and sections that are bombs, floods or mazes bring what they may and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.case import Case
from tests.hostile.cases import GROUPS
from tests.hostile.checks import check_case, check_crawl
from tests.hostile.crawling import Watched, crawl_over
from tests.mockserver import MockServer

CASES = GROUPS["lists"]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Run one crawl over all of them."""
    with MockServer() as web:
        yield crawl_over(web, tmp_path_factory.mktemp("lists"), CASES)


def test_the_crawl_ends_and_the_good_pages_are_stored(watched: Watched) -> None:
    """Twenty of twenty, no stall of a second, under 500 MB."""
    check_crawl(watched)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_is_recorded_with_its_reason(watched: Watched, case: Case) -> None:
    """The outcome is in `links` or `entries`."""
    check_case(watched, case)


def test_nothing_private_was_listed(watched: Watched) -> None:
    """No file, script, password or private address became a link, and no text of a file a title."""
    assert not watched.rows("select url from links where url not like 'http://127.0.%'")
    assert not watched.rows("select url from links where title_hint like '%root:%'")
    assert not watched.rows("select title_hint from links where title_hint glob ?", "*[\x01-\x1f]*")


def test_the_maze_was_left(watched: Watched) -> None:
    """Of an index without end so many sitemaps were fetched as one entry may cost."""
    assert len(watched.sites["sitemap-maze"].seen("/lists/")) <= 50
    assert len(watched.sites["calendar"].seen("/lists/")) == 1
