from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.robots_kept import KeptRobots, RobotsShelf

NOW = datetime(2026, 3, 15, 7, 0, tzinfo=UTC)
OUTLET = "https://outlet.example"


def test_what_is_kept_comes_back_for_a_day(tmp_path: Path) -> None:
    shelf = RobotsShelf(tmp_path / "robots")
    kept = KeptRobots(status=200, body=b"\xff\x00Disallow: /", fetched_at=NOW)
    shelf.put(OUTLET, kept)
    assert shelf.get(OUTLET, NOW) == kept
    assert shelf.get(OUTLET, NOW + timedelta(hours=23, minutes=59)) == kept
    assert shelf.get(OUTLET, NOW + timedelta(hours=24)) is None
    assert shelf.get("https://other.example", NOW) is None


def test_an_answer_of_the_future_is_none(tmp_path: Path) -> None:
    """A clock that was set back must not make an answer good for longer."""
    shelf = RobotsShelf(tmp_path)
    shelf.put(OUTLET, KeptRobots(status=404, body=b"", fetched_at=NOW))
    assert shelf.get(OUTLET, NOW - timedelta(minutes=1)) is None


@given(st.binary(max_size=80))
@settings(deadline=None, max_examples=100)
def test_a_damaged_file_is_as_good_as_none(tmp_path_factory: pytest.TempPathFactory, damage: bytes) -> None:
    shelf = RobotsShelf(tmp_path_factory.getbasetemp())
    shelf.path(OUTLET).write_bytes(damage)
    assert shelf.get(OUTLET, NOW) is None


@pytest.mark.parametrize(
    "text", ["{}", "[]", "null", '{"authority": "https://outlet.example", "status": 200, "body": 5, "fetched_at": "x"}']
)
def test_so_is_a_file_of_another_shape(tmp_path: Path, text: str) -> None:
    shelf = RobotsShelf(tmp_path)
    shelf.path(OUTLET).write_text(text)
    assert shelf.get(OUTLET, NOW) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "robots").write_text("a file")
    RobotsShelf(tmp_path / "robots").put(OUTLET, KeptRobots(status=200, body=b"", fetched_at=NOW))
    assert "is not kept" in caplog.text
