"""Articles from files of rows, JSON Lines and CSV: they go through topic, duplicates and store without a page."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from archive.records import Article, Page
from archive.times import now
from pipelines.canonical import BadURL, canonical_url
from pipelines.dates import plausible, read_stamp
from pipelines.extract import clean_text
from pipelines.importing.cells import plain_cell, text_list
from pipelines.importing.outcome import ImportFileError, ImportRules, Unit, import_link
from pipelines.items import Reading, chosen_topics
from pipelines.language import identify
from pipelines.outlets import Outlets
from pipelines.reading import match_article
from pipelines.topic_file import Topic

MAX_LINE_BYTES = 20 * 1024 * 1024
"""A longer line is no article: the store keeps five million characters of a text."""

Row = tuple[int, "Mapping[str, Any] | BadRowError"]
"""The number of a row's last line in its file, and the row, or what is wrong with it."""


class BadRowError(ValueError):
    """Raised for a row that is no article; the message says what is wrong with it."""


@contextmanager
def row_units(
    path: Path, rules: ImportRules, outlets: Outlets, *, after: int, tabular: bool
) -> Iterator[tuple[Iterator[Unit], Callable[[], int]]]:
    """Open a file of rows, gzipped or not; give a unit for each after line `after`, and a function for the bytes read.

    `tabular` tells CSV from JSON Lines. A file that breaks off ends with a unit that says so.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise ImportFileError(f"{path}: {error.strerror or error}") from error
    with raw:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if packed else raw)
        lines = iter(lambda: stream.readline(MAX_LINE_BYTES), b"")
        rows = table_rows(lines) if tabular else line_rows(lines)
        yield _units(path, rows, rules, outlets, after), raw.tell


def line_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """Yield the objects of JSON Lines; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, _decoded(line)
            except BadRowError as error:
                yield number, error


def table_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """Yield the rows of a CSV file whose first line names its columns, with commas, semicolons or tabs between.

    Cells that an export made safe for spreadsheets are as they were before; empty ones are left out.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    texts = _texts(lines)
    first = next(texts, "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(_before(first, texts), delimiter=delimiter)
    names: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, BadRowError(f"no CSV ({error})")
            continue
        if names is None:
            names = [name.strip().lower() for name in cells]
        elif any(cells):
            pairs = zip(names, map(plain_cell, cells), strict=False)
            yield reader.line_num, {name: cell for name, cell in pairs if cell}


def read_row(row: Mapping[str, Any], zone: ZoneInfo, at: datetime) -> Article:
    """Return the article of one row, seen at `at`. Raises BadRowError."""
    url, text = row.get("url"), row.get("text")
    if not isinstance(url, str):
        raise BadRowError("no url")
    if not isinstance(text, str) or not (text := clean_text(text)):
        raise BadRowError("no text")
    try:
        address = canonical_url(url)
    except BadURL as error:
        raise BadRowError(str(error)) from error
    title = row.get("title")
    stamp = None
    if row.get("published_at") is not None:
        stamp = read_stamp(str(row["published_at"]), zone=zone, now=at)
        if stamp is None or not plausible(stamp, at):
            raise BadRowError(f"published_at {str(row['published_at'])[:40]!r} is no date in the past")
    title = clean_text(title).replace("\n", " ") if isinstance(title, str) else None
    language, script = identify(text if len(text) > 100 else f"{title or ''}\n{text}")
    given, section, image = row.get("language"), row.get("section"), row.get("image_url")
    return Article(
        url=address,
        canonical_url=address,
        title=title,
        text=text,
        authors=text_list(row.get("authors")),
        published_at=stamp.when if stamp else None,
        published_precision=stamp.precision if stamp else None,
        language=given if isinstance(given, str) and given else language,
        script=script,
        section=section if isinstance(section, str) else None,
        tags=text_list(row.get("tags")),
        image_url=image if isinstance(image, str) else None,
    )


def _units(path: Path, rows: Iterator[Row], rules: ImportRules, outlets: Outlets, after: int) -> Iterator[Unit]:
    at = now()
    topics = chosen_topics(rules.topics)
    number = after
    try:
        for number, row in rows:
            if number <= after:
                continue
            try:
                if isinstance(row, BadRowError):
                    raise row
                yield Unit(number=number, reading=_reading(row, rules, outlets, topics, at))
            except BadRowError as error:
                yield Unit(number=number, outcome="bad", problem=f"line {number}: {error}")
    except (OSError, EOFError, zlib.error) as error:
        problem = f"{path}: {error}; what came before it is imported"
        yield Unit(number=number, outcome="bad", problem=problem)


def _reading(
    row: Mapping[str, Any], rules: ImportRules, outlets: Outlets, topics: tuple[Topic, ...], at: datetime
) -> Reading:
    named = row.get("source") or row.get("source_id") or rules.source_id
    if named is not None and not (isinstance(named, str) and named.strip()):
        raise BadRowError("source is no text")
    try:
        source_id = outlets.named(str(row.get("url")), named and " ".join(clean_text(named).split())[:100])
    except BadURL as error:
        raise BadRowError("no url" if not isinstance(row.get("url"), str) else str(error)) from error
    article = read_row(row, outlets.zone(source_id), at)
    return Reading(
        page=Page(url=article.url, fetched_at=at, source_id=source_id),
        link=import_link(article.url, source_id),
        article=article,
        hits=match_article(article, topics),
    )


def _decoded(line: bytes) -> Mapping[str, Any]:
    if len(line) >= MAX_LINE_BYTES:
        raise BadRowError(f"longer than {MAX_LINE_BYTES // 1024**2} MiB")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRowError(f"no JSON ({error})") from error
    if not isinstance(row, dict):
        raise BadRowError("no JSON object")
    return row


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield lines as text; a byte that is no UTF-8 becomes the replacement character, in its own cell only."""
    for number, line in enumerate(lines):
        yield line.decode("utf-8-sig" if number == 0 else "utf-8", "replace")


def _before(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest
