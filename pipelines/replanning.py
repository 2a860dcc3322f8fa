"""Holds what a page reads as today against what is stored of it: which fields a replay would change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archive.articles import columns_of, digest
from archive.records import Article, TopicHit
from archive.rereading import KeptArticle, KeptVersion, Rewritten
from pipelines import versions
from pipelines.dedupe.signature import Signature

FIELDS = (
    "title", "text", "authors", "section", "tags", "image_url", "published_at", "published_precision",
    "published_from", "modified_at", "language", "script", "reserved",
)  # fmt: skip
"""Columns that come from extraction and are told; `words`, `text_sha256` and the like follow from them."""
PUBLISHED = ("published_at", "published_day", "published_precision", "published_from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What the capture of a version reads as today; `hits` are its topics."""

    article: Article
    hits: tuple[TopicHit, ...]
    signature: Signature | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far the text of one version would change, in characters by words."""

    article_id: int
    url: str
    n: int
    title: str | None
    added: int
    removed: int

    @property
    def size(self) -> int:
        """What differences are ranked by."""
        return self.added + self.removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a replay would do to one article, made before anything is written.

    `article` is the current version in full, or None where nothing of it changes; `fields` counts what changes,
    `topics` are the new hits, or None where they stay. `seen` is what must still be true when it is applied.
    """

    article_id: int
    fields: Mapping[str, int] = field(default_factory=dict)
    rewritten: tuple[Rewritten, ...] = ()
    article: Article | None = None
    redate: bool = False
    topics: tuple[TopicHit, ...] | None = None
    signature: Signature | None = None
    differences: tuple[Difference, ...] = ()
    seen: tuple[int, str] = (0, "")


def planned(kept: KeptArticle, read: Mapping[int, Reread], match: Any) -> Plan:
    """Return what becomes of an article whose versions `read` (number -> reading) read as they do.

    A version without a reading keeps what it has. `match` gives the topics of an article, for versions whose page was
    never kept. The publication is the first version's that says one, as it was when the article was crawled; an
    article keeps the topics of its last version that had any.
    """
    fields: dict[str, int] = {}
    last = kept.versions[-1]
    new_states = {v.n: _state(v, read.get(v.n)) for v in kept.versions}
    rewritten, differences = _rewritten(kept, new_states, fields)
    article, redate = _current(kept, read)
    if article is not None and not _differs(kept, article, redate, fields):
        article = None
    topics = _topics(kept, read, match)
    if topics is not None:
        fields["topics"] = 1
    now = read.get(last.n)
    return Plan(
        article_id=kept.id,
        fields=fields,
        rewritten=rewritten,
        article=article,
        redate=redate,
        topics=topics,
        signature=now.signature if now else None,
        differences=differences,
        seen=(kept.row["versions"], kept.row["text_sha256"]),
    )


def _state(version: KeptVersion, read: Reread | None) -> tuple[str | None, str, str | None]:
    """Return title, text and modification of a version after the replay."""
    if read is None:
        return version.title, version.text, version.modified_at
    columns = columns_of(read.article)
    return columns["title"], columns["text"], columns["modified_at"]


def _rewritten(
    kept: KeptArticle, states: Mapping[int, tuple[str | None, str, str | None]], fields: dict[str, int]
) -> tuple[tuple[Rewritten, ...], tuple[Difference, ...]]:
    """Return the versions to be written again: those that change, and those that follow one, for their size."""
    found, differences = [], []
    before_changed = False
    before: tuple[str | None, str, str | None] | None = None
    for version in kept.versions:
        state = states[version.n]
        changed = state != (version.title, version.text, version.modified_at)
        if state[1] != version.text:
            size = versions.change([(None, version.text)], None, state[1])
            differences.append(
                Difference(
                    article_id=kept.id, url=kept.row["url"], n=version.n, title=state[0],
                    added=size.chars_added if size else 0, removed=size.chars_removed if size else 0,
                )
            )  # fmt: skip
        if changed and version is not kept.versions[-1]:
            fields["earlier version"] = fields.get("earlier version", 0) + 1
        if changed or before_changed:
            size = versions.change([before[:2]], *state[:2]) if before else None
            found.append(
                Rewritten(
                    n=version.n, title=state[0], text=state[1], text_sha256=digest(state[1]), modified_at=state[2],
                    chars_added=size.chars_added if size else 0, chars_removed=size.chars_removed if size else 0,
                )
            )  # fmt: skip
        before, before_changed = state, changed
    return tuple(found), tuple(differences)


def _current(kept: KeptArticle, read: Mapping[int, Reread]) -> tuple[Article | None, bool]:
    """Return the article as its current version reads, with its publication, and whether that replaces the stored."""
    last = read.get(kept.versions[-1].n)
    if last is None:
        return None, False
    first = kept.versions[0].n in read
    dated = next((read[n].article for n in sorted(read) if read[n].article.published_at is not None), None)
    article = last.article
    if dated is not None:
        article = replace(
            article,
            published_at=dated.published_at,
            published_precision=dated.published_precision,
            published_from=dated.published_from,
        )
    return article, first


def _differs(kept: KeptArticle, article: Article, redate: bool, fields: dict[str, int]) -> bool:
    """Count the columns that change, the way `archive.articles.update` would write them."""
    values = columns_of(article)
    if values["reserved"] is None and kept.row["reserved"] == "tdm-file":
        values["reserved"] = "tdm-file"
    if not redate and kept.row["published_at"] is not None:
        values |= {name: kept.row[name] for name in PUBLISHED}
    changed = [name for name in FIELDS if values[name] != kept.row[name]]
    for name in changed:
        fields[name] = 1
    return bool(changed)


def _topics(kept: KeptArticle, read: Mapping[int, Reread], match: Any) -> tuple[TopicHit, ...] | None:
    """Return the topics that replace the stored ones, or None where they are the same."""
    hits: tuple[TopicHit, ...] = ()
    for version in reversed(kept.versions):
        reading = read.get(version.n)
        hits = reading.hits if reading else match(_as_article(kept, version))
        if hits:
            break
    new = {hit.topic_id: (hit.score, dict(hit.terms), hit.in_title) for hit in hits}
    return None if new == kept.topics else hits


def _as_article(kept: KeptArticle, version: KeptVersion) -> Article:
    from archive.times import parsed

    published = kept.row["published_at"]
    return Article(
        url=kept.row["url"],
        canonical_url=kept.row["url"],
        title=version.title,
        text=version.text,
        language=kept.row["language"],
        published_at=parsed(published) if published else None,
        published_precision=kept.row["published_precision"],
    )
