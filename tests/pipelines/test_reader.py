"""The name of the reader changes with our own rules, whoever changes them."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipelines import reader

ROOT = Path(reader.__file__).parent


def imported(path: Path) -> Iterator[Path]:
    """Yield what our own modules that a module imports would be called, names of classes and functions among them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pipelines":
            place = ROOT.parent.joinpath(*str(node.module).split("."))
            yield place.with_suffix(".py")
            yield from (place / f"{one.name}.py" for one in node.names)


def test_the_reader_is_all_that_extraction_is_made_of() -> None:
    """Every module that extraction imports, as Python itself sees it, is in the digest, and nothing else."""
    found: set[Path] = set()
    waiting = [ROOT / "extract.py"]
    while waiting:
        path = waiting.pop()
        if path not in found and path.exists():
            found.add(path)
            waiting.extend(imported(path))
    assert reader.modules(ROOT) == sorted(found)
    assert {path.name for path in found} >= {"extract.py", "tidy.py", "visible_dates.py", "jsonld.py", "charset.py"}
    assert not {path.name for path in found} & {"store.py", "topics.py", "replay.py"}


def test_another_rule_is_another_reader(tmp_path: Path) -> None:
    """A changed byte in any module changes the name that articles get; one beside them does not."""
    folder = tmp_path / "pipelines"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns("__pycache__", "*.bin", "*.gz"))
    before = reader._rules(folder)
    assert f"dauys {before}," in reader.READER
    with (folder / "store.py").open("a", encoding="utf-8") as file:
        file.write("LIMIT = 3\n")
    assert reader._rules(folder) == before
    with (folder / "metadata" / "jsonld.py").open("a", encoding="utf-8") as file:
        file.write("LIMIT = 3\n")
    assert reader._rules(folder) != before
