"""`python -m pipelines extract`: saved pages in, articles as JSON out, each page in a process that can be killed."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from archive.records import Article, Page
from pipelines.extract import extract, warm_up
from pipelines.worker import Poisoned, Worker

FILE_LIMIT = 20 * 1024**2
"""Bytes of a saved page after decompression: twice what the crawler would fetch."""
LINE_LIMIT = 1024**2
"""Characters of one line of a list."""
WAITING = 8
"""Pages for each process that are read ahead, so that none waits and memory stays small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One page to extract, or why it cannot be: `url` and `file` as given, `error` in plain words."""

    url: str
    file: Path | None = None
    fetched_at: datetime | None = None
    error: str | None = None


class PageFileError(ValueError):
    """Raised for a saved page that cannot be read; the message names the file and the cause."""


class Moment(click.ParamType[datetime]):
    """An ISO 8601 moment; without an offset it is read in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return an aware datetime, or fail with a usage error."""
        try:
            return parse_moment(str(value))
        except ValueError:
            self.fail(f"{value!r} is no ISO 8601 time such as 2026-03-10T12:00:00+05:00", param, ctx)


class Zone(click.ParamType[ZoneInfo]):
    """A zone of the tz database."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        """Return the zone, or fail with a usage error."""
        try:
            return ZoneInfo(str(value))
        except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a KeyError
            self.fail(f"{value!r} is no zone of the tz database such as Asia/Almaty", param, ctx)


@click.command("extract", short_help="Saved pages to articles as JSON.")
@click.option("--url", help="Address the page was fetched from.")
@click.option(
    "--fetched-at", type=Moment(), help="When it was fetched; 'today' and 'yesterday' count from it. Default: now."
)
@click.option(
    "--timezone", "zone", type=Zone(), default="Asia/Almaty", show_default=True, help="Zone of dates without an offset."
)
@click.option("--jsonl", "listing", type=click.Path(path_type=Path), help='List of pages, a {"url", "file"} a line.')
@click.argument("file", required=False, type=click.Path(path_type=Path))
def extract_command(
    url: str | None, fetched_at: datetime | None, zone: ZoneInfo, listing: Path | None, file: Path | None
) -> None:
    """Extract the article of a saved page and print it as JSON.

    FILE is HTML as it was fetched, or gzipped. With --jsonl many pages are read, a JSON object a line: "url", "file"
    (beside the list, absolute, or from here) and optionally "fetched_at"; a JSON line is printed for each in the same
    order, {"url", "error"} where a page could not be read or took too long.

    A page that is no article has an empty "text", and "notes" say so.

    \b
    Example:
      python -m pipelines extract --url https://example.kz/news/1 page.html
      python -m pipelines extract --jsonl pages.jsonl > articles.jsonl
    """
    if listing is not None:
        if file is not None or url is not None:
            raise click.UsageError("--jsonl takes its pages from the list: leave out FILE and --url")
        _extract_list(listing, zone, fetched_at)
        return
    if file is None:
        raise click.UsageError("name the FILE to read, or a list with --jsonl")
    if url is None:
        raise click.UsageError("--url is needed: the address FILE was fetched from")
    try:
        body = read_page_file(file)
    except PageFileError as error:
        raise click.UsageError(str(error)) from error
    with Worker(warm_up=warm_up) as worker:
        article = worker.call(extract_body, url, body, fetched_at or datetime.now(UTC), zone)
    click.echo(json.dumps(as_json(article), ensure_ascii=False, indent=2))


def extract_body(url: str, body: bytes, fetched_at: datetime, zone: ZoneInfo) -> Article:
    """Extract a saved page; the function that the worker runs."""
    return extract(Page(url=url, fetched_at=fetched_at, body=body), zone=zone)


def as_json(article: Article) -> dict[str, Any]:
    """Return an article in the form this command prints: times with the page's own offset, a day as a plain date."""
    published = article.published_at
    return {
        "url": article.url,
        "canonical_url": article.canonical_url,
        "title": article.title,
        "text": article.text,
        "authors": list(article.authors),
        "published_at": published
        and (
            published.date().isoformat()
            if article.published_precision == "day"
            else published.isoformat(timespec="seconds")
        ),
        "published_precision": article.published_precision,
        "published_from": article.published_from,
        "modified_at": article.modified_at and article.modified_at.isoformat(timespec="seconds"),
        "language": article.language,
        "script": article.script,
        "section": article.section,
        "tags": list(article.tags),
        "image_url": article.image_url,
        "notes": list(article.notes),
    }


def parse_moment(value: str) -> datetime:
    """Read an ISO 8601 time, in UTC where it has no offset. Raises ValueError."""
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_page_file(path: Path) -> bytes:
    """Return the bytes of a saved page, decompressed. Raises PageFileError when it is missing, broken or too large."""
    try:
        with path.open("rb") as raw:
            start = raw.read(2)
            raw.seek(0)
            stream = gzip.GzipFile(fileobj=raw) if start == b"\x1f\x8b" else raw
            body = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise PageFileError(f"{path}: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise PageFileError(f"{path}: broken gzip") from error
    if len(body) > FILE_LIMIT:
        raise PageFileError(f"{path}: over {FILE_LIMIT // 1024**2} MiB")
    return body


def read_list(listing: Path, fetched_at: datetime | None) -> Iterator[Job]:
    """Yield a job for each line of a list; a line that is none becomes a job with an error that names the line."""
    with listing.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(LINE_LIMIT), b""), 1):
            if not line.strip():
                continue
            try:
                yield _job(json.loads(line), listing.parent, fetched_at)
            except (ValueError, RecursionError) as error:
                yield Job(url="", error=f"line {number}: {_cause(error)}")


def _job(row: Any, folder: Path, fetched_at: datetime | None) -> Job:
    if not isinstance(row, dict):
        raise ValueError("not an object with url and file")  # noqa: TRY004 - told like the other mistakes of a line
    url, name, moment = row.get("url"), row.get("file"), row.get("fetched_at")
    if not isinstance(url, str):
        raise ValueError("no url")  # noqa: TRY004
    if not isinstance(name, str) or not name or "\x00" in name:
        return Job(url=url, error="no file")
    if moment is not None:
        try:
            fetched_at = parse_moment(moment)
        except (TypeError, ValueError):
            return Job(url=url, error=f"fetched_at {moment!r} is no ISO 8601 time")
    beside = folder / name
    return Job(url=url, file=beside if beside.exists() else Path(name), fetched_at=fetched_at)


def _cause(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | RecursionError):
        return "not JSON"
    return "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _extract_list(listing: Path, zone: ZoneInfo, fetched_at: datetime | None) -> None:
    if not listing.is_file():
        raise click.UsageError(f"{listing}: no such file")
    now = datetime.now(UTC)
    processes = os.cpu_count() or 1
    waiting: deque[tuple[Job, Future[Article] | None]] = deque()
    with Worker(processes=processes, warm_up=warm_up) as worker:
        for job in read_list(listing, fetched_at):
            waiting.append(_submitted(worker, job, now, zone))
            while len(waiting) > WAITING * processes:
                _print_next(waiting)
        while waiting:
            _print_next(waiting)


def _submitted(worker: Worker, job: Job, now: datetime, zone: ZoneInfo) -> tuple[Job, Future[Article] | None]:
    if job.file is None:
        return job, None
    try:
        body = read_page_file(job.file)
    except PageFileError as error:
        return Job(url=job.url, error=str(error)), None
    return job, worker.submit(extract_body, job.url, body, job.fetched_at or now, zone)


def _print_next(waiting: deque[tuple[Job, Future[Article] | None]]) -> None:
    job, future = waiting.popleft()
    row: dict[str, Any]
    if future is None:
        row = {"url": job.url, "error": job.error}
    else:
        try:
            row = as_json(future.result())
        except Poisoned as error:
            row = {"url": job.url, "error": str(error)}
        except Exception as error:  # one page's bug must not cost the pages after it
            row = {"url": job.url, "error": f"extraction failed: {type(error).__name__}: {error}"[:500]}
    click.echo(json.dumps(row, ensure_ascii=False))
