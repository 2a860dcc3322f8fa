"""Reads a shared list: the articles of a data package in CSV or JSON Lines, its folder, or plain addresses. Streams."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from archive.errors import DauysError

NAMES = ("articles.jsonl", "articles.csv", "articles.jsonl.gz", "articles.csv.gz")
"""What is looked for in a folder, the first that is there."""
MAX_LINE_CHARS = 20 * 1024 * 1024
"""Characters of one line; a package with texts may be given as well."""
SHA256 = re.compile(r"[0-9a-f]{64}")
ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class SharedListError(DauysError):
    """Raised when a list cannot be read; the message has the file, the line and what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One line of a list; only the address is sure to be there."""

    url: str
    source_id: str | None = None
    text_sha256: str | None = None


def find_list(path: Path) -> Path:
    """Return the file to read: the path itself, or the articles in the folder that it is. Raises SharedListError."""
    if not path.is_dir():
        if path.suffix == ".parquet":
            raise SharedListError(f"{path}: give the list as CSV or JSON Lines: export --format csv,jsonl --no-text")
        return path
    for name in NAMES:
        if (path / name).is_file():
            return path / name
    raise SharedListError(f"{path}: there is no {NAMES[0]} and no {NAMES[1]} in this folder")


def digest(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal. Raises SharedListError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SharedListError(f"{path}: {error.strerror or error}") from error


def read_list(path: Path) -> Iterator[Shared]:
    """Yield the articles of a list, whatever its form. Raises SharedListError at the first line that is none."""
    try:
        packed = path.open("rb")
    except OSError as error:
        raise SharedListError(f"{path}: {error.strerror or error}") from error
    with packed:
        raw = gzip.GzipFile(fileobj=packed) if packed.peek(2)[:2] == b"\x1f\x8b" else packed
        with io.TextIOWrapper(cast("io.BufferedReader", raw), encoding="utf-8-sig", newline="") as text:
            try:
                yield from _rows(path, text)
            except UnicodeDecodeError as error:
                raise SharedListError(f"{path}: not a text in UTF-8 ({error.reason})") from error
            except (OSError, EOFError) as error:
                raise SharedListError(f"{path}: {error}") from error


def _rows(path: Path, text: io.TextIOWrapper) -> Iterator[Shared]:
    first = text.readline(MAX_LINE_CHARS)
    while first and (not first.strip() or first.startswith("#")):
        first = text.readline(MAX_LINE_CHARS)
    if not first:
        raise SharedListError(f"{path}: the list is empty")
    if first.lstrip().startswith("{"):
        yield from _json_lines(path, first, text)
    elif ADDRESS.match(first.strip()):
        yield from _addresses(path, first, text)
    else:
        yield from _csv(path, first, text)


def _json_lines(path: Path, first: str, text: io.TextIOWrapper) -> Iterator[Shared]:
    for number, line in enumerate(_lines(first, text), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SharedListError(f"{path}, line {number}: no JSON ({error})") from error
        if not isinstance(row, dict):
            raise SharedListError(f"{path}, line {number}: no JSON object")
        yield _shared(path, number, row)


def _addresses(path: Path, first: str, text: io.TextIOWrapper) -> Iterator[Shared]:
    for number, line in enumerate(_lines(first, text), 1):
        address = line.strip()
        if address and not address.startswith("#"):
            yield _shared(path, number, {"url": address})


def _csv(path: Path, first: str, text: io.TextIOWrapper) -> Iterator[Shared]:
    csv.field_size_limit(MAX_LINE_CHARS)
    reader = csv.DictReader(_lines(first, text))
    if "url" not in (reader.fieldnames or ()):
        raise SharedListError(
            f"{path}: no list of articles: neither a CSV with a column url, nor JSON Lines, nor an address a line"
        )
    try:
        for row in reader:
            yield _shared(path, reader.line_num, row)
    except csv.Error as error:
        raise SharedListError(f"{path}, line {reader.line_num}: {error}") from error


def _lines(first: str, text: io.TextIOWrapper) -> Iterator[str]:
    yield first
    yield from iter(lambda: text.readline(MAX_LINE_CHARS), "")


def _shared(path: Path, number: int, row: Mapping[str, Any]) -> Shared:
    url, source_id, sha256 = row.get("url"), row.get("source_id") or row.get("source"), row.get("text_sha256")
    if not isinstance(url, str) or not ADDRESS.match(url.strip()):
        raise SharedListError(f"{path}, line {number}: {str(url)[:60]!r} is no address of an article")
    if sha256 and not (isinstance(sha256, str) and SHA256.fullmatch(sha256)):
        raise SharedListError(f"{path}, line {number}: text_sha256 is no sha256 in lower-case hexadecimal")
    return Shared(
        url=url.strip(),
        source_id=source_id.strip()[:100] if isinstance(source_id, str) and source_id.strip() else None,
        text_sha256=sha256 or None,
    )
