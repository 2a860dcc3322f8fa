"""The tables and views of stories: who was first, how late the others came, what is inside what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import sketches, stories
from archive.db import open_archive, write
from archive.sketches import Link
from archive.stories import Standing

ARTICLES = (
    (1, "dala", "2026-03-10T07:00:00Z"),
    (2, "jel", "2026-03-10T07:45:00Z"),
    (3, "steppe", "2026-03-10"),
    (4, "jel", "2026-03-12T00:00:00Z"),
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """Return an archive with four articles in two stories: one with two reprints, one of a whole text."""
    db = open_archive(tmp_path / "archive.db")
    with write(db):
        for number, source, published in ARTICLES:
            db.execute(
                "insert or ignore into sources(id, name, homepage, languages, kind) values (?1, ?1, '', '[]', 'state')",
                (source,),
            )
            db.execute(
                "insert into articles(id, url, url_key, source_id, published_at, first_seen_at, last_seen_at, words,"
                " text_sha256, text) values (?1, ?2, ?2, ?3, ?4, ?4, ?4, 0, '', 'text')",
                (number, f"u{number}", source, published),
            )
            body = sketches.add_body(db, number, 100 if number < 4 else 900, None)
            sketches.add_member(db, number, body, number)
        for story, members in ((stories.open_story(db, 1, ""), (1, 2, 3)), (stories.open_story(db, 4, ""), (4,))):
            stories.assign_bodies(db, story, members)
            stories.stand(
                db,
                [
                    Standing(
                        article_id=number,
                        story_id=story,
                        role="first" if number == members[0] else "reprint",
                        similarity=None if number == members[0] else 0.9,
                    )
                    for number in members
                ],
            )
            stories.describe_story(db, story, members[0])
        sketches.add_link(
            db,
            Link(
                body_id=1, other_id=4, kind="excerpt", similarity=0.98,
                names=0, openings=0, numbers=0, agreed=0, edits=0, frame=0,
            ),
        )  # fmt: skip
    yield db
    db.conn.close()


def test_reprints_tell_delay_and_similarity(db: Database) -> None:
    """A reprint points at the first article; a plain date has no minutes."""
    rows = list(db.query("select article_id, first_source_id, delay_minutes, similarity from reprints order by 1"))
    assert rows == [
        {"article_id": 2, "first_source_id": "dala", "delay_minutes": 45, "similarity": 0.9},
        {"article_id": 3, "first_source_id": "dala", "delay_minutes": None, "similarity": 0.9},
    ]


def test_copying_counts_pairs_of_outlets(db: Database) -> None:
    """Each pair of outlets once, with its mean delay."""
    rows = list(db.query("select first_source_id, source_id, articles, mean_delay_minutes from copying order by 2"))
    assert [(row["source_id"], row["articles"], row["mean_delay_minutes"]) for row in rows] == [
        ("jel", 1, 45.0),
        ("steppe", 1, None),
    ]


def test_excerpts_point_from_the_short_text_to_the_long_one(db: Database) -> None:
    """The link is written from both sides and read from the shorter text only."""
    rows = list(db.query("select article_id, whole_article_id, similarity from excerpts"))
    assert rows == [{"article_id": 1, "whole_article_id": 4, "similarity": 0.98}]


def test_stories_are_counted(db: Database) -> None:
    """Articles and distinct outlets, and when the first one was published."""
    rows = db.execute("select first_article_id, first_published_at, articles, sources from stories").fetchall()
    assert rows == [(1, "2026-03-10T07:00:00Z", 3, 3), (4, "2026-03-12T00:00:00Z", 1, 1)]


def test_a_story_with_texts_is_not_closed(db: Database) -> None:
    """Closing takes only stories that nothing is in."""
    with write(db):
        empty = stories.new_story(db)
        stories.close_stories(db, [1, empty])
    assert [story for (story,) in db.execute("select id from stories")] == [1, 2]


def test_removing_a_text_removes_its_links_from_both_sides(db: Database) -> None:
    """Nothing points at a text that is gone."""
    with write(db):
        sketches.remove_member(db, 4)
        sketches.remove_body(db, 4)
    assert sketches.links_of(db, [1, 4]) == []
