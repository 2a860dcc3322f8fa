"""What a page or its site says against mining and archiving is seen, kept with the article, and never invented."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

from archive import articles
from archive.db import open_archive, write
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.records import Article, Page
from pipelines.extract import extract

AT = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
BODY = (
    "<html><head>{head}</head><body><article><h1>Дала мектебі ашылды</h1><p>Ауылда жаңа мектеп ашылды, оған жүзден"
    " астам оқушы келді. Құрылысы екі жылға созылды, деп хабарлады аудан әкімдігі.</p></article></body></html>"
)


def read(head: str = "", *headers: tuple[str, str], site: bool = False) -> str | None:
    """Return where a page with this head and these headers is reserved."""
    page = Page(
        url="https://dala.example/news/1",
        fetched_at=AT,
        body=BODY.format(head=head).encode(),
        headers=(("Content-Type", "text/html; charset=utf-8"), *headers),
        site_reserves=site,
    )
    article = extract(page, zone=ZoneInfo("Asia/Almaty"))
    assert article.text
    return article.reserved


META = '<meta name="tdm-reservation" content="{}">'


@pytest.mark.parametrize(
    ("head", "headers", "site", "place"),
    [
        ("", (), False, None),
        (META.format(1), (), False, "tdm-meta"),
        ("", (("TDM-Reservation", " 1 "),), False, "tdm-header"),
        ("", (), True, "tdm-file"),
        ('<meta name="ROBOTS" content="index, NoArchive">', (), False, "noarchive"),
        ("", (("X-Robots-Tag", "noindex, noarchive"),), False, "noarchive"),
        # a 0 in a nearer place lifts the 1 of a farther one, and says nothing about archiving
        (META.format(0), (("tdm-reservation", "1"),), True, None),
        ("", (("tdm-reservation", "0"),), True, None),
        (META.format(0) + '<meta name="robots" content="noarchive">', (), True, "noarchive"),
        # what means nothing reserves nothing
        (META.format("yes"), (("tdm-reservation", ""),), False, None),
        ('<meta name="robots" content="index, follow, max-snippet:-1">', (), False, None),
        # what is said to another robot is not said to us
        ("", (("X-Robots-Tag", "otherbot: noarchive"),), False, None),
        ('<meta name="googlebot" content="noarchive">', (), False, None),
    ],
)
def test_the_place_that_reserves(
    head: str, headers: tuple[tuple[str, str], ...], site: bool, place: str | None
) -> None:
    assert read(head, *headers, site=site) == place


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """Return an archive with one outlet."""
    db = open_archive(tmp_path / "archive.db")
    Frontier(db).register(
        SourceRow(
            id="dala", name="Дала", homepage="https://dala.example/", languages=("kk",), country="KZ", kind="private"
        ),
        [EntryRow(url="https://dala.example/rss", kind="feed")],
    )
    return db


def put(db: Database, article: Article) -> int:
    with write(db):
        return articles.insert(
            db, article, url_key="k", source_id="dala", found_in=None, page_id=None, extractor="t", seen_at=AT
        )


def mark(db: Database) -> str | None:
    (found,) = db.execute("select reserved from articles").fetchone()
    return None if found is None else str(found)


def test_the_mark_is_stored_and_follows_the_page(db: Database) -> None:
    article = Article(url="https://dala.example/1", canonical_url="https://dala.example/1", text="Мәтін.")
    number = put(db, article)
    assert mark(db) is None
    with write(db):
        articles.reserve(db, number, "tdm-meta")
    assert mark(db) == "tdm-meta"
    with write(db):
        articles.update(db, number, article, page_id=None, extractor="t")
    assert mark(db) is None


def test_reading_the_bytes_again_keeps_the_mark_of_the_site(db: Database) -> None:
    """The site's file is not among the bytes of a page: a replay without it takes no mark back."""
    article = Article(url="https://dala.example/1", canonical_url="https://dala.example/1", text="Мәтін.")
    number = put(db, article)
    with write(db):
        articles.reserve(db, number, "tdm-file")
        articles.update(db, number, article, page_id=None, extractor="t")
    assert mark(db) == "tdm-file"


def test_no_address_of_mail_is_kept_with_an_author(db: Database) -> None:
    names = ("Сәуле Жан saule@dala.example", "mailto:kim@dala.example", "А. Ким (kim [at] dala.example)", "Ә. Омар")
    put(db, Article(url="https://dala.example/1", canonical_url="https://dala.example/1", text="М.", authors=names))
    (kept,) = db.execute("select authors from articles").fetchone()
    assert "@" not in kept
    assert "kim" not in kept
    assert "Сәуле Жан" in kept
    assert "А. Ким" in kept
    assert "Ә. Омар" in kept
