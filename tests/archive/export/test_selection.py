"""Every filter chooses the articles it says, and the other tables hold what belongs to them and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archive.db import open_archive
from archive.export.errors import ExportError
from archive.export.package import export
from archive.export.selection import Selection
from archive.reading import open_for_reading
from archive.search.query import QueryError
from tests.archive.export.conftest import lines


def ids(folder: Path) -> list[int]:
    return [row["id"] for row in lines(folder, "articles")]


@pytest.mark.parametrize(
    ("fields", "chosen"),
    [
        ({}, [*range(1, 12)]),  # 12 is reserved
        ({"include_reserved": True}, [*range(1, 13)]),
        ({"text": False}, [*range(1, 13)]),
        ({"languages": ("kk",)}, [2]),
        ({"languages": ("kk", "en")}, [2, 3]),
        ({"sources": ("jel",)}, [2, 4]),
        ({"topics": ("referendum",)}, [1, 2, 3, 4]),
        ({"since": date(2026, 3, 11), "until": date(2026, 3, 13)}, [6, 7]),
        ({"since": date(2026, 3, 17)}, [11]),
        ({"until": date(2026, 3, 10)}, [1, 2, 3, 4, 5]),
        ({"query": "конституция"}, [1, 2, 4]),  # in all its forms, and as Kazakh has it
        ({"query": "конституция", "languages": ("ru",), "sources": ("jel",)}, [4]),
        ({"stories": "first", "topics": ("referendum",)}, [1, 2, 3]),
        # where the first one of a story is not selected, the earliest that is stands for it
        ({"stories": "first", "sources": ("jel",)}, [2, 4]),
        ({"query": "никогда"}, []),
    ],
)
def test_filters(packed: Callable[..., Path], fields: dict[str, Any], chosen: list[int]) -> None:
    folder = packed(**fields)
    assert ids(folder) == chosen
    assert {row["article_id"] for row in lines(folder, "versions")} == set(chosen)
    assert {row["article_id"] for row in lines(folder, "topic_hits")} == set(chosen) & {1, 2, 3, 4}
    assert {row["article_id"] for row in lines(folder, "removals")} == set(chosen) & {5}
    articles = lines(folder, "articles")
    assert {row["id"] for row in lines(folder, "stories")} == {row["story_id"] for row in articles} - {None}
    assert {row["id"] for row in lines(folder, "sources")} == {row["source_id"] for row in articles}
    assert {row["id"] for row in lines(folder, "runs")} == {row["run_id"] for row in articles} - {None}


def test_what_is_left_out_is_told(packed: Callable[..., Path]) -> None:
    assert "# reserved articles left out: 1\n" in (packed() / "MANIFEST").read_text()
    assert "1 article left out" in (packed() / "README.md").read_text()
    assert "# reserved articles left out: 0\n" in (packed("list", text=False) / "MANIFEST").read_text()


def test_a_crawl_belongs_to_the_articles_it_fetched(packed: Callable[..., Path]) -> None:
    assert lines(packed(sources=("jel",)), "runs") == []
    (run,) = lines(packed("dala", sources=("dala",)), "runs")
    assert run["source_id"] == "dala"
    assert "pid" not in run


def test_the_form_without_texts_holds_no_words_of_an_article(packed: Callable[..., Path]) -> None:
    """Nothing of a text, headline or author is anywhere in the package, and all that fetching again needs is."""
    folder = packed(text=False, formats=("csv", "jsonl", "parquet"))
    everything = b"".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".parquet").decode()
    for word in ("Онлайн-голосование", "Бюджет", "HYPERLINK", "Закрытая", "Сәуле", "ivan", "popular vote"):
        assert word not in everything
    (first, *_) = lines(folder, "articles")
    needed = {"doc_id", "id", "url", "source_id", "published_at", "text_sha256", "page_sha256", "story_id"}
    assert needed <= first.keys()
    assert not {"text", "title", "authors", "section", "tags", "image_url"} & first.keys()
    assert "text" not in lines(folder, "versions")[0]
    (reserved,) = (row for row in lines(folder, "articles") if row["reserved"])
    assert reserved["reserved"] == "tdm-header"


def test_versions_carry_the_texts_of_what_changed(packed: Callable[..., Path]) -> None:
    folder = packed()
    versions = lines(folder, "versions")
    changed = [row for row in versions if row["article_id"] == 3]
    assert [row["n"] for row in changed] == [1, 2]
    assert changed[0]["text"].endswith("goes to the vote. It's “final”, officials said.")
    assert changed[1]["text"] == lines(folder, "articles")[2]["text"]
    assert all(row["text"] is None for row in versions if row["article_id"] != 3)


@pytest.mark.parametrize(("fields", "said"), [
    ({"sources": ("dalla",)}, "--source dalla: the archive has no such source; perhaps dala."),
    ({"topics": ("referendums",)}, "--topic referendums: the archive has no such topic; perhaps referendum."),
])  # fmt: skip
def test_a_typing_error_makes_no_empty_package(packed: Callable[..., Path], fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ExportError) as caught:
        packed(**fields)
    assert str(caught.value) == said


def test_a_query_without_meaning_is_refused(packed: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(QueryError):
        packed(query="()")
    assert not list(tmp_path.iterdir())


def test_an_export_sees_one_state_of_the_archive(small: Path, tmp_path: Path) -> None:
    """What is written while an export runs is in none of its tables."""
    db = open_for_reading(small)

    def interfere(done: int, of: int | None) -> None:
        writer = open_archive(small)
        writer.execute("delete from topic_hits")
        writer.execute("update article_versions set title = 'later'")
        writer.close()

    export(db, tmp_path / "package", Selection(), formats=("jsonl",), progress=interfere)
    assert len(lines(tmp_path / "package", "topic_hits")) == 4
    assert not [row for row in lines(tmp_path / "package", "versions") if row["title"] == "later"]
    assert open_for_reading(small).execute("select count(*) from topic_hits").fetchone() == (0,)
