"""Articles from files: lines of JSON go through topic, duplicates and store as pages do, without a crawl."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from archive.errors import DauysError
from archive.frontier import Frontier, LinkRow, SourceRow
from archive.records import Article, Page
from archive.times import now
from pipelines.canonical import BadURL, canonical_url, registered_domain
from pipelines.dates import plausible, read_stamp
from pipelines.dedupe.signature import signature
from pipelines.extract import clean_text
from pipelines.items import Reading, TopicChoice, chosen_topics
from pipelines.language import identify
from pipelines.reading import match_article
from pipelines.store import Store

MAX_LINE_BYTES = 20 * 1024 * 1024
"""A longer line is no article: the store keeps five million characters of a text."""
BATCH = 50
"""Articles in one transaction: a commit to the disk is the slowest step of an import."""


class ImportFileError(DauysError):
    """Raised when a file cannot be read at all; a line that cannot is only counted and told."""


class BadLineError(ValueError):
    """Raised for a line that is no article; the message says what is wrong with it."""


@dataclass(slots=True, kw_only=True)
class Imported:
    """What became of the lines of a file: outcome -> count, and the first lines that were no article."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """How lines are read: topics to match (or all articles kept), the source of lines that name none, their zone."""

    topics: TopicChoice
    all_topics: bool = False
    source_id: str | None = None
    zone: ZoneInfo


MAX_PROBLEMS_TOLD = 20


def import_file(
    path: Path, store: Store, frontier: Frontier, rules: ImportRules, *, progress: Callable[[int], None] | None = None
) -> Imported:
    """Import the articles of a JSON Lines file (`.jsonl`, gzipped too) and return what became of each line.

    Articles that the archive has stay as they are. `progress` is called with the bytes read so far. Raises
    ImportFileError when the file cannot be read, and ConfigError when the topics cannot.
    """
    chosen_topics(rules.topics)
    imported = Imported()
    sources: set[str] = set()
    with _opened(path) as (lines, position):
        readings = _readings(lines, rules, imported)
        while batch := list(islice(readings, BATCH)):
            for source_id, url in {reading.link.source_id: reading.article.url for reading in batch}.items():
                if source_id not in sources:
                    _list_source(frontier, source_id, url)
                    sources.add(source_id)
            for outcome in store.add(batch):
                imported.counts[outcome.kind] += 1
                if outcome.detail in ("reprint", "excerpt"):
                    imported.counts[outcome.detail] += 1
            if progress is not None:
                progress(position())
    return imported


def read_line(row: Mapping[str, Any], zone: ZoneInfo, at: datetime) -> Article:
    """Return the article of one decoded line. Raises BadLineError."""
    url, text = row.get("url"), row.get("text")
    if not isinstance(url, str):
        raise BadLineError("no url")
    if not isinstance(text, str) or not (text := clean_text(text)):
        raise BadLineError("no text")
    try:
        address = canonical_url(url)
    except BadURL as error:
        raise BadLineError(str(error)) from error
    title = row.get("title")
    stamp = None
    if row.get("published_at") is not None:
        stamp = read_stamp(str(row["published_at"]), zone=zone, now=at)
        if stamp is None or not plausible(stamp, at):
            raise BadLineError(f"published_at {str(row['published_at'])[:40]!r} is no date in the past")
    title = clean_text(title).replace("\n", " ") if isinstance(title, str) else None
    language, script = identify(text if len(text) > 100 else f"{title or ''}\n{text}")
    given = row.get("language")
    return Article(
        url=address,
        canonical_url=address,
        title=title,
        text=text,
        authors=_authors(row.get("authors")),
        published_at=stamp.when if stamp else None,
        published_precision=stamp.precision if stamp else None,
        language=given if isinstance(given, str) and given else language,
        script=script,
    )


def _readings(lines: Iterator[bytes], rules: ImportRules, imported: Imported) -> Iterator[Reading]:
    at = now()
    topics = chosen_topics(rules.topics)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _decoded(line)
            article = read_line(row, rules.zone, at)
            source_id = _source_of(row, article.url, rules)
        except BadLineError as error:
            imported.counts["bad"] += 1
            if len(imported.problems) < MAX_PROBLEMS_TOLD:
                imported.problems.append(f"line {number}: {error}")
            continue
        hits = match_article(article, topics)
        if not hits and not rules.all_topics:
            imported.counts["off-topic"] += 1
            continue
        yield Reading(
            page=Page(url=article.url, fetched_at=at, source_id=source_id),
            link=_link(article.url, source_id),
            article=article,
            hits=hits,
            signature=signature(article.text),
        )


def _decoded(line: bytes) -> Mapping[str, Any]:
    if len(line) >= MAX_LINE_BYTES:
        raise BadLineError(f"longer than {MAX_LINE_BYTES // 1024**2} MiB")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLineError(f"no JSON ({error})") from error
    if not isinstance(row, dict):
        raise BadLineError("no JSON object")
    return row


def _source_of(row: Mapping[str, Any], url: str, rules: ImportRules) -> str:
    named = row.get("source") or rules.source_id or registered_domain(url)
    if not isinstance(named, str) or not named.strip():
        raise BadLineError("source is no text")
    return " ".join(clean_text(named).split())[:100]


def _authors(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    return tuple(clean_text(one).replace("\n", " ") for one in value if isinstance(one, str)) if value else ()


def _link(url: str, source_id: str) -> LinkRow:
    return LinkRow(
        url=url, source_id=source_id, found_in="import", title_hint=None, published_hint=None, hint_from=None,
        attempts=0, article_id=None, etag=None, last_modified=None, missing_since=None, missing_status=None,
    )  # fmt: skip


def _list_source(frontier: Frontier, source_id: str, url: str) -> None:
    """List a source that only an import has brought; one that is crawled stays as it is."""
    if not frontier.has_source(source_id):
        domain = registered_domain(url)
        frontier.register(
            SourceRow(
                id=source_id, name=source_id, homepage=f"https://{domain}/", languages=(), country=None,
                kind=None, enabled=False,
            ),
            [],
        )  # fmt: skip


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Iterator[bytes], Callable[[], int]]]:
    """Open a file of lines, gzipped or not; give an iterator over lines of bounded length and its position."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise ImportFileError(f"{path}: {error.strerror or error}") from error
    with raw:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if packed else raw)
        try:
            yield iter(lambda: stream.readline(MAX_LINE_BYTES), b""), raw.tell
        except (OSError, EOFError) as error:
            raise ImportFileError(f"{path}: {error}; what came before it is imported") from error
