"""A clock that jumps forward and back costs nothing: what it made wait for years is due again once it is right."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.appointments import ENTRY_WAIT, LINK_WAIT
from archive.times import parsed
from crawler import polling
from tests.end_to_end.river import River
from tests.newsroom import Newsroom

TEXT = "Референдум по новой Конституции Казахстана пройдёт 15 марта. Участки откроются в семь утра, сообщает {0}."
JUMP_S = 400 * 86_400


def test_nothing_waits_for_a_time_that_was_wrong(tmp_path: Path) -> None:
    """Polled while the clock was more than a year ahead, an outlet is found by verify to be asleep until then, and
    woken by the next scheduler: what it publishes is stored, and a removal is confirmed by sights in the present."""
    with Newsroom(outlets=[], clock="2026-03-10T05:00:00Z") as newsroom:
        newsroom.add_outlet("birlik")
        first = newsroom.add_article("birlik", title="Референдум: до прыжка", text=TEXT.format("комиссия"))
        newsroom.advance(hours=2)
        river = River(folder=tmp_path, newsroom=newsroom)
        river.once()
        newsroom.vanish(first.id)
        true_offset = (newsroom.clock.now() - datetime.now(UTC)).total_seconds()
        river.environment["DAUYS_CLOCK_OFFSET_S"] = str(true_offset + JUMP_S)
        river.once()
        del river.environment["DAUYS_CLOCK_OFFSET_S"]

        newsroom.advance(hours=3)
        verify = [sys.executable, "-m", "archive", "verify", "--archive", str(river.archive)]
        found = river.run(verify)
        assert found.code == 1, found.said
        assert "2 entries would not be polled until 2027-" in found.out
        assert "1 articles were seen missing in the future" in found.out
        assert all("verify --repair" in line for line in found.out.splitlines())

        newsroom.add_article("birlik", title="Референдум: после прыжка", text=TEXT.format("пресс-служба акимата"))
        newsroom.advance(minutes=30)
        river.once()
        titles = [row["title"] for row in river.rows("select title from articles order by id")]
        assert titles == ["Референдум: до прыжка", "Референдум: после прыжка"]
        assert river.rows("select 1 from deletions") == [], "one sight in the present is no removal"
        newsroom.advance(hours=4)
        river.once()
        (removal,) = river.rows("select gone_at from deletions")
        assert parsed(removal["gone_at"]) < newsroom.clock.now() + timedelta(hours=1)
        assert river.rows("select 1 from runs where ended_at is null or ended_at < started_at") == []
        assert river.run(verify).code == 0


def test_no_plan_reaches_as_far() -> None:
    """What the crawler plans is never taken for the work of a wrong clock."""
    at = datetime(2026, 3, 10, tzinfo=UTC)
    assert max(polling.MAX_INTERVAL, polling.MAX_SERVER_WAIT) < ENTRY_WAIT
    looks = [polling.next_recheck(at - timedelta(days=age), at, at) for age in range(366)]
    assert max(look - at for look in looks if look is not None) < LINK_WAIT
    assert polling.backoff(50, chance=1.0, asked_wait=timedelta(days=900)) < LINK_WAIT
