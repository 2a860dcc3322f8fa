"""kill -9 of crawls, readers and schedulers at random moments, while a press goes on publishing and changing."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from archive.db import connect
from tests.crashes.killing import Killer, Plan
from tests.end_to_end.river import River
from tests.newsroom import Newsroom
from tests.newsroom.audit import audit
from tests.newsroom.clock import parse_time
from tests.newsroom.fates import CORRECTION
from tests.newsroom.model import Piece
from tests.newsroom.script import pieces

START = "2026-03-10T05:00:00Z"
KILLS = 60
SEEDS = (20260315, 1, 2, 3) if os.environ.get("SOAK") else (20260315,)
OUTLETS = {"tanerten": "kk", "poludni": "ru", "evening": "en", "zautra": "ru"}
LATENCY_S = 0.03
"""Seconds before every answer: pages are on their way when the axe falls."""


class Paper:
    """What the outlets publish, one text after the other from the script of the newsroom, and do to it later."""

    def __init__(self, river: River, killer: Killer) -> None:
        self.river, self.rng = river, killer.rng
        self._waiting = {language: [p for p in pieces() if fresh(p, language)] for language in OUTLETS.values()}
        self._touched: set[str] = set()

    def publish(self, outlet: str) -> None:
        """Publish the next text, as long as there are some."""
        newsroom, waiting = self.river.newsroom, self._waiting[OUTLETS[outlet]]
        if waiting:
            text = waiting.pop()
            newsroom.add_article(outlet, title=text.title, text=text.text, published=newsroom.clock.now())

    def edit(self) -> None:
        """Correct an article that the archive has."""
        piece = self._stored()
        if piece is not None:
            text = [*piece.paragraphs[:-1], CORRECTION[OUTLETS[piece.outlet]]]
            self.river.newsroom.change(piece.id, kind="corrected", text="\n".join(text))

    def remove(self) -> None:
        """Take away an article that the archive has."""
        piece = self._stored()
        if piece is not None:
            self.river.newsroom.vanish(piece.id, self.rng.choice(("404", "410")))

    def _stored(self) -> Piece | None:
        """Return an article that was stored before this second and that nothing has befallen yet."""
        press = self.river.newsroom.press
        now = f"{self.river.newsroom.clock.now():%Y-%m-%dT%H:%M:%SZ}"
        known = {row["url"] for row in self.river.rows("select url from articles where first_seen_at < ?", now)}
        ready = [
            piece for piece in press.pieces.values() if piece.id not in self._touched and press.url(piece) in known
        ]
        if not ready:
            return None
        piece = self.rng.choice(ready)
        self._touched.add(piece.id)
        return piece


@cache
def copied() -> frozenset[str | None]:
    """Return the texts of the script that others copy."""
    return frozenset(piece.reprint_of for piece in pieces())


def fresh(piece: Piece, language: str) -> bool:
    """Return whether a text of the script can stand alone: on the topic, copied from nowhere and by nobody."""
    kin = piece.reprint_of or piece.excerpt_of or piece.family or piece.html or piece.changes or piece.id in copied()
    script = "Latn" if language == "en" else "Cyrl"
    return (piece.language, piece.script, piece.on_topic) == (language, script, True) and not kin


def plans(killer: Killer) -> list[Plan]:
    """Choose whom to kill in one round, and when: three crawls, two of them while they start, the reader of the fourth,
    and in half of the rounds the nurse who bore them."""
    rng = killer.rng
    first, second, third, fourth = rng.sample(list(OUTLETS), 4)
    chosen = [
        Plan(kind="crawl", outlet=first, delay_s=rng.uniform(0, 1.0)),
        Plan(kind="crawl", outlet=second, delay_s=rng.uniform(0, 1.5)),
        Plan(kind="crawl", outlet=third, after=rng.randint(1, 12), delay_s=rng.uniform(0, 0.1)),
        Plan(kind="reader", outlet=fourth, after=rng.randint(3, 8), delay_s=rng.uniform(0, 1.5)),
    ]
    if rng.random() < 0.5:
        chosen.append(Plan(kind="nurse", outlet=fourth, after=rng.randint(5, 15), delay_s=rng.uniform(0, 1.0)))
    return chosen


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are found in /proc, which Linux has")
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_comes_twice(seed: int, tmp_path: Path) -> None:
    """Against the press's own ledger: every announced article once, every edit and removal recorded, no orphan row,
    index and WARC whole, and no page asked for again but those that were on their way when their crawl died."""
    with Newsroom(outlets=[], clock=START, latency_s=LATENCY_S) as newsroom:
        for outlet, language in OUTLETS.items():
            newsroom.add_outlet(outlet, languages=(language,))
        river = River(folder=tmp_path, newsroom=newsroom)
        killer = Killer(river=river, seed=seed)
        paper = Paper(river, killer)
        asked: Counter[tuple[int, str]] = Counter()
        while killer.count < KILLS:
            assert killer.round < KILLS, "too few processes lived long enough to be killed"
            newsroom.advance(hours=4)
            killer.begin_round()
            for outlet in killer.rng.sample(list(OUTLETS), 2):
                paper.publish(outlet)
            paper.edit()
            paper.remove()
            for _ in range(2):
                killer.run([Plan(kind="scheduler", delay_s=killer.rng.uniform(0, 1.0))])
                newsroom.advance(seconds=2)
                paper.publish(killer.rng.choice(list(OUTLETS)))
                paper.edit()
            killer.run(plans(killer))
            asked.update(pages_asked(killer))
        killer.nobody_left()
        for hours in (4, 30):
            newsroom.advance(hours=hours)
            killer.begin_round()
            river.once()
            asked.update(pages_asked(killer))
        killer.nobody_left()

        too_often = {
            key: count for key, count in asked.items() if count > 1 + killer.in_flight[key]
        }  # fmt: skip
        assert too_often == {}, killer.in_flight
        assert {"crawl", "nurse", "reader", "scheduler"} == set(killer.kills), killer.kills
        held_against_the_ledger(river)
        whole(river)


def pages_asked(killer: Killer) -> Counter[tuple[int, str]]:
    """Count the requests of a round for each article."""
    url = killer.river.newsroom.url
    return Counter((killer.round, url(r.outlet, r.path)) for r in killer.asked() if "/news/9" in r.path)


def held_against_the_ledger(river: River) -> None:
    """Demand that the archive holds what was planted, no more and no less."""
    ledger = river.newsroom.ledger(parse_time(START))
    with closing(connect(river.archive, read_only=True)) as db:
        findings = {finding.what: finding for finding in audit(db, ledger)}
    for finding in findings.values():
        assert finding.right, finding
    assert (
        findings["articles on the topic"].planted == len(ledger["articles"]) == findings["articles on the topic"].found
    )
    assert findings["edits"].planted >= KILLS / 20
    assert findings["deletions"].planted >= KILLS / 20


def whole(river: River) -> None:
    """Demand that no row, file or process is left over, and that verify is content."""
    checked = river.run([sys.executable, "-m", "archive", "verify", "--archive", str(river.archive)])
    assert checked.code == 0, checked.said
    assert river.rows("select * from runs where ended_at is null") == []
    assert river.rows("select * from links where state in ('new', 'failed', 'refused')") == []
    used = "select page_id from article_versions union select page_id from articles"
    assert river.rows(f"select url from pages where id not in ({used})") == []
    assert river.rows("select id from stories where id not in (select story_id from articles)") == []
    assert (
        river.rows("select url, count(*) from links where article_id is not null group by 1 having count(*) > 1") == []
    )
    assert not list(river.folder.glob("warc/*.open"))
    assert not list(river.folder.glob("locks/run-*"))
