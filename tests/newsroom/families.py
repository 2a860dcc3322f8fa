"""Families: notices of one wording with other numbers or other names, which no one has copied from anyone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .model import stable_number
from .texts.slots import TOWNS, day, grouped, kk_case


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One member of a family, before it becomes a piece. `when` is aware."""

    outlet: str
    language: str
    family: str
    on_topic: bool
    when: datetime
    title: str
    paragraphs: tuple[str, ...]


ALMATY = ZoneInfo("Asia/Almaty")
VOTE = datetime(2026, 3, 15, tzinfo=ALMATY)
HOURS = (10, 12, 14, 16, 18, 20)
SHARES = (1731, 3104, 4377, 5562, 6618, 7159)
"""Turnout at those hours, hundredths of a per cent; invented on the way to the reported 73.12."""


def _turnout() -> Iterator[Notice]:
    for hour, share in zip(HOURS, SHARES, strict=True):
        percent = f"{share // 100},{share % 100:02d}"
        people = 12_482_613 * share // 10_000
        when = VOTE + timedelta(hours=hour, minutes=25)
        yield Notice(
            outlet="hronograf", language="ru", family="turnout-ru", on_topic=True, when=when,
            title=f"Явка на референдуме к {hour}:00 составила {percent} процента",
            paragraphs=(
                f"По состоянию на {hour}:00 в республиканском референдуме по новой Конституции приняли участие "
                f"{grouped('ru', people)} избирателя, или {percent} процента внесённых в списки, сообщила Центральная "
                "комиссия референдума.",
                f"Самый высокий показатель отмечен в Жетысуской области — {share // 100 + 9},{share % 7}4 процента, "
                f"самый низкий в Алматы — {share // 200 + 4},{share % 9}1 процента. Следующую сводку комиссия "
                "огласит через два часа, голосование продолжается до 20:00.",
                "Сведения о ходе голосования поступают из областей по защищённой сети и по телефону, сводят их "
                "дежурные в зале комиссии. Данные участков за рубежом учитываются отдельной строкой, по местному "
                "времени стран пребывания.",
            ),
        )  # fmt: skip
        yield Notice(
            outlet="boztorgai", language="kk", family="turnout-kk", on_topic=True, when=when + timedelta(minutes=6),
            title=f"Сағат {hour}:00-де референдумға сайлаушылардың {percent} пайызы қатысты",
            paragraphs=(
                f"Сағат {hour}:00-дегі мәлімет бойынша, жаңа Конституция жөніндегі республикалық референдумда "
                f"{grouped('kk', people)} адам дауыс берді, бұл тізімге енгендердің {percent} пайызы, деп хабарлады "
                "Орталық референдум комиссиясы.",
                f"Ең жоғары көрсеткіш Жетісу облысында — {share // 100 + 9},{share % 7}4 пайыз, ең төмені Алматыда — "
                f"{share // 200 + 4},{share % 9}1 пайыз. Келесі мәлімет екі сағаттан соң жарияланады, дауыс беру "
                "20:00-де аяқталады.",
                "Дауыс беру барысы туралы мәлімет облыстардан қорғалған желімен және телефонмен келіп, комиссия "
                "залында жинақталады. Шетелдегі учаскелердің дерегі сол елдердің уақытымен бөлек жолда көрсетіледі.",
            ),
        )  # fmt: skip


def _regions() -> Iterator[Notice]:
    for number, (area, share) in enumerate(
        (("Абай", 7412), ("Ақмола", 7230), ("Жамбыл", 8105), ("Қостанай", 7018), ("Ұлытау", 7903))
    ):
        percent = f"{share // 100},{share % 100:02d}"
        yield Notice(
            outlet="tumar", language="kk", family="region-turnout-kk", on_topic=True,
            when=VOTE + timedelta(hours=21, minutes=11 + number * 4),
            title=f"{area} облысында референдумға қатысу көрсеткіші — {percent} пайыз",
            paragraphs=(
                f"{area} облысында республикалық референдум учаскелері 20:00-де жабылды. Аумақтық комиссияның алдын "
                f"ала мәліметінше, дауыс беруге сайлаушылардың {percent} пайызы қатысты.",
                f"Облыста {grouped('kk', 300 + share % 400)} учаске жұмыс істеді, шетелге шыққандар есептен "
                "шығарылды. Бюллетеньдерді санау басталды, хаттамалар Орталық референдум комиссиясына жіберіледі.",
                "Жаңа Конституция бойынша дауыс беру күні учаскелерде байқаушылар мен журналистер болды, тасымалды "
                "жәшіктер үйінен шыға алмайтындарға апарылды. Қорытынды мәлімет дүйсенбіде жарияланады.",
            ),
        )  # fmt: skip


def _stations() -> Iterator[Notice]:
    names_ru = ("Токжан Ескали", "Марат Шокпар", "Сауле Тлеухан", "Данияр Койлыбай", "Ольга Нурсеит")
    names_kk = ("Тоқжан Есқали", "Марат Шоқпар", "Сәуле Тілеухан", "Данияр Қойлыбай", "Ольга Нұрсейіт")
    for number in range(5):
        kk, ru, _ = TOWNS[number + 3]
        when = datetime(2026, 3, 4 + number, 9 + number, 14, tzinfo=ALMATY)
        yield Notice(
            outlet="moiyntal", language="ru", family="station-ru", on_topic=True, when=when,
            title=f"В {ru}е открылся участок референдума",
            paragraphs=(
                f"В селе {ru} открылся участок республиканского референдума. Он разместился в здании средней школы, "
                "вход со двора. Председателем участковой комиссии утверждена "
                f"{names_ru[number]}, сообщили в районном акимате.",
                "На участке можно проверить себя в списках избирателей и подать заявление о голосовании на дому. "
                "Комиссия работает ежедневно с девяти утра до шести вечера, перерыв с часу до двух.",
                "Голосование по новой Конституции пройдёт 15 марта с семи утра до восьми вечера. При себе нужно иметь "
                "удостоверение личности; тем, кто болен, привезут переносную урну, если они попросят об этом заранее.",
            ),
        )  # fmt: skip
        yield Notice(
            outlet="telkol", language="kk", family="station-kk", on_topic=True, when=when + timedelta(hours=2),
            title=f"{kk_case(kk, 'loc')} референдум учаскесі ашылды",
            paragraphs=(
                f"{kk} ауылында республикалық референдум учаскесі ашылды. Ол орта мектептің ғимаратына орналасты, "
                f"есігі аула жақта. Учаскелік комиссияның төрағасы болып {names_kk[number]} бекітілді, деп хабарлады "
                "аудан әкімдігі.",
                "Учаскеде сайлаушылар тізімінен өзін тексеруге, үйде дауыс беруге өтініш қалдыруға болады. Комиссия "
                "күн сайын таңғы тоғыздан кешкі алтыға дейін жұмыс істейді, үзіліс бірден екіге дейін.",
                "Жаңа Конституция бойынша дауыс беру 15 наурызда таңғы жетіден кешкі сегізге дейін өтеді. Жеке куәлік "
                "алып келу керек; ауырып жатқандарға, алдын ала сұраса, тасымалды жәшік апарылады.",
            ),
        )  # fmt: skip


def _weather() -> Iterator[Notice]:
    for number in range(5):
        when = datetime(2026, 2, 26, 7, 5, tzinfo=ALMATY) + timedelta(days=number if number < 3 else number + 10)
        seed = stable_number("weather", number)
        night, noon, wind = 8 + seed % 11, 1 + seed % 6, 3 + seed % 9
        yield Notice(
            outlet="pribrezh", language="ru", family="weather-ru", on_topic=False, when=when,
            title=f"Погода на {day('ru', when)}: до {night} градусов мороза",
            paragraphs=(
                f"На побережье {day('ru', when)} ожидается переменная облачность. Ночью столбик термометра опустится "
                f"до минус {night} градусов, днём поднимется до минус {noon}.",
                f"Ветер северо-восточный, {wind}–{wind + 5} метров в секунду, местами позёмок. На дорогах гололедица, "
                "синоптики просят водителей не менять зимнюю резину раньше времени.",
                "Лёд у берега держит человека, но не машину: рыбаков спасатели пускают только пешком и до полудня. "
                "Уровень воды у пирса за сутки не изменился, видимость хорошая, паром стоит до весны.",
            ),
        )  # fmt: skip
        yield Notice(
            outlet="telkol", language="kk", family="weather-kk", on_topic=False, when=when + timedelta(minutes=50),
            title=f"{day('kk', when).capitalize()} күнгі ауа райы: {night} градусқа дейін аяз",
            paragraphs=(
                f"Өңірде {day('kk', when)} күні ауыспалы бұлтты болады. Түнде ауа температурасы {night} градус аязға "
                f"дейін төмендеп, күндіз {noon} градусқа көтеріледі.",
                f"Солтүстік-шығыстан секундына {wind}–{wind + 5} метр жел соғады, кей жерде жаяу бұрқасын. Жолда "
                "көктайғақ, синоптиктер жүргізушілерден қысқы дөңгелекті ерте ауыстырмауды сұрайды.",
                "Мал бағушыларға түнде қораны жабық ұстау, жас төлді далаға шығармау ұсынылады. Облысаралық жолдар "
                "ашық, асудағы көлік қозғалысы күндіз ғана рұқсат етілген.",
            ),
        )  # fmt: skip


def _currency() -> Iterator[Notice]:
    for number in range(4):
        when = datetime(2026, 3, 2 + number * 3, 17, 31, tzinfo=ALMATY)
        seed = stable_number("currency", number)
        dollar, euro = f"{500 + seed % 19},{seed % 90 + 10}", f"{585 + seed % 15},{seed % 80 + 11}"
        yield Notice(
            outlet="moiyntal", language="ru", family="currency-ru", on_topic=False, when=when,
            title=f"Курсы валют на {day('ru', when)}: доллар {dollar} тенге",
            paragraphs=(
                f"По итогам утренней сессии средневзвешенный курс доллара сложился на отметке {dollar} тенге, евро — "
                f"{euro} тенге.",
                f"В обменных пунктах города доллар продают на {seed % 4 + 2} тенге дороже биржевого курса, покупают "
                "на столько же дешевле; очередей кассиры не замечают.",
                "Объём торгов на бирже оказался близок к среднему за месяц. Аналитики связывают движение курса с "
                "ценой нефти и налоговой неделей, а тем, кто копит на отпуск, советуют не гадать и не спешить.",
            ),
        )  # fmt: skip
        yield Notice(
            outlet="tumar", language="kk", family="currency-kk", on_topic=False, when=when + timedelta(minutes=20),
            title=f"{day('kk', when).capitalize()} күнгі валюта бағамы: доллар {dollar} теңге",
            paragraphs=(
                f"Таңғы сессияның қорытындысы бойынша доллардың орташа бағамы {dollar} теңге, еуро {euro} теңге болды.",
                f"Айырбас орындарында доллар биржа бағамынан {seed % 4 + 2} теңгеге қымбат сатылып, сондай арзанға "
                "алынады; кассирлер кезек жоқ дейді.",
                "Биржадағы сауда көлемі айлық орташа деңгейге жақын болды. Сарапшылар бағамның қозғалысын мұнай "
                "бағасы мен салық аптасынан көреді, демалысқа жинап жүргендерге асықпауды айтады.",
            ),
        )  # fmt: skip


def _power_cuts() -> Iterator[Notice]:
    streets = ("Степная", "Элеваторная", "Рыбацкая", "Вокзальная")
    for number, street in enumerate(streets):
        when = datetime(2026, 3, 3 + number * 4, 16, 2, tzinfo=ALMATY)
        yield Notice(
            outlet="pribrezh", language="ru", family="power-cut-ru", on_topic=False, when=when,
            title=f"Свет отключат на улице {street}",
            paragraphs=(
                f"Завтра с девяти до пятнадцати часов на улице {street} отключат электричество: бригада меняет опоры и "
                f"подтягивает провода. Без света останутся дома с {number * 6 + 1} по {number * 8 + 21}.",
                "Районные сети просят заранее набрать воду, выключить из розеток холодильники и не подходить к "
                "лежащим проводам. Дежурный диспетчер отвечает круглосуточно.",
                "Работы перенесут, если поднимется ветер сильнее двенадцати метров в секунду. Школа и фельдшерский "
                "пункт останутся на резервной линии, уличное освещение включат в обычное время.",
            ),
        )  # fmt: skip


def notices() -> list[Notice]:
    """Return every member of every family."""
    return [*_turnout(), *_regions(), *_stations(), *_weather(), *_currency(), *_power_cuts()]
