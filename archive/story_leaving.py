"""Takes an article out of its story for good, with everything by which its text was recognised.

Which of the remaining texts still belong together is for pipelines.dedupe to decide: their numbers are noted in
`story_unsettled`, and the next article that is placed has them grouped again. Until then they stay as they were.
"""

from __future__ import annotations

from archive import sketches, stories
from archive.database import Database
from archive.db import remembered

SETTLED = "no text is unsettled"


def take_out(db: Database, article_id: int) -> None:
    """Take an article out of its story, inside the caller's transaction and before its row is deleted.

    Its text leaves the sketches with its sketches unless another article has the same text. The earliest of
    those that remain becomes the story's first; a story without articles is removed.
    """
    standing = stories.standing_of(db, article_id)
    member = sketches.member_body(db, article_id)
    stories.leave_story(db, article_id)
    if member is not None:
        body_id = member[0]
        unsettled = {link.other_id for link in sketches.links_of(db, [body_id])}
        unsettled |= stories.bodies_of(db, [standing.story_id] if standing else [])
        sketches.remove_member(db, article_id)
        if not stories.members_of(db, [body_id]):
            sketches.remove_body(db, body_id)
            unsettled -= {body_id}
        remembered(db).pop(SETTLED, None)
        db.conn.executemany("insert or ignore into story_unsettled values (?)", [(body,) for body in unsettled])
    if standing is not None:
        _stand_again(db, standing.story_id)


def take_unsettled(db: Database) -> set[int]:
    """Return the texts whose neighbourhood lost one, and forget that; inside the caller's transaction."""
    known = remembered(db)
    if SETTLED in known:
        return set()
    noted = [body_id for (body_id,) in db.execute("select body_id from story_unsettled")]
    if noted:
        db.execute("delete from story_unsettled")
    known[SETTLED] = True
    return set(sketches.bodies(db, noted))


def _stand_again(db: Database, story_id: int) -> None:
    row = db.execute(
        """select a.id from articles a left join story_members m on m.article_id = a.id where a.story_id = ?
        order by coalesce(m.moment, unixepoch(coalesce(a.published_at, a.first_seen_at))), a.id limit 1""",
        [story_id],
    ).fetchone()
    if row is None:
        db.execute("delete from stories where id = ?", [story_id])
        return
    db.execute(
        "update articles set story_role = 'first', story_similarity = null where id = ? and story_role = 'reprint'",
        [row[0]],
    )
    stories.describe_story(db, story_id, row[0])
