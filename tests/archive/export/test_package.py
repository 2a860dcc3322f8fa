"""A package says what it is, can be checked, and is the same bytes whenever and wherever it is made."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from archive.backup import backup
from archive.cli import cli
from archive.export.facts import Facts
from archive.export.tables import tables
from archive.reading import open_for_reading
from tests.archive.export.conftest import lines

ROOT = Path(__file__).resolve().parents[3]
Whole = tuple[Path, Facts]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_manifest_is_checked_by_sha256sum(whole: Whole) -> None:
    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", "MANIFEST"], cwd=whole[0], capture_output=True, text=True, check=True
    )
    told = {line.partition(":")[0] for line in checked.stdout.splitlines()}
    assert told == {path.name for path in whole[0].iterdir()} - {"MANIFEST"}


def test_the_manifest_tells_the_query_and_the_counts(packed: Callable[..., Path]) -> None:
    text = (packed(query="конституция", languages=("ru",)) / "MANIFEST").read_text(encoding="utf-8")
    assert '# options: {"lang": ["ru"], "query": "конституция"}\n' in text
    assert "# rows of articles.jsonl: 2\n" in text
    assert re.search(r'^# archive: "[0-9a-f]{64}"$', text, re.MULTILINE)


def test_the_same_archive_gives_the_same_bytes(shelf: Path, whole: Whole, tmp_path: Path) -> None:
    """From a copy of the archive, in another process, time zone, language and hash seed, all files are the same."""
    db = open_for_reading(shelf)
    backup(db, tmp_path / "copy.db")
    db.close()
    command = [
        sys.executable,
        "-m",
        "archive",
        "export",
        str(tmp_path / "again"),
        "--archive",
        str(tmp_path / "copy.db"),
    ]
    subprocess.run(
        [*command, "--format", "parquet,jsonl,csv", "--include-reserved"],
        cwd=ROOT,
        env=os.environ | {"TZ": "Asia/Almaty", "LC_ALL": "C", "PYTHONHASHSEED": "7", "DAUYS_CLOCK_OFFSET_S": "90000"},
        check=True,
        capture_output=True,
    )
    assert contents(tmp_path / "again") == contents(whole[0])


def test_the_fingerprint_is_of_the_texts(small: Path, tmp_path: Path) -> None:
    """Looking at an article again changes nothing of it; another text does."""

    def fingerprint(name: str) -> str:
        run = CliRunner().invoke(cli, ["export", str(tmp_path / name), "--archive", str(small), "--lang", "kk"])
        assert run.exit_code == 0, run.output
        return str(json.loads((tmp_path / name / "datapackage.json").read_text())["dauys"]["archive"])

    before = fingerprint("before")
    writer = sqlite3.connect(small)
    writer.execute("update links set next_check_at = '2030-01-01T00:00:00Z'")
    writer.commit()
    assert fingerprint("seen") == before
    writer.execute("update article_versions set text_sha256 = ? where article_id = 1", ["0" * 64])
    writer.commit()
    writer.close()
    assert fingerprint("changed") != before


def test_the_readme_says_what_was_typed(packed: Callable[..., Path]) -> None:
    text = (packed(query="жаңа Конституция", languages=("kk", "ru"), text=False) / "README.md").read_text("utf-8")
    assert "`python -m archive export DIR --lang kk --lang ru --query 'жаңа Конституция' --no-text`" in text
    assert "1 article of 1 outlet, " in text


def test_every_column_is_in_the_codebook(whole: Whole, packed: Callable[..., Path]) -> None:
    for folder, held in ((whole[0], tables()), (packed(text=False), tables(text=False))):
        text = (folder / "CODEBOOK.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `(\w+)` \| ", text, re.MULTILINE)
        assert rows == [name for table in held for name in table.names]


def test_the_package_can_be_cited(whole: Whole, packed: Callable[..., Path]) -> None:
    folder, _ = whole
    cff = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= cff.keys()
    assert cff["type"] == "dataset"
    names = [row["doc_id"] for row in lines(folder, "articles")]
    assert (
        re.findall(r"^@online\{(.*),$", (folder / "references.bib").read_text(encoding="utf-8"), re.MULTILINE) == names
    )
    items = json.loads((folder / "references.csl.json").read_text(encoding="utf-8"))
    assert [item["id"] for item in items] == names
    assert items[1]["title"] == "Референдум 15 наурызға белгіленді"
    empty = packed(query="никогда")
    assert json.loads((empty / "references.csl.json").read_text()) == []
    assert (empty / "references.bib").read_text() == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--format", "xlsx"], 2, "xlsx: name one or more of csv,jsonl,parquet."),
        (["--since", "2026-03-20", "--until", "2026-03-10"], 2, "is after --until"),
        (["--since", "March"], 2, "write it like 2026-03-10"),
        (["--query", "()"], 2, "Error:"),
        (["--source", "dal"], 1, "perhaps dala"),
    ],
)
def test_mistakes_are_one_line(shelf: Path, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    run = CliRunner().invoke(cli, ["export", str(tmp_path / "p"), "--archive", str(shelf), *arguments])
    assert run.exit_code == code
    assert said in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""
    assert not list(tmp_path.iterdir())


def test_the_command_tells_what_it_did(shelf: Path, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    run = CliRunner().invoke(
        cli, ["export", str(folder), "--archive", str(shelf), "--title", "Мой корпус", "--author", "Ә. Омар"]
    )
    assert run.exit_code == 0
    assert "11 articles" in run.stdout
    assert "1 article left out" in run.stderr
    assert yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))["authors"] == [{"name": "Ә. Омар"}]
    assert not list(folder.glob("*.jsonl"))
    shutil.rmtree(folder)
    nothing = CliRunner().invoke(cli, ["export", str(folder), "--archive", str(shelf), "--query", "никогда"])
    assert nothing.exit_code == 0
    assert "No article is of this selection." in nothing.stderr
