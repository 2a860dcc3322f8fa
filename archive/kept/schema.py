"""The tables of what is counted, the triggers that keep them, and how they are filled, checked and made anew.

Each table has one definition, a query over what it counts: filling runs it, checking compares with it. Between the two
the triggers keep it, so that a figure is right as soon as the article is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from archive.database import Database
from archive.kept.cells import BLOCK, UNKNOWN, cell, register
from archive.sql_script import run_script

COPYING: Final = """
create table kept_copying (
    first_source_id text not null,
    source_id text not null,
    articles integer not null,
    compared integer not null,
    millionths integer not null,
    timed integer not null,
    minutes integer not null,
    primary key (first_source_id, source_id)
) strict, without rowid;
create index kept_copying_by_copier on kept_copying(source_id);
create index kept_reprints_by_pair
    on kept_reprints(first_source_id, source_id, delay_minutes, published_at, similarity);
"""

TABLES: Final = f"""
create table kept_codes (
    kind text not null check (kind in ('source', 'language')),
    name text not null,
    code integer not null,
    primary key (kind, name)
) strict, without rowid;
create table kept_cells (block integer primary key, cells blob not null) strict;
create table kept_topics (
    topic_id text not null,
    block integer not null,
    bits blob not null,
    primary key (topic_id, block)
) strict, without rowid;
create table kept_topic_counts (topic_id text primary key, articles integer not null) strict, without rowid;
create table kept_outlet_days (
    source_id text not null,
    day text not null,
    language text not null,
    articles integer not null,
    reprints integer not null,
    primary key (source_id, day, language)
) strict, without rowid;
create table kept_days (
    day text not null,
    language text not null,
    articles integer not null,
    primary key (day, language)
) strict, without rowid;
create table kept_outlets (
    source_id text not null,
    language text not null,
    role text not null,
    articles integer not null,
    primary key (source_id, language, role)
) strict, without rowid;
create table kept_links (
    source_id text not null,
    state text not null,
    links integer not null,
    primary key (source_id, state)
) strict, without rowid;
create table kept_moments (
    source_id text not null,
    seen_at text not null,
    primary key (source_id, seen_at)
) strict, without rowid;
create table kept_polls (
    source_id text primary key,
    polls integer not null,
    first_seen_at text not null,
    last_seen_at text not null
) strict, without rowid;
create table kept_changes (
    source_id text primary key,
    edits integer not null default 0,
    deletions integer not null default 0
) strict, without rowid;
create table kept_reprints (
    article_id integer primary key,
    story_id integer not null,
    first_article_id integer not null,
    first_source_id text not null,
    source_id text not null,
    published_at text,
    delay_minutes integer,
    similarity real
) strict;
create index kept_reprints_by_story on kept_reprints(story_id);
{COPYING}
create table kept_spread (
    story_id integer primary key,
    articles integer not null,
    sources integer not null,
    languages integer not null,
    hours real,
    speed real not null,
    first_published_at text
) strict;
create index kept_spread_by_size on kept_spread(articles desc, sources desc, first_published_at, story_id);
create index kept_spread_by_speed on kept_spread(speed desc, articles desc, story_id);
create index kept_spread_by_languages on kept_spread(languages desc, articles desc, sources desc, story_id);
"""

INDEXES: Final = """
create index articles_by_language on articles(language);
create index changes_by_time on article_versions(seen_at, article_id, n) where n > 1;
create index removals_by_time on removals(gone_at, article_id, back_at);
drop index articles_narrow;
"""
"""articles_narrow was what finds were counted by before there were cells."""

_MOMENT: Final = "julianday(coalesce(a.published_at, a.first_seen_at))"
_REPRINTS: Final = """select r.id, s.id, f.id, f.source_id, r.source_id, r.published_at,
    -- a plain date has no minutes
    case when length(r.published_at) > 10 and length(f.published_at) > 10
        then cast(round((julianday(r.published_at) - julianday(f.published_at)) * 1440) as integer) end,
    r.story_similarity
from articles r join stories s on s.id = r.story_id join articles f on f.id = s.first_article_id
    and f.story_id = s.id
where r.story_role = 'reprint'"""
_SPREAD: Final = f"""select s.id, s.articles, s.sources, count(distinct a.language),
    round((max({_MOMENT}) - min({_MOMENT})) * 24, 1),
    -- copies an hour over the story's life, which is taken as an hour at least
    (s.articles - 1) / max(coalesce(round((max({_MOMENT}) - min({_MOMENT})) * 24, 1), 0), 1.0), s.first_published_at
from stories s join articles a on a.story_id = s.id where s.articles > 1"""

DEFINITIONS: Final = {
    "kept_cells": f"""select a.id / {BLOCK}, kept_cells(a.id % {BLOCK}, {cell("a")})
        from articles a group by a.id / {BLOCK}""",
    "kept_topics": f"""select topic_id, article_id / {BLOCK}, kept_bits(article_id % {BLOCK})
        from topic_hits group by 1, 2""",
    "kept_topic_counts": "select topic_id, count(*) from topic_hits group by 1",
    "kept_outlet_days": """select source_id, coalesce(published_day, ''), coalesce(language, ''), count(*),
        coalesce(sum(story_role = 'reprint'), 0) from articles group by 1, 2, 3""",
    "kept_days": "select coalesce(published_day, ''), coalesce(language, ''), count(*) from articles group by 1, 2",
    "kept_outlets": """select source_id, coalesce(language, ''), coalesce(story_role, 'first'), count(*)
        from articles group by 1, 2, 3""",
    "kept_links": "select source_id, state, count(*) from links group by 1, 2",
    "kept_moments": "select distinct source_id, first_seen_at from links",
    "kept_polls": """select source_id, count(distinct first_seen_at), min(first_seen_at), max(first_seen_at)
        from links group by 1""",
    "kept_changes": """select source_id, sum(edit), sum(not edit) from (
            select a.source_id, 1 as edit from article_versions v join articles a on a.id = v.article_id where v.n > 1
            union all select a.source_id, 0 from removals r join articles a on a.id = r.article_id
            where r.back_at is null) group by 1""",
    "kept_reprints": _REPRINTS,
    "kept_copying": """select first_source_id, source_id, count(*), count(similarity),
        coalesce(sum(cast(round(similarity * 1000000) as integer)), 0), count(delay_minutes),
        coalesce(sum(delay_minutes), 0) from kept_reprints where first_source_id <> source_id group by 1, 2""",
    "kept_spread": f"{_SPREAD} group by s.id",
}
"""Table -> the query that it holds the answer of."""
_BLOBS: Final = {"kept_cells": "cells", "kept_topics": "bits"}


def _code(kind: str, name: str) -> str:
    return f"""insert into kept_codes
        select '{kind}', {name}, (select coalesce(max(code), -1) + 1 from kept_codes where kind = '{kind}')
        where not exists (select 1 from kept_codes where kind = '{kind}' and name = {name});"""


def _more(table: str, key: Mapping[str, str], counts: Mapping[str, str]) -> str:
    """Return the statement that adds to a row of counts, which is made where it is not there."""
    values = {**key, **counts}
    added = ", ".join(f"{name} = {name} + excluded.{name}" for name in counts)
    return f"""insert into {table} ({", ".join(values)}) values ({", ".join(values.values())})
        on conflict do update set {added};"""


def _where(key: Mapping[str, str]) -> str:
    return " and ".join(f"{name} = {value}" for name, value in key.items())


def _less(table: str, key: Mapping[str, str], counts: Mapping[str, str]) -> str:
    """Return the statements that take from a row of counts and remove one that counts nothing."""
    taken = ", ".join(f"{name} = {name} - {amount}" for name, amount in counts.items())
    nothing = " and ".join(f"{name} = 0" for name in counts)
    where = _where(key)
    return f"update {table} set {taken} where {where};\n    delete from {table} where {where} and {nothing};"


_ONE: Final = {"articles": "1"}


def _outlet_day(row: str) -> Mapping[str, str]:
    return {"source_id": f"{row}.source_id", **_day(row)}


def _day(row: str) -> Mapping[str, str]:
    return {"day": f"coalesce({row}.published_day, '')", "language": f"coalesce({row}.language, '')"}


def _outlet(row: str) -> Mapping[str, str]:
    return {
        "source_id": f"{row}.source_id",
        "language": f"coalesce({row}.language, '')",
        "role": f"coalesce({row}.story_role, 'first')",
    }


def _is_reprint(row: str) -> str:
    return f"({row}.story_role is 'reprint')"


def _counts(change: Callable[[str, Mapping[str, str], Mapping[str, str]], str], row: str) -> str:
    """Return the statements that count an article, or with `_less` forget it."""
    return "\n    ".join(
        (
            change("kept_outlet_days", _outlet_day(row), {**_ONE, "reprints": _is_reprint(row)}),
            change("kept_days", _day(row), _ONE),
            change("kept_outlets", _outlet(row), _ONE),
        )
    )


def _role() -> str:
    """Return the statements that count an article in another role, as every fifth new one gets, and no more."""
    return f"""update kept_cells set cells = kept_cell(cells, new.id % {BLOCK}, {cell("new")})
        where block = new.id / {BLOCK};
    update kept_outlet_days set reprints = reprints + {_is_reprint("new")} - {_is_reprint("old")}
        where {_where(_outlet_day("new"))};
    {_less("kept_outlets", _outlet("old"), _ONE)}
    {_more("kept_outlets", _outlet("new"), _ONE)}"""


def _put(row: str) -> str:
    """Return the statements that write an article's cell."""
    return f"""{_code("source", f"{row}.source_id")}
    {_code("language", f"coalesce({row}.language, '{UNKNOWN}')")}
    insert into kept_cells values ({row}.id / {BLOCK}, kept_cell(null, {row}.id % {BLOCK}, {cell(row)}))
        on conflict do update set cells = kept_cell(cells, {row}.id % {BLOCK}, {cell(row)});"""


_EMPTIED: Final = f"update kept_cells set cells = kept_cell(cells, old.id % {BLOCK}, 0) where block = old.id / {BLOCK};"


def _bit(row: str, on: int) -> str:
    at = f"{row}.article_id % {BLOCK}, {on}"
    return f"""insert into kept_topics values ({row}.topic_id, {row}.article_id / {BLOCK}, kept_bit(null, {at}))
        on conflict do update set bits = kept_bit(bits, {at});"""


def _topic(row: str) -> Mapping[str, str]:
    return {"topic_id": f"{row}.topic_id"}


def _link(row: str) -> Mapping[str, str]:
    return {"source_id": f"{row}.source_id", "state": f"{row}.state"}


def _of(row: str) -> Mapping[str, str]:
    """Return the outlet of the article that a row belongs to."""
    return {"source_id": f"(select source_id from articles where id = {row}.article_id)"}


def _copied(row: str) -> Mapping[str, str]:
    return {"first_source_id": f"{row}.first_source_id", "source_id": f"{row}.source_id"}


def _copy(row: str) -> Mapping[str, str]:
    """Return what one reprint adds to its pair of outlets; similarity in millionths, whose sum is exact."""
    return {
        "articles": "1",
        "compared": f"({row}.similarity is not null)",
        "millionths": f"coalesce(cast(round({row}.similarity * 1000000) as integer), 0)",
        "timed": f"({row}.delay_minutes is not null)",
        "minutes": f"coalesce({row}.delay_minutes, 0)",
    }


def _reprints_of(story: str) -> str:
    return f"""delete from kept_reprints where story_id = {story};
    insert into kept_reprints {_REPRINTS} and s.id = {story};"""


def _spread_of(story: str) -> str:
    return f"""delete from kept_spread where story_id = {story};
    insert into kept_spread {_SPREAD} and s.id = {story} group by s.id;"""


def _polls_of(source: str) -> str:
    """Return the statements that look through all links of an outlet again: one has left it, which hardly happens."""
    return f"""delete from kept_moments where source_id = {source};
    insert into kept_moments select distinct source_id, first_seen_at from links where source_id = {source};
    delete from kept_polls where source_id = {source};
    insert into kept_polls select source_id, count(*), min(seen_at), max(seen_at) from kept_moments
        where source_id = {source} group by 1;"""


def _differ(*names: str) -> str:
    return "(" + " or ".join(f"old.{name} is not new.{name}" for name in names) + ")"


_EDIT: Final = {"edits": "1", "deletions": "0"}
_DELETION: Final = {"edits": "0", "deletions": "1"}
_PLACE: Final = _differ("id", "published_day", "language", "source_id")
_PAIR: Final = _differ("story_id", "story_role", "story_similarity", "published_at", "source_id")

TRIGGERS: Final = f"""
create trigger kept_article_insert after insert on articles begin
    {_put("new")}
    {_counts(_more, "new")}
end;
create trigger kept_article_delete after delete on articles begin
    {_EMPTIED}
    {_counts(_less, "old")}
    delete from kept_reprints where article_id = old.id;
end;
create trigger kept_article_update after update of id, published_day, language, source_id on articles
when {_PLACE} begin
    {_EMPTIED}
    {_counts(_less, "old")}
    {_put("new")}
    {_counts(_more, "new")}
end;
create trigger kept_article_role after update of story_role on articles
when coalesce(old.story_role, 'first') <> coalesce(new.story_role, 'first') and not {_PLACE} begin
    {_role()}
end;
create trigger kept_article_moved after update of source_id on articles when {_differ("source_id")} begin
    delete from kept_changes where source_id in (old.source_id, new.source_id);
    insert into kept_changes select * from ({DEFINITIONS["kept_changes"]})
        where source_id in (old.source_id, new.source_id);
end;
create trigger kept_topic_insert after insert on topic_hits begin
    {_bit("new", 1)}
    {_more("kept_topic_counts", _topic("new"), _ONE)}
end;
create trigger kept_topic_delete after delete on topic_hits begin
    {_bit("old", 0)}
    {_less("kept_topic_counts", _topic("old"), _ONE)}
end;
create trigger kept_topic_update after update of article_id, topic_id on topic_hits begin
    {_bit("old", 0)}
    {_less("kept_topic_counts", _topic("old"), _ONE)}
    {_bit("new", 1)}
    {_more("kept_topic_counts", _topic("new"), _ONE)}
end;
create trigger kept_link_insert after insert on links begin
    {_more("kept_links", _link("new"), {"links": "1"})}
    insert into kept_polls values (new.source_id, 1, new.first_seen_at, new.first_seen_at) on conflict do update set
        polls = polls + not exists (
            select 1 from kept_moments where source_id = new.source_id and seen_at = new.first_seen_at),
        first_seen_at = min(first_seen_at, new.first_seen_at), last_seen_at = max(last_seen_at, new.first_seen_at);
    insert or ignore into kept_moments values (new.source_id, new.first_seen_at);
end;
create trigger kept_link_delete after delete on links begin
    {_less("kept_links", _link("old"), {"links": "1"})}
    {_polls_of("old.source_id")}
end;
create trigger kept_link_moved after update of source_id, first_seen_at on links
when {_differ("source_id", "first_seen_at")} begin
    {_polls_of("old.source_id")}
    {_polls_of("new.source_id")}
end;
create trigger kept_link_update after update of state, source_id on links
when {_differ("state", "source_id")} begin
    {_less("kept_links", _link("old"), {"links": "1"})}
    {_more("kept_links", _link("new"), {"links": "1"})}
end;
create trigger kept_version_insert after insert on article_versions when new.n > 1 begin
    {_more("kept_changes", _of("new"), _EDIT)}
end;
create trigger kept_version_delete after delete on article_versions when old.n > 1 begin
    {_less("kept_changes", _of("old"), _EDIT)}
end;
create trigger kept_removal_insert after insert on removals when new.back_at is null begin
    {_more("kept_changes", _of("new"), _DELETION)}
end;
create trigger kept_removal_delete after delete on removals when old.back_at is null begin
    {_less("kept_changes", _of("old"), _DELETION)}
end;
create trigger kept_removal_back after update of back_at on removals
when old.back_at is null and new.back_at is not null begin
    {_less("kept_changes", _of("new"), _DELETION)}
end;
create trigger kept_removal_again after update of back_at on removals
when old.back_at is not null and new.back_at is null begin
    {_more("kept_changes", _of("new"), _DELETION)}
end;
create trigger kept_reprint_insert after insert on articles when new.story_role is 'reprint' begin
    insert into kept_reprints {_REPRINTS} and r.id = new.id;
end;
create trigger kept_reprint_update after update of story_id, story_role, story_similarity, published_at, source_id
on articles when 'reprint' in (old.story_role, new.story_role) and {_PAIR} begin
    delete from kept_reprints where article_id = old.id;
    insert into kept_reprints {_REPRINTS} and r.id = new.id;
end;
create trigger kept_copying_insert after insert on kept_reprints when new.first_source_id <> new.source_id begin
    {_more("kept_copying", _copied("new"), _copy("new"))}
end;
create trigger kept_copying_delete after delete on kept_reprints when old.first_source_id <> old.source_id begin
    {_less("kept_copying", _copied("old"), _copy("old"))}
end;
create trigger kept_first_update after update of published_at, source_id, story_id on articles
when {_differ("published_at", "source_id", "story_id")}
    and exists (select 1 from stories where first_article_id = new.id
        and (id = old.story_id or (id = new.story_id
            and exists (select 1 from articles a where a.story_id = new.story_id and a.id <> new.id)))) begin
    {_reprints_of("old.story_id")}
    {_reprints_of("new.story_id")}
end;
create trigger kept_spread_of_article after update of published_at, language, story_id on articles
when {_differ("published_at", "language", "story_id")}
    and exists (select 1 from stories where id in (old.story_id, new.story_id) and articles > 1) begin
    {_spread_of("old.story_id")}
    {_spread_of("new.story_id")}
end;
create trigger kept_spread_of_new after insert on articles
when exists (select 1 from stories where id = new.story_id and articles > 1) begin
    {_spread_of("new.story_id")}
end;
create trigger kept_spread_of_deleted after delete on articles when old.story_id is not null begin
    {_spread_of("old.story_id")}
    {_reprints_of("old.story_id")}
end;
create trigger kept_story_insert after insert on stories when new.articles > 1 begin
    {_reprints_of("new.id")}
    {_spread_of("new.id")}
end;
create trigger kept_story_update after update on stories when new.articles > 1 or old.articles > 1 begin
    {_spread_of("new.id")}
end;
create trigger kept_story_first after update of first_article_id on stories
when {_differ("first_article_id")} begin
    {_reprints_of("new.id")}
end;
create trigger kept_story_delete after delete on stories begin
    delete from kept_reprints where story_id = old.id;
    delete from kept_spread where story_id = old.id;
end;
"""

COPYING_VIEW: Final = """
create view copying as
select first_source_id, source_id, articles, millionths / 1000000.0 / nullif(compared, 0) as similarity,
    1.0 * minutes / nullif(timed, 0) as mean_delay_minutes
from kept_copying;
"""

VIEWS: Final = f"""
drop view coverage_by_day;
create view coverage_by_day as
select day, nullif(language, '') as language, source_id, articles, reprints
from kept_outlet_days where day <> '';

drop view source_health;
create view source_health as
select s.id as source_id, s.name, s.enabled,
    (select max(last_ok_at) from entries e where e.source_id = s.id) as last_ok_at,
    (select max(last_new_at) from entries e where e.source_id = s.id) as last_new_at,
    (select count(*) from entries e where e.source_id = s.id) as entries,
    (select count(*) from entries e where e.source_id = s.id and failures > 0) as entries_failing,
    (select last_error from entries e where e.source_id = s.id and failures > 0
        order by failures desc limit 1) as last_error,
    (select outcome from runs r where r.source_id = s.id order by started_at desc, id desc limit 1) as last_outcome,
    (select reason from runs r where r.source_id = s.id order by started_at desc, id desc limit 1) as last_reason,
    (select started_at from runs r where r.source_id = s.id order by started_at desc, id desc limit 1) as last_run_at,
    (select coalesce(sum(links), 0) from kept_links l where l.source_id = s.id) as links_found,
    (select coalesce(sum(links), 0) from kept_links l where l.source_id = s.id and state = 'new') as links_waiting,
    (select coalesce(sum(links), 0) from kept_links l where l.source_id = s.id and state = 'failed') as links_failed,
    (select coalesce(sum(articles), 0) from kept_outlets a where a.source_id = s.id) as articles
from sources s;

drop view edits;
create view edits as
select a.source_id, a.url, v.article_id, v.n, v.seen_at,
    coalesce(before.title, '') <> coalesce(v.title, '') as headline_changed,
    before.title as title_before, v.title as title_after,
    v.chars_added, v.chars_removed, v.chars_added + v.chars_removed as size,
    coalesce(v.modified_at, '') <= coalesce(before.modified_at, '') as silent
from article_versions v
join article_versions before on before.article_id = v.article_id and before.n = v.n - 1
join articles a on a.id = v.article_id
where v.n > 1;

drop view copying;
drop view reprints;
create view reprints as
select k.article_id, r.url, r.title, r.language, k.source_id, k.published_at,
    k.story_id, k.first_article_id, f.url as first_url, f.title as first_title,
    k.first_source_id, f.published_at as first_published_at, k.delay_minutes, k.similarity
from kept_reprints k
-- outer joins, which SQLite leaves out where nothing of them is asked for: counting reads no article
left join articles r on r.id = k.article_id
left join articles f on f.id = k.first_article_id;

{COPYING_VIEW}
"""
"""The views of the first schema with the same columns, over what is kept."""


def begin(db: Database) -> None:
    """Make tables, triggers and views, and fill the tables from the articles that are there."""
    run_script(db, TABLES)
    run_script(db, INDEXES)
    fill(db)
    run_script(db, TRIGGERS)
    run_script(db, VIEWS)


def renew_triggers(db: Database) -> None:
    """Put the triggers of today in the place of those that an earlier version made."""
    for name in re.findall(r"^create trigger (\w+)", TRIGGERS, re.MULTILINE):
        db.execute(f"drop trigger if exists {name}")
    run_script(db, TRIGGERS)


def keep_pairs(db: Database) -> None:
    """Keep the pairs of outlets as well, in an archive that kept their reprints alone."""
    for name in ("kept_reprints_by_pair", "kept_reprints_by_copier"):
        db.execute(f"drop index {name}")
    run_script(db, COPYING)
    db.execute(f"insert into kept_copying {DEFINITIONS['kept_copying']}")
    renew_triggers(db)
    run_script(db, f"drop view copying;\n{COPYING_VIEW}")


def fill(db: Database) -> None:
    """Count everything anew, inside the caller's transaction."""
    register(db.conn)
    for kind, name in (("source", "source_id"), ("language", f"coalesce(language, '{UNKNOWN}')")):
        db.execute(
            f"""insert into kept_codes
            select '{kind}', name, (select coalesce(max(code), -1) from kept_codes where kind = '{kind}')
                + row_number() over (order by name)
            from (select distinct {name} as name from articles)
            where name not in (select name from kept_codes where kind = '{kind}')"""
        )
    for table, definition in DEFINITIONS.items():
        db.execute(f"delete from {table}")
        db.execute(f"insert into {table} {definition}")


def faults(db: Database) -> Iterator[str]:
    """Yield what is kept and does not agree with what it counts."""
    register(db.conn)
    (unnamed,) = db.execute(
        f"""select count(*) from (
            select 'source' as kind, source_id as name from articles group by 2
            union all select 'language', coalesce(language, '{UNKNOWN}') from articles group by 2
            except select kind, name from kept_codes)"""
    ).fetchone()
    if unnamed:
        yield f"kept_codes has no number for {unnamed} outlets or languages"
        return
    for table, definition in DEFINITIONS.items():
        held = f"select * from {table}"
        if table in _BLOBS:  # a block that lost its last article stays
            held += f" where {_BLOBS[table]} <> zeroblob(length({_BLOBS[table]}))"
        (wrong,) = db.execute(
            f"""select (select count(*) from (select * from ({definition}) except {held}))
            + (select count(*) from ({held} except select * from ({definition})))"""
        ).fetchone()
        if wrong:
            yield f"{table} does not agree with what it counts ({wrong} rows differ)"
