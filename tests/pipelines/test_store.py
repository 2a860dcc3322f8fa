"""What becomes of a page in the archive: article, version, duplicate, move, removal, return."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive import articles, warc
from archive.db import open_archive, write
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.records import Article, Link, Page, TopicHit
from archive.warc import WarcWriter, folder_of
from crawler.polling import next_recheck
from pipelines.canonical import url_key
from pipelines.items import Reading
from pipelines.store import Store

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
HOST = "https://tasaryk.example"
TITLE = "Явка на референдуме в Тасарыке составила 71,4 процента"
TEXT = (
    "К полудню на участках Тасарыка проголосовал каждый второй, сообщила комиссия области. Участки закроются в "
    "восемь вечера, первые итоги назовут ночью, подробности обещают к утру понедельника, когда сведут протоколы."
)
OTHER_TITLE = "Мост через Сырлы откроют в мае"
OTHER = (
    "Строители закончили пролёты моста через Сырлы, движение откроют в мае, рассказали в управлении дорог области. "
    "До открытия грузовики пойдут в объезд через Ақтам, автобусы пересадят пассажиров на паром у старого причала."
)
HIT = TopicHit(topic_id="referendum-2026", score=9.0, terms={"референдум": 1}, in_title=True)


class Desk:
    """A store over a real archive, with pages made by hand."""

    def __init__(self, folder):
        self.archive = folder / "archive.db"
        self.db = open_archive(self.archive)
        self.frontier = Frontier(self.db)
        for source_id in ("tasaryk", "aktam"):
            self.frontier.register(
                SourceRow(
                    id=source_id,
                    name=source_id,
                    homepage=f"https://{source_id}.example/",
                    languages=("ru",),
                    country="KZ",
                    kind="private",
                ),
                [EntryRow(url=f"https://{source_id}.example/rss", kind="feed")],
            )
        self.captures = WarcWriter(folder_of(self.archive), "test")
        self.store = Store(self.db, self.captures, recheck=next_recheck, extractor="test 1")

    def close(self):
        self.captures.close()
        self.db.close()

    def link(self, url, source="tasaryk", at=NOW):
        """Return the frontier's row of an address, found in a feed at `at` where it is not known yet."""
        self.frontier.add(source, {url_key(url): Link(url=url, found_in="feed")}, at=at)
        return self.frontier.link(url)

    def put(
        self, url, title=TITLE, text=TEXT, *, at=NOW, source="tasaryk", final=None, canonical=None, hits=(HIT,), **more
    ):
        """Store the page at an address as a crawl would."""
        address = final or url
        article = Article(
            url=address,
            canonical_url=canonical or address,
            title=title,
            text=text,
            language="ru",
            script="Cyrl",
            published_at=datetime(2026, 3, 15, 11, tzinfo=UTC),
            published_precision="minute",
            published_from="meta",
        )
        article = replace(article, **more)
        body = f"<h1>{title}</h1><p>{text}</p>".encode(errors="replace")
        page = Page(url=address, requested_url=url, fetched_at=at, body=body, source_id=source)
        return self.store.put(
            Reading(page=page, link=self.link(url, source, at), article=article, hits=hits, is_article_url=True)
        )

    def absent(self, url, kind, at):
        return self.store.absent(self.frontier.link(url), kind, at)

    def rows(self, sql, *args):
        return list(self.db.query(sql, list(args)))

    def state(self, url):
        return self.rows("select state from links where url = ?", url)[0]["state"]


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.close()


A, B = f"{HOST}/news/1", f"{HOST}/news/2"


def test_an_article_is_stored_with_all_that_belongs_to_it(desk):
    """Article, version, topic, story, link and capture land together."""
    outcome = desk.put(A)
    assert (outcome.kind, outcome.detail) == ("new", "first")
    (row,) = desk.rows("select * from articles")
    assert (row["url"], row["published_at"], row["published_day"]) == (A, "2026-03-15T11:00:00Z", "2026-03-15")
    assert row["text"] == TEXT
    assert desk.rows("select n, text from versions") == [{"n": 1, "text": TEXT}]
    assert desk.rows("select topic_id, in_title from topic_hits") == [{"topic_id": HIT.topic_id, "in_title": 1}]
    assert desk.rows("select articles, sources from stories") == [{"articles": 1, "sources": 1}]
    assert desk.rows("select state, article_id, next_check_at from links") == [
        {"state": "stored", "article_id": row["id"], "next_check_at": "2026-03-15T12:15:00Z"}
    ]


def test_the_capture_of_an_article_can_be_read_back(desk):
    """The row of the page points at the very bytes."""
    desk.put(A)
    (page,) = desk.rows("select * from pages")
    kept = warc.read(folder_of(desk.archive), page["warc_file"], page["warc_offset"], page["warc_length"])
    assert kept.body.decode() == f"<h1>{TITLE}</h1><p>{TEXT}</p>"
    assert kept.url == A


def test_off_topic_pages_keep_a_link_and_no_text(desk):
    """Nothing of the page is kept but that it was seen."""
    assert desk.put(A, hits=()).kind == "off-topic"
    assert desk.state(A) == "off-topic"
    assert desk.rows("select * from articles") == desk.rows("select * from pages") == []


def test_a_page_without_text_is_no_article(desk):
    """It is a failure with a reason, not an empty article."""
    assert desk.put(A, text="").kind == "no-article"
    assert desk.rows("select state, last_error from links") == [{"state": "failed", "last_error": "no article text"}]


def test_the_same_text_at_a_second_address_of_the_outlet_is_one_article(desk):
    """An exact copy with the same headline on the same site is a duplicate address."""
    first = desk.put(A)
    again = desk.put(B)
    assert (again.kind, again.article_id) == ("duplicate", first.article_id)
    assert desk.state(B) == "duplicate"
    assert len(desk.rows("select * from articles")) == 1


def test_the_same_text_at_another_outlet_is_a_reprint(desk):
    """It is an article of its own in the same story."""
    desk.put(A)
    outcome = desk.put("https://aktam.example/n/9", "Агентство: явка", source="aktam")
    assert (outcome.kind, outcome.detail) == ("new", "reprint")
    assert desk.rows("select articles, sources from stories") == [{"articles": 2, "sources": 2}]


@pytest.mark.parametrize("final", [f"{HOST}/news/1/", "http://tasaryk.example/news/1", f"{HOST}/news/1?utm_source=tg"])
def test_spellings_of_one_address_are_one_article(desk, final):
    """A redirect between them makes nothing new."""
    desk.put(A)
    desk.frontier.add("tasaryk", {"other": Link(url=f"{HOST}/go/1", found_in="feed")}, at=NOW)
    assert desk.put(f"{HOST}/go/1", final=final).kind == "unchanged"
    assert len(desk.rows("select * from articles")) == 1


def test_a_canonical_address_joins_two_links(desk):
    """An AMP twin that declares the plain address is the same article."""
    first = desk.put(A)
    twin = desk.put(f"{HOST}/mobile/1-short", title=TITLE, canonical=A)
    assert (twin.kind, twin.article_id) == ("unchanged", first.article_id)
    assert desk.state(f"{HOST}/mobile/1-short") == "stored"


def test_a_canonical_address_that_is_wrong_is_not_believed(desk):
    """Two different texts that declare one address stay two articles."""
    desk.put(A)
    outcome = desk.put(B, OTHER_TITLE, OTHER, canonical=A)
    assert outcome.kind == "new"
    assert [row["url"] for row in desk.rows("select url from articles order by id")] == [A, B]


def test_an_edit_is_a_version(desk):
    """Both texts stay; the view tells what changed."""
    desk.put(A)
    later = NOW + timedelta(hours=1)
    outcome = desk.put(A, TITLE.replace("71,4", "71,6"), TEXT.replace("каждый второй", "больше половины"), at=later)
    assert (outcome.kind, outcome.detail) == ("changed", "headline")
    assert [row["text"][:60] for row in desk.rows("select text from versions order by n")] == [
        TEXT[:60],
        TEXT.replace("каждый второй", "больше половины")[:60],
    ]
    (edit,) = desk.rows("select * from edits")
    assert (edit["headline_changed"], edit["silent"], edit["seen_at"]) == (1, 1, "2026-03-15T13:00:00Z")
    assert desk.rows("select versions, title from articles")[0]["versions"] == 2
    assert len(desk.rows("select * from pages")) == 2


def test_an_edit_with_a_moved_modification_date_is_not_silent(desk):
    """The page itself said that it was changed."""
    desk.put(A)
    desk.put(A, text=TEXT + " Уточнено.", at=NOW + timedelta(hours=1), modified_at=NOW + timedelta(minutes=30))
    assert desk.rows("select silent from edits") == [{"silent": 0}]


def test_a_headline_that_flaps_makes_two_versions(desk):
    """A, B, A, B: two versions, however often."""
    desk.put(A)
    for hour, title in enumerate(["Как голосует Тасарык", TITLE, "Как голосует Тасарык", TITLE], 1):
        desk.put(A, title, at=NOW + timedelta(hours=hour))
    assert desk.rows("select count(*) as n from versions") == [{"n": 2}]


def test_an_edit_may_bring_two_articles_together(desk):
    """An article that becomes a copy of another joins its story, and leaves when it changes back."""
    desk.put(A)
    other = "https://aktam.example/n/9"
    desk.put(other, OTHER_TITLE, OTHER, source="aktam")
    assert desk.rows("select count(*) as n from stories") == [{"n": 2}]
    # under its own headline, or the page would count as replaced by another article
    desk.put(other, OTHER_TITLE, TEXT, source="aktam", at=NOW + timedelta(hours=1))
    assert desk.rows("select articles from stories") == [{"articles": 2}]


def test_404_twice_an_hour_apart_is_a_removal(desk):
    """Once is not, twice within the hour is not; the text stays."""
    desk.put(A)
    assert desk.absent(A, "404", NOW + timedelta(minutes=15)).kind == "missing"
    assert desk.absent(A, "404", NOW + timedelta(minutes=45)).kind == "missing"
    assert desk.rows("select gone_at from articles") == [{"gone_at": None}]
    assert desk.absent(A, "404", NOW + timedelta(minutes=75)).kind == "gone"
    (row,) = desk.rows("select gone_at, gone_status, text from articles")
    assert row == {"gone_at": "2026-03-15T13:15:00Z", "gone_status": "404", "text": TEXT}
    assert desk.state(A) == "gone"


def test_an_article_that_comes_back_is_recorded(desk):
    """The removal keeps its beginning and gets an end; a second removal is a row of its own."""
    desk.put(A)
    for hours in (1, 3):
        desk.absent(A, "410", NOW + timedelta(hours=hours))
    desk.put(A, at=NOW + timedelta(hours=5))
    assert desk.rows("select gone_at, gone_status from articles") == [{"gone_at": None, "gone_status": None}]
    assert desk.state(A) == "stored"
    for hours in (7, 9):
        desk.absent(A, "410", NOW + timedelta(hours=hours))
    assert desk.rows("select gone_at, back_at from deletions order by gone_at") == [
        {"gone_at": "2026-03-15T15:00:00Z", "back_at": "2026-03-15T17:00:00Z"},
        {"gone_at": "2026-03-15T21:00:00Z", "back_at": None},
    ]


def test_an_absence_that_passes_is_forgotten(desk):
    """Missing, there, missing: the clock of the confirmation starts anew."""
    desk.put(A)
    desk.absent(A, "404", NOW + timedelta(minutes=15))
    desk.put(A, at=NOW + timedelta(minutes=30))
    assert desk.absent(A, "404", NOW + timedelta(minutes=90)).kind == "missing"


def test_a_redirect_to_the_home_page_is_an_absence(desk):
    """The site answers 200, but not with the article."""
    desk.put(A)
    for hours in (1, 3):
        outcome = desk.put(A, "Тасарык: новости", OTHER, final=f"{HOST}/", at=NOW + timedelta(hours=hours), hits=())
    assert (outcome.kind, outcome.detail) == ("gone", "redirect-home")
    assert desk.rows("select title from articles") == [{"title": TITLE}]


def test_another_article_at_the_address_is_a_removal_and_no_version(desk):
    """A page replaced by another article is not an edit of the first."""
    desk.put(A)
    for hours in (1, 3):
        outcome = desk.put(A, OTHER_TITLE, OTHER, at=NOW + timedelta(hours=hours))
    assert (outcome.kind, outcome.detail) == ("gone", "replaced")
    assert desk.rows("select count(*) as n from versions") == [{"n": 1}]


def test_a_page_from_which_nothing_can_be_read_is_no_absence(desk):
    """An extraction that fails says nothing of the site."""
    desk.put(A)
    for hours in (1, 3, 5):
        outcome = desk.put(A, None, "", at=NOW + timedelta(hours=hours), hits=())
    assert outcome.kind == "unchanged"
    assert desk.rows("select gone_at from articles") == [{"gone_at": None}]


def test_a_moved_article_keeps_its_row(desk):
    """The new address is another name of it, and is not fetched as a new link."""
    first = desk.put(A)
    moved = desk.put(A, final=f"{HOST}/politika/1", at=NOW + timedelta(hours=1))
    assert (moved.kind, moved.article_id) == ("unchanged", first.article_id)
    desk.frontier.add(
        "tasaryk", {url_key(f"{HOST}/politika/1"): Link(url=f"{HOST}/politika/1", found_in="feed")}, at=NOW
    )
    assert desk.frontier.due_links("tasaryk", NOW + timedelta(hours=2), 10) == []


def test_a_topic_that_is_lost_in_an_edit_stays(desk):
    """An article keeps what it was collected for."""
    desk.put(A)
    desk.put(A, text=TEXT + " Дополнено.", at=NOW + timedelta(hours=1), hits=())
    assert desk.rows("select topic_id from topic_hits") == [{"topic_id": HIT.topic_id}]


def test_what_the_web_sends_is_cleaned_before_it_is_kept(desk):
    """NUL, escapes, lone surrogates and bidi overrides do not reach the archive."""
    hostile = TEXT + " \x00\x1b[31m\ud800\u202eконец"
    desk.put(A, f"Заго\x00ловок\u202e {TITLE}", hostile, tags=("a\x00b", ""))
    (row,) = desk.rows("select title, text, tags from articles")
    assert row["title"] == f"Заголовок {TITLE}"
    assert row["text"].endswith(" [31mконец")
    assert row["tags"] == '["ab"]'


def test_an_import_leaves_what_is_known_as_it_is(desk):
    """What was crawled is not overwritten by a file."""
    desk.put(A)
    link = replace(desk.link(A), article_id=None)
    article = Article(url=A, canonical_url=A, title="Из файла", text=OTHER)
    reading = Reading(page=Page(url=A, fetched_at=NOW), link=link, article=article, hits=())
    with write(desk.db):
        assert [outcome.kind for outcome in desk.store.add([reading])] == ["known"]
    assert articles.get(desk.db, 1).title == TITLE


def test_a_failure_stores_nothing_at_all(desk, monkeypatch):
    """One transaction: an error after the article's row takes the row with it."""
    monkeypatch.setattr(articles, "set_topics", lambda *_: (_ for _ in ()).throw(RuntimeError("planted")))
    with pytest.raises(RuntimeError, match="planted"):
        desk.put(A)
    assert desk.rows("select * from articles") == desk.rows("select * from pages") == desk.rows("select * from stories")
    assert desk.state(A) == "new"
