"""Backfills: what is asked for, which lists were read, which pages wait. A killed one goes on from these tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from archive.clean import clean_line
from archive.database import Database
from archive.db import write
from archive.records import Link
from archive.times import parsed, stored

Way = Literal["site", "wayback"]
ListKind = Literal["robots", "feed", "sitemap", "news-sitemap", "section", "cdx"]
Told = Literal["inside", "older", "newer", "unknown", "nothing new"]
PageState = Literal["waiting", "done", "known", "outside", "failed"]

WHOLE_FIRST: tuple[ListKind, ...] = ("robots", "feed", "news-sitemap", "sitemap", "cdx")
"""Lists that are read to their end before a page is fetched: few requests that tell how much there is."""
MAX_REASON_CHARS = 300

TABLES = """
create table backfills (
    id integer primary key,
    source_id text not null references sources(id),
    way text not null check (way in ('site', 'wayback')),
    since text not null,
    until text not null,
    started_at text not null,
    ended_at text,
    unique (source_id, way, since, until)
) strict;

create table backfill_lists (
    backfill_id integer not null references backfills(id),
    url text not null,
    kind text not null check (kind in ('robots', 'feed', 'sitemap', 'news-sitemap', 'section', 'cdx')),
    chain text not null,
    depth integer not null,
    position integer not null,
    state text not null default 'waiting' check (state in ('waiting', 'read', 'skipped', 'failed')),
    told text check (told in ('inside', 'older', 'newer', 'unknown', 'nothing new')),
    reason text,
    links integer not null default 0,
    outside integer not null default 0,
    run_id integer,
    primary key (backfill_id, url)
) strict, without rowid;
create index backfill_lists_waiting on backfill_lists(backfill_id, state, position);

create table backfill_pages (
    backfill_id integer not null references backfills(id),
    url_key text not null,
    url text not null,
    list_url text not null,
    position integer not null,
    published_hint text,
    hint_from text check (hint_from in ('feed', 'sitemap')),
    capture text,
    at text,
    state text not null default 'waiting' check (state in ('waiting', 'done', 'known', 'outside', 'failed')),
    reason text,
    run_id integer,
    primary key (backfill_id, url_key)
) strict, without rowid;
create index backfill_pages_waiting on backfill_pages(backfill_id, state, at, position);
create index backfill_pages_by_list on backfill_pages(backfill_id, list_url, state);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A list to read. `chain` joins lists of which a few older ones in a row tell that the rest is older too."""

    url: str
    kind: ListKind
    chain: str
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """A page to fetch: the link that led to it, the `at` it is put in order by, and the address of its capture."""

    key: str
    link: Link
    at: date | None = None
    capture: str | None = None
    state: PageState = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Where a backfill stands: pages by state, lists that wait and those that were read, the oldest day reached."""

    pages: Mapping[str, int]
    lists: Mapping[str, int]
    reached: str | None

    @property
    def done(self) -> int:
        """Return how many pages need no more asking."""
        return sum(count for state, count in self.pages.items() if state in ("done", "failed"))

    @property
    def wanted(self) -> int:
        """Return how many pages were or are to be asked for, as far as is known."""
        return self.done + self.pages.get("waiting", 0)


class Backfills:
    """The tables of one archive. Every method that writes is one small transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, source_id: str, way: Way, since: date, until: date, at: datetime) -> tuple[int, bool]:
        """Return the number of a backfill and whether it goes on after an interruption; a finished one begins anew."""
        named = [source_id, way, since.isoformat(), until.isoformat()]
        with write(self._db) as db:
            row = db.execute(
                "select id, ended_at from backfills where source_id = ? and way = ? and since = ? and until = ?", named
            ).fetchone()
            if row and row[1] is None:
                return int(row[0]), True
            if row:
                for table in ("backfill_lists", "backfill_pages"):
                    db.execute(f"delete from {table} where backfill_id = ?", [row[0]])
                db.execute("update backfills set started_at = ?, ended_at = null where id = ?", [stored(at), row[0]])
                return int(row[0]), False
            fresh = db.execute(
                "insert into backfills (source_id, way, since, until, started_at) values (?, ?, ?, ?, ?) returning id",
                [*named, stored(at)],
            ).fetchone()
            return int(fresh[0]), False

    def end(self, backfill_id: int, at: datetime) -> None:
        """Record that everything was asked for."""
        with write(self._db) as db:
            db.execute("update backfills set ended_at = ? where id = ?", [stored(at), backfill_id])

    def add_lists(self, backfill_id: int, lists: Iterable[ListRow]) -> int:
        """Add lists that are not known, in their order; return how many were new."""
        with write(self._db):
            return self._add_lists(backfill_id, lists)

    def next_list(self, backfill_id: int, run_id: int, kinds: Collection[ListKind]) -> ListRow | None:
        """Return the next list of these kinds that this run has not asked for, and note that it does now."""
        with write(self._db) as db:
            row = next(
                iter(
                    db.query(
                        """select * from backfill_lists where backfill_id = ? and state = 'waiting'
                            and run_id is not ? and kind in (select value from json_each(?))
                        order by kind <> 'robots', position limit 1""",
                        [backfill_id, run_id, json.dumps(list(kinds))],
                    )
                ),
                None,
            )
            if row is None:
                return None
            db.execute(
                "update backfill_lists set run_id = ? where backfill_id = ? and url = ?",
                [run_id, backfill_id, row["url"]],
            )
        return ListRow(url=row["url"], kind=row["kind"], chain=row["chain"], depth=row["depth"])

    def unseen(self, backfill_id: int, keys: Collection[str]) -> set[str]:
        """Return those of the keys that this backfill has not met."""
        rows = self._db.query(
            """select value as key from json_each(?) where value not in
                (select url_key from backfill_pages where backfill_id = ?)""",
            [json.dumps(list(keys)), backfill_id],
        )
        return {row["key"] for row in rows}

    def known(self, way: Way, keys: Collection[str]) -> dict[str, date | None]:
        """Return those of the keys that need not be fetched, with the day their article was published on.

        Stored articles and forgotten ones; for a backfill of the site also what a crawl found to be off topic, a
        duplicate or gone.
        """
        rows = self._db.query(
            """with wanted as (select value as key from json_each(:keys))
            select a.url_key as key, a.published_day as day from articles a join wanted w on w.key = a.url_key
            union all
            select l.url_key, a.published_day from links l join wanted w on w.key = l.url_key
                left join articles a on a.id = l.article_id
            where l.article_id is not null or (:site and l.state in ('off-topic', 'duplicate', 'gone'))
            union all
            select t.url_key, null from tombstones t join wanted w on w.key = t.url_key""",
            {"keys": json.dumps(list(keys)), "site": way == "site"},
        )
        return {row["key"]: date.fromisoformat(row["day"]) if row["day"] else None for row in rows}

    def list_read(
        self,
        backfill_id: int,
        read: ListRow,
        *,
        told: Told,
        pages: Sequence[PageRow],
        lists: Sequence[ListRow],
        outside: int,
        problem: str | None = None,
    ) -> None:
        """Record what a list said, with its pages and what it leads to: all of it or, after a kill, nothing."""
        with write(self._db) as db:
            db.conn.executemany(
                """insert into backfill_pages (backfill_id, url_key, url, list_url, position, published_hint, hint_from,
                    capture, at, state) select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
                where not exists (select 1 from tombstones where url_key = ?2) on conflict do nothing""",
                [_page_values(backfill_id, read.url, place, page) for place, page in enumerate(pages)],
            )
            self._add_lists(backfill_id, lists)
            db.execute(
                """update backfill_lists set state = 'read', told = ?, links = ?, outside = ?, reason = ?
                where backfill_id = ? and url = ?""",
                [told, len(pages), outside, clean_line(problem, MAX_REASON_CHARS), backfill_id, read.url],
            )

    def list_ended(self, backfill_id: int, url: str, state: Literal["skipped", "failed"], reason: str) -> None:
        """Record that a list is not read, and why."""
        with write(self._db) as db:
            db.execute(
                "update backfill_lists set state = ?, reason = ? where backfill_id = ? and url = ?",
                [state, clean_line(reason, MAX_REASON_CHARS), backfill_id, url],
            )

    def last_told(self, backfill_id: int, chain: str, count: int) -> list[Told]:
        """Return what the last `count` lists of a chain said, the last first; dates of their pages tell as well."""
        rows = self._db.query(
            """select l.told, b.since, max(p.at) as newest
            from backfill_lists l join backfills b on b.id = l.backfill_id
                left join backfill_pages p on p.backfill_id = l.backfill_id and p.list_url = l.url
                    and p.state in ('done', 'known', 'outside')
            where l.backfill_id = ? and l.chain = ? and l.state = 'read'
            group by l.url order by l.position desc limit ?""",
            [backfill_id, chain, count],
        )
        return [_told(row["told"], row["newest"], row["since"]) for row in rows]

    def next_pages(self, backfill_id: int, run_id: int, limit: int) -> list[PageRow]:
        """Return pages that this run has not asked for, the newest first, and note that it does now."""
        with write(self._db) as db:
            rows = list(
                db.query(
                    """select * from backfill_pages where backfill_id = ? and state = 'waiting' and run_id is not ?
                    order by at desc, position, url_key limit ?""",
                    [backfill_id, run_id, limit],
                )
            )
            db.conn.executemany(
                "update backfill_pages set run_id = ? where backfill_id = ? and url_key = ?",
                [(run_id, backfill_id, row["url_key"]) for row in rows],
            )
        return [_page(row) for row in rows]

    def last_undated(self, backfill_id: int, run_id: int, list_url: str) -> PageRow | None:
        """Return the last page of a list, when two at least wait and none has a date, and note that it is asked for."""
        with write(self._db) as db:
            rows = list(
                db.query(
                    """select * from backfill_pages where backfill_id = ? and list_url = ? and state = 'waiting'
                    order by at is null, position desc limit 2""",
                    [backfill_id, list_url],
                )
            )
            if len(rows) < 2 or rows[0]["at"] is not None or rows[0]["run_id"] == run_id:
                return None
            db.execute(
                "update backfill_pages set run_id = ? where backfill_id = ? and url_key = ?",
                [run_id, backfill_id, rows[0]["url_key"]],
            )
        return _page(rows[0])

    def only_day(self, backfill_id: int, list_url: str) -> date | None:
        """Return the day of the one page of a list that was fetched, or None when none or several were."""
        rows = self._db.execute(
            "select at from backfill_pages where backfill_id = ? and list_url = ? and state = 'done'",
            [backfill_id, list_url],
        ).fetchall()
        return date.fromisoformat(rows[0][0]) if len(rows) == 1 and rows[0][0] else None

    def page_ended(
        self, backfill_id: int, key: str, state: PageState, *, at: date | None = None, reason: str | None = None
    ) -> str | None:
        """Record what became of a page, with its own date where it tells one; return the list that led to it."""
        with write(self._db) as db:
            row = db.execute(
                """update backfill_pages set state = ?, at = coalesce(?, at), reason = ?
                where backfill_id = ? and url_key = ? returning list_url""",
                [state, at.isoformat() if at else None, clean_line(reason, MAX_REASON_CHARS), backfill_id, key],
            ).fetchone()
        return str(row[0]) if row else None

    def page_unanswered(self, backfill_id: int, key: str, reason: str, *, final: bool) -> bool:
        """Record that a page was not had; return whether it is given up: at once when `final`, else the second time."""
        with write(self._db) as db:
            row = db.execute(
                """update backfill_pages set state = iif(? or reason is not null, 'failed', state), reason = ?
                where backfill_id = ? and url_key = ? returning state""",
                [final, clean_line(reason, MAX_REASON_CHARS), backfill_id, key],
            ).fetchone()
        return row is not None and row[0] == "failed"

    def ask_again(self, backfill_id: int, asked: ListRow | PageRow) -> None:
        """Take back that this run has asked for a list or a page: it will do so once more."""
        table, column, value = (
            ("backfill_lists", "url", asked.url)
            if isinstance(asked, ListRow)
            else ("backfill_pages", "url_key", asked.key)
        )
        with write(self._db) as db:
            db.execute(f"update {table} set run_id = null where backfill_id = ? and {column} = ?", [backfill_id, value])

    def leave_rest(self, backfill_id: int, list_url: str, reason: str) -> int:
        """Record that the pages without a date that a list has left lie outside; return how many there were."""
        with write(self._db) as db:
            return db.execute(
                """update backfill_pages set state = 'outside', reason = ?
                where backfill_id = ? and list_url = ? and state = 'waiting' and at is null""",
                [reason, backfill_id, list_url],
            ).rowcount

    def counts(self, backfill_id: int) -> Counts:
        """Return where a backfill stands."""
        pages = self._db.query(
            "select state, count(*) as n from backfill_pages where backfill_id = ? group by state", [backfill_id]
        )
        lists = self._db.query(
            "select state, count(*) as n from backfill_lists where backfill_id = ? group by state", [backfill_id]
        )
        sql = "select min(at) from backfill_pages where backfill_id = ? and state = 'done'"
        return Counts(
            pages={row["state"]: row["n"] for row in pages},
            lists={row["state"]: row["n"] for row in lists},
            reached=self._db.execute(sql, [backfill_id]).fetchone()[0],
        )

    def _add_lists(self, backfill_id: int, lists: Iterable[ListRow]) -> int:
        return sum(
            self._db.execute(
                """insert into backfill_lists (backfill_id, url, kind, chain, depth, position)
                select ?1, ?2, ?3, ?4, ?5, coalesce(max(position), 0) + 1 from backfill_lists where backfill_id = ?1
                on conflict do nothing""",
                [backfill_id, one.url, one.kind, one.chain, one.depth],
            ).rowcount
            for one in lists
        )


def _told(told: Told, newest: str | None, since: str) -> Told:
    """Return what a list said, or, where that was nothing, what the days of its pages say."""
    if told != "unknown" or newest is None:
        return told
    return "older" if newest < since else "inside"


def _page_values(backfill_id: int, list_url: str, position: int, page: PageRow) -> list[Any]:
    published = page.link.published_hint
    return [
        *(backfill_id, page.key, page.link.url, list_url, position, stored(published) if published else None),
        *(page.link.hint_from, page.capture, page.at.isoformat() if page.at else None, page.state),
    ]


def _page(row: Mapping[str, Any]) -> PageRow:
    return PageRow(
        key=row["url_key"],
        link=Link(
            url=row["url"],
            found_in=row["capture"] or row["list_url"],
            published_hint=parsed(row["published_hint"]) if row["published_hint"] else None,
            hint_from=row["hint_from"],
        ),
        at=date.fromisoformat(row["at"]) if row["at"] else None,
        capture=row["capture"],
    )
