"""Crawls that cross: one article where it is one, two where they are two, whoever comes first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.end_to_end.river import River
from tests.newsroom import Answer, Entry, Newsroom
from tests.newsroom.model import Piece

START = "2026-03-10T05:00:00Z"
WAYS = (
    Entry(kind="feed", path="/rss.xml", format="rss"),
    Entry(kind="sitemap", path="/sitemap.xml", format="sitemap"),
    Entry(kind="section", path="/news/", format="section"),
)
KAZAKH = (
    "Жаңа Конституция жобасы бойынша республикалық референдум 15 наурызда өтеді, деді Орталық комиссия өкілдері.",
    "Ауыл тұрғындары учаскелердің мекенжайын сұрап, бюллетень үлгісін клубтағы тақтадан оқып шықты.",
    "Дауыс беру таңғы жетіден кешкі сегізге дейін жүреді, үйде дауыс беруге өтініш алдын ала қабылданады.",
)
AGENCY = (
    "Центральная комиссия референдума утвердила порядок голосования по новой Конституции в посёлке номер {0}.",
    "Участок номер {0} откроется 15 марта в семь утра, бюллетени привезут накануне под охраной, сообщили в акимате.",
    "Жителям посёлка номер {0} разослали приглашения; председатель комиссии просит взять удостоверение личности.",
)
TOLD = (
    "агроном о весеннем севе и референдуме", "учитель о школьном самоуправлении", "бухгалтер о налогах и льготах",
)  # fmt: skip
SPEAKERS = ("Абай", "Бейимбет", "Габит", "Дархан", "Ерлан", "Жанар")
SHARED = len(SPEAKERS)
"""Texts that two outlets publish at the same moment, word for word."""


def agency_text(number: int) -> str:
    """Return a text on the topic, unlike the others but for its agency's habits."""
    return "\n".join(
        [
            f"{SPEAKERS[number]} рассказал о референдуме по новой Конституции: "
            f"{TOLD[number % 3]}, часть {number + 1}.",
            *(line.format(f"{number * 7 + 3}-{'ABCDEF'[number]}") for line in AGENCY),
            " ".join(f"{word}{'абвгде'[number]}" for word in
                     ("степь", "школа", "дорога", "колодец", "ярмарка", "почта", "мост", "река", "поле", "сад")) + ".",
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[River, dict[str, list[Piece]]]]:
    """Crawl two outlets side by side that share six texts and have their ways to list one thing twice."""
    with Newsroom(outlets=[], clock=START) as newsroom:
        newsroom.add_outlet("utro", languages=("ru", "kk"), entries=WAYS, amp="?amp=1", design="agency")
        newsroom.add_outlet("vecher", entries=WAYS, feed_params="utm_source=rss&utm_medium=feed")
        now = newsroom.clock.now()
        pieces: dict[str, list[Piece]] = {"utro": [], "vecher": []}
        for number in range(SHARED):
            for outlet, minutes in (("utro", 90), ("vecher", 60)):
                piece = newsroom.add_article(
                    outlet,
                    title=f"Референдум: посёлок готовится, репортаж {number + 1}",
                    text=agency_text(number),
                    published=now - timedelta(minutes=minutes - number),
                )
                pieces[outlet].append(piece)
        newsroom.add_article(
            "utro", title="Жаңа Конституция: референдумға дайындық", text="\n".join(KAZAKH), language="kk",
            published=now - timedelta(minutes=20), path="/kz/news/5001",
        )  # fmt: skip
        newsroom.add_article(
            "utro", title="Новая Конституция: подготовка к референдуму", language="ru",
            text="Референдум по проекту новой Конституции пройдёт 15 марта, напомнили в центральной комиссии.\n"
            "Жители села спрашивают адреса участков и читают образец бюллетеня на доске у клуба.\n"
            "Голосовать можно с семи утра до восьми вечера, заявления о голосовании на дому принимают заранее.",
            published=now - timedelta(minutes=20), path="/ru/news/5001",
        )  # fmt: skip
        # a second list says the same addresses as https, with AMP, with tracking and with a fragment
        twice = [newsroom.press.url(piece) for piece in pieces["vecher"]]
        forms = [
            twice[0].replace("http://", "https://"), twice[1] + "?utm_campaign=x&yclid=1", twice[2] + "#comments",
            newsroom.press.url(pieces["utro"][0]) + "?amp=1",
        ]  # fmt: skip
        body = "".join(f"<url><loc>{form.replace('&', '&amp;')}</loc></url>" for form in forms)
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'.encode()
        for outlet in ("utro", "vecher"):
            newsroom.route(outlet, "/again.xml", Answer(body=sitemap, content_type="application/xml"))
        river = River(folder=tmp_path_factory.mktemp("crossing"), newsroom=newsroom)
        text = river.sources.read_text(encoding="utf-8")
        for outlet in ("utro", "vecher"):
            entry = f'  {{ kind = "section", url = "{newsroom.url(outlet, "/news/")}"'
            again = f'  {{ kind = "sitemap", url = "{newsroom.url(outlet, "/again.xml")}" }},\n'
            assert entry in text
            text = text.replace(entry, again + entry)
        river.sources.write_text(text, encoding="utf-8")
        # a scheduler would crawl both in one process
        with ThreadPoolExecutor(2) as both:
            ended = both.map(lambda outlet: river.run(river.scrapy("crawl", outlet)), ("utro", "vecher"))
            assert [(one.code, one.said) for one in ended if one.code] == []
        yield river, pieces


def test_the_crawls_did_cross(crossing: tuple[River, dict[str, list[Piece]]]) -> None:
    """Both outlets were crawled in processes of their own at the same time."""
    runs = crossing[0].rows("select * from runs")
    assert len({run["pid"] for run in runs}) == 2
    assert max(run["started_at"] for run in runs) <= min(run["ended_at"] for run in runs)


def test_the_same_text_is_two_articles_and_one_story(crossing: tuple[River, dict[str, list[Piece]]]) -> None:
    """Each shared text is an article of each outlet, both in one story, the earlier published one its only 'first'."""
    river, pieces = crossing
    stored = river.articles()
    for early, late in zip(pieces["utro"], pieces["vecher"], strict=True):
        one, two = (stored[river.newsroom.press.url(piece)] for piece in (early, late))
        assert one["story_id"] == two["story_id"], early.title
        assert (one["story_role"], two["story_role"]) == ("first", "reprint"), early.title
        (story,) = river.rows("select * from stories where id = ?", one["story_id"])
        assert (story["first_article_id"], story["articles"], story["sources"]) == (one["id"], 2, 2)
    firsts = river.rows("select story_id, sum(story_role = 'first') as firsts from articles group by story_id")
    assert {row["firsts"] for row in firsts} == {1}


def test_one_article_by_whatever_way_it_is_found(crossing: tuple[River, dict[str, list[Piece]]]) -> None:
    """Feed, sitemap and section, AMP, tracking, fragments and https lead to one article and one request."""
    river, _ = crossing
    expected = {article["url"] for article in river.newsroom.ledger()["articles"]}
    assert set(river.articles()) == expected
    asked = [(request.host, request.path) for request in river.asked_since(0) if "/news/9" in request.path]
    assert len(asked) == len(set(asked)) == 2 * SHARED
    keys = [row["url_key"] for row in river.rows("select url_key from links")]
    assert len(keys) == len(set(keys)) == len(expected)


def test_language_editions_are_two_articles(crossing: tuple[River, dict[str, list[Piece]]]) -> None:
    """The Kazakh and the Russian text of one piece of news are two articles in two stories."""
    river, _ = crossing
    stored = river.articles()
    kazakh, russian = (stored[river.newsroom.url("utro", f"/{edition}/news/5001")] for edition in ("kz", "ru"))
    assert (kazakh["language"], russian["language"]) == ("kk", "ru")
    assert kazakh["story_id"] != russian["story_id"]
    assert kazakh["story_role"] == russian["story_role"] == "first"
