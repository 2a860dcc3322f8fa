"""The full-text index says what the articles say, whatever happens to them and while it is made anew."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import articles
from archive.db import open_archive, write
from archive.reading import open_for_reading
from archive.records import Article
from archive.search import index
from archive.search.current import StaleIndex
from archive.search.index import faults, reindex
from archive.search.query import search

AT = datetime(2026, 3, 10, 7, tzinfo=UTC)


def add(db: Database, n: int, title: str, text: str, language: str | None = "ru") -> int:
    url = f"https://dala.example/added/{n}"
    with write(db):
        return articles.insert(
            db,
            Article(url=url, canonical_url=url, title=title, text=text, language=language),
            url_key=url,
            source_id="dala",
            found_in=None,
            page_id=None,
            extractor=None,
            seen_at=AT,
        )


def change(db: Database, article_id: int, title: str, text: str) -> None:
    old = articles.get(db, article_id)
    new = Article(url=old.url, canonical_url=old.url, title=title, text=text, language="ru")
    with write(db):
        articles.add_version(db, old, new, chars_added=1, chars_removed=1, page_id=None, extractor=None, seen_at=AT)


def delete(db: Database, article_id: int) -> None:
    with write(db):
        for table in ("article_versions", "topic_hits"):
            db.execute(f"delete from {table} where article_id = ?", [article_id])
        db.execute("update links set article_id = null, state = 'new' where article_id = ?", [article_id])
        db.execute("delete from articles where id = ?", [article_id])


def ids(db: Database, query: str) -> set[int]:
    return {hit.article_id for hit in search(db, query)}


def test_an_article_is_found_by_what_it_says_now(small: Path) -> None:
    db = open_archive(small)
    added = add(db, 1, "Урожай собран", "Пшеницу убрали до снега.")
    assert ids(db, "пшеница") == {added}
    change(db, added, "Урожай продан", "Ячмень вывезли поездами.")
    assert ids(db, "пшеница") == set()
    assert ids(db, "ячмень поезд") == {added}
    old = articles.get(db, added)
    with write(db):
        new = Article(url=old.url, canonical_url=old.url, title="Другое", text="Кукурузу сеют.", language="ru")
        articles.update(db, added, new, page_id=None, extractor=None)
    assert (ids(db, "ячмень"), ids(db, "кукуруза")) == (set(), {added})
    assert not list(faults(db))
    delete(db, added)
    assert ids(db, "кукуруза") == set()
    assert not list(faults(db))
    db.close()


def test_a_transaction_that_fails_leaves_no_trace_in_the_index(small: Path) -> None:
    db = open_archive(small)

    def fail() -> None:
        with write(db):
            db.execute("update articles set title = 'Подсолнечник' where id = 1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert ids(db, "подсолнечник") == set()
    assert not list(faults(db))
    db.close()


texts = st.text("абвгеқөү \n", max_size=12)
steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "change", "delete", "batch"]), st.integers(0, 9), texts, st.sampled_from(["kk", "ru"])
    ),
    max_size=12,
)


@pytest.mark.parametrize("during", [False, True])
def test_the_index_follows_whatever_happens(small: Path, during: bool) -> None:
    """Added, changed and deleted in any order, while an index is being made too: index and articles agree."""

    @settings(deadline=None, max_examples=25)
    @given(steps)
    def follows(steps: list[tuple[str, int, str, str]]) -> None:
        db = open_archive(small)
        if during:
            with write(db):
                index._resumed(db, fresh=True)
        for n, (what, which, text, language) in enumerate(steps):
            known = [row["id"] for row in db.query("select id from articles where url like '%/added/%' order by id")]
            if what == "add":
                add(
                    db,
                    int(db.execute("select count(*), max(id) from articles").fetchone()[1]) * 100 + n,
                    text,
                    text,
                    language,
                )
            elif what == "batch" and during:
                with write(db):
                    index._add(db, index._ids_after(db, index._through(db), 2))
            elif known and what == "change":
                change(db, known[which % len(known)], text, text)
            elif known and what == "delete":
                delete(db, known[which % len(known)])
        if during:
            reindex(db)
        assert not list(faults(db))
        assert _lemmas(db) == _lemmas_made_anew(db)
        db.close()

    follows()


def _lemmas(db: Database) -> list[tuple[object, ...]]:
    db.execute("create virtual table temp.said using fts5vocab(main, articles_fts, instance)")
    rows = sorted(tuple(row) for row in db.execute("select term, doc, col, offset from temp.said"))
    db.execute("drop table temp.said")
    return rows


def _lemmas_made_anew(db: Database) -> list[tuple[object, ...]]:
    reindex(db, fresh=True)
    return _lemmas(db)


def test_an_index_of_another_version_is_not_asked_nor_touched(small: Path) -> None:
    """Crawls go on storing; searching says what to type, and afterwards all is found."""
    db = open_archive(small)
    with write(db):
        db.execute("update search_index set analyser = 'older'")
    added = add(db, 1, "Урожай", "Пшеницу убрали.")
    with pytest.raises(StaleIndex, match="python -m archive reindex"):
        search(db, "пшеница")
    assert any("another version" in fault for fault in faults(db))
    assert reindex(db) == 6
    assert ids(db, "пшеница") == {added}
    assert not list(faults(db))
    db.close()


def test_reindex_goes_on_where_it_was_stopped(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BATCH", 2)
    db = open_archive(small)

    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done == 4:
            raise Stop

    with pytest.raises(Stop):
        reindex(db, progress=stop)
    reader = open_for_reading(small)
    assert ids(reader, "бюджет") == {5}  # from the old one
    change(db, 1, "Урожай", "Пшеницу убрали.")
    told: list[int] = []
    assert reindex(db, progress=lambda done, of: told.append(done)) == 5
    assert told[0] == 4
    assert ids(reader, "пшеница") == {1}
    assert not list(faults(db))
    reader.close()
    db.close()


def test_the_recent_is_preferred_when_asked(small: Path) -> None:
    db = open_archive(small)
    old, new = (add(db, n, "Урожай", "Пшеницу убрали до снега.") for n in (1, 2))
    with write(db):
        db.execute("update articles set published_day = '2025-03-10' where id = ?", [old])
        db.execute("update articles set published_day = '2026-03-10' where id = ?", [new])
    assert [hit.article_id for hit in search(db, "пшеница")] == [old, new]
    assert [hit.article_id for hit in search(db, "пшеница", recent_on=date(2026, 3, 11))] == [new, old]
    db.close()
