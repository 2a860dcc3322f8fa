"""A small archive of three invented outlets, with its captures, an edit, a reprint and a removal."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import articles, pages, runs
from archive.db import open_archive, write
from archive.frontier import EntryRow, Frontier, SourceRow, settle
from archive.records import Article, Link, Page, TopicHit
from archive.warc import WarcWriter, folder_of

MORNING = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)

STORED = (
    ("dala", "ru", "Референдум назначен на 15 марта", "Новая Конституция вынесена на референдум.\nВсё ещё впереди."),
    (
        "jel",
        "kk",
        "Референдум 15 наурызға белгіленді",
        "Жаңа Конституция жобасы халық талқысына ұсынылды. Құқық, өкіл, әділет.",
    ),
    (
        "steppe",
        "en",
        "Referendum called for 15 March",
        "A new constitution goes to the vote. It's “final”, officials said.",
    ),
    ("jel", "ru", "Референдум: что известно", "Новая Конституция вынесена на референдум.\nВсё ещё впереди."),
    ("dala", "ru", "Бюджет утверждён", "Бюджет на год принят. Онлайн-голосование не проводилось."),
)


def build(path: Path) -> Path:
    """Make the archive at `path` and return the path."""
    db = open_archive(path)
    frontier = Frontier(db)
    for source, kind in (("dala", "private"), ("jel", "state"), ("steppe", "foreign")):
        home = f"https://{source}.example/"
        frontier.register(
            SourceRow(id=source, name=source.title(), homepage=home, languages=("ru",), country="KZ", kind=kind),  # type: ignore[arg-type]
            [EntryRow(url=home + "rss", kind="feed")],
        )
    run = runs.begin(db, "dala", MORNING)
    with WarcWriter(folder_of(path), "test", clock=lambda: MORNING) as captures:
        for n, (source, language, title, text) in enumerate(STORED, 1):
            url = f"https://{source}.example/news/{n}"
            key = f"{source}.example/news/{n}"
            at = MORNING + timedelta(hours=n)
            frontier.add(source, {key: Link(url=url, found_in=f"https://{source}.example/rss")}, at=at)
            article = Article(
                url=url,
                canonical_url=url,
                title=title,
                text=text,
                published_at=at,
                published_precision="minute",
                published_from="meta",
                language=language,
                script="Latn" if language == "en" else "Cyrl",
            )
            page = Page(
                url=url, fetched_at=at, body=text.encode(), headers=(("Content-Type", "text/html"),), source_id=source
            )
            with write(db):
                page_id = pages.insert(db, page, captures.write(page))
                article_id = articles.insert(
                    db,
                    article,
                    url_key=key,
                    source_id=source,
                    found_in=None,
                    page_id=page_id,
                    extractor="t",
                    seen_at=at,
                )
                settle(db, url, state="stored", article_id=article_id, next_check_at=None)
                if n != 5:
                    articles.set_topics(
                        db,
                        article_id,
                        [TopicHit(topic_id="referendum", score=3, terms={"референдум": 1}, in_title=True)],
                    )
        _edit(path, captures)
    with write(db):
        for story, (first, count, sources) in enumerate(((1, 2, 2), (2, 1, 1), (3, 1, 1), (5, 1, 1)), 1):
            db.execute(
                "insert into stories (id, first_article_id, first_published_at, articles, sources)"
                " select ?, id, published_at, ?, ? from articles where id = ?",
                [story, count, sources, first],
            )
            db.execute("update articles set story_id = ?, story_role = 'first' where id = ?", [story, first])
        db.execute("update articles set story_id = 1, story_role = 'reprint', story_similarity = 1.0 where id = 4")
        articles.gone(
            db, 5, "https://dala.example/news/5", status="404", at=MORNING + timedelta(days=1), next_check_at=None
        )
    runs.end(db, run, at=MORNING, outcome="ok", reason=None, counters={"pages": 5})
    with write(db):
        db.execute("update entries set last_ok_at = '2026-03-10T12:00:00Z', last_new_at = '2026-03-10T12:00:00Z'")
    db.close()
    return path


def _edit(path: Path, captures: WarcWriter) -> None:
    db = open_archive(path)
    at = MORNING + timedelta(hours=9)
    old = articles.get(db, 3)
    body = "A new constitution goes to the popular vote. It's “final”, officials said."
    page = Page(url=old.url, fetched_at=at, body=body.encode(), source_id="steppe")
    new = Article(url=old.url, canonical_url=old.url, title="Referendum set for 15 March", text=body, language="en")
    with write(db):
        page_id = pages.insert(db, page, captures.write(page))
        articles.add_version(db, old, new, chars_added=8, chars_removed=0, page_id=page_id, extractor="t", seen_at=at)
    db.close()


@pytest.fixture(scope="session")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small archive, made once and only read."""
    return build(tmp_path_factory.mktemp("pressed") / "archive.db")


@pytest.fixture
def small(pressed: Path, tmp_path: Path) -> Path:
    """Return a copy of the small archive with its WARC files, for a test to spoil."""
    shutil.copytree(pressed.parent, tmp_path / "data")
    return tmp_path / "data" / pressed.name
