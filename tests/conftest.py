"""Fixtures that every package's tests share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent

LONGEST = (
    "crashes/test_kills.py", "hostile/test_answers.py", "quality/test_reprints.py",
    "hostile/", "crashes/", "end_to_end/", "test_scheduler.py", "quality/", "pipelines/test_import_warc.py",
    "archive/site/test_next_line.py", "pipelines/test_worker.py", "browser/", "crawler/test_trial.py",
)  # fmt: skip
"""Files and folders that take longest. Begun last, one of them would run alone while the other cores have nothing."""
WORKERS_PER_CORE = 2
"""Two in five seconds of a test worker are waits for a server, a crawl or the disk."""


# where a shell forbids compiled files, every worker would rewrite every test, and every crawl compile the project
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# how long an example takes says how busy the machine is
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Answer `-n auto`."""
    return WORKERS_PER_CORE * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest first; with `--no-loadscope-reorder` the workers keep this order."""

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(TESTS).as_posix()
        return next((n for n, longest in enumerate(LONGEST) if path.startswith(longest)), len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real pages, feeds and labels beside the project; skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    return folder
