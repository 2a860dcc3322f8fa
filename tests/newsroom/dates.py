"""How the outlets write dates: the twelve shapes met on real sites, each with the name the ledger uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

RU_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
KK_MONTHS = (
    "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша",
    "желтоқсан",
)  # fmt: skip
EN_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def ru_day(when: datetime) -> str:
    """Return '15 марта'."""
    return f"{when.day} {RU_MONTHS[when.month - 1]}"


def kk_day(when: datetime) -> str:
    """Return '15 наурыз'."""
    return f"{when.day} {KK_MONTHS[when.month - 1]}"


def _ru_long(when: datetime, now: datetime) -> str:
    return f"{ru_day(when)} {when.year} {when:%H:%M}"


def _ru_relative(when: datetime, now: datetime) -> str:
    days = (now.date() - when.date()).days
    if days == 0:
        return f"Сегодня, {when:%H:%M}"
    return f"Вчера, {when:%H:%M}" if days == 1 else _ru_long(when, now)


def _kk_relative(when: datetime, now: datetime) -> str:
    # The і of 'Бүгiн' is the Latin letter, as it is met on a real site.
    days = (now.date() - when.date()).days
    word = {0: "Бүгiн", 1: "Кеше"}.get(days)
    return f"{word} {when.year}, {when:%H:%M}" if word else f"{kk_day(when).title()} {when.year}, {when:%H:%M}"


def _kk_gmt(when: datetime, now: datetime) -> str:
    hours = int((when.utcoffset() or when - when).total_seconds() // 3600)
    return f"{when:%H:%M}, {when.day} {KK_MONTHS[when.month - 1].title()} {when.year} | GMT +{hours}"


def _iso(when: datetime, now: datetime) -> str:
    return when.isoformat(timespec="seconds")


STYLES: dict[str, Callable[[datetime, datetime], str]] = {
    "ru-long": _ru_long,  # 15 апреля 2024 11:22
    "ru-relative": _ru_relative,  # Сегодня, 02:47
    "time-first": lambda when, now: f"{when:%H:%M %d.%m.%Y}",  # 13:32 31.01.2022
    "caption": lambda when, now: f"{when:%d.%m.%Y %H:%M}",  # 15.03.2026 16:22, inside a photo caption
    "kk-gmt": _kk_gmt,  # 18:10, 12 Ақпан 2026 | GMT +5
    "kk-day": lambda when, now: f"{when.day} {KK_MONTHS[when.month - 1].title()} {when.year}",  # 11 Ақпан 2026
    "kk-year-first": lambda when, now: f"{when.year} жылғы {kk_day(when)}",  # 2026 жылғы 11 ақпан
    "kk-relative": _kk_relative,  # Бүгiн 2026, 15:52
    "numeric-comma": lambda when, now: f"{when:%d.%m.%Y, %H:%M}",  # 11.02.2026, 18:02
    "ru-at": lambda when, now: f"{ru_day(when)} {when.year} в {when:%H:%M}",  # 11 февраля 2026 в 16:53
    "time-first-ticker": lambda when, now: f"{when:%H:%M %d.%m.%Y}",  # 12:58 06.10.2024 beside a ticker of dates
    "iso": _iso,  # 2024-04-18T10:35:00+05:00
    "en-long": lambda when, now: f"{when.day} {EN_MONTHS[when.month - 1]} {when.year}, {when:%H:%M}",
}
DAY_ONLY = frozenset({"kk-day", "kk-year-first"})
"""Styles that tell no time of day."""


def written(style: str, when: datetime, now: datetime) -> str:
    """Return `when` as `style` writes it; both times aware and in the outlet's zone."""
    return STYLES[style](when, now)
