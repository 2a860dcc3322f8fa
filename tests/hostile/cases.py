"""All cases, by the crawl that they share: light ones together, dear ones apart."""

from __future__ import annotations

from tests.hostile import addresses, letters, lists, markup, robots, transport
from tests.hostile.case import Case

GROUPS: dict[str, tuple[Case, ...]] = {
    "answers": (*transport.CASES.all, *robots.CASES.all),
    "words": (*addresses.CASES.all, *letters.CASES.all),
    "markup": tuple(markup.CASES.all),
    "lists": tuple(lists.CASES.all),
}
CASES: tuple[Case, ...] = tuple(case for group in GROUPS.values() for case in group)
