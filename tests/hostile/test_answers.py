"""Torn, endless, packed and broken answers, and robots.txt of every sort: each has its reason, and all else goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.case import Case
from tests.hostile.cases import GROUPS
from tests.hostile.checks import check_case, check_crawl
from tests.hostile.crawling import Watched, crawl_over
from tests.mockserver import MockServer

CASES = GROUPS["answers"]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Run one crawl over all of them."""
    with MockServer() as web:
        yield crawl_over(web, tmp_path_factory.mktemp("answers"), CASES)


def test_the_crawl_ends_and_the_good_pages_are_stored(watched: Watched) -> None:
    """Twenty of twenty, no stall of a second, under 500 MB."""
    check_crawl(watched)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_is_recorded_with_its_reason(watched: Watched, case: Case) -> None:
    """The outcome is in `links` or `entries`."""
    check_case(watched, case)


def test_no_cookie_goes_back(watched: Watched) -> None:
    """What a page set is sent with no later request, and validators are clean."""
    assert not [asked for site in watched.sites.values() for asked in site.asked if "cookie" in asked.headers]
    assert not watched.rows("select etag from links where etag glob ?", "*[\x01-\x1f]*")


def test_every_host_is_asked_for_its_rules_first(watched: Watched) -> None:
    """Whatever a site does, its robots.txt was asked for before its page."""
    for name, site in watched.sites.items():
        assert site.asked[0].target == "/robots.txt", name
