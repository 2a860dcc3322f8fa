"""The address of a search says all of it, and nothing that an address can hold is an error."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

from datasette.utils import MultiParams
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.site.criteria import MAX_PAGE, ROLES, Criteria, number, read

names = st.lists(st.text("abcdefё-", min_size=1, max_size=12), max_size=3, unique=True).map(tuple)
searches = st.builds(
    Criteria,
    query=st.text(max_size=40).map(str.strip),
    languages=names,
    sources=names,
    topics=names,
    roles=st.lists(st.sampled_from(ROLES), unique=True).map(tuple),
    since=st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    until=st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    sort=st.sampled_from(["best", "new"]),
    page=st.integers(1, MAX_PAGE),
)


def parsed(address: str) -> Criteria:
    return read(MultiParams(parse_qs(address.removeprefix("?"), keep_blank_values=True)))


@settings(deadline=None, max_examples=80)
@given(searches)
def test_an_address_gives_back_its_search(criteria: Criteria) -> None:
    assert parsed(criteria.address) == criteria


@settings(deadline=None, max_examples=80)
@given(st.dictionaries(st.sampled_from(["q", "lang", "since", "until", "page", "sort", "role"]), st.text(max_size=30)))
def test_any_address_is_a_search(values: dict[str, str]) -> None:
    criteria = read(MultiParams({name: [value] for name, value in values.items()}))
    assert 1 <= criteria.page <= MAX_PAGE
    assert parsed(criteria.address) == criteria


@settings(deadline=None, max_examples=40)
@given(searches, st.sampled_from(["language", "source", "topic"]), st.text("ab", min_size=1, max_size=3))
def test_choosing_twice_changes_nothing_but_the_page(criteria: Criteria, facet: str, value: str) -> None:
    twice = criteria.toggled(facet, value).toggled(facet, value)
    assert set(twice.chosen(facet)) == set(criteria.chosen(facet))
    assert twice.page == 1


def test_numbers_of_an_address_stay_in_their_bounds() -> None:
    assert [number(text, 1, 500) for text in ("0", "7", "9999", "-3", "٣", "1e9", "", None)] == [
        1,
        7,
        500,
        1,
        1,
        1,
        1,
        1,
    ]
