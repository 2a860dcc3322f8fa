"""The article that the archive is for: found by feed, matched, stored in full with its day, found by search."""

from __future__ import annotations

import html
import json
import sys
from pathlib import Path

from tests.end_to_end.river import River
from tests.newsroom import Newsroom

TITLE = "Горнякам Жезказгана рассказали о проекте новой Конституции"


def test_the_seed_article_goes_through_the_river(shared_data: Path, tmp_path: Path) -> None:
    """The example of 10 March 2026 is found by feed, matched to the topic, stored with its day, language and whole
    text, and found by search in another form of its words."""
    lines = (shared_data / "seed" / "article_2026-03-10.txt").read_text(encoding="utf-8").splitlines()
    paragraphs = [line.strip() for line in lines[1:] if line.strip()]
    body = "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    page = (
        f'<!doctype html><html lang="ru"><head><title>{TITLE} | Шахтёрская газета</title></head><body>'
        '<nav><a href="/">Главная</a> <a href="/news/">Новости</a></nav>'
        f'<article><h1>{TITLE}</h1><div class="date">10 марта 2026</div>{body}</article>'
        "<footer>Шахтёрская газета. Все права защищены.</footer></body></html>"
    )
    with Newsroom(outlets=[], clock="2026-03-10T15:00:00Z") as newsroom:
        newsroom.add_outlet("shahter", name="Шахтёрская газета")
        piece = newsroom.add_article("shahter", title=TITLE, html=page, published="2026-03-10T06:00:00Z")
        river = River(folder=tmp_path, newsroom=newsroom)
        river.once()
        url = newsroom.press.url(piece)
        (row,) = river.rows("select * from articles")
        (hit,) = river.rows("select * from topic_hits")
        (link,) = river.rows("select * from links")
        search = [sys.executable, "-m", "archive", "search", "--archive", str(river.archive), "--json"]
        found = [
            json.loads(river.run([*search, *query]).out)
            for query in (
                ["Анненская Балаева"],
                [
                    '"проект новой Конституции обращен"',
                    "--lang",
                    "ru",
                    "--since",
                    "2026-03-10",
                    "--until",
                    "2026-03-10",
                ],
                ["горнякам конституции", "--source", "shahter"],
            )
        ]
    assert (row["url"], row["title"]) == (url, TITLE)
    # the page tells the day, the feed the hour of the same day
    assert (row["published_day"], row["published_at"]) == ("2026-03-10", "2026-03-10T06:00:00Z")
    assert (row["language"], row["script"]) == ("ru", "Cyrl")
    assert row["text"].splitlines() == paragraphs
    assert link["found_in"].endswith("/rss.xml")
    assert hit["topic_id"] == "referendum-2026"
    assert hit["in_title"]
    assert [one["url"] for one in found] == [url] * 3
    assert found[0]["published_at"] == row["published_at"]
