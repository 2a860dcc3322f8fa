"""Keeps what texts are recognised by: one row for each distinct text, its sketch, links to texts like it.

Every function runs on the caller's connection, within the caller's transaction. What the numbers mean is
decided in pipelines.dedupe; this is only their storage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from archive.database import Database
from archive.db import remembered
from archive.errors import DauysError

PERIOD_S = 30 * 86_400
"""Sketches are read by periods of thirty days, which most outlets' rhythm of news is far below."""
VARIABLES = 512
"""Values bound in one statement, well under SQLite's limit."""
SCHEME, FOOTERS, CAUGHT_UP = "scheme of the sketches", "footers", "sketches are caught up with"
"""What is remembered within a transaction: the index's scheme, footers by outlet, who has read what was written."""

SKETCHES = """
create table story_sketches (
    id integer primary key,
    body_id integer not null,
    period integer not null,
    keys blob not null
) strict;
create index story_sketches_by_body on story_sketches(body_id, period);
create index story_sketches_by_period on story_sketches(period);
"""
TABLES = f"""
create table story_index (
    name text primary key,
    value integer not null
) strict, without rowid;
create table story_bodies (
    id integer primary key,
    digest integer not null unique,
    tokens integer not null,
    story_id integer
) strict;
create index story_bodies_by_story on story_bodies(story_id);
create table story_members (
    article_id integer primary key,
    body_id integer not null,
    moment integer not null
) strict;
create index story_members_by_body on story_members(body_id);
{SKETCHES}
create table story_links (
    body_id integer not null,
    other_id integer not null,
    kind text not null check (kind in ('wording', 'excerpt')),
    similarity real not null,
    names integer not null,
    openings integer not null,
    numbers integer not null,
    agreed integer not null,
    edits integer not null,
    frame integer not null,
    primary key (body_id, other_id)
) strict, without rowid;
create table story_footers (
    source_id text not null,
    paragraph integer not null,
    primary key (source_id, paragraph)
) strict, without rowid;
"""


class StoryIndexError(DauysError):
    """Raised when the index of texts was made by another version of the scheme and has to be built again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One distinct text, known by its `digest`, `tokens` long, in story `story_id`."""

    id: int
    digest: int
    tokens: int
    story_id: int | None


class Link(NamedTuple):
    """How two texts of much the same wording differ; written once from each side.

    `similarity` is the share of the shorter one's shingles that the other has. The counts are of places,
    see pipelines.dedupe.slots.
    """

    body_id: int
    other_id: int
    kind: str
    similarity: float
    names: int
    openings: int
    numbers: int
    agreed: int
    edits: int
    frame: int


UNFINISHED = 0
"""The scheme of an index that is being built again."""


def scheme(db: Database) -> int | None:
    """Return which scheme made the index, UNFINISHED for one half built, None for an empty one."""
    known = remembered(db)
    if SCHEME not in known:
        row = db.execute("select value from story_index where name = 'scheme'").fetchone()
        known[SCHEME] = int(row[0]) if row else None
        return int(row[0]) if row else None
    found: int | None = known[SCHEME]
    return found


def check_scheme(db: Database, version: int) -> None:
    """Raise StoryIndexError unless the index was made by scheme `version`; an empty index takes it."""
    found = scheme(db)
    if found is None:
        set_scheme(db, version)
    elif found != version:
        made = "are half built" if found == UNFINISHED else f"were made by scheme {found} and this is scheme {version}"
        raise StoryIndexError(f"the stories {made}. Build them again: python -m pipelines reindex-stories")


def set_scheme(db: Database, version: int) -> None:
    """Note which scheme made the index."""
    db.execute("insert or replace into story_index(name, value) values ('scheme', ?)", (version,))
    remembered(db)[SCHEME] = version


def find_body(db: Database, digest: int) -> Body | None:
    """Return the body with `digest`, or None."""
    row = db.execute("select id, digest, tokens, story_id from story_bodies where digest = ?", (digest,)).fetchone()
    return Body(id=row[0], digest=row[1], tokens=row[2], story_id=row[3]) if row else None


def bodies(db: Database, ids: Iterable[int]) -> dict[int, Body]:
    """Return those of the bodies `ids` that exist."""
    return {
        row[0]: Body(id=row[0], digest=row[1], tokens=row[2], story_id=row[3])
        for part in parts(ids)
        for row in db.execute(
            f"select id, digest, tokens, story_id from story_bodies where id in ({marks(part)})", part
        )
    }


def add_body(db: Database, digest: int, tokens: int, story_id: int | None) -> int:
    """Add a body and return its id."""
    row = db.execute(
        "insert into story_bodies(digest, tokens, story_id) values (?, ?, ?) returning id", (digest, tokens, story_id)
    ).fetchone()
    return int(row[0])


def period_of(moment: int) -> int:
    """Return the period of a moment in seconds since 1970."""
    return moment // PERIOD_S


_WRITTEN = "select id, body_id, period, keys from story_sketches"


class Sketch(NamedTuple):
    """The keys by which a text is found among those of a period; `id` grows in the order of writing."""

    id: int
    body_id: int
    period: int
    keys: bytes
    """32-bit numbers without sign, the lowest byte first."""


def add_sketch(db: Database, moment: int, body_id: int, keys: bytes) -> Sketch:
    """Make `body_id` findable by `keys` in the period of `moment`, and return what was written."""
    values = (body_id, period_of(moment), keys)
    remembered(db).pop(CAUGHT_UP, None)
    written = db.execute("insert into story_sketches(body_id, period, keys) values (?, ?, ?)", values)
    return Sketch(int(written.lastrowid or 0), *values)


def has_sketch(db: Database, moment: int, body_id: int, keys: bytes) -> bool:
    """Return whether `body_id` can be found by `keys` in the period of `moment`."""
    query = "select 1 from story_sketches where body_id = ? and period = ? and keys = ?"
    return db.execute(query, (body_id, period_of(moment), keys)).fetchone() is not None


def last_sketch(db: Database) -> Sketch | None:
    """Return the sketch that was written last."""
    found = db.execute(f"{_WRITTEN} order by id desc limit 1").fetchone()
    return Sketch(*found) if found else None


def sketches_from(db: Database, sketch_id: int) -> list[Sketch]:
    """Return the sketch with this number and all that were written after it, in that order."""
    return [Sketch(*row) for row in db.execute(f"{_WRITTEN} where id >= ? order by id", (sketch_id,))]


def sketches_of(db: Database, period: int) -> Iterator[Sketch]:
    """Yield the sketches of a period."""
    return starmap(Sketch, db.execute(f"{_WRITTEN} where period = ?", (period,)))


def add_member(db: Database, article_id: int, body_id: int, moment: int) -> None:
    """Note that the article has this text and when it counts as published."""
    db.execute("insert into story_members(article_id, body_id, moment) values (?, ?, ?)", (article_id, body_id, moment))


def member_body(db: Database, article_id: int) -> tuple[int, int] | None:
    """Return (body id, moment) of an article, or None for one that was never placed."""
    row = db.execute("select body_id, moment from story_members where article_id = ?", (article_id,)).fetchone()
    return (row[0], row[1]) if row else None


def remove_member(db: Database, article_id: int) -> None:
    """Forget which text the article has."""
    db.execute("delete from story_members where article_id = ?", (article_id,))


def move_member(db: Database, article_id: int, moment: int) -> None:
    """Note another moment of publication."""
    db.execute("update story_members set moment = ? where article_id = ?", (moment, article_id))


def moments_of_body(db: Database, body_id: int) -> list[int]:
    """Return when the body's articles were published, one moment for each period, the earliest."""
    rows = db.execute("select moment from story_members where body_id = ? order by moment desc", (body_id,))
    return list({period_of(moment): moment for (moment,) in rows}.values())


def remove_body(db: Database, body_id: int) -> None:
    """Remove a text that no article has any more, with its sketches and links."""
    remove_links(db, body_id)
    remembered(db).pop(CAUGHT_UP, None)
    db.execute("delete from story_sketches where body_id = ?", (body_id,))
    db.execute("delete from story_bodies where id = ?", (body_id,))


def text_of_body(db: Database, body_id: int) -> str:
    """Return the text of one of the body's articles."""
    row = db.execute(
        "select text from articles where id = (select min(article_id) from story_members where body_id = ?)",
        (body_id,),
    ).fetchone()
    return str(row[0])


def add_link(db: Database, link: Link) -> None:
    """Write a link from both its sides, replacing what was there."""
    facts = (link.kind, link.similarity, link.names, link.openings, link.numbers, link.agreed, link.edits, link.frame)
    db.conn.executemany(
        "insert or replace into story_links"
        "(body_id, other_id, kind, similarity, names, openings, numbers, agreed, edits, frame)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(link.body_id, link.other_id, *facts), (link.other_id, link.body_id, *facts)],
    )


def remove_links(db: Database, body_id: int) -> None:
    """Remove all links of a text, from both their sides."""
    db.execute(
        "delete from story_links where other_id = ?1"
        " and body_id in (select other_id from story_links where body_id = ?1)",
        (body_id,),
    )
    db.execute("delete from story_links where body_id = ?", (body_id,))


def links_of(db: Database, bodies: Iterable[int]) -> list[Link]:
    """Return the links from any of `bodies`, seen from their side."""
    found: list[Link] = []
    for part in parts(bodies):
        rows = db.execute(
            "select body_id, other_id, kind, similarity, names, openings, numbers, agreed, edits, frame"
            f" from story_links where body_id in ({marks(part)})",
            part,
        )
        found.extend(map(Link._make, rows))
    return found


def footers_of(db: Database, sources: Iterable[str]) -> frozenset[int]:
    """Return the paragraphs known as footers of any of `sources`."""
    known: dict[str, frozenset[int]] = remembered(db).setdefault(FOOTERS, {})
    found: frozenset[int] = frozenset()
    for source_id in sources:
        if source_id not in known:
            rows = db.conn.execute("select paragraph from story_footers where source_id = ?", (source_id,))
            known[source_id] = frozenset(paragraph for (paragraph,) in rows)
        found = found | known[source_id] if found else known[source_id]
    return found


def add_footers(db: Database, source_id: str, paragraphs: Iterable[int]) -> None:
    """Remember `paragraphs` as footers of a source."""
    db.conn.executemany(
        "insert or ignore into story_footers(source_id, paragraph) values (?, ?)",
        [(source_id, paragraph) for paragraph in paragraphs],
    )
    remembered(db).pop(FOOTERS, None)


def clear(db: Database) -> None:
    """Empty the index for building it again."""
    for table in ("story_members", "story_sketches", "story_links", "story_footers", "story_bodies"):
        db.execute(f"delete from {table}")
    remembered(db).clear()
    set_scheme(db, UNFINISHED)


def parts(values: Iterable[int]) -> Iterator[list[int]]:
    """Cut `values` into lists that one statement can bind, each filled up with its last one to a power of two.

    There are ten statements then, whatever the number of values, and each is prepared once.
    """
    listed = list(values)
    for at in range(0, len(listed), VARIABLES):
        part = listed[at : at + VARIABLES]
        yield part + part[-1:] * ((1 << (len(part) - 1).bit_length()) - len(part))


def marks(values: Sequence[object]) -> str:
    """Return the place holders for `values`."""
    return ",".join("?" * len(values))
