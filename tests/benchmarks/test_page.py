"""The page of measurements: sections that were not measured again stay; charts are well-formed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as running
from benchmarks.__main__ import SECTIONS
from benchmarks.chart import bars, lines
from benchmarks.section import Result, Section, assemble, read_parts, written

FIRST = Section(name="first", title="First", about="What.", run=lambda quick: Result(text="| 1 |"))
SECOND = Section(name="second", title="Second", about="What.", run=lambda quick: Result(text="| 2 |"))


def test_a_section_that_is_not_measured_again_keeps_its_text() -> None:
    """Writing one section leaves the others as the page has them, in the order of the list."""
    both = {one.name: written(one, one.run(True), "today") for one in (SECOND, FIRST)}
    page = assemble("# Head\n", (FIRST, SECOND), both)
    assert page.index("## First") < page.index("## Second")
    again = {**read_parts(page), "second": written(SECOND, Result(text="| 3 |"), "now")}
    changed = assemble("# Head\n", (FIRST, SECOND), again)
    assert "| 1 |" in changed
    assert "| 3 |" in changed
    assert "| 2 |" not in changed


def test_a_section_that_fails_takes_no_other_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the page said of it stays, those behind it are measured, the end tells of it and of all times; exit 1."""

    def fail(quick: bool) -> Result:
        raise SystemExit("no room left")

    page = tmp_path / "performance.md"
    page.write_text(assemble("# Head\n", (FIRST,), {"first": written(FIRST, Result(text="| 0 |"), "once")}))
    monkeypatch.setattr(running, "PAGE", page)
    monkeypatch.setattr(
        running, "SECTIONS", (replace(FIRST, run=fail), SECOND, replace(SECOND, name="long", by_name=True))
    )
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick"])
    with pytest.raises(SystemExit) as end:
        running.main()
    assert end.value.code == 1
    assert "| 0 |" in page.read_text()
    assert set(read_parts(page.read_text())) == {"first", "second"}
    told = capsys.readouterr().err
    assert "no room left" in told
    assert "first  FAILED" in told
    assert " s  in all" in told


def test_sections_have_names_of_their_own() -> None:
    """A name addresses one section."""
    assert len({section.name for section in SECTIONS}) == len(SECTIONS)


@pytest.mark.parametrize(
    "svg",
    [
        bars("Ratios", [("a <b>", 1.0), ("ours", 12.5)], unit=" x", ours="ours"),
        bars("Nothing", []),
        lines("Memory", {"tree": [(0, 100), (50_000, 390)]}, x="pages", y="MiB"),
        lines("Rate", {"a": [(1e4, 900), (1e6, 600)], "b": [(1e4, 0), (1e6, 0)]}, x="articles", y="a s", log_x=True),
        lines("Nothing", {}, x="x", y="y"),
    ],
)
def test_charts_are_well_formed_and_stay_inside(svg: str) -> None:
    """Every chart is XML, with a title, and no mark lies outside of its frame."""
    root = ElementTree.fromstring(svg)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    assert root.findtext("{http://www.w3.org/2000/svg}title")
    for mark in root.iter():
        assert 0 <= float(mark.get("x", 0)) <= width
        assert 0 <= float(mark.get("y", 0)) <= height
        for point in mark.get("points", "").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height
