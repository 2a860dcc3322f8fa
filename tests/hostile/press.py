"""Good pages, and the articles that bad ones are made of."""

from __future__ import annotations

from tests.mockserver import Exchange, Resource, text

GOOD = 20
"""Good pages beside the bad ones of each crawl."""

_PLACES = ("Астане", "Алматы", "Шымкенте", "Караганде", "Актау", "Атырау", "Таразе", "Костанае", "Павлодаре", "Семее")
_SUBJECTS = ("избирательные участки", "бюллетени", "списки избирателей", "школьные залы", "наблюдатели")
_VERBS = ("готовы", "проверены", "пересчитаны", "утверждены", "ждут дня голосования")

SENTENCE = (
    "Референдум по новой Конституции Казахстана пройдёт 15 марта, напомнили в центральной избирательной комиссии. "
)


def article(number: int = 0, *, title: str | None = None, head: str = "", body: str = "") -> str:
    """Return an article's page; those of two numbers have different texts."""
    place, subject = _PLACES[number % 10], _SUBJECTS[number // 2 % 5]
    lines = [
        f"{SENTENCE}В {place} {subject} {_VERBS[(number + number // 10) % 5]}, рассказал председатель комиссии № {n}."
        for n in range(number * 7 + 1, number * 7 + 7)
    ]
    title = title or f"Референдум: что делается в {place}, день {number + 1}"
    return (
        f"<!doctype html><html lang=ru><head><meta charset=utf-8><title>{title}</title>{head}</head><body>"
        f"<h1>{title}</h1><article>{''.join(f'<p>{line}</p>' for line in lines)}{body}</article></body></html>"
    )


def html(body: str | bytes, **headers: str) -> Resource:
    """Make a resource of a page."""
    return text(body, kind="text/html", **headers)


async def good_page(x: Exchange) -> None:
    """Answer `/news/good-7-12345` with the article of that number."""
    number = int(x.asked.target.rpartition("/")[2].split("-")[1])
    await x.answer(article(number).encode())


def good_path(number: int) -> str:
    """Return the path of a good page."""
    return f"/news/good-{number}-12345"


def feed(urls: list[str]) -> str:
    """Return a feed of these addresses, published on one day of the topic's window."""
    items = "".join(
        f"<item><title>Референдум {n}</title><link>{url}</link>"
        f"<pubDate>Tue, 10 Mar 2026 {n // 60 % 24:02}:{n % 60:02}:00 GMT</pubDate></item>"
        for n, url in enumerate(urls)
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
