"""Places articles in stories, one at a time, within the caller's write transaction."""

from __future__ import annotations

from collections.abc import Callable

import xxhash

from archive import sketches, stories
from archive.database import Database
from archive.db import write
from archive.stories import Standing
from archive.story_leaving import take_unsettled
from pipelines.dedupe.connecting import connect, connect_again
from pipelines.dedupe.grouping import Placement, beside, regroup
from pipelines.dedupe.moment import moment
from pipelines.dedupe.signature import SCHEME, Signature, signature, signatures

LEAST_EXACT = 8
"""Texts shorter than this are nobody's copy, not even when equal: 'Photo: press service'."""


def load() -> None:
    """Make the tables that the first text of a process would wait for, in its transaction."""
    signature("Loaded")


def place(
    db: Database,
    article_id: int,
    *,
    title: str | None,
    text: str,
    language: str | None,
    source_id: str,
    published_at: str | None,
    first_seen_at: str,
    made: Signature | None = None,
    opened: int | None = None,
) -> Placement:
    """Put a new article, whose row is already stored, into its story and return where it stands.

    `made` is `signature(text)` where the caller computed it beforehand, outside the transaction. `opened` is the
    story of its own that the row begins with, where it does. Raises StoryIndexError when the index was made by
    another version of the scheme.
    """
    sketches.check_scheme(db, SCHEME)
    if unsettled := take_unsettled(db):
        regroup(db, unsettled)
    made = made or signature(text)
    when = moment(published_at, first_seen_at)
    digest = made.digest if made.tokens >= LEAST_EXACT else _alone(article_id)
    body = sketches.find_body(db, digest)
    if body is not None:
        fresh = _is_fresh(db, body.id, when)
        sketches.add_member(db, article_id, body.id, when)
        again = fresh or bool(sketches.footers_of(db, [source_id]) & made.long_paragraphs)
        seeds = connect_again(db, {body.id}) if again else beside(db, body.id)
        placed = regroup(db, seeds, changed={body.id})[article_id]
        if opened is not None:
            stories.close_stories(db, [opened])
        return placed
    story_id = opened or stories.open_story(db, article_id, published_at or first_seen_at)
    body_id = sketches.add_body(db, digest, made.tokens, story_id)
    sketches.add_member(db, article_id, body_id, when)
    touched = connect(db, body_id, made, text, {source_id}, when)
    if len(touched) > 1:
        return regroup(db, touched, changed={body_id})[article_id]
    if opened is None:
        stories.stand(db, [Standing(article_id=article_id, story_id=story_id, role="first", similarity=None)])
    return Placement(story_id=story_id, role="first", similarity=None, of_article_id=None)


def replace(
    db: Database,
    article_id: int,
    *,
    title: str | None,
    text: str,
    language: str | None,
    source_id: str,
    published_at: str | None,
    first_seen_at: str,
    made: Signature | None = None,
) -> Placement:
    """Place an article again whose row has changed: another text, or a corrected date."""
    sketches.check_scheme(db, SCHEME)
    made = made or signature(text)
    member = sketches.member_body(db, article_id)
    when = moment(published_at, first_seen_at)
    if member is not None and made.tokens >= LEAST_EXACT:
        body = sketches.find_body(db, made.digest)
        if body is not None and body.id == member[0]:
            fresh = _is_fresh(db, body.id, when)
            sketches.move_member(db, article_id, when)
            return regroup(db, connect_again(db, {body.id}) if fresh else beside(db, body.id))[article_id]
    remove(db, article_id)
    return place(
        db, article_id, title=title, text=text, language=language, source_id=source_id,
        published_at=published_at, first_seen_at=first_seen_at, made=made,
    )  # fmt: skip


def remove(db: Database, article_id: int) -> None:
    """Take an article out of its story and its text, where no other article has it, out of the index.

    Call it before the article's row is deleted.
    """
    member = sketches.member_body(db, article_id)
    if member is None:
        return
    body_id = member[0]
    touched = {link.other_id for link in sketches.links_of(db, [body_id])}
    body = sketches.bodies(db, [body_id])[body_id]
    sketches.remove_member(db, article_id)
    stories.leave_story(db, article_id)
    if stories.members_of(db, [body_id]):
        regroup(db, touched | {body_id})
        return
    mates = stories.bodies_of(db, [body.story_id] if body.story_id else []) - {body_id}
    sketches.remove_body(db, body_id)
    if touched | mates:
        regroup(db, touched | mates)
    if body.story_id is not None and not mates:
        stories.close_stories(db, [body.story_id])


def rebuild(db: Database, progress: Callable[[int], None] | None = None, batch: int = 500) -> int:
    """Build index and stories again from the stored articles and return how many there were.

    Commits every `batch` articles and calls `progress` with how many are done. Until it has ended, placing
    raises StoryIndexError; an interrupted one is simply run again.
    """
    with write(db):
        sketches.clear(db)
        stories.clear_stories(db)
    done = 0
    for rows in stories.batches_of_articles(db, batch):
        with write(db):
            sketches.set_scheme(db, SCHEME)
            for row, made in zip(rows, signatures(row["text"] for row in rows), strict=True):
                place(db, **row, made=made)
            sketches.set_scheme(db, sketches.UNFINISHED)
        done += len(rows)
        if progress is not None:
            progress(done)
    with write(db):
        sketches.set_scheme(db, SCHEME)
    return done


def _is_fresh(db: Database, body_id: int, moment: int) -> bool:
    """Tell whether a text has not been published in the period of `moment` before."""
    return all(sketches.period_of(m) != sketches.period_of(moment) for m in sketches.moments_of_body(db, body_id))


def _alone(article_id: int) -> int:
    """Return the digest of a text too short to be anybody's copy."""
    return xxhash.xxh3_64_intdigest(b"alone %d" % article_id) >> 1
