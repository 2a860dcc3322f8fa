"""The tables of the archive, as migrations that only ever grow at the end."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from archive import backfills, hydrations, jobs, sketches, stories, tombstones
from archive.database import Database, Migrations
from archive.kept import schema as kept
from archive.search import index
from archive.sql_script import run_script

migrations = Migrations("dauys")

UTC_TIME = "text"  # 2026-03-10T07:00:00Z
JSON = "text"

TABLES = f"""
create table sources (
    id text primary key,
    name text not null,
    homepage text not null,
    languages {JSON} not null,
    country text,
    kind text check (kind in ('state', 'private', 'foreign', 'official', 'party')),
    enabled integer not null default 1
) strict;

create table entries (
    source_id text not null references sources(id),
    url text not null,
    kind text not null check (kind in ('feed', 'sitemap', 'news-sitemap', 'section')),
    position integer not null,
    fallback integer not null default 0,
    etag text,
    last_modified text,
    body_sha256 text,
    next_check_at {UTC_TIME},
    interval_s integer,
    failures integer not null default 0,
    last_ok_at {UTC_TIME},
    last_new_at {UTC_TIME},
    last_error text,
    children {JSON},
    primary key (source_id, url)
) strict, without rowid;

create table runs (
    id integer primary key,
    source_id text not null references sources(id),
    started_at {UTC_TIME} not null,
    ended_at {UTC_TIME},
    outcome text check (outcome in ('ok', 'partial', 'failed', 'killed')),
    reason text,
    pid integer,
    links_found integer not null default 0,
    requests integer not null default 0,
    not_modified integer not null default 0,
    pages integer not null default 0,
    articles_new integer not null default 0,
    articles_changed integer not null default 0,
    reprints integer not null default 0,
    off_topic integer not null default 0,
    errors integer not null default 0,
    bytes integer not null default 0
) strict;
create index runs_by_source on runs(source_id, started_at);

create table pages (
    id integer primary key,
    url text not null,
    source_id text references sources(id),
    run_id integer references runs(id),
    fetched_at {UTC_TIME} not null,
    status integer not null,
    content_type text,
    payload_sha256 text not null,
    warc_file text,
    warc_offset integer,
    warc_length integer,
    tls_verified integer not null default 1
) strict;
create index pages_by_url on pages(url);

create table stories (
    id integer primary key,
    first_article_id integer,
    first_published_at text,
    articles integer not null default 1,
    sources integer not null default 1
) strict;

create table articles (
    id integer primary key,
    url text not null unique,
    url_key text not null unique,
    source_id text not null references sources(id),
    language text,
    script text check (script in ('Cyrl', 'Latn', 'Arab')),
    title text,
    authors {JSON} not null default '[]',
    section text,
    tags {JSON} not null default '[]',
    image_url text,
    published_at text,
    published_day text,
    published_precision text check (published_precision in ('second', 'minute', 'day')),
    published_from text check (published_from in ('json-ld', 'meta', 'time', 'text', 'url', 'feed', 'sitemap', 'http')),
    modified_at {UTC_TIME},
    found_in text,
    first_seen_at {UTC_TIME} not null,
    last_seen_at {UTC_TIME} not null,
    gone_at {UTC_TIME},
    gone_status text,
    words integer not null,
    text_sha256 text not null,
    versions integer not null default 1,
    story_id integer references stories(id),
    story_role text check (story_role in ('first', 'reprint', 'excerpt')),
    story_similarity real,
    page_id integer references pages(id),
    extractor text,
    text text not null
) strict;
create index articles_by_source on articles(source_id, published_at);
create index articles_by_published on articles(published_at);
-- holds all that coverage_by_day and the site's figures count, so that neither reads a text
create index articles_by_day on articles(published_day, language, source_id, story_role);
-- what the site counts the finds of a search by; looked up by id instead of rows that carry their texts
create index articles_narrow on articles(id, published_day, language, source_id, story_role);
create index articles_by_text on articles(text_sha256, source_id);
create index articles_by_story on articles(story_id);

create table links (
    url text primary key,
    url_key text not null unique,
    source_id text not null references sources(id),
    first_seen_at {UTC_TIME} not null,
    found_in text,
    title_hint text,
    published_hint text,
    hint_from text check (hint_from in ('feed', 'sitemap')),
    state text not null default 'new'
        check (state in ('new', 'stored', 'off-topic', 'duplicate', 'failed', 'refused', 'gone')),
    attempts integer not null default 0,
    next_check_at {UTC_TIME},
    last_error text,
    article_id integer references articles(id),
    etag text,
    last_modified text,
    missing_since {UTC_TIME},
    missing_status text
) strict, without rowid;
create index links_due on links(source_id, state, next_check_at);
create index links_by_article on links(article_id) where article_id is not null;

create table article_versions (
    article_id integer not null references articles(id),
    n integer not null,
    seen_at {UTC_TIME} not null,
    title text,
    text text,
    text_sha256 text not null,
    chars_added integer not null default 0,
    chars_removed integer not null default 0,
    modified_at {UTC_TIME},
    page_id integer references pages(id),
    primary key (article_id, n)
) strict, without rowid;

create table removals (
    article_id integer not null references articles(id),
    gone_at {UTC_TIME} not null,
    status text not null,
    back_at {UTC_TIME},
    primary key (article_id, gone_at)
) strict, without rowid;

create table topic_hits (
    article_id integer not null references articles(id),
    topic_id text not null,
    score real not null,
    terms {JSON} not null,
    in_title integer not null,
    primary key (article_id, topic_id)
) strict, without rowid;
create index topic_hits_by_topic on topic_hits(topic_id, article_id);
"""

VERSIONS_VIEW = """
create view versions as
select v.article_id, v.n, v.seen_at, v.title,
    -- the text of the current version is kept once, in articles
    coalesce(v.text, a.text) as text,
    v.text_sha256, v.chars_added, v.chars_removed, v.modified_at, v.page_id
from article_versions v join articles a on a.id = v.article_id;
"""

VIEWS = """
create view coverage_by_day as
select published_day as day, language, source_id, count(*) as articles,
    sum(story_role = 'reprint') as reprints
from articles where published_day is not null
group by published_day, language, source_id;

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
    (select count(*) from links l where l.source_id = s.id) as links_found,
    (select count(*) from links l where l.source_id = s.id and state = 'new') as links_waiting,
    (select count(*) from links l where l.source_id = s.id and state = 'failed') as links_failed,
    (select count(*) from articles a where a.source_id = s.id) as articles
from sources s;

create view edits as
select a.source_id, a.url, v.article_id, v.n, v.seen_at,
    coalesce(before.title, '') <> coalesce(v.title, '') as headline_changed,
    before.title as title_before, v.title as title_after,
    v.chars_added, v.chars_removed, v.chars_added + v.chars_removed as size,
    coalesce(v.modified_at, '') <= coalesce(before.modified_at, '') as silent
from article_versions v
join article_versions before on before.article_id = v.article_id and before.n = v.n - 1
join articles a on a.id = v.article_id;

create view deletions as
select a.source_id, a.url, a.title, r.article_id, a.published_at, a.first_seen_at, r.gone_at, r.status, r.back_at
from removals r join articles a on a.id = r.article_id;
"""


@migrations()
def m001_the_river(db: Database) -> None:
    """Sources, entries, runs, links, pages, articles, versions, topics, stories, full-text search."""
    for sql in (TABLES, sketches.TABLES, VERSIONS_VIEW, VIEWS, stories.VIEWS):
        run_script(db, sql)
    index.begin(db)


@migrations()
def m002_reservations(db: Database) -> None:
    """What the page or its site says against mining and archiving, so that exports can heed it."""
    run_script(
        db,
        """
        alter table articles add column reserved text
            check (reserved in ('tdm-meta', 'tdm-header', 'tdm-file', 'noarchive'));
        -- few articles are reserved; finding them must not read the others
        create index articles_reserved on articles(id) where reserved is not null;
        """,
    )


@migrations()
def m003_a_token_for_each_run(db: Database) -> None:
    """The name of the lock that a crawl holds while it lives: process ids are used again, after a restart above all."""
    db.execute("alter table runs add column token text")
    db.execute("create index runs_open on runs(token) where ended_at is null")


@migrations()
def m004_tombstones(db: Database) -> None:
    """Addresses that were forgotten, files that must not stay, and texts whose story lost one."""
    run_script(db, tombstones.TABLES)


@migrations()
def m005_backfills(db: Database) -> None:
    """Backfills, with the lists they read and the pages they ask for."""
    run_script(db, backfills.TABLES)


@migrations()
def m006_jobs_and_zones(db: Database) -> None:
    """How far imports and replays have come; the zone and the domains of a source, which both need."""
    run_script(db, jobs.TABLES)
    run_script(db, "alter table sources add column timezone text;\nalter table sources add column domains text;")


@migrations()
def m007_kept_counts(db: Database) -> None:
    """What is counted by day, outlet, language, topic and story, kept instead of counted at every look."""
    kept.begin(db)


@migrations()
def m008_hydrations(db: Database) -> None:
    """Shared lists whose articles are fetched again."""
    run_script(db, hydrations.TABLES)


@migrations()
def m009_what_a_list_lost(db: Database) -> None:
    """What of an entry's last answer was not taken, and why: a cap that nobody hears of loses news in silence."""
    db.execute("alter table entries add column note text")


@migrations()
def m010_triggers_that_ask_first(db: Database) -> None:
    """Triggers of kept counts that leave an article alone which nobody repeats: nine in ten new ones."""
    kept.renew_triggers(db)


@migrations()
def m011_a_row_for_each_sketch(db: Database) -> None:
    """The sketch of a text in one row; a row for each of its keys changed twenty pages with every article."""
    if "story_postings" not in db.table_names():
        return  # made by what m001 makes today
    run_script(db, sketches.SKETCHES)
    keys = db.execute("select period, body_id, key from story_postings order by body_id, period")
    for (period, body_id), found in groupby(keys, key=itemgetter(0, 1)):
        packed = b"".join(key.to_bytes(4, "little") for key in sorted(key & 0xFFFFFFFF for _, _, key in found))
        db.execute("insert into story_sketches(body_id, period, keys) values (?, ?, ?)", (body_id, period, packed))
    db.execute("drop table story_postings")


@migrations()
def m012_triggers_for_a_role_alone(db: Database) -> None:
    """Triggers of kept counts that move one count where only an article's role changes, as every fifth one's does."""
    kept.renew_triggers(db)


@migrations()
def m013_bounded_lists(db: Database) -> None:
    """How many new links an entry brought on a day, and left out: a list may write itself anew for ever."""
    run_script(
        db,
        """alter table entries add column links_day text;
        alter table entries add column links_on_day integer not null default 0;
        alter table entries add column links_left_out integer not null default 0;""",
    )


@migrations()
def m014_spread_of_stories_alone(db: Database) -> None:
    """Triggers of kept counts that leave spreads alone where an article joins a story of one article."""
    kept.renew_triggers(db)


@migrations()
def m015_pairs_of_outlets(db: Database) -> None:
    """Who copied whom, counted by pair: the map of reprints added up every reprint there is at each look."""
    if "kept_copying" not in db.table_names():  # made by what m007 makes today
        kept.keep_pairs(db)


@migrations()
def m016_indexes_of_what_is_asked(db: Database) -> None:
    """Indexes without what nobody looks up, 136 bytes an article: links that are settled, most of each digest.

    Forty-eight bits of a digest tell texts apart as well as all 256: two of a billion have them in common, and what is
    found is compared in full.
    """
    run_script(
        db,
        """drop index links_due;
        create index links_due on links(source_id, state, next_check_at)
            where next_check_at is not null or state in ('new', 'failed', 'refused');
        drop index articles_by_text;
        create index articles_by_text on articles(substr(text_sha256, 1, 12), source_id);""",
    )
