"""An archive full of what strangers wrote, in a real browser: nothing of it runs, nothing is asked of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.archive.site.press import fill
from tests.archive.site.test_hostile import OWN_PAGES, spoil
from tests.browser.conftest import Site, served


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the invented press with markup and script addresses in every field that an outlet fills."""
    archive = tmp_path_factory.mktemp("hostile") / "archive.db"
    known = fill(archive)
    spoil(archive)
    with served(archive, known) as site:
        yield site


@pytest.mark.parametrize("path", [*OWN_PAGES, "/archive/articles", "/archive/articles/1", "/archive/links"])
def test_nothing_that_was_stored_runs(visit: Any, path: str) -> None:
    """No dialog opens, no element of the payload exists, no link leads to a script; the policy is never even needed.

    The fixture fails on a console message, which a script that the policy stopped would leave.
    """
    page = visit(path)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.wait_for_load_state("networkidle")
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("[onerror], [onload]").count() == 0
    assert page.locator("a[href^='javascript' i], a[href^='data' i]").count() == 0
