"""Shared lists whose articles are fetched again: what is listed, what was asked for, and how the texts compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.database import Database
from archive.db import write
from archive.times import stored

OUTCOMES = ("same", "changed", "fetched", "gone", "refused", "failed", "off-topic", "forgotten", "waiting")
"""Same or changed text, fetched (the list has no digest to compare with), gone from the site, refused by robots.txt,
failed, no article, forgotten here, not asked for yet."""

TABLES = """
create table hydrations (
    id integer primary key,
    list_sha256 text not null unique,
    name text not null,
    started_at text not null,
    ended_at text
) strict;

create table hydrated (
    hydration_id integer not null references hydrations(id),
    url_key text not null,
    url text not null,
    source_id text not null,
    text_sha256 text,
    done integer not null default 0,
    run_id integer,
    primary key (hydration_id, url_key)
) strict, without rowid;
create index hydrated_waiting on hydrated(hydration_id, source_id, done);

create view hydrated_outcomes as
select h.hydration_id, h.url, h.source_id, h.text_sha256 as listed_sha256, a.url as article_url, a.text_sha256,
    case
        when exists (select 1 from tombstones t where t.url_key = h.url_key) then 'forgotten'
        when a.id is not null and h.text_sha256 is null then 'fetched'
        when a.id is not null and exists (select 1 from article_versions v
            where v.article_id = a.id and v.text_sha256 = h.text_sha256) then 'same'
        when a.id is not null then 'changed'
        when l.state in ('gone', 'refused', 'failed', 'off-topic') then l.state
        else 'waiting'
    end as outcome,
    l.last_error as reason
from hydrated h
left join links l on l.url_key = h.url_key
left join articles a on a.id = coalesce((select id from articles where url_key = h.url_key), l.article_id);
"""


_WAITING = """from hydrated h left join links l on l.url_key = h.url_key
where h.hydration_id = ? and not h.done and l.article_id is null
    and not exists (select 1 from articles a where a.url_key = h.url_key)
    and not exists (select 1 from tombstones t where t.url_key = h.url_key)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArticle:
    """An article of a shared list: its address and identity, its outlet, and the digest of its text, if given."""

    key: str
    url: str
    source_id: str
    text_sha256: str | None = None


class Hydrations:
    """The tables of one archive. Every method that writes is one small transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, list_sha256: str, name: str, at: datetime) -> int:
        """Return the number of the hydration of a list, which is known by its digest."""
        with write(self._db) as db:
            db.execute(
                "insert into hydrations (list_sha256, name, started_at) values (?, ?, ?) on conflict do nothing",
                [list_sha256, name, stored(at)],
            )
            row = db.execute("select id from hydrations where list_sha256 = ?", [list_sha256]).fetchone()
        return int(row[0])

    def stage(self, hydration_id: int, listed: Iterable[ListedArticle]) -> None:
        """Add articles of the list; those that are known keep what is known of them."""
        with write(self._db) as db:
            db.conn.executemany(
                """insert into hydrated (hydration_id, url_key, url, source_id, text_sha256) values (?, ?, ?, ?, ?)
                on conflict do update set source_id = excluded.source_id where source_id <> excluded.source_id""",
                [(hydration_id, one.key, one.url, one.source_id, one.text_sha256) for one in listed],
            )

    def end(self, hydration_id: int, at: datetime) -> None:
        """Record that every article was asked for."""
        with write(self._db) as db:
            db.execute("update hydrations set ended_at = ? where id = ?", [stored(at), hydration_id])

    def waiting(self, hydration_id: int) -> dict[str, int]:
        """Return how many articles of each outlet are to be asked for; stored and forgotten ones are not."""
        rows = self._db.query(
            f"select h.source_id, count(*) as n {_WAITING} group by h.source_id order by h.source_id",
            [hydration_id],
        )
        return {row["source_id"]: row["n"] for row in rows}

    def next(self, hydration_id: int, source_id: str, run_id: int, limit: int) -> list[ListedArticle]:
        """Return articles of an outlet that are to be asked for in this run, and note that it does now."""
        with write(self._db) as db:
            rows = list(
                db.query(
                    f"""select h.* {_WAITING} and h.source_id = ? and h.run_id is not ? order by h.url_key limit ?""",
                    [hydration_id, source_id, run_id, limit],
                )
            )
            db.conn.executemany(
                "update hydrated set run_id = ? where hydration_id = ? and url_key = ?",
                [(run_id, hydration_id, row["url_key"]) for row in rows],
            )
        return [
            ListedArticle(
                key=row["url_key"], url=row["url"], source_id=row["source_id"], text_sha256=row["text_sha256"]
            )
            for row in rows
        ]

    def asked(self, hydration_id: int, key: str) -> None:
        """Note that an article was asked for; one that failed for now stays to be asked for by the next run."""
        with write(self._db) as db:
            db.execute(
                """update hydrated set done = 1 where hydration_id = ? and url_key = ? and not exists
                    (select 1 from links l where l.url_key = hydrated.url_key
                        and (l.state = 'new' or l.state = 'failed' and l.next_check_at is not null))""",
                [hydration_id, key],
            )

    def ask_again(self, hydration_id: int, key: str) -> None:
        """Take back that this run has asked for an article: it will do so once more."""
        with write(self._db) as db:
            db.execute("update hydrated set run_id = null where hydration_id = ? and url_key = ?", [hydration_id, key])

    def summary(self, hydration_id: int) -> list[tuple[str, dict[str, int]]]:
        """Return for each outlet how its articles came back: outcome -> count, in the order of OUTCOMES."""
        rows = self._db.query(
            """select source_id, outcome, count(*) as n from hydrated_outcomes where hydration_id = ?
            group by source_id, outcome order by source_id""",
            [hydration_id],
        )
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["source_id"], dict.fromkeys(OUTCOMES, 0))[row["outcome"]] = row["n"]
        return list(found.items())


def total(summary: Sequence[tuple[str, dict[str, int]]], *outcomes: str) -> int:
    """Return how many articles of all outlets had one of these outcomes."""
    return sum(counts[outcome] for _, counts in summary for outcome in outcomes)
