"""What a package holds: its tables and columns, where each comes from in the archive, and its type and meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from archive.codebook import schema
from archive.descriptions import TABLES

Kind = Literal["string", "integer", "number", "datetime", "date", "list", "json"]
"""`list` is a JSON list of texts, `json` a JSON object; both are kept as JSON text in SQLite and in CSV."""

SELECTED = "temp.selected"
"""Table with the numbers of the selected articles, see archive.export.selection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table of the package. `sql` is the expression that gives it."""

    name: str
    sql: str
    kind: Kind
    description: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the package; `source` is what follows `select ...`, ordered by the key."""

    name: str
    description: str
    columns: tuple[Column, ...]
    source: str
    key: tuple[str, ...]
    foreign: tuple[tuple[str, str], ...] = ()
    """Column -> table whose first key column it names."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def select(self, *, blobs: bool = False) -> str:
        """Return the query; with `blobs` texts come as the bytes they are stored in, as Parquet takes them."""
        expressions = (
            f"cast({column.sql} as blob)" if blobs and column.name == "text" else column.sql for column in self.columns
        )
        return f"select {', '.join(expressions)} {self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How a table of the package is made; `private` columns are left out of the form without texts."""

    name: str
    names: str
    source: str
    key: tuple[str, ...]
    foreign: tuple[tuple[str, str], ...] = ()
    private: frozenset[str] = frozenset()
    sql: dict[str, str] = field(default_factory=dict)
    description: str
    bare: str | None = None
    """What the table is in the form without texts, where that differs."""


ADDED = {
    "doc_id": "Name of the article in this package and key of its reference: outlet, day, number",
    "page_sha256": "SHA-256 of the page it was read from, after content decoding, in hexadecimal",
    "page_fetched_at": "When that page was fetched (UTC, ISO 8601)",
    "run_id": "Crawl that fetched it; null for an import",
}
"""Columns that the archive's own tables do not have, in words."""
_OTHER = {
    ("versions", "text"): "Text of this version; null where the article has only one, whose text is in articles",
    ("stories", "articles"): "How many articles of the archive tell it, selected or not",
    ("stories", "sources"): "How many outlets tell it, selected or not",
    ("stories", "first_article_id"): "Article that was published first, also where it is not selected",
}
"""Columns that mean something else in a package."""
_PAGE = {"page_sha256": "p.payload_sha256", "page_fetched_at": "p.fetched_at", "run_id": "p.run_id"}
DATE_OR_TIME = frozenset({"published_at", "first_published_at"})
"""Times that may be plain dates."""
_LISTS = frozenset({"authors", "tags", "languages", "domains"})
_OBJECTS = frozenset({"terms"})
_REQUIRED = frozenset({
    "doc_id", "id", "url", "url_key", "source_id", "article_id", "n", "topic_id", "text_sha256", "words", "name",
    "homepage", "score",
})  # fmt: skip
_CHOICES = {
    ("articles", "published_precision"): ("second", "minute", "day"),
    ("articles", "story_role"): ("first", "reprint", "excerpt"),
    ("articles", "reserved"): ("tdm-meta", "tdm-header", "tdm-file", "noarchive"),
    ("sources", "kind"): ("state", "private", "foreign", "official", "party"),
    ("runs", "outcome"): ("ok", "partial", "failed", "killed"),
}

_PLANS = (
    _Plan(
        name="articles",
        description="The selected articles as they read now.",
        bare="The selected articles, without their texts.",
        names="""doc_id text id url url_key source_id language script title authors section tags image_url published_at
            published_day published_precision published_from modified_at found_in first_seen_at last_seen_at gone_at
            gone_status words text_sha256 versions story_id story_role story_similarity extractor reserved page_sha256
            page_fetched_at run_id""",
        source=f"from {SELECTED} s cross join articles t on t.id = s.id left join pages p on p.id = t.page_id"
        " order by s.id",
        key=("id",),
        foreign=(("source_id", "sources"), ("story_id", "stories"), ("run_id", "runs")),
        private=frozenset({"text", "title", "authors", "section", "tags", "image_url", "found_in", "extractor"}),
        sql={"doc_id": "citation_key(t.source_id, coalesce(t.published_day, t.published_at), t.id)"} | _PAGE,
    ),
    _Plan(
        name="versions",
        names="""article_id n seen_at title text text_sha256 chars_added chars_removed modified_at page_sha256
            page_fetched_at run_id""",
        source=f"from {SELECTED} s cross join article_versions t on t.article_id = s.id"
        " left join pages p on p.id = t.page_id order by s.id, t.n",
        key=("article_id", "n"),
        foreign=(("article_id", "articles"), ("run_id", "runs")),
        private=frozenset({"title", "text"}),
        # the current version has its text in articles; it is the only one where its number is 1
        sql={"text": "coalesce(t.text, iif(t.n > 1, (select a.text from articles a where a.id = t.article_id), null))"}
        | _PAGE,
        description="Versions of the selected articles, with the texts of those that changed.",
        bare="Versions of the selected articles: when each was first seen, and the digest of its text.",
    ),
    _Plan(
        name="stories",
        description="Stories of the selected articles: those that carry the same text are one.",
        names="id first_article_id first_published_at articles sources",
        # the + keeps SQLite from trying every selected article for every story
        source=f"""from stories t where exists (select 1 from articles a where a.story_id = t.id
            and +a.id in (select id from {SELECTED})) order by t.id""",
        key=("id",),
    ),
    _Plan(
        name="topic_hits",
        description="Which topics the selected articles match, and by which terms.",
        names="article_id topic_id score terms in_title",
        source=f"from {SELECTED} s cross join topic_hits t on t.article_id = s.id order by s.id, t.topic_id",
        key=("article_id", "topic_id"),
        foreign=(("article_id", "articles"),),
    ),
    _Plan(
        name="removals",
        description="When selected articles were removed from their sites, and came back; one row each time.",
        names="article_id gone_at status back_at",
        source=f"from removals t where t.article_id in (select id from {SELECTED}) order by t.article_id, t.gone_at",
        key=("article_id", "gone_at"),
        foreign=(("article_id", "articles"),),
    ),
    _Plan(
        name="sources",
        description="Outlets of the selected articles.",
        names="id name homepage languages country kind enabled timezone domains",
        source=f"""from sources t where exists (select 1 from articles a where a.source_id = t.id
            and +a.id in (select id from {SELECTED}))
            or t.id in (select r.source_id from runs r where r.id in (select id from temp.selected_runs))
            order by t.id""",
        key=("id",),
    ),
    _Plan(
        name="runs",
        names="""id source_id started_at ended_at outcome reason links_found requests not_modified pages articles_new
            articles_changed reprints off_topic errors bytes""",
        source="from runs t where t.id in (select id from temp.selected_runs) order by t.id",
        key=("id",),
        foreign=(("source_id", "sources"),),
        description="Crawls that fetched a version of a selected article.",
    ),
)


@cache
def tables(*, text: bool = True) -> tuple[Table, ...]:
    """Return the tables of a package; without `text` those of the form that can be shared."""
    types = {name: dict(columns) for name, _, columns in schema()}
    return tuple(_table(plan, types[plan.name], text=text) for plan in _PLANS)


def _table(plan: _Plan, types: dict[str, str], *, text: bool) -> Table:
    columns = tuple(_columns(plan, types, text=text))
    there = {column.name for column in columns}
    return Table(
        name=plan.name,
        description=plan.description if text else plan.bare or plan.description,
        columns=columns,
        source=plan.source,
        key=plan.key,
        foreign=tuple(pair for pair in plan.foreign if pair[0] in there),
    )


def _columns(plan: _Plan, types: dict[str, str], *, text: bool) -> Iterator[Column]:
    for name in plan.names.split():
        if not text and name in plan.private:
            continue
        meaning = _OTHER.get((plan.name, name)) or ADDED.get(name) or TABLES[plan.name].columns[name]
        yield Column(
            name=name,
            sql=plan.sql.get(name, f"t.{name}"),
            kind=_kind(name, types.get(name, "integer" if name == "run_id" else "text")),
            description=meaning,
            required=name in _REQUIRED or name in plan.key,
            choices=_CHOICES.get((plan.name, name), ()),
        )


def _kind(name: str, type_: str) -> Kind:
    if name in _LISTS:
        return "list"
    if name in _OBJECTS:
        return "json"
    if name.endswith("_day"):
        return "date"
    if name.endswith("_at") and name not in DATE_OR_TIME:
        return "datetime"
    return {"integer": "integer", "real": "number"}.get(type_, "string")  # type: ignore[return-value]
