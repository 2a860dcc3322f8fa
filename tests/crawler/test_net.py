"""When a name that cannot be looked up is the end of its domain."""

from __future__ import annotations

import asyncio

import pytest

from crawler.net import domain_ended, resolves

HOST, OTHER, THIRD = "ended.example", "alive.example", "also.example"


@pytest.mark.parametrize(
    ("names", "ended"),
    [
        ({HOST: False, OTHER: True}, True),
        ({HOST: False, OTHER: False, THIRD: True}, True),
        ({HOST: True, OTHER: True}, False),
        ({HOST: None, OTHER: True}, False),
        ({HOST: False, OTHER: False}, False),
        ({HOST: False, OTHER: None}, False),
        ({HOST: False}, False),
    ],
)
def test_a_domain_ended_only_while_other_names_are_found(names, ended):
    """Without a network every name is missing; that is no end of anything."""

    async def lookup(host):
        return names[host]

    others = [name for name in names if name != HOST]
    assert asyncio.run(domain_ended(HOST, others, lookup=lookup)) is ended


def test_loopback_resolves():
    """The real look-up answers for a name that every system has."""
    assert asyncio.run(resolves("localhost")) is True
