"""Removes an article from the archive for good: every text, capture and trace. A tombstone stays in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import erasing, story_leaving, tombstones
from archive.database import Database
from archive.db import write
from archive.erasing import ErasureError
from archive.errors import DauysError
from archive.listings import UnknownArticleError, spellings
from archive.search.current import require_current
from archive.warc import OPEN_SUFFIX, is_live, recover

Progress = Callable[[str], None]

FRAGMENTS = 12
"""Pieces of each text that are looked for in the database's file afterwards."""
FRAGMENT_CHARS = 48
"""Long enough to stand in one text only."""
MERGED_PAGES = 500
"""Pages of the full-text index merged in one transaction: crawls may write between two."""
READ_AT_ONCE = 8 * 1024 * 1024


class ForgetError(DauysError):
    """Raised when an article cannot be forgotten now; nothing was removed unless the message says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an address leads to: the article (None for a link that never was one) and all that goes with it."""

    article: dict[str, Any] | None
    keys: frozenset[str]
    addresses: frozenset[str]
    pages: frozenset[int]
    versions: int
    others: int
    """Articles of other addresses in the same story: they carry much the same text, and stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was removed: counts, and the names of the WARC files that were rewritten or deleted."""

    target: Target
    files: tuple[str, ...]
    vacuumed: bool


def find(db: Database, what: str) -> Target:
    """Return what an address or an article's number leads to; raise UnknownArticleError when nothing has it."""
    number = int(what) if what.isascii() and what.isdigit() and len(what) < 19 else -1
    named = {"number": number, "urls": spellings(what)}
    found = next(
        db.query(
            """select id as article_id, url_key from articles
                where id = :number or url in (select value from json_each(:urls))
            union all select article_id, url_key from links where url in (select value from json_each(:urls))""",
            named,
        ),
        None,
    )
    if found is None:
        raise UnknownArticleError(
            f"no article and no link has the address or number {what}. Find it: python -m archive search WORDS"
        )
    return _target(db, found["article_id"], found["url_key"])


def forget(
    db: Database,
    archive: Path,
    what: str,
    *,
    reason: str,
    at: datetime,
    progress: Progress = lambda step: None,
) -> Forgotten:
    """Remove the article at an address (or of a number) everywhere, and lay tombstones for all its addresses.

    `db` is open for writing and in no transaction. Wherever this is stopped, the archive is as before or as
    after, and `finish` (or the next call) removes what was still to be deleted. Raises UnknownArticleError,
    StaleIndex where the full-text index has to be made anew first, ForgetError and ErasureError where crawls or a
    reindex are in the way.
    """
    target = find(db, what)
    require_current(db)
    if db.execute("select 1 from search_index where name = 'next'").fetchone():
        raise ForgetError("the full-text index is being made anew. Let it end first: python -m archive reindex")
    with erasing.alone(archive):
        progress("finishing what was left")
        recover(archive.parent / "warc")
        erasing.sweep(db, archive)
        fragments = _fragments(db, target)
        progress("looking for captures")
        planned = erasing.plans(db, archive, target.pages, target.addresses)
        for plan in planned:
            if plan.path.name.endswith(OPEN_SUFFIX) and is_live(plan.path):
                raise ForgetError(
                    f"{plan.path}: a crawl is writing to the file that holds a capture. Nothing was removed;"
                    " type this again when the crawl has ended, or stop the scheduler first."
                )
        names = []
        for plan in planned:
            progress(f"writing {plan.file} anew")
            names.append(erasing.write_without(db, plan))
        progress("removing")
        with write(db):
            if _target(db, target.article["id"] if target.article else None, *target.keys) != target:
                raise ForgetError("a crawl has stored something of it meanwhile. Nothing was removed; type this again.")
            _remove(db, target, reason=reason, at=at)
            for plan, name in zip(planned, names, strict=True):
                erasing.take_over(db, plan, name)
        progress("deleting the old files")
        erasing.sweep(db, archive)
    progress("clearing the full-text index")
    _clear_index(db)
    progress("looking for traces")
    vacuumed = _clear_traces(db, archive, fragments)
    with write(db):
        tombstones.clear(db)
    return Forgotten(target=target, files=tuple(plan.file for plan in planned), vacuumed=vacuumed)


def finish(db: Database, archive: Path) -> list[Path]:
    """End what an interrupted `forget` had begun; return the files that were deleted.

    Raises ForgetError where a reader is in the way, and ErasureError where another process is at it.
    """
    swept = []
    if db.execute("select 1 from warc_discarded").fetchone():
        with erasing.alone(archive):
            swept = erasing.sweep(db, archive)
    if tombstones.uncleared(db):
        _clear_index(db)
        # which pieces to look for is not known any more
        db.execute("vacuum")
        _truncate_log(db)
        with write(db):
            tombstones.clear(db)
    return swept


def _target(db: Database, article_id: int | None, *keys: str) -> Target:
    article = next(db.query("select * from articles where id = ?", [article_id]), None) if article_id else None
    marks = ", ".join("?" * len(keys))
    links = list(
        db.query(f"select url, url_key from links where article_id = ? or url_key in ({marks})", [article_id, *keys])
    )
    addresses = {link["url"] for link in links} | ({article["url"]} if article else set())
    pages = {
        page_id
        for (page_id,) in db.execute(
            "select page_id from articles where id = :id and page_id is not null"
            " union select page_id from article_versions where article_id = :id and page_id is not null",
            {"id": article_id},
        )
    }
    for url in addresses:
        # a capture that another article was read from is that article's
        pages |= {
            page_id
            for (page_id,) in db.execute(
                """select p.id from pages p where p.url = :url
                    and not exists (select 1 from articles a where a.page_id = p.id and a.id is not :id)
                    and not exists (select 1 from article_versions v where v.page_id = p.id
                        and v.article_id is not :id)""",
                {"url": url, "id": article_id},
            )
        }
    story = article["story_id"] if article else None
    (others,) = db.execute(
        "select count(*) from articles where story_id = ? and id <> ?", [story, article_id or 0]
    ).fetchone()
    return Target(
        article=article,
        keys=frozenset(link["url_key"] for link in links) | frozenset([article["url_key"]] if article else []),
        addresses=frozenset(addresses),
        pages=frozenset(pages),
        versions=article["versions"] if article else 0,
        others=others,
    )


def _remove(db: Database, target: Target, *, reason: str, at: datetime) -> None:
    tombstones.lay(db, sorted(target.keys), reason=reason, at=at)
    if target.article is not None:
        article_id = target.article["id"]
        titles = [title for (title,) in db.execute("select title from versions where article_id = ?", [article_id])]
        story_leaving.take_out(db, article_id)
        db.execute("delete from links where article_id = ?", [article_id])
        db.conn.executemany("update links set title_hint = null where title_hint = ?", [(title,) for title in titles])
        for table in ("topic_hits", "removals", "article_versions"):
            db.execute(f"delete from {table} where article_id = ?", [article_id])
        db.execute("delete from articles where id = ?", [article_id])
    for table in ("links", "backfill_pages", "hydrated"):
        db.conn.executemany(f"delete from {table} where url_key = ?", [(key,) for key in target.keys])
    db.conn.executemany("delete from pages where id = ?", [(page_id,) for page_id in target.pages])


def _clear_index(db: Database) -> None:
    """Have the full-text index write its entries anew: a removed one is only marked as such until then."""
    step = -MERGED_PAGES
    while True:
        with write(db):
            before = db.conn.total_changes
            db.execute("insert into articles_fts(articles_fts, rank) values ('merge', ?)", [step])
            done = db.conn.total_changes - before < 2
        step = MERGED_PAGES
        if done:
            return


def _truncate_log(db: Database) -> None:
    """Empty the write-ahead log, which still holds what was removed; raise ForgetError where readers are in the way."""
    (busy, _, _) = db.execute("pragma wal_checkpoint(truncate)").fetchone()
    if busy:
        raise ForgetError(
            "it is removed, but another program still reads the state before, which stays in the log as long."
            " When that has ended type: python -m archive verify --repair"
        )


def _fragments(db: Database, target: Target) -> list[str]:
    """Return pieces of the article's titles and texts that tell whether something of it is left."""
    if target.article is None:
        return []
    rows = db.execute("select title, text from versions where article_id = ?", [target.article["id"]]).fetchall()
    found = []
    for title, text in rows:
        if title and len(title) >= FRAGMENT_CHARS // 2:
            found.append(title)
        step = max(1, (len(text) - FRAGMENT_CHARS) // FRAGMENTS + 1)
        found += [text[at : at + FRAGMENT_CHARS] for at in range(0, max(1, len(text) - FRAGMENT_CHARS), step)]
    return [piece for piece in dict.fromkeys(found) if len(piece) >= FRAGMENT_CHARS // 2]


def _clear_traces(db: Database, archive: Path, fragments: list[str]) -> bool:
    """Empty the log, and write the database anew where its unused space still holds pieces of the text.

    Such space is left by programs that do not overwrite what they delete, as this one does. Returns whether that was
    needed. Pieces that other articles have too are theirs.
    """
    _truncate_log(db)
    if not _found_in(archive, [piece for piece in fragments if not _elsewhere(db, piece)]):
        return False
    db.execute("vacuum")
    _truncate_log(db)
    return True


def _elsewhere(db: Database, piece: str) -> bool:
    return any(
        db.execute(sql, {"piece": piece}).fetchone() is not None
        for sql in (
            "select 1 from articles where instr(text, :piece) or instr(title, :piece) limit 1",
            "select 1 from article_versions where instr(text, :piece) or instr(title, :piece) limit 1",
            "select 1 from links where instr(title_hint, :piece) limit 1",
        )
    )


def _found_in(path: Path, pieces: Iterable[str]) -> bool:
    """Tell whether any of `pieces` stands in a file, read in bounded memory."""
    wanted = [piece.encode() for piece in pieces]
    if not wanted:
        return False
    longest, before = max(map(len, wanted)), b""
    with path.open("rb") as stream:
        while chunk := stream.read(READ_AT_ONCE):
            window = before + chunk
            if any(piece in window for piece in wanted):
                return True
            before = window[-longest:]
    return False


__all__ = ["ErasureError", "ForgetError", "Forgotten", "Target", "find", "finish", "forget"]
