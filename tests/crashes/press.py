"""A program that stores invented articles as a crawl does, and says on a file of the same disk what it has stored.

Run as `python -m tests.crashes.press FOLDER ARTICLES`. It is what a power cut falls into.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.articles import digest
from archive.db import open_archive
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.records import Article, Link, Page, TopicHit
from archive.warc import WarcWriter, folder_of
from pipelines.canonical import url_key
from pipelines.items import Reading
from pipelines.store import Outcome, Store

START = datetime(2026, 3, 10, 7, tzinfo=UTC)
HOST = "https://qala.example"
HIT = TopicHit(topic_id="referendum-2026", score=9.0, terms={"референдум": 1}, in_title=True)
PEOPLE = ("Пекари", "Связисты", "Пастухи", "Швеи", "Лодочники", "Гончары", "Садовники", "Звонари", "Маляры", "Певчие")
ACTS = ("спорят о преамбуле", "сдают залы под участки", "шьют флаги", "учат новый гимн", "ждут приглашений",
        "чинят дорогу к клубу", "считают стулья")  # fmt: skip


def text_of(number: int, edited: bool = False) -> str:
    """Return the text of an article, unlike the others."""
    who, act = PEOPLE[number % len(PEOPLE)], ACTS[number % len(ACTS)]
    words = " ".join(f"{who[:4].lower()}{act[:3]}{number * 31 + step}" for step in range(40))
    later = " Уточнение: первоначальные сведения комиссия назвала неточными." if edited else ""
    return f"{who} района {number} {act} перед референдумом 15 марта по новой Конституции.\n{words}.{later}"


class Press:
    """An archive with one outlet, and the moment at which all happens."""

    def __init__(self, archive: Path, *, prefix: str = "qala", max_bytes: int = 12_000) -> None:
        self.db = open_archive(archive)
        # SQLite moves the log into the database every 1,000 pages by default: here it must happen often
        self.db.execute("pragma wal_autocheckpoint = 150")
        self.frontier = Frontier(self.db)
        self.frontier.register(
            SourceRow(id="qala", name="Қала", homepage=HOST, languages=("ru",), country="KZ", kind="private"),
            [EntryRow(url=f"{HOST}/rss", kind="feed")],
        )
        self.captures = WarcWriter(folder_of(archive), prefix, max_bytes=max_bytes)
        self.store = Store(self.db, self.captures, recheck=lambda p, f, now: now, extractor="test")

    def put(self, number: int, *, edited: bool = False, at: datetime = START) -> Outcome:
        """Store an article, or look at it again."""
        url = f"{HOST}/news/{number}"
        self.frontier.add("qala", {url_key(url): Link(url=url, found_in=f"{HOST}/rss")}, at=at)
        link = self.frontier.link(url)
        assert link is not None
        text = text_of(number, edited)
        article = Article(url=url, canonical_url=url, title=f"Референдум {number}", text=text, language="ru")
        body = f"<html><h1>{article.title}</h1>{text}</html>".encode()
        page = Page(url=url, fetched_at=at, body=body, source_id="qala")
        return self.store.put(Reading(page=page, link=link, article=article, hits=(HIT,)))

    def remove(self, number: int) -> None:
        """See an article missing twice."""
        for hours in (20, 30):
            link = self.frontier.link(f"{HOST}/news/{number}")
            assert link is not None
            self.store.absent(link, "404", START + timedelta(hours=hours))

    def close(self) -> None:
        """End as a crawl does."""
        self.captures.close()
        self.db.close()


def main(folder: Path, count: int) -> None:
    """Store, edit and remove; each acknowledged thing is a line of the file `acknowledged`."""
    said = os.open(folder / "acknowledged", os.O_CREAT | os.O_WRONLY)
    with closing(Press(folder / "archive.db")) as press:
        for number in range(count):
            assert press.put(number).kind == "new"
            os.write(said, f"article {number} {digest(text_of(number))}\n".encode())
            if number % 4 == 3:
                assert press.put(number - 2, edited=True, at=START + timedelta(hours=5)).kind == "changed"
                os.write(said, f"version {number - 2} {digest(text_of(number - 2, True))}\n".encode())
            if number % 6 == 5:
                press.remove(number - 4)
                os.write(said, f"removal {number - 4} -\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
