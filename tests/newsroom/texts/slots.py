"""Fills the places in the material: invented settlements and people, numbers, days, in three languages' grammar."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta

from ..dates import EN_MONTHS, kk_day, ru_day

TOWNS = (
    ("Аққайнар", "Аккайнар", "Akkainar"), ("Бестоғай", "Бестогай", "Bestogai"),
    ("Қызылқұдық", "Кызылкудук", "Kyzylkuduk"), ("Телқоңыр", "Телконыр", "Telkonyr"),
    ("Үштерек", "Уштерек", "Ushterek"), ("Кеңжар", "Кенжар", "Kenzhar"), ("Мойынтал", "Мойынтал", "Moiyntal"),
    ("Жарбұлақ", "Жарбулак", "Zharbulak"), ("Шиеліжар", "Шиелижар", "Shielizhar"),
    ("Тасөткел", "Тасоткел", "Tasotkel"), ("Көкдомбақ", "Кокдомбак", "Kokdombak"),
    ("Ескіарал", "Ескиарал", "Eskiaral"), ("Сұлукөз", "Сулукоз", "Sulukoz"), ("Қарақат", "Каракат", "Karakat"),
    ("Бөріжар", "Борижар", "Borizhar"), ("Найзақұм", "Найзакум", "Naizakum"),
)  # fmt: skip
REGIONS = (
    ("Абай", "Абайск", "Abai"), ("Ақмола", "Акмолинск", "Akmola"), ("Жетісу", "Жетысуск", "Zhetisu"),
    ("Ұлытау", "Улытауск", "Ulytau"), ("Павлодар", "Павлодарск", "Pavlodar"), ("Қостанай", "Костанайск", "Kostanay"),
    ("Түркістан", "Туркестанск", "Turkistan"), ("Жамбыл", "Жамбылск", "Zhambyl"), ("Атырау", "Атырауск", "Atyrau"),
    ("Маңғыстау", "Мангистауск", "Mangystau"),
)  # fmt: skip
MEN = (
    ("Ерлан", "Ерлан", "Erlan"), ("Бауыржан", "Бауыржан", "Bauyrzhan"), ("Сәкен", "Сакен", "Saken"),
    ("Марат", "Марат", "Marat"), ("Тимур", "Тимур", "Timur"), ("Қайрат", "Кайрат", "Kairat"),
    ("Олжас", "Олжас", "Olzhas"), ("Данияр", "Данияр", "Daniyar"), ("Виктор", "Виктор", "Viktor"),
    ("Рүстем", "Рустем", "Rustem"), ("Аян", "Аян", "Ayan"), ("Жомарт", "Жомарт", "Zhomart"),
)  # fmt: skip
WOMEN = (
    ("Айгүл", "Айгуль", "Aigul"), ("Динара", "Динара", "Dinara"), ("Гүлнар", "Гульнар", "Gulnar"),
    ("Сәуле", "Сауле", "Saule"), ("Мәдина", "Мадина", "Madina"), ("Жанар", "Жанар", "Zhanar"),
    ("Ольга", "Ольга", "Olga"), ("Бақыт", "Бакыт", "Bakyt"), ("Тоқжан", "Токжан", "Tokzhan"),
    ("Зүлфия", "Зульфия", "Zulfiya"),
)  # fmt: skip
SURNAMES = (
    ("Сейітжан", "Сеитжан", "Seitzhan"), ("Төлебек", "Толебек", "Tolebek"), ("Ақжігіт", "Акжигит", "Akzhigit"),
    ("Дәулетқали", "Даулеткали", "Dauletkali"), ("Оразтай", "Оразтай", "Oraztai"), ("Бекмырза", "Бекмырза", "Bekmyrza"),
    ("Құлмағамбет", "Кулмагамбет", "Kulmagambet"), ("Жансүгір", "Жансугур", "Zhansugir"),
    ("Есқали", "Ескали", "Eskali"), ("Тілеухан", "Тлеухан", "Tleukhan"), ("Мұқатай", "Мукатай", "Mukatai"),
    ("Шоқпар", "Шокпар", "Shokpar"), ("Қойлыбай", "Койлыбай", "Koilybai"), ("Нұрсейіт", "Нурсеит", "Nurseit"),
    ("Алдияр", "Алдияр", "Aldiyar"), ("Рақымжан", "Ракимжан", "Rakymzhan"),
)  # fmt: skip
COLUMN = {"kk": 0, "ru": 1, "en": 2}
BACK_VOWELS, FRONT_VOWELS = "аоұыуяё", "әөүіеиэ"
VOICELESS, NASAL = "пқктсшфхцчщһ", "мнң"


def kk_case(word: str, case: str) -> str:
    """Return a Kazakh noun in a case ('gen', 'loc', 'dat', 'abl', 'adj') by vowel harmony and assimilation."""
    last_vowel = next((letter for letter in reversed(word.lower()) if letter in BACK_VOWELS + FRONT_VOWELS), "а")
    back, last = last_vowel in BACK_VOWELS, word[-1].lower()
    hard = last in VOICELESS
    if case == "gen":
        start = "т" if hard else "н" if last in NASAL + BACK_VOWELS + FRONT_VOWELS and last != "у" else "д"
        return word + start + ("ың" if back else "ің")
    if case == "dat":
        return word + (("қа" if back else "ке") if hard else ("ға" if back else "ге"))
    if case == "abl":
        return word + ("т" if hard else "н" if last in NASAL else "д") + ("ан" if back else "ен")
    located = word + ("т" if hard else "д") + ("а" if back else "е")
    return located if case == "loc" else located + ("ғы" if back else "гі")


def _place(language: str, town: tuple[str, str, str], region: tuple[str, str, str]) -> dict[str, str]:
    name, area = town[COLUMN[language]], region[COLUMN[language]]
    if language == "kk":
        cases = {f"town_{case}": kk_case(name, case) for case in ("gen", "loc", "dat", "abl", "adj")}
        return cases | {
            "town": name,
            "region": f"{area} облысы",
            "region_loc": f"{area} облысында",
            "region_gen": f"{area} облысының",
        }
    if language == "ru":
        return {
            "town": name,
            "town_gen": name.removesuffix("й") + ("я" if name.endswith("й") else "а"),
            "town_loc": name.removesuffix("й") + "е",
            "region": area + "ая область",
            "region_loc": area + "ой области",
            "region_gen": area + "ой области",
        }
    return {"town": name, "region": f"{area} region"}


def day(language: str, when: datetime) -> str:
    """Return a day without its year: '15 марта', '15 наурыз', '15 March'."""
    if language == "en":
        return f"{when.day} {EN_MONTHS[when.month - 1]}"
    return kk_day(when) if language == "kk" else ru_day(when)


def grouped(language: str, number: int) -> str:
    """Return a number with its thousands set apart as the language does."""
    return f"{number:,}" if language == "en" else f"{number:,}".replace(",", " ")


class Filler:
    """Fills templates for one article: the place stays the same throughout, people and numbers change by paragraph."""

    def __init__(self, language: str, rng: random.Random, when: datetime, town: str | None = None) -> None:
        self.language, self.rng, self.when = language, rng, when
        chosen = next((row for row in TOWNS if town in row), None) or rng.choice(TOWNS)
        self.place = _place(language, chosen, rng.choice(REGIONS))

    def scope(self) -> dict[str, str]:
        """Return fresh values for one paragraph."""
        rng, language, column = self.rng, self.language, COLUMN[self.language]
        # Counts end in 0 or 5-9, so that the Russian genitive plural after them is right.
        many = [number for number in range(15, 300) if number % 10 in (0, 5, 6, 7, 8, 9)]
        few = [number for number in range(5, 30) if number % 10 in (0, 5, 6, 7, 8, 9) or 10 < number < 15]
        surname = rng.choice(SURNAMES)[column]
        man, woman = rng.choice(MEN)[column], rng.choice(WOMEN)[column]
        person = rng.choice((man, woman))
        percent = f"{rng.randint(11, 78)}.{rng.randint(1, 9)}"
        return self.place | {
            "man": f"{man} {surname}",
            "woman": f"{woman} {surname}",
            "p": f"{person} {surname}",
            "n": str(rng.choice(many)),
            "n2": str(rng.choice(few)),
            "k": grouped(language, rng.randint(110, 970) * 10 + 5),
            "pct": percent if language == "en" else percent.replace(".", ","),
            "day": day(language, self._later(rng.randint(2, 9))),
            "today": day(language, self.when),
        }

    def _later(self, days: int) -> datetime:
        # No roadwork ends on the day of the vote: that would be a word of the topic where none is meant.
        later = self.when + timedelta(days=days)
        return later + timedelta(days=(later.month, later.day) == (3, 15))

    def fill(self, template: str, scope: dict[str, str] | None = None) -> str:
        """Return the template with its choices made and its places filled."""
        chosen = re.sub(r"\[([^\[\]]*)\]", lambda match: self.rng.choice(match[1].split("|")), template)
        text = chosen.format_map(self.scope() if scope is None else scope)
        return text[:1].upper() + text[1:]
