"""Everybody can use the pages: axe finds nothing serious in light and dark, wide and narrow; nothing is cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
PAGES = (
    "/",
    "/search?q=референдум&lang=kk",
    "/search?q=ничегоподобного",
    "/article/1",
    "/article/7",
    "/article/7/changes",
    "/stories",
    "/story/1",
    "/outlets",
    "/outlet/bereg",
    "/edits",
    "/deletions",
    "/reprints",
)
NARROW = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "looks", [{"locale": "ru-RU"}, {"color_scheme": "dark", "locale": "kk-KZ"} | NARROW], ids=["light", "dark-narrow"]
)
def test_nothing_serious_keeps_people_out(visit: Any, path: str, looks: dict[str, Any]) -> None:
    page = visit(path, **looks)
    page.evaluate(AXE)
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} ({one['nodes'][0].get('failureSummary', '')[:200]})"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
