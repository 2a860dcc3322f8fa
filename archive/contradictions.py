"""What an archive says twice and must say alike: how a disagreement is found, and how it is settled where it can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive.database import Database

STORY_DIFFERS = """having count(a.id) <> s.articles or count(distinct a.source_id) <> s.sources"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A query for what contradicts itself (item, said, found), how to say it, and statements that settle it.

    `mend` is empty where nothing in the archive tells which of the two is right.
    """

    find: str
    sentence: str
    mend: tuple[str, ...] = ()
    mended: str = ""
    remedy: str = ""
    """What to type about one that cannot be settled here; a backup is the answer where nothing is said."""


CONTRADICTIONS = (
    Contradiction(
        find="""select a.url as item, a.versions as said, count(v.n) as found from articles a
            left join article_versions v on v.article_id = a.id group by a.id
            having count(v.n) <> a.versions or max(v.n) <> a.versions""",
        sentence="has {said} versions by its own count, {found} are there",
        # only where no version is missing: numbers from 1 on, the last one without a text of its own
        mend=(
            """update articles set versions = counted.n from (
                select article_id, count(*) as n from article_versions group by article_id
                having count(*) = max(n) and sum(text is null) = 1 and max(iif(text is null, n, 0)) = max(n)
            ) as counted where counted.article_id = articles.id and articles.versions <> counted.n""",
        ),
        mended="the versions of {count} articles are counted again",
    ),
    Contradiction(
        find="""select a.url as item, '' as said, v.n as found from articles a
            join article_versions v on v.article_id = a.id and v.n = a.versions
            where v.text_sha256 <> a.text_sha256""",
        sentence="its last version ({found}) is not its text",
        # the text of the last version is the article's own by definition, and its digest is checked apart
        mend=(
            """update article_versions set text_sha256 = a.text_sha256 from articles a
            where a.id = article_versions.article_id and a.versions = article_versions.n
                and article_versions.text is null and a.text_sha256 <> article_versions.text_sha256""",
        ),
        mended="the digest of the last version of {count} articles is their text's again",
    ),
    Contradiction(
        find="""select a.url as item, v.n as said, '' as found from articles a
            join article_versions v on v.article_id = a.id and v.n < a.versions where v.text is null""",
        sentence="version {said} has lost its text",
    ),
    Contradiction(
        find="""select a.url as item, v.n as said, '' as found from article_versions v
            join articles a on a.id = v.article_id
            where v.page_id is null and a.found_in is not null and a.found_in not like 'import%'""",
        sentence="version {said} was crawled and points at no capture",
    ),
    Contradiction(
        find="""select a.url as item, a.gone_at as said, '' as found from articles a where (a.gone_at is not null) <>
            exists (select 1 from removals r where r.article_id = a.id and r.back_at is null)""",
        sentence="is gone since '{said}' by its own row, and removals say otherwise",
        # what is known of an absence is kept, whichever row has it
        mend=(
            """insert into removals (article_id, gone_at, status)
            select id, gone_at, coalesce(gone_status, 'unknown') from articles a where gone_at is not null
                and not exists (select 1 from removals r where r.article_id = a.id and r.back_at is null)
            on conflict do update set back_at = null""",
            """update articles set gone_at = r.gone_at, gone_status = r.status from removals r
            where r.article_id = articles.id and r.back_at is null and articles.gone_at is null""",
        ),
        mended="{count} removals are told alike by both tables",
    ),
    Contradiction(
        find="""select url as item, '' as said, '' as found from links
            where state = 'stored' and article_id is null""",
        sentence="is a stored link without an article",
        mend=(
            """update links set article_id = a.id from articles a
            where a.url_key = links.url_key and links.state = 'stored' and links.article_id is null""",
            # it is fetched again, and known by its key then if it is an alias
            """update links set state = 'new', attempts = 0, next_check_at = null, etag = null, last_modified = null
            where state = 'stored' and article_id is null""",
        ),
        mended="{count} links lead to their article again, or are to be fetched anew",
    ),
    Contradiction(
        find=f"""select 'story ' || s.id as item, s.articles || '/' || s.sources as said,
                count(a.id) || '/' || count(distinct a.source_id) as found
            from stories s left join articles a on a.story_id = s.id group by s.id {STORY_DIFFERS}""",
        sentence="has {said} articles/sources by its own count, {found} are there",
        mend=(
            f"""update stories set articles = c.articles, sources = c.sources from (
                select s.id, count(a.id) as articles, count(distinct a.source_id) as sources
                from stories s left join articles a on a.story_id = s.id group by s.id {STORY_DIFFERS}
            ) as c where c.id = stories.id""",
        ),
        mended="{count} stories are counted again",
    ),
    Contradiction(
        find="""select 'story ' || s.id as item, s.first_article_id as said, '' as found from stories s
            where not exists (select 1 from articles a where a.id = s.first_article_id and a.story_id = s.id)
                and exists (select 1 from articles a where a.story_id = s.id)""",
        sentence="names article {said} as its first, which is not in it",
        mend=(
            """update stories set (first_article_id, first_published_at) = (
                select a.id, coalesce(a.published_at, a.first_seen_at) from articles a where a.story_id = stories.id
                order by coalesce(a.published_at, a.first_seen_at), a.id limit 1)
            where not exists (select 1 from articles a where a.id = first_article_id and a.story_id = stories.id)
                and exists (select 1 from articles a where a.story_id = stories.id)""",
            """update articles set story_role = 'first', story_similarity = null
            where id in (select first_article_id from stories) and story_role = 'reprint'""",
        ),
        mended="{count} stories begin with one of their own articles again",
    ),
    Contradiction(
        find="""select a.url as item, t.forgotten_at as said, '' as found from tombstones t
            join articles a on a.url_key = t.url_key""",
        sentence="is stored, though it was forgotten on {said}",
        remedy="Type: python -m archive forget URL --reason '...'",
    ),
)

ORPHANS = {
    ("topic_hits", "articles"): "delete from topic_hits where article_id not in (select id from articles)",
    ("removals", "articles"): "delete from removals where article_id not in (select id from articles)",
    ("links", "articles"): """update links set article_id = null, state = 'new', attempts = 0, next_check_at = null
        where article_id not in (select id from articles)""",
    ("pages", "runs"): "update pages set run_id = null where run_id not in (select id from runs)",
    ("entries", "sources"): "delete from entries where source_id not in (select id from sources)",
}
"""(table, the one it refers to) -> what to do with rows whose counterpart is lost, where that loses nothing a person
would miss: a topic of no article, a link to fetch again."""


def contradictions(db: Database) -> Iterator[tuple[Contradiction, str, str]]:
    """Yield each disagreement with what it is about and what is wrong with it, in words."""
    for kind in CONTRADICTIONS:
        for row in db.query(kind.find):
            yield kind, row["item"], kind.sentence.format(said=row["said"], found=row["found"])


def settle(db: Database) -> Iterator[str]:
    """Settle what can be settled, inside the caller's transaction, and yield what was done."""
    for kind in CONTRADICTIONS:
        if kind.mend and next(db.query(kind.find), None) is not None:
            count = sum(db.execute(sql).rowcount for sql in kind.mend)
            if count:
                yield kind.mended.format(count=count)


def settle_references(db: Database) -> Iterator[str]:
    """Settle references to rows that are lost where that is harmless, inside the caller's transaction."""
    broken = {(row[0], row[2]) for row in db.execute("pragma foreign_key_check")}
    for pair in sorted(broken & ORPHANS.keys()):
        count = db.execute(ORPHANS[pair]).rowcount
        table, parent = pair
        yield f"{count} rows of {table} no longer refer to rows of {parent} that are lost"
