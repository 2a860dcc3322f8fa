"""Names the reader of pages, so that each article says by what it was read and a replay knows what is outdated."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("trafilatura", "htmldate")
_IMPORT = re.compile(r"^\s*from pipelines(?:\.([\w.]+))? import ([\w, ]+)", re.MULTILINE)


def modules(folder: Path) -> list[Path]:
    """Return the files that extraction is made of: `extract.py` and all of ours that it imports, directly or not."""
    found: set[Path] = set()
    waiting = [folder / "extract.py"]
    while waiting:
        path = waiting.pop()
        if path not in found and path.exists():
            found.add(path)
            waiting.extend(_imported(folder, path.read_text(encoding="utf-8")))
    return sorted(found)


def _imported(folder: Path, source: str) -> Iterator[Path]:
    for module, names in _IMPORT.findall(source):
        place = folder.joinpath(*module.split(".")) if module else folder
        yield place.with_suffix(".py")
        yield from (place / f"{name.split()[0]}.py" for name in names.split(",") if name.strip())


def _rules(folder: Path) -> str:
    """Return a digest of our own rules: their source, so that nobody has to remember to count a version up."""
    digest = hashlib.sha256()
    for path in modules(folder):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


READER = ", ".join([f"dauys {_rules(Path(__file__).parent)}", *(f"{name} {version(name)}" for name in LIBRARIES)])
"""What is recorded with each article as its reader."""
