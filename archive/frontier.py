"""The frontier: which entries and links are due, and what became of each. A crawl keeps nothing of this in memory.

Every method that writes is one small transaction of its own, but for `settle`, which is called inside the
transaction that stores the article, so that a link is 'stored' exactly when its article is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from archive.clean import clean_line
from archive.database import Database
from archive.db import write
from archive.link_budget import MAX_WAITING, Taken, room
from archive.records import EntryKind, Link, LinkState, SourceKind
from archive.times import parsed, stored

MAX_ATTEMPTS = 5
"""A link that failed this often is left alone; it stays in the table, so that recall can be audited."""
OPEN = "(next_check_at is not null or state in ('new', 'failed', 'refused'))"
"""The condition of the index `links_due`, without what is settled; SQLite takes it for queries that say the same."""
TOO_OLD = "published before every topic's window"
FORGOTTEN = "leads to an article that was forgotten"
MAX_HINT_CHARS = 500
MAX_ERROR_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """An outlet as the archive lists it; `kind` is None for one that only imports have brought."""

    id: str
    name: str
    homepage: str
    languages: tuple[str, ...]
    country: str | None
    kind: SourceKind | None
    enabled: bool = True
    timezone: str | None = None
    """Of dates without an offset, as the tz database calls it."""
    domains: tuple[str, ...] = ()
    """Registered domains that are the outlet's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry as its source lists it: `fallback` ones are polled only while no earlier entry answers."""

    url: str
    kind: EntryKind
    fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryState:
    """An entry and what earlier polls learnt of it."""

    source_id: str
    url: str
    kind: EntryKind
    fallback: bool
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    next_check_at: datetime | None
    interval_s: int | None
    failures: int
    last_ok_at: datetime | None
    last_new_at: datetime | None
    children: tuple[str, ...] = ()
    """Sitemaps that an index names without a date: they may change while it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A link that is due: to be fetched for the first time, or, with an `article_id`, to be checked again."""

    url: str
    source_id: str
    found_in: str | None
    title_hint: str | None
    published_hint: datetime | None
    hint_from: Literal["feed", "sitemap"] | None
    attempts: int
    article_id: int | None
    etag: str | None
    last_modified: str | None
    missing_since: datetime | None
    missing_status: str | None

    def hint(self) -> Link:
        """Return what the place it was found in says of it."""
        return Link(
            url=self.url,
            found_in=self.found_in or "",
            title_hint=self.title_hint,
            published_hint=self.published_hint,
            hint_from=self.hint_from,
        )


class Frontier:
    """The `entries` and `links` tables of one archive."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def register(self, source: SourceRow, entries: Sequence[EntryRow]) -> None:
        """Make the tables agree with the sources file: what earlier polls learnt of a kept entry stays."""
        row = {
            "id": source.id,
            "name": source.name,
            "homepage": source.homepage,
            "languages": json.dumps(source.languages),
            "country": source.country,
            "kind": source.kind,
            "enabled": int(source.enabled),
            "timezone": source.timezone,
            "domains": json.dumps(source.domains),
        }
        with write(self._db) as db:
            db.execute(
                """insert into sources (id, name, homepage, languages, country, kind, enabled, timezone, domains)
                values (:id, :name, :homepage, :languages, :country, :kind, :enabled, :timezone, :domains)
                on conflict (id) do update set name = :name, homepage = :homepage, languages = :languages,
                    country = :country, kind = :kind, enabled = :enabled, timezone = :timezone, domains = :domains""",
                row,
            )
            kept = json.dumps([entry.url for entry in entries])
            db.execute(
                "delete from entries where source_id = ? and url not in (select value from json_each(?))",
                [source.id, kept],
            )
            for position, entry in enumerate(entries):
                db.execute(
                    """insert into entries (source_id, url, kind, position, fallback) values (?, ?, ?, ?, ?)
                    on conflict (source_id, url) do update set kind = excluded.kind, position = excluded.position,
                        fallback = excluded.fallback""",
                    [source.id, entry.url, entry.kind, position, int(entry.fallback)],
                )

    def has_source(self, source_id: str) -> bool:
        """Return whether a source is listed."""
        return self._db.execute("select 1 from sources where id = ?", [source_id]).fetchone() is not None

    def sources(self) -> list[SourceRow]:
        """Return every source, those first that are crawled."""
        return [_source(row) for row in self._db.query("select * from sources order by enabled desc, id")]

    def other_homepages(self, source_id: str, limit: int) -> list[str]:
        """Return the home pages of a few other enabled sources, any ones."""
        rows = self._db.query(
            "select homepage from sources where enabled and id <> ? order by random() limit ?", [source_id, limit]
        )
        return [row["homepage"] for row in rows]

    def disable_others(self, source_ids: Sequence[str]) -> None:
        """Mark every source that the sources file no longer lists as disabled; its articles stay."""
        with write(self._db) as db:
            db.execute(
                "update sources set enabled = 0 where enabled and id not in (select value from json_each(?))",
                [json.dumps(list(source_ids))],
            )

    def entries(self, source_id: str) -> list[EntryState]:
        """Return the entries of a source in their order, with what earlier polls learnt of them."""
        rows = self._db.query("select * from entries where source_id = ? order by position", [source_id])
        return [_entry(row) for row in rows]

    def entry_postponed(self, entry: EntryState, next_check_at: datetime) -> None:
        """Leave an entry alone until a moment, without an answer or a failure: a fallback that is not needed."""
        with write(self._db) as db:
            db.execute(
                "update entries set next_check_at = ? where source_id = ? and url = ?",
                [stored(next_check_at), entry.source_id, entry.url],
            )

    def entry_answered(
        self,
        entry: EntryState,
        *,
        at: datetime,
        next_check_at: datetime,
        interval_s: int,
        etag: str | None,
        last_modified: str | None,
        body_sha256: str | None,
        new_links: int,
        children: Sequence[str] = (),
        note: str | None = None,
        same: bool = False,
    ) -> None:
        """Record a poll that worked; `new_links` counts the links it brought, `note` says what it did not take.

        `same` is for the answer of the last time: what was noted of it holds.
        """
        with write(self._db) as db:
            db.execute(
                """update entries set etag = ?, last_modified = ?, body_sha256 = ?, next_check_at = ?, interval_s = ?,
                    failures = 0, last_error = null, last_ok_at = ?, last_new_at = iif(?, ?, last_new_at), children = ?,
                    note = iif(?, note, ?)
                where source_id = ? and url = ?""",
                [
                    _bounded(etag),
                    _bounded(last_modified),
                    body_sha256,
                    stored(next_check_at),
                    interval_s,
                    stored(at),
                    new_links,
                    stored(at),
                    json.dumps(list(children)) if children else None,
                    same,
                    clean_line(note, MAX_ERROR_CHARS),
                    entry.source_id,
                    entry.url,
                ],
            )

    def entry_brought(self, entry: EntryState, *, at: datetime) -> None:
        """Record that something an entry led to, a child sitemap or a further page, listed new links."""
        with write(self._db) as db:
            db.execute(
                "update entries set last_new_at = ? where source_id = ? and url = ?",
                [stored(at), entry.source_id, entry.url],
            )

    def entry_noted(self, entry: EntryState, note: str) -> None:
        """Record what was not taken of something that an entry led to, unless more was said of it before."""
        with write(self._db) as db:
            db.execute(
                "update entries set note = coalesce(note, ?) where source_id = ? and url = ?",
                [clean_line(note, MAX_ERROR_CHARS), entry.source_id, entry.url],
            )

    def entry_failed(self, entry: EntryState, *, next_check_at: datetime, error: str) -> None:
        """Record a poll that failed. The entry is asked again at `next_check_at`; no number of failures kills it."""
        with write(self._db) as db:
            db.execute(
                """update entries set next_check_at = ?, failures = failures + 1, last_error = ?
                where source_id = ? and url = ?""",
                [stored(next_check_at), clean_line(error, MAX_ERROR_CHARS), entry.source_id, entry.url],
            )

    def take(
        self, entry: EntryState, links: Mapping[str, Link], *, at: datetime, too_old: AbstractSet[str] = frozenset()
    ) -> Taken:
        """Add what an entry lists, as `add` does, within what one entry may bring; tell what was left out."""
        if not links:
            return Taken(new=0)
        day = stored(at)[:10]
        with write(self._db) as db:
            (today,) = db.execute(
                """select coalesce(max(iif(links_day = ?, links_on_day, 0)), 0) from entries
                where source_id = ? and url = ?""",
                [day, entry.source_id, entry.url],
            ).fetchone()
            (waiting,) = db.execute(
                f"select count(*) from (select 1 from links where source_id = ? and state = 'new' and {OPEN} limit ?)",
                [entry.source_id, MAX_WAITING],
            ).fetchone()
            most, why = room(today=today, waiting=waiting)
            new, left_out = self._add(entry.source_id, links, at=at, too_old=too_old, most=most)
            db.execute(
                """update entries set links_day = ?, links_on_day = ?, links_left_out = links_left_out + ?
                where source_id = ? and url = ?""",
                [day, today + new, left_out, entry.source_id, entry.url],
            )
        return Taken(new=new, left_out=left_out, why=why if left_out else None)

    def add(
        self, source_id: str, links: Mapping[str, Link], *, at: datetime, too_old: AbstractSet[str] = frozenset()
    ) -> int:
        """Add links (identity of the address -> link) that are not known yet; return how many were new.

        Those whose identity is in `too_old` are off topic from the start: their date says so. A known link
        keeps its state and takes the hints that it did not have. One whose article was forgotten is not added.
        """
        if not links:
            return 0
        with write(self._db):
            return self._add(source_id, links, at=at, too_old=too_old, most=len(links))[0]

    def _add(
        self, source_id: str, links: Mapping[str, Link], *, at: datetime, too_old: AbstractSet[str], most: int
    ) -> tuple[int, int]:
        """Add at most so many new links in the caller's transaction; return how many, and how many are left."""
        db = self._db
        new = left_out = 0
        for key, link in links.items():
            title = clean_line(link.title_hint, MAX_HINT_CHARS)
            published = stored(link.published_hint) if link.published_hint else None
            if new >= most and self._is_unknown(key):
                left_out += 1
                continue
            state, error = ("off-topic", TOO_OLD) if key in too_old else ("new", None)
            new += db.execute(
                """insert into links (url, url_key, source_id, first_seen_at, found_in, title_hint, published_hint,
                    hint_from, state, last_error) select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                where not exists (select 1 from tombstones where url_key = ?) on conflict do nothing""",
                [
                    *(link.url, key, source_id, stored(at), link.found_in, title, published, link.hint_from),
                    *(state, error, key),
                ],
            ).rowcount
            if title or published:
                db.execute(
                    """update links set title_hint = coalesce(title_hint, ?),
                        hint_from = iif(published_hint is null and ? is not null, ?, hint_from),
                        published_hint = coalesce(published_hint, ?)
                    where url_key = ? and (title_hint is null or published_hint is null)""",
                    [title, published, link.hint_from, published, key],
                )
        return new, left_out

    def _is_unknown(self, key: str) -> bool:
        known = "select 1 from links where url_key = ? union all select 1 from tombstones where url_key = ?"
        return self._db.execute(known, [key, key]).fetchone() is None

    def due_links(self, source_id: str, now: datetime, limit: int) -> list[LinkRow]:
        """Return links to fetch for the first time, or again after a failure; the newest first."""
        rows = self._db.query(
            f"""select * from links where source_id = ? and state in ('new', 'failed', 'refused') and {OPEN}
                and (state = 'new' or (next_check_at is not null and attempts < ?))
                and (next_check_at is null or next_check_at <= ?)
            order by coalesce(published_hint, first_seen_at) desc, url limit ?""",
            [source_id, MAX_ATTEMPTS, stored(now), limit],
        )
        return [_link(row) for row in rows]

    def due_rechecks(self, source_id: str, now: datetime, limit: int) -> list[LinkRow]:
        """Return links of stored articles that are due to be looked at again, the longest due first."""
        rows = self._db.query(
            """select * from links where source_id = ? and state in ('stored', 'gone') and article_id is not null
                and next_check_at is not null and next_check_at <= ? order by next_check_at, url limit ?""",
            [source_id, stored(now), limit],
        )
        return [_link(row) for row in rows]

    def is_due(self, url: str, now: datetime) -> bool:
        """Return whether a link that was due is so still: another crawl may have settled it since."""
        row = self._db.execute(
            """select 1 from links where url = ? and (next_check_at is null or next_check_at <= ?)
                and (state = 'new' or (state in ('failed', 'refused') and next_check_at is not null)
                    or (state in ('stored', 'gone') and article_id is not null and next_check_at is not null))""",
            [url, stored(now)],
        ).fetchone()
        return row is not None

    def link(self, url: str) -> LinkRow | None:
        """Return a link whether it is due or not, or None."""
        row = next(iter(self._db.query("select * from links where url = ?", [url])), None)
        return _link(row) if row else None

    def link_of(self, key: str) -> LinkRow | None:
        """Return the link with an identity, whatever its spelling, or None."""
        row = next(iter(self._db.query("select * from links where url_key = ?", [key])), None)
        return _link(row) if row else None

    def ask_anew(self, key: str) -> None:
        """Make a link that led to no article new again, attempts and all: somebody asks for it by name."""
        with write(self._db) as db:
            db.execute(
                """update links set state = 'new', attempts = 0, next_check_at = null
                where url_key = ? and article_id is null and state <> 'new'""",
                [key],
            )

    def due_sources(self, now: datetime) -> list[str]:
        """Return the enabled sources that have an entry or a link due, the longest waiting first."""
        rows = self._db.query(
            f"""with due as (
                select source_id, coalesce(next_check_at, '') as at from entries
                where next_check_at is null or next_check_at <= :now
                union all
                select source_id, coalesce(next_check_at, first_seen_at) from links
                where {OPEN} and ((state = 'new' and (next_check_at is null or next_check_at <= :now))
                    or (state in ('failed', 'refused') and attempts < :attempts and next_check_at <= :now)
                    or (state in ('stored', 'gone') and article_id is not null and next_check_at <= :now))
            )
            select source_id from due join sources on sources.id = due.source_id
            where sources.enabled group by source_id order by min(at), source_id""",
            {"now": stored(now), "attempts": MAX_ATTEMPTS},
        )
        return [row["source_id"] for row in rows]

    def link_failed(self, url: str, *, state: LinkState, error: str, next_check_at: datetime | None) -> None:
        """Record an attempt that brought no page; `next_check_at` None leaves the link alone from now on.

        A stored article keeps its state and its attempts: only its next check moves.
        """
        with write(self._db) as db:
            db.execute(
                """update links set attempts = iif(article_id is null, attempts + 1, attempts), last_error = ?,
                    state = iif(article_id is null, ?, state), next_check_at = ?
                where url = ?""",
                [
                    clean_line(error, MAX_ERROR_CHARS),
                    state,
                    stored(next_check_at) if next_check_at else None,
                    url,
                ],
            )

    def link_postponed(self, url: str, next_check_at: datetime, *, error: str) -> None:
        """Move the next look at a link that could not be asked for, without counting an attempt."""
        with write(self._db) as db:
            db.execute(
                "update links set next_check_at = ?, last_error = ? where url = ?",
                [stored(next_check_at), clean_line(error, MAX_ERROR_CHARS), url],
            )


def settle(
    db: Database,
    url: str,
    *,
    state: LinkState,
    article_id: int | None,
    next_check_at: datetime | None,
    etag: str | None = None,
    last_modified: str | None = None,
    error: str | None = None,
) -> None:
    """Record what a fetched link turned out to be, inside the caller's transaction."""
    db.execute(
        """update links set state = ?, article_id = coalesce(?, article_id), next_check_at = ?, etag = ?,
            last_modified = ?, last_error = ?, missing_since = null, missing_status = null where url = ?""",
        [
            state,
            article_id,
            stored(next_check_at) if next_check_at else None,
            _bounded(etag),
            _bounded(last_modified),
            clean_line(error, MAX_ERROR_CHARS),
            url,
        ],
    )


def settle_forgotten(db: Database, url: str) -> None:
    """Leave a link alone that led to what was forgotten, and forget what was said of it; in the caller's transaction.

    A link of another article keeps that article.
    """
    db.execute(
        """update links set state = iif(article_id is null, 'refused', state), next_check_at = null, etag = null,
            last_modified = null, missing_since = null, missing_status = null,
            title_hint = iif(article_id is null, null, title_hint), last_error = ? where url = ?""",
        [FORGOTTEN, url],
    )


def alias(db: Database, url: str, key: str, *, of: LinkRow, article_id: int, at: datetime) -> None:
    """Remember another address of an article that `of` led to, so that it is not fetched as a new one.

    Runs inside the caller's transaction.
    """
    db.execute(
        """insert into links (url, url_key, source_id, first_seen_at, found_in, state, article_id)
        values (?, ?, ?, ?, ?, 'stored', ?)
        on conflict (url_key) do update set state = 'stored', article_id = excluded.article_id where state = 'new'
        on conflict (url) do nothing""",
        [url, key, of.source_id, stored(at), of.url, article_id],
    )


def _source(row: Mapping[str, Any]) -> SourceRow:
    return SourceRow(
        id=row["id"],
        name=row["name"],
        homepage=row["homepage"],
        languages=tuple(json.loads(row["languages"])),
        country=row["country"],
        kind=row["kind"],
        enabled=bool(row["enabled"]),
        timezone=row["timezone"],
        domains=tuple(json.loads(row["domains"] or "[]")),
    )


def _entry(row: Mapping[str, Any]) -> EntryState:
    return EntryState(
        source_id=row["source_id"],
        url=row["url"],
        kind=row["kind"],
        fallback=bool(row["fallback"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_sha256=row["body_sha256"],
        next_check_at=_moment(row["next_check_at"]),
        interval_s=row["interval_s"],
        failures=row["failures"],
        last_ok_at=_moment(row["last_ok_at"]),
        last_new_at=_moment(row["last_new_at"]),
        children=tuple(json.loads(row["children"] or "[]")),
    )


def _link(row: Mapping[str, Any]) -> LinkRow:
    return LinkRow(
        url=row["url"],
        source_id=row["source_id"],
        found_in=row["found_in"],
        title_hint=row["title_hint"],
        published_hint=_moment(row["published_hint"]),
        hint_from=row["hint_from"],
        attempts=row["attempts"],
        article_id=row["article_id"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        missing_since=_moment(row["missing_since"]),
        missing_status=row["missing_status"],
    )


def _moment(text: str | None) -> datetime | None:
    return parsed(text) if text else None


def _bounded(validator: str | None) -> str | None:
    """Return an ETag or Last-Modified that is short enough to be sent back, or None."""
    cleaned = clean_line(validator, MAX_HINT_CHARS + 1)
    return cleaned if cleaned and len(cleaned) <= MAX_HINT_CHARS else None
