"""The mock web of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawler.middlewares.resolver import FakeResolver
from tests.mockserver import MockServer


@pytest.fixture(scope="module")
def web() -> Iterator[MockServer]:
    """Return a server to open sites on, one for all tests of a file."""
    with MockServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _forget_names() -> Iterator[None]:
    FakeResolver.answers.clear()
    FakeResolver.asked.clear()
    yield
    FakeResolver.answers.clear()
