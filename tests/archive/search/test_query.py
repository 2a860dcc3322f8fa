"""Full-text search: any word finds its article, and nothing that people type is a syntax error."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.db import open_archive, write
from archive.reading import open_for_reading
from archive.search import ranking
from archive.search.analyser import indexed
from archive.search.query import HIT_BEGINS, HIT_ENDS, MAX_QUERY_CHARS, QueryError, match_expression, search


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    """Return one invented article in the index that an archive has."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(text, title, content='', tokenize='ascii')")
    text = "Жаңа Конституция және референдум. Онлайн-голосование №5, C++, 50%. Құқық, әділет, өкіл."
    connection.execute(
        "insert into t (rowid, text, title) values (1, ?, ?)",
        [indexed(text, "kk"), indexed("Ещё один бюллетень", "ru")],
    )
    return connection


def found(index: sqlite3.Connection, query: str) -> bool:
    return bool(index.execute("select count(*) from t where t match ?", [match_expression(query)]).fetchone()[0])


@pytest.mark.parametrize(
    "query",
    [
        "конституция",
        "КОНСТИТУЦИЯ",
        "еще",
        "ЕЩЁ",
        "бюллетен*",
        "құқық ӘДІЛЕТ Өкіл",
        '"жаңа конституция"',
        "«жаңа конституция»",
        "“жаңа конституция”",
        '"жаңа конституция',
        "title:бюллетень",
        "Title:(бюллетень OR бюджет)",
        'title:"еще один"',
        "text:референдум",
        "бюджет OR референдум",
        "референдум NOT бюджет",
        "референдум AND NOT бюджет",
        "(бюджет OR конституция) референдум",
        "онлайн-голосование",
        "№5",
        "C++",
        "50%",
        "конституция - референдум",
        "(конституция",
        "конституция)",
        "( ) конституция",
        "^конституция",
        "конституция!",
        "{конституция}",
        "реферeндум OR конституция",
        "бюллетень",  # й as two characters
    ],
)
def test_it_is_found(index: sqlite3.Connection, query: str) -> None:
    assert found(index, query)


@pytest.mark.parametrize(
    "query",
    ["бюджет", "title:конституция", '"конституция жаңа"', "референдум NOT конституция", "NEAR(жаңа өкіл)", "const*"],
)
def test_it_is_not_found(index: sqlite3.Connection, query: str) -> None:
    assert not found(index, query)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "no word"),
        ("—", "no word"),
        ("***", "no word"),
        ("AND", "no word"),
        ("бюджет AND", "AND needs a word on each side"),
        ("NOT бюджет", "NOT needs a word on each side"),
        ("бюджет OR OR референдум", "OR needs a word on each side"),
        ("х" * (MAX_QUERY_CHARS + 1), "characters"),
        ("х " * 300, "too many words"),
    ],
)
def test_what_means_nothing_is_told_in_words(query: str, says: str) -> None:
    with pytest.raises(QueryError, match=says):
        match_expression(query)


pieces = st.sampled_from(
    [
        '"',
        "(",
        ")",
        "AND",
        "OR",
        "NOT",
        "title:",
        "text:",
        "*",
        "-",
        "+",
        "^",
        ":",
        "NEAR",
        "{",
        "}",
        "'",
        "\0",
        "еще",
        "a",
        ",",
        "\\",
    ]
)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.one_of(pieces, st.text(max_size=4)), max_size=14).flatmap(
        lambda parts: st.sampled_from(["", " "]).map(lambda s: s.join(parts))
    )
)
def test_whatever_is_typed_is_answered_or_explained(index: sqlite3.Connection, query: str) -> None:
    """No text is a syntax error of SQLite: it is searched for, or a QueryError says what to type."""
    with suppress(QueryError):
        found(index, query)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.text("абвгдеёәғқңөұүһіabz0", min_size=1, max_size=8), min_size=1, max_size=6),
    st.sampled_from(["kk", "ru", "en", None]),
)
def test_every_word_of_a_text_finds_it(words: list[str], language: str | None) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(text, title, content='', tokenize='ascii')")
    connection.execute("insert into t (rowid, text, title) values (1, ?, '')", [indexed(" ".join(words), language)])
    assert found(connection, " ".join(words))
    assert all(found(connection, word.upper()) for word in words)
    assert all(found(connection, word.replace("ё", "е")) for word in words if word.count("ё") < 2)
    connection.close()


@pytest.fixture
def db(pressed: Path) -> Database:
    return open_for_reading(pressed)


def test_a_word_of_the_title_counts_more(db: Database) -> None:
    hits = search(db, "референдум")
    assert {hit.article_id for hit in hits} == {1, 2, 4}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[-1].article_id == 2  # in its title only


def test_filters_narrow_the_search(db: Database) -> None:
    assert [hit.article_id for hit in search(db, "референдум", languages=["kk"])] == [2]
    assert {hit.article_id for hit in search(db, "референдум", sources=["jel", "steppe"])} == {2, 4}
    assert [hit.article_id for hit in search(db, "бюджет", topics=["referendum"])] == []
    assert len(search(db, "референдум", since=date(2026, 3, 10), until=date(2026, 3, 10))) == 3
    assert search(db, "референдум", since=date(2026, 3, 11)) == []
    assert search(db, "референдум", until=date(2026, 3, 9)) == []
    assert len(search(db, "референдум", limit=2)) == 2
    assert search(db, "референдум", limit=2, offset=2) == search(db, "референдум")[2:]


@pytest.mark.parametrize("query", ["степь", "степь OR кругом", '"да степь"', "title:7", "кругом NOT title:7", "иного"])
@pytest.mark.parametrize("weighed", [1, 7, 40, 1_000])
def test_the_best_of_all_are_those_that_numpy_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, weighed: int
) -> None:
    """A search without conditions is answered by SQLite alone, in the order and with the scores of one with some."""
    monkeypatch.setattr(ranking, "RANKED", weighed)
    db = open_archive(tmp_path / "archive.db")
    db.execute("insert into sources (id, name, homepage, languages) values ('s', 'S', '', '[]')")
    with write(db):
        for n in range(1, 60):
            words = f"Степь {'да степь ' * (n % 5)}{'кругом ' * (n % 3)}{'путь далёк ' * (n % 11)}"
            db.execute(
                """insert into articles (id, url, url_key, source_id, language, published_day, title, first_seen_at,
                    last_seen_at, words, text_sha256, text)
                values (?1, ?1, ?1, 's', 'ru', '2026-03-10', ?2, '2026', '2026', 1, 'x', ?3)""",
                [n, f"Заголовок {n % 8}", words],
            )
    for limit, offset in ((1_000, 0), (10, 0), (10, 25)):
        assert search(db, query, limit=limit, offset=offset) == search(
            db, query, since=date(2026, 3, 10), limit=limit, offset=offset
        )
    assert bool(search(db, query)) == (query != "иного")


def test_a_search_in_a_pipe_loads_no_more_than_it_needs(pressed: Path) -> None:
    """What takes a tenth of a second to load is loaded by those searches alone that need it."""
    program = (
        "import sys; from archive.cli import cli; cli(sys.argv[1:], standalone_mode=False);"
        "print(*sorted({'numpy', 'rich', 'pandas', 'datasette'} & sys.modules.keys()))"
    )
    options = ["search", "референдум", "--archive", str(pressed), "--json"]
    for more, needed in (([], ""), (["--lang", "ru"], "numpy")):
        done = subprocess.run(
            [sys.executable, "-c", program, *options, *more], capture_output=True, text=True, check=True
        )
        *hits, loaded = done.stdout.splitlines()
        assert hits
        assert loaded == needed


def test_a_snippet_is_one_line_with_its_hits_marked(db: Database) -> None:
    (hit,) = search(db, "ұсынылды")
    assert f"{HIT_BEGINS}ұсынылды{HIT_ENDS}" in hit.snippet
    assert "\n" not in search(db, "впереди")[0].snippet


def test_brackets_as_deep_as_a_search_may_be_are_answered(db: Database) -> None:
    deep = "(а OR " * 31 + "бюджет" + ")" * 31
    assert [hit.article_id for hit in search(db, deep)] == [5]
    with pytest.raises(QueryError, match="too many"):
        search(db, "(" * 200 + "бюджет" + ")" * 200)
