"""What became of the records of a file, and by which rules they are read: what every kind of import shares."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.errors import DauysError
from archive.frontier import LinkRow
from pipelines.items import Reading, TopicChoice
from pipelines.reader import READER

MAX_PROBLEMS_TOLD = 20
ENDS_BYTES = 1024 * 1024
"""Bytes of the beginning and of the end of a file by which it is known again: whole files are gigabytes."""


class ImportFileError(DauysError):
    """Raised when a file cannot be read at all; a record that cannot is only counted and told."""


@dataclass(slots=True, kw_only=True)
class Imported:
    """What became of the records of a file: outcome -> count, and the first ones that could not be read."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    untold: int = 0
    resumed_after: int = 0
    """The last record that an earlier, stopped import of the same file did."""

    def tell(self, problem: str) -> None:
        """Keep a problem for the user, the first ones only."""
        if len(self.problems) < MAX_PROBLEMS_TOLD:
            self.problems.append(problem)
        else:
            self.untold += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """How records are read: topics to match (or all articles kept), the source of those that name none, a forced
    zone."""

    topics: TopicChoice
    all_topics: bool = False
    source_id: str | None = None
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One record of a file, in order: `number` from 1, and a `reading`, or an `outcome` that needs no archive."""

    number: int
    reading: Reading | None = None
    outcome: str | None = None
    problem: str | None = None


def import_link(url: str, source_id: str) -> LinkRow:
    """Return the link of an address that no entry listed."""
    return LinkRow(
        url=url, source_id=source_id, found_in="import", title_hint=None, published_hint=None, hint_from=None,
        attempts=0, article_id=None, etag=None, last_modified=None, missing_since=None, missing_status=None,
    )  # fmt: skip


def work_key(path: Path, rules: ImportRules) -> str:
    """Return a digest of all that the outcome of an import depends on: the file, the topics, the options.

    Raises ImportFileError.
    """
    try:
        digest = hashlib.sha256(str(path.stat().st_size).encode())
        with path.open("rb") as file:
            digest.update(file.read(ENDS_BYTES))
            file.seek(max(0, path.stat().st_size - ENDS_BYTES))
            digest.update(file.read(ENDS_BYTES))
    except OSError as error:
        raise ImportFileError(f"{path}: {error.strerror or error}") from error
    digest.update(rules.topics.file.read_bytes())
    digest.update(repr((rules.topics.ids, rules.all_topics, rules.source_id, rules.zone, READER)).encode())
    return digest.hexdigest()
