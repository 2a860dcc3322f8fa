"""The codebook and the generated pages say what the program is, no more and no less."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from archive.codebook import codebook, schema
from archive.descriptions import TABLES

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_table_view_and_column_is_described() -> None:
    """A column without a description, or a description without its column, fails here."""
    there = {name: [column for column, _ in columns] for name, _, columns in schema()}
    assert there.keys() == TABLES.keys()
    for name, columns in there.items():
        assert list(TABLES[name].columns) == columns, f"archive/descriptions.py: {name}"


def test_descriptions_fit_a_table_cell() -> None:
    texts = [text for table in TABLES.values() for text in (table.description, *table.columns.values())]
    assert all(text and "|" not in text and "\n" not in text for text in texts)


def test_the_codebook_names_them_all() -> None:
    text = codebook()
    assert all(f"\n## {name}\n" in text for name in TABLES)


def test_the_generated_pages_are_up_to_date() -> None:
    """docs/cli.md holds every --help, docs/codebook.md every column. If this fails: python docs/generate.py."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    stale = generate.stale()
    if stale:
        pytest.fail(f"stale: {', '.join(stale)}. Type: python docs/generate.py")
