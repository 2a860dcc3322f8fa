"""Brings a data package into an archive: an empty one becomes what it was made of, another one gains what it lacks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from archive import articles, jobs, taking_in, tombstones
from archive.articles import columns_of, digest
from archive.clean import clean_line, clean_text
from archive.database import Database
from archive.db import write
from archive.export.datapackage import NAME
from archive.records import Article, TopicHit
from archive.taking_in import Standing
from archive.times import now, parsed, stored
from pipelines.canonical import BadURL, canonical_url, url_key
from pipelines.importing.outcome import Imported
from pipelines.importing.package_file import Package, Packed, open_package
from pipelines.importing.rows import BadRowError
from pipelines.store import place_new

BATCH = 50
"""Articles in one transaction."""
MAX_LINE_CHARS = 2_000


def import_package(folder: Path, db: Database, *, progress: Callable[[int, int], None] | None = None) -> Imported:
    """Import the data package in a folder and return what became of its articles.

    An empty archive gets the same articles, versions, topics, removals, crawls and stories, under the same numbers.
    Another one keeps what it has: an article that it knows stays, a new one gets a number of its own and finds its
    place in the archive's stories. Goes on where it was stopped. Raises ImportFileError.
    """
    package = open_package(folder)
    # the descriptor holds the digest of every file
    key = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    whole = jobs.unfinished(db, "import", f"{key} whole") or taking_in.is_empty(db)
    job = jobs.begin(db, "import", f"{key} {'whole' if whole else 'part'}", package.name, now())
    imported = Imported(counts=job.counts, resumed_after=job.position)
    with write(db):
        _take_outlets(db, package, with_runs=whole)
    with package.packed() as packed:
        waiting = (one for one in packed if one.number > job.position)
        while batch := list(islice(waiting, BATCH)):
            with write(db):
                for one in batch:
                    _take(db, one, imported, whole)
                jobs.advance(db, job.id, position=batch[-1].number, counts=imported.counts, at=now())
            if progress is not None:
                progress(batch[-1].number, package.articles)
    if whole:
        with write(db), package.table("stories") as told, package.table("articles") as rows:
            taking_in.take_stories(db, _stories(told), _standings(rows))
    jobs.end(db, job.id, now())
    return imported


def _take_outlets(db: Database, package: Package, *, with_runs: bool) -> None:
    """List the outlets, and the crawls where their numbers are free."""
    with package.table("sources") as rows:
        for row in rows:
            lists = {name: json.dumps(row[name]) for name in ("languages", "domains") if row.get(name) is not None}
            enabled = row.get("enabled", 0) if with_runs else 0
            taking_in.take_source(db, {"languages": "[]", **row, **lists, "enabled": enabled})
    if with_runs:
        with package.table("runs") as rows:
            for row in rows:
                taking_in.take_run(db, row)


def _take(db: Database, packed: Packed, imported: Imported, whole: bool) -> None:
    try:
        imported.counts[_taken(db, packed, whole)] += 1
    except BadRowError as error:
        imported.counts["bad"] += 1
        imported.tell(f"article {packed.row.get('id')}: {error}")


def _taken(db: Database, packed: Packed, whole: bool) -> str:
    """Store one article and return what became of it. Raises BadRowError before anything is written."""
    row = packed.row
    values, versions = _checked(packed)
    if tombstones.lies_on(db, [values["url_key"]]):
        return "forgotten"
    if articles.find(db, [values["url_key"]]):
        return "known"
    if whole:
        values["id"] = int(row["id"])
    pages: dict[tuple[Any, ...], int] = {}
    for version, told in zip(versions, packed.versions or [row], strict=True):
        version["page_id"] = _page(db, values, told, pages, whole)
    values["page_id"] = _page(db, values, row, pages, whole)
    article_id = taking_in.take_article(db, values, versions)
    articles.set_topics(db, article_id, _hits(packed))
    for removal in packed.removals:
        back = removal.get("back_at")
        taking_in.take_removal(
            db,
            article_id,
            gone_at=_time(removal["gone_at"]),
            status=str(removal["status"]),
            back_at=back and _time(back),
        )
    place_new(db, article_id)
    return "new"


def _checked(packed: Packed) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the columns of an article and of its versions, clean as if they came from the web. Raises BadRowError."""
    row = packed.row
    try:
        address = canonical_url(str(row["url"]))
        values: dict[str, Any] = columns_of(_article(row, address)) | {
            "url": address,
            "url_key": url_key(address),
            "source_id": clean_line(str(row["source_id"]), 100),
            "found_in": clean_line(row.get("found_in"), MAX_LINE_CHARS),
            "first_seen_at": _time(row["first_seen_at"]),
            "last_seen_at": _time(row["last_seen_at"]),
            "gone_at": _time(row["gone_at"]) if row.get("gone_at") else None,
            "gone_status": clean_line(row.get("gone_status"), 100),
            "extractor": clean_line(row.get("extractor"), 300),
            "versions": max(1, len(packed.versions)),
        }
        if row.get("published_day"):
            # the outlet's own day, which the moment in UTC does not tell
            values["published_day"] = date.fromisoformat(row["published_day"]).isoformat()
        versions = [_version(n, told, row) for n, told in enumerate(packed.versions or [_only(row)], 1)]
    except (BadURL, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRowError(f"{type(error).__name__}: {error}"[:200]) from error
    # the current text is kept once
    versions[-1] |= {"text": None, "text_sha256": values["text_sha256"]}
    return values, versions


def _article(row: Mapping[str, Any], address: str) -> Article:
    published, modified = row.get("published_at"), row.get("modified_at")
    return Article(
        url=address,
        canonical_url=address,
        title=row.get("title"),
        text=row["text"],
        authors=tuple(row.get("authors") or ()),
        section=row.get("section"),
        tags=tuple(row.get("tags") or ()),
        image_url=row.get("image_url"),
        published_at=parsed(published) if published else None,
        published_precision=row.get("published_precision"),
        published_from=row.get("published_from"),
        modified_at=parsed(modified) if modified else None,
        language=row.get("language"),
        script=row.get("script"),
        reserved=row.get("reserved"),
    )


def _version(n: int, told: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    text = clean_text(told.get("text") or row["text"])
    return {
        "n": n,
        "seen_at": _time(told["seen_at"]),
        "title": clean_line(told.get("title"), MAX_LINE_CHARS),
        "text": text,
        "text_sha256": digest(text),
        "chars_added": int(told.get("chars_added") or 0),
        "chars_removed": int(told.get("chars_removed") or 0),
        "modified_at": _time(told["modified_at"]) if told.get("modified_at") else None,
    }


def _only(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the one version of an article of which no table of versions tells."""
    return {"seen_at": row["first_seen_at"], "title": row.get("title"), "modified_at": row.get("modified_at")}


def _page(
    db: Database, values: Mapping[str, Any], told: Mapping[str, Any], pages: dict[tuple[Any, ...], int], whole: bool
) -> int | None:
    """Return the page that a row names by its digest, as one whose bytes are elsewhere."""
    if not told.get("page_sha256") or not told.get("page_fetched_at"):
        return None
    run_id = told.get("run_id") if whole else None
    key = (told["page_sha256"], told["page_fetched_at"], run_id)
    if key not in pages:
        pages[key] = taking_in.take_page(
            db,
            {
                "url": values["url"], "source_id": values["source_id"], "run_id": run_id,
                "fetched_at": _time(told["page_fetched_at"]), "status": 200, "payload_sha256": str(told["page_sha256"]),
            },
        )  # fmt: skip
    return pages[key]


def _hits(packed: Packed) -> Iterator[TopicHit]:
    for hit in packed.hits:
        yield TopicHit(
            topic_id=str(hit["topic_id"]),
            score=float(hit["score"]),
            terms={str(term): int(count) for term, count in (hit.get("terms") or {}).items()},
            in_title=bool(hit.get("in_title")),
        )


def _stories(rows: Iterator[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield int(row["id"]), row.get("first_article_id"), row.get("first_published_at")


def _standings(rows: Iterator[Mapping[str, Any]]) -> Iterator[Standing]:
    for row in rows:
        yield int(row["id"]), row.get("story_id"), row.get("story_role"), row.get("story_similarity")


def _time(text: str) -> str:
    return stored(parsed(text))
