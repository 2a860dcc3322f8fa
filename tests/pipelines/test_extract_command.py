"""`python -m pipelines extract` as its users type it."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from pipelines.cli import main
from tests.golden.cases import FOLDER, expected

KEYS = {
    "url", "canonical_url", "title", "text", "authors", "published_at", "published_precision", "published_from",
    "modified_at", "language", "script", "section", "tags", "image_url",
}  # fmt: skip


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["extract", *map(str, arguments)])


def test_one_file(tmp_path: Path) -> None:
    """One file, gzipped or not, gives one JSON object with the fields of the contract."""
    golden = expected("kk_bridge")
    packed = tmp_path / "page.html.gz"
    packed.write_bytes(gzip.compress((FOLDER / "kk_bridge" / "page.html").read_bytes()))
    result = run("--url", golden["url"], "--fetched-at", "2026-03-11T08:00:00+05:00", packed)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found == golden
    assert set(found) >= KEYS


def test_a_list_keeps_its_order_and_survives_bad_lines(tmp_path: Path) -> None:
    """Each line is answered in its place: an article, or an error that names the line or the file."""
    for case in ("ru_bridge", "en_bridge"):
        shutil.copy(FOLDER / case / "page.html", tmp_path / f"{case}.html")
    lines = [
        json.dumps(
            {"url": "https://tasaryk.example/1", "file": "ru_bridge.html", "fetched_at": "2026-03-11T03:00:00Z"}
        ),
        "{not json",
        "[1, 2]",
        json.dumps({"url": "https://tasaryk.example/2", "file": "missing.html"}),
        json.dumps({"url": "https://tasaryk.example/3", "file": "ru_bridge.html", "fetched_at": "yesterday"}),
        json.dumps({"file": "ru_bridge.html"}),
        json.dumps({"url": "https://courier.example/4", "file": str(FOLDER / "en_bridge" / "page.html")}),
    ]
    listing = tmp_path / "pages.jsonl"
    listing.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    result = run("--jsonl", listing)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["url"] for row in rows if row["url"]] == [f"https://{host}.example/{n}" for host, n in
        [("tasaryk", 1), ("tasaryk", 2), ("tasaryk", 3), ("courier", 4)]]  # fmt: skip
    assert [("error" in row) for row in rows] == [False, True, True, True, True, True, False]
    assert "line 2" in rows[1]["error"]
    assert "missing.html" in rows[3]["error"]
    assert "yesterday" in rows[4]["error"]
    assert rows[0]["language"] == "ru"


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    """A user's mistake ends with 2 and without a traceback."""
    page = tmp_path / "page.html"
    page.write_text("<p>x</p>", encoding="utf-8")
    for arguments in (
        [],
        ["--url", "https://tasaryk.example/"],
        [page],
        ["--url", "https://tasaryk.example/", tmp_path / "missing.html"],
        ["--url", "https://tasaryk.example/", "--timezone", "Mars/Base", page],
        ["--url", "https://tasaryk.example/", "--fetched-at", "soon", page],
        ["--jsonl", tmp_path / "missing.jsonl"],
        ["--jsonl", page, page],
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert "Traceback" not in result.output


def test_help_has_an_example() -> None:
    """--help shows how the command is used."""
    assert "python -m pipelines extract --url" in run("--help").output
