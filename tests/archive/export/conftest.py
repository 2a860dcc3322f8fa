"""The small archive with what an export has to heed: hostile texts, reserved articles, crawls, addresses of mail."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import articles
from archive.db import open_archive, write
from archive.export.facts import Facts
from archive.export.package import export
from archive.export.selection import Selection
from archive.export.writers import FORMATS, Format
from archive.reading import open_for_reading
from archive.records import Article, Reserved
from archive.times import parsed

HOSTILE = '=HYPERLINK("https://x.example";"Нажми")\n"Цитата", сказал он;\tтабуляция\nخبر عاجل 👍🏽 é \u2028 ’ \\N, NULL'
FORMULAS = ("=1+1", "+7 701 000 00 00", "-5 градусов", "@всем", "＝1")
ALL = ("csv", "jsonl", "parquet")


def _add(
    db: Database,
    number: int,
    text: str,
    *,
    title: str = "Новость",
    source: str = "dala",
    reserved: Reserved | None = None,
) -> int:
    url = f"https://{source}.example/extra/{number}"
    at = parsed(f"2026-03-1{number % 9 + 1}T09:00:00Z")
    article = Article(
        url=url,
        canonical_url=url,
        title=title,
        text=text,
        authors=("Сәуле Жан", "А. Ким"),
        tags=("выборы", 'тег "в кавычках"'),
        published_at=at,
        published_precision="day" if number % 2 else "second",
        published_from="json-ld",
        language="ru",
        script="Cyrl",
        reserved=reserved,
    )
    return articles.insert(
        db,
        article,
        url_key=url.removeprefix("https://"),
        source_id=source,
        found_in=f"https://{source}.example/rss",
        page_id=None,
        extractor="t",
        seen_at=at,
    )


@pytest.fixture(scope="session")
def shelf(pressed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the archive that exports are made of: five articles of the press, and seven more."""
    path = tmp_path_factory.mktemp("shelf") / "archive.db"
    shutil.copy(pressed, path)
    db = open_archive(path)
    with write(db):
        db.execute("update pages set run_id = 1 where source_id = 'dala'")
        _add(db, 1, HOSTILE, title="=cmd|' /C calc'!A0")
        for number, formula in enumerate(FORMULAS, 2):
            _add(db, number, formula, title=formula)
        _add(db, 7, "Закрытая статья.", source="jel", reserved="tdm-header")
        db.execute(
            "update articles set authors = ? where url like '%/extra/2'",
            [json.dumps(["Иван Петров (ivan@dala.example)", "mail@dala.example"], ensure_ascii=False)],
        )
    db.close()
    return path


@pytest.fixture
def packed(shelf: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that exports the archive with the fields of a Selection, and returns the folder."""

    def pack(name: str = "package", formats: tuple[Format, ...] = ("jsonl",), **fields: Any) -> Path:
        folder = tmp_path / name
        db = open_for_reading(shelf)
        export(db, folder, Selection(**fields), formats=formats)
        db.close()
        return folder

    return pack


@pytest.fixture(scope="session")
def whole(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Facts]:
    """Return a package of everything in every format, and what the export tells of it."""
    folder = tmp_path_factory.mktemp("whole") / "package"
    db = open_for_reading(shelf)
    facts = export(db, folder, Selection(include_reserved=True), formats=FORMATS)
    db.close()
    return folder, facts


def lines(folder: Path, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table of a package in JSON Lines."""
    with (folder / f"{table}.jsonl").open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]
