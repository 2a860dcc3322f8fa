"""docs/site.md names every page and canned query, and shows pictures that are there."""

from __future__ import annotations

import re
from pathlib import Path

from archive.site.canned import QUERIES
from archive.site.plugins.dauys_pages import register_routes

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "site.md").read_text(encoding="utf-8")
MOST_BYTES = 200_000


def test_every_page_is_documented() -> None:
    for pattern, _ in register_routes():
        address = re.sub(r"\(\?P<id>(\[.*?\]|\\d).*?\)", lambda found: "ID" if "w" in found[1] else "N", pattern)
        address = address.strip("^$").replace("\\", "")
        assert f"`{address}`" in PAGE or f"`{address}?" in PAGE, address


def test_every_canned_query_is_documented() -> None:
    assert [name for name in QUERIES if f"`{name}`" not in PAGE] == []


def test_pictures_are_there_and_small() -> None:
    shown = set(re.findall(r"\(images/([\w-]+\.png)\)", PAGE))
    assert shown
    for name in shown:
        assert (ROOT / "docs" / "images" / name).stat().st_size < MOST_BYTES, name
