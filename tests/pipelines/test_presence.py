"""When a stored article counts as removed from its site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.records import Article
from pipelines import presence
from pipelines.presence import Known

ADDRESS = "https://tasaryk.example/news/71-procent-12345"
TITLE = "Явка на референдуме в Тасарыке составила 71,4 процента"
TEXT = (
    "К полудню на участках Тасарыка проголосовал каждый второй, сообщила комиссия области. "
    "Участки закроются в восемь вечера, первые итоги назовут ночью, подробности утром."
)
OTHER_TITLE = "Мост через Сырлы откроют в мае"
OTHER = "Строители закончили пролёты моста через Сырлы, движение откроют в мае, рассказали в управлении дорог области."
KNOWN = Known(title=TITLE, text=TEXT)


def article(title: str | None = TITLE, text: str = TEXT) -> Article:
    return Article(url=ADDRESS, canonical_url=ADDRESS, title=title, text=text)


def judged(page: Article, *, final: str = ADDRESS, is_article_url: bool = True, other: bool = False) -> str | None:
    return presence.absence(
        KNOWN, requested=ADDRESS, final=final, article=page, is_article_url=is_article_url, final_is_other=other
    )


HOST = "https://tasaryk.example"


@pytest.mark.parametrize(
    ("says", "page", "kwargs", "verdict"),
    [
        ("unchanged", article(), {}, None),
        ("edited", article(text=TEXT.replace("каждый второй", "больше половины")), {}, None),
        ("headline and text rewritten in part", article("Тасарык голосует", TEXT + " " + OTHER), {}, None),
        ("text rewritten under the same headline", article(text=OTHER), {}, None),
        ("nothing could be extracted", article(None, ""), {}, None),
        ("moved with its text", article(), {"final": f"{HOST}/politika/71-procent-12345"}, None),
        ("moved to another domain with its text", article(), {"final": "https://tasaryk-news.example/12345"}, None),
        ("trailing slash", article(), {"final": ADDRESS + "/"}, None),
        ("home page", article("Тасарык", OTHER), {"final": f"{HOST}/", "is_article_url": False}, "redirect-home"),
        ("root of an edition", article(None, ""), {"final": f"{HOST}/kz/", "is_article_url": False}, "redirect-home"),
        ("section", article("Новости", ""), {"final": f"{HOST}/news", "is_article_url": False}, "redirect-section"),
        ("another stored article", article(OTHER_TITLE, OTHER), {"final": f"{HOST}/news/2", "other": True}, "replaced"),
        ("another article at the same address", article(OTHER_TITLE, OTHER), {}, "replaced"),
        ("notice in Russian", article("Страница не найдена", "Возможно, она удалена."), {}, "soft-404"),
        ("notice in Kazakh", article("Бет табылмады", "Басты бетке оралыңыз"), {}, "soft-404"),
        ("notice in English", article("Page not found", "This page no longer exists."), {}, "soft-404"),
        ("notice without text", article("404", ""), {}, "soft-404"),
        ("parked domain", article(None, ""), {"final": "https://parking.example/"}, "domain-ended"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_a_page_says_about_an_article(says, page, kwargs, verdict):
    """Each kind of answer is judged from its address and what was extracted from it."""
    assert judged(page, **kwargs) == verdict


def test_an_article_about_a_missing_page_is_no_notice():
    """The words of a notice in the article itself mean nothing."""
    title = "Страница с итогами на сайте комиссии не найдена: журналисты требуют ответа"
    known = Known(title=title, text=OTHER)
    page = article(title, OTHER + " Страница удалена.")
    assert presence.absence(known, requested=ADDRESS, final=ADDRESS, article=page, is_article_url=True) is None


@pytest.mark.parametrize(("status", "verdict"), [(404, "404"), (410, "410"), (403, None), (500, None), (503, None)])
def test_only_404_and_410_are_removals_by_status(status, verdict):
    """403 and 5xx never are."""
    assert presence.absent_status(status) == verdict


def test_an_absence_is_confirmed_an_hour_later():
    """Seen once, or twice within an hour, is not yet a removal; the end of a domain takes a day."""
    now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    assert not presence.confirmed("404", None, now)
    assert not presence.confirmed("404", now - timedelta(minutes=59), now)
    assert presence.confirmed("404", now - timedelta(hours=1), now)
    assert not presence.confirmed("domain-ended", now - timedelta(hours=23), now)
    assert presence.confirmed("domain-ended", now - timedelta(hours=24), now)
