"""One archive of an invented press for all tests of the site."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archive.site.app import site
from tests.archive.site.press import fill

shown = cache(site)
"""One site for all tests that only ask it: each new one compiles every template again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """The archive and the numbers of the articles that tests ask for."""

    archive: Path
    known: dict[str, int]

    def client(self, **settings: Any) -> Any:
        return shown(self.archive, **settings).client


@pytest.fixture(scope="session")
def press(tmp_path_factory: pytest.TempPathFactory) -> Press:
    archive = tmp_path_factory.mktemp("press") / "archive.db"
    return Press(archive=archive, known=fill(archive))
