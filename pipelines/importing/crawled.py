"""Pages that others crawled: the responses of a WARC file, read side by side in processes that can be killed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.clean import clean_text
from pipelines.canonical import BadURL, canonical_url
from pipelines.importing.answer import Refused, page_of, refused_at_sight
from pipelines.importing.outcome import ImportFileError, ImportRules, Unit, import_link
from pipelines.importing.warc_file import Record, records
from pipelines.items import FetchedPage, Reading, TopicChoice
from pipelines.outlets import Outlets
from pipelines.reading import read
from pipelines.worker import Poisoned, Worker

WAITING = 6
"""Records for each process that are read ahead, so that none waits and memory stays small."""
TOLD = {"damaged": "damaged", "no-address": "bad"}
"""Fates that are told to the user, as what they are counted; the others are what every crawl has."""

Waiting = tuple[Record, "Future[Reading | str] | str"]
"""A record with its reading to come, or the outcome that it has without one."""


@contextmanager
def crawled_units(
    path: Path, rules: ImportRules, outlets: Outlets, worker: Worker, *, after: int
) -> Iterator[tuple[Iterator[Unit], Callable[[], int]]]:
    """Open a WARC file; give a unit for each of its records, in order, and a function that tells the bytes read.

    A response whose page cannot be read within the limits of `worker` is a unit with the outcome `poisoned`.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise ImportFileError(f"{path}: {error.strerror or error}") from error
    with file:
        yield _units(path, records(file, after=after), worker, rules, outlets), file.tell


def _units(path: Path, found: Iterator[Record], worker: Worker, rules: ImportRules, outlets: Outlets) -> Iterator[Unit]:
    waiting: deque[Waiting] = deque()
    try:
        for record in found:
            waiting.append(_begun(record, worker, rules, outlets))
            while len(waiting) > WAITING * worker.processes:
                yield _finished(path, *waiting.popleft())
    except ImportFileError as error:
        raise ImportFileError(f"{path}: {error}") from error
    while waiting:
        yield _finished(path, *waiting.popleft())


def _begun(record: Record, worker: Worker, rules: ImportRules, outlets: Outlets) -> Waiting:
    """Give a response to a worker; anything else is what it is."""
    if record.fate != "response":
        return record, TOLD.get(record.fate, record.fate)
    why = refused_at_sight(record.block)
    if why is not None:
        return replace(record, block=b""), why
    try:
        source_id = _source_of(record, rules, outlets)
    except BadURL:
        return replace(record, fate="no-address", block=b""), TOLD["no-address"]
    zone = outlets.zone(source_id)
    future = worker.submit(read_response, record, source_id, zone, rules.topics, rules.all_topics)
    # the bytes are on their way; a long queue need not hold them twice
    return replace(record, block=b""), future


def read_response(
    record: Record, source_id: str, zone: ZoneInfo, choice: TopicChoice, all_topics: bool
) -> Reading | str:
    """Read a recorded answer; the function that the workers run. Return the outcome's name for what is no article."""
    assert record.fetched_at is not None  # noqa: S101 - a response has a moment
    page = page_of(
        record.block,
        url=record.url,
        fetched_at=record.fetched_at,
        source_id=source_id,
        requested_url=record.requested_url,
    )
    if isinstance(page, Refused):
        return page.why
    link = import_link(canonical_url(page.requested_url or page.url), source_id)
    reading = read(FetchedPage(page=page, link=link, zone=zone), choice, all_topics=all_topics)
    return reading if reading.article.text else "no-article"


def _finished(path: Path, record: Record, future: Future[Reading | str] | str) -> Unit:
    if isinstance(future, str):
        problem = None
        if record.fate in TOLD:
            cause = record.detail or f"{record.url[:200]!r} is no web address"
            problem = f"{path.name}: record {record.number}: {cause}"
        return Unit(number=record.number, outcome=future, problem=problem)
    try:
        read = future.result()
    except Poisoned as error:
        problem = f"{path.name}: record {record.number}: {record.url[:200]} {error}"
        return Unit(number=record.number, outcome="poisoned", problem=problem)
    except Exception as error:  # one page's bug must not cost the pages after it
        problem = f"{path.name}: record {record.number}: {record.url[:200]}: {type(error).__name__}: {error}"[:500]
        return Unit(number=record.number, outcome="unreadable", problem=problem)
    if isinstance(read, str):
        return Unit(number=record.number, outcome=read)
    return Unit(number=record.number, reading=read)


def _source_of(record: Record, rules: ImportRules, outlets: Outlets) -> str:
    """Return the outlet of a page: the one its file names, the one that owns the address, the one the user named."""
    name = record.source_id and " ".join(clean_text(record.source_id).split())[:100]
    if name:
        return outlets.named(record.url, name)
    return outlets.named(record.url, rules.source_id)
