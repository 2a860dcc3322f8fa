"""Fixtures of the pipeline's tests: one reader of pages for all of them, since starting one takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.extract import warm_up
from pipelines.worker import Worker
from tests.pipelines.collected import Desk


@pytest.fixture(scope="session")
def reader() -> Iterator[Worker]:
    with Worker(warm_up=warm_up) as worker:
        yield worker


@pytest.fixture
def desk(tmp_path: Path, reader: Worker) -> Desk:
    """Return an archive that files are imported into; test_store.py has a desk of its own."""
    return Desk(tmp_path, reader)
