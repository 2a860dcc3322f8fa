"""A list that writes itself anew at every look: bounded, told, and no harm to the list beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from itertools import count

import pytest

from archive.db import open_archive, write
from archive.link_budget import LINKS_A_DAY
from tests.end_to_end.river import River
from tests.newsroom import Answer, Entry, Newsroom

START = "2026-03-14T21:00:00Z"
OLD = "<pubDate>Tue, 10 Mar 2020 04:00:00 GMT</pubDate>"
"""Before every topic's window, so that no page of it is asked for."""
A_LOOK = 400


@pytest.fixture
def press() -> Iterator[Newsroom]:
    """Run an outlet with an honest feed, and one that has other links whenever it is looked at."""
    with Newsroom(outlets=[], clock=START) as newsroom:
        entries = (
            Entry(kind="feed", path="/endless.xml", format="dead"),
            Entry(kind="feed", path="/rss.xml", format="rss"),
        )
        newsroom.add_outlet("arna", entries=entries)
        looks = count()

        def endless(now: datetime) -> Answer:
            look = next(looks)
            items = "".join(
                f"<item><title>Жаңалық</title><link>/news/endless-{look}-{n}</link>{OLD}</item>" for n in range(A_LOOK)
            )
            return Answer(body=f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), content_type="text/xml")

        newsroom.route("arna", "/endless.xml", endless)
        yield newsroom


def test_it_brings_so_much_a_day_and_no_more(press: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Looks on one day end at the bound, the next day has its own; what was left out is told, with the reason."""
    river = River(folder=tmp_path_factory.mktemp("endless"), newsroom=press)
    for look in range(3):
        if look == 1:
            press.add_article(
                "arna", title="Референдум: тағы бір күн", published=press.clock.now(),
                text="Референдум туралы жаңалық: халық жаңа Конституцияны талқылап жатыр.\n" * 6,
            )  # fmt: skip
        ended = river.run(river.scrapy("crawl", "arna"))
        assert ended.code == 0, ended.said
        press.clock.advance(hours=2)
        if look == 0:
            # some twenty looks like the first one
            with closing(open_archive(river.archive)) as db, write(db):
                db.execute("update entries set links_on_day = ? where url like '%endless%'", [LINKS_A_DAY - 300])
    found = "select count(*) as n from links where url like '%endless%' and first_seen_at like ?"
    counts = [river.rows(found, f"{day}%")[0]["n"] for day in ("2026-03-14", "2026-03-15")]
    assert counts == [A_LOOK + 300, A_LOOK]
    (entry,) = river.rows("select * from entries where url like '%endless%'")
    assert entry["links_left_out"] == 100
    assert entry["note"] is None
    said = [row["reason"] for row in river.rows("select reason from runs order by id")]
    assert [reason is None for reason in said] == [True, False, True]
    assert "100 new links were not taken: more than 10,000 new ones a day" in said[1]
    assert len(river.articles()) == 1
