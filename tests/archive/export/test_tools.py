"""The tools that people read packages with take ours as it is: Frictionless, Croissant, DuckDB, pandas."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from archive.export.facts import Facts
from tests.archive.export.conftest import ALL, FORMULAS, HOSTILE, lines

Whole = tuple[Path, Facts]

FRICTIONLESS = """
import json, sys
import frictionless
told = {}
for path in sys.argv[1:]:
    report = frictionless.validate(path)
    told[path] = {
        "valid": report.valid,
        "errors": report.flatten(["title", "rowNumber", "fieldName", "message"])[:5],
        "tasks": {task.place: task.stats.get("rows") for task in report.tasks},
    }
json.dump(told, sys.stdout)
"""
CROISSANT = """
import json, logging, sys
from collections import Counter
import mlcroissant as mlc
told = {}
for path in sys.argv[1:]:
    dataset = mlc.Dataset(jsonld=path)
    issues = dataset.metadata.ctx.issues
    records = {one.name: [list(record) for record in dataset.records(one.name)] for one in dataset.metadata.record_sets}
    told[path] = {
        "errors": sorted(map(str, issues.errors)),
        "warnings": sorted(map(str, issues.warnings)),
        "records": {name: len(found) for name, found in records.items()},
        "first": {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in
            next(iter(dataset.records("articles"))).items()} if "articles" in records else {},
    }
json.dump(told, sys.stdout)
"""


def asked(script: str, *paths: Path) -> dict[str, Any]:
    """Return what a tool tells of packages, from a process of its own: its warnings are not ours."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3_000:]
    told: dict[str, Any] = json.loads(run.stdout[run.stdout.index("{") :])
    return told


@pytest.fixture
def kinds(whole: Whole, packed: Callable[..., Path]) -> list[Path]:
    """Return packages of each kind: everything, no texts, one format each, a part with outside references, nothing."""
    return [
        whole[0],
        packed("list", text=False, formats=ALL),
        packed("csv", formats=("csv",), stories="first", sources=("jel",)),
        packed("parquet", formats=("parquet",)),
        packed("empty", query="никогда", formats=ALL),
    ]


def test_frictionless_finds_every_package_valid(kinds: list[Path], whole: Whole) -> None:
    told = asked(FRICTIONLESS, *(folder / "datapackage.json" for folder in kinds))
    for path, report in told.items():
        assert report["valid"], (path, report["errors"])
    rows = told[str(whole[0] / "datapackage.json")]["tasks"]
    assert rows["articles.csv"] == rows["articles.jsonl"] == 12


def test_frictionless_sees_what_was_tampered_with(packed: Callable[..., Path]) -> None:
    """The descriptor is strict enough to fail: another text, an article that is missing, a value of another type."""
    changes = (("Бюджет на год", "Бюджеты"), ("\ndala20260310-1,", "\nx,"), (",2026-03-10,minute", ",no day,minute"))
    folders = []
    for number, (old, new) in enumerate(changes):
        folders.append(packed(str(number), formats=("csv",)))
        path = folders[-1] / "articles.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
    told = asked(FRICTIONLESS, *(folder / "datapackage.json" for folder in folders))
    assert [report["valid"] for report in told.values()] == [False] * 3


def test_croissant_loads_every_package(kinds: list[Path], whole: Whole, packed: Callable[..., Path]) -> None:
    paths = [folder / "croissant.json" for folder in (*kinds, packed("lines", formats=("jsonl",)))]
    told = asked(CROISSANT, *paths)
    for path, dataset in told.items():
        assert dataset["errors"] == [], path
        assert dataset["warnings"] == [], path
    assert told[str(paths[0])]["records"] == {
        table: len(lines(whole[0], table))
        for table in ("articles", "versions", "stories", "topic_hits", "removals", "sources", "runs")
    }
    for path in (paths[0], paths[-1]):
        assert "Новая Конституция" in told[str(path)]["first"]["articles/text"]


def test_duckdb_reads_all_formats_alike(whole: Whole) -> None:
    folder, _ = whole
    connection = duckdb.connect()
    sql = "select id, title, text_sha256, words, story_id from read_{}('{}') order by id"
    csv, jsonl, parquet = (
        connection.execute(sql.format(how, folder / f"articles.{what}")).fetchall()
        for how, what in (("csv", "csv"), ("json", "jsonl"), ("parquet", "parquet"))
    )
    assert len(parquet) == 12
    assert jsonl == parquet
    # an apostrophe is in front of formulas
    assert [(row[0], *row[2:]) for row in csv] == [(row[0], *row[2:]) for row in parquet]
    joined = connection.execute(
        f"""select s.name, count(*) from '{folder}/articles.parquet' a join '{folder}/sources.parquet' s
            on s.id = a.source_id where a.published_day <= date '2026-03-10' group by all order by all"""
    ).fetchall()
    assert joined == [("Dala", 2), ("Jel", 2), ("Steppe", 1)]


PANDAS = """
import json, sys
import pandas as pd
folder = sys.argv[1]
csv = pd.read_csv(f"{folder}/articles.csv", keep_default_na=False, na_values=[""])
parquet = pd.read_parquet(f"{folder}/articles.parquet")
jsonl = pd.read_json(f"{folder}/articles.jsonl", lines=True, convert_dates=False)
json.dump({
    "columns": [list(csv.columns), list(parquet.columns), list(jsonl.columns)],
    "texts": [[str(text) for text in frame["text"]] for frame in (csv, parquet, jsonl)],
    "titles": [[str(text) for text in frame["title"]] for frame in (csv, parquet, jsonl)],
    "seen": str(parquet["first_seen_at"].dtype),
    "days": [str(day) for day in parquet["published_day"]],
}, sys.stdout)
"""


def test_pandas_reads_all_formats_alike(whole: Whole) -> None:
    told = asked(PANDAS, whole[0])
    assert told["columns"][0] == told["columns"][1] == told["columns"][2]
    assert told["texts"][1] == told["texts"][2]
    assert HOSTILE in told["texts"][1]
    assert f"'{HOSTILE}" in told["texts"][0]
    assert set(FORMULAS) < set(told["titles"][2])
    assert told["seen"].startswith("datetime64[")
    assert told["days"][0] == "2026-03-10"
