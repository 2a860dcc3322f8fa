"""The words around an article: menus, buttons, tickers, comments, advertisements; what an extractor must not keep."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .model import Outlet, Piece, stable_number

UI: dict[str, dict[str, Any]] = {
    "ru": {
        "menu": ("Главная", "Политика", "Экономика", "Общество", "Происшествия", "Спорт", "Погода", "О редакции"),
        "related": "Читайте также", "popular": "Самое читаемое", "tags": "Метки", "comments": "Комментарии",
        "share": "Поделиться", "author": "Автор", "photo": "Фото редакции", "views": "Просмотров", "published": "Дата",
        "next": "Дальше", "subscribe": "Подпишитесь на рассылку и получайте пять главных новостей к завтраку",
        "rights": "Все права защищены. При перепечатке ссылка обязательна", "search": "Поиск по сайту",
        "cookie": "Мы храним файлы cookie, чтобы сайт помнил ваш выбор", "login": "Войти", "back": "На главную",
        "missing": "Страница не найдена",
        "missing_text": "Такой страницы нет: она удалена или никогда не существовала.",
        "closed": "Раздел закрыт для роботов", "parked": "Срок регистрации домена истёк. Домен можно купить.",
        "updated": "Обновлено",
        "ads": ("Окна со скидкой до конца недели", "Курсы вождения: первый урок бесплатно", "Мёд с пасеки, доставка",
                "Ремонт холодильников на дому"),
        "talk": (("Айдос", "Спасибо за подробности, у нас во дворе об этом тоже говорят."),
                 ("Марина К.", "А когда обновят расписание автобусов?"),
                 ("гость", "Первый! Ну и погодка сегодня."), ("Ерлан", "Прочитал, подумал, согласен не во всём.")),
    },
    "kk": {
        "menu": ("Басты бет", "Саясат", "Экономика", "Қоғам", "Оқиға", "Спорт", "Ауа райы", "Редакция"),
        "related": "Тағы оқыңыз", "popular": "Көп оқылғандар", "tags": "Тегтер", "comments": "Пікірлер",
        "share": "Бөлісу", "author": "Авторы", "photo": "Редакция суреті", "views": "Қаралым", "published": "Күні",
        "next": "Келесі", "subscribe": "Күн сайын таңертең бес басты жаңалықты поштаңызға алыңыз",
        "rights": "Барлық құқық қорғалған. Көшіріп басқанда сілтеме міндетті", "search": "Сайттан іздеу",
        "cookie": "Сайт таңдауыңызды есте сақтау үшін cookie файлдарын пайдаланады", "login": "Кіру",
        "back": "Басты бетке", "missing": "Бет табылмады",
        "missing_text": "Мұндай бет жоқ: ол өшірілген немесе ешқашан болмаған.", "closed": "Бөлім роботтарға жабық",
        "parked": "Доменнің тіркеу мерзімі бітті. Доменді сатып алуға болады.", "updated": "Жаңартылды",
        "ads": ("Терезеге апта соңына дейін жеңілдік", "Жүргізуші курсы: алғашқы сабақ тегін",
                "Таза бал, үйге жеткіземіз", "Тоңазытқыш жөндеу"),
        "talk": (("Ерлан", "Жақсы жазылыпты, рақмет."), ("Айгүл", "Біздің ауылға да келсеңіздер екен."),
                 ("қонақ", "Бірінші! Бүгін күн суық қой."),
                 ("Серік ата", "Оқыдым, ойландым, бәрімен келісе бермеймін.")),
    },
    "en": {
        "menu": ("Home", "Politics", "Business", "Society", "Courts", "Sport", "Weather", "About us"),
        "related": "Related stories", "popular": "Most read", "tags": "Topics", "comments": "Comments",
        "share": "Share", "author": "By", "photo": "Staff photograph", "views": "Views", "published": "Published",
        "next": "Next page", "subscribe": "Sign up for our Friday letter from the steppe",
        "rights": "All rights reserved. Quote with a link", "search": "Search", "cookie": "This site uses cookies",
        "login": "Sign in", "back": "Back to home", "missing": "Page not found",
        "missing_text": "There is nothing at this address: it was removed or never existed.",
        "closed": "This section is closed to robots", "parked": "This domain has expired and is for sale.",
        "updated": "Updated",
        "ads": ("Double glazing, half price", "Learn to drive in a month", "Mountain honey delivered",
                "We mend fridges"),
        "talk": (("Tom", "Thanks, I had wondered about that."), ("reader77", "First!"),
                 ("Anna", "Would have liked a map."), ("J. P.", "Sober reporting, for once.")),
    },
}  # fmt: skip


def ticker(now: datetime) -> list[tuple[str, str]]:
    """Return the currency ticker of the day: names with invented rates."""
    seed = stable_number("ticker", now.date())
    return [("USD", f"{505 + seed % 17}.{seed % 90 + 10}"), ("EUR", f"{590 + seed % 13}.{seed % 80 + 10}"),
            ("RUB", f"{6 + seed % 2}.{seed % 70 + 10}")]  # fmt: skip


def comments(piece: Piece, extra: bool) -> list[tuple[str, str]]:
    """Return what readers said under a piece; with `extra` one more."""
    talk = UI[piece.language]["talk"]
    start = stable_number("talk", piece.id) % len(talk)
    count = start % 3 + (1 if extra else 0)
    return [talk[(start + n) % len(talk)] for n in range(count)]


def views(outlet: Outlet, piece: Piece, now: datetime) -> int:
    """Return a view counter that grows by the hour, or stands still for outlets without that noise."""
    base = stable_number("views", piece.id) % 3000
    if "counter" not in outlet.noise:
        return base
    return base + int((now - piece.published).total_seconds() // 3600) * (7 + base % 40)


def advert(outlet: Outlet, piece: Piece | None, language: str, now: datetime, changed: bool) -> str:
    """Return the advertisement on a page; it rotates by the hour where the outlet's noise says so."""
    choices = UI[language]["ads"]
    turn = int(now.timestamp() // 3600) if "ads" in outlet.noise else 0
    return str(choices[(stable_number("ad", piece.id if piece else outlet.id) + turn + changed) % len(choices)])
