"""What people come to do, done in a real browser."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from tests.archive.site.press import CHANGED


def test_find_a_reprint_of_a_decree_and_its_first_publisher(visit: Any, running: Any) -> None:
    page = visit("/")
    page.get_by_role("searchbox").fill("указ референдум")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile(r"^Reprint \d")).click()
    page.wait_for_url(re.compile("role=reprint"))
    page.get_by_role("link", name="Референдум назначен на 15 марта").click()
    page.get_by_text("This text repeats an earlier one").wait_for()
    page.get_by_role("link", name="See the whole story").click()
    assert "Подписан указ о референдуме" in page.get_by_role("heading", level=1).inner_text()
    first = page.locator("tr.first")
    assert "Ақтаң жаршысы" in first.inner_text()
    delays = page.locator("table.members tbody tr:not(.first) td:nth-of-type(3)").all_inner_texts()
    assert delays == ["+24\u00a0min", "+3\u00a0h 12\u00a0min", "+1\u00a0d 2\u00a0h"]
    assert page.locator("svg .dot").count() == 4
    page.locator("svg .dot.first").click()
    page.wait_for_url(f"**/article/{running.known['decree']}")


def test_see_what_was_changed_in_a_headline(visit: Any) -> None:
    page = visit("/edits")
    page.get_by_label("Changes").select_option("headlines")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("kind=headlines"))
    change = page.locator(".diff.headline").first
    assert "опровергла" in change.locator("del").inner_text()
    assert "признала" in change.locator("ins").inner_text()
    page.get_by_role("link", name=re.compile("What changed")).click()
    assert page.get_by_role("heading", level=1).inner_text() == CHANGED[1]
    assert "допечатать" in page.locator(".change ins").last.inner_text()


def test_export_what_was_found(visit: Any, tmp_path: Path) -> None:
    page = visit("/search?q=референдум&lang=kk")
    told = int(re.sub(r"\D", "", page.get_by_role("status").inner_text()))
    with page.expect_download() as download:
        page.locator(".result-head").get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == told > 0
    assert {row["language"] for row in rows} == {"kk"}


def test_switch_the_language_and_keep_it(visit: Any) -> None:
    page = visit("/search?q=референдум")
    for code, name, heading in (("kk", "Қазақша", "мақала"), ("ru", "Русский", "стат"), ("en", "English", "article")):
        page.get_by_role("link", name=name).click()
        page.wait_for_url(re.compile(f"_lang={code}"))
        assert page.locator("html").get_attribute("lang") == code
        assert heading in page.get_by_role("status").inner_text()
        assert page.get_by_role("searchbox").input_value() == "референдум"
    page.get_by_role("link", name="Қазақша").click()
    page.get_by_role("link", name="Сюжеттер").click()
    page.wait_for_url("**/stories")
    assert page.locator("html").get_attribute("lang") == "kk"


def test_drag_across_days_to_narrow(visit: Any) -> None:
    page = visit("/search?q=референдум")
    before = page.get_by_role("status").inner_text()
    plot = page.locator(".coverage .u-over")
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=6)
    page.mouse.up()
    page.wait_for_url(re.compile(r"since=2026-03-\d\d&until=2026-03-\d\d"))
    assert page.get_by_role("status").inner_text() != before
    assert page.get_by_role("searchbox").input_value() == "референдум"
    page.get_by_role("link", name="Remove all limits").click()
    page.wait_for_url(re.compile(r"/search\?q=[^&]+$"))


def test_a_day_is_told_and_chosen(visit: Any) -> None:
    page = visit("/")
    box = page.locator(".coverage .u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    page.locator("[data-tip]").wait_for(state="visible")
    assert "March 2026" in page.locator("[data-tip]").inner_text()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 80)
    page.wait_for_url(re.compile(r"since=(2026-03-\d\d)&until=\1"))


def test_everything_is_reached_by_keyboard(visit: Any) -> None:
    """From the top: skip to the content, type, search, open the first result, all without a mouse."""
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("constitutions")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=constitutions"))
    link = page.locator(".results h2 a").first
    link.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/article/*")


def test_the_map_shows_one_outlet_alone(visit: Any) -> None:
    page = visit("/reprints")
    page.locator("[data-node=jelken]").focus()
    assert page.locator(".edge.near").count() == 1
    page.locator("[data-node=aqtan]").hover()
    assert page.locator(".edge.near.out").count() == 3
    page.locator("[data-node=aqtan]").click()
    page.wait_for_url("**/outlet/aqtan")


def test_a_citation_is_copied(visit: Any, running: Any) -> None:
    page = visit(f"/article/{running.known['decree']}", permissions=["clipboard-read", "clipboard-write"])
    page.locator("[data-copy=cite-bibtex]").click()
    page.get_by_text("Copied").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@online{aqtan20260301-")


def test_the_site_works_without_scripts(visit: Any) -> None:
    page = visit("/search?q=референдум", java_script_enabled=False)
    page.get_by_text("The same as a table").click()
    assert page.locator("[data-days] tbody tr").count() > 3
    page.get_by_role("link", name=re.compile("^Береговой вестник")).first.click()
    page.wait_for_url(re.compile("source=bereg"))


@pytest.mark.parametrize("path", ["/archive", "/archive/articles", "/archive/articles/1", "/archive/first_and_copied"])
def test_pages_of_datasette_work_under_the_policy(visit: Any, path: str) -> None:
    """The guard of the fixture fails on any script that the policy refuses."""
    page = visit(path)
    page.get_by_role("link", name="Dauys").first.click()
    page.get_by_role("heading", level=1).wait_for()


def test_a_headline_with_a_script_runs_nothing(visit: Any, running: Any) -> None:
    page = visit(f"/article/{running.known['hostile']}")
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    assert page.get_by_role("heading", level=1).inner_text().startswith('<script>alert("референдум")</script>')
    assert page.locator("main b", has_text="жирный").count() == 0
