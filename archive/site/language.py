"""The site's own words in Kazakh, Russian and English, and how each writes numbers, dates and spans of time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

FOLDER: Final = Path(__file__).parent / "words"
LANGUAGES: Final = ("kk", "ru", "en")
NAMES: Final = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
DEFAULT: Final = "en"
COOKIE: Final = "dauys_lang"

ZONE: Final = ZoneInfo("Asia/Almaty")
"""Times are shown as clocks in Kazakhstan had them (UTC+5 since March 2024); the UTC time stands in the title."""

Text = str | Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts of one language; call it with a key to get a text, its placeholders filled."""

    code: str
    texts: Mapping[str, Text]

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key`; raise KeyError for a key that no catalogue has."""
        text = self.texts[key]
        if not isinstance(text, str):
            raise KeyError(f"{key} has forms for numbers: use count()")
        return text.format_map(values) if values else text

    def count(self, key: str, n: int, **values: object) -> str:
        """Return the text of `key` in the form that `n` asks for, with {n} written as the language writes it."""
        forms = self.texts[key]
        if isinstance(forms, str):
            raise KeyError(f"{key} has one form only")
        form = forms.get(plural(self.code, n), forms["other"])
        return form.format_map(values | {"n": self.number(n)})

    def maybe(self, key: str, otherwise: str) -> str:
        """Return the text of `key`, or `otherwise` where the archive holds a value that no catalogue names."""
        text = self.texts.get(key)
        return text if isinstance(text, str) else otherwise

    def number(self, n: float) -> str:
        """Return a whole number with its thousands set apart: 12,345 in English, 12 345 elsewhere."""
        grouped = f"{n:,.0f}"
        return grouped if self.code == "en" else grouped.replace(",", "\u00a0")

    def percent(self, share: float | None) -> str:
        """Return a share of 0 to 1 as a whole percentage, or a dash."""
        return (
            "–"
            if share is None
            else f"{share * 100:.0f}\u00a0%".replace("\u00a0%", "%" if self.code == "en" else "\u00a0%")
        )

    def day(self, text: str | None) -> str:
        """Return a stored time or date as a day in words, or a dash."""
        if not text:
            return "–"
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(ZONE) if moment.tzinfo else moment
        return self("date.day", day=moment.day, month=self(f"month.{moment.month}"), year=moment.year)

    def moment(self, text: str | None) -> str:
        """Return a stored time as day and minute in Kazakhstan's zone; a plain date stays one."""
        if not text or len(text) <= 10:
            return self.day(text)
        return f"{self.day(text)}, {datetime.fromisoformat(text).astimezone(ZONE):%H:%M}"

    def span(self, minutes: float | None) -> str:
        """Return a length of time in its two largest units, or a dash: 2 h 15 min."""
        if minutes is None:
            return "–"
        total = round(abs(minutes))
        days, hours, rest = total // 1440, total % 1440 // 60, total % 60
        parts = [(days, "span.d"), (hours, "span.h"), (rest, "span.min")]
        while len(parts) > 1 and not parts[0][0]:
            parts.pop(0)
        told = [f"{n}\u00a0{self(unit)}" for n, unit in parts[:2] if n or len(parts) == 1]
        return ("−" if minutes < 0 else "") + " ".join(told)


def plural(code: str, n: int) -> str:
    """Return the CLDR category of a whole number: English one/other, Russian one/few/many, Kazakh other."""
    if code == "en":
        return "one" if n == 1 else "other"
    if code == "ru":
        if n % 10 == 1 and n % 100 != 11:
            return "one"
        return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"
    return "other"


@cache
def words(code: str) -> Words:
    """Return the catalogue of a language."""
    data = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Words(code=code, texts=MappingProxyType(dict(_flat(data))))


def choose(asked: str | None, cookie: str | None, accepted: str | None) -> str:
    """Return the language of a page: the one asked for, else the one kept in the cookie, else the browser's first."""
    for code in (asked, cookie):
        if code in LANGUAGES:
            return str(code)
    return next((code for code in _accepted(accepted or "") if code in LANGUAGES), DEFAULT)


def utc_title(text: str | None) -> str:
    """Return what stands in the title of a shown time: the stored one, to the second."""
    return (
        "" if not text or len(text) <= 10 else f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    )


def _accepted(header: str) -> list[str]:
    """Return the primary languages of an Accept-Language header, the best liked first; bad weights count as none."""
    liked: list[tuple[float, int, str]] = []
    for at, part in enumerate(header[:500].split(",")):
        code, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        liked.append((-quality, at, code.strip().lower().split("-")[0]))
    return [code for quality, _, code in sorted(liked) if quality < 0]


def _flat(data: Mapping[str, object], before: str = "") -> list[tuple[str, Text]]:
    texts: list[tuple[str, Text]] = []
    for name, value in data.items():
        if isinstance(value, str):
            texts.append((before + name, value))
        elif isinstance(value, dict):
            if "other" in value:
                texts.append((before + name, value))
            else:
                texts += _flat(value, f"{before}{name}.")
    return texts
