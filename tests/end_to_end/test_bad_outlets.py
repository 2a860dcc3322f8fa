"""Outlets that are down, broken or empty cost a line each; their neighbours go on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.end_to_end.river import Ended, River
from tests.newsroom import Answer, Entry, Newsroom

START = "2026-03-10T05:00:00Z"
TEXT = (
    "Референдум по новой Конституции Казахстана пройдёт 15 марта, напомнили в центральной комиссии.\n"
    "Участки откроются в семь утра, бюллетени уже отпечатаны и развозятся по областям под охраной.\n"
    "Проект Основного закона опубликован в газетах, его текст можно прочитать и на сайте комиссии."
)
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>
<item><title>Референдум: первое</title><link>{0}</link><pubDate>Tue, 10 Mar 2026 04:00:00 GMT</pubDate></item>
<item><title>Референдум & <b>второе</title><link>{1}"""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One round over outlets of which one is sound."""

    river: River
    ended: Ended

    def run_of(self, outlet: str) -> dict[str, object]:
        """Return the only run of an outlet."""
        (run,) = self.river.rows("select * from runs where source_id = ?", outlet)
        return run

    def line_of(self, outlet: str) -> str:
        """Return what the operator was told of an outlet."""
        (line,) = [line for line in self.ended.err.splitlines() if f" {outlet}: " in line]
        return line


@pytest.fixture(scope="module")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trouble]:
    """Run one round over a sound outlet and three that are not."""
    with Newsroom(outlets=[], clock=START) as newsroom:
        for outlet in ("sound", "torn", "hollow"):
            newsroom.add_outlet(outlet)
        newsroom.add_outlet("webpage", entries=(Entry(kind="feed", path="/rss.xml", format="rss"),))
        for number in range(3):
            newsroom.add_article("sound", title=f"Референдум, часть {number}: готовность участков", text=TEXT)
        torn = newsroom.add_article("torn", title="Референдум: первое", text=TEXT)
        cut = FEED.format(newsroom.press.url(torn), newsroom.url("torn", "/news/nowhere")).encode()
        newsroom.route("torn", "/rss.xml", Answer(body=cut, content_type="application/rss+xml"))
        page = Answer(body=b"<html><body><h1>Moved to a new system</h1></body></html>")
        newsroom.route("webpage", "/rss.xml", page)
        newsroom.add_article("hollow", title="Референдум: полная заметка", text=TEXT)
        newsroom.add_article("hollow", title="Референдум по новой Конституции: пустая страница", text="")
        newsroom.add_article("hollow", title="Референдум: снимок", text="", path="/news/picture")
        newsroom.route("hollow", "/news/picture", Answer(body=PICTURE, content_type="image/png"))
        newsroom.add_article("hollow", title="Референдум: пусто", text="", path="/news/nothing")
        newsroom.route("hollow", "/news/nothing", Answer(body=b""))
        river = River(folder=tmp_path_factory.mktemp("trouble"), newsroom=newsroom)
        with socket.socket() as closed:
            closed.bind(("127.0.0.99", 0))
            port = closed.getsockname()[1]
        sources = river.sources.read_text(encoding="utf-8")
        sound = sources.split("\n\n")[0]
        gone = sound.replace(newsroom.url("sound", ""), f"http://127.0.0.99:{port}").replace("sound", "closed")
        gone = gone.replace(newsroom.url("sound", "").replace(".", "\\\\."), f"http://127.0.0.99:{port}")
        river.sources.write_text(f"{gone}\n\n{sources}", encoding="utf-8")
        yield Trouble(river=river, ended=river.once())


def test_the_sound_outlet_goes_on(trouble: Trouble) -> None:
    """Trouble elsewhere takes nothing from an outlet without."""
    assert trouble.run_of("sound")["outcome"] == "ok"
    assert len(trouble.river.rows("select 1 from articles where source_id = 'sound'")) == 3


def test_a_closed_port_is_unreachable(trouble: Trouble) -> None:
    """An outlet that does not answer: a failed run with the reason, in the table and in the operator's line."""
    run = trouble.run_of("closed")
    assert (run["outcome"], run["articles_new"]) == ("failed", 0)
    assert "unreachable" in str(run["reason"])
    assert "closed: failed" in trouble.line_of("closed")
    assert "unreachable" in trouble.line_of("closed")
    entries = trouble.river.rows("select failures, last_error, next_check_at from entries where source_id = 'closed'")
    assert entries
    assert all(entry["failures"] == 1 and "unreachable" in entry["last_error"] for entry in entries)


def test_what_can_be_read_of_a_torn_feed_is_read(trouble: Trouble) -> None:
    """A feed that breaks off in the middle of its second item brings its first."""
    stored = trouble.river.rows("select url, found_in from articles where source_id = 'torn'")
    assert [row["found_in"].rpartition("/")[2] for row in stored] == ["rss.xml"]


def test_a_web_page_is_no_feed(trouble: Trouble) -> None:
    """An HTML page where a feed was fails its entry, and its outlet when it has no other."""
    assert trouble.run_of("webpage")["outcome"] == "failed"
    assert "not a feed: HTML" in trouble.line_of("webpage")


def test_pages_without_text_are_told_and_not_stored(trouble: Trouble) -> None:
    """An empty shell, a picture and an empty answer are failed links with a reason; the full article is stored."""
    stored = trouble.river.rows("select title from articles where source_id = 'hollow'")
    assert [row["title"] for row in stored] == ["Референдум: полная заметка"]
    failed = trouble.river.rows("select url, state, last_error from links where source_id = 'hollow'")
    reasons = {row["url"].rpartition("/")[2]: (row["state"], row["last_error"]) for row in failed}
    assert reasons["picture"] == ("failed", "not a page: image/png")
    assert reasons["nothing"][0] == "failed"
    assert reasons["90001"] == ("failed", "no article text")
