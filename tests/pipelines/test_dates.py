"""Dates as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.calendar_words import MONTHS, month_of
from pipelines.dates import locate_stamps, plausible, read_stamp

ALMATY = ZoneInfo("Asia/Almaty")
NOW = datetime(2026, 2, 23, 18, 0, tzinfo=ALMATY)


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("15 апреля 2024 11:22", "2024-04-15T11:22:00+05:00", "minute"),
        ("Сегодня, 02:47", "2026-02-23T02:47:00+05:00", "minute"),
        ("13:32 31.01.2022", "2022-01-31T13:32:00+06:00", "minute"),
        ("18:10, 12 Ақпан 2026 | GMT +5", "2026-02-12T18:10:00+05:00", "minute"),
        ("11 Ақпан 2026", "2026-02-11T00:00:00+05:00", "day"),
        ("2026 жылғы 11 ақпан", "2026-02-11T00:00:00+05:00", "day"),
        ("Бүгiн 2026, 15:52", "2026-02-23T15:52:00+05:00", "minute"),
        ("11.02.2026, 18:02", "2026-02-11T18:02:00+05:00", "minute"),
        ("11 февраля 2026 в 16:53", "2026-02-11T16:53:00+05:00", "minute"),
        ("12:58 06.10.2024", "2024-10-06T12:58:00+05:00", "minute"),
        ("2024-04-18T10:35:00+05:00", "2024-04-18T10:35:00+05:00", "second"),
        ("Вчера в 23:10", "2026-02-22T23:10:00+05:00", "minute"),
        ("Кеше, 10:00", "2026-02-22T10:00:00+05:00", "minute"),
        ("Опубликовано: 3 марта 2025 г., 9:05", "2025-03-03T09:05:00+05:00", "minute"),
        ("Февраль 3, 2025", "2025-02-03T00:00:00+05:00", "day"),
        ("05 сент. 2025, 07:30", "2025-09-05T07:30:00+05:00", "minute"),
        ("2025 жылдың 7 желтоқсаны, 12:01", "2025-12-07T12:01:00+05:00", "minute"),
        ("7 jeltoqsan 2025", "2025-12-07T00:00:00+05:00", "day"),
        ("10 ақпан, 11:20", "2026-02-10T11:20:00+05:00", "minute"),
        ("30 декабря, 11:20", "2025-12-30T11:20:00+05:00", "minute"),
        ("12 мая 2021 г. 11:22 (МСК)", "2021-05-12T11:22:00+03:00", "minute"),
        ("15 мин назад", "2026-02-23T17:45:00+05:00", "minute"),
        ("2 күн бұрын", "2026-02-21T00:00:00+05:00", "day"),
        ("March 3rd, 2020 at 3:04 PM", "2020-03-03T15:04:00+06:00", "minute"),
        ("Tue, 10 Mar 2026 07:00:00 +0500", "2026-03-10T07:00:00+05:00", "second"),
        ("Thu Jan 02 2020 10:12:00 GMT+0000", "2020-01-02T10:12:00+00:00", "second"),
        ("2020-01-03T10:00:00.123Z", "2020-01-03T10:00:00+00:00", "second"),
        ("2020-01-03 00:00:00", "2020-01-03T00:00:00+06:00", "day"),
        ("20200103T101500", "2020-01-03T10:15:00+06:00", "second"),
        ("1612345678", "2021-02-03T09:47:58+00:00", "second"),
    ],
)
def test_formats(text: str, expected: str, precision: str) -> None:
    """Each format gives its moment with the offset of its time, not of today, and no more exactness than it has."""
    stamp = read_stamp(text, zone=ALMATY, now=NOW)
    assert stamp is not None
    assert (stamp.when.isoformat(), stamp.precision) == (expected, precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-30T25:61",
        "31.02.2025",
        "45 марта 2025",
        "Сегодня в Астане открыли мост",
        "+7 727 123-45-67",
        "4.5.6",
    ],
)
def test_no_date_is_made_up(text: str) -> None:
    """What is no date of the calendar, and prose that begins with 'today', gives none."""
    assert read_stamp(text, zone=ALMATY, now=NOW) is None


def test_the_zone_moves_with_its_law() -> None:
    """Almaty was six hours ahead until the end of February 2024 and is five since."""
    before = read_stamp("29.02.2024 10:00", zone=ALMATY, now=NOW)
    after = read_stamp("01.03.2024 10:00", zone=ALMATY, now=NOW)
    assert before is not None
    assert after is not None
    assert before.when.utcoffset() == timedelta(hours=6)
    assert after.when.utcoffset() == timedelta(hours=5)


def test_month_first_is_asked_for() -> None:
    """A slashed date is read day first unless the caller says otherwise; a day over twelve decides by itself."""
    day_first = read_stamp("03/10/2025", zone=ALMATY, now=NOW)
    month_first = read_stamp("03/10/2025", zone=ALMATY, now=NOW, month_first=True)
    plain = read_stamp("03/25/2025", zone=ALMATY, now=NOW)
    assert [stamp and stamp.day for stamp in (day_first, month_first, plain)] == [
        "2025-10-03",
        "2025-03-10",
        "2025-03-25",
    ]


def test_several_dates_keep_their_order_and_places() -> None:
    """A text with two dates yields both, each with the clock beside it."""
    text = "Жарияланды: 01.02.2026, 10:00. Жаңартылды: 02.02.2026, 11:30"
    found = list(locate_stamps(text, zone=ALMATY, now=NOW))
    assert [stamp.when.strftime("%d %H:%M") for _, _, stamp in found] == ["01 10:00", "02 11:30"]
    assert [text[start : start + 10] for start, _, _ in found] == ["01.02.2026", "02.02.2026"]


def test_future_is_refused() -> None:
    """A date more than a day after the fetch is not plausible, one within the day is."""
    soon = read_stamp("24.02.2026 12:00", zone=ALMATY, now=NOW)
    late = read_stamp("26.02.2026", zone=ALMATY, now=NOW)
    assert soon is not None
    assert late is not None
    assert plausible(soon, NOW)
    assert not plausible(late, NOW)


def test_kazakh_cases_and_mixed_letters() -> None:
    """A month is known in its case and with Latin look-alikes among its letters."""
    assert month_of("наурызда") == month_of("Наурыз") == month_of("нaурыз") == 3
    assert month_of("қарашаның") == 11
    assert month_of("мост") is None


@given(
    moment=st.datetimes(datetime(1995, 1, 1), datetime(2026, 2, 20)),  # noqa: DTZ001 - the zone comes with the text
    month=st.sampled_from(sorted(MONTHS)),
    form=st.sampled_from(["{d} {m} {y}, {t}", "{t}, {d} {m} {y}", "{y} жылғы {d} {m}, {t}"]),
)
@settings(max_examples=150, deadline=None)
def test_written_dates_come_back(moment: datetime, month: str, form: str) -> None:
    """A date written with any month word in any of the usual orders comes back as it was."""
    day = min(moment.day, 28)
    text = form.format(d=day, m=month, y=moment.year, t=moment.strftime("%H:%M"))
    stamp = read_stamp(text, zone=UTC, now=NOW)
    assert stamp is not None
    expected = moment.replace(month=MONTHS[month], day=day, second=0, microsecond=0, tzinfo=UTC)
    assert stamp.when.replace(second=0) == expected


@given(st.text(alphabet="0123456789 .:/-,TZ+марткпнқ", max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_text_is_survived(text: str) -> None:
    """No text raises, and what is found lies on the calendar with an offset."""
    for start, end, stamp in locate_stamps(text, zone=ALMATY, now=NOW):
        assert 0 <= start < end <= len(text)
        assert stamp.when.tzinfo is not None
