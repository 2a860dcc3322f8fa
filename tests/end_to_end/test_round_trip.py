"""What was crawled, exported and imported elsewhere is the same; and reading its pages again changes nothing."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.river import River
from tests.newsroom import Newsroom

SAME = {
    "articles": "select * from articles order by id",
    "versions": "select * from versions order by article_id, n",
    "stories": "select * from stories order by id",
    "topic_hits": "select * from topic_hits order by article_id, topic_id",
    "removals": "select * from removals order by article_id, gone_at",
    "reprints": "select * from reprints order by article_id",
    "edits": "select * from edits order by article_id, n",
}
VOTE = "Референдум по новой Конституции Казахстана"
PARAGRAPHS = (
    "Комиссия сообщила, что {0}: бюллетени отпечатаны, участки откроются 15 марта в семь утра по всей стране.",
    "Корреспондент убедился, что {0}, и поговорил с людьми у здания акимата; итоги обещают назвать к утру.",
    "Референдум назначен указом, новая Конституция опубликована, а пока {0}, рассказали в областном штабе.",
)
SUBJECTS = (
    "наблюдатели едут в аулы",
    "учителя сдают спортзалы",
    "почта разносит приглашения",
    "связисты тянут провода",
)


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[River]:
    """Crawl two small outlets, one of them three times, with an edit, a reprint and a removal between them."""
    with Newsroom(outlets=(), clock="2026-03-10T05:00:00Z") as newsroom:
        newsroom.add_outlet("gazeta", name="Газета", feed_depth=30)
        newsroom.add_outlet("listok", name="Листок", feed_depth=30)
        now = newsroom.clock.now()
        pieces = [
            newsroom.add_article(
                "gazeta",
                title=f"{VOTE}: {subject}",
                text="\n".join(paragraph.format(subject) for paragraph in PARAGRAPHS),
                published=now - timedelta(minutes=50 - place),
            )
            for place, subject in enumerate(SUBJECTS)
        ]
        newsroom.add_article(
            "listok", title=f"{VOTE}. Перепечатка", text="\n".join(pieces[0].paragraphs), published=now
        )
        later = now + timedelta(hours=2)
        corrected = "\n".join(
            [*pieces[1].paragraphs, "Уточнение: двери откроют на час раньше, сообщил директор школы."]
        )
        newsroom.change(pieces[1].id, kind="paragraph added", at=later, text=corrected)
        newsroom.change(pieces[2].id, kind="gone", at=later, gone="404")
        river = River(folder=tmp_path_factory.mktemp("trip"), newsroom=newsroom)
        for outlets in (("gazeta", "listok"), ("gazeta",), ("gazeta",)):
            for outlet in outlets:
                done = river.run(river.scrapy("crawl", outlet))
                assert done.code == 0, done.said
            newsroom.advance(hours=3)
        yield river


def program(river: River, package: str, *arguments: str) -> str:
    done = river.run([sys.executable, "-m", package, *arguments])
    assert done.code == 0, done.said
    return done.out


def content(archive: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        found = {name: [dict(row) for row in db.execute(sql)] for name, sql in SAME.items()}
    for row in (*found["articles"], *found["versions"]):
        row.pop("page_id")
    return found


def test_crawl_export_import_gives_the_same_archive(river: River, tmp_path: Path) -> None:
    """Articles, versions, stories, topics, removals and what the views say of them survive a round trip."""
    program(river, "archive", "export", str(tmp_path / "package"), "--format", "jsonl", "--archive", str(river.archive))
    other = tmp_path / "other" / "archive.db"
    told = program(river, "pipelines", "import", str(tmp_path / "package"), "--archive", str(other))
    assert told.split()[:2] == ["new", "5"]
    before = content(river.archive)
    assert len(before["articles"]) == 5
    assert all(before[name] for name in SAME), "the press was to bring an edit, a reprint and a removal"
    assert content(other) == before
    program(river, "archive", "verify", "--archive", str(other))


def test_a_replay_of_a_crawl_changes_nothing(river: River) -> None:
    """The reader that crawled finds in every kept page what it found there, with the hints of the feed at hand."""
    before = content(river.archive)
    arguments = ("--archive", str(river.archive), "--sources", str(river.sources), "--processes", "1")
    told = program(river, "pipelines", "replay", *arguments)
    counts = dict(line.split() for line in told.splitlines()[1:4])
    assert counts == {"articles": "5", "captures": "6", "changed": "0"}
    assert content(river.archive) == before
