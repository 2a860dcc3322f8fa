"""The guide names every key, and its example is a source that loads."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from crawler.source import DEFAULT_DELAY_S, Entry, Source
from crawler.source_file import ENTRY_KEYS, ENTRY_KINDS, KINDS, MAX_DELAY_S, MAX_PAGES, SHARED_KEYS, SOURCE_KEYS
from crawler.sources import load_sources

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "add-an-outlet.md").read_text(encoding="utf-8")
SOURCE_TABLE, ENTRY_TABLE = GUIDE.split("## All keys")[1].split("Keys of an entry:")


def rows(table: str) -> dict[str, str]:
    return {key: line for line in table.splitlines() for key in re.findall(r"^\| `([a-z_]+)`", line)}


def test_every_key_of_a_source_and_of_an_entry_is_in_the_guide() -> None:
    """And no other; the dataclasses hold the same keys as the file."""
    assert set(rows(SOURCE_TABLE)) == set(SOURCE_KEYS) == {field.name for field in fields(Source)}
    assert set(rows(ENTRY_TABLE)) == set(ENTRY_KEYS) == {field.name for field in fields(Entry)}


def test_the_keys_for_all_outlets_are_marked() -> None:
    assert {key for key, line in rows(SOURCE_TABLE).items() if "` * |" in line} == set(SHARED_KEYS)


def test_words_and_limits_are_those_of_the_program() -> None:
    assert all(f"`{kind}`" in rows(SOURCE_TABLE)["kind"] for kind in KINDS)
    assert all(f"`{kind}`" in rows(ENTRY_TABLE)["kind"] for kind in ENTRY_KINDS)
    assert f"0 to {MAX_DELAY_S:g}" in rows(SOURCE_TABLE)["delay"]
    assert rows(SOURCE_TABLE)["delay"].endswith(f"| {DEFAULT_DELAY_S:g} |")
    assert f"1 to {MAX_PAGES}" in rows(ENTRY_TABLE)["pages"]


def test_the_example_loads_and_means_what_the_guide_says(tmp_path: Path) -> None:
    example = GUIDE.split("```toml\n")[1].split("```")[0]
    path = tmp_path / "sources.toml"
    path.write_text("\n".join(line.removeprefix("   ") for line in example.splitlines()), encoding="utf-8")
    source = load_sources(path).by_id("dala-times")
    assert source.wants("https://www.dala-times.kz/news/123456-some-article")
    assert not source.wants("https://www.dala-times.kz/horoscope/123456-some-article")
    assert [entry.fallback for entry in source.entries] == [False, True, False, True, False]
