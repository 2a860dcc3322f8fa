"""The MANIFEST of a package: what was asked, how many rows, and every file's sha256, as `sha256sum -c` reads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "MANIFEST"
FIRST_LINE = "# dauys data package 1"
"""Says what the file is, and the version of the package's layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a package: its size in bytes, its digest, and its rows where it is a table."""

    name: str
    size: int
    sha256: str
    rows: int | None = None


def measured(path: Path, rows: int | None = None) -> File:
    """Return a written file with its size and digest."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return File(name=path.name, size=path.stat().st_size, sha256=digest, rows=rows)


def manifest(facts: Mapping[str, Any], files: list[File]) -> str:
    """Return the MANIFEST of `files`; `facts` are written above them as comments, values as JSON."""
    lines = [FIRST_LINE, "# check it with: sha256sum -c MANIFEST"]
    lines += [f"# {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items()]
    lines += [f"# rows of {file.name}: {file.rows}" for file in files if file.rows is not None]
    lines += [f"{file.sha256}  {file.name}" for file in files]
    return "\n".join(lines) + "\n"


def listed(folder: Path) -> set[str] | None:
    """Return the names of the files of a package, MANIFEST included, or None where the folder is no package."""
    path = folder / MANIFEST
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    if not lines or lines[0] != FIRST_LINE:
        return None
    return {MANIFEST, *(line.partition("  ")[2] for line in lines if line and not line.startswith("#"))}
