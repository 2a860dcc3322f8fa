"""Figures of an archive, and the health of its sources: what `stats` and `status` print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from archive.database import Database
from archive.times import parsed
from archive.warc import folder_of

State = Literal["failing", "silent", "partly", "waiting", "ok", "off"]

DAYS_SHOWN = 14
SILENT_AFTER = timedelta(days=2)
"""No outlet counts as silent sooner: a weekend brings some of them to a stop."""
SILENT_UNKNOWN = timedelta(days=7)
"""What is waited for where one poll alone brought anything, so that no rhythm is known."""
SILENT_FACTOR = 10
"""An outlet is silent when it brought nothing for this many times its usual gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts over the whole archive; sizes in bytes. `by_day` holds the latest days, the newest first."""

    articles: int
    first_day: str | None
    last_day: str | None
    by_language: tuple[tuple[str, int], ...]
    by_source: tuple[tuple[str, int], ...]
    by_topic: tuple[tuple[str, int], ...]
    by_day: tuple[tuple[str, int], ...]
    links_by_state: tuple[tuple[str, int], ...]
    reprints: int
    excerpts: int
    stories_of_many: int
    edits: int
    deletions: int
    pages: int
    database_bytes: int
    warc_files: int
    warc_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one source does. `trouble` says what is wrong in a few words, or is empty."""

    source_id: str
    name: str
    state: State
    trouble: str
    last_run_at: str | None
    last_new_at: str | None
    links_found: int
    links_waiting: int
    articles: int

    @property
    def is_trouble(self) -> bool:
        """Tell whether `status` ends with 1 for this source."""
        return self.state in ("failing", "silent")


def figures(db: Database, archive: Path) -> Figures:
    """Return the figures of the archive open as `db`, whose file is `archive`."""
    warc = [path for path in folder_of(archive).glob("*.warc.gz*") if path.is_file()]
    files = [archive, archive.with_name(archive.name + "-wal")]
    first_day, last_day = db.execute("select min(day), max(day) from kept_days where day <> ''").fetchone()
    roles = dict(db.execute("select role, sum(articles) from kept_outlets group by 1").fetchall())
    edits, deletions = db.execute(
        "select coalesce(sum(edits), 0), coalesce(sum(deletions), 0) from kept_changes"
    ).fetchone()
    return Figures(
        articles=sum(roles.values()),
        first_day=first_day,
        last_day=last_day,
        by_language=_groups(
            db, "select coalesce(nullif(language, ''), 'unknown'), sum(articles) from kept_outlets group by 1"
        ),
        by_source=_groups(db, "select source_id, sum(articles) from kept_outlets group by 1"),
        by_topic=_groups(db, "select topic_id, articles from kept_topic_counts"),
        by_day=tuple(
            db.execute(
                "select day, sum(articles) from kept_days where day <> ''"
                f" group by 1 order by 1 desc limit {DAYS_SHOWN}"
            ).fetchall()
        ),
        links_by_state=_groups(db, "select state, sum(links) from kept_links group by 1"),
        reprints=roles.get("reprint", 0),
        excerpts=roles.get("excerpt", 0),
        stories_of_many=_count(db, "kept_spread"),
        edits=edits,
        deletions=deletions,
        pages=_count(db, "pages"),
        database_bytes=sum(path.stat().st_size for path in files if path.exists()),
        warc_files=len(warc),
        warc_bytes=sum(path.stat().st_size for path in warc),
    )


def health(db: Database, now: datetime) -> list[Health]:
    """Return every source, those in trouble first and among them the newest trouble first."""
    rhythms = {
        row["source_id"]: row
        for row in db.query("select source_id, polls, first_seen_at as first, last_seen_at as last from kept_polls")
    }
    used = {
        row["source_id"]: row
        for row in db.query(
            """select source_id, count(*) as entries, sum(failures > 0) as failing,
                -- beside max() the other columns are those of the row that has it
                max(failures), url, last_error,
                sum(failures = 0 and last_ok_at is not null) as answering
            from entries e where not fallback or not exists (
                select 1 from entries o where o.source_id = e.source_id and not o.fallback and o.failures = 0)
            group by source_id"""
        )
    }
    found = [
        (_health(row, used.get(row["source_id"], {}), rhythms.get(row["source_id"], {}), now), row)
        for row in db.query("select * from source_health")
    ]
    found.sort(key=lambda pair: pair[0].source_id)
    found.sort(key=lambda pair: pair[1]["last_run_at"] or "", reverse=True)
    order: tuple[State, ...] = ("failing", "silent", "partly", "waiting", "ok", "off")
    found.sort(key=lambda pair: order.index(pair[0].state))
    return [one for one, _ in found]


def _health(row: Mapping[str, Any], used: Mapping[str, Any], rhythm: Mapping[str, Any], now: datetime) -> Health:
    state, trouble = _judged(row, used, rhythm, now)
    return Health(
        source_id=row["source_id"],
        name=row["name"],
        state=state,
        trouble=trouble,
        last_run_at=row["last_run_at"],
        last_new_at=_last_new(row, rhythm),
        links_found=row["links_found"],
        links_waiting=row["links_waiting"],
        articles=row["articles"],
    )


def _judged(
    row: Mapping[str, Any], used: Mapping[str, Any], rhythm: Mapping[str, Any], now: datetime
) -> tuple[State, str]:
    if not row["enabled"]:
        return "off", ""
    if row["last_outcome"] in ("failed", "killed"):
        return "failing", f"the last run {row['last_outcome']}: {row['last_reason'] or 'no reason given'}"
    failing = used.get("failing", 0)
    reason = f"{used['url']}: {used['last_error'] or 'no reason given'}" if failing else ""
    entries = f"{failing} of {used.get('entries', 0)} entries: {reason}"
    if failing and not used["answering"]:
        return "failing", entries
    if row["last_ok_at"] is None:
        return "waiting", "not looked at yet"
    last_new = _last_new(row, rhythm)
    if last_new is None:
        return "silent", "has never brought a link"
    quiet = now - parsed(last_new)
    allowed = _allowed(rhythm)
    if quiet > allowed:
        return "silent", f"nothing new for {_days(quiet)}; by its own rhythm {_days(allowed)} are the most"
    # Entries are candidates: what the others of a source bring is news enough, but somebody should look.
    return ("partly", entries) if failing else ("ok", "")


def _last_new(row: Mapping[str, Any], rhythm: Mapping[str, Any]) -> str | None:
    """Return when a source last brought a link, also one that an index of sitemaps only led to."""
    return max(row["last_new_at"] or "", rhythm.get("last", "")) or None


def _allowed(rhythm: Mapping[str, Any]) -> timedelta:
    """Return how long a source may bring nothing, from the mean gap between polls that brought something."""
    polls = rhythm.get("polls", 0)
    if polls < 2:
        return SILENT_UNKNOWN
    gap: timedelta = (parsed(rhythm["last"]) - parsed(rhythm["first"])) / (polls - 1)
    return max(SILENT_AFTER, SILENT_FACTOR * gap)


def _days(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


def _count(db: Database, what: str) -> int:
    return int(db.execute(f"select count(*) from {what}").fetchone()[0])


def _groups(db: Database, sql: str) -> tuple[tuple[str, int], ...]:
    return tuple(db.execute(f"{sql} order by 2 desc, 1").fetchall())
