"""Tells what kind of file an import was given, by its content, and opens it as a row of units."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pipelines.importing.crawled import crawled_units
from pipelines.importing.outcome import ImportFileError, ImportRules, Unit
from pipelines.importing.rows import row_units
from pipelines.outlets import Outlets
from pipelines.worker import Worker

FileKind = Literal["jsonl", "csv", "warc"]

HEAD_BYTES = 512
ZSTD_MAGIC, LZ4_MAGIC = b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18"


def kind_of(path: Path) -> FileKind:
    """Return what a file holds; its name decides only where its first bytes do not. Raises ImportFileError."""
    try:
        with path.open("rb") as file:
            start = file.read(HEAD_BYTES)
    except OSError as error:
        raise ImportFileError(f"{path}: {error.strerror or error}") from error
    names = {suffix.lower() for suffix in path.suffixes}
    if start.startswith((ZSTD_MAGIC, LZ4_MAGIC)):
        return "warc"
    if start.startswith(b"\x1f\x8b"):
        start = _unpacked(path)
    if start.lstrip().startswith(b"WARC/"):
        return "warc"
    if start.startswith(b"filedesc://"):
        raise ImportFileError(
            f"{path}: this is an ARC file, the form before WARC."
            f" Convert it first: warcio recompress {path.name} {path.stem}.warc.gz"
        )
    if ".warc" in names or ".bad" in names:
        return "warc"
    return "csv" if ".csv" in names or ".tsv" in names else "jsonl"


@contextmanager
def units_of(
    kind: FileKind, path: Path, rules: ImportRules, outlets: Outlets, worker: Worker, *, after: int
) -> Iterator[tuple[Iterator[Unit], Callable[[], int]]]:
    """Open a file and give its records after the first `after` ones, and a function that tells the bytes read."""
    if kind == "warc":
        with crawled_units(path, rules, outlets, worker, after=after) as given:
            yield given
    else:
        with row_units(path, rules, outlets, after=after, tabular=kind == "csv") as given:
            yield given


def _unpacked(path: Path) -> bytes:
    """Return the first bytes of a gzipped file, or nothing where they cannot be unpacked."""
    try:
        with gzip.open(path) as file:
            return file.read(HEAD_BYTES)
    except (OSError, EOFError, ValueError):
        return b""
