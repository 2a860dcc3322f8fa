"""The outlets by hand: listed, one page tried with nothing stored, one outlet crawled with a row in `runs`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.river import River
from tests.newsroom import Newsroom
from tests.newsroom.model import Piece

TEXT = (
    "Референдум по новой Конституции Казахстана пройдёт 15 марта, напомнили в центральной комиссии.\n"
    "Участки откроются в семь утра, бюллетени уже отпечатаны и развозятся по областям под охраной.\n"
    "Проект Основного закона опубликован в газетах, его текст можно прочитать и на сайте комиссии."
)


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[River, Piece]]:
    """Return a river that nothing has run over yet, and an article of its first outlet."""
    with Newsroom(outlets=[], clock="2026-03-10T05:00:00Z") as newsroom:
        newsroom.add_outlet("pervy", name="Первый листок")
        newsroom.add_outlet("vtoroi", name="Второй листок")
        piece = newsroom.add_article(
            "pervy", title="Референдум: готовы\x1b[31m ли участки", text=TEXT, published="2026-03-10T04:00:00Z",
            authors=("Айгүл Сейіт",),
        )  # fmt: skip
        newsroom.add_article("pervy", title="Весна: лёд тронулся", text="Лёд на реке тронулся вчера.\n" * 4)
        yield River(folder=tmp_path_factory.mktemp("hand"), newsroom=newsroom), piece


def test_the_outlets_are_listed(hand: tuple[River, Piece]) -> None:
    """`scrapy list` prints the ids of the sources file, one a line."""
    ended = hand[0].run(hand[0].scrapy("list"))
    assert (ended.code, ended.out.split()) == (0, ["pervy", "vtoroi"])


def test_one_page_is_shown_field_by_field(hand: tuple[River, Piece]) -> None:
    """`scrapy try-url` on an article prints each field with where it came from and what the topics say, stores nothing,
    and lets no control character of the page through to the terminal."""
    river, piece = hand
    url = river.newsroom.press.url(piece)
    ended = river.run(river.scrapy("try-url", "pervy", url))
    assert ended.code == 0, ended.said
    fields = {words[0]: row for row in ended.out.splitlines() if (words := row.split())}
    for name in ("title", "text", "published_at", "language", "authors", "canonical_url"):
        assert "(" in fields[name], ended.out
    assert "2026-03-10" in fields["published_at"]
    assert "Айгүл Сейіт" in fields["authors"]
    assert "topic referendum-2026: matches" in ended.out
    assert "is an article by its address: yes" in ended.out
    assert "\x1b" not in ended.out
    assert not river.archive.exists()
    assert [request.path for request in river.asked_since(0)] == ["/robots.txt", piece.path]


@pytest.mark.parametrize("path", ["/news/", "/news/nowhere"])
def test_a_page_that_is_no_article_ends_with_one(hand: tuple[River, Piece], path: str) -> None:
    """A listing and a missing page are no article: exit code 1, and why."""
    river, _ = hand
    ended = river.run(river.scrapy("try-url", "pervy", river.newsroom.url("pervy", path)))
    assert ended.code == 1, ended.said
    assert "no article" in ended.out or "http 404" in ended.out
    assert "Traceback" not in ended.said


def test_an_unknown_outlet_is_one_line(hand: tuple[River, Piece]) -> None:
    """A mistyped id is told with the nearest one, without a traceback."""
    river, piece = hand
    ended = river.run(river.scrapy("try-url", "perwy", river.newsroom.press.url(piece)))
    assert ended.code == 2
    assert "pervy" in ended.said
    assert "Traceback" not in ended.said


def test_an_outlet_crawled_by_hand(hand: tuple[River, Piece]) -> None:
    """`scrapy crawl` polls every entry of one outlet, registers it, stores what is on the topic and writes its row."""
    river, piece = hand
    ended = river.run(river.scrapy("crawl", "pervy"))
    assert ended.code == 0, ended.said
    (run,) = river.rows("select * from runs")
    assert (run["source_id"], run["outcome"], run["articles_new"], run["off_topic"]) == ("pervy", "ok", 1, 1)
    assert set(river.articles()) == {river.newsroom.press.url(piece)}
    assert [row["id"] for row in river.rows("select id from sources")] == ["pervy"]
