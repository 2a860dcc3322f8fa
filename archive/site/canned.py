"""Questions that researchers of a campaign ask, as canned queries of Datasette; public sites answer them too."""

from __future__ import annotations

QUERIES: dict[str, dict[str, str]] = {
    "first_and_copied": {
        "title": "Who is first, who copies",
        "description": "Each outlet with its own articles, its reprints of others, and how often others copied it.",
        "sql": """select s.id as source_id, s.name, s.kind,
    sum(iif(k.role = 'first', k.articles, 0)) as first_or_alone,
    sum(iif(k.role = 'reprint', k.articles, 0)) as reprints, sum(iif(k.role = 'excerpt', k.articles, 0)) as excerpts,
    (select coalesce(sum(articles), 0) from copying c where c.first_source_id = s.id) as copied_by_others
from sources s join kept_outlets k on k.source_id = s.id
where (:language = '' or k.language = :language)
group by s.id order by copied_by_others desc, first_or_alone desc""",
    },
    "copying_by_kind": {
        "title": "Which kind of outlet copies which",
        "description": "Reprints by the kind of the outlet that was first and of the one that copied.",
        "sql": """select f.kind as first_kind, c.kind as copied_by_kind, count(*) as articles,
    round(avg(r.similarity), 2) as similarity, round(avg(r.delay_minutes)) as mean_delay_minutes
from reprints r join sources f on f.id = r.first_source_id join sources c on c.id = r.source_id
where r.first_source_id <> r.source_id group by 1, 2 order by 3 desc""",
    },
    "headline_changes": {
        "title": "Headlines that were changed",
        "description": "The old and the new headline, the newest change first. Words narrow it to headlines with them.",
        "sql": """select seen_at, source_id, article_id, n, title_before, title_after, silent from edits
where headline_changed and (:words = '' or title_before like '%' || :words || '%'
    or title_after like '%' || :words || '%')
order by seen_at desc limit 1000""",
    },
    "languages_by_day": {
        "title": "Articles by day and language",
        "description": "One row for each day, a column for each main language.",
        "sql": """select day, sum(articles) as articles, sum(case when language = 'kk' then articles end) as kazakh,
    sum(case when language = 'ru' then articles end) as russian,
    sum(case when language = 'en' then articles end) as english, sum(reprints) as reprints
from coverage_by_day group by day order by day""",
    },
    "dates_by_origin": {
        "title": "Where dates were read",
        "description": "For each outlet, how the dates of its articles were found and how exact they are.",
        "sql": """select source_id, coalesce(published_from, 'none') as published_from,
    coalesce(published_precision, 'none') as precision, count(*) as articles
from articles group by 1, 2, 3 order by 1, 4 desc""",
    },
    "never_stored": {
        "title": "What was discovered and never stored",
        "description": "Links by outlet and by what became of them, so that what is missing can be judged.",
        "sql": """select source_id, state, coalesce(last_error, '') as reason, count(*) as links, min(url) as example
from links where state <> 'stored' and (:source = '' or source_id = :source)
group by 1, 2, 3 order by 4 desc limit 1000""",
    },
}
