"""The name of the reader changes with our own rules, whoever changes them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pipelines import reader

ROOT = Path(reader.__file__).parent


def imported(path: Path) -> Iterator[str]:
    """Yield our own modules that a module may import, names of classes and functions among them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pipelines":
            folder = str(node.module).replace(".", "/").removeprefix("pipelines").removeprefix("/")
            yield folder
            yield from (f"{folder}/{one.name}".removeprefix("/") for one in node.names)


def test_the_reader_is_all_that_extraction_is_made_of() -> None:
    """Every module that extraction imports, directly or not, is in the digest, and nothing else."""
    found: set[str] = set()
    waiting = ["extract"]
    while waiting:
        name = waiting.pop()
        path = ROOT / f"{name}.py"
        if name not in found and path.exists():
            found.add(name)
            waiting.extend(imported(path))
    assert set(reader.MODULES) == found


def test_another_rule_is_another_reader(tmp_path: Path, monkeypatch) -> None:
    """A changed byte in any module changes the name that articles get."""
    for name in reader.MODULES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_bytes((ROOT / f"{name}.py").read_bytes())
    monkeypatch.setattr(reader, "__file__", str(tmp_path / "reader.py"))
    before = reader._rules()
    assert f"dauys {before}," in reader.READER
    with (tmp_path / "tidy.py").open("a", encoding="utf-8") as file:
        file.write("LIMIT = 3\n")
    assert reader._rules() != before
