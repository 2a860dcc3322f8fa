"""Fills an archive with the press of an invented town: a decree that travels, a headline that changes, a removal."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from archive import runs
from archive.db import open_archive, write
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.records import Article, Link, Page, TopicHit
from archive.warc import WarcWriter, folder_of
from pipelines.canonical import url_key
from pipelines.items import Reading
from pipelines.store import Store

START = datetime(2026, 3, 1, 4, tzinfo=UTC)
ALMATY = ZoneInfo("Asia/Almaty")

OUTLETS = (
    ("aqtan", "Ақтаң жаршысы", "state", ("kk", "ru")),
    ("bereg", "Береговой вестник", "private", ("ru",)),
    ("jelken", "Желкен", "private", ("kk",)),
    ("polynya", "Полынья", "foreign", ("ru",)),
    ("lantern", "The Steppe Lantern", "foreign", ("en",)),
)

DECREE = (
    "Глава государства подписал указ о проведении республиканского референдума по проекту новой Конституции. "
    "Голосование назначено на пятнадцатое марта, участки откроются в семь часов утра.\n"
    "Документ поручает центральной комиссии подготовить бюллетени на двух языках, а акимам обеспечить помещения "
    "и связь. Контроль за исполнением указа возложен на администрацию, он вступает в силу со дня подписания."
)
DECREE_KK = (
    "Мемлекет басшысы жаңа Конституция жобасы бойынша республикалық референдум өткізу туралы жарлыққа қол қойды. "
    "Дауыс беру он бесінші наурызға белгіленді, учаскелер таңғы сағат жетіде ашылады.\n"
    "Құжатта орталық комиссияға бюллетеньдерді екі тілде дайындау, ал әкімдерге үй-жай мен байланысты қамтамасыз ету "
    "тапсырылған. Жарлық қол қойылған күннен бастап күшіне енеді, орындалуын әкімшілік бақылайды."
)
CHANGED = ("Комиссия опровергла сбой при печати бюллетеней", "Комиссия признала сбой при печати бюллетеней")
CHANGED_TEXT = (
    "Типография остановила печать на два часа из-за неисправности, рассказал инженер смены Дархан Ильин. "
    "Тираж, по его словам, не пострадал, а проверку провели в тот же вечер в присутствии наблюдателей."
)
REMOVED = "Accountant of the polling station resigns"
HOSTILE = '<script>alert("референдум")</script> & <b>жирный</b> \' заголовок'

SENTENCES = {
    "ru": (
        "На участке номер {n} проверили {thing}, референдум пройдёт без переносов.",
        "Жители улицы {place} спросили, где получить приглашение на референдум.",
        "В библиотеке {place} открыли выставку о прежних конституциях, пришло {n} человек.",
        "Автобусы до {place} в день голосования пойдут каждые {n} минут, обещает перевозчик.",
        "Председатель комиссии {name} напомнил, что {thing} привезут накануне вечером.",
        "Школьники из {place} нарисовали плакаты, лучший выбирал учитель {name}.",
    ),
    "kk": (
        "{n}-учаскеде {thing} тексерілді, референдум кейінге қалмайды.",
        "{place} көшесінің тұрғындары референдумға шақыру қайдан алынатынын сұрады.",
        "{place} кітапханасында бұрынғы конституциялар көрмесі ашылды, {n} адам келді.",
        "Дауыс беру күні {place} бағытындағы автобус әр {n} минут сайын жүреді.",
        "Комиссия төрағасы {name} {thing} кешке жеткізілетінін айтты.",
        "{place} оқушылары плакат салды, үздігін мұғалім {name} таңдады.",
    ),
    "en": (
        "Officials at station {n} checked the {thing}; the referendum will not be moved.",
        "Residents of {place} street asked where to collect their invitations to the referendum.",
        "The library of {place} opened a show about earlier constitutions, {n} people came.",
        "Buses to {place} will run every {n} minutes on polling day, the carrier promises.",
        "The chair of the commission, {name}, said the {thing} would arrive on the eve.",
        "Pupils of {place} drew posters and a teacher, {name}, chose the best of them.",
    ),
}
FILLS = {
    "ru": (
        ("урны", "кабины", "списки", "печати"),
        ("Заречная", "Тополиная", "Кленовая", "Портовая"),
        ("Асанов", "Кравец"),
    ),
    "kk": (("жәшіктер", "кабиналар", "тізімдер", "мөрлер"), ("Арай", "Теректі", "Қайыңды", "Айлақ"), ("Асан", "Сәуле")),
    "en": (("boxes", "booths", "lists", "seals"), ("Poplar", "Maple", "Harbour", "Mill"), ("Asan", "Morrow")),
}
HEADLINES = {
    "ru": ("Референдум: что решили на улице {place}", "Как {place} готовится к голосованию, день {n}"),
    "kk": ("Референдум: {place} тұрғындары не шешті", "{place} дауыс беруге қалай дайындалуда, {n}-күн"),
    "en": ("Referendum: what {place} street decided", "How {place} prepares for the vote, day {n}"),
}


class Desk:
    """Stores articles as a crawl would, at any moment of the invented March."""

    def __init__(self, archive: Path) -> None:
        self.db = open_archive(archive)
        self.frontier = Frontier(self.db)
        for source, name, kind, languages in OUTLETS:
            home = f"https://{source}.example/"
            self.frontier.register(
                SourceRow(
                    id=source,
                    name=name,
                    homepage=home,
                    languages=languages,
                    country="GB" if source == "lantern" else "KZ",
                    kind=kind,  # type: ignore[arg-type]
                ),
                [EntryRow(url=home + "rss", kind="feed"), EntryRow(url=home + "news", kind="section")],
            )
        self.captures = WarcWriter(folder_of(archive), "press", clock=lambda: START)
        self.store = Store(self.db, self.captures, extractor="press 1")

    def close(self) -> None:
        self.captures.close()
        self.db.close()

    def put(
        self,
        source: str,
        path: str,
        title: str,
        text: str,
        at: datetime,
        *,
        seen: datetime | None = None,
        language: str = "ru",
        **more: object,
    ) -> int:
        """Store a page and return its article's number."""
        url = f"https://{source}.example/news/{path}"
        seen = seen or at + timedelta(minutes=20)
        self.frontier.add(source, {url_key(url): Link(url=url, found_in=f"https://{source}.example/rss")}, at=seen)
        link = self.frontier.link(url)
        assert link is not None
        article = Article(
            url=url,
            canonical_url=url,
            title=title,
            text=text,
            language=language,
            script="Latn" if language == "en" else "Cyrl",
            published_at=at.astimezone(ALMATY),
            published_precision="minute",
            published_from="json-ld",
            authors=("Сәуле Жан",) if language == "kk" else (),
            section="Қоғам" if language == "kk" else None,
        )
        article = replace(article, **more)  # type: ignore[arg-type]
        words = ("референдум", "конституция") if language != "en" else ("referendum", "constitution")
        terms = {word: n for word in words if (n := f"{title} {text}".lower().count(word))}
        hits = (TopicHit(topic_id="referendum-2026", score=2.0 + sum(terms.values()), terms=terms, in_title=True),)
        page = Page(url=url, fetched_at=seen, body=f"<h1>{title}</h1>{text}".encode(), source_id=source)
        outcome = self.store.put(Reading(page=page, link=link, article=article, hits=hits))
        assert outcome.article_id is not None
        return outcome.article_id


def fill(archive: Path) -> dict[str, int]:
    """Make the archive and return the numbers of the articles that tests ask for."""
    desk = Desk(archive)
    known = {"decree": desk.put("aqtan", "ukaz", "Подписан указ о референдуме", DECREE, START)}
    for n, (source, hours, title, tail) in enumerate(
        (
            ("bereg", 0.4, "Указ о референдуме подписан: что в нём", ""),
            ("polynya", 3.2, "Референдум назначен на 15 марта", "\nПодробности уточняются."),
            ("bereg", 26.0, "Ещё раз: текст указа о референдуме", ""),
        )
    ):
        known[f"copy{n}"] = desk.put(source, f"ukaz-{n}", title, DECREE + tail, START + timedelta(hours=hours))
    known["decree_kk"] = desk.put(
        "aqtan", "jarlyq", "Референдум туралы жарлыққа қол қойылды", DECREE_KK, START, language="kk"
    )
    desk.put("jelken", "jarlyq", "Жарлық: референдум 15 наурызда", DECREE_KK, START + timedelta(hours=1), language="kk")
    known["changed"] = _changed(desk)
    known["removed"] = _removed(desk)
    known["hostile"] = desk.put(
        "bereg", "hostile", HOSTILE, f"Текст про референдум: {HOSTILE} — и ничего больше не произошло в этот день.",
        START + timedelta(days=3), authors=("<i>Автор</i>",),
    )  # fmt: skip
    _everyday(desk)
    with write(desk.db):
        # what only a damaged or foreign archive would hold
        desk.db.execute("update articles set found_in = 'javascript:alert(1)' where id = ?", [known["hostile"]])
        desk.db.execute(
            "update entries set last_ok_at = '2026-03-14T06:00:00Z', last_new_at = '2026-03-14T06:00:00Z'"
            " where kind = 'feed'"
        )
        desk.db.execute("update entries set failures = 3, last_error = 'HTTP 503' where source_id = 'polynya'")
    for source, *_ in OUTLETS:
        run = runs.begin(desk.db, source, START + timedelta(days=12))
        runs.end(
            desk.db, run, at=START + timedelta(days=12, minutes=1), outcome="ok", reason=None, counters={"pages": 8}
        )
    desk.close()
    return known


def _changed(desk: Desk) -> int:
    at = START + timedelta(days=5)
    desk.put("bereg", "pechat", CHANGED[0], CHANGED_TEXT, at)
    later = at + timedelta(hours=4)
    # the pages of the first sight and of the second are one address
    return desk.put(
        "bereg", "pechat", CHANGED[1], CHANGED_TEXT.replace("не пострадал", "пришлось допечатать"), at, seen=later
    )


def _removed(desk: Desk) -> int:
    at = START + timedelta(days=6)
    text = (
        "The accountant of a polling station in Maple street resigned on Saturday, a week before the referendum, "
        "and left a letter on the table of the commission, which its chair declined to read to the reporters."
    )
    article = desk.put("lantern", "accountant", REMOVED, text, at, language="en")
    for hours in (10, 12):
        link = desk.frontier.link("https://lantern.example/news/accountant")
        assert link is not None
        desk.store.absent(link, "404", at + timedelta(hours=hours))
    return article


def _everyday(desk: Desk) -> None:
    chance = random.Random(15)
    plan = [("aqtan", "kk"), ("bereg", "ru"), ("jelken", "kk"), ("polynya", "ru"), ("lantern", "en")]
    for n in range(40):
        source, language = plan[n % len(plan)]
        things, places, people = FILLS[language]

        def some(language: str = language, fills: tuple[tuple[str, ...], ...] = (things, places, people)) -> str:
            thing, place, name = (chance.choice(choices) for choices in fills)
            return chance.choice(SENTENCES[language]).format(
                n=chance.randint(12, 98), thing=thing, place=place, name=name
            )

        title = chance.choice(HEADLINES[language]).format(place=chance.choice(places), n=n % 14 + 1)
        text = "\n".join(" ".join(some() for _ in range(3)) for _ in range(3))
        desk.put(
            source, f"day-{n}", title, text, START + timedelta(days=n * 13 // 40, hours=chance.randint(0, 9)),
            language=language,
        )  # fmt: skip
